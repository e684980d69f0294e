//! Captures of headers, over the administrators' API, of somebody in a real call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;
mod meeting;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use house::{
    House, PATIENCE,
    client::{Answer, json},
};
use meeting::{open_meeting, visitor};
use serde_json::{Value, json};

const ADMINISTRATOR: usize = 2;
const CAPTURES: &str = "/api/admin/captures";

async fn ask(house: &House, method: Method, path: &str, token: Option<&str>, body: Value) -> Answer {
    house.http().send(json(method, path, token, &body)).await
}

/// Asks until the answer is as wanted: what is waited for is written by another process.
async fn until(house: &House, path: &str, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let asking = async {
        loop {
            let answer = ask(house, Method::GET, path, Some(token), json!({})).await.json();
            if wanted(&answer) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("in time")
}

/// The file, as bytes.
async fn file(house: &House, path: &str, token: &str) -> Vec<u8> {
    use hyper_util::rt::TokioIo;
    let stream = house.http().connect().await;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path)
        .header(header::HOST, house.http().authority())
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/vnd.tcpdump.pcap");
    axum::body::to_bytes(Body::new(answer.into_body()), usize::MAX)
        .await
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn an_administrator_captures_the_headers_of_one_participant_and_nobody_else_does() {
    let house = House::start().await;
    let meeting = open_meeting(&house).await;
    let (mut maria, _ben) = (
        visitor(&meeting, "Maria").spawn().unwrap(),
        visitor(&meeting, "Ben").spawn().unwrap(),
    );
    let (administrator, member) = (house.sign_in(ADMINISTRATOR).await, house.sign_in(0).await);
    let token = administrator.as_str();
    let calls = until(&house, "/api/admin/calls", token, |calls| calls["calls"][0]["people"] == 2).await;
    let call = calls["calls"][0]["id"].as_str().unwrap();
    let sessions = ask(
        &house,
        Method::GET,
        &format!("/api/admin/calls/{call}/sessions"),
        Some(token),
        json!({}),
    )
    .await;
    let sessions = sessions.json();
    let of = |name: &str| {
        let sessions = sessions["sessions"].as_array().unwrap();
        let session = sessions.iter().find(|session| session["displayName"] == name).unwrap();
        session["session"].as_str().unwrap().to_owned()
    };
    let begin = format!("/api/admin/calls/{call}/sessions/{}/captures", of("Maria"));
    let minute = json!({ "seconds": 60 });

    // Whoever may not, may not, and learns nothing.
    assert_eq!(
        ask(&house, Method::POST, &begin, None, minute.clone()).await.refused(401),
        "unauthenticated"
    );
    assert_eq!(
        ask(&house, Method::POST, &begin, Some(&member), minute.clone()).await.refused(403),
        "forbidden"
    );
    for seconds in [0, 301] {
        let answer = ask(&house, Method::POST, &begin, Some(token), json!({ "seconds": seconds })).await;
        assert_eq!(answer.refused(400), "invalidArgument");
    }
    let nowhere = format!("/api/admin/calls/another/sessions/{}/captures", of("Maria"));
    assert_eq!(
        ask(&house, Method::POST, &nowhere, Some(token), minute.clone()).await.refused(404),
        "notFound"
    );

    let begun = ask(&house, Method::POST, &begin, Some(token), minute.clone()).await;
    assert_eq!(begun.status, 201, "{begun:?}");
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        ask(&house, Method::POST, &begin, Some(token), minute.clone()).await.refused(409),
        "conflict"
    );
    let of_it = format!("{CAPTURES}/{id}");
    assert_eq!(
        ask(&house, Method::GET, &format!("{of_it}/file"), Some(token), json!({}))
            .await
            .refused(409),
        "conflict"
    );
    until(&house, CAPTURES, token, |all| all["captures"][0]["headers"].as_u64() > Some(200)).await;
    let stopped = ask(&house, Method::POST, &format!("{of_it}/stop"), Some(token), json!({}))
        .await
        .json();
    assert_eq!(
        (stopped["ended"].as_str(), stopped["dropped"].as_u64()),
        (Some("stopped"), Some(0)),
        "{stopped}"
    );

    for (method, path) in [
        (Method::GET, CAPTURES.to_owned()),
        (Method::GET, format!("{of_it}/file")),
        (Method::POST, format!("{of_it}/stop")),
        (Method::DELETE, of_it.clone()),
        (Method::GET, format!("{CAPTURES}/nothing/file")),
    ] {
        assert_eq!(
            ask(&house, method.clone(), &path, Some(&member), json!({})).await.refused(403),
            "forbidden",
            "{path}"
        );
        assert_eq!(
            ask(&house, method, &path, None, json!({})).await.refused(401),
            "unauthenticated",
            "{path}"
        );
    }
    assert_eq!(
        ask(&house, Method::GET, &format!("{CAPTURES}/nothing/file"), Some(token), json!({}))
            .await
            .refused(404),
        "notFound"
    );

    // A file of the right kind, of both directions, and of headers only: most packets of a video are longer than all that was kept of any.
    let file = file(&house, &format!("{of_it}/file"), token).await;
    assert_eq!(Some(file.len() as u64), stopped["bytes"].as_u64());
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((number(0), number(20)), (0xA1B2_3C4D, 101));
    let (mut at, mut ports, mut longest, mut records) = (24, std::collections::BTreeSet::new(), 0, 0);
    while at < file.len() {
        let kept = number(at + 8);
        ports.insert([file[at + 36], file[at + 37]]);
        longest = longest.max(number(at + 12));
        assert!(kept <= 28 + 512, "{kept}");
        at += 16 + kept;
        records += 1;
    }
    assert_eq!((at, Some(records)), (file.len(), stopped["headers"].as_u64()));
    assert_eq!(ports.len(), 2, "hers and the engine's");
    assert!(longest > 800, "{longest}");

    // It ends with the connection, and is gone when it is deleted.
    let again = ask(&house, Method::POST, &begin, Some(token), minute.clone()).await.json();
    let again = again["id"].as_str().unwrap();
    maria.kill().await.unwrap();
    let over = until(&house, CAPTURES, token, |all| {
        let captures = all["captures"].as_array().unwrap();
        captures.iter().any(|capture| capture["id"] == again && !capture["ended"].is_null())
    });
    let over = over.await;
    let capture = over["captures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|capture| capture["id"] == again)
        .unwrap();
    assert_eq!(capture["ended"], "connection", "{capture}");
    for id in [&id, again] {
        assert_eq!(
            ask(&house, Method::DELETE, &format!("{CAPTURES}/{id}"), Some(token), json!({}))
                .await
                .status,
            204
        );
    }
    assert_eq!(
        ask(&house, Method::GET, CAPTURES, Some(token), json!({})).await.json(),
        json!({ "captures": [] })
    );
    let folder = house.ready_file().with_file_name("data").join("captures");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}
