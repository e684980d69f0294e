//! `GET /api/admin/surveys`: for administrators, with parameters that are read strictly.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use axum::http::Method;
use house::{House, client::json};
use serde_json::json;

const SURVEYS: &str = "/api/admin/surveys";

#[tokio::test]
async fn surveys_are_for_administrators_and_a_wrong_parameter_is_refused() {
    let house = House::start().await;
    let client = house.http();
    let ask = |path: &str, token: Option<&str>| json(Method::GET, path, token, &json!({}));
    assert_eq!(client.send(ask(SURVEYS, None)).await.refused(401), "unauthenticated");
    let member = house.sign_in(0).await;
    assert_eq!(client.send(ask(SURVEYS, Some(&member))).await.refused(403), "forbidden");
    let administrator = house.sign_in(2).await;
    let token = Some(administrator.as_str());
    for query in [
        "",
        "?top=500&from=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00%2B01:00",
        "?group=29228d3e-040e-4656-a70e-890ab4e173e5",
        "?room=99199690362660524&call=x",
    ] {
        let answer = client.send(ask(&format!("{SURVEYS}{query}"), token)).await;
        assert_eq!(answer.json(), json!({ "surveys": [], "next": null }), "{query}");
    }
    for query in [
        "?top=0",
        "?top=many",
        "?from=yesterday",
        "?mark=nonsense",
        "?group=ours",
        "?meeting=a&room=b",
        "?participant=x",
    ] {
        let answer = client.send(ask(&format!("{SURVEYS}{query}"), token)).await;
        assert_eq!(answer.refused(400), "invalidArgument", "{query}");
    }
}
