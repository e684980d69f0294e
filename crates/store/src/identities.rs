//! Communication identities, access keys, signing keys.

use app::Micros;
use app::model::{AccessKey, CommunicationIdentity, IdentityKind, SigningKeyRecord};
use app::ports::{IdentityStore, StoreError, StoreResult};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed};

const IDENTITY: &str = "identity";
const ACCESS_KEY: &str = "access key";
const SIGNING_KEY: &str = "signing key";

#[async_trait]
impl IdentityStore for SqlStore {
    async fn insert_identity(&self, identity: &CommunicationIdentity) -> StoreResult<()> {
        query("INSERT INTO identities (id, kind, created_at, tokens_valid_after, deleted_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(&identity.id)
            .bind(kind_name(identity.kind))
            .bind(identity.created)
            .bind(identity.tokens_valid_after)
            .bind(identity.deleted)
            .execute(&self.writer)
            .await
            .map_err(failed(IDENTITY))?;
        Ok(())
    }

    async fn identity(&self, id: &str) -> StoreResult<Option<CommunicationIdentity>> {
        let found = query("SELECT * FROM identities WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(IDENTITY))?.as_ref().map(read_identity).transpose()
    }

    async fn revoke_identity(&self, id: &str, at: Micros) -> StoreResult<bool> {
        let sql = "UPDATE identities SET tokens_valid_after = CASE WHEN tokens_valid_after > $1 THEN tokens_valid_after ELSE $2 END \
             WHERE id = $3 AND deleted_at IS NULL";
        let done = query(sql)
            .bind(at)
            .bind(at)
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(failed(IDENTITY))?;
        Ok(done.rows_affected() == 1)
    }

    async fn delete_identity(&self, id: &str, at: Micros) -> StoreResult<bool> {
        let update = query("UPDATE identities SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL")
            .bind(at)
            .bind(id);
        Ok(update.execute(&self.writer).await.map_err(failed(IDENTITY))?.rows_affected() == 1)
    }

    async fn access_keys(&self) -> StoreResult<Vec<AccessKey>> {
        let rows = query("SELECT * FROM access_keys ORDER BY name")
            .fetch_all(&self.reader)
            .await
            .map_err(failed(ACCESS_KEY))?;
        let read = |row: &AnyRow| {
            let row = Read(row, ACCESS_KEY);
            Ok(AccessKey {
                name: row.get("name")?,
                secret: row.get("secret")?,
                created: row.get("created_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn put_access_key(&self, key: &AccessKey) -> StoreResult<()> {
        let sql = "INSERT INTO access_keys (name, secret, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at";
        let insert = query(sql).bind(&key.name).bind(&key.secret).bind(key.created);
        insert.execute(&self.writer).await.map_err(failed(ACCESS_KEY))?;
        Ok(())
    }

    async fn signing_keys(&self) -> StoreResult<Vec<SigningKeyRecord>> {
        let rows = query("SELECT * FROM signing_keys ORDER BY created_at DESC, kid")
            .fetch_all(&self.reader)
            .await;
        let read = |row: &AnyRow| {
            let row = Read(row, SIGNING_KEY);
            Ok(SigningKeyRecord {
                kid: row.get("kid")?,
                pkcs8: row.get("pkcs8")?,
                created: row.get("created_at")?,
            })
        };
        rows.map_err(failed(SIGNING_KEY))?.iter().map(read).collect()
    }

    async fn insert_signing_key(&self, key: &SigningKeyRecord) -> StoreResult<()> {
        let insert = query("INSERT INTO signing_keys (kid, pkcs8, created_at) VALUES ($1, $2, $3)");
        insert
            .bind(&key.kid)
            .bind(&key.pkcs8)
            .bind(key.created)
            .execute(&self.writer)
            .await
            .map_err(failed(SIGNING_KEY))?;
        Ok(())
    }

    async fn delete_signing_keys_before(&self, before: Micros) -> StoreResult<()> {
        let delete = query("DELETE FROM signing_keys WHERE created_at < $1").bind(before);
        delete.execute(&self.writer).await.map_err(failed(SIGNING_KEY))?;
        Ok(())
    }
}

fn kind_name(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Guest => "guest",
        IdentityKind::Visitor => "visitor",
    }
}

fn read_identity(row: &AnyRow) -> StoreResult<CommunicationIdentity> {
    let row = Read(row, IDENTITY);
    let kind: String = row.get("kind")?;
    let known = [IdentityKind::Guest, IdentityKind::Visitor]
        .into_iter()
        .find(|known| kind_name(*known) == kind);
    Ok(CommunicationIdentity {
        id: row.get("id")?,
        kind: known.ok_or_else(|| StoreError::Corrupt {
            what: IDENTITY,
            reason: format!("kind {kind}"),
        })?,
        created: row.get("created_at")?,
        tokens_valid_after: row.get("tokens_valid_after")?,
        deleted: row.get("deleted_at")?,
    })
}
