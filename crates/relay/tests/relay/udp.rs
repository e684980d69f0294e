//! TURN over UDP.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use relay::gate::Transport;
use relay::message::{Class, Message, Method, Writer, attribute, xor_address};
use relay::{Limits, Rate};
use tokio::net::UdpSocket;

use crate::client::{Client, Datagrams, Way as _, binding_request};
use crate::{House, media, until, within};

async fn serve(house: &House) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (relay, stopped) = (house.relay.clone(), house.stop.subscribe());
    tokio::spawn(async move { relay.serve_udp(socket, stopped).await });
    address
}

async fn client(house: &House, relay: SocketAddr, participant: &str) -> Client<Datagrams> {
    Client::new(Datagrams::to(relay).await, house.credential(participant))
}

#[tokio::test]
async fn a_client_reaches_the_engine_and_is_seen_at_its_relayed_address() {
    let house = House::new();
    let mut client = client(&house, serve(&house).await, "p").await;
    let said = client.allocate().await.unwrap();
    assert_eq!((said.code, said.lifetime_s), (None, Some(600)));
    assert_eq!(said.mapped, Some(client.way.0.local_addr().unwrap()));
    let relayed = said.relayed.unwrap();
    assert_eq!(relayed.ip(), media().ip());
    assert_eq!(client.permit(media()).await, None);
    client.send_to(media(), &binding_request()).await;
    let (channel, answer) = client.data().await.unwrap();
    let answer = Message::parse(&answer).unwrap();
    let seen = xor_address(answer.get(attribute::XOR_MAPPED_ADDRESS).unwrap(), &answer.transaction());
    assert_eq!((channel, seen), (None, Some(relayed)));
    assert_eq!(house.engine.opened.lock().unwrap()[..], [(Transport::Relay, relayed, media())]);

    assert_eq!(client.bind(0x4000, media()).await, None);
    client.send_channel(0x4000, &[0x80, 1, 2]).await;
    assert_eq!(client.data().await, Some((Some(0x4000), vec![0x80, 1, 2])));
    house.engine.push(0, b"\x80from the engine");
    assert_eq!(client.data().await.unwrap().1, b"\x80from the engine");
    assert_eq!(house.engine.links(), 1);
    let stats = house.relay.stats();
    assert_eq!((stats.datagrams_in, stats.datagrams_out, stats.allocations), (2, 3, 1));
}

