//! Clients for the tests: real str0m instances on loopback UDP with real DTLS, and an engine whose events are recorded.
#![allow(dead_code, unreachable_pub, missing_docs, reason = "test code; each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

pub mod page;

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use media::{Binding, Declared, Engine, EngineConfig, Event, MediaKind, Offer, PeerId, PublicationId, RoomId, Want};
use srtp::tap::{Material, provider, tapping};
use str0m::change::{SdpAnswer, SdpApi};
use str0m::format::{Codec, CodecConfig, PayloadParams};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind as Kind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::rtcp::SenderInfo;
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, IceCreds, Input, Output, Rtc, RtcConfig};

/// Longest time anything in these tests may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An engine whose events are kept.
pub struct House {
    pub engine: Engine,
    events: Arc<Mutex<Vec<Event>>>,
    runtime: tokio::runtime::Runtime,
}

impl House {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut EngineConfig)) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let mut config = EngineConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        // The same tests on several shards, every room spread over all of them.
        if let Some(shards) = std::env::var("ANTEROOM_TEST_SHARDS").ok().and_then(|shards| shards.parse().ok()) {
            config.shards = shards;
            config.room_spread = 1;
        }
        change(&mut config);
        let engine = Engine::start(config, Box::new(move |event| sink.lock().unwrap().push(event))).unwrap();
        Self {
            engine,
            events,
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
        }
    }

    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// What the slots of the peer carry, by the events so far; checks that generations grow.
    pub fn slots(&self, peer: PeerId) -> BTreeMap<String, Binding> {
        let mut slots: BTreeMap<String, Binding> = BTreeMap::new();
        for event in self.events() {
            if let Event::Slots { peer: of, bindings } = event
                && of == peer
            {
                for binding in bindings {
                    if let Some(before) = slots.get(&binding.mid) {
                        assert!(before.generation < binding.generation, "generations grow");
                    }
                    slots.insert(binding.mid.clone(), binding);
                }
            }
        }
        slots
    }

    /// The m-line on which the peer receives the publication.
    pub fn slot_of(&self, peer: PeerId, publication: u32) -> Option<String> {
        self.slots(peer)
            .values()
            .find(|binding| binding.publication == Some(PublicationId(publication)))
            .map(|binding| binding.mid.clone())
    }

    pub fn offer(&self, room: &str, peer: PeerId, sdp: &str, fresh: bool) -> Result<String, media::OfferError> {
        let offer = Offer {
            sdp: sdp.to_owned(),
            fresh,
        };
        self.runtime
            .block_on(self.engine.offer(RoomId(room.to_owned()), peer, offer))
            .map(|answer| answer.sdp)
    }

    /// A client in the room that has been given an answer.
    pub fn client(&self, room: &str, peer: u64, shape: Shape) -> Client {
        let (mut client, sdp) = Client::new(PeerId(peer), shape);
        let answer = self.offer(room, client.id, &sdp, true).unwrap();
        client.accept(&answer);
        client
    }

    /// The same with other codecs than Opus and VP8.
    pub fn client_with(&self, room: &str, peer: u64, codecs: impl FnOnce(&mut CodecConfig)) -> Client {
        let (mut client, sdp) = Client::with(PeerId(peer), USUAL, codecs);
        let answer = self.offer(room, client.id, &sdp, true).unwrap();
        client.accept(&answer);
        client
    }

    /// Declares microphone, camera and screen of the client; their publications are numbered from `first`.
    pub fn declare(&self, client: &Client, first: u32, open: &[MediaKind]) {
        let declared = client.sends.iter().enumerate().map(|(index, (kind, mid))| Declared {
            id: PublicationId(first + index as u32),
            kind: *kind,
            mid: mid.to_string(),
            open: open.contains(kind),
        });
        self.engine.declare(client.id, declared.collect());
    }

    pub fn want(&self, client: &Client, wants: &[(u32, u32, u32)]) {
        let wants = wants.iter().map(|(id, width, height)| Want {
            publication: PublicationId(*id),
            width: *width,
            height: *height,
            priority: 0,
            max_fps: 0,
        });
        self.engine.subscribe(client.id, wants.collect());
    }
}

/// What a client offers.
#[derive(Clone, Copy)]
pub struct Shape {
    pub simulcast: bool,
    pub audio_slots: usize,
    pub video_slots: usize,
}

/// A browser's offer of the usual shape.
pub fn browser_offer() -> String {
    include_str!("../fixtures/chromium-offer.sdp")
        .replace("\r\n", "\n")
        .replace('\n', "\r\n")
}

pub const USUAL: Shape = Shape {
    simulcast: false,
    audio_slots: 5,
    video_slots: 9,
};
pub const SIMULCAST: Shape = Shape { simulcast: true, ..USUAL };

