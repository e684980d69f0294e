//! Whole connections in memory, with a time of their own: clients are str0m, the other side is a [`Peer`] or str0m, too.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rtp::demux::{Kind, kind};
use srtp::tap::{Material, provider, tapping};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::config::DtlsCert;
use str0m::media::{Direction, MediaKind, Mid, Simulcast};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap, RtpPacket};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc, RtcConfig};

use super::wall;
use crate::peer::{Candidates, Destination, Happened, Outlet, Parsed, Peer, Received, State};
use crate::routing::Line;

pub(crate) const CLIENT: SocketAddr = address(5_000);
pub(crate) const SERVER: SocketAddr = address(6_000);

const fn address(port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), port)
}

/// One end of a connection.
pub(crate) trait End {
    fn take(&mut self, now: Instant, contents: &[u8]);
    fn pass(&mut self, now: Instant);
    /// What it sent.
    fn sent(&mut self) -> Vec<Vec<u8>>;
    fn connected(&self) -> bool;
}

/// Carries what both ends send until neither sends more; `lost` says which datagrams to the client do not come.
pub(crate) fn exchange(now: Instant, client: &mut impl End, server: &mut impl End, mut lost: impl FnMut(&[u8]) -> bool) {
    client.pass(now);
    server.pass(now);
    loop {
        let (up, down) = (client.sent(), server.sent());
        if up.is_empty() && down.is_empty() {
            return;
        }
        for datagram in up {
            server.take(now, &datagram);
        }
        for datagram in down {
            if !lost(&datagram) {
                client.take(now, &datagram);
            }
        }
        server.pass(now);
    }
}

/// Lets both ends connect; gives the time when they have.
pub(crate) fn connect(mut now: Instant, client: &mut impl End, server: &mut impl End) -> Instant {
    for _ in 0..1_000 {
        if client.connected() && server.connected() {
            return now;
        }
        now += Duration::from_millis(10);
        exchange(now, client, server, |_| false);
    }
    panic!("not connected");
}

/// str0m by itself: every client, and servers as they were before the egress was ours.
pub(crate) struct Stock {
    pub(crate) rtc: Rtc,
    /// In the order they came.
    pub(crate) received: Vec<RtpPacket>,
    pub(crate) keyframes_wanted: usize,
    material: Material,
    own: SocketAddr,
    other: SocketAddr,
    sent: Vec<Vec<u8>>,
    connected: bool,
}

impl Stock {
    fn new(own: SocketAddr, other: SocketAddr, build: impl FnOnce(RtcConfig) -> Rtc) -> Self {
        let usual = RtcConfig::new()
            .set_rtp_mode(true)
            .set_crypto_provider(provider())
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true);
        let (mut rtc, material) = tapping(|| build(usual));
        rtc.add_local_candidate(Candidate::host(own, "udp").unwrap());
        Self {
            rtc,
            received: Vec::new(),
            keyframes_wanted: 0,
            material,
            own,
            other,
            sent: Vec::new(),
            connected: false,
        }
    }

    /// A client with its offer: these m-lines.
    pub(crate) fn client(now: Instant, lines: &[(MediaKind, Direction)]) -> (Self, Vec<Mid>, String, str0m::change::SdpPendingOffer) {
        let mut client = Self::new(CLIENT, SERVER, |usual| usual.build(now));
        let mut change = client.rtc.sdp_api();
        let mids = lines
            .iter()
            .map(|(kind, direction)| change.add_media(*kind, *direction, None, None, None));
        let mids = mids.collect();
        let (offer, pending) = change.apply().unwrap();
        (client, mids, offer.to_sdp_string(), pending)
    }

    /// A client that only publishes, in layers where it says so.
    pub(crate) fn publisher(
        now: Instant,
        lines: Vec<(MediaKind, Option<Simulcast>)>,
    ) -> (Self, Vec<Mid>, String, str0m::change::SdpPendingOffer) {
        let mut client = Self::new(CLIENT, SERVER, |usual| usual.build(now));
        let mut change = client.rtc.sdp_api();
        let lines = lines.into_iter();
        let mids = lines.map(|(kind, simulcast)| change.add_media(kind, Direction::SendOnly, None, None, simulcast));
        let mids = mids.collect();
        let (offer, pending) = change.apply().unwrap();
        (client, mids, offer.to_sdp_string(), pending)
    }

    /// A server as the engine's was, with its answer.
    pub(crate) fn server(now: Instant, offer: &str) -> (Self, String) {
        let mut extensions = ExtensionMap::empty();
        for (id, extension) in [
            (1, Extension::AudioLevel),
            (3, Extension::TransportSequenceNumber),
            (4, Extension::RtpMid),
            (10, Extension::RtpStreamId),
            (11, Extension::RepairedRtpStreamId),
            (13, Extension::VideoOrientation),
        ] {
            extensions.set(id, extension);
        }
        let build = |usual: RtcConfig| {
            usual
                .set_ice_lite(true)
                .set_dtls_cert(certificate().clone())
                .set_extension_map(extensions)
                .build(now)
        };
        let mut server = Self::new(SERVER, CLIENT, build);
        let offer = SdpOffer::from_sdp_string(offer).unwrap();
        let answer = server.rtc.sdp_api().accept_offer(offer).unwrap();
        (server, answer.to_sdp_string())
    }

    pub(crate) fn answered(&mut self, pending: str0m::change::SdpPendingOffer, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    /// The keys of the connection.
    pub(crate) fn keys(&self) -> srtp::Keys {
        self.material.keys().unwrap().unwrap()
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    assert_eq!(transmit.destination, self.other);
                    self.sent.push(transmit.contents.to_vec());
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => self.received.push(packet),
                Output::Event(Event::KeyframeRequest(_)) => self.keyframes_wanted += 1,
                Output::Event(_) => {}
            }
        }
    }
}

