//! Lines of transcripts.

use app::ports::StoreResult;
use app::transcripts::{Transcript, TranscriptLine, TranscriptStore};
use async_trait::async_trait;
use sqlx::query;

use crate::SqlStore;
use crate::sql::{Read, failed};

const WHAT: &str = "transcript";

#[async_trait]
impl TranscriptStore for SqlStore {
    async fn add_transcript_line(&self, line: &TranscriptLine, most: u32) -> StoreResult<bool> {
        // The next place is as many as there are: lines are only ever appended.
        let sql = "INSERT INTO transcript_lines (thread_id, held_id, place, raw_id, display_name, language, said, began_at, ended_at) \
             SELECT $1, $2, COUNT(*), $3, $4, $5, $6, $7, $8 FROM transcript_lines WHERE thread_id = $9 AND held_id = $10 HAVING COUNT(*) < $11";
        let done = query(sql)
            .bind(&line.thread_id)
            .bind(&line.held_id)
            .bind(&line.raw_id)
            .bind(&line.display_name)
            .bind(&line.language)
            .bind(&line.text)
            .bind(line.began)
            .bind(line.ended)
            .bind(&line.thread_id)
            .bind(&line.held_id)
            .bind(i64::from(most))
            .execute(&self.writer)
            .await
            .map_err(failed(WHAT))?;
        Ok(done.rows_affected() > 0)
    }

    async fn transcripts(&self, thread_id: &str) -> StoreResult<Vec<Transcript>> {
        let sql = "SELECT held_id, MIN(began_at) AS first_at, MAX(ended_at) AS last_at FROM transcript_lines WHERE thread_id = $1 \
             GROUP BY held_id ORDER BY first_at DESC, held_id";
        let rows = query(sql).bind(thread_id).fetch_all(&self.reader).await.map_err(failed(WHAT))?;
        let read = |row| {
            let row = Read(row, WHAT);
            Ok(Transcript {
                held_id: row.get("held_id")?,
                began: row.get("first_at")?,
                ended: row.get("last_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    async fn transcript_lines(&self, thread_id: &str, held_id: &str) -> StoreResult<Vec<TranscriptLine>> {
        let sql = "SELECT * FROM transcript_lines WHERE thread_id = $1 AND held_id = $2 ORDER BY place";
        let found = query(sql).bind(thread_id).bind(held_id).fetch_all(&self.reader).await;
        let read = |row| {
            let row = Read(row, WHAT);
            Ok(TranscriptLine {
                thread_id: row.get("thread_id")?,
                held_id: row.get("held_id")?,
                raw_id: row.get("raw_id")?,
                display_name: row.get("display_name")?,
                language: row.get("language")?,
                text: row.get("said")?,
                began: row.get("began_at")?,
                ended: row.get("ended_at")?,
            })
        };
        found.map_err(failed(WHAT))?.iter().map(read).collect()
    }
}
