//! A forwarder without any feature behind lines of JSON (dialect `parameters`): decrypt once, encrypt for each receiver, send runs of packets, many in one system
//! call. No reports, no repair, no selection, no pacing: what a real engine is to be compared with, since it shows what its features cost. And the server on
//! which the dialect is tested.
//!
//! `bare ADDRESS` listens there and prints where.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for measurements"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, IoSlice, IoSliceMut, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use loadtest::header::{Header, Kind, kind};
use loadtest::server::{Dialect, Greeting};
use mio::{Events, Interest, Poll, Token, Waker};
use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};
use serde_json::{Value, json};
use srtp::tap::{Material, provider, tapping};
use srtp::{Keys, LONGEST_TAG as TAG, Rollover};
use str0m::config::DtlsCert;
use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, IceCreds, Input, Output, Rtc};

/// Bytes of the longest datagram, and of the headers that are written.
const LONGEST: usize = 1_500;
const HEADER: usize = 12;
/// Packets of one run, runs in one system call.
const RUN: usize = 32;
const BATCH: usize = 50;
/// Between two looks at the clocks of handshakes.
const TICK: Duration = Duration::from_millis(100);

/// A request and where its answer goes.
type Asked = (Value, SyncSender<Value>);

fn main() {
    let ip: IpAddr = std::env::args().nth(1).expect("an address").parse().expect("an IP address");
    let (greeting, mut bare) = Bare::start(ip);
    println!("{}", serde_json::to_string(&greeting).expect("JSON"));
    loop {
        bare.turn();
    }
}

/// The forwarder.
pub struct Bare {
    poll: Poll,
    asked: Receiver<Asked>,
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    certificate: DtlsCert,
    people: Vec<Person>,
    numbers: HashMap<u64, usize>,
    addresses: HashMap<SocketAddr, usize>,
    names: HashMap<String, usize>,
    /// Who gets a stream.
    receivers: HashMap<u32, Vec<usize>>,
    /// The streams of a person: microphone and camera.
    streams: HashMap<u64, [Option<u32>; 2]>,
    buffers: Vec<u8>,
    arena: Vec<u8>,
    headers: MultiHeaders<SockaddrStorage>,
    ticked: Instant,
}

struct Person {
    rtc: Rtc,
    material: Material,
    keys: Option<Keys>,
    address: Option<SocketAddr>,
    rollovers: HashMap<u32, Rollover>,
}

/// A packet that was decrypted.
struct Opened {
    ssrc: u32,
    index: u64,
    header: [u8; HEADER],
    payload: Vec<u8>,
}

impl Bare {
    /// Opens its sockets on this address.
    pub fn start(ip: IpAddr) -> (Greeting, Self) {
        let socket = std::net::UdpSocket::bind((ip, 0)).expect("a port");
        let buffers = socket2::SockRef::from(&socket);
        buffers.set_recv_buffer_size(4 << 20).expect("a buffer");
        buffers.set_send_buffer_size(4 << 20).expect("a buffer");
        let state = UdpSocketState::new((&socket).into()).expect("a socket");
        let local = socket.local_addr().expect("an address");
        let mut socket = mio::net::UdpSocket::from_std(socket);
        let poll = Poll::new().expect("a poll");
        poll.registry().register(&mut socket, Token(0), Interest::READABLE).expect("a poll");
        let waker = Waker::new(poll.registry(), Token(1)).expect("a poll");
        let listener = TcpListener::bind((ip, 0)).expect("a port");
        let greeting = Greeting {
            listen: listener.local_addr().expect("an address"),
            process: std::process::id(),
            dialect: Dialect::Parameters,
            name: "bare forwarder".to_owned(),
        };
        // One request at a time: the next line is read when the one before is answered.
        let (sender, asked) = sync_channel(1);
        std::thread::spawn(move || {
            listener
                .incoming()
                .map_while(Result::ok)
                .for_each(|stream| listen(&stream, &sender, &waker))
        });
        let bare = Self {
            poll,
            asked,
            socket,
            state,
            local,
            certificate: provider().dtls_provider.generate_certificate().expect("a certificate"),
            people: Vec::new(),
            numbers: HashMap::new(),
            addresses: HashMap::new(),
            names: HashMap::new(),
            receivers: HashMap::new(),
            streams: HashMap::new(),
            buffers: vec![0; LONGEST * BATCH_SIZE * 64],
            arena: vec![0; LONGEST * RUN * BATCH],
            headers: MultiHeaders::preallocate(BATCH, Some(cmsg_space!(u16))),
            ticked: Instant::now(),
        };
        (greeting, bare)
    }

