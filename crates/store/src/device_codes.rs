//! Device codes. What must happen once is a conditional `UPDATE`; the count of changed rows is the verdict.

use app::{
    Micros,
    ports::StoreResult,
    sign_in::{DeviceCode, DeviceCodeStore, DeviceDecision, RefreshFamily, RefreshToken},
};
use async_trait::async_trait;
use sqlx::{any::AnyRow, query};

use crate::{
    SqlStore,
    sign_in::{insert_family, insert_token},
    sql::{Read, failed},
};

const DEVICE: &str = "device code";

#[async_trait]
impl DeviceCodeStore for SqlStore {
    async fn insert_device_code(&self, code: &DeviceCode) -> StoreResult<()> {
        let sql = "INSERT INTO device_codes (device_hash, user_code_hash, client_id, scope, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)";
        query(sql)
            .bind(&code.device_hash)
            .bind(&code.user_code_hash)
            .bind(&code.client_id)
            .bind(&code.scope)
            .bind(code.issued)
            .bind(code.expires)
            .execute(&self.writer)
            .await
            .map_err(failed(DEVICE))?;
        Ok(())
    }

    async fn device_code_by_user_code(&self, user_code_hash: &str) -> StoreResult<Option<DeviceCode>> {
        let found = query("SELECT * FROM device_codes WHERE user_code_hash = $1")
            .bind(user_code_hash)
            .fetch_optional(&self.reader)
            .await;
        found.map_err(failed(DEVICE))?.as_ref().map(read).transpose()
    }

    async fn poll_device_code(&self, device_hash: &str, now: Micros) -> StoreResult<Option<DeviceCode>> {
        let failed = failed(DEVICE);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let found = query("SELECT * FROM device_codes WHERE device_hash = $1")
            .bind(device_hash)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(&failed)?;
        query("UPDATE device_codes SET polled_at = $1 WHERE device_hash = $2")
            .bind(now)
            .bind(device_hash)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        transaction.commit().await.map_err(&failed)?;
        found.as_ref().map(read).transpose()
    }

    async fn decide_device_code(&self, user_code_hash: &str, decision: &DeviceDecision, now: Micros) -> StoreResult<bool> {
        let (member_id, signed_in_at) = match decision {
            DeviceDecision::Approved { member_id, signed_in_at } => (Some(member_id.as_str()), Some(*signed_in_at)),
            DeviceDecision::Declined => (None, None),
        };
        let sql = "UPDATE device_codes SET decided_at = $1, approved_by = $2, signed_in_at = $3 \
             WHERE user_code_hash = $4 AND decided_at IS NULL AND expires_at > $1";
        let decided = query(sql)
            .bind(now)
            .bind(member_id)
            .bind(signed_in_at)
            .bind(user_code_hash)
            .execute(&self.writer)
            .await
            .map_err(failed(DEVICE))?;
        Ok(decided.rows_affected() == 1)
    }

    async fn redeem_device_code(
        &self,
        device_hash: &str,
        refresh: Option<(&RefreshFamily, &RefreshToken)>,
        now: Micros,
    ) -> StoreResult<bool> {
        let failed = failed(DEVICE);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        let sql = "UPDATE device_codes SET used_at = $1 WHERE device_hash = $2 AND used_at IS NULL AND approved_by IS NOT NULL";
        let used = query(sql).bind(now).bind(device_hash).execute(&mut *transaction).await;
        if used.map_err(&failed)?.rows_affected() != 1 {
            return Ok(false);
        }
        if let Some((family, token)) = refresh {
            insert_family(&mut transaction, family).await?;
            insert_token(&mut transaction, token).await?;
        }
        transaction.commit().await.map_err(&failed)?;
        Ok(true)
    }

    async fn insert_refresh_family(&self, family: &RefreshFamily, token: &RefreshToken) -> StoreResult<()> {
        let failed = failed(DEVICE);
        let mut transaction = self.writer.begin().await.map_err(&failed)?;
        insert_family(&mut transaction, family).await?;
        insert_token(&mut transaction, token).await?;
        transaction.commit().await.map_err(&failed)
    }
}

fn read(row: &AnyRow) -> StoreResult<DeviceCode> {
    let row = Read(row, DEVICE);
    let decided: Option<Micros> = row.get("decided_at")?;
    let approved: (Option<String>, Option<Micros>) = (row.get("approved_by")?, row.get("signed_in_at")?);
    let decision = decided.map(|_| match approved {
        (Some(member_id), Some(signed_in_at)) => DeviceDecision::Approved { member_id, signed_in_at },
        _ => DeviceDecision::Declined,
    });
    Ok(DeviceCode {
        device_hash: row.get("device_hash")?,
        user_code_hash: row.get("user_code_hash")?,
        client_id: row.get("client_id")?,
        scope: row.get("scope")?,
        issued: row.get("issued_at")?,
        expires: row.get("expires_at")?,
        polled: row.get("polled_at")?,
        decision,
        used_at: row.get("used_at")?,
    })
}
