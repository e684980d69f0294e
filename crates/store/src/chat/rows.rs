//! Between rows of chat and `app::model`.

use app::Micros;
use app::model::{ChatMember, ChatMessage, ChatThread, MessageKind, ReadReceipt, Retention, ThreadKind};
use app::ports::{StoreError, StoreResult};
use sqlx::any::AnyRow;

use crate::sql::Read;

pub(super) const THREAD: &str = "chat thread";
pub(super) const MEMBER: &str = "chat member";
pub(super) const MESSAGE: &str = "chat message";
pub(super) const RECEIPT: &str = "read receipt";
const DAY: Micros = 24 * 3600 * 1_000_000;

pub(super) fn kind_name(kind: ThreadKind) -> &'static str {
    match kind {
        ThreadKind::Chat => "chat",
        ThreadKind::Meeting => "meeting",
    }
}

/// The columns of a retention: days, and when the thread goes.
pub(super) fn retention_columns(retention: Retention, created: Micros) -> (Option<i64>, Option<Micros>) {
    match retention {
        Retention::None => (None, None),
        Retention::ThreadCreationDate { delete_thread_after_days } => {
            let days = i64::from(delete_thread_after_days);
            (Some(days), Some(created.saturating_add(days * DAY)))
        }
    }
}

pub(super) fn read_thread(row: &AnyRow) -> StoreResult<ChatThread> {
    let row = Read(row, THREAD);
    let kind: String = row.get("kind")?;
    let known = [ThreadKind::Chat, ThreadKind::Meeting]
        .into_iter()
        .find(|known| kind_name(*known) == kind);
    let retention = match row.get::<Option<i64>>("retention_days")? {
        None => Retention::None,
        Some(days) => Retention::ThreadCreationDate {
            delete_thread_after_days: u32::try_from(days).map_err(|_| corrupt(THREAD, "retention_days"))?,
        },
    };
    Ok(ChatThread {
        id: row.get("id")?,
        kind: known.ok_or_else(|| corrupt(THREAD, "kind"))?,
        topic: row.get("topic")?,
        created: row.get("created_at")?,
        created_by: row.get("created_by")?,
        metadata: row.json("metadata")?,
        retention,
        deleted: row.get("deleted_at")?,
        last_message: row.get("last_message_at")?,
    })
}

pub(super) fn read_member(row: &AnyRow) -> StoreResult<ChatMember> {
    let row = Read(row, MEMBER);
    Ok(ChatMember {
        thread_id: row.get("thread_id")?,
        raw_id: row.get("raw_id")?,
        display_name: row.get("display_name")?,
        share_history: row.get("share_history")?,
        metadata: row.json("metadata")?,
        added: row.get("added_at")?,
        removed: row.get("removed_at")?,
        uninvited: row.flag("uninvited")?,
    })
}

pub(super) fn read_message(row: &AnyRow) -> StoreResult<ChatMessage> {
    const KINDS: [MessageKind; 5] = [
        MessageKind::Text,
        MessageKind::Html,
        MessageKind::TopicUpdated,
        MessageKind::ParticipantAdded,
        MessageKind::ParticipantRemoved,
    ];
    let row = Read(row, MESSAGE);
    let kind: String = row.get("kind")?;
    Ok(ChatMessage {
        thread_id: row.get("thread_id")?,
        id: row.get("id")?,
        sequence: row.get("sequence")?,
        version: row.get("version")?,
        kind: KINDS
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| corrupt(MESSAGE, "kind"))?,
        sender: row.get("sender")?,
        sender_display_name: row.get("sender_display_name")?,
        content: row.get("content")?,
        participants: row.json("participants")?,
        metadata: row.json("metadata")?,
        created: row.get("created_at")?,
        edited: row.get("edited_at")?,
        deleted: row.get("deleted_at")?,
    })
}

pub(super) fn read_receipt(row: &AnyRow) -> StoreResult<ReadReceipt> {
    let row = Read(row, RECEIPT);
    Ok(ReadReceipt {
        thread_id: row.get("thread_id")?,
        reader: row.get("reader")?,
        message_id: row.get("message_id")?,
        read: row.get("read_at")?,
    })
}

fn corrupt(what: &'static str, column: &str) -> StoreError {
    StoreError::Corrupt {
        what,
        reason: format!("{column} has a value that this version does not know"),
    }
}
