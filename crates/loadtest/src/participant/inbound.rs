//! What a participant receives: streams by SSRC, gaps, delays, pauses. Packets are counted from their headers; one in seven is opened for its time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rtp::codec::red;
use rtp::rtcp::{Block, MOST_ENTRIES};
use srtp::{Keys, Rollover};
use str0m::rtp::RtpPacket;

use crate::header::Header;
use crate::lag::Arrival;
use crate::measure::{Histogram, Sequence};
use crate::offer::RED;
use crate::pattern;
use crate::quality::{AudioQuality, Quality, VideoQuality};
use crate::report::{self, Heard};

/// One packet in so many is opened for its time: in step neither with frames of five packets nor with anything else.
const OPENED: u64 = 7;
/// A video that gets nothing for longer stands still.
const FREEZE: Duration = Duration::from_millis(200);
/// Packets that are longer are video.
const LONGEST_AUDIO: usize = 500;
/// Streams that are followed; packets of further ones are passed over, so that a server that names a new stream for each packet fills no memory.
const MOST_STREAMS: usize = 1_024;

/// What came since the counting began.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Packets that came.
    pub packets: u64,
    /// Packets that should have come, by their numbers.
    pub expected: u64,
    /// Bytes of these, without the headers of IP and UDP.
    pub bytes: u64,
    /// From when its picture begins to be handed to the kernel to the kernel here.
    pub latency: Histogram,
    /// Streams with packets.
    pub streams: usize,
    /// How long videos stood still in all.
    pub frozen: Duration,
    /// How long videos were watched in all.
    pub watched: Duration,
}

/// All streams that come in.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    streams: HashMap<u32, Stream>,
    latency: Histogram,
    /// When the first packet of audio and of video came.
    first: [Option<Instant>; 2],
    /// Streams as they came, before repair; only of a full participant.
    raw: HashMap<u32, Sequence>,
}

#[derive(Debug, Default)]
struct Stream {
    sequence: Sequence,
    rollover: Rollover,
    seen: u64,
    bytes: u64,
    reported: (u64, u64),
    heard: Option<Heard>,
    video: bool,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
    frozen: Duration,
    player: Option<Player>,
}

/// What a full participant hears and sees of a stream.
#[derive(Debug)]
enum Player {
    Audio(Box<AudioQuality>),
    Video(Box<VideoQuality>),
}

impl Inbound {
    /// Counts anew from here. What is known of the streams stays.
    pub(super) fn begin_to_count(&mut self, now: Instant) {
        self.latency = Histogram::default();
        self.raw.clear();
        for stream in self.streams.values_mut() {
            // A picture that stands goes on standing.
            let player = stream.player.take().filter(|player| matches!(player, Player::Video(_)));
            *stream = Stream {
                rollover: stream.rollover,
                heard: stream.heard,
                video: stream.video,
                player,
                ..Stream::default()
            };
            if let Some(Player::Video(video)) = &mut stream.player {
                video.begin_to_count(now);
            }
        }
    }

    /// Of all videos: packets that came before repair, that came in all, and that should have.
    pub(super) fn repair(&self) -> (u64, u64, u64) {
        let videos = self.streams.iter().filter(|(_, stream)| stream.video);
        videos.fold((0, 0, 0), |sum, (ssrc, stream)| {
            let (came, due) = stream.sequence.counts();
            let raw = self.raw.get(ssrc).map_or(0, |raw| raw.counts().0);
            (sum.0 + raw.min(came), sum.1 + came, sum.2 + due)
        })
    }

    /// What a full participant heard and saw up to now.
    pub(super) fn quality(&self, now: Instant) -> Quality {
        let mut quality = Quality::default();
        for stream in self.streams.values() {
            match &stream.player {
                Some(Player::Audio(audio)) => quality.add_audio(audio),
                Some(Player::Video(video)) => quality.add_video(video, now),
                None => {}
            }
        }
        quality
    }

    /// A packet as it came, which str0m opens later.
    pub(super) fn came(&mut self, datagram: &[u8]) {
        if let Some(header) = Header::read(datagram)
            && (self.raw.len() < MOST_STREAMS || self.raw.contains_key(&header.ssrc))
        {
            self.raw.entry(header.ssrc).or_default().take(header.sequence);
        }
    }

    pub(super) fn received(&self) -> Received {
        let mut received = Received {
            latency: self.latency.clone(),
            ..Received::default()
        };
        for stream in self.streams.values() {
            let (packets, expected) = stream.sequence.counts();
            received.packets += packets;
            received.bytes += stream.bytes;
            received.expected += expected;
            received.streams += usize::from(packets > 0);
            if let (true, Some(first), Some(last)) = (stream.video, stream.first_at, stream.last_at) {
                received.frozen += stream.frozen;
                received.watched += last.saturating_duration_since(first);
            }
        }
        received
    }

    /// When the first packet of video came, or of audio.
    pub(super) fn first(&self, video: bool) -> Option<Instant> {
        self.first.get(usize::from(video)).copied().flatten()
    }

