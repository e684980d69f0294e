//! The database file: who may read it, and what is said when it cannot be opened.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

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
