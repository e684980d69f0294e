//! Audit log and secrets of dev mode.

use app::model::AuditEntry;
use app::ports::{RecordStore, StoreResult};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const AUDIT: &str = "audit entry";
const DEV_SECRET: &str = "dev secret";

#[async_trait]
impl RecordStore for SqlStore {
    async fn add_audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        query("INSERT INTO audit (happened_at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)")
            .bind(entry.at)
            .bind(&entry.actor)
            .bind(&entry.action)
            .bind(&entry.subject)
            .bind(json(AUDIT, &entry.detail)?)
            .execute(&self.writer)
            .await
            .map_err(failed(AUDIT))?;
        Ok(())
    }

    async fn audit_log(&self, top: u32) -> StoreResult<Vec<AuditEntry>> {
        let rows = query("SELECT * FROM audit ORDER BY happened_at DESC LIMIT $1")
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        let read = |row: &AnyRow| {
            let row = Read(row, AUDIT);
            Ok(AuditEntry {
                at: row.get("happened_at")?,
                actor: row.get("actor")?,
                action: row.get("action")?,
                subject: row.get("subject")?,
                detail: row.json("detail")?,
            })
        };
        rows.map_err(failed(AUDIT))?.iter().map(read).collect()
    }

    async fn dev_secret(&self, name: &str) -> StoreResult<Option<String>> {
        let found = query("SELECT value FROM dev_secrets WHERE name = $1").bind(name);
        let row = found.fetch_optional(&self.reader).await.map_err(failed(DEV_SECRET))?;
        row.as_ref().map(|row| Read(row, DEV_SECRET).get("value")).transpose()
    }

    async fn put_dev_secret(&self, name: &str, value: &str) -> StoreResult<()> {
        let sql = "INSERT INTO dev_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        query(sql)
            .bind(name)
            .bind(value)
            .execute(&self.writer)
            .await
            .map_err(failed(DEV_SECRET))?;
        Ok(())
    }
}
