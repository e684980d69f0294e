//! Who is in a thread.

use std::collections::HashSet;

use app::Micros;
use app::chat::{Adding, Clearing, NewMessage, Told};
use app::model::{ChatMember, MessageKind, NamedParticipant};
use app::ports::StoreResult;
use sqlx::{AnyConnection, query};

use super::rows::{MEMBER, read_member};
use super::turn;
use crate::SqlStore;
use crate::sql::{failed, json};

/// Inserts, or replaces who was there before.
pub(super) async fn put_member(connection: &mut AnyConnection, member: &ChatMember) -> StoreResult<()> {
    let sql = "INSERT INTO chat_members (thread_id, raw_id, display_name, share_history, metadata, added_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (thread_id, raw_id) DO UPDATE SET display_name = excluded.display_name, share_history = excluded.share_history, \
         metadata = excluded.metadata, added_at = excluded.added_at, removed_at = NULL, uninvited = 0";
    query(sql)
        .bind(&member.thread_id)
        .bind(&member.raw_id)
        .bind(member.display_name.as_deref())
        .bind(member.share_history)
        .bind(json(MEMBER, &member.metadata)?)
        .bind(member.added)
        .execute(connection)
        .await
        .map(drop)
        .map_err(failed(MEMBER))
}

pub(super) async fn find(connection: &mut AnyConnection, thread_id: &str, raw_id: &str) -> StoreResult<Option<ChatMember>> {
    let found = query("SELECT * FROM chat_members WHERE thread_id = $1 AND raw_id = $2")
        .bind(thread_id)
        .bind(raw_id)
        .fetch_optional(connection)
        .await;
    found.map_err(failed(MEMBER))?.as_ref().map(read_member).transpose()
}

pub(super) async fn all(connection: &mut AnyConnection, thread_id: &str) -> StoreResult<Vec<ChatMember>> {
    let rows = query("SELECT * FROM chat_members WHERE thread_id = $1 AND removed_at IS NULL ORDER BY added_at, raw_id")
        .bind(thread_id)
        .fetch_all(connection)
        .await;
    rows.map_err(failed(MEMBER))?.iter().map(read_member).collect()
}

pub(super) async fn add(
    store: &SqlStore,
    thread_id: &str,
    by: &str,
    as_member: bool,
    members: &[ChatMember],
    limit: usize,
    at: Micros,
) -> StoreResult<Adding> {
    let mut transaction = store.writer.begin().await.map_err(failed(MEMBER))?;
    if !turn::take(&mut transaction, thread_id).await? {
        return Ok(Adding::Refused);
    }
    let present = all(&mut transaction, thread_id).await?;
    let oldest = match present.iter().find(|one| one.raw_id == by) {
        Some(adder) if as_member => adder.share_history,
        None if as_member => return Ok(Adding::Refused),
        Some(_) | None => 0,
    };
    let mut fresh: Vec<ChatMember> = Vec::new();
    for member in members {
        let known = |other: &str| other == member.raw_id;
        if !present.iter().any(|one| known(&one.raw_id)) && !fresh.iter().any(|one| known(&one.raw_id)) {
            fresh.push(ChatMember {
                share_history: member.share_history.max(oldest),
                ..member.clone()
            });
        }
    }
    if !fresh.is_empty() && present.len().saturating_add(fresh.len()) > limit {
        return Ok(Adding::Full);
    }
    for member in &fresh {
        put_member(&mut transaction, member).await?;
    }
    let added: Vec<NamedParticipant> = fresh.iter().map(named).collect();
    if !added.is_empty() {
        let message = NewMessage::system(MessageKind::ParticipantAdded, by, "", added.clone());
        turn::append(&mut transaction, thread_id, &message, at).await?;
    }
    let told = turn::told(&mut transaction, thread_id, Micros::MAX).await?;
    transaction.commit().await.map_err(failed(MEMBER))?;
    Ok(Adding::Added(Told { value: added, told }))
}

