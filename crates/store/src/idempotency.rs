//! Answers given again to a repeated request.

use app::Micros;
use app::idempotency::IdempotencyStore;
use app::ports::StoreResult;
use async_trait::async_trait;

use crate::SqlStore;
use crate::sql::{Read, failed};

const WHAT: &str = "a remembered answer";

#[async_trait]
impl IdempotencyStore for SqlStore {
    async fn remember_answer(&self, scope: &str, key: &str, answer: &str, expires: Micros, now: Micros) -> StoreResult<Option<String>> {
        let mut transaction = self.writer.begin().await.map_err(failed(WHAT))?;
        sqlx::query("DELETE FROM remembered_answers WHERE scope = $1 AND repeat_key = $2 AND expires_at <= $3")
            .bind(scope)
            .bind(key)
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(failed(WHAT))?;
        let kept = sqlx::query(
            "INSERT INTO remembered_answers (scope, repeat_key, answer, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (scope, repeat_key) DO NOTHING",
        )
        .bind(scope)
        .bind(key)
        .bind(answer)
        .bind(expires)
        .execute(&mut *transaction)
        .await
        .map_err(failed(WHAT))?
        .rows_affected()
            > 0;
        let earlier = if kept {
            None
        } else {
            sqlx::query("SELECT answer FROM remembered_answers WHERE scope = $1 AND repeat_key = $2")
                .bind(scope)
                .bind(key)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(failed(WHAT))?
                .map(|row| Read(&row, WHAT).get::<String>("answer"))
                .transpose()?
        };
        transaction.commit().await.map_err(failed(WHAT))?;
        Ok(earlier)
    }

    async fn remembered_answer(&self, scope: &str, key: &str, now: Micros) -> StoreResult<Option<String>> {
        sqlx::query("SELECT answer FROM remembered_answers WHERE scope = $1 AND repeat_key = $2 AND expires_at > $3")
            .bind(scope)
            .bind(key)
            .bind(now)
            .fetch_optional(&self.reader)
            .await
            .map_err(failed(WHAT))?
            .map(|row| Read(&row, WHAT).get("answer"))
            .transpose()
    }

    async fn sweep_answers(&self, now: Micros) -> StoreResult<()> {
        sqlx::query("DELETE FROM remembered_answers WHERE expires_at <= $1")
            .bind(now)
            .execute(&self.writer)
            .await
            .map(drop)
            .map_err(failed(WHAT))
    }
}