#[tokio::test]
async fn what_is_not_the_engine_is_refused_and_never_reached() {
    let house = House::new();
    let relay = serve(&house).await;
    let victim = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut client = client(&house, relay, "p").await;
    client.allocate().await.unwrap();
    assert_eq!(client.bind(0x4000, victim.local_addr().unwrap()).await, Some(403));
    assert_eq!(client.bind(0x4000, relay).await, Some(403));
    assert_eq!(client.permit("192.0.2.1:9".parse().unwrap()).await, Some(403));
    // A permission is for an address, and the engine has this one too: but not this port.
    assert_eq!(client.permit(victim.local_addr().unwrap()).await, None);
    client.send_to(victim.local_addr().unwrap(), b"unwanted").await;
    client.send_to(relay, &binding_request()).await;
    client.send_to(media(), b"wanted").await;
    assert_eq!(client.data().await.unwrap().1, b"wanted");
    assert_eq!(house.relay.stats().datagrams_in, 1);
    let mut buffer = [0; 16];
    assert_eq!(victim.try_recv(&mut buffer).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn an_allocation_that_is_given_back_closes_its_link_and_can_be_made_again() {
    let house = House::new();
    let mut client = client(&house, serve(&house).await, "p").await;
    let first = client.allocate().await.unwrap().relayed;
    client.bind(0x4000, media()).await;
    client.send_channel(0x4000, b"x").await;
    client.data().await.unwrap();
    assert_eq!(client.refresh(0).await.unwrap().lifetime_s, Some(0));
    until("the link is closed", || house.engine.closed() == 1).await;
    assert_eq!(house.relay.stats().allocations, 0);
    let second = client.allocate().await.unwrap().relayed;
    assert!(second.is_some() && second != first);
    assert_eq!(client.bind(0x4000, media()).await, None);
    client.send_channel(0x4000, b"y").await;
    assert_eq!(client.data().await.unwrap().1, b"y");
}

#[tokio::test]
async fn a_revoked_participant_loses_allocation_and_link_at_once_and_others_nothing() {
    let house = House::new();
    let relay = serve(&house).await;
    let mut revoked = client(&house, relay, "revoked").await;
    let mut other = client(&house, relay, "other").await;
    for client in [&mut revoked, &mut other] {
        client.allocate().await.unwrap();
        client.bind(0x4000, media()).await;
        client.send_channel(0x4000, b"x").await;
        client.data().await.unwrap();
    }
    house.relay.revoke("revoked");
    until("the link is closed", || house.engine.closed() == 1).await;
    assert_eq!(house.relay.stats().allocations, 1);
    assert_eq!(revoked.allocate().await.unwrap().code, Some(401));
    other.send_channel(0x4000, b"y").await;
    assert_eq!(other.data().await.unwrap().1, b"y");
    assert_eq!(house.engine.closed(), 1);
}

#[tokio::test]
async fn an_engine_without_a_place_loses_datagrams_and_not_the_allocation() {
    let house = House::new();
    house.engine.busy.store(true, Ordering::SeqCst);
    let mut client = client(&house, serve(&house).await, "p").await;
    client.allocate().await.unwrap();
    client.bind(0x4000, media()).await;
    client.send_channel(0x4000, b"x").await;
    assert_eq!(client.refresh(600).await.unwrap().code, None);
    assert_eq!(house.relay.stats().dropped_in, 1);
    house.engine.busy.store(false, Ordering::SeqCst);
    until("the engine is asked again", || {
        client.way.0.try_send(&[0x40, 0, 0, 1, b'y']).is_ok() && house.engine.links() == 1
    })
    .await;
    assert_eq!(client.data().await.unwrap().1, b"y");
}

#[tokio::test]
async fn a_link_that_the_engine_closes_is_opened_again_by_the_next_datagram() {
    let house = House::new();
    let mut client = client(&house, serve(&house).await, "p").await;
    client.allocate().await.unwrap();
    client.bind(0x4000, media()).await;
    client.send_channel(0x4000, b"x").await;
    client.data().await.unwrap();
    house.engine.hang_up(0);
    until("the link is closed", || house.engine.closed() == 1).await;
    client.send_channel(0x4000, b"y").await;
    assert_eq!(client.data().await.unwrap().1, b"y");
    assert_eq!(house.engine.links(), 2);
}

#[tokio::test]
async fn a_stop_ends_allocations_and_links() {
    let house = House::new();
    let mut client = client(&house, serve(&house).await, "p").await;
    client.allocate().await.unwrap();
    client.permit(media()).await;
    client.send_to(media(), b"x").await;
    client.data().await.unwrap();
    house.stop.send_replace(true);
    until("everything has ended", || {
        house.relay.stats().allocations == 0 && house.engine.closed() == 1
    })
    .await;
}

#[tokio::test]
async fn strangers_are_answered_a_few_times_and_clients_still_are() {
    let house = House::with(Limits {
        strangers: Rate {
            per_second: 0.001,
            burst: 5.0,
        },
        ..Limits::relay()
    });
    let relay = serve(&house).await;
    let mut client = client(&house, relay, "p").await;
    client.allocate().await.unwrap();
    let mut stranger = Datagrams::to(relay).await;
    let request = |n: u8| Writer::new(Class::Request, Method::Binding, [n; 12]).finish();
    // Two of five are spent by the client's own first steps, which came from the same address.
    for n in 0..5 {
        stranger.send(&request(n)).await;
    }
    for n in 0..3 {
        let answer = within(stranger.receive()).await.unwrap();
        assert_eq!(Message::parse(&answer).unwrap().transaction(), [n; 12]);
    }
    until("two are counted", || house.relay.stats().requests_unanswered == 2).await;
    assert_eq!(client.permit(media()).await, None);
    client.send_to(media(), b"x").await;
    assert_eq!(client.data().await.unwrap().1, b"x");
}

#[tokio::test]
async fn datagrams_beyond_the_rate_of_a_client_are_dropped_and_others_keep_theirs() {
    let house = House::with(Limits {
        bytes: Rate {
            per_second: 0.001,
            burst: 2000.0,
        },
        ..Limits::relay()
    });
    let relay = serve(&house).await;
    let mut greedy = client(&house, relay, "greedy").await;
    let mut modest = client(&house, relay, "modest").await;
    for client in [&mut greedy, &mut modest] {
        client.allocate().await.unwrap();
        assert_eq!(client.bind(0x4000, media()).await, None);
    }
    for _ in 0..10 {
        greedy.send_channel(0x4000, &[0x80; 500]).await;
    }
    until("some are dropped", || house.relay.stats().dropped_in == 7).await;
    assert_eq!(house.relay.stats().datagrams_in, 3);
    modest.send_channel(0x4000, &[0x80; 500]).await;
    assert_eq!(modest.data().await.unwrap().1, [0x80; 500]);
}

#[tokio::test]
async fn what_nobody_would_send_gets_no_answer_and_spoils_nothing() {
    let house = House::new();
    let relay = serve(&house).await;
    let mut stranger = Datagrams::to(relay).await;
    for junk in [&[0_u8; 3000][..], &[0; 20], &[0x40, 0, 0xFF, 0xFF], &[0xFF], &[]] {
        stranger.send(junk).await;
    }
    stranger.send(&Writer::new(Class::Success, Method::Binding, [1; 12]).finish()).await;
    stranger.send(&Writer::new(Class::Request, Method::Binding, [2; 12]).finish()).await;
    let answer = within(stranger.receive()).await.unwrap();
    assert_eq!(Message::parse(&answer).unwrap().transaction(), [2; 12]);
}
