//! A meeting of the built binary that everybody may enter and begin, and visitors for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "test code; no test file uses all of it"
)]

use std::process::Stdio;

use axum::http::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::house::{
    House, PATIENCE,
    client::{json, post_form},
};

const ADMINISTRATOR: usize = 2;

/// A meeting that everybody may enter and begin.
pub(crate) async fn open_meeting(house: &House) -> Value {
    let application = &house.ready["application"];
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", application["clientId"].as_str().unwrap()),
        ("client_secret", application["clientSecret"].as_str().unwrap()),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = format!("/{}/oauth2/v2.0/token", house.tenant());
    let token = house.http().send(post_form(&path, form)).await.json();
    let organizer = house.ready["members"][0]["id"].as_str().unwrap();
    let body = json!({ "subject": "Visit", "lobbyBypassSettings": { "scope": "everyone" } });
    let path = format!("/v1.0/users/{organizer}/onlineMeetings");
    let meeting = house
        .http()
        .send(json(Method::POST, &path, token["access_token"].as_str(), &body))
        .await;
    assert_eq!(meeting.status, 201, "{meeting:?}");
    let administrator = house.sign_in(ADMINISTRATOR).await;
    let change = json!({ "policy": { "allowAnonymousUsersToStartMeeting": true } });
    let answer = house
        .http()
        .send(json(Method::PATCH, "/api/admin/settings", Some(&administrator), &change))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    meeting.json()
}

/// The command of a visitor who is seen and heard until the process ends.
pub(crate) fn visitor(meeting: &Value, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    command.args(["bot", "join", "--name", name, "--link"]);
    command.arg(meeting["joinWebUrl"].as_str().unwrap());
    command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// A visitor who is seen and heard for so long.
pub(crate) async fn visits(meeting: &Value, name: &str, seconds: u32) {
    let visit = visitor(meeting, name).args(["--seconds", &seconds.to_string()]).status();
    let status = tokio::time::timeout(PATIENCE, visit).await.expect("an end in time").unwrap();
    assert!(status.success(), "{name}");
}
