//! The quality record of calls.

use app::Micros;
use app::ports::{StoreError, StoreResult};
use app::quality::{
    CallFilter, CallMark, CallSummary, Carrier, Flow, NAMES_IN_SUMMARY, QualityLeg, QualityRecord, QualityStore, SessionMark,
};
use async_trait::async_trait;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, query};

use crate::SqlStore;
use crate::sql::{Read, failed, json};

const WHAT: &str = "quality record";

/// A page of calls, under the name `page`. An empty text stands for any: no call has an empty key.
macro_rules! page_of_calls {
    () => {
        "WITH page AS (SELECT * FROM quality_calls WHERE (began_at < $1 OR (began_at = $2 AND held_id > $3)) AND ($4 = '' OR call_key = $5) \
         AND began_at >= $6 AND began_at < $7 ORDER BY began_at DESC, held_id LIMIT $8) "
    };
}
/// One call, under the name `page`.
macro_rules! one_call {
    () => {
        "WITH page AS (SELECT * FROM quality_calls WHERE held_id = $1) "
    };
}
/// What the calls of `page` were like.
macro_rules! summaries {
    () => {
        "SELECT c.held_id, c.kind, c.call_key, c.began_at, c.updated_at, COUNT(*) AS sessions, COUNT(DISTINCT q.raw_id) AS people, \
         CAST(SUM(1 - q.ended) AS BIGINT) AS running, CAST(SUM(q.relayed) AS BIGINT) AS relayed, \
         CAST(SUM(q.unconnected) AS BIGINT) AS unconnected, \
         CAST(SUM(q.received_packets) AS BIGINT) AS received_packets, CAST(SUM(q.received_bytes) AS BIGINT) AS received_bytes, \
         CAST(SUM(q.received_lost) AS BIGINT) AS received_lost, CAST(SUM(q.sent_packets) AS BIGINT) AS sent_packets, \
         CAST(SUM(q.sent_bytes) AS BIGINT) AS sent_bytes, CAST(SUM(q.sent_lost) AS BIGINT) AS sent_lost, \
         MAX(q.round_trip_worst) AS round_trip_worst \
         FROM page c JOIN quality_sessions q ON q.held_id = c.held_id \
         GROUP BY c.held_id, c.kind, c.call_key, c.began_at, c.updated_at ORDER BY c.began_at DESC, c.held_id"
    };
}
/// The names of the first sessions of the calls of `page`; somebody may be there twice.
macro_rules! names {
    () => {
        "SELECT held_id, raw_id, display_name FROM (SELECT q.held_id, q.raw_id, q.display_name, \
         ROW_NUMBER() OVER (PARTITION BY q.held_id ORDER BY q.began_at, q.session) AS place \
         FROM page c JOIN quality_sessions q ON q.held_id = c.held_id) numbered WHERE place <= 12 ORDER BY held_id, place"
    };
}

#[async_trait]
impl QualityStore for SqlStore {
    async fn put_quality(&self, records: &[QualityRecord]) -> StoreResult<()> {
        let mut transaction = self.writer.begin().await.map_err(failed(WHAT))?;
        for record in records {
            put(&mut transaction, record).await?;
        }
        transaction.commit().await.map_err(failed(WHAT))
    }

    async fn quality_calls(&self, filter: &CallFilter, after: Option<&CallMark>, top: u32) -> StoreResult<Vec<CallSummary>> {
        let (began, held_id) = after.map_or((Micros::MAX, ""), |mark| (mark.began, mark.held_id.as_str()));
        let key = filter.key.as_deref().unwrap_or("");
        let page = |sql: &'static str| {
            query(sql)
                .bind(began)
                .bind(began)
                .bind(held_id.to_owned())
                .bind(key.to_owned())
                .bind(key.to_owned())
                .bind(filter.from.unwrap_or(Micros::MIN))
                .bind(filter.until.unwrap_or(Micros::MAX))
                .bind(i64::from(top))
        };
        let calls = page(concat!(page_of_calls!(), summaries!())).fetch_all(&self.reader).await;
        let names = page(concat!(page_of_calls!(), names!())).fetch_all(&self.reader).await;
        summaries(&calls.map_err(failed(WHAT))?, &names.map_err(failed(WHAT))?)
    }

    async fn quality_call(&self, held_id: &str) -> StoreResult<Option<CallSummary>> {
        let one = |sql: &'static str| query(sql).bind(held_id.to_owned());
        let calls = one(concat!(one_call!(), summaries!())).fetch_all(&self.reader).await;
        let names = one(concat!(one_call!(), names!())).fetch_all(&self.reader).await;
        Ok(summaries(&calls.map_err(failed(WHAT))?, &names.map_err(failed(WHAT))?)?.pop())
    }

    async fn quality_sessions(&self, held_id: &str, after: Option<&SessionMark>, top: u32) -> StoreResult<Vec<QualityRecord>> {
        let (began, session) = after.map_or((Micros::MIN, ""), |mark| (mark.began, mark.session.as_str()));
        let sql = "SELECT q.*, c.kind, c.call_key FROM quality_sessions q JOIN quality_calls c ON c.held_id = q.held_id \
             WHERE q.held_id = $1 AND (q.began_at > $2 OR (q.began_at = $3 AND q.session > $4)) ORDER BY q.began_at, q.session LIMIT $5";
        let rows = query(sql)
            .bind(held_id)
            .bind(began)
            .bind(began)
            .bind(session)
            .bind(i64::from(top))
            .fetch_all(&self.reader)
            .await;
        rows.map_err(failed(WHAT))?.iter().map(record).collect()
    }

    async fn sweep_quality(&self, before: Micros) -> StoreResult<()> {
        let mut transaction = self.writer.begin().await.map_err(failed(WHAT))?;
        for sql in [
            "DELETE FROM quality_sessions WHERE held_id IN (SELECT held_id FROM quality_calls WHERE updated_at < $1)",
            "DELETE FROM quality_calls WHERE updated_at < $1",
        ] {
            query(sql).bind(before).execute(&mut *transaction).await.map_err(failed(WHAT))?;
        }
        transaction.commit().await.map_err(failed(WHAT))
    }
}

