//! The same packets leave by our egress and by str0m's: what the receivers get is the same, packet by packet.
//!
//! A publisher (str0m) sends pictures and voices with gaps, out of order, padded with odd descriptors; what the server's str0m reads goes to two receivers
//! under the same numbers: through [`Peer`], and through a `write_rtp` as the engine's was. Both receivers are str0m.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, VideoOrientation, Vp8Descriptor};

use super::link::{Ours, Stock, connect, exchange, is_media};
use crate::api::PeerId;
use crate::peer::Inbound;
use crate::receive::Incoming;
use crate::routing::{Codec, Forward, Layer, Line, Numbers, Rewriter};

/// A packet of the publisher.
#[derive(Debug, Clone)]
struct Step {
    video: bool,
    /// Numbers that are left out before it; less than none: it comes late, in one of the places left out.
    gap: i8,
    /// Another source begins before it, as far as the receiver is concerned.
    change: bool,
    /// Its datagrams to the receivers are lost the first time.
    lost: bool,
    marker: bool,
    level: u8,
    voice: bool,
    turned: u8,
    descriptor: Descriptor,
    /// Bytes of the body, and what they begin with.
    body: (usize, u8),
}

impl Step {
    /// A picture with nothing special.
    fn plain() -> Self {
        Self {
            video: true,
            gap: 0,
            change: false,
            lost: false,
            marker: true,
            level: 0,
            voice: false,
            turned: 0,
            descriptor: Descriptor {
                begins: true,
                picture: None,
                tl0: None,
                tid: None,
            },
            body: (10, 1),
        }
    }
}

/// A payload descriptor of VP8 (RFC 7741 §4.2).
#[derive(Debug, Clone)]
struct Descriptor {
    begins: bool,
    picture: Option<(bool, u16)>,
    tl0: Option<u8>,
    tid: Option<u8>,
}

impl Descriptor {
    fn bytes(&self) -> Vec<u8> {
        let extended = self.picture.is_some() || self.tl0.is_some() || self.tid.is_some();
        let mut bytes = vec![if self.begins { 0x10 } else { 0 } | if extended { 0x80 } else { 0 }];
        if !extended {
            return bytes;
        }
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        bytes.push(flag(self.picture.is_some(), 0x80) | flag(self.tl0.is_some(), 0x40) | flag(self.tid.is_some(), 0x20));
        match self.picture {
            Some((true, picture)) => bytes.extend((picture | 0x8000).to_be_bytes()),
            Some((false, picture)) => bytes.push(picture.to_be_bytes()[1] & 0x7f),
            None => {}
        }
        bytes.extend(self.tl0);
        bytes.extend(self.tid.map(|tid| tid << 6));
        bytes
    }
}

prop_compose! {
    fn descriptor()(
        begins: bool,
        picture in prop::option::of((any::<bool>(), 0..0x8000_u16)),
        tl0 in prop::option::of(any::<u8>()),
        tid in prop::option::of(0..4_u8),
    ) -> Descriptor {
        // An index of base layers is there for layers of time only.
        Descriptor { begins, picture, tl0: tl0.filter(|_| tid.is_some()), tid }
    }
}

prop_compose! {
    fn step()(
        video: bool,
        gap in prop_oneof![6 => Just(0_i8), 1 => 1..4_i8, 1 => -3..0_i8],
        change in prop::bool::weighted(0.05),
        lost in prop::bool::weighted(0.03),
        marker: bool,
        level in 0..=127_u8,
        voice: bool,
        turned in 0..5_u8,
        descriptor in descriptor(),
        body in (1..1_100_usize, any::<u8>()),
    ) -> Step {
        Step { video, gap, change, lost, marker, level, voice, turned, descriptor, body }
    }
}

/// What one sort of media has come to.
struct Track {
    next: u64,
    left_out: Vec<u64>,
    rewriter: Rewriter,
}

impl Track {
    fn new(next: u64, clock_rate: u32) -> Self {
        Self {
            next,
            left_out: Vec::new(),
            rewriter: Rewriter::new(clock_rate),
        }
    }

    /// The number that the publisher gives its next packet.
    fn number(&mut self, gap: i8) -> u64 {
        if gap < 0
            && let Some(number) = self.left_out.pop()
        {
            return number;
        }
        for _ in 0..gap.max(0) {
            self.left_out.push(self.next);
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }
}

/// A publisher and the server that reads it, as str0m hands packets out.
struct Source {
    publisher: Stock,
    reader: Stock,
    mids: Vec<Mid>,
}

impl Source {
    fn new(now: Instant) -> (Self, Instant) {
        let lines = [(MediaKind::Audio, Direction::SendOnly), (MediaKind::Video, Direction::SendOnly)];
        let (mut publisher, mids, offer, pending) = Stock::client(now, &lines);
        let (mut reader, answer) = Stock::server(now, &offer);
        publisher.answered(pending, &answer);
        let now = connect(now, &mut publisher, &mut reader);
        (Self { publisher, reader, mids }, now)
    }

