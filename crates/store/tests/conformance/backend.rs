//! The backends: each opens the same database as often as asked.

use std::sync::Arc;

use app::ports::Store;
use store::SqlStore;

/// A database of its own that can be opened more than once.
pub(crate) trait Backend {
    /// Opens it (again).
    fn open(&self) -> impl Future<Output = Arc<dyn Store>> + Send;
    /// Runs SQL that fails every further insert of attendance for this raw id, to see what is left of a batch.
    fn refuse_attendance_of(&self, raw_id: &str) -> impl Future<Output = ()> + Send;
}

/// An SQLite file in a directory of its own.
pub(crate) struct Sqlite(tempfile::TempDir);

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path has characters that a URL would misread.
    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("a store 100%?#.db")
    }
}

impl Backend for Sqlite {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqlStore::open(&self.file()).await.unwrap())
    }

    async fn refuse_attendance_of(&self, raw_id: &str) {
        let pool = sqlx::SqlitePool::connect_with(sqlx::sqlite::SqliteConnectOptions::new().filename(self.file()))
            .await
            .unwrap();
        let sql = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON attendance WHEN NEW.raw_id = '{raw_id}' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
        pool.close().await;
    }
}
