//! Packets for the tests of this module.

use std::sync::Arc;
use std::time::Instant;

use crate::peer::Inbound;
use crate::routing::{Layer, Line, Packet};

/// A packet of video of so many bytes.
pub(super) fn picture(_now: Instant, bytes: usize) -> Arc<Inbound> {
    Arc::new(Inbound {
        route: Packet {
            line: Line(0),
            layer: Layer(0),
            stream: 7,
            seq: 1,
            timestamp: 0,
            picture: None,
            tl0: None,
            keyframe: false,
            size: None,
            level: None,
            empty: false,
        },
        payload: vec![0x10; bytes].into(),
        marker: false,
        video: true,
        vp8: None,
        level: None,
        orientation: None,
    })
}
