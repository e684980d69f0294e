//! Browser sessions, authorization codes and refresh tokens.
//!
//! What must happen once (redeeming a code, rotating a refresh token) is decided by a conditional `UPDATE` inside its
//! transaction, so that the count of changed rows is the verdict on every backend.

use app::{
    Micros,
    ports::StoreResult,
    sign_in::{AuthorizationCode, MOST_SUCCESSORS, MOST_WAITING_CODES, RefreshFamily, RefreshToken, Rotation, SignInSession, SignInStore},
};
use async_trait::async_trait;
use sqlx::{Any, Transaction, any::AnyRow, query};

use crate::{
    SqlStore,
    sql::{Read, failed},
};

const SESSION: &str = "sign-in session";
const CODE: &str = "authorization code";
const REFRESH: &str = "refresh token";
/// Redeemed codes and exchanged refresh tokens are remembered for a day, so that a replay is recognised as one; later it is a code or token of nobody.
const REPLAY_MEMORY: Micros = 24 * 60 * 60 * 1_000_000;

#[async_trait]
impl SignInStore for SqlStore {
    async fn put_sign_in_session(&self, session: &SignInSession) -> StoreResult<()> {
        query("INSERT INTO sign_in_sessions (token_hash, member_id, signed_in_at, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(&session.token_hash)
            .bind(&session.member_id)
            .bind(session.signed_in_at)
            .bind(session.expires)
            .execute(&self.writer)
            .await
            .map_err(failed(SESSION))?;
        Ok(())
    }

    async fn sign_in_session(&self, token_hash: &str) -> StoreResult<Option<SignInSession>> {
        let found = query("SELECT * FROM sign_in_sessions WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(&self.reader)
            .await;
        let read = |row: &AnyRow| {
            let row = Read(row, SESSION);
            Ok(SignInSession {
                token_hash: row.get("token_hash")?,
                member_id: row.get("member_id")?,
                signed_in_at: row.get("signed_in_at")?,
                expires: row.get("expires_at")?,
            })
        };
        found.map_err(failed(SESSION))?.as_ref().map(read).transpose()
    }

    async fn end_sign_in_session(&self, token_hash: &str, now: Micros) -> StoreResult<()> {
        let failed = failed(SESSION);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        for sql in [
            "DELETE FROM sign_in_sessions WHERE token_hash = $1",
            "DELETE FROM authorization_codes WHERE session_hash = $1 AND used_at IS NULL",
        ] {
            query(sql).bind(token_hash).execute(&mut *transaction).await.map_err(&failed)?;
        }
        query("UPDATE refresh_families SET revoked_at = $1 WHERE session_hash = $2 AND revoked_at IS NULL")
            .bind(now)
            .bind(token_hash)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)
    }

    async fn put_authorization_code(&self, code: &AuthorizationCode) -> StoreResult<()> {
        let failed = failed(CODE);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let sql = "INSERT INTO authorization_codes (code_hash, family_id, client_id, member_id, session_hash, redirect_uri, scope, nonce, \
             code_challenge, signed_in_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        query(sql)
            .bind(&code.code_hash)
            .bind(&code.family_id)
            .bind(&code.client_id)
            .bind(&code.member_id)
            .bind(&code.session_hash)
            .bind(&code.redirect_uri)
            .bind(&code.scope)
            .bind(&code.nonce)
            .bind(&code.code_challenge)
            .bind(code.signed_in_at)
            .bind(code.expires)
            .bind(code.used_at)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        // One row came, so one goes; the newest stays, since it expires last.
        let excess = "DELETE FROM authorization_codes WHERE code_hash IN (SELECT code_hash FROM authorization_codes \
             WHERE session_hash = $1 AND used_at IS NULL ORDER BY expires_at DESC, code_hash LIMIT 100 OFFSET $2)";
        query(excess)
            .bind(&code.session_hash)
            .bind(MOST_WAITING_CODES)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)
    }