    /// Waits for something to happen and does it.
    pub fn turn(&mut self) {
        let mut events = Events::with_capacity(8);
        // An interrupted wait is a short one.
        let _ = self.poll.poll(&mut events, Some(TICK));
        while let Ok((asked, reply)) = self.asked.try_recv() {
            let answer = self.answer(&asked);
            let _ = reply.send(answer);
        }
        while self.receive() {}
        if self.ticked.elapsed() > TICK {
            self.ticked = Instant::now();
            (0..self.people.len()).for_each(|place| self.drain(place, Some(Input::Timeout(Instant::now()))));
        }
    }

    fn answer(&mut self, asked: &Value) -> Value {
        let number = |value: &Value| value.as_u64().expect("a number");
        if let Some(connect) = asked.get("connect") {
            return self.connect(number(&connect["person"]), connect);
        }
        if let Some(publish) = asked.get("publish") {
            let ssrc = u32::try_from(number(&publish["ssrc"])).expect("an SSRC");
            self.streams.entry(number(&publish["person"])).or_default()[usize::from(publish["kind"] == "video")] = Some(ssrc);
        }
        if let Some(watch) = asked.get("watch") {
            let place = self.numbers[&number(&watch["person"])];
            for (name, kind) in [("voices", 0), ("videos", 1)] {
                for other in watch[name].as_array().into_iter().flatten().map(number) {
                    let ssrc = self
                        .streams
                        .get(&other)
                        .and_then(|streams| streams[kind])
                        .expect("somebody who sends");
                    self.receivers.entry(ssrc).or_default().push(place);
                }
            }
        }
        json!({})
    }

    fn connect(&mut self, number: u64, parameters: &Value) -> Value {
        let text = |name: &str| parameters[name].as_str().expect("a text").to_owned();
        let config = Rtc::builder().set_rtp_mode(true).set_ice_lite(true).set_crypto_provider(provider());
        let (mut rtc, material) = tapping(|| config.set_dtls_cert(self.certificate.clone()).build(Instant::now()));
        rtc.add_local_candidate(Candidate::host(self.local, "udp").expect("a candidate"));
        let mut api = rtc.direct_api();
        api.set_ice_controlling(false);
        api.set_remote_ice_credentials(IceCreds {
            ufrag: text("ufrag"),
            pass: text("pwd"),
        });
        api.set_remote_fingerprint(text("fingerprint").parse().expect("a fingerprint"));
        api.start_dtls(false).expect("DTLS");
        let (own, fingerprint) = (api.local_ice_credentials(), api.local_dtls_fingerprint().to_string());
        let place = self.people.len();
        self.people.push(Person {
            rtc,
            material,
            keys: None,
            address: None,
            rollovers: HashMap::new(),
        });
        self.numbers.insert(number, place);
        self.names.insert(own.ufrag.clone(), place);
        json!({"ufrag": own.ufrag, "pwd": own.pass, "fingerprint": fingerprint, "address": self.local.to_string()})
    }

    /// Takes what the kernel has; false when it had nothing.
    fn receive(&mut self) -> bool {
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let mut buffers = std::mem::take(&mut self.buffers);
        let room = buffers.len() / BATCH_SIZE;
        let mut slices: Vec<IoSliceMut<'_>> = buffers.chunks_mut(room).map(IoSliceMut::new).collect();
        let filled = self.state.recv((&self.socket).into(), &mut slices, &mut meta).unwrap_or(0);
        let mut opened = Vec::new();
        for (buffer, meta) in buffers.chunks_mut(room).zip(&meta).take(filled) {
            for datagram in buffer[..meta.len].chunks_mut(meta.stride.max(1)) {
                match kind(datagram) {
                    Kind::Rtp => opened.extend(self.open(meta.addr, datagram)),
                    Kind::Rtcp => {}
                    Kind::Other => self.handshake(meta.addr, datagram),
                }
            }
        }
        self.buffers = buffers;
        opened.sort_by_key(|packet: &Opened| packet.ssrc);
        for run in opened.chunk_by(|one, next| one.ssrc == next.ssrc && one.payload.len() == next.payload.len()) {
            run.chunks(RUN).for_each(|run| self.forward(run));
        }
        filled > 0
    }

