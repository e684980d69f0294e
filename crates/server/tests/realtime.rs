//! The stop of the server reaches the sockets of real-time events: they get a goodbye, and the process does not wait for them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use std::time::Instant;

use axum::{body::Body, http::Method, http::Request};
use futures_util::StreamExt as _;
use house::{
    House, PATIENCE,
    client::{Answer, json},
};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};

async fn ask(house: &House, method: Method, target: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(target).header("x-skypetoken", token);
    house.http().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_stop_closes_real_time_sockets_with_a_goodbye_and_ends_at_once() {
    let mut house = House::start().await;
    let visitor = json(Method::POST, "/api/visitor/token", None, &json!({}));
    let token = house.http().send(visitor).await.json()["token"].as_str().unwrap().to_owned();
    let endpoint: Value = ask(&house, Method::POST, "/v4/a", &token).await.json();
    let socketio = endpoint["socketio"].as_str().unwrap();
    assert!(
        socketio.starts_with("https://"),
        "browsers are sent to the secure origin: {socketio}"
    );
    let address = endpoint["connectparams"]["address"].as_str().unwrap();
    let handshake = ask(&house, Method::GET, &format!("/socket.io/1/?address={address}"), &token).await;
    let (name, _) = handshake.body.split_once(':').unwrap();
    let url = format!("ws://{}/socket.io/1/websocket/{name}", house.http().authority());
    let (mut socket, _) = connect_async(url).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Text("1::".into()));

    let asked = Instant::now();
    assert_eq!(house.stop().await, Some(0));
    assert!(asked.elapsed().as_secs() < 5, "the stop took {:?}", asked.elapsed());
    let told = tokio::time::timeout(PATIENCE, async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(close)))) => return Some(u16::from(close.code)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    });
    assert_eq!(told.await.expect("an end in time"), Some(1001));
}