    async fn authorization_code(&self, code_hash: &str) -> StoreResult<Option<AuthorizationCode>> {
        let found = query("SELECT * FROM authorization_codes WHERE code_hash = $1")
            .bind(code_hash)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(CODE))?.as_ref().map(read_code).transpose()
    }

    async fn redeem_authorization_code(
        &self,
        code_hash: &str,
        refresh: Option<(&RefreshFamily, &RefreshToken)>,
        now: Micros,
    ) -> StoreResult<bool> {
        let failed = failed(CODE);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let used = query("UPDATE authorization_codes SET used_at = $1 WHERE code_hash = $2 AND used_at IS NULL")
            .bind(now)
            .bind(code_hash)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        if used.rows_affected() != 1 {
            return Ok(false);
        }
        if let Some((family, token)) = refresh {
            insert_family(&mut transaction, family).await?;
            insert_token(&mut transaction, token).await?;
        }
        transaction.commit().await.map_err(&failed)?;
        Ok(true)
    }

    async fn refresh_token(&self, token_hash: &str) -> StoreResult<Option<(RefreshToken, RefreshFamily)>> {
        let sql = "SELECT refresh_tokens.token_hash, refresh_tokens.issued_at, refresh_tokens.used_at, refresh_families.* \
             FROM refresh_tokens JOIN refresh_families ON refresh_families.id = refresh_tokens.family_id WHERE refresh_tokens.token_hash = $1";
        let found = query(sql).bind(token_hash).fetch_optional(&self.reader).await;
        found.map_err(failed(REFRESH))?.as_ref().map(read_refresh).transpose()
    }

    async fn rotate_refresh_token(&self, used_hash: &str, next: &RefreshToken, grace_since: Micros, now: Micros) -> StoreResult<Rotation> {
        let failed = failed(REFRESH);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let sql = "UPDATE refresh_tokens SET used_at = COALESCE(used_at, $1), successors = successors + 1 \
             WHERE token_hash = $2 AND family_id = $3 AND (used_at IS NULL OR used_at >= $4)";
        let used = query(sql)
            .bind(now)
            .bind(used_hash)
            .bind(&next.family_id)
            .bind(grace_since)
            .execute(&mut *transaction)
            .await;
        if used.map_err(&failed)?.rows_affected() != 1 {
            revoke_family(&mut transaction, &next.family_id, now).await?;
            transaction.commit().await.map_err(&failed)?;
            return Ok(Rotation::Reused);
        }
        // A write, not a read: it holds the row against a revocation at the same instant.
        let living = query("UPDATE refresh_families SET revoked_at = NULL WHERE id = $1 AND revoked_at IS NULL")
            .bind(&next.family_id)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        if living.rows_affected() != 1 {
            return Ok(Rotation::Revoked);
        }
        let successors = query("SELECT successors FROM refresh_tokens WHERE token_hash = $1")
            .bind(used_hash)
            .fetch_one(&mut *transaction)
            .await
            .map_err(&failed)?;
        // Not committed: the refused try is not counted.
        if Read(&successors, REFRESH).get::<i64>("successors")? > MOST_SUCCESSORS {
            return Ok(Rotation::TooOften);
        }
        insert_token(&mut transaction, next).await?;
        transaction.commit().await.map_err(&failed)?;
        Ok(Rotation::Rotated)
    }

    async fn revoke_refresh_family(&self, family_id: &str, now: Micros) -> StoreResult<()> {
        let failed = failed(REFRESH);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        revoke_family(&mut transaction, family_id, now).await?;
        transaction.commit().await.map_err(&failed)
    }

    async fn sweep_sign_in(&self, now: Micros) -> StoreResult<u64> {
        let statements = [
            ("DELETE FROM sign_in_sessions WHERE expires_at <= $1", now),
            ("DELETE FROM authorization_codes WHERE expires_at <= $1", now - REPLAY_MEMORY),
            ("DELETE FROM device_codes WHERE expires_at <= $1", now - REPLAY_MEMORY),
            ("DELETE FROM refresh_tokens WHERE used_at <= $1", now - REPLAY_MEMORY),
            // Tokens go before their families: not every backend counts what a cascade removes.
            (
                "DELETE FROM refresh_tokens WHERE family_id IN (SELECT id FROM refresh_families WHERE expires_at <= $1)",
                now,
            ),
            ("DELETE FROM refresh_families WHERE expires_at <= $1", now),
        ];
        let mut gone = 0;
        for (sql, before) in statements {
            gone += query(sql)
                .bind(before)
                .execute(&self.writer)
                .await
                .map_err(failed(SESSION))?
                .rows_affected();
        }
        Ok(gone)
    }
}

pub(crate) async fn insert_family(transaction: &mut Transaction<'_, Any>, family: &RefreshFamily) -> StoreResult<()> {
    let sql = "INSERT INTO refresh_families (id, member_id, client_id, session_hash, scope, signed_in_at, expires_at, revoked_at, \
         by_device) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    query(sql)
        .bind(&family.id)
        .bind(&family.member_id)
        .bind(&family.client_id)
        .bind(&family.session_hash)
        .bind(&family.scope)
        .bind(family.signed_in_at)
        .bind(family.expires)
        .bind(family.revoked_at)
        .bind(i64::from(family.by_device))
        .execute(&mut **transaction)
        .await
        .map_err(failed(REFRESH))?;
    Ok(())
}

pub(crate) async fn insert_token(transaction: &mut Transaction<'_, Any>, token: &RefreshToken) -> StoreResult<()> {
    query("INSERT INTO refresh_tokens (token_hash, family_id, issued_at, used_at) VALUES ($1, $2, $3, $4)")
        .bind(&token.token_hash)
        .bind(&token.family_id)
        .bind(token.issued)
        .bind(token.used_at)
        .execute(&mut **transaction)
        .await
        .map_err(failed(REFRESH))?;
    Ok(())
}

async fn revoke_family(transaction: &mut Transaction<'_, Any>, family_id: &str, now: Micros) -> StoreResult<()> {
    query("UPDATE refresh_families SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now)
        .bind(family_id)
        .execute(&mut **transaction)
        .await
        .map_err(failed(REFRESH))?;
    Ok(())
}

fn read_code(row: &AnyRow) -> StoreResult<AuthorizationCode> {
    let row = Read(row, CODE);
    Ok(AuthorizationCode {
        code_hash: row.get("code_hash")?,
        family_id: row.get("family_id")?,
        client_id: row.get("client_id")?,
        member_id: row.get("member_id")?,
        session_hash: row.get("session_hash")?,
        redirect_uri: row.get("redirect_uri")?,
        scope: row.get("scope")?,
        nonce: row.get("nonce")?,
        code_challenge: row.get("code_challenge")?,
        signed_in_at: row.get("signed_in_at")?,
        expires: row.get("expires_at")?,
        used_at: row.get("used_at")?,
    })
}

fn read_refresh(row: &AnyRow) -> StoreResult<(RefreshToken, RefreshFamily)> {
    let row = Read(row, REFRESH);
    let family_id: String = row.get("id")?;
    let token = RefreshToken {
        token_hash: row.get("token_hash")?,
        family_id: family_id.clone(),
        issued: row.get("issued_at")?,
        used_at: row.get("used_at")?,
    };
    let family = RefreshFamily {
        id: family_id,
        member_id: row.get("member_id")?,
        client_id: row.get("client_id")?,
        session_hash: row.get("session_hash")?,
        scope: row.get("scope")?,
        signed_in_at: row.get("signed_in_at")?,
        expires: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        by_device: row.flag("by_device")?,
    };
    Ok((token, family))
}