/// What came in one slot.
#[derive(Default, Clone, Debug)]
pub struct Received {
    pub packets: usize,
    pub seqs: Vec<u64>,
    pub payloads: Vec<Vec<u8>>,
    pub formats: Vec<u8>,
    pub timestamps: Vec<u32>,
    /// The streams it came in, each once.
    pub ssrcs: Vec<u32>,
    /// What the sender reported of the last.
    pub sender_info: Option<SenderInfo>,
}

/// A client.
pub struct Client {
    pub id: PeerId,
    pub sends: Vec<(MediaKind, Mid)>,
    pub slots: Vec<Mid>,
    pub connected: bool,
    pub keyframe_requests: HashMap<(Mid, Option<Rid>), usize>,
    pub received: BTreeMap<Mid, Received>,
    /// Datagrams to lose on their way in, counted down.
    pub lose_next: usize,
    /// Every so many of the datagrams of media that come in are lost; 0: none.
    pub lose_every: usize,
    /// The same on their way out.
    pub lose_out: usize,
    pub datagrams: usize,
    /// The last packet of media that was sent, as it was on the wire.
    pub last_packet: Option<Vec<u8>>,
    rtc: Rtc,
    material: Material,
    answer: String,
    socket: UdpSocket,
    address: SocketAddr,
    pending: Option<str0m::change::SdpPendingOffer>,
    sequence: HashMap<(Mid, Option<Rid>), u64>,
    last_sent: Option<Instant>,
}

impl Client {
    pub fn new(id: PeerId, shape: Shape) -> (Self, String) {
        Self::with(id, shape, |codecs| {
            codecs.enable_opus(true, false);
            codecs.enable_vp8(true);
        })
    }

    pub fn with(id: PeerId, shape: Shape, codecs: impl FnOnce(&mut CodecConfig)) -> (Self, String) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        let address = socket.local_addr().unwrap();
        let mut config = RtcConfig::new().set_rtp_mode(true).set_crypto_provider(provider()).clear_codecs();
        codecs(config.codec_config());
        let (mut rtc, material) = tapping(|| config.build(Instant::now()));
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut change = rtc.sdp_api();
        let mut sends = Vec::new();
        let layers = shape.simulcast.then(|| {
            let mut simulcast = Simulcast::new();
            for rid in ["q", "h", "f"] {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            simulcast
        });
        for (kind, sort, layers) in [
            (MediaKind::Microphone, Kind::Audio, None),
            (MediaKind::Camera, Kind::Video, layers),
            (MediaKind::Screen, Kind::Video, None),
            (MediaKind::ScreenAudio, Kind::Audio, None),
        ] {
            sends.push((kind, change.add_media(sort, Direction::SendOnly, None, None, layers)));
        }
        let mut slots = Vec::new();
        for sort in std::iter::repeat_n(Kind::Audio, shape.audio_slots).chain(std::iter::repeat_n(Kind::Video, shape.video_slots)) {
            slots.push(change.add_media(sort, Direction::RecvOnly, None, None, None));
        }
        let (offer, pending) = change.apply().unwrap();
        let client = Self {
            id,
            sends,
            slots,
            connected: false,
            keyframe_requests: HashMap::new(),
            received: BTreeMap::new(),
            lose_next: 0,
            lose_every: 0,
            lose_out: 0,
            datagrams: 0,
            last_packet: None,
            rtc,
            material,
            answer: String::new(),
            socket,
            address,
            pending: Some(pending),
            sequence: HashMap::new(),
            last_sent: None,
        };
        (client, offer.to_sdp_string())
    }

