//! Threads, and what the thread of a meeting knows about it.

use app::Micros;
use app::chat::{MeetingChatState, NewMessage, ThreadEdit, Told};
use app::model::{ChatMember, ChatThread, MessageKind};
use app::ports::StoreResult;
use sqlx::{AnyConnection, query};

use super::members::put_member;
use super::rows::{THREAD, kind_name, read_thread, retention_columns};
use super::turn;
use crate::SqlStore;
use crate::sql::{Read, failed, json};

pub(super) async fn insert(
    store: &SqlStore,
    thread: &ChatThread,
    meeting_revision: Option<i64>,
    members: &[ChatMember],
    messages: &[NewMessage],
) -> StoreResult<()> {
    let mut transaction = store.writer.begin().await.map_err(failed(THREAD))?;
    let (days, due) = retention_columns(thread.retention, thread.created);
    // The first message is created with its thread.
    let sql = "INSERT INTO chat_threads (id, kind, topic, created_at, created_by, metadata, retention_days, due_at, last_sequence, \
         last_message_id, last_created_at, meeting_revision) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10)";
    query(sql)
        .bind(&thread.id)
        .bind(kind_name(thread.kind))
        .bind(&thread.topic)
        .bind(thread.created)
        .bind(&thread.created_by)
        .bind(json(THREAD, &thread.metadata)?)
        .bind(days)
        .bind(due)
        .bind(thread.created.saturating_sub(1))
        .bind(meeting_revision)
        .execute(&mut *transaction)
        .await
        .map_err(failed(THREAD))?;
    for member in members {
        put_member(&mut transaction, member).await?;
    }
    for message in messages {
        turn::append(&mut transaction, &thread.id, message, thread.created).await?;
    }
    transaction.commit().await.map_err(failed(THREAD))
}

pub(super) async fn find(connection: &mut AnyConnection, thread_id: &str) -> StoreResult<Option<ChatThread>> {
    let found = query("SELECT * FROM chat_threads WHERE id = $1")
        .bind(thread_id)
        .fetch_optional(connection)
        .await;
    found.map_err(failed(THREAD))?.as_ref().map(read_thread).transpose()
}

pub(super) async fn of_member(
    store: &SqlStore,
    raw_id: &str,
    since: Micros,
    after: Option<(Micros, &str)>,
    now: Micros,
    top: u32,
) -> StoreResult<Vec<(ChatThread, Micros)>> {
    let (created, id) = after.unwrap_or((Micros::MAX, ""));
    let sql = "SELECT t.*, m.share_history AS share_history FROM chat_members m JOIN chat_threads t ON t.id = m.thread_id \
         WHERE m.raw_id = $1 AND m.removed_at IS NULL AND t.deleted_at IS NULL AND (t.due_at IS NULL OR t.due_at > $2) \
         AND (t.kind <> 'meeting' OR EXISTS (SELECT 1 FROM meetings k WHERE k.thread_id = t.id AND k.deleted_at IS NULL)) \
         AND COALESCE(t.last_message_at, t.created_at) >= $3 AND (t.created_at < $4 OR (t.created_at = $5 AND t.id > $6)) \
         ORDER BY t.created_at DESC, t.id LIMIT $7";
    let rows = query(sql)
        .bind(raw_id)
        .bind(now)
        .bind(since)
        .bind(created)
        .bind(created)
        .bind(id)
        .bind(i64::from(top))
        .fetch_all(&store.reader)
        .await
        .map_err(failed(THREAD))?;
    rows.iter()
        .map(|row| Ok((read_thread(row)?, Read(row, THREAD).get("share_history")?)))
        .collect()
}

pub(super) async fn edit(
    store: &SqlStore,
    thread_id: &str,
    by: &str,
    edit: &ThreadEdit,
    at: Micros,
) -> StoreResult<Option<Told<ChatThread>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(THREAD))?;
    if !turn::take_as(&mut transaction, thread_id, by).await? {
        return Ok(None);
    }
    let Some(before) = find(&mut transaction, thread_id).await? else {
        return Ok(None);
    };
    let after = ChatThread {
        topic: edit.topic.clone().unwrap_or_else(|| before.topic.clone()),
        metadata: edit.metadata.clone().unwrap_or_else(|| before.metadata.clone()),
        retention: edit.retention.unwrap_or(before.retention),
        ..before.clone()
    };
    let (days, due) = retention_columns(after.retention, after.created);
    query("UPDATE chat_threads SET topic = $1, metadata = $2, retention_days = $3, due_at = $4 WHERE id = $5")
        .bind(&after.topic)
        .bind(json(THREAD, &after.metadata)?)
        .bind(days)
        .bind(due)
        .bind(thread_id)
        .execute(&mut *transaction)
        .await
        .map_err(failed(THREAD))?;
    if after.topic != before.topic {
        let message = NewMessage::system(MessageKind::TopicUpdated, by, &after.topic, Vec::new());
        turn::append(&mut transaction, thread_id, &message, at).await?;
    }
    let told = turn::told(&mut transaction, thread_id, Micros::MAX).await?;
    transaction.commit().await.map_err(failed(THREAD))?;
    Ok(Some(Told { value: after, told }))
}

