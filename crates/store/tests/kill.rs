//! A writer that is killed (SIGKILL) in the middle of its work: what it had reported as done is there, and no batch is there by half.
//!
//! The test starts itself again as the writer, so that a real process dies with real files open.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use app::model::{AttendanceEvent, AttendanceFact};
use app::ports::MeetingStore as _;
use store::SqlStore;

const FILE: &str = "ANTEROOM_TEST_KILL_FILE";
const BATCH: usize = 20;

fn batch(number: usize) -> Vec<AttendanceFact> {
    let fact = |index: usize| AttendanceFact {
        thread_id: format!("thread {number}"),
        held_id: "held".into(),
        raw_id: format!("guest {index}"),
        display_name: "Maria".into(),
        role: "attendee".into(),
        event: AttendanceEvent::Joined,
        at: 1,
    };
    (0..BATCH).map(fact).collect()
}

/// Not a test: the writer. Does nothing unless the test below starts it.
#[tokio::test]
async fn writer() {
    let Ok(file) = std::env::var(FILE) else { return };
    let store = SqlStore::open(file.as_ref()).await.unwrap();
    for number in 0.. {
        store.add_attendance(&batch(number)).await.unwrap();
        // To the standard error, which the test harness does not capture in the child.
        eprintln!("done {number}");
    }
}

#[tokio::test]
async fn what_a_killed_writer_had_committed_is_there_and_nothing_by_half() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("store.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer", "--nocapture"])
        .env(FILE, &file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reported = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        if let Some(number) = line.unwrap().strip_prefix("done ") {
            reported = number.parse().unwrap();
        }
        if reported >= 30 {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reported >= 30);

    let store = SqlStore::open(&file).await.unwrap();
    for number in 0..=reported {
        assert_eq!(store.attendance(&format!("thread {number}")).await.unwrap().len(), BATCH);
    }
    for number in reported..reported + 200 {
        let found = store.attendance(&format!("thread {number}")).await.unwrap().len();
        assert!(found == 0 || found == BATCH, "batch {number} is there by half: {found}");
    }
}