async fn put(connection: &mut AnyConnection, record: &QualityRecord) -> StoreResult<()> {
    let call = "INSERT INTO quality_calls (held_id, kind, call_key, began_at, updated_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (held_id) DO UPDATE SET \
         began_at = CASE WHEN excluded.began_at < quality_calls.began_at THEN excluded.began_at ELSE quality_calls.began_at END, \
         updated_at = CASE WHEN excluded.updated_at > quality_calls.updated_at THEN excluded.updated_at ELSE quality_calls.updated_at END";
    query(call)
        .bind(&record.leg.held_id)
        .bind(&record.leg.kind)
        .bind(&record.leg.key)
        .bind(record.began)
        .bind(record.updated)
        .execute(&mut *connection)
        .await
        .map_err(failed(WHAT))?;
    let session = "INSERT INTO quality_sessions (session, held_id, raw_id, display_name, person, began_at, updated_at, ended, connections, \
         carriers, relayed, unconnected, received_packets, received_bytes, received_lost, sent_packets, sent_bytes, sent_lost, \
         round_trip_median, round_trip_worst, estimate_lowest, estimate_median, repaired, dropped, withheld_ms, width, height, samples) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, \
         $27, $28) ON CONFLICT (session) DO UPDATE SET updated_at = excluded.updated_at, ended = excluded.ended, \
         display_name = excluded.display_name, connections = excluded.connections, carriers = excluded.carriers, relayed = excluded.relayed, \
         unconnected = excluded.unconnected, received_packets = excluded.received_packets, received_bytes = excluded.received_bytes, \
         received_lost = excluded.received_lost, sent_packets = excluded.sent_packets, sent_bytes = excluded.sent_bytes, \
         sent_lost = excluded.sent_lost, round_trip_median = excluded.round_trip_median, round_trip_worst = excluded.round_trip_worst, \
         estimate_lowest = excluded.estimate_lowest, estimate_median = excluded.estimate_median, repaired = excluded.repaired, \
         dropped = excluded.dropped, withheld_ms = excluded.withheld_ms, width = excluded.width, height = excluded.height, \
         samples = excluded.samples";
    let carriers: Vec<&str> = record.carriers.iter().map(|carrier| carrier.name()).collect();
    query(session)
        .bind(&record.leg.session)
        .bind(&record.leg.held_id)
        .bind(&record.leg.raw_id)
        .bind(&record.leg.display_name)
        .bind(&record.leg.person)
        .bind(record.began)
        .bind(record.updated)
        .bind(i64::from(record.ended))
        .bind(i64::from(record.connections))
        .bind(carriers.join(" "))
        .bind(i64::from(record.carriers.contains(&Carrier::Relay)))
        .bind(i64::from(record.carriers.is_empty()))
        .bind(number(record.received.packets))
        .bind(number(record.received.bytes))
        .bind(number(record.received.lost))
        .bind(number(record.sent.packets))
        .bind(number(record.sent.bytes))
        .bind(number(record.sent.lost))
        .bind(record.round_trip_median_us.map(number))
        .bind(record.round_trip_worst_us.map(number))
        .bind(record.estimate_lowest_bps.map(number))
        .bind(record.estimate_median_bps.map(number))
        .bind(number(record.repaired))
        .bind(number(record.dropped))
        .bind(number(record.withheld_ms))
        .bind(record.largest.map(|(width, _)| i64::from(width)))
        .bind(record.largest.map(|(_, height)| i64::from(height)))
        .bind(json(WHAT, &record.samples)?)
        .execute(&mut *connection)
        .await
        .map_err(failed(WHAT))?;
    Ok(())
}