    /// Sends a packet; gives it as it was read. Nothing when it came later than str0m takes packets.
    fn send(&mut self, now: Instant, number: u64, step: &Step) -> Option<RtpPacket> {
        let mid = self.mids[usize::from(step.video)];
        let mut payload = if step.video { step.descriptor.bytes() } else { Vec::new() };
        let (length, first) = step.body;
        payload.extend((0..length).map(|at| first.wrapping_add((at % 256) as u8)));
        let turned = [
            None,
            Some(VideoOrientation::Deg0),
            Some(VideoOrientation::Deg90),
            Some(VideoOrientation::Deg180),
            Some(VideoOrientation::Deg270),
        ];
        let extensions = ExtensionValues {
            audio_level: (!step.video).then(|| -i8::try_from(step.level).unwrap()),
            voice_activity: (!step.video).then_some(step.voice),
            video_orientation: turned[usize::from(step.turned)].filter(|_| step.video),
            ..ExtensionValues::default()
        };
        let timestamp = u32::try_from(number & 0xffff_ffff).unwrap().wrapping_mul(1_000);
        let write = RtpWrite::new(payload_type(&self.publisher, mid), number.into(), timestamp, now, payload)
            .marker(step.marker)
            .ext_vals(extensions);
        self.publisher
            .rtc
            .direct_api()
            .stream_tx_by_mid(mid, None)
            .unwrap()
            .write_rtp(write);
        self.reader.received.clear();
        exchange(now, &mut self.publisher, &mut self.reader, |_| false);
        assert!(self.reader.received.len() == 1 || step.gap < 0);
        self.reader.received.pop()
    }
}

fn payload_type(end: &Stock, mid: Mid) -> str0m::media::Pt {
    end.rtc.media(mid).unwrap().remote_pts()[0]
}

/// A receiver with one slot of each sort, and what serves it.
struct Receiver<S> {
    client: Stock,
    server: S,
    mids: Vec<Mid>,
}

const SLOTS: [(MediaKind, Direction); 2] = [(MediaKind::Audio, Direction::RecvOnly), (MediaKind::Video, Direction::RecvOnly)];

impl Receiver<Ours> {
    fn ours(now: Instant) -> (Self, Instant) {
        let (mut client, mids, offer, pending) = Stock::client(now, &SLOTS);
        let (mut server, answer) = Ours::server(now, &offer);
        client.answered(pending, &answer);
        let now = connect(now, &mut client, &mut server);
        (Self { client, server, mids }, now)
    }

    fn forward(&mut self, packet: RtpPacket, video: bool, numbers: Numbers) {
        let line = self.server.line(self.mids[usize::from(video)]);
        let codec = if video { Codec::Vp8 } else { Codec::Opus };
        let inbound = Arc::new(Inbound::read(incoming(packet, line, codec), &mut Default::default()).unwrap());
        let forward = Forward {
            to: PeerId(1),
            line,
            numbers,
        };
        assert!(self.server.peer.queue(&inbound, &forward));
    }
}

impl Receiver<Stock> {
    fn stock(now: Instant) -> (Self, Instant) {
        let (mut client, mids, offer, pending) = Stock::client(now, &SLOTS);
        let (mut server, answer) = Stock::server(now, &offer);
        client.answered(pending, &answer);
        let now = connect(now, &mut client, &mut server);
        // Its limit for repairs begins at nothing, ours does not.
        let mut api = server.rtc.direct_api();
        api.stream_tx_by_mid(mids[1], None)
            .unwrap()
            .set_rtx_cache(1_000, Duration::from_secs(3), None);
        (Self { client, server, mids }, now)
    }

    /// As the engine did while str0m sent.
    fn forward(&mut self, now: Instant, packet: &RtpPacket, video: bool, numbers: Numbers) {
        let mid = self.mids[usize::from(video)];
        let received = &packet.header.ext_vals;
        let extensions = ExtensionValues {
            audio_level: received.audio_level,
            voice_activity: received.voice_activity,
            video_orientation: received.video_orientation,
            ..ExtensionValues::default()
        };
        let payload = Arc::clone(&packet.payload);
        let mut write = RtpWrite::new(payload_type(&self.server, mid), numbers.seq.into(), numbers.timestamp, now, payload)
            .marker(packet.header.marker)
            .nackable(video)
            .ext_vals(extensions);
        if video {
            let vp8 = Vp8Descriptor::parse(&packet.payload).unwrap();
            let build = |picture: Option<u16>| {
                let mut patch = vp8.patch();
                if let Some(picture) = picture {
                    patch = patch.picture_id(picture);
                }
                if let Some(tl0) = numbers.tl0 {
                    patch = patch.tl0_pic_idx(tl0);
                }
                patch.build()
            };
            let patch = build(numbers.picture).or_else(|_| build(numbers.picture.map(|picture| picture & 0x7f)));
            write = write.vp8_patch(patch.unwrap());
        }
        self.server.rtc.direct_api().stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
    }
}

/// What our ingress would have made of it.
fn incoming(packet: RtpPacket, line: Line, codec: Codec) -> Incoming {
    let RtpPacket {
        seq_no, header, payload, ..
    } = packet;
    let values = header.ext_vals;
    let level = values.audio_level.map(i8::unsigned_abs);
    let voice = if values.voice_activity == Some(true) { 0x80 } else { 0 };
    Incoming {
        ssrc: *header.ssrc,
        index: *seq_no,
        timestamp: header.timestamp,
        marker: header.marker,
        line,
        layer: Layer(0),
        codec,
        payload,
        level: level.map(|level| level | voice),
        orientation: values.video_orientation.map(|turned| turned as u8),
        descriptor: None,
    }
}

/// All that a receiver can see of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    index: u64,
    sequence: u16,
    timestamp: u32,
    marker: bool,
    payload_type: u8,
    padded: bool,
    csrcs: usize,
    level: Option<i8>,
    voice: Option<bool>,
    turned: Option<VideoOrientation>,
    payload: Vec<u8>,
}

