//! One participant: a real handshake by str0m, then packets at real rates out, and packets counted in.
//!
//! A light participant ([`Mode::Light`]) reads no packet with str0m once connected: it reads headers, opens one packet in 32 for its time, and reports
//! what it got. So one core stands for thousands of them. A full one ([`Mode::Full`]) has str0m do all of it, with requests for retransmission and
//! feedback: for measurements of loss. Not here: sockets and time (`driver`), what is agreed with the server (adapters, on [`Participant::rtc`]).

use std::collections::HashMap;
use std::iter::Peekable;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use srtp::tap::{Material, provider, tapping};
use srtp::{Keys, RTCP_OVERHEAD, Rollover};
use str0m::media::{Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Event, Input, Output, Rtc, RtcConfig};

use crate::header::{Header, Kind, kind};
use crate::measure::{Histogram, Sequence};
use crate::pattern::{self, Packet};
use crate::report::{Block, MOST_BLOCKS, receiver_report};

/// One packet in so many is opened for its time.
const OPENED: u64 = 32;
/// Between two reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// A video that gets nothing for longer stands still.
const FREEZE: Duration = Duration::from_millis(200);

/// How much of the work of a receiver is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Headers only; nothing is asked for again.
    Light,
    /// By str0m, with everything a browser would ask for.
    Full,
}

/// A stream that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Send {
    /// The m-line.
    pub mid: Mid,
    /// The simulcast layer.
    pub rid: Option<Rid>,
    /// Width, height and packets of a frame for video; audio without.
    pub video: Option<(u16, u16, usize)>,
}

/// What came since the counting began.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Packets that came.
    pub packets: u64,
    /// Packets that should have come, by their numbers.
    pub expected: u64,
    /// From the sending program to the kernel here.
    pub latency: Histogram,
    /// Streams with packets.
    pub streams: usize,
    /// How long videos stood still in all.
    pub frozen: Duration,
    /// How long videos were watched in all.
    pub watched: Duration,
}

struct Sending {
    mid: Mid,
    rid: Option<Rid>,
    packets: Peekable<Box<dyn Iterator<Item = Packet> + std::marker::Send>>,
    video: bool,
    sequence: u64,
}

#[derive(Debug, Default)]
struct Stream {
    sequence: Sequence,
    rollover: Rollover,
    seen: u64,
    reported: (u64, u64),
    video: bool,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
    frozen: Duration,
}

/// A participant.
pub struct Participant {
    rtc: Rtc,
    material: Material,
    keys: Option<Keys>,
    mode: Mode,
    local: SocketAddr,
    connected: Option<Instant>,
    sending: Vec<Sending>,
    started: Option<Instant>,
    streams: HashMap<u32, Stream>,
    latency: Histogram,
    next_report: Option<Instant>,
    report_ssrc: u32,
    report_index: u32,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
    server: Option<SocketAddr>,
    keyframes_wanted: u64,
    failed: bool,
}

