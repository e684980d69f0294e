//! `POST /api/visitor/token`: a short token for somebody who opened a join link in our own page and has no account.
//!
//! Anybody may ask, so the identity proves nothing and is worth no more than the lobby gives it; requests are limited per
//! source, and the table of sources is bounded.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
};

use axum::{
    Extension, Json,
    extract::{ConnectInfo, State},
};
use serde::Serialize;

use super::{Api, error::ApiError};

/// Tokens per source and window.
const TOKENS: u32 = 60;
/// Length of the window.
const WINDOW_US: i64 = 60_000_000;
/// Sources that are remembered. When there are more, windows that are over are forgotten, and if none is, nobody new gets a token.
const SOURCES: usize = 10_000;

/// Who asked how often.
#[derive(Default)]
pub(crate) struct Visitors(Mutex<HashMap<Option<IpAddr>, (i64, u32)>>);

impl Visitors {
    fn admit(&self, source: Option<IpAddr>, now: i64) -> Result<(), ApiError> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.len() >= SOURCES {
            sources.retain(|_, (since, _)| now.saturating_sub(*since) < WINDOW_US);
        }
        if sources.len() >= SOURCES && !sources.contains_key(&source) {
            return Err(ApiError::too_many(60));
        }
        let (since, count) = sources.entry(source).or_insert((now, 0));
        if now.saturating_sub(*since) >= WINDOW_US {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > TOKENS { Err(ApiError::too_many(60)) } else { Ok(()) }
    }
}

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
    api.visitors.admit(
        peer.map(|Extension(ConnectInfo(address))| address.ip().to_canonical()),
        api.app.now(),
    )?;
    let (_, issued) = api.app.visitor_token().await?;
    let expires = jiff::Timestamp::from_microsecond(issued.expires).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Ok(Json(VisitorToken {
        token: issued.token,
        expires_on: expires.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_gets_its_share_per_window_and_others_get_theirs() {
        let visitors = Visitors::default();
        let here = Some(IpAddr::from([192, 0, 2, 1]));
        let there = Some(IpAddr::from([192, 0, 2, 2]));
        for _ in 0..TOKENS {
            assert!(visitors.admit(here, 0).is_ok());
        }
        assert!(visitors.admit(here, 1).is_err());
        assert!(visitors.admit(there, 1).is_ok());
        assert!(visitors.admit(here, WINDOW_US).is_ok());
    }

    #[test]
    fn the_table_of_sources_is_bounded() {
        let visitors = Visitors::default();
        for n in 0..SOURCES {
            let n = u32::try_from(n).expect("small");
            assert!(visitors.admit(Some(IpAddr::from(n.to_be_bytes())), 0).is_ok());
        }
        let newcomer = Some(IpAddr::from([255, 0, 0, 1]));
        assert!(visitors.admit(newcomer, 1).is_err());
        assert!(visitors.admit(newcomer, WINDOW_US).is_ok());
    }
}
