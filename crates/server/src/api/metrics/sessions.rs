//! Numbers over all participants' sessions, as the quality record gathers them.

use app::quality::{Carrier, KEPT_DAYS};
use signal::quality::Totals;

use super::page::{Label, Page};

pub(super) fn write(page: &mut Page, totals: &Totals) {
    let name = "anteroom_media_peers_by_carrier";
    page.family(
        name,
        "gauge",
        "Media connections of sessions now, by how they travelled when they were read last",
    );
    for (carrier, count) in Carrier::ALL.into_iter().zip(totals.carriers) {
        page.sample(name, &[("carrier", Label::Word(carrier.name()))], count);
    }
    let received: &[_] = &[("direction", Label::Word("received"))];
    let sent: &[_] = &[("direction", Label::Word("sent"))];
    for (name, help, of_received, of_sent) in [
        (
            "anteroom_media_session_packets_total",
            "Media packets that arrived from clients, and that were sent to them",
            totals.received.packets,
            totals.sent.packets,
        ),
        (
            "anteroom_media_session_packets_lost_total",
            "Media packets lost on the way from clients, and to them",
            totals.received.lost,
            totals.sent.lost,
        ),
    ] {
        page.family(name, "counter", help);
        page.sample(name, received, of_received);
        page.sample(name, sent, of_sent);
    }
    page.counter(
        "anteroom_media_session_packets_repaired_total",
        "Media packets sent again because a client asked for them",
        totals.repaired,
    );
    page.counter(
        "anteroom_media_session_packets_dropped_total",
        "Media packets not sent because a client could not take so much",
        totals.dropped,
    );
    let name = "anteroom_media_session_withheld_seconds_total";
    page.family(name, "counter", "Time in which a wanted video was withheld from a client");
    page.sample(name, &[], seconds(totals.withheld_ms));
    page.histogram(
        "anteroom_media_session_round_trip_seconds",
        "Round trips to clients, one value per connection and reading",
        &[(&[], &totals.round_trip)],
    );
    page.histogram(
        "anteroom_media_session_loss_ratio",
        "Part of the packets lost since the reading before, one value per connection and reading",
        &[(received, &totals.loss_received), (sent, &totals.loss_sent)],
    );
    page.histogram(
        "anteroom_media_session_estimate_bytes_per_second",
        "What paths to clients are believed to carry, one value per connection and reading",
        &[(&[], &totals.estimate)],
    );
    page.gauge("anteroom_quality_sessions", "Sessions that are being recorded now", totals.sessions);
    for (name, help, value) in [
        ("anteroom_quality_readings_total", "Readings of media connections", totals.readings),
        (
            "anteroom_quality_readings_dropped_total",
            "Readings beyond the queue; the next one has their counts",
            totals.readings_dropped,
        ),
        (
            "anteroom_quality_sessions_unrecorded_total",
            "Sessions without a record, too many were being recorded",
            totals.unrecorded,
        ),
        ("anteroom_quality_records_written_total", "Writings of records", totals.written),
        (
            "anteroom_quality_write_failures_total",
            "Writings of records that failed; they are tried again",
            totals.write_failures,
        ),
    ] {
        page.counter(name, help, value);
    }
    page.gauge(
        "anteroom_quality_kept_seconds",
        "How long records are kept",
        u64::try_from(KEPT_DAYS * 24 * 3600).unwrap_or(0),
    );
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}
