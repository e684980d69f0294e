//! A room whose people are on several shards, and people who come by a link instead of the socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Client, House, USUAL, connect, during, until};
use media::{Event, MediaKind, PeerId, Transport};

const CAMERA: u32 = 11;

/// Every person of the room on another shard.
fn spread(shards: usize) -> House {
    House::with(|config| (config.shards, config.room_spread) = (shards, 1))
}

fn people(house: &House, count: u64) -> Vec<Client> {
    let mut people: Vec<Client> = (1..=count).map(|peer| house.client("room", peer, USUAL)).collect();
    house.declare(&people[0], 10, &[MediaKind::Microphone, MediaKind::Camera]);
    connect(&mut people.iter_mut().collect::<Vec<_>>());
    people
}

fn publish(client: &mut Client, keyframe: bool) {
    if client.is_time() {
        client.speak(25);
        client.show(MediaKind::Camera, None, keyframe, (320, 180));
    }
}

fn drive(people: &mut [Client], what: &str, mut condition: impl FnMut(&mut [&mut Client]) -> bool) {
    until(what, &mut people.iter_mut().collect::<Vec<_>>(), |people| {
        publish(people[0], true);
        condition(people)
    });
}

fn seen(house: &House, client: &Client) -> usize {
    house.slot_of(client.id, CAMERA).map_or(0, |mid| client.received(&mid).packets)
}

#[test]
fn people_on_other_shards_hear_and_see_without_gaps() {
    let house = spread(3);
    let mut people = people(&house, 3);
    for receiver in &people[1..] {
        house.want(receiver, &[(CAMERA, 640, 360)]);
    }
    drive(&mut people, "both others see", |people| {
        people[1..].iter().all(|person| seen(&house, person) > 50)
    });
    for person in &people[1..] {
        let seqs = person.received(&house.slot_of(person.id, CAMERA).unwrap()).seqs;
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
    }
    let speaking = |event: &Event| {
        matches!(
            event,
            Event::Speaking {
                peer: PeerId(1),
                speaking: true,
                ..
            }
        )
    };
    drive(&mut people, "who speaks is said", |_| house.events().iter().any(speaking));
    assert_eq!(house.events().iter().filter(|event| speaking(event)).count(), 1, "by one shard");
}

#[test]
fn a_video_crosses_shards_only_while_somebody_there_receives_it() {
    let house = spread(2);
    let mut people = people(&house, 2);
    assert_eq!(seen(&house, &people[1]), 0);
    let (copied, sent) = copies(&house, &mut people);
    assert!(
        copied * 10 < sent * 6,
        "audio is copied and video is not: {copied} copies of {sent}"
    );
    house.want(&people[1], &[(CAMERA, 640, 360)]);
    drive(&mut people, "video crosses", |people| seen(&house, people[1]) > 20);
    let (copied, sent) = copies(&house, &mut people);
    assert!(copied * 10 > sent * 9, "both are copied: {copied} copies of {sent}");
    house.want(&people[1], &[]);
    drive(&mut people, "its slot is freed", |people| {
        house.slot_of(people[1].id, CAMERA).is_none()
    });
    let (copied, sent) = copies(&house, &mut people);
    assert!(copied * 10 < sent * 6, "and no more: {copied} copies of {sent}");
}

/// Of so many packets that the publisher sent, how many were copied to the other shard.
fn copies(house: &House, people: &mut [Client]) -> (u64, u64) {
    // What was on its way is through.
    during(Duration::from_millis(100), &mut people.iter_mut().collect::<Vec<_>>(), |_| {});
    let (before, mut own) = (house.engine.stats().packets_in, 0_u64);
    until("a hundred are published", &mut people.iter_mut().collect::<Vec<_>>(), |people| {
        if people[0].is_time() {
            people[0].speak(25);
            people[0].show(MediaKind::Camera, None, true, (320, 180));
            own += 2;
        }
        own >= 100
    });
    during(Duration::from_millis(100), &mut people.iter_mut().collect::<Vec<_>>(), |_| {});
    let all = house.engine.stats().packets_in - before;
    (all.saturating_sub(own), own)
}

#[test]
fn a_key_frame_is_asked_of_a_publisher_on_another_shard() {
    let house = spread(2);
    let mut people = people(&house, 2);
    house.want(&people[1], &[(CAMERA, 640, 360)]);
    until("the publisher is asked", &mut people.iter_mut().collect::<Vec<_>>(), |people| {
        publish(people[0], false);
        people[0].asked(MediaKind::Camera) > 0
    });
    assert_eq!(seen(&house, &people[1]), 0, "nothing before a key frame");
    drive(&mut people, "then it is seen", |people| seen(&house, people[1]) > 10);
}

