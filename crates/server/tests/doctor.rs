//! `anteroom doctor` against a running server: all is well, and what is not is said in the right line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use std::{collections::BTreeMap, ffi::OsStr, process::Stdio};

use house::{House, PATIENCE};
use serde_json::Value;
use tokio::process::Command;

/// What a doctor says, and the exit code.
struct Said {
    code: Option<i32>,
    text: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    /// The worst status of each check.
    fn checks(&self) -> BTreeMap<String, String> {
        let rank = |status: &str| ["ok", "skip", "warn", "fail"].iter().position(|known| *known == status).unwrap();
        let mut checks = BTreeMap::new();
        for finding in self.json()["checks"].as_array().unwrap() {
            let (check, status) = (finding["check"].as_str().unwrap(), finding["status"].as_str().unwrap());
            let advice = finding["advice"].as_str().unwrap();
            assert_eq!(
                advice.is_empty(),
                ["ok", "skip"].contains(&status),
                "what is wrong comes with what to do: {finding}"
            );
            let worst: &mut String = checks.entry(check.to_owned()).or_insert_with(|| status.to_owned());
            if rank(status) > rank(worst) {
                status.clone_into(worst);
            }
        }
        checks
    }
}

async fn doctor(arguments: &[&dyn AsRef<OsStr>]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    command.arg("doctor").args(arguments.iter().map(AsRef::as_ref));
    command.env_remove("ANTEROOM_CONNECTION_STRING").env_remove("ANTEROOM_LOG");
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, output).await.expect("an end in time").unwrap();
    Said {
        code: output.status.code(),
        text: String::from_utf8(output.stdout).unwrap(),
    }
}

/// What depends on the machine that the test runs on.
const OF_THE_MACHINE: [&str; 4] = ["udp-offload", "udp-buffers", "udp-port-shared", "open-files"];

fn without_the_machine(mut checks: BTreeMap<String, String>) -> Vec<(String, String)> {
    for check in OF_THE_MACHINE {
        assert!(checks.remove(check).is_some(), "{check}");
    }
    checks.into_iter().collect()
}

fn all_ok(names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|name| ((*name).to_owned(), "ok".to_owned())).collect()
}

