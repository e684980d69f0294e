//! The database file: who may read it, and what is said when it cannot be opened.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::path::Path;

use app::chat::ChatStore as _;
use app::model::MessageKind;
use app::ports::{MeetingStore as _, StoreError};
use meeting::Bar;
use store::{OpenError, SqlStore};

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let store = SqlStore::open(&directory.path().join("store.db")).await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        files += 1;
    }
    assert!(files >= 2, "the write-ahead log is a file of its own");
    store.close().await;
}

#[tokio::test]
async fn a_path_that_cannot_be_opened_is_named_in_the_error() {
    let directory = tempfile::tempdir().unwrap();
    let error = SqlStore::open(&directory.path().join("missing/store.db")).await.unwrap_err();
    assert!(matches!(error, OpenError::File { .. }));
    assert!(error.to_string().contains("missing/store.db"), "{error}");
}

/// The database of a server that did not know this migration and what came after it.
async fn of_before(directory: &Path, migration: &str) -> sqlx::SqlitePool {
    let before = directory.join("migrations");
    std::fs::create_dir(&before).unwrap();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_str().unwrap() < migration {
            std::fs::copy(entry.path(), before.join(entry.file_name())).unwrap();
        }
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(directory.join("store.db"))
        .create_if_missing(true);
    let old = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::migrate::Migrator::new(before).await.unwrap().run(&old).await.unwrap();
    old
}

#[tokio::test]
async fn meetings_of_before_they_had_a_kind_get_it_from_their_events_which_lose_those_that_are_gone() {
    let directory = tempfile::tempdir().unwrap();
    let old = of_before(directory.path(), "0014").await;
    let member = "INSERT INTO members (id, upn, upn_key, display_name, business_phones, administrator, enabled, guest_of_tenant, \
         tokens_valid_after) VALUES ('anna', 'anna', 'anna', 'Anna', '[]', 0, 1, 0, 0)";
    sqlx::raw_sql(member).execute(&old).await.unwrap();
    for (name, until, deleted) in [("single", 5, "NULL"), ("series", 9, "NULL"), ("gone", 5, "7")] {
        let rows = format!(
            "INSERT INTO meetings (thread_id, organizer_id, starts_at, ends_at, created_at, expires_at, join_meeting_id, options, invitees, \
             extra, revision, deleted_at) VALUES ('{name}', 'anna', 1, 5, 1, 9, '{name}', '{{}}', '[]', '{{}}', 1, {deleted}); \
             INSERT INTO calendar_events (id, owner_id, ical_uid, starts_at, ends_at, until_at, created_at, modified_at, meeting_thread, \
             details, details_bytes, revision) VALUES ('{name}', 'anna', '{name}', 1, 5, {until}, 1, 1, '{name}', '{{}}', 2, 1)"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&old).await.unwrap();
    }
    let store = SqlStore::open(&directory.path().join("store.db")).await.unwrap();
    for (name, recurring) in [("single", false), ("series", true)] {
        assert_eq!(store.meeting(name).await.unwrap().unwrap().recurring, recurring, "{name}");
    }
    let linked = sqlx::query_scalar::<_, String>("SELECT id FROM calendar_events WHERE meeting_thread IS NOT NULL ORDER BY id");
    assert_eq!(linked.fetch_all(&old).await.unwrap(), ["series", "single"]);
    old.close().await;
}

#[tokio::test]
async fn a_database_of_before_bars_had_a_kind_is_brought_up_to_date_and_keeps_them_as_removals() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.db");
    let old = of_before(directory.path(), "0003").await;
    let bar = "INSERT INTO bars (thread_id, raw_id, barred_until) VALUES ('thread', 'guest', 100)";
    sqlx::raw_sql(bar).execute(&old).await.unwrap();

    let store = SqlStore::open(&file).await.unwrap();
    assert_eq!(store.bars("thread", 0).await.unwrap(), [("guest".to_owned(), Bar::Removed)]);
    sqlx::raw_sql("UPDATE bars SET kind = 'forgiven'").execute(&old).await.unwrap();
    assert!(matches!(store.bars("thread", 0).await, Err(StoreError::Corrupt { .. })));
    old.close().await;
}

#[tokio::test]
async fn html_and_attachments_of_before_they_were_made_safe_are_text_and_gone() {
    let directory = tempfile::tempdir().unwrap();
    let old = of_before(directory.path(), "0018").await;
    let rows = "INSERT INTO chat_threads (id, kind, topic, created_at, created_by, metadata, last_sequence, last_message_id, last_created_at) \
         VALUES ('thread', 'chat', 'Visit', 1, 'maria', '{}', 2, 2, 2); \
         INSERT INTO chat_messages (thread_id, id, sequence, version, kind, sender, content, participants, metadata, created_at) \
         VALUES ('thread', 1, 1, 1, 'html', 'maria', '<form>', '[]', '{\"fileSharingMetadata\":\"5\"}', 1), \
         ('thread', 2, 2, 2, 'topicUpdated', 'maria', 'New', '[]', '{\"k\":\"v\"}', 2)";
    sqlx::raw_sql(rows).execute(&old).await.unwrap();
    let store = SqlStore::open(&directory.path().join("store.db")).await.unwrap();
    for (id, kind, content, names) in [(1, MessageKind::Text, "<form>", 0), (2, MessageKind::TopicUpdated, "New", 1)] {
        let message = store.chat_message("thread", id).await.unwrap().unwrap();
        assert_eq!(
            (message.kind, message.content.as_str(), message.metadata.len()),
            (kind, content, names)
        );
    }
    old.close().await;
}
