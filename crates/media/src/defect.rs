//! Tests only: defects on request, and what they may end. A packet or description that says so makes the code that handles
//! it panic, as a defect there would.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use crate::common::{Client, House, USUAL, connect, during, until};
use crate::{Event, LostReason, MediaKind, OfferError, PeerId};

/// Panics when the contents ask for it at this place.
pub(crate) fn at(place: &str, contents: &[u8]) {
    assert!(contents != defect(place), "a defect, on request: {place}");
}

fn defect(place: &str) -> Vec<u8> {
    format!("defect at {place}").into_bytes()
}

/// Anna and Ben in one room, Carl and Dora in another; the first of each speaks and is heard.
fn two_rooms() -> (House, [Client; 4]) {
    two_rooms_on(1)
}

/// Each room on a shard of its own, where there are two.
fn two_rooms_on(shards: usize) -> (House, [Client; 4]) {
    let house = House::with(|config| (config.shards, config.room_spread) = (shards, 100));
    let mut people = [("one", 1), ("one", 2), ("two", 3), ("two", 4)].map(|(room, peer)| house.client(room, peer, USUAL));
    house.declare(&people[0], 10, &[MediaKind::Microphone]);
    house.declare(&people[2], 10, &[MediaKind::Microphone]);
    connect(&mut people.each_mut());
    heard(&mut people, &[(0, 1), (2, 3)]);
    (house, people)
}

/// Waits until the second of each pair hears the first anew.
fn heard(people: &mut [Client; 4], pairs: &[(usize, usize)]) {
    let before: Vec<usize> = people.iter().map(Client::total).collect();
    until("the others are heard", &mut people.each_mut(), |people| {
        for (speaker, _) in pairs {
            if people[*speaker].is_time() {
                people[*speaker].speak(30);
            }
        }
        pairs.iter().all(|(_, hearer)| people[*hearer].total() > before[*hearer] + 10)
    });
}

fn lost(house: &House) -> Vec<(u64, LostReason)> {
    let events = house.events();
    let lost = events.iter().filter_map(|event| match event {
        Event::Lost { peer, reason } => Some((peer.0, *reason)),
        _ => None,
    });
    let mut lost: Vec<_> = lost.collect();
    lost.sort_by_key(|(peer, _)| *peer);
    lost
}

#[test]
fn a_defect_while_receiving_ends_the_sender_only() {
    let (house, mut people) = two_rooms();
    // Ben sends it: Anna goes on, and so does the other room.
    people[1].say(30, defect("receive"));
    until("the sender is ended", &mut people.each_mut(), |_| !lost(&house).is_empty());
    let mut again = house.client("one", 5, USUAL);
    connect(&mut [&mut again]);
    people[1] = again;
    heard(&mut people, &[(0, 1), (2, 3)]);
    assert_eq!(lost(&house), [(2, LostReason::Failed)]);
}

#[test]
fn a_defect_while_writing_ends_the_receiver_only() {
    let (house, mut people) = two_rooms();
    let mut more = house.client("one", 5, USUAL);
    connect(&mut [&mut more]);
    until("the third hears too", &mut [&mut people[0], &mut more], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > 10
    });
    let slot = house.slot_of(PeerId(2), 10).unwrap();
    people[0].say(30, defect(&format!("write {slot}")));
    until("the receiver is ended", &mut people.each_mut(), |_| !lost(&house).is_empty());
    people[1] = more;
    heard(&mut people, &[(0, 1), (2, 3)]);
    assert_eq!(lost(&house), [(2, LostReason::Failed)]);
}

#[test]
fn a_defect_in_routing_ends_the_room_and_no_other() {
    let (house, mut people) = two_rooms();
    people[0].say(30, defect("route"));
    until("the room is ended", &mut people.each_mut(), |_| lost(&house).len() == 2);
    heard(&mut people, &[(2, 3)]);
    assert_eq!(lost(&house), [(1, LostReason::Failed), (2, LostReason::Failed)]);
    // The room can be opened again.
    people[0] = house.client("one", 1, USUAL);
    people[1] = house.client("one", 2, USUAL);
    house.declare(&people[0], 10, &[MediaKind::Microphone]);
    connect(&mut people.each_mut());
    heard(&mut people, &[(0, 1), (2, 3)]);
}

#[test]
fn a_defect_while_reading_an_offer_refuses_it_and_nothing_else() {
    let (house, mut people) = two_rooms();
    let sdp = String::from_utf8(defect("prepare")).unwrap();
    for (room, peer) in [("one", 1), ("one", 9)] {
        assert!(matches!(
            house.offer(room, PeerId(peer), &sdp, false),
            Err(OfferError::Malformed(_))
        ));
    }
    during(std::time::Duration::from_millis(50), &mut people.each_mut(), |_| {});
    heard(&mut people, &[(0, 1), (2, 3)]);
    assert_eq!((lost(&house), house.engine.stats().peers), (Vec::new(), 4));
}

#[test]
fn a_defect_of_a_shard_ends_what_it_has_and_it_begins_anew() {
    let (house, mut people) = two_rooms_on(2);
    // The kernel chooses whose socket gets it.
    people[0].send_raw(house.engine.local_addr(), &defect("shard"));
    until("two people are ended", &mut people.each_mut(), |_| lost(&house).len() == 2);
    let ended = lost(&house);
    let (failed, other) = if ended[0].0 == 1 { ([0, 1], (2, 3)) } else { ([2, 3], (0, 1)) };
    let ids = failed.map(|at| (people[at].id.0, LostReason::Failed));
    assert_eq!(ended, ids, "those of one room");
    heard(&mut people, &[other]);
    assert_eq!(house.engine.stats().shards_failed, 1);
    // Its room can be opened again, on the same shard as well as on the other.
    let room = if failed == [0, 1] { "one" } else { "two" };
    for at in failed {
        people[at] = house.client(room, people[at].id.0, USUAL);
    }
    house.declare(&people[failed[0]], 10, &[MediaKind::Microphone]);
    connect(&mut people.each_mut());
    heard(&mut people, &[(0, 1), (2, 3)]);
    assert_eq!((lost(&house).len(), house.engine.stats().peers), (2, 4));
}
