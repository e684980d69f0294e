//! Consent of members, and the removal of applications with everything that they were given.

use app::{Micros, applications::ApplicationStore, ports::StoreResult};
use async_trait::async_trait;
use sqlx::{any::AnyRow, query};

use crate::{
    SqlStore,
    sql::{Read, failed},
};

const CONSENT: &str = "consent";
const APPLICATION: &str = "application";

/// What goes with an application, in an order that no foreign key objects to.
const BELONGINGS: [&str; 5] = [
    "DELETE FROM consents WHERE client_id = $1",
    "DELETE FROM device_codes WHERE client_id = $1",
    "DELETE FROM authorization_codes WHERE client_id = $1",
    "DELETE FROM refresh_tokens WHERE family_id IN (SELECT id FROM refresh_families WHERE client_id = $1)",
    "DELETE FROM refresh_families WHERE client_id = $1",
];

#[async_trait]
impl ApplicationStore for SqlStore {
    async fn consents(&self, member_id: &str, client_id: &str) -> StoreResult<Vec<String>> {
        let rows = query("SELECT permission FROM consents WHERE member_id = $1 AND client_id = $2 ORDER BY permission")
            .bind(member_id)
            .bind(client_id)
            .fetch_all(&self.reader)
            .await
            .map_err(failed(CONSENT))?;
        rows.iter().map(|row: &AnyRow| Read(row, CONSENT).get("permission")).collect()
    }

    async fn grant_consents(&self, member_id: &str, client_id: &str, permissions: &[String], at: Micros) -> StoreResult<()> {
        let failed = failed(CONSENT);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        for permission in permissions {
            let sql = "INSERT INTO consents (member_id, client_id, permission, granted_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (member_id, client_id, permission) DO NOTHING";
            query(sql)
                .bind(member_id)
                .bind(client_id)
                .bind(permission)
                .bind(at)
                .execute(&mut *transaction)
                .await
                .map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)
    }

    async fn withdraw_consents(&self, client_id: &str) -> StoreResult<()> {
        let gone = query("DELETE FROM consents WHERE client_id = $1").bind(client_id);
        gone.execute(&self.writer).await.map_err(failed(CONSENT))?;
        Ok(())
    }

    async fn delete_application(&self, client_id: &str) -> StoreResult<bool> {
        let failed = failed(APPLICATION);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        for sql in BELONGINGS {
            query(sql).bind(client_id).execute(&mut *transaction).await.map_err(&failed)?;
        }
        let gone = query("DELETE FROM applications WHERE client_id = $1")
            .bind(client_id)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(gone.rows_affected() == 1)
    }

    async fn has_member_of_domain(&self, domain: &str) -> StoreResult<bool> {
        // The promise of the port: no character of a domain means anything to LIKE.
        let found = query("SELECT id FROM members WHERE upn_key LIKE $1 LIMIT 1").bind(format!("%@{domain}"));
        let row = found.fetch_optional(&self.reader).await.map_err(failed(APPLICATION))?;
        Ok(row.is_some())
    }
}
