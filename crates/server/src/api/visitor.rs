//! `POST /api/visitor/token`: a short token for somebody who opened a join link in our own page and has no account.
//!
//! Anybody may ask, so the identity proves nothing and is worth no more than the lobby gives it; requests are limited per source (`app::limits`).

use std::net::SocketAddr;

use app::Source;
use axum::{
    Extension, Json,
    extract::{ConnectInfo, State},
};
use serde::Serialize;

use super::{Api, error::ApiError};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VisitorToken {
    token: String,
    /// RFC 3339 UTC.
    expires_on: String,
}

pub(crate) async fn token(
    State(api): State<Api>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> Result<Json<VisitorToken>, ApiError> {
    let source = peer.map(|Extension(ConnectInfo(address))| Source::from(address.ip()));
    api.app
        .spend_visitor(source)
        .map_err(|spent| ApiError::too_many(spent.retry_after_s))?;
    let (_, issued) = api.app.visitor_token().await?;
    let expires = jiff::Timestamp::from_microsecond(issued.expires).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Ok(Json(VisitorToken {
        token: issued.token,
        expires_on: expires.to_string(),
    }))
}
