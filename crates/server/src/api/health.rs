//! `/health/live` and `/health/ready`.

use std::{
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
