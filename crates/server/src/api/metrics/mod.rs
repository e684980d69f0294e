//! `/metrics` in the Prometheus text format. Every name is explained in `docs/operations/metrics.md`; a test compares the two.
//!
//! No label names a person or a meeting: what is known of single sessions is in the quality record, for administrators. `page` writes the format, the
//! other files one subject each.
//!
//! Without a credential: development mode listens on loopback only, and whatever serves others must keep this path to itself.

mod media;
mod page;
mod process;
mod sessions;

use ::captions::CaptionStats;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};

use self::{page::Page, process::Process};
use super::Api;

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn get(State(api): State<Api>) -> Response {
    let numbers = &api.numbers;
    let mut page = Page::default();
    media::write(&mut page, &numbers.engine.shard_stats());
    sessions::write(&mut page, &numbers.hub.quality_totals());
    for (name, kind, help, value) in numbers.ways.numbers() {
        page.family(name, kind, help);
        page.sample(name, &[], value);
    }
    page.gauge("anteroom_calls", "Calls held now", numbers.hub.live_calls() as u64);
    captions(
        &mut page,
        numbers.captioner.as_ref().map(|captioner| captioner.stats()).unwrap_or_default(),
    );
    if let Ok(process) = tokio::task::spawn_blocking(Process::read).await {
        process.write(&mut page);
    }
    ([(header::CONTENT_TYPE, FORMAT)], page.text()).into_response()
}

fn captions(page: &mut Page, heard: CaptionStats) {
    for (name, help, value) in [
        (
            "anteroom_captions_utterances_total",
            "Utterances that were recognised",
            heard.utterances,
        ),
        (
            "anteroom_captions_utterances_unheard_total",
            "Utterances without an engine",
            heard.utterances_unheard,
        ),
        (
            "anteroom_captions_packets_dropped_total",
            "Packets of voices beyond the queue of a meeting",
            heard.packets_dropped,
        ),
        (
            "anteroom_captions_sound_dropped_total",
            "Half seconds of sound beyond the queue of an engine",
            heard.sound_dropped,
        ),
        (
            "anteroom_captions_engine_failures_total",
            "Engines that failed",
            heard.engine_failures,
        ),
    ] {
        page.counter(name, help, value);
    }
}
