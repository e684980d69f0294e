//! One participant: a real handshake by str0m, then packets at real rates out, and packets counted in.
//!
//! A light participant ([`Mode::Light`]) reads no packet with str0m once connected: it reads headers, opens one packet in seven for its time, and reports
//! what it got. So one core stands for thousands of them. A full one ([`Mode::Full`]) has str0m do all of it, with requests for retransmission and
//! feedback: for measurements of loss. Here: the connection. Not here: what is counted (`inbound`), what is sent (`outbound`), sockets and time
//! (`driver`), what is agreed with the server (`server`, on [`Participant::rtc`]).

mod inbound;
mod outbound;

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use srtp::Keys;
use srtp::tap::{Material, provider, tapping};
use str0m::config::DtlsCert;
use str0m::media::KeyframeRequestKind;
use str0m::net::{Protocol, Receive};
use str0m::{Event, Input, Output, Rtc, RtcConfig};

pub use inbound::Received;
pub use outbound::Send;

use crate::header::{Kind, kind};
use crate::lag::Arrival;
use crate::quality::Quality;
use crate::report::receiver_report;
use inbound::Inbound;
use outbound::Outbound;

/// Between two reports.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// How much of the work of a receiver is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Headers only; nothing is asked for again.
    Light,
    /// By str0m, with everything a browser would ask for.
    Full,
}

/// A participant.
pub struct Participant {
    rtc: Rtc,
    material: Material,
    keys: Option<Keys>,
    mode: Mode,
    local: SocketAddr,
    connected: Option<Instant>,
    inbound: Inbound,
    outbound: Outbound,
    next_report: Option<Instant>,
    report_ssrc: u32,
    report_index: u32,
    outgoing: Vec<(SocketAddr, Vec<u8>)>,
    server: Option<SocketAddr>,
    keyframes_wanted: u64,
    failed: bool,
}

/// One certificate for all participants of this process: servers do not compare them, and a load is no place to make a thousand keys.
fn certificate() -> Option<&'static DtlsCert> {
    static CERTIFICATE: OnceLock<Option<DtlsCert>> = OnceLock::new();
    CERTIFICATE.get_or_init(|| provider().dtls_provider.generate_certificate()).as_ref()
}

impl std::fmt::Debug for Participant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Participant").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Participant {
    /// One behind this address, built by `configure` from a configuration in RTP mode. `number` tells participants of one server apart.
    pub fn new(now: Instant, local: SocketAddr, number: u32, mode: Mode, configure: impl FnOnce(RtcConfig) -> RtcConfig) -> Self {
        let mut config = Rtc::builder().set_rtp_mode(true).set_crypto_provider(provider());
        if let Some(certificate) = certificate() {
            config = config.set_dtls_cert(certificate.clone());
        }
        let (rtc, material) = tapping(|| configure(config).build(now));
        Self {
            rtc,
            material,
            keys: None,
            mode,
            local,
            connected: None,
            inbound: Inbound::default(),
            outbound: Outbound::default(),
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

    /// Sends these streams from now on, or from when the media path is up.
    pub fn start(&mut self, now: Instant, sends: &[Send]) {
        self.outbound.start(now, sends);
    }

    /// Counts anew from here.
    pub fn begin_to_count(&mut self, now: Instant) {
        self.inbound.begin_to_count(now);
    }

    /// What was counted.
    pub fn received(&self) -> Received {
        self.inbound.received()
    }

    /// What a full participant heard and saw up to now.
    pub fn quality(&self, now: Instant) -> Quality {
        self.inbound.quality(now)
    }

    /// Of the videos of a full participant: packets that came before any repair, that came in all, and that should have.
    pub fn repair(&self) -> (u64, u64, u64) {
        self.inbound.repair()
    }

    /// When the first packet of video (or of audio) came.
    pub fn first_packet(&self, video: bool) -> Option<Instant> {
        self.inbound.first(video)
    }

    /// When [`Self::turn`] is due.
    pub(crate) fn due(&mut self, timeout: Instant) -> Instant {
        let packets = self.outbound.due().filter(|_| self.connected.is_some());
        packets.into_iter().chain(self.next_report).fold(timeout, Instant::min)
    }

    /// Lets time pass: sends what is due. Gives when the next turn is due.
    pub(crate) fn turn(&mut self, now: Instant, wall: u64) -> Instant {
        if self.connected.is_some() {
            self.outbound.publish(now, wall, &mut self.rtc);
        }
        self.report(now);
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            tracing::debug!(%error, "a participant failed");
            self.failed = true;
        }
        let timeout = self.drain(now, None);
        self.due(timeout)
    }

    /// Takes a datagram; `arrived` is when the kernel had it. True when a [`Self::turn`] is needed.
    pub(crate) fn take(&mut self, now: Instant, from: SocketAddr, datagram: &mut [u8], arrived: Option<Arrival<'_>>) -> bool {
        if self.mode == Mode::Light && self.connected.is_some() && kind(datagram) == Kind::Rtp {
            self.inbound.sealed(now, datagram, self.keys.as_ref(), arrived);
            return false;
        }
        match kind(datagram) {
            Kind::Rtp => self.inbound.came(datagram),
            Kind::Rtcp if self.mode == Mode::Light => {
                if let Some(keys) = &self.keys {
                    self.inbound.told(now, keys, datagram);
                }
            }
            _ => {}
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

    /// Reports what came, sealed under an SSRC of its own.
    fn report(&mut self, now: Instant) {
        if self.next_report.is_none_or(|at| now < at) {
            return;
        }
        self.next_report = Some(now + REPORT_EVERY);
        let (Some(keys), Some(server)) = (&self.keys, self.server) else {
            return;
        };
        let mut report = receiver_report(self.report_ssrc, &self.inbound.blocks(now));
        report.resize(report.len() + keys.sealer.rtcp_overhead(), 0);
        self.report_index += 1;
        if keys.sealer.seal_rtcp(&mut report, self.report_index).is_ok() {
            self.outgoing.push((server, report));
        }
    }

    fn drain(&mut self, now: Instant, arrived: Option<Arrival<'_>>) -> Instant {
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

    fn event(&mut self, now: Instant, event: Event, arrived: Option<Arrival<'_>>) {
        match event {
            Event::Connected => {
                self.connected = Some(now);
                self.next_report = (self.mode == Mode::Light).then(|| now + REPORT_EVERY);
                self.keys = self.material.keys().and_then(Result::ok);
            }
            Event::KeyframeRequest(request) => {
                self.keyframes_wanted += 1;
                self.outbound.ask_keyframe(request.mid, request.rid);
            }
            Event::RtpPacket(packet) => {
                if self.inbound.opened(now, &packet, arrived)
                    && let Some(stream) = self.rtc.direct_api().stream_rx(&packet.header.ssrc)
                {
                    stream.request_keyframe(KeyframeRequestKind::Pli);
                }
            }
            _ => {}
        }
    }
}
