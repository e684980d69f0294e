//! Messages and read receipts.

use app::Micros;
use app::chat::{MessageRange, NewMessage, Told};
use app::model::{ChatMessage, ReadReceipt};
use app::ports::StoreResult;
use serde_json::{Map, Value};
use sqlx::{AnyConnection, query};

use super::rows::{MESSAGE, RECEIPT, read_message, read_receipt};
use super::turn;
use crate::SqlStore;
use crate::sql::{failed, json};

pub(super) async fn append(store: &SqlStore, thread_id: &str, message: &NewMessage, at: Micros) -> StoreResult<Option<Told<ChatMessage>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(MESSAGE))?;
    if !turn::take_as(&mut transaction, thread_id, &message.sender).await? {
        return Ok(None);
    }
    let value = turn::append(&mut transaction, thread_id, message, at).await?;
    let told = turn::told(&mut transaction, thread_id, value.created).await?;
    transaction.commit().await.map_err(failed(MESSAGE))?;
    Ok(Some(Told { value, told }))
}

pub(super) async fn find(connection: &mut AnyConnection, thread_id: &str, id: i64) -> StoreResult<Option<ChatMessage>> {
    let found = query("SELECT * FROM chat_messages WHERE thread_id = $1 AND id = $2")
        .bind(thread_id)
        .bind(id)
        .fetch_optional(connection)
        .await;
    found.map_err(failed(MESSAGE))?.as_ref().map(read_message).transpose()
}

pub(super) async fn range(store: &SqlStore, thread_id: &str, range: MessageRange) -> StoreResult<Vec<ChatMessage>> {
    let sql =
        "SELECT * FROM chat_messages WHERE thread_id = $1 AND id < $2 AND created_at >= $3 AND created_at <= $4 ORDER BY id DESC LIMIT $5";
    let rows = query(sql)
        .bind(thread_id)
        .bind(range.before)
        .bind(range.from)
        .bind(range.until)
        .bind(i64::from(range.top))
        .fetch_all(&store.reader)
        .await
        .map_err(failed(MESSAGE))?;
    rows.iter().map(read_message).collect()
}

pub(super) async fn edit(
    store: &SqlStore,
    (thread_id, id): (&str, i64),
    sender: &str,
    content: Option<&str>,
    metadata: Option<&Map<String, Value>>,
    at: Micros,
) -> StoreResult<Option<Told<ChatMessage>>> {
    let metadata = metadata.map(|metadata| json(MESSAGE, metadata)).transpose()?;
    let sql = "UPDATE chat_messages SET content = COALESCE($1, content), metadata = COALESCE($2, metadata), edited_at = $3, \
         version = CASE WHEN version >= $4 THEN version + 1 ELSE $5 END \
         WHERE thread_id = $6 AND id = $7 AND sender = $8 AND deleted_at IS NULL AND kind IN ('text', 'html')";
    let mut transaction = store.writer.begin().await.map_err(failed(MESSAGE))?;
    if !turn::take_as(&mut transaction, thread_id, sender).await? {
        return Ok(None);
    }
    let done = query(sql)
        .bind(content)
        .bind(metadata)
        .bind(at)
        .bind(at / 1000)
        .bind(at / 1000)
        .bind(thread_id)
        .bind(id)
        .bind(sender)
        .execute(&mut *transaction)
        .await
        .map_err(failed(MESSAGE))?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    changed(transaction, thread_id, id).await
}

pub(super) async fn delete(
    store: &SqlStore,
    (thread_id, id): (&str, i64),
    sender: &str,
    at: Micros,
) -> StoreResult<Option<Told<ChatMessage>>> {
    let sql = "UPDATE chat_messages SET content = '', metadata = '{}', sender_display_name = NULL, deleted_at = $1, \
         version = CASE WHEN version >= $2 THEN version + 1 ELSE $3 END \
         WHERE thread_id = $4 AND id = $5 AND sender = $6 AND deleted_at IS NULL AND kind IN ('text', 'html')";
    let mut transaction = store.writer.begin().await.map_err(failed(MESSAGE))?;
    if !turn::take_as(&mut transaction, thread_id, sender).await? {
        return Ok(None);
    }
    let done = query(sql)
        .bind(at)
        .bind(at / 1000)
        .bind(at / 1000)
        .bind(thread_id)
        .bind(id)
        .bind(sender)
        .execute(&mut *transaction)
        .await
        .map_err(failed(MESSAGE))?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    changed(transaction, thread_id, id).await
}

/// Reads what was changed and commits.
async fn changed(mut transaction: sqlx::Transaction<'_, sqlx::Any>, thread_id: &str, id: i64) -> StoreResult<Option<Told<ChatMessage>>> {
    let Some(value) = find(&mut transaction, thread_id, id).await? else {
        return Ok(None);
    };
    let told = turn::told(&mut transaction, thread_id, value.created).await?;
    transaction.commit().await.map_err(failed(MESSAGE))?;
    Ok(Some(Told { value, told }))
}

pub(super) async fn put_receipt(store: &SqlStore, receipt: &ReadReceipt) -> StoreResult<Option<Told<()>>> {
    let mut transaction = store.writer.begin().await.map_err(failed(RECEIPT))?;
    if !turn::take_as(&mut transaction, &receipt.thread_id, &receipt.reader).await? {
        return Ok(None);
    }
    let sql = "INSERT INTO chat_receipts (thread_id, reader, message_id, read_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (thread_id, reader) DO UPDATE SET message_id = excluded.message_id, read_at = excluded.read_at \
         WHERE excluded.message_id > chat_receipts.message_id";
    let done = query(sql)
        .bind(&receipt.thread_id)
        .bind(&receipt.reader)
        .bind(receipt.message_id)
        .bind(receipt.read)
        .execute(&mut *transaction)
        .await
        .map_err(failed(RECEIPT))?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    let told = turn::told(&mut transaction, &receipt.thread_id, Micros::MAX).await?;
    transaction.commit().await.map_err(failed(RECEIPT))?;
    Ok(Some(Told { value: (), told }))
}

pub(super) async fn receipts(store: &SqlStore, thread_id: &str) -> StoreResult<Vec<ReadReceipt>> {
    let sql = "SELECT r.* FROM chat_receipts r JOIN chat_members m ON m.thread_id = r.thread_id AND m.raw_id = r.reader \
         WHERE r.thread_id = $1 AND m.removed_at IS NULL ORDER BY r.reader";
    let rows = query(sql).bind(thread_id).fetch_all(&store.reader).await;
    rows.map_err(failed(RECEIPT))?.iter().map(read_receipt).collect()
}
