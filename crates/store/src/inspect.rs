//! A look at a store without changing it: whether it can be read, and how far its schema is.

use std::collections::BTreeSet;
use std::path::Path;

use percent_encoding::utf8_percent_encode;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Row as _, query};

use crate::{ACQUIRE, MIGRATIONS, OpenError, PATH};

/// How far the schema of a store is, in numbers of migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// How many known ones were made.
    pub made: usize,
    /// Known ones that were not made yet.
    pub missing: Vec<i64>,
    /// Made ones that this version does not know: a newer one was here.
    pub unknown: Vec<i64>,
    /// Ones that did not get through.
    pub broken: Vec<i64>,
}

/// Looks at an SQLite file. Nothing is made and nothing is written, also while a server runs on it.
///
/// # Errors
/// See [`OpenError`]: there is no such file, or it is no store.
pub async fn inspect(file: &Path) -> Result<Inspection, OpenError> {
    let failed = |source| OpenError::File {
        path: file.display().to_string(),
        source,
    };
    let path = std::path::absolute(file).map_err(failed)?;
    std::fs::metadata(&path).map_err(failed)?;
    install_default_drivers();
    let url = format!("sqlite://{}?mode=ro", utf8_percent_encode(&path.to_string_lossy(), PATH));
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .connect(&url)
        .await
        .map_err(OpenError::Connect)?;
    let rows = query("SELECT version, CAST(success AS BIGINT) AS success FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&pool)
        .await;
    let mut inspection = Inspection {
        made: 0,
        missing: Vec::new(),
        unknown: Vec::new(),
        broken: Vec::new(),
    };
    let known: BTreeSet<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    let mut there = BTreeSet::new();
    for row in rows.map_err(OpenError::Connect)? {
        let version: i64 = row.try_get("version").map_err(OpenError::Connect)?;
        let success: i64 = row.try_get("success").map_err(OpenError::Connect)?;
        there.insert(version);
        if success == 0 {
            inspection.broken.push(version);
        } else if known.contains(&version) {
            inspection.made += 1;
        } else {
            inspection.unknown.push(version);
        }
    }
    inspection.missing = known.difference(&there).copied().collect();
    pool.close().await;
    Ok(inspection)
}
