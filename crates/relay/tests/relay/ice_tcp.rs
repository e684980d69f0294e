//! ICE over TCP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use relay::gate::Transport;
use relay::message::{Message, attribute, xor_address};
use relay::{IceTcp, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::client::binding_request;
use crate::engine::Engine;
use crate::{until, within};

struct House {
    door: IceTcp,
    engine: Arc<Engine>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
}

async fn house(limits: Limits) -> House {
    let engine = Arc::new(Engine::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let door = IceTcp::new(vec![address], Arc::clone(&engine) as _, limits);
    tokio::spawn({
        let door = door.clone();
        async move { door.serve(listener, stopped).await }
    });
    House {
        door,
        engine,
        address,
        stop,
    }
}

impl House {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

async fn send(stream: &mut TcpStream, frame: &[u8]) {
    stream.write_u16(u16::try_from(frame.len()).unwrap()).await.unwrap();
    stream.write_all(frame).await.unwrap();
}

/// Nothing when the connection is over.
async fn receive(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = within(stream.read_u16()).await.ok()?;
    let mut frame = vec![0; length.into()];
    within(stream.read_exact(&mut frame)).await.ok()?;
    Some(frame)
}

#[tokio::test]
async fn frames_go_both_ways_once_the_first_was_a_binding_request() {
    let house = house(Limits::ice_tcp()).await;
    let mut stream = house.connect().await;
    let here = stream.local_addr().unwrap();
    send(&mut stream, &binding_request()).await;
    let answer = receive(&mut stream).await.unwrap();
    let answer = Message::parse(&answer).unwrap();
    let seen = xor_address(answer.get(attribute::XOR_MAPPED_ADDRESS).unwrap(), &answer.transaction());
    assert_eq!(seen, Some(here));
    assert_eq!(house.engine.opened.lock().unwrap()[..], [(Transport::Tcp, here, house.address)]);
    for length in [1, 2, 1200, 2048] {
        send(&mut stream, &vec![0x80; length]).await;
        assert_eq!(receive(&mut stream).await, Some(vec![0x80; length]));
    }
    house.engine.push(0, b"\x80media");
    assert_eq!(receive(&mut stream).await.unwrap(), b"\x80media");
    drop(stream);
    until("the link is closed", || {
        house.engine.closed() == 1 && house.door.stats().connections == 0
    })
    .await;
}

#[tokio::test]
async fn a_first_frame_of_another_kind_closes_the_connection_without_a_link() {
    let house = house(Limits::ice_tcp()).await;
    for frame in [&b"\x80media"[..], &[0x16, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0], &[0, 1, 0, 0]] {
        let mut stream = house.connect().await;
        send(&mut stream, frame).await;
        assert_eq!(receive(&mut stream).await, None);
    }
    for junk in [&[0_u8, 0][..], &[0xFF, 0xFF, 1]] {
        let mut stream = house.connect().await;
        stream.write_all(junk).await.unwrap();
        assert_eq!(receive(&mut stream).await, None);
    }
    assert_eq!(house.engine.links(), 0);
}

#[tokio::test]
async fn who_says_nothing_and_whom_the_engine_does_not_know_are_disconnected_and_others_are_not() {
    let house = house(Limits {
        first_time: Duration::from_millis(300),
        answer_time: Duration::from_millis(300),
        ..Limits::ice_tcp()
    })
    .await;
    let mut known = house.connect().await;
    send(&mut known, &binding_request()).await;
    assert!(receive(&mut known).await.is_some());
    let mut silent = house.connect().await;
    assert_eq!(receive(&mut silent).await, None);
    house.engine.silent.store(true, Ordering::SeqCst);
    let mut unknown = house.connect().await;
    send(&mut unknown, &binding_request()).await;
    assert_eq!(receive(&mut unknown).await, None);
    house.engine.silent.store(false, Ordering::SeqCst);
    send(&mut known, b"\x80x").await;
    assert!(receive(&mut known).await.is_some());
}

#[tokio::test]
async fn before_the_engine_has_answered_only_a_few_checks_are_taken() {
    let house = house(Limits::ice_tcp()).await;
    house.engine.silent.store(true, Ordering::SeqCst);
    let mut other = house.connect().await;
    send(&mut other, &binding_request()).await;
    send(&mut other, b"\x80media").await;
    assert_eq!(receive(&mut other).await, None, "media before anybody is known");
    let mut many = house.connect().await;
    for _ in 0..17 {
        send(&mut many, &binding_request()).await;
    }
    assert_eq!(receive(&mut many).await, None, "one more than there may be");
    let mut few = house.connect().await;
    for _ in 0..15 {
        send(&mut few, &binding_request()).await;
    }
    until("they are taken", || house.door.stats().datagrams_in >= 1 + 16 + 15).await;
    house.engine.silent.store(false, Ordering::SeqCst);
    send(&mut few, &binding_request()).await;
    assert!(receive(&mut few).await.is_some());
    send(&mut few, b"\x80media").await;
    assert_eq!(receive(&mut few).await.unwrap(), b"\x80media");
}

#[tokio::test]
async fn whom_the_engine_knows_no_longer_is_disconnected_however_much_they_send() {
    let house = house(Limits {
        idle_time: Duration::from_millis(500),
        ..Limits::ice_tcp()
    })
    .await;
    let (mut known, mut forgotten) = (house.connect().await, house.connect().await);
    for stream in [&mut known, &mut forgotten] {
        send(stream, &binding_request()).await;
        assert!(receive(stream).await.is_some());
    }
    house.engine.silent.store(true, Ordering::SeqCst);
    let (_reader, mut writer) = forgotten.split();
    let sending = async {
        // Far more often than the time for silence, until the connection is over.
        while writer.write_all(&[0, 1, 0x80]).await.is_ok() {
            house.engine.push(0, b"\x80still known");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let keeping = async {
        loop {
            known.write_all(&[0, 1, 0x80]).await.unwrap();
            assert!(receive(&mut known).await.is_some());
        }
    };
    within(async {
        tokio::select! {
            () = sending => {}
            () = keeping => {}
        }
    })
    .await;
}

#[tokio::test]
async fn an_engine_without_a_place_or_that_hangs_up_ends_the_connection() {
    let house = house(Limits::ice_tcp()).await;
    let mut stream = house.connect().await;
    send(&mut stream, &binding_request()).await;
    assert!(receive(&mut stream).await.is_some());
    house.engine.hang_up(0);
    assert_eq!(receive(&mut stream).await, None);
    house.engine.busy.store(true, Ordering::SeqCst);
    let mut stream = house.connect().await;
    send(&mut stream, &binding_request()).await;
    assert_eq!(receive(&mut stream).await, None);
    assert_eq!(house.engine.links(), 1);
}

#[tokio::test]
async fn connections_are_bounded_and_a_stop_ends_them() {
    let house = house(Limits {
        connections: 1,
        ..Limits::ice_tcp()
    })
    .await;
    let mut first = house.connect().await;
    send(&mut first, &binding_request()).await;
    assert!(receive(&mut first).await.is_some());
    assert_eq!(receive(&mut house.connect().await).await, None);
    assert_eq!(house.door.stats().connections_refused, 1);
    house.stop.send_replace(true);
    assert_eq!(receive(&mut first).await, None);
    until("the link is closed", || house.engine.closed() == 1).await;
}

#[tokio::test]
async fn who_does_not_read_loses_the_oldest_media_and_keeps_nobody_waiting() {
    let house = house(Limits {
        queue_bytes: 16 * 1024,
        ..Limits::ice_tcp()
    })
    .await;
    let (mut lazy, mut eager) = (house.connect().await, house.connect().await);
    for stream in [&mut lazy, &mut eager] {
        send(stream, &binding_request()).await;
        assert!(receive(stream).await.is_some());
    }
    static MEDIA: [u8; 1200] = [0x80; 1200];
    until("media was dropped", || {
        for _ in 0..100 {
            house.engine.push(0, &MEDIA);
        }
        house.door.stats().dropped_out > 0
    })
    .await;
    house.engine.push(1, b"\x80prompt");
    assert_eq!(receive(&mut eager).await.unwrap(), b"\x80prompt");
    // What does arrive is whole frames.
    for _ in 0..50 {
        assert_eq!(receive(&mut lazy).await.unwrap(), MEDIA);
    }
}
