//! `/health/live`, `/health/ready` and `/metrics` (Prometheus text). No label names a person or a meeting.

use std::fmt::Write as _;

use axum::{extract::State, http::StatusCode};

use super::Api;

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// The store answers and a tenant exists.
pub(crate) async fn ready(State(api): State<Api>) -> (StatusCode, &'static str) {
    match api.app.audit_log(1).await {
        Ok(_) if api.app.tenant().is_ok() => (StatusCode::OK, "ok"),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "there is no tenant yet"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer")
        }
    }
}

pub(crate) async fn metrics(State(api): State<Api>) -> String {
    let stats = api.engine.stats();
    let mut page = String::new();
    for (name, kind, help, value) in [
        ("anteroom_media_peers", "gauge", "Media peers held now", stats.peers),
        ("anteroom_media_rooms", "gauge", "Held meetings with media now", stats.rooms),
        (
            "anteroom_media_datagrams_in_total",
            "counter",
            "Datagrams received",
            stats.datagrams_in,
        ),
        (
            "anteroom_media_datagrams_out_total",
            "counter",
            "Datagrams sent",
            stats.datagrams_out,
        ),
        ("anteroom_media_bytes_in_total", "counter", "Bytes received", stats.bytes_in),
        ("anteroom_media_bytes_out_total", "counter", "Bytes sent", stats.bytes_out),
        (
            "anteroom_media_packets_in_total",
            "counter",
            "Media packets received from publishers",
            stats.packets_in,
        ),
        (
            "anteroom_media_packets_forwarded_total",
            "counter",
            "Media packets handed to receivers",
            stats.packets_forwarded,
        ),
        (
            "anteroom_media_packets_gated_total",
            "counter",
            "Media packets of closed publications, dropped",
            stats.packets_gated,
        ),
        (
            "anteroom_media_datagrams_unknown_total",
            "counter",
            "Datagrams that belong to no peer",
            stats.datagrams_unknown,
        ),
        (
            "anteroom_media_datagrams_unsent_total",
            "counter",
            "Datagrams not sent, the socket was full",
            stats.datagrams_unsent,
        ),
        (
            "anteroom_media_keyframe_requests_total",
            "counter",
            "Key frames asked of publishers",
            stats.keyframe_requests,
        ),
        (
            "anteroom_media_peers_failed_total",
            "counter",
            "Peers that ended by an error of their own",
            stats.peers_failed,
        ),
    ] {
        // Writing to a String cannot fail.
        let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
    page
}
