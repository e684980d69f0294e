//! Connections of the built server: silent ones end, WebSockets work on both origins, and neither delays a stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use futures_util::StreamExt as _;
use house::{
    House, PATIENCE,
    client::{Client, Stream, get},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::WebSocketStream;

async fn signalling(client: &Client) -> WebSocketStream<Box<dyn Stream>> {
    let url = format!("ws://{}/signal", client.authority());
    let (socket, _) = tokio_tungstenite::client_async(url, client.connect().await).await.unwrap();
    socket
}

#[tokio::test]
async fn a_client_that_sends_nothing_or_half_a_head_is_closed_and_others_are_served_meanwhile() {
    let house = House::start().await;
    let client = house.http();
    let mut silent = client.connect().await;
    let mut slow = client.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost: he").await.unwrap();
    assert_eq!(client.send(get("/health/live")).await.body, "ok");
    for stream in [&mut silent, &mut slow] {
        let mut said = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        ended.expect("closed in time").unwrap();
        assert!(said.is_empty());
    }
}

#[tokio::test]
async fn signalling_opens_on_both_origins_and_a_stop_closes_it() {
    let mut house = House::start().await;
    let mut sockets = Vec::new();
    for client in [house.http(), house.https("localhost"), house.https("127.0.0.1")] {
        sockets.push(signalling(&client).await);
    }
    let _silent = house.http().connect().await;
    let _without_handshake = tokio::net::TcpStream::connect(("127.0.0.1", url::Url::parse(house.text("origin")).unwrap().port().unwrap()))
        .await
        .unwrap();
    assert_eq!(house.stop().await, Some(0));
    for mut socket in sockets {
        let ended = async { while let Some(Ok(_)) = socket.next().await {} };
        tokio::time::timeout(PATIENCE, ended).await.expect("closed in time");
    }
}