impl End for Stock {
    fn take(&mut self, now: Instant, contents: &[u8]) {
        let receive = Receive::new(Protocol::Udp, self.other, self.own, contents).unwrap();
        self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
        self.drain();
    }

    fn pass(&mut self, now: Instant) {
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain();
    }

    fn sent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sent)
    }

    fn connected(&self) -> bool {
        self.connected
    }
}

/// The engine's side.
pub(crate) struct Ours {
    pub(crate) peer: Peer,
    /// What happened.
    pub(crate) happened: Vec<Happened>,
    sent: Vec<Vec<u8>>,
    connected: bool,
}

/// Keeps what a peer produces.
struct Kept<'a> {
    happened: &'a mut Vec<Happened>,
    sent: &'a mut Vec<Vec<u8>>,
}

impl Outlet for Kept<'_> {
    fn transmit(&mut self, destination: Destination, contents: &[u8]) {
        assert_eq!(destination, (Protocol::Udp, CLIENT));
        self.sent.push(contents.to_vec());
    }

    fn compose(&mut self, destination: Destination, most: usize, write: impl FnOnce(&mut [u8]) -> Option<usize>) {
        let mut place = vec![0; most];
        if let Some(length) = write(&mut place) {
            self.transmit(destination, &place[..length]);
        }
    }

    fn happened(&mut self, happened: Happened) {
        self.happened.push(happened);
    }
}

impl Ours {
    /// With its answer.
    pub(crate) fn server(now: Instant, offer: &str) -> (Self, String) {
        let candidates = Candidates {
            addresses: vec![SERVER],
            tcp: false,
        };
        let mut ours = Self {
            peer: Peer::new(now, IceCreds::new(), certificate(), &candidates),
            happened: Vec::new(),
            sent: Vec::new(),
            connected: false,
        };
        let answer = ours.offer(offer);
        (ours, answer)
    }

    pub(crate) fn offer(&mut self, offer: &str) -> String {
        self.peer.offer(Parsed::read(offer).unwrap()).unwrap()
    }

    pub(crate) fn line(&self, mid: Mid) -> Line {
        self.peer.session().line(&mid).unwrap()
    }

    /// Takes a datagram; nothing when it could not be read.
    pub(crate) fn receive(&mut self, now: Instant, contents: &[u8]) -> Option<State> {
        let received = Received {
            protocol: Protocol::Udp,
            source: CLIENT,
            destination: SERVER,
            contents,
        };
        let mut kept = Kept {
            happened: &mut self.happened,
            sent: &mut self.sent,
        };
        let state = self.peer.receive(now, wall(now), &received, &mut kept);
        self.connected |= self.happened.iter().any(|happened| matches!(happened, Happened::Connected));
        state
    }
}

impl End for Ours {
    fn take(&mut self, now: Instant, contents: &[u8]) {
        let state = self.receive(now, contents);
        assert!(
            matches!(state, Some(State::Alive(_))),
            "{state:?} by a datagram of {:?}",
            kind(contents)
        );
    }

    fn pass(&mut self, now: Instant) {
        let mut kept = Kept {
            happened: &mut self.happened,
            sent: &mut self.sent,
        };
        let state = self.peer.turn(now, wall(now), &mut kept);
        assert!(matches!(state, State::Alive(_)));
    }

    fn sent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.sent)
    }

    fn connected(&self) -> bool {
        self.connected
    }
}

/// Whether a datagram is media with this payload type.
pub(crate) fn is_media(datagram: &[u8], payload_type: u8) -> bool {
    kind(datagram) == Kind::Rtp && datagram[1] & 0x7f == payload_type
}

/// Whether it is of RTCP.
pub(crate) fn is_report(datagram: &[u8]) -> bool {
    kind(datagram) == Kind::Rtcp
}

/// One for all tests of this process; making one takes longer than a handshake.
fn certificate() -> &'static DtlsCert {
    static CERTIFICATE: OnceLock<DtlsCert> = OnceLock::new();
    let make = || str0m::crypto::from_feature_flags().dtls_provider.generate_certificate().unwrap();
    CERTIFICATE.get_or_init(make)
}
