//! The store: implements `app::ports` over SQL. One code path for SQLite now and PostgreSQL later: the `Any` driver, `$1` placeholders, the
//! SQL both understand, TEXT and BIGINT only.
//!
//! * Owns: the schema (`migrations/`, forward only), the connection pools, the translation between rows and `app::model`.
//! * Not here: rules. What may be written, and what is announced afterwards, is the business of `app`.
//! * One writer connection and a few readers: SQLite has one writer at a time anyway, and a queue in front of it never meets `SQLITE_BUSY`. When all
//!   connections are taken, a call waits at most [`ACQUIRE`] and then fails.
//! * Invariants (the promises of the ports) are kept by `tests/conformance.rs`, written against the traits so that it runs on every backend.

mod access;
mod applications;
mod calendar;
mod chat;
mod device_codes;
mod directory;
mod federation;
mod idempotency;
mod identities;
mod inspect;
mod meetings;
mod quality;
mod records;
mod rooms;
mod sign_in;
mod sql;
mod subscriptions;
mod surveys;
mod transcripts;

pub use inspect::{Inspection, inspect};

use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sqlx::AnyPool;
use sqlx::Executor as _;
use sqlx::any::{AnyPoolOptions, install_default_drivers};

/// The schema, forward only.
pub(crate) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");
/// How long a call waits for a free connection.
pub const ACQUIRE: Duration = Duration::from_secs(10);
/// Read connections.
const READERS: u32 = 4;
/// What must be escaped in the path part of a database URL.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'?')
    .add(b'#')
    .add(b'%')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`');
/// SQLite's settings, for each connection.
const SQLITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be made or opened.
    #[error("the database file {path} cannot be opened: {source}; check the path and its permissions")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database refuses the connection.
    #[error("the database cannot be opened: {0}")]
    Connect(#[source] sqlx::Error),
    /// A migration failed.
    #[error("the schema cannot be brought up to date: {0}; was the store written by a newer version?")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// The store.
#[derive(Debug, Clone)]
pub struct SqlStore {
    pub(crate) writer: AnyPool,
    pub(crate) reader: AnyPool,
}

impl SqlStore {
    /// Opens an SQLite file, makes it (readable by its owner only) when it is missing, and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::File {
            path: file.display().to_string(),
            source,
        };
        let path = std::path::absolute(file).map_err(failed)?;
        create_private(&path).map_err(failed)?;
        let url = format!("sqlite://{}", utf8_percent_encode(&path.to_string_lossy(), PATH));
        let writer = pool(&url, 1).await?;
        MIGRATIONS.run(&writer).await?;
        let reader = pool(&url, READERS).await?;
        Ok(Self { writer, reader })
    }

    /// Closes all connections; calls after this fail.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

async fn pool(url: &str, connections: u32) -> Result<AnyPool, OpenError> {
    install_default_drivers();
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                if connection.backend_name() == "SQLite" {
                    connection.execute(sqlx::raw_sql(SQLITE)).await?;
                }
                Ok(())
            })
        });
    options.connect(url).await.map_err(OpenError::Connect)
}

/// Makes the file with rights for its owner only: it holds keys. SQLite gives its side files the same rights.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