#[test]
fn who_leaves_is_gone_on_all_shards_and_a_room_that_empties_can_be_filled_again() {
    let house = spread(3);
    let mut people = people(&house, 3);
    for receiver in &people[1..] {
        house.want(receiver, &[(CAMERA, 640, 360)]);
    }
    drive(&mut people, "both see", |people| {
        people[1..].iter().all(|person| seen(&house, person) > 10)
    });
    house.engine.remove(PeerId(1));
    drive(&mut people, "the slots are freed", |people| {
        people[1..].iter().all(|person| house.slot_of(person.id, CAMERA).is_none())
    });
    house.engine.remove(PeerId(2));
    house.engine.remove(PeerId(3));
    drive(&mut people, "nobody is left", |_| {
        (house.engine.stats().peers, house.engine.stats().rooms) == (0, 0)
    });
    let mut people = self::people(&house, 2);
    house.want(&people[1], &[(CAMERA, 640, 360)]);
    drive(&mut people, "the room is as new", |people| seen(&house, people[1]) > 10);
}

/// Carries a client's datagrams over a link, as the relay does. The client sends to its address.
struct Carrier {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Carrier {
    /// `relayed` is the address that the relay gave the client.
    fn new(house: &House, relayed: SocketAddr) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let (address, over) = (socket.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let (inlet, mut outlet) = house
            .engine
            .gate()
            .open(Transport::Relay, relayed, house.engine.local_addr())
            .unwrap();
        let ended = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let (mut buffer, mut client) = ([0; 2_000], None);
            while !ended.load(Ordering::Relaxed) {
                if let Ok((length, source)) = socket.recv_from(&mut buffer) {
                    client = Some(source);
                    inlet.send(buffer[..length].to_vec().into());
                }
                while let (Ok(datagram), Some(client)) = (outlet.try_recv(), client) {
                    socket.send_to(&datagram, client).unwrap();
                }
            }
        });
        Self {
            address,
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn who_comes_by_a_link_hears_and_is_heard() {
    let house = spread(2);
    // Where nobody listens but us: what a relay gives to its clients are no addresses of the network, so somebody else may have them.
    let bystander = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    bystander.set_nonblocking(true).unwrap();
    let carrier = Carrier::new(&house, bystander.local_addr().unwrap());
    let mut anna = house.client("room", 1, USUAL);
    let (mut ben, sdp) = Client::new(PeerId(2), USUAL);
    let answer = house.offer("room", ben.id, &sdp, true).unwrap();
    let (own, other) = (house.engine.local_addr(), carrier.address);
    let candidate = |address: SocketAddr| format!("{} {} typ host", address.ip(), address.port());
    assert!(answer.contains(&candidate(own)));
    ben.accept(&answer.replace(&candidate(own), &candidate(other)));
    house.declare(&anna, 10, &[MediaKind::Microphone, MediaKind::Camera]);
    house.declare(&ben, 20, &[MediaKind::Microphone]);
    connect(&mut [&mut anna, &mut ben]);
    house.want(&ben, &[(CAMERA, 640, 360)]);
    until("both ways", &mut [&mut anna, &mut ben], |people| {
        publish(people[0], true);
        if people[1].is_time() {
            people[1].speak(25);
        }
        people[0].total() > 20 && seen(&house, people[1]) > 20
    });
    // Without its carrier the client is lost, and nothing of it comes by the socket.
    let heard = ben.total();
    drop(carrier);
    during(Duration::from_millis(200), &mut [&mut anna, &mut ben], |people| {
        publish(people[0], true)
    });
    assert_eq!(ben.total(), heard);
    assert!(bystander.recv(&mut [0; 2_000]).is_err(), "nothing came by the network");
}

#[test]
fn a_link_that_does_not_begin_with_a_check_is_not_let_in() {
    let house = spread(1);
    let relayed = SocketAddr::from(([192, 0, 2, 7], 50_000));
    let (inlet, _outlet) = house
        .engine
        .gate()
        .open(Transport::Relay, relayed, house.engine.local_addr())
        .unwrap();
    for datagram in [vec![], vec![0x80; 100], vec![0; 20], vec![0; 5_000]] {
        assert!(!inlet.send(datagram.into()));
    }
}

#[test]
fn an_address_that_somebody_had_on_another_shard_is_the_newcomers() {
    let house = House::with(|config| (config.shards, config.room_spread) = (2, 100));
    for round in 0..6 {
        // A room on each shard; the system chooses which of them hears of the address first.
        let (one, two) = (format!("one {round}"), format!("two {round}"));
        let mut gone = house.client(&one, round * 10 + 1, USUAL);
        let mut other = house.client(&two, round * 10 + 2, USUAL);
        connect(&mut [&mut gone, &mut other]);
        let mut comer = house.client(&two, round * 10 + 3, USUAL);
        comer.comes_from(&gone);
        connect(&mut [&mut comer]);
        house.declare(&other, 10, &[MediaKind::Microphone]);
        let before = comer.total();
        until("the newcomer hears", &mut [&mut other, &mut comer], |clients| {
            if clients[0].is_time() {
                clients[0].speak(25);
            }
            clients[1].total() > before + 5
        });
    }
}
