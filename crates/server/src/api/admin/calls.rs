//! `GET /api/admin/calls?meeting=&room=&group=&from=&until=&mark=&top=`, `GET /api/admin/calls/{call}` and
//! `GET /api/admin/calls/{call}/sessions?mark=&top=`: how calls went, for administrators. Calls come newest first, sessions as they began; `call` is the
//! server's id of a held call. Times are RFC 3339, bit rates bits a second; `packets` counts what arrived (`received`) or left (`sent`).

use app::quality::{CallFilter, CallSummary, Carrier, Flow, QualityRecord, Sample};
use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    routing,
};
use serde::{Deserialize, Serialize};

use super::{
    super::error::ApiError,
    Api, caller,
    place::{Place, bad, key, time, written},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    meeting: Option<String>,
    room: Option<String>,
    group: Option<String>,
    from: Option<String>,
    until: Option<String>,
    mark: Option<String>,
    top: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuestion {
    mark: Option<String>,
    top: Option<u32>,
}

#[derive(Serialize)]
struct Calls {
    calls: Vec<ShownCall>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<ShownSession>,
    next: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownCall {
    id: String,
    /// `meeting`, `breakout`, `room`, `group` or `direct`.
    kind: String,
    #[serde(flatten)]
    place: Place,
    began: String,
    /// When anything of it was known last.
    updated: String,
    /// Sessions of which no end is known.
    running: u64,
    sessions: u64,
    people: u64,
    /// Of the first few.
    names: Vec<String>,
    received: ShownFlow,
    sent: ShownFlow,
    worst_round_trip_ms: Option<f64>,
    /// Sessions that travelled by the relay at some time.
    relayed: u64,
    /// Sessions that never connected.
    unconnected: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownSession {
    session: String,
    participant: String,
    display_name: String,
    /// `member`, `guest`, `visitor`, `phone` or `application`.
    person: String,
    began: String,
    updated: String,
    ended: bool,
    connections: u32,
    carriers: Vec<&'static str>,
    received: ShownFlow,
    sent: ShownFlow,
    median_round_trip_ms: Option<f64>,
    worst_round_trip_ms: Option<f64>,
    lowest_estimate: Option<u64>,
    median_estimate: Option<u64>,
    repaired: u64,
    dropped: u64,
    withheld_ms: u64,
    largest_video: Option<ShownSize>,
    samples: Vec<ShownSample>,
}

#[derive(Serialize)]
struct ShownFlow {
    packets: u64,
    bytes: u64,
    lost: u64,
}

#[derive(Serialize)]
struct ShownSize {
    width: u32,
    height: u32,
}

/// A stretch of a session; `atMs` is its end, since the session began.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownSample {
    at_ms: u64,
    span_ms: u64,
    received: ShownFlow,
    sent: ShownFlow,
    round_trip_ms: Option<f64>,
    estimate: Option<u64>,
    withheld_ms: u64,
    video_height: u32,
    carrier: &'static str,
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/calls", routing::get(list))
        .route("/api/admin/calls/{call}", routing::get(one))
        .route("/api/admin/calls/{call}/sessions", routing::get(sessions))
}

async fn list(
    State(api): State<Api>,
    headers: HeaderMap,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Json<Calls>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Query(question) = question.map_err(|error| bad(error.body_text()))?;
    let filter = CallFilter {
        key: key(
            &api,
            question.meeting.as_deref(),
            question.room.as_deref(),
            question.group.as_deref(),
        )?,
        from: question.from.as_deref().map(time).transpose()?,
        until: question.until.as_deref().map(time).transpose()?,
    };
    let page = api
        .app
        .quality_calls(&caller, &filter, question.mark.as_deref(), question.top)
        .await?;
    Ok(Json(Calls {
        calls: page.items.into_iter().map(shown_call).collect(),
        next: page.next,
    }))
}

async fn one(State(api): State<Api>, headers: HeaderMap, Path(call): Path<String>) -> Result<Json<ShownCall>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(shown_call(api.app.quality_call(&caller, &call).await?)))
}

async fn sessions(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(call): Path<String>,
    question: Result<Query<PageQuestion>, QueryRejection>,
) -> Result<Json<Sessions>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Query(question) = question.map_err(|error| bad(error.body_text()))?;
    let page = api
        .app
        .quality_sessions(&caller, &call, question.mark.as_deref(), question.top)
        .await?;
    Ok(Json(Sessions {
        sessions: page.items.into_iter().map(shown_session).collect(),
        next: page.next,
    }))
}

fn shown_call(call: CallSummary) -> ShownCall {
    ShownCall {
        id: call.held_id,
        place: Place::of(&call.kind, call.key),
        kind: call.kind,
        began: written(call.began),
        updated: written(call.updated),
        running: call.running,
        sessions: call.sessions,
        people: call.people,
        names: call.names,
        received: flow(call.received),
        sent: flow(call.sent),
        worst_round_trip_ms: call.round_trip_worst_us.map(milliseconds),
        relayed: call.relayed,
        unconnected: call.unconnected,
    }
}

fn shown_session(record: QualityRecord) -> ShownSession {
    ShownSession {
        session: record.leg.session,
        participant: record.leg.raw_id,
        display_name: record.leg.display_name,
        person: record.leg.person,
        began: written(record.began),
        updated: written(record.updated),
        ended: record.ended,
        connections: record.connections,
        carriers: record.carriers.into_iter().map(Carrier::name).collect(),
        received: flow(record.received),
        sent: flow(record.sent),
        median_round_trip_ms: record.round_trip_median_us.map(milliseconds),
        worst_round_trip_ms: record.round_trip_worst_us.map(milliseconds),
        lowest_estimate: record.estimate_lowest_bps,
        median_estimate: record.estimate_median_bps,
        repaired: record.repaired,
        dropped: record.dropped,
        withheld_ms: record.withheld_ms,
        largest_video: record.largest.map(|(width, height)| ShownSize { width, height }),
        samples: record.samples.into_iter().map(shown_sample).collect(),
    }
}

fn shown_sample(sample: Sample) -> ShownSample {
    ShownSample {
        at_ms: sample.at_ms,
        span_ms: sample.span_ms,
        received: flow(sample.received),
        sent: flow(sample.sent),
        round_trip_ms: sample.round_trip_us.map(milliseconds),
        estimate: sample.estimate_bps,
        withheld_ms: sample.withheld_ms,
        video_height: sample.height,
        carrier: sample.carrier.name(),
    }
}

fn flow(flow: Flow) -> ShownFlow {
    ShownFlow {
        packets: flow.packets,
        bytes: flow.bytes,
        lost: flow.lost,
    }
}

/// Milliseconds with three decimals.
#[expect(clippy::cast_precision_loss, reason = "no round trip is long enough for that")]
fn milliseconds(us: u64) -> f64 {
    us as f64 / 1_000.0
}
