//! Upstream providers, which member is whom there, and sign-ins on their way.
//!
//! A sign-in on its way is taken by a `DELETE` whose count of rows is the verdict, so that of two callbacks at once one goes on.

use app::{
    Micros,
    model::Member,
    ports::StoreResult,
    sign_in::{FederatedIdentity, FederatedSession, FederationAttempt, FederationStore, UpstreamProvider},
};
use async_trait::async_trait;
use sqlx::{Any, Executor, any::AnyRow, query};

use crate::{
    SqlStore,
    directory::write_member,
    sql::{Read, failed, json},
};

const PROVIDER: &str = "upstream provider";
const IDENTITY: &str = "federated identity";
const ATTEMPT: &str = "sign-in at a provider";
const SESSION: &str = "session of a provider";
const SETTINGS: &str = "federation settings";

#[async_trait]
impl FederationStore for SqlStore {
    async fn upstream_providers(&self) -> StoreResult<Vec<UpstreamProvider>> {
        let rows = query("SELECT * FROM upstream_providers ORDER BY name, id")
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(PROVIDER))?.iter().map(read_provider).collect()
    }

    async fn upstream_provider(&self, id: &str) -> StoreResult<Option<UpstreamProvider>> {
        let found = query("SELECT * FROM upstream_providers WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(PROVIDER))?.as_ref().map(read_provider).transpose()
    }

    async fn put_upstream_provider(&self, provider: &UpstreamProvider) -> StoreResult<()> {
        let sql = "INSERT INTO upstream_providers (id, name, issuer, client_id, client_secret, rules, enabled, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id, \
             client_secret = excluded.client_secret, rules = excluded.rules, enabled = excluded.enabled";
        query(sql)
            .bind(&provider.id)
            .bind(&provider.name)
            .bind(&provider.issuer)
            .bind(&provider.client_id)
            .bind(provider.client_secret.as_deref())
            .bind(json(PROVIDER, &provider.rules)?)
            .bind(i64::from(provider.enabled))
            .bind(provider.created)
            .execute(&self.writer)
            .await
            .map_err(failed(PROVIDER))?;
        Ok(())
    }

    async fn delete_upstream_provider(&self, id: &str) -> StoreResult<bool> {
        let failed = failed(PROVIDER);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let mut deleted = 0;
        for sql in [
            "DELETE FROM federation_attempts WHERE provider_id = $1",
            "DELETE FROM federated_sessions WHERE provider_id = $1",
            "DELETE FROM federated_identities WHERE provider_id = $1",
            "DELETE FROM upstream_providers WHERE id = $1",
        ] {
            let done = query(sql).bind(id).execute(&mut *transaction).await.map_err(&failed)?;
            deleted = done.rows_affected();
        }
        transaction.commit().await.map_err(&failed)?;
        Ok(deleted > 0)
    }

    async fn local_sign_in(&self) -> StoreResult<bool> {
        let found = query("SELECT local_sign_in FROM federation_settings")
            .fetch_optional(&self.reader)
            .await;
        let row = found.map_err(failed(SETTINGS))?;
        row.as_ref().map_or(Ok(true), |row| Read(row, SETTINGS).flag("local_sign_in"))
    }

    async fn set_local_sign_in(&self, on: bool) -> StoreResult<()> {
        let sql = "INSERT INTO federation_settings (only_one, local_sign_in) VALUES (1, $1) \
             ON CONFLICT (only_one) DO UPDATE SET local_sign_in = excluded.local_sign_in";
        query(sql)
            .bind(i64::from(on))
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(SETTINGS))
    }

    async fn federated_identity(&self, provider_id: &str, subject: &str) -> StoreResult<Option<FederatedIdentity>> {
        let found = query("SELECT * FROM federated_identities WHERE provider_id = $1 AND subject = $2")
            .bind(provider_id)
            .bind(subject)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(IDENTITY))?.as_ref().map(read_identity).transpose()
    }

    async fn federated_identities(&self, provider_id: &str, after: &str, top: u32) -> StoreResult<Vec<FederatedIdentity>> {
        let rows = query("SELECT * FROM federated_identities WHERE provider_id = $1 AND subject > $2 ORDER BY subject LIMIT $3")
            .bind(provider_id)
            .bind(after)
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(IDENTITY))?.iter().map(read_identity).collect()
    }

    async fn link_federated_identity(&self, identity: &FederatedIdentity) -> StoreResult<()> {
        write_identity(&self.writer, identity).await
    }

    async fn has_local_member_of_domain(&self, domain: &str) -> StoreResult<bool> {
        let plain = domain.to_ascii_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
        let sql = "SELECT id FROM members WHERE upn_key LIKE $1 ESCAPE '!' \
             AND id NOT IN (SELECT member_id FROM federated_identities WHERE created_here = 1) LIMIT 1";
        let found = query(sql).bind(format!("%@{plain}")).fetch_optional(&self.reader).await;
        Ok(found.map_err(failed(IDENTITY))?.is_some())
    }

    async fn insert_federated_member(&self, member: &Member, identity: &FederatedIdentity) -> StoreResult<()> {
        let failed = failed(IDENTITY);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        write_member(&mut *transaction, member).await?;
        write_identity(&mut *transaction, identity).await?;
        transaction.commit().await.map_err(&failed)
    }

    async fn unlink_federated_identity(&self, provider_id: &str, member_id: &str) -> StoreResult<bool> {
        let done = query("DELETE FROM federated_identities WHERE provider_id = $1 AND member_id = $2")
            .bind(provider_id)
            .bind(member_id)
            .execute(&self.writer)
            .await;
        Ok(done.map_err(failed(IDENTITY))?.rows_affected() > 0)
    }

    async fn note_federated_sign_in(&self, provider_id: &str, subject: &str, at: Micros) -> StoreResult<()> {
        query("UPDATE federated_identities SET last_sign_in_at = $1 WHERE provider_id = $2 AND subject = $3")
            .bind(at)
            .bind(provider_id)
            .bind(subject)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(IDENTITY))
    }

    async fn put_federation_attempt(&self, attempt: &FederationAttempt, most: u32) -> StoreResult<()> {
        let failed = failed(ATTEMPT);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let sql = "INSERT INTO federation_attempts (state_hash, browser_hash, provider_id, redirect_uri, tenant, query, max_age, begun_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        query(sql)
            .bind(&attempt.state_hash)
            .bind(&attempt.browser_hash)
            .bind(&attempt.provider_id)
            .bind(&attempt.redirect_uri)
            .bind(&attempt.tenant)
            .bind(&attempt.query)
            .bind(attempt.max_age)
            .bind(attempt.begun)
            .bind(attempt.expires)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        // One row came, so seldom more than one goes; the newest stays, since it expires last.
        let excess = "DELETE FROM federation_attempts WHERE state_hash IN (SELECT state_hash FROM federation_attempts \
             ORDER BY expires_at DESC, state_hash LIMIT 100 OFFSET $1)";
        query(excess)
            .bind(i64::from(most))
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)
    }

    async fn take_federation_attempt(&self, state_hash: &str, browser_hash: &str) -> StoreResult<Option<FederationAttempt>> {
        let failed = failed(ATTEMPT);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let found = query("SELECT * FROM federation_attempts WHERE state_hash = $1 AND browser_hash = $2")
            .bind(state_hash)
            .bind(browser_hash)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(&failed)?;
        let attempt = found.as_ref().map(read_attempt).transpose()?;
        let gone = query("DELETE FROM federation_attempts WHERE state_hash = $1 AND browser_hash = $2")
            .bind(state_hash)
            .bind(browser_hash)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(attempt.filter(|_| gone.rows_affected() == 1))
    }

    async fn put_federated_session(&self, session: &FederatedSession) -> StoreResult<()> {
        query("INSERT INTO federated_sessions (session_hash, provider_id, id_token, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(&session.session_hash)
            .bind(&session.provider_id)
            .bind(&session.id_token)
            .bind(session.expires)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(SESSION))
    }

    async fn take_federated_session(&self, session_hash: &str) -> StoreResult<Option<FederatedSession>> {
        let failed = failed(SESSION);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let found = query("SELECT * FROM federated_sessions WHERE session_hash = $1")
            .bind(session_hash)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(&failed)?;
        let session = found.as_ref().map(read_session).transpose()?;
        let gone = query("DELETE FROM federated_sessions WHERE session_hash = $1")
            .bind(session_hash)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        Ok(session.filter(|_| gone.rows_affected() == 1))
    }

    async fn sweep_federation(&self, now: Micros) -> StoreResult<u64> {
        let failed = failed(ATTEMPT);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let mut gone = 0;
        for sql in [
            "DELETE FROM federation_attempts WHERE expires_at <= $1",
            "DELETE FROM federated_sessions WHERE expires_at <= $1",
        ] {
            let done = query(sql).bind(now).execute(&mut *transaction).await.map_err(&failed)?;
            gone += done.rows_affected();
        }
        transaction.commit().await.map_err(&failed)?;
        Ok(gone)
    }
}

