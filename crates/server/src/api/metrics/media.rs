//! Numbers of the media engine.

use ::media::EngineStats;

use super::page::{Label, Page};

/// A number of the engine: name, help, and where it is.
type Number = (&'static str, &'static str, fn(&EngineStats) -> u64);

const GAUGES: &[Number] = &[
    ("anteroom_media_peers", "Media connections held now", |stats| stats.peers),
    (
        "anteroom_media_rooms",
        "Held meetings with media now; one on several shards counts on each",
        |stats| stats.rooms,
    ),
];

const COUNTERS: &[Number] = &[
    ("anteroom_media_datagrams_in_total", "Datagrams received", |stats| {
        stats.datagrams_in
    }),
    ("anteroom_media_datagrams_out_total", "Datagrams sent", |stats| stats.datagrams_out),
    ("anteroom_media_bytes_in_total", "Bytes received", |stats| stats.bytes_in),
    ("anteroom_media_bytes_out_total", "Bytes sent", |stats| stats.bytes_out),
    (
        "anteroom_media_packets_in_total",
        "Media packets received from publishers",
        |stats| stats.packets_in,
    ),
    (
        "anteroom_media_packets_forwarded_total",
        "Media packets handed to receivers",
        |stats| stats.packets_forwarded,
    ),
    (
        "anteroom_media_packets_gated_total",
        "Media packets of closed publications, dropped",
        |stats| stats.packets_gated,
    ),
    (
        "anteroom_media_datagrams_unknown_total",
        "Datagrams that belong to nobody or cannot be read",
        |stats| stats.datagrams_unknown,
    ),
    (
        "anteroom_media_datagrams_unsent_total",
        "Datagrams not sent, the socket or a link was full",
        |stats| stats.datagrams_unsent,
    ),
    (
        "anteroom_media_keyframe_requests_total",
        "Key frames asked of publishers",
        |stats| stats.keyframe_requests,
    ),
    (
        "anteroom_media_peers_failed_total",
        "Media connections that ended by an error of their own",
        |stats| stats.peers_failed,
    ),
    ("anteroom_media_shards_failed_total", "Shards that failed and began anew", |stats| {
        stats.shards_failed
    }),
    (
        "anteroom_media_parcels_dropped_total",
        "Packets from one shard to another that was behind, dropped",
        |stats| stats.parcels_dropped,
    ),
];

/// Of each shard, to see whether load lies evenly.
const OF_SHARDS: &[(&str, Number)] = &[
    (
        "gauge",
        ("anteroom_media_shard_peers", "Media connections of a shard now", |stats| {
            stats.peers
        }),
    ),
    (
        "counter",
        (
            "anteroom_media_shard_datagrams_in_total",
            "Datagrams received by a shard",
            |stats| stats.datagrams_in,
        ),
    ),
    (
        "counter",
        (
            "anteroom_media_shard_packets_forwarded_total",
            "Media packets that a shard handed to receivers",
            |stats| stats.packets_forwarded,
        ),
    ),
];

pub(super) fn write(page: &mut Page, shards: &[EngineStats]) {
    let mut all = EngineStats::default();
    for shard in shards {
        all += *shard;
    }
    for (name, help, value) in GAUGES {
        page.gauge(name, help, value(&all));
    }
    for (name, help, value) in COUNTERS {
        page.counter(name, help, value(&all));
    }
    for (kind, (name, help, value)) in OF_SHARDS {
        page.family(name, kind, help);
        for (number, shard) in shards.iter().enumerate() {
            page.sample(name, &[("shard", Label::Number(number))], value(shard));
        }
    }
}
