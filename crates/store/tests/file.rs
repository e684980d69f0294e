//! The database file: who may read it, and what is said when it cannot be opened.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

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

#[tokio::test]
async fn a_database_of_before_bars_had_a_kind_is_brought_up_to_date_and_keeps_them_as_removals() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.db");
    let before = directory.path().join("migrations");
    std::fs::create_dir(&before).unwrap();
    for name in ["0001_core.sql", "0002_sign_in.sql"] {
        std::fs::copy(format!("{}/migrations/{name}", env!("CARGO_MANIFEST_DIR")), before.join(name)).unwrap();
    }
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let old = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::migrate::Migrator::new(before).await.unwrap().run(&old).await.unwrap();
    let bar = "INSERT INTO bars (thread_id, raw_id, barred_until) VALUES ('thread', 'guest', 100)";
    sqlx::raw_sql(bar).execute(&old).await.unwrap();

    let store = SqlStore::open(&file).await.unwrap();
    assert_eq!(store.bars("thread", 0).await.unwrap(), [("guest".to_owned(), Bar::Removed)]);
    sqlx::raw_sql("UPDATE bars SET kind = 'forgiven'").execute(&old).await.unwrap();
    assert!(matches!(store.bars("thread", 0).await, Err(StoreError::Corrupt { .. })));
    old.close().await;
}