async fn write_identity<'e>(executor: impl Executor<'e, Database = Any>, identity: &FederatedIdentity) -> StoreResult<()> {
    let sql = "INSERT INTO federated_identities (provider_id, subject, member_id, created_here, linked_at, last_sign_in_at) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    query(sql)
        .bind(&identity.provider_id)
        .bind(&identity.subject)
        .bind(&identity.member_id)
        .bind(i64::from(identity.created_here))
        .bind(identity.linked)
        .bind(identity.last_sign_in)
        .execute(executor)
        .await
        .map(drop)
        .map_err(failed(IDENTITY))
}

fn read_provider(row: &AnyRow) -> StoreResult<UpstreamProvider> {
    let row = Read(row, PROVIDER);
    Ok(UpstreamProvider {
        id: row.get("id")?,
        name: row.get("name")?,
        issuer: row.get("issuer")?,
        client_id: row.get("client_id")?,
        client_secret: row.get("client_secret")?,
        rules: row.json("rules")?,
        enabled: row.flag("enabled")?,
        created: row.get("created_at")?,
    })
}

fn read_identity(row: &AnyRow) -> StoreResult<FederatedIdentity> {
    let row = Read(row, IDENTITY);
    Ok(FederatedIdentity {
        provider_id: row.get("provider_id")?,
        subject: row.get("subject")?,
        member_id: row.get("member_id")?,
        created_here: row.flag("created_here")?,
        linked: row.get("linked_at")?,
        last_sign_in: row.get("last_sign_in_at")?,
    })
}

fn read_attempt(row: &AnyRow) -> StoreResult<FederationAttempt> {
    let row = Read(row, ATTEMPT);
    Ok(FederationAttempt {
        state_hash: row.get("state_hash")?,
        browser_hash: row.get("browser_hash")?,
        provider_id: row.get("provider_id")?,
        redirect_uri: row.get("redirect_uri")?,
        tenant: row.get("tenant")?,
        query: row.get("query")?,
        max_age: row.get("max_age")?,
        begun: row.get("begun_at")?,
        expires: row.get("expires_at")?,
    })
}

fn read_session(row: &AnyRow) -> StoreResult<FederatedSession> {
    let row = Read(row, SESSION);
    Ok(FederatedSession {
        session_hash: row.get("session_hash")?,
        provider_id: row.get("provider_id")?,
        id_token: row.get("id_token")?,
        expires: row.get("expires_at")?,
    })
}
