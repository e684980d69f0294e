//! Scheduled meetings, bars, attendance.

use app::Micros;
use app::model::{AttendanceEvent, AttendanceFact, HeldMeeting, MeetingKey, MeetingOrder, OnlineMeeting};
use app::ports::{MeetingStore, StoreError, StoreResult};
use async_trait::async_trait;
use meeting::Bar;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const MEETING: &str = "meeting";
const BAR: &str = "bar";
const ATTENDANCE: &str = "attendance";

#[async_trait]
impl MeetingStore for SqlStore {
    async fn insert_meeting(&self, meeting: &OnlineMeeting) -> StoreResult<()> {
        insert(&mut *self.writer.acquire().await.map_err(failed(MEETING))?, meeting).await
    }

    async fn update_meeting(&self, meeting: &OnlineMeeting, expected_revision: i64) -> StoreResult<()> {
        update(
            &mut *self.writer.acquire().await.map_err(failed(MEETING))?,
            meeting,
            expected_revision,
        )
        .await
    }

    async fn delete_meeting(&self, thread_id: &str, at: Micros) -> StoreResult<bool> {
        delete(&mut *self.writer.acquire().await.map_err(failed(MEETING))?, thread_id, at).await
    }

    async fn meeting(&self, thread_id: &str) -> StoreResult<Option<OnlineMeeting>> {
        let found = query("SELECT * FROM meetings WHERE thread_id = $1 AND deleted_at IS NULL").bind(thread_id);
        found
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(MEETING))?
            .as_ref()
            .map(read_meeting)
            .transpose()
    }

    async fn meeting_by_join_id(&self, join_meeting_id: &str) -> StoreResult<Option<OnlineMeeting>> {
        let found = query("SELECT * FROM meetings WHERE join_meeting_id = $1 AND deleted_at IS NULL").bind(join_meeting_id);
        found
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(MEETING))?
            .as_ref()
            .map(read_meeting)
            .transpose()
    }

    async fn meeting_by_external_id(&self, organizer_id: &str, external_id: &str) -> StoreResult<Option<OnlineMeeting>> {
        let found = query("SELECT * FROM meetings WHERE organizer_id = $1 AND external_id = $2 AND deleted_at IS NULL");
        let row = found
            .bind(organizer_id)
            .bind(external_id)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(MEETING))?;
        row.as_ref().map(read_meeting).transpose()
    }

    async fn meetings_of(&self, organizer_id: &str, order: MeetingOrder, skip: u32, top: u32) -> StoreResult<Vec<OnlineMeeting>> {
        let found = query(ordered(order)).bind(organizer_id).bind(i64::from(top)).bind(i64::from(skip));
        found
            .fetch_all(&self.reader)
            .await
            .map_err(failed(MEETING))?
            .iter()
            .map(read_meeting)
            .collect()
    }

    async fn meeting_count(&self, organizer_id: &str) -> StoreResult<u64> {
        let row = query("SELECT COUNT(*) AS meetings FROM meetings WHERE organizer_id = $1 AND deleted_at IS NULL")
            .bind(organizer_id)
            .fetch_one(&self.reader)
            .await
            .map_err(failed(MEETING))?;
        let count: i64 = Read(&row, MEETING).get("meetings")?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn put_bar(&self, thread_id: &str, raw_id: &str, bar: Bar, until: Micros) -> StoreResult<()> {
        let sql = "INSERT INTO bars (thread_id, raw_id, kind, barred_until) VALUES ($1, $2, $3, $4) ON CONFLICT (thread_id, raw_id) DO UPDATE \
             SET kind = excluded.kind, \
             barred_until = CASE WHEN excluded.barred_until > bars.barred_until THEN excluded.barred_until ELSE bars.barred_until END";
        query(sql)
            .bind(thread_id)
            .bind(raw_id)
            .bind(kind_of(bar))
            .bind(until)
            .execute(&self.writer)
            .await
            .map_err(failed(BAR))?;
        Ok(())
    }

    async fn bar(&self, thread_id: &str, raw_id: &str) -> StoreResult<Option<Micros>> {
        let found = query("SELECT barred_until FROM bars WHERE thread_id = $1 AND raw_id = $2")
            .bind(thread_id)
            .bind(raw_id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(BAR))?;
        row.as_ref().map(|row| Read(row, BAR).get("barred_until")).transpose()
    }

    async fn bars(&self, thread_id: &str, now: Micros) -> StoreResult<Vec<(String, Bar)>> {
        let found = query("SELECT raw_id, kind FROM bars WHERE thread_id = $1 AND barred_until > $2 ORDER BY raw_id");
        let rows = found.bind(thread_id).bind(now).fetch_all(&self.reader).await.map_err(failed(BAR))?;
        rows.iter().map(read_bar).collect()
    }

    async fn clear_bars(&self, thread_id: &str) -> StoreResult<()> {
        query("DELETE FROM bars WHERE thread_id = $1")
            .bind(thread_id)
            .execute(&self.writer)
            .await
            .map_err(failed(BAR))?;
        Ok(())
    }

    async fn add_attendance(&self, facts: &[AttendanceFact]) -> StoreResult<()> {
        let mut transaction = self.writer.begin().await.map_err(failed(ATTENDANCE))?;
        for fact in facts {
            // The same fact told twice (after a retry) is one fact.
            let sql = "INSERT INTO attendance (thread_id, held_id, raw_id, display_name, role, event, happened_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
            query(sql)
                .bind(&fact.thread_id)
                .bind(&fact.held_id)
                .bind(&fact.raw_id)
                .bind(&fact.display_name)
                .bind(&fact.role)
                .bind(fact.event.as_str())
                .bind(fact.at)
                .execute(&mut *transaction)
                .await
                .map_err(failed(ATTENDANCE))?;
        }
        transaction.commit().await.map_err(failed(ATTENDANCE))
    }

    async fn attendance(&self, thread_id: &str) -> StoreResult<Vec<AttendanceFact>> {
        let found = query("SELECT * FROM attendance WHERE thread_id = $1 ORDER BY happened_at, raw_id, event").bind(thread_id);
        found
            .fetch_all(&self.reader)
            .await
            .map_err(failed(ATTENDANCE))?
            .iter()
            .map(read_attendance)
            .collect()
    }

    async fn held_meetings(&self, thread_id: &str) -> StoreResult<Vec<HeldMeeting>> {
        let sql = "SELECT held_id, MIN(happened_at) AS first_at, MAX(happened_at) AS last_at FROM attendance WHERE thread_id = $1 \
             GROUP BY held_id ORDER BY first_at DESC, held_id";
        let rows = query(sql)
            .bind(thread_id)
            .fetch_all(&self.reader)
            .await
            .map_err(failed(ATTENDANCE))?;
        let read = |row: &AnyRow| {
            let row = Read(row, ATTENDANCE);
            Ok(HeldMeeting {
                held_id: row.get("held_id")?,
                first: row.get("first_at")?,
                last: row.get("last_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn attendance_of(&self, thread_id: &str, held: &HeldMeeting, most: u32) -> StoreResult<Vec<AttendanceFact>> {
        // The times let the primary key lead to the facts.
        let sql = "SELECT * FROM attendance WHERE thread_id = $1 AND happened_at >= $2 AND happened_at <= $3 AND held_id = $4 \
             ORDER BY happened_at, raw_id, event LIMIT $5";
        let found = query(sql)
            .bind(thread_id)
            .bind(held.first)
            .bind(held.last)
            .bind(&held.held_id)
            .bind(i64::from(most));
        let rows = found.fetch_all(&self.reader).await.map_err(failed(ATTENDANCE))?;
        rows.iter().map(read_attendance).collect()
    }
}

/// One page of an organizer's meetings. Whole statements, since a part of one cannot be bound.
fn ordered(order: MeetingOrder) -> &'static str {
    macro_rules! page {
        ($order:literal) => {
            concat!(
                "SELECT * FROM meetings WHERE organizer_id = $1 AND deleted_at IS NULL ORDER BY ",
                $order,
                ", thread_id LIMIT $2 OFFSET $3"
            )
        };
    }
    match (order.by, order.descending) {
        (MeetingKey::Start, false) => page!("starts_at"),
        (MeetingKey::Start, true) => page!("starts_at DESC"),
        (MeetingKey::Created, false) => page!("created_at"),
        (MeetingKey::Created, true) => page!("created_at DESC"),
        (MeetingKey::Subject, false) => page!("LOWER(COALESCE(subject, ''))"),
        (MeetingKey::Subject, true) => page!("LOWER(COALESCE(subject, '')) DESC"),
    }
}

/// Inserts, also as a part of somebody else's transaction.
pub(crate) async fn insert(connection: &mut AnyConnection, meeting: &OnlineMeeting) -> StoreResult<()> {
    let sql = "INSERT INTO meetings (thread_id, organizer_id, external_id, subject, starts_at, ends_at, created_at, expires_at, \
         join_meeting_id, passcode, options, invitees, extra, revision, recurring) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    query(sql)
        .bind(&meeting.thread_id)
        .bind(&meeting.organizer_id)
        .bind(meeting.external_id.as_deref())
        .bind(meeting.subject.as_deref())
        .bind(meeting.start)
        .bind(meeting.end)
        .bind(meeting.created)
        .bind(meeting.expires)
        .bind(&meeting.join_meeting_id)
        .bind(meeting.passcode.as_deref())
        .bind(json(MEETING, &meeting.options)?)
        .bind(json(MEETING, &meeting.invitees)?)
        .bind(json(MEETING, &meeting.extra)?)
        .bind(meeting.revision)
        .bind(i64::from(meeting.recurring))
        .execute(connection)
        .await
        .map_err(failed(MEETING))?;
    Ok(())
}

/// Replaces the meeting of that revision, also as a part of somebody else's transaction.
pub(crate) async fn update(connection: &mut AnyConnection, meeting: &OnlineMeeting, expected_revision: i64) -> StoreResult<()> {
    let sql = "UPDATE meetings SET subject = $1, starts_at = $2, ends_at = $3, expires_at = $4, passcode = $5, options = $6, \
         invitees = $7, extra = $8, revision = $9, recurring = $10 WHERE thread_id = $11 AND revision = $12 AND deleted_at IS NULL";
    let done = query(sql)
        .bind(meeting.subject.as_deref())
        .bind(meeting.start)
        .bind(meeting.end)
        .bind(meeting.expires)
        .bind(meeting.passcode.as_deref())
        .bind(json(MEETING, &meeting.options)?)
        .bind(json(MEETING, &meeting.invitees)?)
        .bind(json(MEETING, &meeting.extra)?)
        .bind(meeting.revision)
        .bind(i64::from(meeting.recurring))
        .bind(&meeting.thread_id)
        .bind(expected_revision)
        .execute(connection)
        .await
        .map_err(failed(MEETING))?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict { what: MEETING })
    }
}

/// Marks as deleted, also as a part of somebody else's transaction.
pub(crate) async fn delete(connection: &mut AnyConnection, thread_id: &str, at: Micros) -> StoreResult<bool> {
    let update = query("UPDATE meetings SET deleted_at = $1 WHERE thread_id = $2 AND deleted_at IS NULL")
        .bind(at)
        .bind(thread_id);
    Ok(update.execute(connection).await.map_err(failed(MEETING))?.rows_affected() == 1)
}

fn kind_of(bar: Bar) -> &'static str {
    match bar {
        Bar::Removed => "removed",
        Bar::Denied => "denied",
    }
}

