//! Starting and stopping: what a second start finds again, what is refused, and the ready file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use std::{os::unix::fs::PermissionsExt as _, time::Instant};

use house::{House, PATIENCE, command};
use serde_json::Value;

#[tokio::test]
async fn a_second_start_finds_tenant_keys_members_and_authority_again() {
    let house = House::start().await;
    let (first, authority) = (house.ready.clone(), std::fs::read(house.text("caCertificate")).unwrap());
    house.sign_in(0).await;
    let house = house.start_again().await;
    for name in ["tenantId", "resourceId", "application", "members", "caCertificate"] {
        assert_eq!(house.ready[name], first[name], "{name}");
    }
    // The endpoint has a new port, the key is the old one.
    let key = |ready: &Value| {
        ready["connectionString"]
            .as_str()
            .unwrap()
            .split_once(";accesskey=")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(key(&house.ready), key(&first));
    assert_eq!(std::fs::read(house.text("caCertificate")).unwrap(), authority);
    house.sign_in(0).await;
}

#[tokio::test]
async fn a_stop_that_was_asked_for_ends_with_success() {
    assert_eq!(House::start().await.stop().await, Some(0));
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_with_a_sentence_unless_forced() {
    for flag in ["--http", "--https"] {
        let folder = tempfile::tempdir().unwrap();
        let ended = command(&folder, &[flag, "0.0.0.0:0"]).output();
        let ended = tokio::time::timeout(PATIENCE, ended).await.expect("an end in time").unwrap();
        assert_eq!(ended.status.code(), Some(1));
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains(&format!("{flag} 0.0.0.0:0 can be reached by others")), "{said}");
        assert!(said.contains("--force"), "{said}");
        assert!(!folder.path().join("data").exists(), "nothing was made");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut forced = command(&folder, &["--http", "0.0.0.0:0", "--force"]).spawn().unwrap();
    first_reading(&folder.path().join("ready.json")).await;
    forced.kill().await.unwrap();
}

#[tokio::test]
async fn the_ready_file_is_its_owners_only_and_appears_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(&folder, &[]).spawn().unwrap();
    let path = folder.path().join("ready.json");
    let text = first_reading(&path).await;
    let ready: Value = serde_json::from_str(&text).expect("whole at first sight");
    assert!(ready["metricsUrl"].is_string());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    child.kill().await.unwrap();
}

/// What the file holds at the first moment it can be read.
async fn first_reading(path: &std::path::Path) -> String {
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match std::fs::read_to_string(&path) {
                Ok(text) => return text,
                Err(_) => std::thread::yield_now(),
            }
        }
        panic!("no ready file in time");
    });
    reading.await.unwrap()
}
