//! Calendar events of members, linked with the online meeting that they carry.

use app::Micros;
use app::calendar::{CalendarSize, CalendarStore, MeetingWrite};
use app::model::CalendarEvent;
use app::ports::{StoreError, StoreResult};
use async_trait::async_trait;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::meetings;
use crate::sql::{Read, failed, json};

const EVENT: &str = "calendar event";

#[async_trait]
impl CalendarStore for SqlStore {
    async fn insert_event(&self, event: &CalendarEvent, meeting: MeetingWrite<'_>) -> StoreResult<()> {
        let details = json(EVENT, &event.details)?;
        let mut transaction = self.writer.begin().await.map_err(failed(EVENT))?;
        query(
            "INSERT INTO calendar_events (id, owner_id, transaction_id, ical_uid, subject, starts_at, ends_at, until_at, created_at, \
             modified_at, cancelled_at, meeting_thread, details, details_bytes, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(&event.id)
        .bind(&event.owner_id)
        .bind(event.transaction_id.as_deref())
        .bind(&event.ical_uid)
        .bind(event.subject.as_deref())
        .bind(event.starts_at)
        .bind(event.ends_at)
        .bind(event.until_at)
        .bind(event.created)
        .bind(event.modified)
        .bind(event.cancelled)
        .bind(event.meeting_thread.as_deref())
        .bind(&details)
        .bind(length(&details))
        .bind(event.revision)
        .execute(&mut *transaction)
        .await
        .map_err(failed(EVENT))?;
        write_meeting(&mut transaction, meeting).await?;
        transaction.commit().await.map_err(failed(EVENT))
    }

    async fn update_event(&self, event: &CalendarEvent, expected_revision: i64, meeting: MeetingWrite<'_>) -> StoreResult<()> {
        let details = json(EVENT, &event.details)?;
        let mut transaction = self.writer.begin().await.map_err(failed(EVENT))?;
        let done = query(
            "UPDATE calendar_events SET subject = $1, starts_at = $2, ends_at = $3, until_at = $4, modified_at = $5, cancelled_at = $6, \
             meeting_thread = $7, details = $8, details_bytes = $9, revision = $10 WHERE id = $11 AND revision = $12 AND cancelled_at IS NULL",
        )
        .bind(event.subject.as_deref())
        .bind(event.starts_at)
        .bind(event.ends_at)
        .bind(event.until_at)
        .bind(event.modified)
        .bind(event.cancelled)
        .bind(event.meeting_thread.as_deref())
        .bind(&details)
        .bind(length(&details))
        .bind(event.revision)
        .bind(&event.id)
        .bind(expected_revision)
        .execute(&mut *transaction)
        .await
        .map_err(failed(EVENT))?;
        if done.rows_affected() != 1 {
            return Err(StoreError::Conflict { what: EVENT });
        }
        write_meeting(&mut transaction, meeting).await?;
        transaction.commit().await.map_err(failed(EVENT))
    }

    async fn event(&self, id: &str) -> StoreResult<Option<CalendarEvent>> {
        let found = query("SELECT * FROM calendar_events WHERE id = $1").bind(id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(EVENT))?;
        row.as_ref().map(read_event).transpose()
    }

    async fn event_by_transaction(&self, owner_id: &str, transaction_id: &str) -> StoreResult<Option<CalendarEvent>> {
        let found = query("SELECT * FROM calendar_events WHERE owner_id = $1 AND transaction_id = $2 AND cancelled_at IS NULL");
        let row = found
            .bind(owner_id)
            .bind(transaction_id)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(EVENT))?;
        row.as_ref().map(read_event).transpose()
    }

    async fn event_of_meeting(&self, thread_id: &str) -> StoreResult<Option<CalendarEvent>> {
        let found = query("SELECT * FROM calendar_events WHERE meeting_thread = $1 AND cancelled_at IS NULL").bind(thread_id);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(EVENT))?;
        row.as_ref().map(read_event).transpose()
    }

    async fn events_of(&self, owner_id: &str, top: u32) -> StoreResult<Vec<CalendarEvent>> {
        let found = query("SELECT * FROM calendar_events WHERE owner_id = $1 AND cancelled_at IS NULL ORDER BY starts_at, id LIMIT $2")
            .bind(owner_id)
            .bind(i64::from(top));
        let rows = found.fetch_all(&self.reader).await.map_err(failed(EVENT))?;
        rows.iter().map(read_event).collect()
    }

    async fn events_between(&self, owner_id: &str, from: Micros, to: Micros, top: u32) -> StoreResult<Vec<CalendarEvent>> {
        let found = query(
            "SELECT * FROM calendar_events WHERE owner_id = $1 AND cancelled_at IS NULL AND starts_at < $2 AND until_at >= $3 \
             ORDER BY starts_at, id LIMIT $4",
        );
        let rows = found
            .bind(owner_id)
            .bind(to)
            .bind(from)
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await
            .map_err(failed(EVENT))?;
        rows.iter().map(read_event).collect()
    }

    async fn calendar_size(&self, owner_id: &str) -> StoreResult<CalendarSize> {
        let found = query(
            "SELECT COUNT(*) AS events, CAST(COALESCE(SUM(details_bytes), 0) AS BIGINT) AS bytes FROM calendar_events \
             WHERE owner_id = $1 AND cancelled_at IS NULL",
        );
        let row = found.bind(owner_id).fetch_one(&self.reader).await.map_err(failed(EVENT))?;
        let row = Read(&row, EVENT);
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(CalendarSize {
            events: unsigned(row.get("events")?),
            bytes: unsigned(row.get("bytes")?),
        })
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

/// The meeting's part of a transaction.
async fn write_meeting(connection: &mut AnyConnection, meeting: MeetingWrite<'_>) -> StoreResult<()> {
    match meeting {
        MeetingWrite::Leave => Ok(()),
        MeetingWrite::Insert(meeting) => meetings::insert(connection, meeting).await,
        MeetingWrite::Update(meeting, expected_revision) => meetings::update(connection, meeting, expected_revision).await,
        MeetingWrite::Delete(thread_id, at) => meetings::delete(connection, thread_id, at).await.map(drop),
    }
}

fn read_event(row: &AnyRow) -> StoreResult<CalendarEvent> {
    let row = Read(row, EVENT);
    Ok(CalendarEvent {
        id: row.get("id")?,
        owner_id: row.get("owner_id")?,
        transaction_id: row.get("transaction_id")?,
        ical_uid: row.get("ical_uid")?,
        subject: row.get("subject")?,
        starts_at: row.get("starts_at")?,
        ends_at: row.get("ends_at")?,
        until_at: row.get("until_at")?,
        created: row.get("created_at")?,
        modified: row.get("modified_at")?,
        cancelled: row.get("cancelled_at")?,
        meeting_thread: row.get("meeting_thread")?,
        details: row.json("details")?,
        revision: row.get("revision")?,
    })
}