    /// A sealed packet.
    pub(super) fn sealed(&mut self, now: Instant, datagram: &mut [u8], keys: Option<&Keys>, arrived: Option<Arrival<'_>>) {
        let Some(header) = Header::read(datagram) else { return };
        let Some(stream) = self.arrived(now, header.ssrc, header.sequence, datagram.len()) else {
            return;
        };
        // The number of rounds is only known while numbers are followed.
        let index = stream.rollover.guess(header.sequence);
        stream.rollover.opened(index);
        if !stream.seen.is_multiple_of(OPENED) {
            return;
        }
        let (Some(keys), Some(arrived)) = (keys, arrived) else { return };
        if let Ok(payload) = keys.opener.open_rtp(datagram, header.length, index) {
            self.latency.passed(payload, arrived);
        }
    }

    /// A packet that str0m opened, perhaps from a repair.
    /// True when the player asks for a key frame of its stream.
    pub(super) fn opened(&mut self, now: Instant, packet: &RtpPacket, arrived: Option<Arrival<'_>>) -> bool {
        let (ssrc, sequence) = (*packet.header.ssrc, packet.header.sequence_number);
        if let Some(arrived) = arrived.filter(|_| *packet.header.payload_type != RED) {
            self.latency.passed(&packet.payload, arrived);
        }
        let Some(stream) = self.arrived(now, ssrc, sequence, packet.payload.len()) else {
            return false;
        };
        let video = stream.video;
        let player = stream.player.get_or_insert_with(|| match video {
            true => Player::Video(Box::default()),
            false => Player::Audio(Box::default()),
        });
        match player {
            Player::Audio(audio) => {
                let timestamp = packet.header.timestamp;
                if *packet.header.payload_type == RED
                    && let Ok(blocks) = red::blocks(&packet.payload)
                {
                    for block in blocks.filter(|block| block.age > 0) {
                        audio.repeat(now, timestamp.wrapping_sub(block.age.into()));
                    }
                }
                audio.take(now, timestamp);
                false
            }
            Player::Video(video) => {
                video.take(now, *packet.seq_no, packet.header.timestamp, packet.header.marker, &packet.payload);
                video.asks_keyframe(now)
            }
        }
    }

    fn arrived(&mut self, now: Instant, ssrc: u32, sequence: u16, length: usize) -> Option<&mut Stream> {
        if self.streams.len() >= MOST_STREAMS && !self.streams.contains_key(&ssrc) {
            return None;
        }
        let video = length > LONGEST_AUDIO;
        if let Some(first) = self.first.get_mut(usize::from(video)) {
            first.get_or_insert(now);
        }
        let stream = self.streams.entry(ssrc).or_default();
        stream.video |= video;
        stream.bytes += length as u64;
        stream.arrived(now, sequence);
        Some(stream)
    }

    /// A sealed datagram of reports.
    pub(super) fn told(&mut self, now: Instant, keys: &Keys, datagram: &[u8]) {
        for (ssrc, heard) in report::heard(now, &keys.opener, datagram) {
            if let Some(stream) = self.streams.get_mut(&ssrc) {
                stream.heard = Some(heard);
            }
        }
    }

    /// One block for each stream of which something came, for a report.
    pub(super) fn blocks(&mut self, now: Instant) -> Vec<Block> {
        let blocks = self.streams.iter_mut().filter_map(|(ssrc, stream)| stream.block(now, *ssrc));
        let mut blocks: Vec<Block> = blocks.collect();
        blocks.truncate(MOST_ENTRIES);
        blocks
    }
}

impl Stream {
    fn arrived(&mut self, now: Instant, sequence: u16) {
        self.seen += 1;
        self.sequence.take(sequence);
        self.first_at.get_or_insert(now);
        if let Some(last) = self.last_at.replace(now) {
            let pause = now.saturating_duration_since(last);
            if pause > FREEZE {
                self.frozen += pause;
            }
        }
    }

    fn block(&mut self, now: Instant, ssrc: u32) -> Option<Block> {
        let (received, expected) = self.sequence.counts();
        if expected == 0 {
            return None;
        }
        let (before_received, before_expected) = std::mem::replace(&mut self.reported, (received, expected));
        let (came, due) = (received.saturating_sub(before_received), expected.saturating_sub(before_expected));
        let lost = (due.saturating_sub(came) * 256).checked_div(due).unwrap_or(0);
        let (lsr, dlsr) = self.heard.map_or((0, 0), |heard| heard.answer(now));
        Some(Block {
            ssrc,
            fraction: u8::try_from(lost).unwrap_or(u8::MAX),
            cumulative: i32::try_from(expected - received).unwrap_or(i32::MAX),
            highest_seq: u32::try_from(self.sequence.highest() & 0xffff_ffff).unwrap_or(u32::MAX),
            // A light receiver keeps none.
            jitter: 0,
            lsr,
            dlsr,
        })
    }
}

impl Histogram {
    /// Counts how long a stamped payload was under way.
    fn passed(&mut self, payload: &[u8], arrived: Arrival<'_>) {
        if let Some(stamp) = pattern::stamped(payload)
            && let Some(nanoseconds) = arrived.under_way(stamp)
        {
            self.add(Duration::from_nanos(nanoseconds));
        }
    }
}
