//! The quality record of the built binary: two people in a real call, their records, and who may read them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;
mod meeting;

use axum::http::Method;
use house::{
    House,
    client::{Answer, get, json},
};
use meeting::{open_meeting, visits};
use serde_json::{Value, json};

const CALLS: &str = "/api/admin/calls";
const ADMINISTRATOR: usize = 2;

async fn ask(house: &House, path: &str, token: Option<&str>) -> Answer {
    house.http().send(json(Method::GET, path, token, &json!({}))).await
}

#[tokio::test]
async fn a_call_leaves_the_records_of_its_sessions_for_administrators_and_nobody_else() {
    let house = House::start().await;
    let meeting = open_meeting(&house).await;
    tokio::join!(visits(&meeting, "Maria", 6), visits(&meeting, "Ben", 5));
    let page = house.http().send(get("/metrics")).await.body;
    // A stop writes down what is known; the next server reads it.
    let house = house.start_again().await;
    let administrator = house.sign_in(ADMINISTRATOR).await;
    let token = Some(administrator.as_str());
    let calls = ask(&house, CALLS, token).await.json();
    assert_eq!(
        (calls["calls"].as_array().unwrap().len(), &calls["next"]),
        (1, &Value::Null),
        "{calls}"
    );
    let call = &calls["calls"][0];
    assert_eq!(
        (call["kind"].as_str(), call["people"].as_u64()),
        (Some("meeting"), Some(2)),
        "{call}"
    );
    assert_eq!(
        (call["running"].as_u64(), call["unconnected"].as_u64()),
        (Some(0), Some(0)),
        "{call}"
    );
    assert_eq!(call["threadId"], meeting["chatInfo"]["threadId"]);
    let mut names: Vec<_> = call["names"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ben", "Maria"]);

    let id = call["id"].as_str().unwrap();
    assert_eq!(ask(&house, &format!("{CALLS}/{id}"), token).await.json(), *call);
    let sessions = ask(&house, &format!("{CALLS}/{id}/sessions"), token).await.json();
    let sessions = sessions["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    for session in sessions {
        // Sound at 50 packets and video at some 30 a second, each way, for about five seconds.
        for direction in ["received", "sent"] {
            let packets = session[direction]["packets"].as_u64().unwrap();
            assert!((100..3_000).contains(&packets), "{direction}: {session}");
            assert!(session[direction]["bytes"].as_u64().unwrap() > packets, "{session}");
        }
        assert_eq!(
            (&session["carriers"], &session["connections"]),
            (&json!(["udp"]), &json!(1)),
            "{session}"
        );
        assert_eq!(
            (&session["ended"], &session["person"]),
            (&json!(true), &json!("visitor")),
            "{session}"
        );
        let samples = session["samples"].as_array().unwrap();
        assert!(!samples.is_empty(), "{session}");
        let sent: u64 = samples.iter().filter_map(|sample| sample["sent"]["packets"].as_u64()).sum();
        assert_eq!(Some(sent), session["sent"]["packets"].as_u64(), "the course adds up to the whole");
    }
    // The numbers of the first server, without names.
    assert!(page.contains("anteroom_quality_sessions_unrecorded_total 0\n"), "{page}");
    assert!(!page.contains("Maria"), "{page}");

    let member = house.sign_in(0).await;
    for path in [CALLS.to_owned(), format!("{CALLS}/{id}"), format!("{CALLS}/{id}/sessions")] {
        assert_eq!(ask(&house, &path, None).await.refused(401), "unauthenticated");
        assert_eq!(ask(&house, &path, Some(&member)).await.refused(403), "forbidden");
    }
}

#[tokio::test]
async fn a_wrong_parameter_and_a_call_that_never_was_are_refused() {
    let house = House::start().await;
    let administrator = house.sign_in(ADMINISTRATOR).await;
    let token = Some(administrator.as_str());
    for query in [
        "",
        "?top=200&from=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z",
        "?room=99199690362660524",
    ] {
        let answer = ask(&house, &format!("{CALLS}{query}"), token).await.json();
        assert_eq!(answer, json!({ "calls": [], "next": null }), "{query}");
    }
    for query in [
        "?top=0",
        "?top=201",
        "?from=yesterday",
        "?mark=nonsense",
        "?meeting=a&room=b",
        "?participant=x",
    ] {
        assert_eq!(
            ask(&house, &format!("{CALLS}{query}"), token).await.refused(400),
            "invalidArgument",
            "{query}"
        );
    }
    assert_eq!(ask(&house, &format!("{CALLS}/none"), token).await.refused(404), "notFound");
    let sessions = ask(&house, &format!("{CALLS}/none/sessions"), token).await.json();
    assert_eq!(sessions, json!({ "sessions": [], "next": null }));
    for query in ["?top=0", "?mark=nonsense", "?from=2026-11-01T00:00:00Z"] {
        let path = format!("{CALLS}/none/sessions{query}");
        assert_eq!(ask(&house, &path, token).await.refused(400), "invalidArgument", "{query}");
    }
}
