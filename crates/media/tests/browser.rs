//! The engine against a real browser: its offer is understood, its simulcast is forwarded and decoded again, a larger wish
//! brings a larger picture. The browser is the oracle. Needs Debian's chromium.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::House;
use media::{Declared, MediaKind, PeerId, PublicationId, Want};

/// The browser: named by `cargo xtask test` (which installs it), or Debian's.
fn chromium() -> (String, bool) {
    match std::env::var("ANTEROOM_CHROMIUM") {
        Ok(path) => (path, true),
        Err(_) => ("/usr/bin/chromium".to_owned(), false),
    }
}

const PAGE: &str = include_str!("browser-page.html");
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_offer_of_a_browser_is_answered_line_by_line() {
    let house = House::new();
    let offer = include_str!("fixtures/chromium-offer.sdp");
    // Browsers hide their addresses behind names that only they can resolve.
    let hidden =
        "a=candidate:1 1 udp 2113937151 6b1cf14e-2d6e-4a8e-9d55-0c7b0a2f1d11.local 50000 typ host generation 0 network-cost 999\r\n";
    let offer = offer.replacen("a=ice-ufrag", &format!("{hidden}a=ice-ufrag"), 1);
    let answer = house.offer("room", PeerId(1), &offer, true).unwrap();
    let lines = |sdp: &str| sdp.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(lines(&answer), lines(&offer));
    assert!(
        !answer.lines().any(|line| line.starts_with("m=") && line.contains(" 0 UDP")),
        "no line is rejected: {answer}"
    );
    assert!(answer.contains("a=simulcast:recv q;h;f"), "{answer}");
    assert_eq!(answer.matches("a=sendonly").count(), 14, "five and nine slots");
    let codecs: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' '))
        .map(|(_, codec)| codec)
        .collect();
    let known = |codec: &&str| ["opus/", "VP8/", "rtx/"].iter().any(|known| codec.starts_with(known));
    assert!(
        !codecs.is_empty() && codecs.iter().all(known),
        "only what can be forwarded: {codecs:?}"
    );
}

#[test]
fn a_browser_decodes_what_another_connection_of_it_sends() {
    let (chromium, demanded) = chromium();
    if !demanded && !std::path::Path::new(&chromium).exists() {
        eprintln!("not run: {chromium} is missing (apt-get install chromium); `cargo xtask test` installs it and runs this");
        return;
    }
    let house = Arc::new(House::new());
    let report: Arc<Mutex<HashMap<String, String>>> = Arc::default();
    let address = serve(Arc::clone(&house), Arc::clone(&report));
    let profile = std::env::temp_dir().join(format!("anteroom-media-browser-{}", std::process::id()));
    let browser = Browser::open(&format!("http://{address}/"), &profile);
    let number = |name: &str| {
        report
            .lock()
            .unwrap()
            .get(name)
            .and_then(|value| value.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    await_report("frames are decoded and a tone is heard", &report, || {
        number("frames") > 20.0 && number("energy") > 0.000_1
    });
    await_report("the small wish brings a small picture", &report, || number("height") == 180.0);
    house.engine.subscribe(PeerId(2), wish(1280, 720));
    await_report("the large wish brings the large picture", &report, || number("height") == 720.0);
    let frames = number("frames");
    await_report("and it goes on", &report, || number("frames") > frames + 20.0);
    drop(browser);
    let _ = std::fs::remove_dir_all(profile);
}

#[track_caller]
fn await_report(what: &str, report: &Mutex<HashMap<String, String>>, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(
            begin.elapsed() < PATIENCE,
            "never happened: {what}; last report: {:?}",
            report.lock().unwrap()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wish(width: u32, height: u32) -> Vec<Want> {
    vec![Want {
        publication: PublicationId(11),
        width,
        height,
        priority: 0,
    }]
}

struct Browser(Child);

impl Browser {
    fn open(url: &str, profile: &std::path::Path) -> Self {
        let child = Command::new(chromium().0)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(house: Arc<House>, report: Arc<Mutex<HashMap<String, String>>>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut request, mut length) = (String::new(), 0);
            let _ = reader.read_line(&mut request);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            let _ = reader.read_exact(&mut body);
            let path = request.split(' ').nth(1).unwrap_or("/").to_owned();
            let answer = respond(&house, &report, &path, &String::from_utf8_lossy(&body));
            let kind = if path == "/" { "text/html" } else { "text/plain" };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            let _ = reader.get_mut().write_all(format!("{head}{answer}").as_bytes());
        }
    });
    address
}

fn respond(house: &House, report: &Mutex<HashMap<String, String>>, path: &str, body: &str) -> String {
    match path {
        "/offer/1" => {
            let answer = house.offer("room", PeerId(1), body, true).unwrap();
            let declared = [(10, MediaKind::Microphone, "0"), (11, MediaKind::Camera, "1")];
            let declared = declared.map(|(id, kind, mid)| Declared {
                id: PublicationId(id),
                kind,
                mid: mid.to_owned(),
                open: true,
            });
            house.engine.declare(PeerId(1), declared.to_vec());
            answer
        }
        "/offer/2" => {
            let answer = house.offer("room", PeerId(2), body, true).unwrap();
            house.engine.subscribe(PeerId(2), wish(320, 180));
            answer
        }
        "/slots" => {
            let slots = house.slots(PeerId(2));
            slots
                .values()
                .filter_map(|slot| Some(format!("{} {}\n", slot.mid, slot.publication?.0)))
                .collect()
        }
        "/report" => {
            let pairs = body.lines().filter_map(|line| line.split_once('='));
            report
                .lock()
                .unwrap()
                .extend(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())));
            String::new()
        }
        _ => PAGE.to_owned(),
    }
}
