//! Surveys of calls.

use app::Micros;
use app::ports::StoreResult;
use app::surveys::{Survey, SurveyFilter, SurveyMark, SurveyStore, SurveyedCall};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const WHAT: &str = "survey";

#[async_trait]
impl SurveyStore for SqlStore {
    async fn put_survey(&self, survey: &Survey) -> StoreResult<String> {
        let mut transaction = self.writer.begin().await.map_err(failed(WHAT))?;
        let sql = "INSERT INTO call_surveys (id, session, raw_id, held_id, kind, call_key, submitted_at, ratings) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (session) DO UPDATE SET submitted_at = excluded.submitted_at, ratings = excluded.ratings";
        query(sql)
            .bind(&survey.id)
            .bind(&survey.call.session)
            .bind(&survey.call.raw_id)
            .bind(&survey.call.held_id)
            .bind(&survey.call.kind)
            .bind(&survey.call.key)
            .bind(survey.submitted)
            .bind(json(WHAT, &survey.ratings)?)
            .execute(&mut *transaction)
            .await
            .map_err(failed(WHAT))?;
        let row = query("SELECT id FROM call_surveys WHERE session = $1")
            .bind(&survey.call.session)
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed(WHAT))?;
        let id = Read(&row, WHAT).get("id")?;
        transaction.commit().await.map_err(failed(WHAT))?;
        Ok(id)
    }

    async fn surveys(&self, filter: &SurveyFilter, after: Option<&SurveyMark>, top: u32) -> StoreResult<Vec<Survey>> {
        let (submitted, id) = after.map_or((Micros::MAX, ""), |mark| (mark.submitted, mark.id.as_str()));
        // An empty text stands for any: no call has an empty key or name.
        let sql = "SELECT * FROM call_surveys WHERE (submitted_at < $1 OR (submitted_at = $2 AND id > $3)) \
             AND ($4 = '' OR call_key = $5) AND ($6 = '' OR held_id = $7) AND submitted_at >= $8 AND submitted_at < $9 \
             ORDER BY submitted_at DESC, id LIMIT $10";
        let (key, held_id) = (filter.key.as_deref().unwrap_or(""), filter.held_id.as_deref().unwrap_or(""));
        let rows = query(sql)
            .bind(submitted)
            .bind(submitted)
            .bind(id)
            .bind(key)
            .bind(key)
            .bind(held_id)
            .bind(held_id)
            .bind(filter.from.unwrap_or(Micros::MIN))
            .bind(filter.until.unwrap_or(Micros::MAX))
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(WHAT))?.iter().map(read).collect()
    }

    async fn sweep_surveys(&self, before: Micros) -> StoreResult<()> {
        let delete = query("DELETE FROM call_surveys WHERE submitted_at < $1").bind(before);
        delete.execute(&self.writer).await.map(drop).map_err(failed(WHAT))
    }
}

fn read(row: &AnyRow) -> StoreResult<Survey> {
    let row = Read(row, WHAT);
    Ok(Survey {
        id: row.get("id")?,
        call: SurveyedCall {
            session: row.get("session")?,
            raw_id: row.get("raw_id")?,
            held_id: row.get("held_id")?,
            kind: row.get("kind")?,
            key: row.get("call_key")?,
        },
        submitted: row.get("submitted_at")?,
        ratings: row.json("ratings")?,
    })
}
