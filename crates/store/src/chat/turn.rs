//! What every write to a thread is made of: taking the thread, looking at who asks, giving a message its place, noting whom to tell.
//!
//! Invariant: a thread is taken by a write to its row before anything else is read in the transaction, so that on every backend the writes of
//! one thread follow each other.

use app::Micros;
use app::chat::NewMessage;
use app::model::{ChatMessage, MessageKind};
use app::ports::{StoreError, StoreResult};
use sqlx::{AnyConnection, query};

use super::rows::{MEMBER, MESSAGE, THREAD};
use crate::sql::{Read, failed, json};

/// Takes the thread until the end of the transaction; false when it is deleted or not there.
pub(super) async fn take(connection: &mut AnyConnection, thread_id: &str) -> StoreResult<bool> {
    let touched = query("UPDATE chat_threads SET last_sequence = last_sequence WHERE id = $1 AND deleted_at IS NULL")
        .bind(thread_id)
        .execute(connection)
        .await
        .map_err(failed(THREAD))?;
    Ok(touched.rows_affected() == 1)
}

/// Takes the thread as [`take`] does, for somebody who must be a member.
pub(super) async fn take_as(connection: &mut AnyConnection, thread_id: &str, raw_id: &str) -> StoreResult<bool> {
    Ok(take(connection, thread_id).await? && is_member(connection, thread_id, raw_id).await?)
}

pub(super) async fn is_member(connection: &mut AnyConnection, thread_id: &str, raw_id: &str) -> StoreResult<bool> {
    let found = query("SELECT raw_id FROM chat_members WHERE thread_id = $1 AND raw_id = $2 AND removed_at IS NULL")
        .bind(thread_id)
        .bind(raw_id)
        .fetch_optional(connection)
        .await
        .map_err(failed(MEMBER))?;
    Ok(found.is_some())
}

/// Members now who may see what was created then.
pub(super) async fn told(connection: &mut AnyConnection, thread_id: &str, created: Micros) -> StoreResult<Vec<String>> {
    let sql =
        "SELECT raw_id FROM chat_members WHERE thread_id = $1 AND removed_at IS NULL AND share_history <= $2 ORDER BY added_at, raw_id";
    let rows = query(sql)
        .bind(thread_id)
        .bind(created)
        .fetch_all(connection)
        .await
        .map_err(failed(MEMBER))?;
    rows.iter().map(|row| Read(row, MEMBER).get("raw_id")).collect()
}

/// Gives a message its place in a thread that was taken, and inserts it.
pub(super) async fn append(connection: &mut AnyConnection, thread_id: &str, message: &NewMessage, at: Micros) -> StoreResult<ChatMessage> {
    let last = query("SELECT last_sequence, last_message_id, last_created_at FROM chat_threads WHERE id = $1")
        .bind(thread_id)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed(THREAD))?;
    let last = Read(&last, THREAD);
    let after = |column, least: i64| Ok::<i64, StoreError>(last.get::<i64>(column)?.saturating_add(1).max(least));
    let created = after("last_created_at", at)?;
    let id = after("last_message_id", created / 1000)?;
    let sequence = after("last_sequence", 1)?;
    let of_a_person = matches!(message.kind, MessageKind::Text | MessageKind::Html);
    let placed = "UPDATE chat_threads SET last_sequence = $1, last_message_id = $2, last_created_at = $3, \
         last_message_at = COALESCE($4, last_message_at) WHERE id = $5";
    query(placed)
        .bind(sequence)
        .bind(id)
        .bind(created)
        .bind(of_a_person.then_some(created))
        .bind(thread_id)
        .execute(&mut *connection)
        .await
        .map_err(failed(THREAD))?;
    let sql = "INSERT INTO chat_messages (thread_id, id, sequence, version, kind, sender, sender_display_name, content, participants, \
         metadata, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    query(sql)
        .bind(thread_id)
        .bind(id)
        .bind(sequence)
        .bind(id)
        .bind(message.kind.as_str())
        .bind(&message.sender)
        .bind(message.sender_display_name.as_deref())
        .bind(&message.content)
        .bind(json(MESSAGE, &message.participants)?)
        .bind(json(MESSAGE, &message.metadata)?)
        .bind(created)
        .execute(connection)
        .await
        .map_err(failed(MESSAGE))?;
    Ok(ChatMessage {
        thread_id: thread_id.to_owned(),
        id,
        sequence,
        version: id,
        kind: message.kind,
        sender: message.sender.clone(),
        sender_display_name: message.sender_display_name.clone(),
        content: message.content.clone(),
        participants: message.participants.clone(),
        metadata: message.metadata.clone(),
        created,
        edited: None,
        deleted: None,
    })
}
