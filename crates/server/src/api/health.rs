//! `/health/live`, `/health/ready` and `/metrics` (Prometheus text). No label names a person or a meeting.

use std::{
    fmt::Write as _,
    future::Future,
    time::{Duration, Instant},
};

use axum::{extract::State, http::StatusCode};
use tokio::sync::Mutex;

use super::Api;

/// How long an answer about readiness is given again.
const FRESH: Duration = Duration::from_secs(1);

type Answer = (StatusCode, &'static str);

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// The store answers and a tenant exists. Asked of the store once a second at most, however often it is asked here.
pub(crate) async fn ready(State(api): State<Api>) -> Answer {
    api.readiness.answer(|| ask(&api)).await
}

async fn ask(api: &Api) -> Answer {
    match api.app.audit_log(1).await {
        Ok(_) if api.app.tenant().is_ok() => (StatusCode::OK, "ok"),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "there is no tenant yet"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer")
        }
    }
}

/// The last answer and when it was found. Whoever asks while it is being found waits for it.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Answer)>>);

impl Readiness {
    async fn answer<F: Future<Output = Answer>>(&self, find: impl FnOnce() -> F) -> Answer {
        let mut last = self.0.lock().await;
        if let Some((found, answer)) = *last
            && found.elapsed() < FRESH
        {
            return answer;
        }
        let answer = find().await;
        *last = Some((Instant::now(), answer));
        answer
    }
}

/// Numbers of the media engine, of the ways to it and of captions. Without a credential: development mode listens on loopback only, and whatever serves others
/// must keep this path to itself.
pub(crate) async fn metrics(State(api): State<Api>) -> String {
    let stats = api.numbers.engine.stats();
    let heard = api
        .numbers
        .captioner
        .as_ref()
        .map(|captioner| captioner.stats())
        .unwrap_or_default();
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
        (
            "anteroom_captions_utterances_total",
            "counter",
            "Utterances that were recognised",
            heard.utterances,
        ),
        (
            "anteroom_captions_utterances_unheard_total",
            "counter",
            "Utterances without an engine",
            heard.utterances_unheard,
        ),
        (
            "anteroom_captions_packets_dropped_total",
            "counter",
            "Packets of voices beyond the queue of a meeting",
            heard.packets_dropped,
        ),
        (
            "anteroom_captions_sound_dropped_total",
            "counter",
            "Half seconds of sound beyond the queue of an engine",
            heard.sound_dropped,
        ),
        (
            "anteroom_captions_engine_failures_total",
            "counter",
            "Engines that failed",
            heard.engine_failures,
        ),
    ]
    .into_iter()
    .chain(api.numbers.ways.numbers())
    {
        // Writing to a String cannot fail.
        let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn readiness_is_found_once_and_given_again_while_it_is_fresh() {
        let readiness = Readiness::default();
        let ready = (StatusCode::OK, "ok");
        let broken = (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer");
        assert_eq!(readiness.answer(|| async move { ready }).await, ready);
        assert_eq!(readiness.answer(|| async move { broken }).await, ready);
        let long_ago = Instant::now().checked_sub(FRESH).expect("the machine is up for a second");
        *readiness.0.lock().await = Some((long_ago, ready));
        assert_eq!(readiness.answer(|| async move { broken }).await, broken);
    }
}
