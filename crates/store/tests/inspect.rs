//! Looking at a store changes nothing and says how far it is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use store::{OpenError, SqlStore, inspect};

#[tokio::test]
async fn a_store_is_current_while_it_is_open_and_what_it_lacks_or_has_too_much_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a store 100%?#.db");
    let open = SqlStore::open(&file).await.unwrap();
    let current = inspect(&file).await.unwrap();
    assert!(current.made > 10, "{current:?}");
    assert_eq!((current.missing.len(), current.unknown.len(), current.broken.len()), (0, 0, 0));
    open.close().await;

    let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(&file))
        .await
        .unwrap();
    for sql in [
        "DELETE FROM _sqlx_migrations WHERE version = 20",
        "UPDATE _sqlx_migrations SET success = 0 WHERE version = 3",
        "INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, 1, checksum, execution_time FROM _sqlx_migrations LIMIT 1",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let now = inspect(&file).await.unwrap();
    assert_eq!((now.missing, now.unknown, now.broken), (vec![20], vec![9999], vec![3]));
    assert_eq!(now.made, current.made - 2);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_made_and_one_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.db");
    assert!(matches!(inspect(&file).await, Err(OpenError::File { .. })));
    assert!(!file.exists());
    std::fs::write(
        &file,
        "something else, and long enough to be looked at as if it were a header of some kind of file",
    )
    .unwrap();
    assert!(matches!(inspect(&file).await, Err(OpenError::Connect(_))));
}