fn read_bar(row: &AnyRow) -> StoreResult<(String, Bar)> {
    let row = Read(row, BAR);
    let kind: String = row.get("kind")?;
    let known = [Bar::Removed, Bar::Denied].into_iter().find(|known| kind_of(*known) == kind);
    let bar = known.ok_or_else(|| StoreError::Corrupt {
        what: BAR,
        reason: format!("kind {kind}"),
    })?;
    Ok((row.get("raw_id")?, bar))
}

fn read_meeting(row: &AnyRow) -> StoreResult<OnlineMeeting> {
    let row = Read(row, MEETING);
    Ok(OnlineMeeting {
        thread_id: row.get("thread_id")?,
        organizer_id: row.get("organizer_id")?,
        external_id: row.get("external_id")?,
        subject: row.get("subject")?,
        start: row.get("starts_at")?,
        end: row.get("ends_at")?,
        created: row.get("created_at")?,
        expires: row.get("expires_at")?,
        join_meeting_id: row.get("join_meeting_id")?,
        passcode: row.get("passcode")?,
        options: row.json("options")?,
        invitees: row.json("invitees")?,
        recurring: row.get::<Option<i64>>("recurring")?.is_some_and(|flag| flag != 0),
        extra: row.json("extra")?,
        revision: row.get("revision")?,
        deleted: row.get("deleted_at")?,
    })
}

fn read_attendance(row: &AnyRow) -> StoreResult<AttendanceFact> {
    let row = Read(row, ATTENDANCE);
    let event: String = row.get("event")?;
    let known = AttendanceEvent::ALL.iter().copied().find(|known| known.as_str() == event);
    Ok(AttendanceFact {
        thread_id: row.get("thread_id")?,
        held_id: row.get("held_id")?,
        raw_id: row.get("raw_id")?,
        display_name: row.get("display_name")?,
        role: row.get("role")?,
        event: known.ok_or_else(|| StoreError::Corrupt {
            what: ATTENDANCE,
            reason: format!("event {event}"),
        })?,
        at: row.get("happened_at")?,
    })
}