impl std::fmt::Debug for Participant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Participant").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Participant {
    /// One behind this address, built by `configure` from a configuration in RTP mode. `number` tells participants of one server apart.
    pub fn new(now: Instant, local: SocketAddr, number: u32, mode: Mode, configure: impl FnOnce(RtcConfig) -> RtcConfig) -> Self {
        let config = Rtc::builder().set_rtp_mode(true).set_crypto_provider(provider());
        let (rtc, material) = tapping(|| configure(config).build(now));
        Self {
            rtc,
            material,
            keys: None,
            mode,
            local,
            connected: None,
            sending: Vec::new(),
            started: None,
            streams: HashMap::new(),
            latency: Histogram::default(),
            next_report: None,
            report_ssrc: 0x4c00_0000 | number,
            report_index: 0,
            outgoing: Vec::new(),
            server: None,
            keyframes_wanted: 0,
            failed: false,
        }
    }

    /// Its own address.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// For what is agreed with the server before the handshake.
    pub fn rtc(&mut self) -> &mut Rtc {
        &mut self.rtc
    }

    /// When the media path came up.
    pub fn connected(&self) -> Option<Instant> {
        self.connected
    }

    /// Whether the connection is over.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// How often the server asked for a key frame.
    pub fn keyframes_wanted(&self) -> u64 {
        self.keyframes_wanted
    }

    /// Sends these streams from now on.
    pub fn start(&mut self, now: Instant, sends: &[Send]) {
        self.started = Some(now);
        self.sending = sends
            .iter()
            .map(|send| {
                let packets: Box<dyn Iterator<Item = Packet> + std::marker::Send> = match send.video {
                    Some((width, height, packets)) => Box::new(pattern::video(width, height, packets)),
                    None => Box::new(pattern::audio()),
                };
                Sending {
                    mid: send.mid,
                    rid: send.rid,
                    packets: packets.peekable(),
                    video: send.video.is_some(),
                    sequence: 1,
                }
            })
            .collect();
    }

    /// Counts anew from here.
    pub fn begin_to_count(&mut self) {
        self.latency = Histogram::default();
        for stream in self.streams.values_mut() {
            *stream = Stream {
                rollover: stream.rollover,
                video: stream.video,
                ..Stream::default()
            };
        }
    }

    /// What was counted.
    pub fn received(&self) -> Received {
        let mut received = Received {
            latency: self.latency.clone(),
            ..Received::default()
        };
        for stream in self.streams.values() {
            let (packets, expected) = stream.sequence.counts();
            received.packets += packets;
            received.expected += expected;
            received.streams += usize::from(packets > 0);
            if let (true, Some(first), Some(last)) = (stream.video, stream.first_at, stream.last_at) {
                received.frozen += stream.frozen;
                received.watched += last.saturating_duration_since(first);
            }
        }
        received
    }

    /// When [`Self::turn`] is due.
    pub(crate) fn due(&mut self, timeout: Instant) -> Instant {
        let started = self.started.filter(|_| self.connected.is_some());
        let packets = self
            .sending
            .iter_mut()
            .filter_map(|sending| Some(started? + sending.packets.peek()?.due));
        packets.chain(self.next_report).chain([timeout]).min().unwrap_or(timeout)
    }

    /// Lets time pass: sends what is due. Gives when the next turn is due.
    pub(crate) fn turn(&mut self, now: Instant, wall: u64) -> Instant {
        self.publish(now, wall);
        self.report(now);
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "a participant failed");
            self.failed = true;
        }
        let timeout = self.drain(now, None);
        self.due(timeout)
    }

    /// Takes a datagram; `arrived` is when the kernel had it, in nanoseconds of the machine's clock. True when a [`Self::turn`] is needed.
    pub(crate) fn take(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8], arrived: Option<u64>) -> bool {
        if self.mode == Mode::Light && self.connected.is_some() && kind(datagram) == Kind::Rtp {
            self.count(now, datagram, arrived);
            return false;
        }
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, datagram) else {
            return false;
        };
        if let Err(error) = self.rtc.handle_input(Input::Receive(now, receive)) {
            tracing::trace!(%error, "a datagram was not understood");
        }
        self.drain(now, arrived);
        true
    }

    /// What is to be sent.
    pub(crate) fn outgoing(&mut self) -> std::vec::Drain<'_, (SocketAddr, Vec<u8>)> {
        self.outgoing.drain(..)
    }

    fn count(&mut self, now: Instant, datagram: &mut [u8], arrived: Option<u64>) {
        let Some(header) = Header::read(datagram) else { return };
        let stream = self.streams.entry(header.ssrc).or_default();
        stream.arrived(now, header.sequence);
        // The number of rounds is only known while numbers are followed.
        let index = stream.rollover.guess(header.sequence);
        stream.rollover.opened(index);
        if !stream.seen.is_multiple_of(OPENED) {
            return;
        }
        let (Some(keys), Some(arrived)) = (&self.keys, arrived) else {
            return;
        };
        if let Ok(payload) = keys.opener.open_rtp(datagram, header.length, index) {
            stream.video = payload.len() > 500 || stream.video;
            self.latency.passed(payload, arrived);
        }
    }

    fn publish(&mut self, now: Instant, wall: u64) {
        let (Some(started), true) = (self.started, self.connected.is_some()) else {
            return;
        };
        for sending in &mut self.sending {
            while let Some(packet) = sending.packets.next_if(|packet| started + packet.due <= now) {
                let payload_type = self.rtc.media(sending.mid).and_then(|media| media.remote_pts().first().copied());
                let mut api = self.rtc.direct_api();
                let (Some(payload_type), Some(stream)) = (payload_type, api.stream_tx_by_mid(sending.mid, sending.rid)) else {
                    continue;
                };
                let mut payload = packet.payload;
                pattern::stamp(&mut payload, wall);
                let mut extensions = ExtensionValues::default();
                if !sending.video {
                    extensions.audio_level = Some(-20);
                    extensions.voice_activity = Some(true);
                }
                let write = RtpWrite::new(payload_type, sending.sequence.into(), packet.timestamp, now, payload)
                    .marker(packet.marker)
                    .nackable(sending.video)
                    .ext_vals(extensions);
                stream.write_rtp(write);
                sending.sequence += 1;
            }
        }
    }

    /// Reports what came, sealed under an SSRC of its own.
    fn report(&mut self, now: Instant) {
        if self.next_report.is_none_or(|at| now < at) {
            return;
        }
        self.next_report = Some(now + REPORT_EVERY);
        let (Some(keys), Some(server)) = (&self.keys, self.server) else {
            return;
        };
        let mut blocks: Vec<Block> = self.streams.iter_mut().filter_map(|(ssrc, stream)| stream.block(*ssrc)).collect();
        blocks.truncate(MOST_BLOCKS);
        let mut report = receiver_report(self.report_ssrc, &blocks);
        report.resize(report.len() + RTCP_OVERHEAD, 0);
        self.report_index += 1;
        if keys.sealer.seal_rtcp(&mut report, self.report_index).is_ok() {
            self.outgoing.push((server, report));
        }
    }

    fn drain(&mut self, now: Instant, arrived: Option<u64>) -> Instant {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => {
                    self.failed |= !self.rtc.is_alive();
                    return at;
                }
                Ok(Output::Transmit(transmit)) => {
                    self.server = Some(transmit.destination);
                    self.outgoing.push((transmit.destination, transmit.contents.to_vec()));
                }
                Ok(Output::Event(event)) => self.event(now, event, arrived),
                Err(error) => {
                    tracing::debug!(%error, "a participant failed");
                    self.failed = true;
                    return now + REPORT_EVERY;
                }
            }
        }
    }

    fn event(&mut self, now: Instant, event: Event, arrived: Option<u64>) {
        match event {
            Event::Connected => {
                self.connected = Some(now);
                self.next_report = (self.mode == Mode::Light).then(|| now + REPORT_EVERY);
                self.keys = self.material.keys().and_then(Result::ok);
            }
            Event::KeyframeRequest(_) => self.keyframes_wanted += 1,
            Event::RtpPacket(packet) => {
                let stream = self.streams.entry(*packet.header.ssrc).or_default();
                stream.arrived(now, packet.header.sequence_number);
                stream.video = packet.payload.len() > 500 || stream.video;
                if let Some(arrived) = arrived {
                    self.latency.passed(&packet.payload, arrived);
                }
            }
            _ => {}
        }
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

    fn block(&mut self, ssrc: u32) -> Option<Block> {
        let (received, expected) = self.sequence.counts();
        if expected == 0 {
            return None;
        }
        let (before_received, before_expected) = std::mem::replace(&mut self.reported, (received, expected));
        let (came, due) = (received.saturating_sub(before_received), expected.saturating_sub(before_expected));
        let lost = (due.saturating_sub(came) * 256).checked_div(due).unwrap_or(0);
        Some(Block {
            ssrc,
            lost: u8::try_from(lost).unwrap_or(u8::MAX),
            lost_in_all: u32::try_from(expected - received).unwrap_or(u32::MAX),
            highest: u32::try_from(self.sequence.highest() & 0xffff_ffff).unwrap_or(u32::MAX),
        })
    }
}

impl Histogram {
    /// Counts how long a stamped payload was under way.
    fn passed(&mut self, payload: &[u8], arrived: u64) {
        if let Some(sent) = pattern::stamped(payload)
            && let Some(nanoseconds) = arrived.checked_sub(sent)
            && nanoseconds < 60_000_000_000
        {
            self.add(Duration::from_nanos(nanoseconds));
        }
    }
}
