//! What a participant sends: packets of a pattern, at their time, through str0m.

use std::time::Instant;

use str0m::Rtc;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::{ExtensionValues, RtpWrite};

use crate::pattern::{self, Source};

/// A stream that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Send {
    /// The m-line.
    pub mid: Mid,
    /// The simulcast layer.
    pub rid: Option<Rid>,
    /// Width, height and packets of a frame for video; audio without.
    pub video: Option<(u16, u16, usize)>,
    /// Of its packets. None: the one that was negotiated.
    pub payload_type: Option<Pt>,
}

/// The streams of one participant.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    started: Option<Instant>,
    streams: Vec<Sending>,
}

#[derive(Debug)]
struct Sending {
    send: Send,
    source: Source,
    sequence: u64,
}

impl Outbound {
    /// Sends these streams from now on.
    pub(super) fn start(&mut self, now: Instant, sends: &[Send]) {
        self.started = Some(now);
        self.streams = sends
            .iter()
            .map(|send| Sending {
                send: *send,
                source: send
                    .video
                    .map_or_else(Source::audio, |(width, height, packets)| Source::video(width, height, packets)),
                sequence: 1,
            })
            .collect();
    }

    /// The server wants a key frame of this stream.
    pub(super) fn ask_keyframe(&mut self, mid: Mid, rid: Option<Rid>) {
        for sending in &mut self.streams {
            if sending.send.mid == mid && (rid.is_none() || sending.send.rid == rid) {
                sending.source.ask_keyframe();
            }
        }
    }

    /// When the next packet is due.
    pub(super) fn due(&self) -> Option<Instant> {
        let started = self.started?;
        self.streams.iter().map(|sending| started + sending.source.due()).min()
    }

    /// Gives str0m what is due; `wall` is the machine's clock in nanoseconds.
    pub(super) fn publish(&mut self, now: Instant, wall: u64, rtc: &mut Rtc) {
        let Some(started) = self.started else { return };
        for sending in &mut self.streams {
            let Send { mid, rid, video, .. } = sending.send;
            while started + sending.source.due() <= now {
                let packet = sending.source.take();
                let negotiated = || rtc.media(mid).and_then(|media| media.remote_pts().first().copied());
                let payload_type = sending.send.payload_type.or_else(negotiated);
                let mut api = rtc.direct_api();
                let (Some(payload_type), Some(stream)) = (payload_type, api.stream_tx_by_mid(mid, rid)) else {
                    continue;
                };
                let mut payload = packet.payload;
                pattern::stamp(&mut payload, wall);
                let mut extensions = ExtensionValues::default();
                if video.is_none() {
                    extensions.audio_level = Some(-20);
                    extensions.voice_activity = Some(true);
                }
                let write = RtpWrite::new(payload_type, sending.sequence.into(), packet.timestamp, now, payload)
                    .marker(packet.marker)
                    .nackable(video.is_some())
                    .ext_vals(extensions);
                stream.write_rtp(write);
                sending.sequence += 1;
            }
        }
    }
}