#[tokio::test]
async fn a_running_server_is_well_by_every_way() {
    let house = House::start().await;
    let data = house.ready_file().with_file_name("data");
    let said = doctor(&[&"--json", &"--ready-file", &house.ready_file(), &"--data", &data]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert_eq!(said.json()["ok"], true);
    let expected = [
        "certificate",
        "clock",
        "https",
        "join",
        "media",
        "media-tcp",
        "media-udp",
        "relay",
        "sign-in",
        "store",
    ];
    assert_eq!(without_the_machine(said.checks()), all_ok(&expected), "{}", said.text);
    // Each of the relay's addresses is looked at: over UDP, TCP and TLS.
    let relays = said.text.matches("relays to the media engine").count();
    assert_eq!(relays, 3, "{}", said.text);
    // Nothing stays behind: nobody is in a call.
    let page = house.http().send(house::client::get("/metrics")).await.body;
    assert!(page.contains("\nanteroom_media_peers 0\n"), "{page}");

    let lines = doctor(&[&"--ready-file", &house.ready_file()]).await;
    assert_eq!(lines.code, Some(0));
    assert!(lines.text.starts_with("ok    https "), "{}", lines.text);
}

#[tokio::test]
async fn what_is_not_there_is_skipped_and_what_is_given_alone_is_looked_at_alone() {
    let house = House::start_with(&["--no-turn"]).await;
    let said = doctor(&[&"--json", &"--ready-file", &house.ready_file()]).await;
    assert_eq!((said.code, said.checks()["relay"].as_str()), (Some(0), "skip"), "{}", said.text);

    // Without the key nobody can join.
    let url = house.text("origin");
    let said = doctor(&[&"--json", &"--url", &url, &"--ca", &house.text("caCertificate")]).await;
    assert_eq!((said.code, said.checks()["join"].as_str()), (Some(0), "skip"), "{}", said.text);
    assert!(!said.checks().contains_key("media-udp"));

    let said = doctor(&[&"--json"]).await;
    assert_eq!(without_the_machine(said.checks()), [], "{}", said.text);
}

#[tokio::test]
async fn a_wrong_address_certificate_key_or_store_fails_in_its_own_line() {
    let house = House::start().await;
    let (url, ca) = (house.text("origin"), house.text("caCertificate"));
    let failed = |said: &Said| {
        assert_eq!((said.code, said.json()["ok"].as_bool()), (Some(1), Some(false)), "{}", said.text);
        let failed = said.checks().into_iter().filter(|(_, status)| status == "fail");
        failed.map(|(check, _)| check).collect::<Vec<_>>()
    };

    let said = doctor(&[&"--json", &"--url", &"https://127.0.0.1:1", &"--ca", &ca]).await;
    assert_eq!(failed(&said), ["https"]);

    // Nobody trusts the local authority unless told to.
    let said = doctor(&[&"--json", &"--url", &url]).await;
    assert_eq!(failed(&said), ["certificate"]);
    assert!(said.text.contains("--ca"), "{}", said.text);

    // A name that the certificate does not have.
    let (_, port) = url.rsplit_once(':').unwrap();
    let said = doctor(&[&"--json", &"--url", &format!("https://127.0.0.2:{port}"), &"--ca", &ca]).await;
    assert!(["certificate", "https"].contains(&failed(&said)[0].as_str()), "{}", said.text);

    let key = format!("endpoint={url}/;accesskey=AAECAwQFBgcICQoLDA0ODw==");
    let said = doctor(&[&"--json", &"--url", &url, &"--ca", &ca, &"--connection-string", &key]).await;
    assert_eq!(failed(&said), ["join"]);
    assert!(!said.text.contains("AAECAwQF"), "no secret is repeated");

    let folder = tempfile::tempdir().unwrap();
    let said = doctor(&[&"--json", &"--data", &folder.path()]).await;
    assert_eq!(failed(&said), ["store"]);

    // Whom the server does not sign people in by.
    let said = doctor(&[
        &"--json",
        &"--url",
        &url,
        &"--ca",
        &ca,
        &"--provider",
        &format!("{url}/nobody/v2.0"),
    ])
    .await;
    assert_eq!(failed(&said), ["upstream-provider"]);
    let own = format!("{url}/{}/v2.0", house.tenant());
    let said = doctor(&[&"--json", &"--url", &url, &"--ca", &ca, &"--provider", &own]).await;
    assert_eq!(said.checks()["upstream-provider"], "ok", "{}", said.text);
}

/// Threads of the server that forward media.
fn media_threads(house: &House) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", house.process())).unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap();
    let names = tasks.map(name).collect::<Vec<_>>();
    let is_media = |name: &&String| {
        name.trim()
            .strip_prefix("media-")
            .is_some_and(|number| number.parse::<u8>().is_ok())
    };
    names.iter().filter(is_media).count()
}

#[tokio::test]
async fn media_is_where_the_server_is_told_to_say_and_on_as_many_threads() {
    let usual = House::start().await;
    assert_eq!(media_threads(&usual), std::thread::available_parallelism().unwrap().get());
    let said = doctor(&[&"--json", &"--ready-file", &usual.ready_file()]).await;
    assert!(!said.text.contains("127.0.0.2"), "{}", said.text);

    let arguments = ["--media", "0.0.0.0:0", "--media-advertise", "127.0.0.2", "--media-threads", "1"];
    let house = House::start_with(&arguments).await;
    assert_eq!(media_threads(&house), 1);
    let said = doctor(&[&"--json", &"--ready-file", &house.ready_file()]).await;
    let findings = said.json();
    let media = findings["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["check"] == "media-udp");
    let media: Vec<&Value> = media.collect();
    assert!(
        !media.is_empty() && media.iter().all(|finding| finding["status"] == "ok"),
        "{findings}"
    );
    assert!(media.iter().all(|finding| finding.to_string().contains("127.0.0.2:")), "{findings}");
}