fn seen(packet: &RtpPacket) -> Seen {
    let header = &packet.header;
    Seen {
        index: *packet.seq_no,
        sequence: header.sequence_number,
        timestamp: header.timestamp,
        marker: header.marker,
        payload_type: *header.payload_type,
        padded: header.has_padding,
        csrcs: header.csrc_count,
        level: header.ext_vals.audio_level,
        voice: header.ext_vals.voice_activity,
        turned: header.ext_vals.video_orientation,
        payload: packet.payload.to_vec(),
    }
}

/// Loses each of the named packets once.
fn lose(lost: &mut Vec<u16>, video: u8) -> impl FnMut(&[u8]) -> bool + '_ {
    move |datagram| {
        let sequence = || u16::from_be_bytes([datagram[2], datagram[3]]);
        if !is_media(datagram, video) {
            return false;
        }
        let known = lost.iter().position(|lost| *lost == sequence());
        known.map(|at| lost.swap_remove(at)).is_some()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_receivers_get_is_what_str0m_would_have_sent(steps in prop::collection::vec(step(), 1..120)) {
        let now = Instant::now();
        let (mut source, now) = Source::new(now);
        let (mut ours, now) = Receiver::ours(now);
        let (mut stock, mut now) = Receiver::stock(now);
        let video = *payload_type(&stock.server, stock.mids[1]);
        let mut tracks = [Track::new(65_400, 48_000), Track::new(65_500, 90_000)];
        let mut due = Vec::new();
        let (mut lost_of_ours, mut lost_of_stock) = (Vec::new(), Vec::new());
        let end = std::iter::repeat_n(Step::plain(), 4);
        for step in steps.into_iter().chain(end) {
            now += Duration::from_millis(7);
            let track = &mut tracks[usize::from(step.video)];
            let number = track.number(step.gap);
            let Some(packet) = source.send(now, number, &step) else { continue };
            if step.change {
                track.rewriter.resync();
            }
            let vp8 = step.video.then(|| Vp8Descriptor::parse(&packet.payload).unwrap());
            let numbers = Numbers {
                seq: *packet.seq_no,
                timestamp: packet.header.timestamp,
                picture: vp8.and_then(|vp8| vp8.picture_id()),
                tl0: vp8.and_then(|vp8| vp8.tl0_pic_idx()),
                marker: packet.header.marker,
                ..Numbers::default()
            };
            // Nothing: from before a change of the source.
            let Some(numbers) = track.rewriter.rewrite(now, numbers) else { continue };
            due.push((step.video, numbers.seq));
            // Nobody misses what is lost before all others, or what they miss already.
            if step.lost && step.video && numbers.seq > 1 && step.gap >= 0 {
                let sequence = u16::try_from(numbers.seq & 0xffff).unwrap();
                lost_of_ours.push(sequence);
                lost_of_stock.push(sequence);
            }
            stock.forward(now, &packet, step.video, numbers);
            ours.forward(packet, step.video, numbers);
            exchange(now, &mut ours.client, &mut ours.server, lose(&mut lost_of_ours, video));
            exchange(now, &mut stock.client, &mut stock.server, lose(&mut lost_of_stock, video));
        }
        prop_assert!(lost_of_ours.is_empty() && lost_of_stock.is_empty());
        // What was lost is asked for and comes again.
        for _ in 0..60 {
            now += Duration::from_millis(10);
            exchange(now, &mut ours.client, &mut ours.server, |_| false);
            exchange(now, &mut stock.client, &mut stock.server, |_| false);
        }
        let by_number = |client: &Stock| -> BTreeMap<(bool, u64), Seen> {
            client.received.iter().map(|packet| ((*packet.header.payload_type == video, *packet.seq_no), seen(packet))).collect()
        };
        let (ours, stock) = (by_number(&ours.client), by_number(&stock.client));
        due.sort_unstable();
        prop_assert_eq!(stock.keys().copied().collect::<Vec<_>>(), due.clone(), "of str0m");
        prop_assert_eq!(ours.keys().copied().collect::<Vec<_>>(), due, "of ours");
        for (ours, stock) in ours.into_values().zip(stock.into_values()) {
            prop_assert_eq!(ours, stock);
        }
    }
}
