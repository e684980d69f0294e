//! Captures of the headers of one session's packets, for administrators; each act is in the audit log.
//!
//! `POST /api/admin/calls/{call}/sessions/{session}/captures` `{"seconds": 60}`; `GET /api/admin/captures`; `POST /api/admin/captures/{id}/stop`;
//! `GET /api/admin/captures/{id}/file`; `DELETE /api/admin/captures/{id}`.

use app::quality::CaptureAct;
use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing,
};
use serde::{Deserialize, Serialize};

use super::{super::error::ApiError, Api, caller, place::bad};
use crate::captures::{CaptureError, Ended, Info, MOST_SECONDS};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    seconds: u32,
}

#[derive(Serialize)]
struct Captures {
    captures: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    call: String,
    session: String,
    started: String,
    /// How long it may last.
    seconds: u32,
    headers: u64,
    bytes: u64,
    dropped: u64,
    /// `time`, `size`, `stopped`, `connection` or `failed`; null while it runs.
    ended: Option<Ended>,
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/calls/{call}/sessions/{session}/captures", routing::post(start))
        .route("/api/admin/captures", routing::get(list))
        .route("/api/admin/captures/{id}", routing::delete(delete))
        .route("/api/admin/captures/{id}/stop", routing::post(stop))
        .route("/api/admin/captures/{id}/file", routing::get(file))
}

async fn start(
    State(api): State<Api>,
    headers: HeaderMap,
    Path((call, session)): Path<(String, String)>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Result<(StatusCode, Json<Shown>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(Wish { seconds }) = wish.map_err(|error| bad(error.body_text()))?;
    if !(1..=MOST_SECONDS).contains(&seconds) {
        return Err(bad(format!("seconds lies between 1 and {MOST_SECONDS}")));
    }
    api.app.may_capture(&caller, CaptureAct::Start, &call, &session).await?;
    let info = api.captures.start(&call, &session, seconds).await?;
    Ok((StatusCode::CREATED, Json(shown(info))))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Captures>, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.may_capture(&caller, CaptureAct::List, "", "").await?;
    let captures = api.captures.list().into_iter().map(shown).collect();
    Ok(Json(Captures { captures }))
}

async fn stop(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Shown>, ApiError> {
    allowed(&api, &headers, CaptureAct::Stop, &id).await?;
    Ok(Json(shown(api.captures.stop(&id).await?)))
}

async fn file(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<impl IntoResponse, ApiError> {
    allowed(&api, &headers, CaptureAct::Read, &id).await?;
    let file = api.captures.read(&id).await?;
    let kind = [
        (header::CONTENT_TYPE, "application/vnd.tcpdump.pcap".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"headers-{id}.pcap\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((kind, file))
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    allowed(&api, &headers, CaptureAct::Delete, &id).await?;
    api.captures.delete(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who may not look is not told whether there is such a capture.
async fn allowed(api: &Api, headers: &HeaderMap, act: CaptureAct, id: &str) -> Result<(), ApiError> {
    let caller = caller(api, headers).await?;
    api.app.may_capture(&caller, CaptureAct::List, "", "").await?;
    let info = api.captures.info(id)?;
    Ok(api.app.may_capture(&caller, act, &info.call, &info.session).await?)
}

fn shown(info: Info) -> Shown {
    Shown {
        started: jiff::Timestamp::try_from(info.started).unwrap_or_default().to_string(),
        id: info.id,
        call: info.call,
        session: info.session,
        seconds: info.seconds,
        headers: info.progress.headers,
        bytes: info.progress.bytes,
        dropped: info.progress.dropped,
        ended: info.progress.ended,
    }
}

impl From<CaptureError> for ApiError {
    fn from(error: CaptureError) -> Self {
        let (status, code) = match &error {
            CaptureError::NotConnected | CaptureError::Unknown => (StatusCode::NOT_FOUND, "notFound"),
            CaptureError::Running | CaptureError::TooMany | CaptureError::NotOver => (StatusCode::CONFLICT, "conflict"),
            CaptureError::File(_) => {
                tracing::error!(%error, "a capture failed");
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "The server failed; its log has the details.",
                );
            }
        };
        Self::new(status, code, error.to_string())
    }
}