pub(super) async fn remove(
    store: &SqlStore,
    thread_id: &str,
    by: &str,
    as_member: bool,
    raw_ids: &[String],
    at: Micros,
) -> StoreResult<Option<Told<Vec<NamedParticipant>>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(MEMBER))?;
    if !turn::take(&mut transaction, thread_id).await? || (as_member && !turn::is_member(&mut transaction, thread_id, by).await?) {
        return Ok(None);
    }
    let mut gone = all(&mut transaction, thread_id).await?;
    gone.retain(|member| raw_ids.contains(&member.raw_id));
    let removed = take_out(&mut transaction, (thread_id, by), &gone, false, at).await?;
    transaction.commit().await.map_err(failed(MEMBER))?;
    Ok(Some(removed))
}

pub(super) async fn clear(
    store: &SqlStore,
    thread_id: &str,
    by: &str,
    keep: &[String],
    clearing: Clearing,
    at: Micros,
) -> StoreResult<Option<Told<Vec<NamedParticipant>>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(MEMBER))?;
    if !turn::take(&mut transaction, thread_id).await? {
        return Ok(None);
    }
    // Matches its row only when people may be taken out.
    let allowed = match clearing {
        Clearing::UnlessHeld => {
            query("UPDATE chat_threads SET held_since = NULL WHERE id = $1 AND kind = 'meeting' AND held_since IS NULL").bind(thread_id)
        }
        Clearing::AtTheEnd { revision } => query(
            "UPDATE chat_threads SET held_since = NULL, meeting_revision = CASE WHEN meeting_revision > $1 THEN $2 ELSE meeting_revision END \
             WHERE id = $3 AND kind = 'meeting'",
        )
        .bind(revision)
        .bind(revision)
        .bind(thread_id),
    };
    let allowed = allowed.execute(&mut *transaction).await.map_err(failed(MEMBER))?;
    if allowed.rows_affected() == 0 {
        return Ok(None);
    }
    let keep: HashSet<&str> = keep.iter().map(String::as_str).collect();
    let mut gone = all(&mut transaction, thread_id).await?;
    gone.retain(|member| !keep.contains(member.raw_id.as_str()));
    let removed = take_out(&mut transaction, (thread_id, by), &gone, true, at).await?;
    transaction.commit().await.map_err(failed(MEMBER))?;
    Ok(Some(removed))
}

/// Removes members of a thread that was taken; nobody is told when there is nobody to remove.
async fn take_out(
    connection: &mut AnyConnection,
    (thread_id, by): (&str, &str),
    gone: &[ChatMember],
    uninvited: bool,
    at: Micros,
) -> StoreResult<Told<Vec<NamedParticipant>>> {
    if gone.is_empty() {
        return Ok(Told {
            value: Vec::new(),
            told: Vec::new(),
        });
    }
    let told = turn::told(connection, thread_id, Micros::MAX).await?;
    let value: Vec<NamedParticipant> = gone.iter().map(named).collect();
    let message = NewMessage::system(MessageKind::ParticipantRemoved, by, "", value.clone());
    // The moment of the message, not of the clock: everything before it stays readable to them, nothing after it.
    let removed_at = turn::append(connection, thread_id, &message, at).await?.created;
    for member in gone {
        query("UPDATE chat_members SET removed_at = $1, uninvited = $2 WHERE thread_id = $3 AND raw_id = $4")
            .bind(removed_at)
            .bind(i64::from(uninvited))
            .bind(thread_id)
            .bind(&member.raw_id)
            .execute(&mut *connection)
            .await
            .map_err(failed(MEMBER))?;
    }
    Ok(Told { value, told })
}

fn named(member: &ChatMember) -> NamedParticipant {
    NamedParticipant {
        raw_id: member.raw_id.clone(),
        display_name: member.display_name.clone(),
        share_history: member.share_history,
        metadata: member.metadata.clone(),
    }
}