    /// Another offer of the same connection; the answer to it is to be [accepted](Self::accept).
    pub fn offer_again(&mut self, change: impl FnOnce(&mut SdpApi<'_>)) -> String {
        let mut api = self.rtc.sdp_api();
        change(&mut api);
        let (offer, pending) = api.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    /// Its address is another one, which it does not notice: an address translator has changed its mind.
    pub fn moves(&mut self) {
        self.socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        self.socket.set_nonblocking(true).unwrap();
    }

    /// It comes from where another one was, which is gone without a word.
    pub fn comes_from(&mut self, gone: &Self) {
        self.socket = gone.socket.try_clone().unwrap();
    }

    /// The keys of the connection, once it is up.
    pub fn keys(&self) -> srtp::Keys {
        self.material.keys().unwrap().unwrap()
    }

    /// Names and passwords of this side and of the server.
    pub fn credentials(&mut self) -> (IceCreds, IceCreds) {
        let own = self.rtc.direct_api().local_ice_credentials();
        let said = |name: &str| self.answer.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let server = IceCreds {
            ufrag: said("a=ice-ufrag:"),
            pass: said("a=ice-pwd:"),
        };
        (own, server)
    }

    pub fn accept(&mut self, answer: &str) {
        answer.clone_into(&mut self.answer);
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        self.rtc.sdp_api().accept_answer(self.pending.take().unwrap(), answer).unwrap();
    }

    pub fn mid(&self, kind: MediaKind) -> Mid {
        self.sends.iter().find(|(other, _)| *other == kind).unwrap().1
    }

    pub fn received(&self, mid: &str) -> Received {
        self.received
            .iter()
            .find(|(other, _)| &***other == mid)
            .map(|(_, received)| received.clone())
            .unwrap_or_default()
    }

    pub fn total(&self) -> usize {
        self.received.values().map(|received| received.packets).sum()
    }

    pub fn asked(&self, kind: MediaKind) -> usize {
        let mid = self.mid(kind);
        self.keyframe_requests
            .iter()
            .filter(|((other, _), _)| *other == mid)
            .map(|(_, count)| count)
            .sum()
    }

    /// Sends one audio packet of this level.
    pub fn speak(&mut self, level: i8) {
        self.say(level, vec![0xf8, 0xff, 0xfe]);
    }

    /// Sends one audio packet of this level and contents.
    pub fn say(&mut self, level: i8, contents: Vec<u8>) {
        let mid = self.mid(MediaKind::Microphone);
        let extensions = ExtensionValues {
            audio_level: Some(-level),
            voice_activity: Some(level < 40),
            ..Default::default()
        };
        self.write(mid, None, Codec::Opus, 960, contents, extensions);
    }

    /// Sends one audio packet with redundancy.
    pub fn say_again(&mut self, contents: Vec<u8>) {
        let mid = self.mid(MediaKind::Microphone);
        self.write_as(mid, None, |param| param.red(), 960, contents, ExtensionValues::default());
    }

    /// Sends one packet of the camera with this codec and these contents.
    pub fn show_as(&mut self, codec: Codec, contents: Vec<u8>) {
        self.write(
            self.mid(MediaKind::Camera),
            None,
            codec,
            3_000,
            contents,
            ExtensionValues::default(),
        );
    }

    /// Sends one picture of the camera of a temporal layer, in step with the lowest or not.
    pub fn show_in_time(&mut self, temporal: u8, sync: bool, keyframe: bool) {
        let mid = self.mid(MediaKind::Camera);
        let picture = self.sequence.get(&(mid, None)).copied().unwrap_or(1_000) & 0x7fff;
        let mut payload = vec![
            0x90,
            0xe0,
            0x80 | (picture >> 8) as u8,
            picture as u8,
            0,
            temporal << 6 | u8::from(sync) << 5,
        ];
        if keyframe {
            payload.extend([0x10, 0x42, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00]);
        } else {
            payload.extend([0x11, 0x42, 0x00]);
        }
        payload.extend(vec![0x55; 200]);
        self.show_as(Codec::Vp8, payload);
    }

    /// Sends one video packet (a frame of its own).
    pub fn show(&mut self, kind: MediaKind, rid: Option<&str>, keyframe: bool, size: (u16, u16)) {
        let mid = self.mid(kind);
        let rid = rid.map(Rid::from);
        let picture = self.sequence.get(&(mid, rid)).copied().unwrap_or(0) & 0x7fff;
        let mut payload = vec![0x90, 0x80, 0x80 | (picture >> 8) as u8, picture as u8];
        if keyframe {
            payload.extend([0x10, 0x42, 0x00, 0x9d, 0x01, 0x2a]);
            payload.extend(size.0.to_le_bytes());
            payload.extend(size.1.to_le_bytes());
        } else {
            payload.extend([0x11, 0x42, 0x00]);
        }
        payload.extend(vec![0x55; 600]);
        self.write(mid, rid, Codec::Vp8, 3_000, payload, ExtensionValues::default());
    }

    /// Sends one video packet with these contents, which need be no video.
    pub fn show_raw(&mut self, kind: MediaKind, contents: Vec<u8>) {
        self.write(self.mid(kind), None, Codec::Vp8, 3_000, contents, ExtensionValues::default());
    }

    /// Sends a datagram of these bytes from the client's own address.
    pub fn send_raw(&self, destination: SocketAddr, bytes: &[u8]) {
        let _ = self.socket.send_to(bytes, destination);
    }

    fn write(&mut self, mid: Mid, rid: Option<Rid>, codec: Codec, step: u32, payload: Vec<u8>, extensions: ExtensionValues) {
        let of_codec = |param: &PayloadParams| (param.spec().codec == codec).then_some(param.pt());
        self.write_as(mid, rid, of_codec, step, payload, extensions);
    }

    fn write_as(
        &mut self,
        mid: Mid,
        rid: Option<Rid>,
        format: impl Fn(&PayloadParams) -> Option<Pt>,
        step: u32,
        payload: Vec<u8>,
        extensions: ExtensionValues,
    ) {
        let Some(media) = self.rtc.media(mid) else { return };
        let (pts, video) = (media.remote_pts().to_vec(), media.kind() == Kind::Video);
        let known = self.rtc.codec_config().params().iter().filter(|param| pts.contains(&param.pt()));
        let Some(pt) = known.filter_map(format).next() else { return };
        let sequence = self.sequence.entry((mid, rid)).or_insert(1_000);
        *sequence += 1;
        let (seq, time) = (*sequence, (*sequence as u32).wrapping_mul(step));
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, rid) else { return };
        let write = RtpWrite::new(pt, seq.into(), time, Instant::now(), payload)
            .marker(true)
            .nackable(video)
            .ext_vals(extensions);
        stream.write_rtp(write);
        let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
        self.poll();
    }

    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(_)) | Err(_) => return,
                Ok(Output::Transmit(transmit)) => {
                    if self.lose_out > 0 && is_media(&transmit.contents) {
                        self.lose_out -= 1;
                        continue;
                    }
                    if rtp::demux::kind(&transmit.contents) == rtp::demux::Kind::Rtp {
                        self.last_packet = Some(transmit.contents.to_vec());
                    }
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(event)) => match event {
                    str0m::Event::Connected => self.connected = true,
                    str0m::Event::KeyframeRequest(request) => *self.keyframe_requests.entry((request.mid, request.rid)).or_default() += 1,
                    str0m::Event::RtpPacket(packet) => {
                        let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).unwrap().mid();
                        let received = self.received.entry(mid).or_default();
                        received.packets += 1;
                        received.seqs.push(*packet.seq_no);
                        received.payloads.push(packet.payload.to_vec());
                        received.formats.push(*packet.header.payload_type);
                        received.timestamps.push(packet.header.timestamp);
                        received.sender_info = packet.last_sender_info;
                        if !received.ssrcs.contains(&packet.header.ssrc) {
                            received.ssrcs.push(*packet.header.ssrc);
                        }
                    }
                    _ => {}
                },
            }
        }
    }

    /// Takes everything that is waiting at the socket.
    pub fn drive(&mut self) {
        let mut buffer = [0u8; 2_000];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            self.datagrams += 1;
            if self.lose_next > 0 && is_media(&buffer[..length]) {
                self.lose_next -= 1;
                continue;
            }
            if self.lose_every > 0 && self.datagrams.is_multiple_of(self.lose_every) && is_media(&buffer[..length]) {
                continue;
            }
            if let Ok(receive) = Receive::new(Protocol::Udp, source, self.address, &buffer[..length]) {
                let _ = self.rtc.handle_input(Input::Receive(Instant::now(), receive));
                self.poll();
            }
        }
        let _ = self.rtc.handle_input(Input::Timeout(Instant::now()));
        self.poll();
    }

    /// True every 20 ms: time for the next packet.
    pub fn is_time(&mut self) -> bool {
        let now = Instant::now();
        let due = self.last_sent.is_none_or(|at| now.duration_since(at) >= Duration::from_millis(20));
        if due {
            self.last_sent = Some(now);
        }
        due
    }

    /// Asks for a key frame on a slot.
    pub fn cannot_decode(&mut self, mid: &str) {
        self.wants_keyframe(mid, KeyframeRequestKind::Pli);
    }

    /// The same, in one way or the other.
    pub fn wants_keyframe(&mut self, mid: &str, kind: KeyframeRequestKind) {
        let mid = *self.slots.iter().find(|slot| &***slot == mid).unwrap();
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
            stream.request_keyframe(kind);
        }
        self.drive();
    }
}

fn is_media(datagram: &[u8]) -> bool {
    datagram.len() > 12 && (128..192).contains(&datagram[0]) && !(64..96).contains(&(datagram[1] & 0x7f))
}

/// Drives the clients until the condition holds; fails the test when it never does.
#[track_caller]
pub fn until(what: &str, clients: &mut [&mut Client], mut condition: impl FnMut(&mut [&mut Client]) -> bool) {
    let begin = Instant::now();
    loop {
        for client in clients.iter_mut() {
            client.drive();
        }
        if condition(clients) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "never happened: {what}");
        // Not a wait for an event: only keeps the loop from taking a whole core.
        std::thread::yield_now();
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// Drives the clients for this long, calling `each` in every round.
pub fn during(time: Duration, clients: &mut [&mut Client], mut each: impl FnMut(&mut [&mut Client])) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        for client in clients.iter_mut() {
            client.drive();
        }
        each(clients);
        std::thread::sleep(Duration::from_micros(500));
    }
}

#[track_caller]
pub fn connect(clients: &mut [&mut Client]) {
    until("all clients connect", clients, |clients| {
        clients.iter().all(|client| client.connected)
    });
}