/// No count gets there: 2^63 microseconds are 292,000 years.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn count(row: &Read<'_>, column: &'static str) -> StoreResult<u64> {
    Ok(u64::try_from(row.get::<i64>(column)?).unwrap_or(0))
}

fn perhaps(row: &Read<'_>, column: &'static str) -> StoreResult<Option<u64>> {
    Ok(row.get::<Option<i64>>(column)?.map(|value| u64::try_from(value).unwrap_or(0)))
}

fn flow(row: &Read<'_>, [packets, bytes, lost]: [&'static str; 3]) -> StoreResult<Flow> {
    Ok(Flow {
        packets: count(row, packets)?,
        bytes: count(row, bytes)?,
        lost: count(row, lost)?,
    })
}

fn received(row: &Read<'_>) -> StoreResult<Flow> {
    flow(row, ["received_packets", "received_bytes", "received_lost"])
}

fn sent(row: &Read<'_>) -> StoreResult<Flow> {
    flow(row, ["sent_packets", "sent_bytes", "sent_lost"])
}

fn summaries(calls: &[AnyRow], names: &[AnyRow]) -> StoreResult<Vec<CallSummary>> {
    let mut summaries = Vec::with_capacity(calls.len());
    for row in calls {
        let row = Read(row, WHAT);
        let held_id: String = row.get("held_id")?;
        summaries.push(CallSummary {
            names: first_names(&held_id, names)?,
            held_id,
            kind: row.get("kind")?,
            key: row.get("call_key")?,
            began: row.get("began_at")?,
            updated: row.get("updated_at")?,
            running: count(&row, "running")?,
            sessions: count(&row, "sessions")?,
            people: count(&row, "people")?,
            received: received(&row)?,
            sent: sent(&row)?,
            round_trip_worst_us: perhaps(&row, "round_trip_worst")?,
            relayed: count(&row, "relayed")?,
            unconnected: count(&row, "unconnected")?,
        });
    }
    Ok(summaries)
}

/// Each person once.
fn first_names(held_id: &str, rows: &[AnyRow]) -> StoreResult<Vec<String>> {
    let mut people: Vec<(String, String)> = Vec::new();
    for row in rows {
        let row = Read(row, WHAT);
        if row.get::<String>("held_id")? != held_id || people.len() >= NAMES_IN_SUMMARY {
            continue;
        }
        let raw_id: String = row.get("raw_id")?;
        if !people.iter().any(|(known, _)| *known == raw_id) {
            people.push((raw_id, row.get("display_name")?));
        }
    }
    Ok(people.into_iter().map(|(_, name)| name).collect())
}

fn record(row: &AnyRow) -> StoreResult<QualityRecord> {
    let row = Read(row, WHAT);
    let edge = |column| Ok(perhaps(&row, column)?.and_then(|edge| u32::try_from(edge).ok()));
    Ok(QualityRecord {
        leg: QualityLeg {
            session: row.get("session")?,
            held_id: row.get("held_id")?,
            kind: row.get("kind")?,
            key: row.get("call_key")?,
            raw_id: row.get("raw_id")?,
            display_name: row.get("display_name")?,
            person: row.get("person")?,
        },
        began: row.get("began_at")?,
        updated: row.get("updated_at")?,
        ended: row.flag("ended")?,
        connections: u32::try_from(count(&row, "connections")?).unwrap_or(u32::MAX),
        carriers: carriers(&row.get::<String>("carriers")?)?,
        received: received(&row)?,
        sent: sent(&row)?,
        round_trip_median_us: perhaps(&row, "round_trip_median")?,
        round_trip_worst_us: perhaps(&row, "round_trip_worst")?,
        estimate_lowest_bps: perhaps(&row, "estimate_lowest")?,
        estimate_median_bps: perhaps(&row, "estimate_median")?,
        repaired: count(&row, "repaired")?,
        dropped: count(&row, "dropped")?,
        withheld_ms: count(&row, "withheld_ms")?,
        largest: edge("width")?.zip(edge("height")?),
        samples: row.json("samples")?,
    })
}

fn carriers(names: &str) -> StoreResult<Vec<Carrier>> {
    let named = |name| {
        Carrier::named(name).ok_or(StoreError::Corrupt {
            what: WHAT,
            reason: "carriers: one has an unknown name".to_owned(),
        })
    };
    names.split_whitespace().map(named).collect()
}