pub(super) async fn delete(store: &SqlStore, thread_id: &str, by: Option<&str>, at: Micros) -> StoreResult<Option<Told<()>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(THREAD))?;
    let taken = match by {
        Some(by) => turn::take_as(&mut transaction, thread_id, by).await?,
        None => turn::take(&mut transaction, thread_id).await?,
    };
    if !taken {
        return Ok(None);
    }
    let told = turn::told(&mut transaction, thread_id, Micros::MAX).await?;
    for sql in [
        "DELETE FROM chat_receipts WHERE thread_id = $1",
        "DELETE FROM chat_messages WHERE thread_id = $1",
        "DELETE FROM chat_members WHERE thread_id = $1",
    ] {
        query(sql)
            .bind(thread_id)
            .execute(&mut *transaction)
            .await
            .map_err(failed(THREAD))?;
    }
    let sql = "UPDATE chat_threads SET deleted_at = $1, topic = '', metadata = '{}', due_at = NULL, held_since = NULL WHERE id = $2";
    query(sql)
        .bind(at)
        .bind(thread_id)
        .execute(&mut *transaction)
        .await
        .map_err(failed(THREAD))?;
    transaction.commit().await.map_err(failed(THREAD))?;
    Ok(Some(Told { value: (), told }))
}

pub(super) async fn due(store: &SqlStore, now: Micros, top: u32) -> StoreResult<Vec<String>> {
    let sql = "SELECT id FROM chat_threads WHERE due_at <= $1 AND deleted_at IS NULL ORDER BY due_at LIMIT $2";
    let rows = query(sql).bind(now).bind(i64::from(top)).fetch_all(&store.reader).await;
    rows.map_err(failed(THREAD))?
        .iter()
        .map(|row| Read(row, THREAD).get("id"))
        .collect()
}

pub(super) async fn orphaned(store: &SqlStore, top: u32) -> StoreResult<Vec<String>> {
    let sql = "SELECT t.id FROM chat_threads t WHERE t.kind = 'meeting' AND t.deleted_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM meetings k WHERE k.thread_id = t.id AND k.deleted_at IS NULL) ORDER BY t.id LIMIT $1";
    let rows = query(sql).bind(i64::from(top)).fetch_all(&store.reader).await;
    rows.map_err(failed(THREAD))?
        .iter()
        .map(|row| Read(row, THREAD).get("id"))
        .collect()
}

pub(super) async fn meeting_state(store: &SqlStore, thread_id: &str) -> StoreResult<Option<MeetingChatState>> {
    let sql = "SELECT meeting_revision, held_since FROM chat_threads WHERE id = $1 AND kind = 'meeting' AND deleted_at IS NULL";
    let found = query(sql).bind(thread_id).fetch_optional(&store.reader).await;
    let Some(row) = found.map_err(failed(THREAD))? else {
        return Ok(None);
    };
    let row = Read(&row, THREAD);
    Ok(Some(MeetingChatState {
        revision: row.get::<Option<i64>>("meeting_revision")?.unwrap_or(0),
        held_since: row.get("held_since")?,
    }))
}

pub(super) async fn put_meeting_revision(store: &SqlStore, thread_id: &str, revision: i64) -> StoreResult<()> {
    query("UPDATE chat_threads SET meeting_revision = $1 WHERE id = $2")
        .bind(revision)
        .bind(thread_id)
        .execute(&store.writer)
        .await
        .map(drop)
        .map_err(failed(THREAD))
}

pub(super) async fn hold(store: &SqlStore, thread_id: &str, since: Micros) -> StoreResult<bool> {
    let sql = "UPDATE chat_threads SET held_since = $1 WHERE id = $2 AND deleted_at IS NULL AND held_since IS NULL";
    let done = query(sql).bind(since).bind(thread_id).execute(&store.writer).await;
    Ok(done.map_err(failed(THREAD))?.rows_affected() == 1)
}

pub(super) async fn held(store: &SqlStore) -> StoreResult<Vec<String>> {
    let rows = query("SELECT id FROM chat_threads WHERE held_since IS NOT NULL AND deleted_at IS NULL ORDER BY id")
        .fetch_all(&store.reader)
        .await
        .map_err(failed(THREAD))?;
    rows.iter().map(|row| Read(row, THREAD).get("id")).collect()
}