    fn open(&mut self, from: SocketAddr, datagram: &mut [u8]) -> Option<Opened> {
        let person = &mut self.people[*self.addresses.get(&from)?];
        let header = Header::read(datagram)?;
        let rollover = person.rollovers.entry(header.ssrc).or_default();
        let index = rollover.guess(header.sequence);
        let mut fixed: [u8; HEADER] = *datagram.first_chunk()?;
        // Neither extensions nor contributing sources go on.
        fixed[0] = 0x80;
        let payload = person.keys.as_ref()?.opener.open_rtp(datagram, header.length, index).ok()?.to_vec();
        rollover.opened(index);
        Some(Opened {
            ssrc: header.ssrc,
            index,
            header: fixed,
            payload,
        })
    }

    /// Packets of one stream and one length, to everybody who gets it.
    fn forward(&mut self, run: &[Opened]) {
        let Some(receivers) = self.receivers.get(&run[0].ssrc) else {
            return;
        };
        let connected: Vec<(&Keys, SockaddrStorage)> = receivers
            .iter()
            .filter_map(|place| Some((self.people[*place].keys.as_ref()?, self.people[*place].address?.into())))
            .collect();
        let length = HEADER + run[0].payload.len() + TAG;
        let segment = u16::try_from(length).expect("a length");
        for batch in connected.chunks(BATCH) {
            for (space, (keys, _)) in self.arena.chunks_mut(length * run.len()).zip(batch) {
                for (packet, opened) in space.chunks_mut(length).zip(run) {
                    packet[..HEADER].copy_from_slice(&opened.header);
                    packet[HEADER..HEADER + opened.payload.len()].copy_from_slice(&opened.payload);
                    keys.sealer.seal_rtp(packet, HEADER, opened.index).expect("room");
                }
            }
            let runs: Vec<[IoSlice<'_>; 1]> = self
                .arena
                .chunks(length * run.len())
                .take(batch.len())
                .map(|run| [IoSlice::new(run)])
                .collect();
            let addresses: Vec<Option<SockaddrStorage>> = batch.iter().map(|(_, address)| Some(*address)).collect();
            // What the kernel does not take is lost, and counted where it should have arrived.
            let _ = sendmmsg(
                self.socket.as_raw_fd(),
                &mut self.headers,
                &runs,
                addresses,
                [ControlMessage::UdpGsoSegments(&segment)],
                MsgFlags::empty(),
            );
        }
    }

    /// ICE and DTLS: by address, or by the name in a first check.
    fn handshake(&mut self, from: SocketAddr, datagram: &[u8]) {
        let by_name = || {
            let message = StunMessage::parse(datagram).ok()?;
            let (own, _) = message.split_username()?;
            self.names.get(own).copied()
        };
        let Some(place) = self.addresses.get(&from).copied().or_else(by_name) else {
            return;
        };
        self.addresses.insert(from, place);
        self.people[place].address = Some(from);
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, datagram) else {
            return;
        };
        self.drain(place, Some(Input::Receive(Instant::now(), receive)));
    }

    fn drain(&mut self, place: usize, input: Option<Input<'_>>) {
        let person = &mut self.people[place];
        if let Some(input) = input {
            let _ = person.rtc.handle_input(input);
        }
        while let Ok(output) = person.rtc.poll_output() {
            match output {
                Output::Timeout(_) => break,
                Output::Transmit(transmit) => {
                    let transmit = Transmit {
                        destination: transmit.destination,
                        ecn: None,
                        contents: &transmit.contents,
                        segment_size: None,
                        src_ip: None,
                    };
                    let _ = self.state.try_send((&self.socket).into(), &transmit);
                }
                Output::Event(_) => {}
            }
        }
        if person.keys.is_none() {
            person.keys = person.material.keys().and_then(Result::ok);
        }
    }
}

fn listen(stream: &TcpStream, asked: &SyncSender<Asked>, waker: &Waker) {
    stream.set_nodelay(true).expect("an option of a socket");
    let mut out = stream;
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let request: Value = serde_json::from_str(&line).expect("JSON");
        let id = request["id"].clone();
        let (reply, answer) = sync_channel(1);
        if asked.send((request, reply)).is_err() || waker.wake().is_err() {
            return;
        }
        let Ok(mut answer) = answer.recv() else { return };
        answer["id"] = id;
        if out.write_all(format!("{answer}\n").as_bytes()).is_err() {
            return;
        }
    }
}
