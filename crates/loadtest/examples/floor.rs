//! The floor: what forwarding costs on this machine when nothing is done but the indispensable. A frame of five packets is decrypted once; for each receiver it is
//! copied, given a header and encrypted; each receiver's five packets leave as one run, many runs in one system call. No waiting, no reports, no repair.
//!
//! `floor sink ADDRESS RECEIVERS` opens that many sockets, prints their ports and empties them; `floor source ADDRESS SECONDS SINK PORT…` sends to them as fast as it
//! can and prints the processor time for each packet. Receiving is left out: with many receivers it weighs nothing, and the floor is the lower for it.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for measurements"
)]

use std::io::IoSlice;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use loadtest::process::Process;
use mio::{Events, Interest, Poll, Token};
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg, setsockopt, sockopt};
use serde_json::json;
use srtp::{Keys, LONGEST_TAG as TAG, Profile, Side};

/// Packets of a frame, which leave as one run.
const FRAME: usize = 5;
/// Bytes of a header, and of a sealed packet.
const HEADER: usize = 20;
const PACKET: usize = HEADER + 1_150 + TAG;
/// Runs in one system call.
const BATCH: usize = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = |place: usize| -> IpAddr { arguments[place].parse().expect("an address") };
    match arguments[0].as_str() {
        "sink" => sink(address(1), arguments[2].parse().expect("a number")),
        "source" => source(
            address(1),
            Duration::from_secs(arguments[2].parse().expect("seconds")),
            arguments[4..]
                .iter()
                .map(|port| SocketAddr::new(address(3), port.parse().expect("a port")))
                .collect(),
        ),
        other => panic!("no such part: {other}"),
    }
}

fn sink(ip: IpAddr, receivers: usize) {
    let mut poll = Poll::new().expect("a poll");
    let mut sockets = Vec::new();
    for number in 0..receivers {
        let socket =
            socket2::Socket::new(socket2::Domain::for_address(SocketAddr::new(ip, 0)), socket2::Type::DGRAM, None).expect("a socket");
        socket.set_recv_buffer_size(4 << 20).expect("a buffer");
        socket.set_nonblocking(true).expect("a socket");
        socket.bind(&SocketAddr::new(ip, 0).into()).expect("an address");
        let mut socket = mio::net::UdpSocket::from_std(socket.into());
        poll.registry()
            .register(&mut socket, Token(number), Interest::READABLE)
            .expect("a poll");
        sockets.push(socket);
    }
    let ports: Vec<u16> = sockets
        .iter()
        .map(|socket| socket.local_addr().expect("an address").port())
        .collect();
    println!("{}", json!({"ports": ports}));
    let mut events = Events::with_capacity(1_024);
    let mut buffer = [0; 2_048];
    loop {
        poll.poll(&mut events, None).expect("a poll");
        for event in &events {
            while sockets[event.token().0].recv(&mut buffer).is_ok() {}
        }
    }
}

fn keys(seed: u8, side: Side) -> Keys {
    let material: Vec<u8> = (0..88).map(|place: u8| place.wrapping_mul(7).wrapping_add(seed)).collect();
    Keys::derive(&material, Profile::AeadAes256Gcm, side).expect("keys")
}

fn source(ip: IpAddr, time: Duration, receivers: Vec<SocketAddr>) {
    let socket = UdpSocket::bind((ip, 0)).expect("a socket");
    setsockopt(&socket, sockopt::UdpGsoSegment, &i32::try_from(PACKET).expect("a length")).expect("runs of packets (UDP_SEGMENT)");
    let (publisher, ingress) = (keys(0, Side::Client), keys(0, Side::Server));
    let sealers: Vec<Keys> = (0..receivers.len())
        .map(|number| keys(u8::try_from(number % 251).unwrap_or(0) + 1, Side::Server))
        .collect();
    let addresses: Vec<Option<SockaddrStorage>> = receivers.iter().map(|address| Some((*address).into())).collect();
    let mut arena = vec![0_u8; PACKET * FRAME * BATCH];
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
    let (mut index, mut sent) = (0_u64, 0_u64);
    let mut frame = vec![0_u8; PACKET * FRAME];
    let (began, before) = (Instant::now(), Process::own().on_cpu().expect("its time"));
    let mut sealing = Duration::ZERO;
    while began.elapsed() < time {
        // What a publisher would have sent; made here, so a little too dear.
        for (packet, place) in frame.chunks_mut(PACKET).zip(0_u64..) {
            packet[8..12].copy_from_slice(&7_u32.to_be_bytes());
            publisher.sealer.seal_rtp(packet, HEADER, index + place).expect("room");
        }
        let opened: Vec<&mut [u8]> = frame
            .chunks_mut(PACKET)
            .zip(0_u64..)
            .map(|(packet, place)| ingress.opener.open_rtp(packet, HEADER, index + place).expect("what was sealed"))
            .collect();
        for (batch, addresses) in sealers.chunks(BATCH).zip(addresses.chunks(BATCH)) {
            let start = Instant::now();
            for (run, keys) in arena.chunks_mut(PACKET * FRAME).zip(batch) {
                for ((packet, payload), place) in run.chunks_mut(PACKET).zip(&opened).zip(0_u64..) {
                    let number = index + place;
                    packet[..HEADER].fill(0);
                    packet[0] = 0x80;
                    packet[2..4].copy_from_slice(&number.to_be_bytes()[6..]);
                    packet[8..12].copy_from_slice(&9_u32.to_be_bytes());
                    packet[HEADER..HEADER + payload.len()].copy_from_slice(payload);
                    keys.sealer.seal_rtp(packet, HEADER, number).expect("room");
                }
            }
            sealing += start.elapsed();
            let runs: Vec<[IoSlice<'_>; 1]> = arena
                .chunks(PACKET * FRAME)
                .take(batch.len())
                .map(|run| [IoSlice::new(run)])
                .collect();
            let results = sendmmsg(socket.as_raw_fd(), &mut headers, &runs, addresses, [], MsgFlags::empty()).expect("the kernel takes it");
            sent += results.count() as u64 * FRAME as u64;
        }
        index += FRAME as u64;
    }
    let spent = Process::own().on_cpu().expect("its time") - before;
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / sent as f64;
    println!(
        "{}",
        json!({"us": micros(spent), "seal_us": micros(sealing), "packets": sent, "receivers": receivers.len()})
    );
}
