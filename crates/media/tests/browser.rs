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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    let codecs: BTreeSet<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' ')?.1.split('/').next())
        .collect();
    let forwarded = ["AV1", "H264", "VP8", "VP9", "opus", "red", "rtx"];
    assert_eq!(codecs, BTreeSet::from(forwarded), "all that can be forwarded, and nothing else");
    let descriptor = "#dependency-descriptor-rtp-header-extension";
    assert_eq!(answer.matches(descriptor).count(), 11, "for each video");
    let baseline = |line: &&str| line.starts_with("a=fmtp:") && line.contains("profile-level-id");
    let profiles: BTreeSet<&str> = answer.lines().filter(baseline).map(|line| &line[line.len() - 6..]).collect();
    assert_eq!(profiles, BTreeSet::from(["42e01f"]), "what all browsers have of H.264");
    assert!(
        answer
            .lines()
            .filter(|line| line.contains("profile-level-id"))
            .all(|line| line.contains("packetization-mode=1")),
        "{answer}"
    );
}

#[test]
fn a_browser_sends_what_it_prefers_and_by_itself_vp8_and_plain_opus() {
    let house = House::new();
    let offer = include_str!("fixtures/chromium-offer.sdp");
    let first = |answer: &str, medium: &str| {
        let line = answer.lines().find(|line| line.starts_with(medium)).unwrap().to_owned();
        let format = line.split(' ').nth(3).unwrap().to_owned();
        let map = answer
            .lines()
            .find_map(|line| line.strip_prefix(&format!("a=rtpmap:{format} ")))
            .unwrap();
        map.split('/').next().unwrap().to_owned()
    };
    let answer = house.offer("room", PeerId(1), offer, true).unwrap();
    assert_eq!(
        (first(&answer, "m=video"), first(&answer, "m=audio")),
        ("VP8".to_owned(), "opus".to_owned())
    );
    for (formats, codec) in [("45 46", "AV1"), ("98 99", "VP9"), ("108 109", "H264")] {
        // As a browser writes what a page prefers: the same formats in another order.
        let preferred = offer
            .replace("SAVPF 96 97 ", &format!("SAVPF {formats} 96 97 "))
            .replace(&format!(" {formats} 114"), " 114");
        let answer = house.offer("room", PeerId(1), &preferred, true).unwrap();
        assert_eq!(first(&answer, "m=video"), codec);
    }
    let redundant = offer
        .replace("SAVPF 111 63 ", "SAVPF 63 111 ")
        .replace("useinbandfec=1", "useinbandfec=1;usedtx=1");
    let answer = house.offer("room", PeerId(1), &redundant, true).unwrap();
    assert_eq!(first(&answer, "m=audio"), "red");
    assert!(answer.contains("useinbandfec=1;usedtx=1"), "{answer}");
}

#[test]
fn a_browser_decodes_what_another_connection_of_it_sends() {
    let Some(mut page) = Page::open("") else { return };
    page.receive(2, 320, 180);
    page.until("frames are decoded and a tone is heard", |page| {
        page.number("2.frames") > 20.0 && page.number("2.energy") > 0.000_1
    });
    page.until("the small wish brings a small picture", |page| page.number("2.height") == 180.0);
    page.wish(2, 1280, 720, 0);
    page.until("the large wish brings the large picture", |page| page.number("2.height") == 720.0);
    let frames = page.number("2.frames");
    page.until("and it goes on", |page| page.number("2.frames") > frames + 20.0);
}

#[test]
fn who_comes_shortly_after_another_one_sees_a_picture_without_another_key_frame() {
    let Some(page) = Page::open("") else { return };
    for peer in [2, 3] {
        page.people.lock().unwrap().insert(peer, Vec::new());
    }
    page.until("both are there", |page| {
        (2..4).all(|peer| page.text(&format!("{peer}.state")) == "connected")
    });
    // From here on only pictures are forwarded, and counted.
    page.house.engine.set_open(PeerId(1), PublicationId(10), false);
    page.until("it is quiet", |page| {
        let before = page.house.engine.stats().packets_forwarded;
        std::thread::sleep(Duration::from_millis(200));
        page.house.engine.stats().packets_forwarded == before
    });
    let before = page.house.engine.stats();
    page.wish(2, 320, 180, 0);
    page.until("the first one is sent pictures", |page| {
        page.house.engine.stats().packets_forwarded > before.packets_forwarded + 3
    });
    let asked = page.house.engine.stats().keyframe_requests;
    page.wish(3, 320, 180, 0);
    page.until("the second one decodes it", |page| page.number("3.frames") > 0.0);
    assert_eq!(page.house.engine.stats().keyframe_requests, asked, "nobody was asked for it");
}

/// Two receivers of a stream in spatial layers: each has its own size, at once.
fn layered(codec: &str, mode: &str) {
    let Some(mut page) = Page::open(&format!("?codec={codec}&mode={mode}&width=960&height=540")) else {
        return;
    };
    page.receive(2, 240, 135);
    page.receive(3, 960, 540);
    page.until("the browser sends it so", |page| page.text("1.mode") == mode);
    page.until("both decode it", |page| {
        (2..4).all(|peer| page.number(&format!("{peer}.frames")) > 20.0)
    });
    page.until("each in its size", |page| {
        page.number("2.height") == 136.0 && page.number("3.height") == 540.0
    });
    assert!(page.text("2.codec").ends_with(codec), "{}", page.text("2.codec"));
    let (small, large) = (page.number("2.bytes"), page.number("3.bytes"));
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| {
        page.number("2.frames") > frames.0 + 40.0 && page.number("3.frames") > frames.1 + 40.0
    });
    let (small, large) = (page.number("2.bytes") - small, page.number("3.bytes") - large);
    assert!(small * 3.0 < large, "the small one is sent less: {small} and {large} bytes");
    page.wish(2, 960, 540, 0);
    page.wish(3, 240, 135, 0);
    page.until("they change their places", |page| {
        page.number("2.height") == 540.0 && page.number("3.height") == 136.0
    });
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| {
        page.number("2.frames") > frames.0 + 40.0 && page.number("3.frames") > frames.1 + 40.0
    });
}

#[test]
fn vp9_in_spatial_layers_reaches_each_receiver_in_its_size() {
    layered("VP9", "L3T3_KEY");
}

#[test]
fn vp9_in_layers_that_depend_on_each_other_in_every_picture_does_so_too() {
    layered("VP9", "L3T3");
}

/// Two receivers of a stream in temporal layers: one takes all pictures, the other no more than it asks for.
fn in_time(codec: &str, mode: &str) {
    let Some(mut page) = Page::open(&format!("?codec={codec}&mode={mode}&width=320&height=180")) else {
        return;
    };
    page.receive(2, 320, 180);
    page.receive(3, 320, 180);
    page.until("the browser sends it so", |page| page.text("1.mode") == mode);
    page.until("both decode it", |page| {
        (2..4).all(|peer| page.number(&format!("{peer}.frames")) > 20.0)
    });
    assert!(page.text("2.codec").ends_with(codec), "{}", page.text("2.codec"));
    page.wish(3, 320, 180, 6);
    page.until("one gets fewer", |page| {
        page.number("2.fps") > 14.0 && (1.0..9.0).contains(&page.number("3.fps"))
    });
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| page.number("3.frames") > frames.1 + 30.0);
    let (all, fewer) = (page.number("2.frames") - frames.0, page.number("3.frames") - frames.1);
    assert!(fewer * 2.0 < all, "{fewer} of {all}");
    page.wish(3, 320, 180, 0);
    page.until("and all of them when it asks for no less", |page| page.number("3.fps") > 14.0);
}

#[test]
fn av1_in_temporal_layers_reaches_each_receiver_at_its_pace() {
    in_time("AV1", "L1T3");
}

#[test]
fn vp8_in_temporal_layers_reaches_each_receiver_at_its_pace() {
    in_time("VP8", "L1T3");
}

#[test]
fn h264_and_redundant_sound_are_decoded() {
    let Some(mut page) = Page::open("?codec=H264&red=1&width=640&height=360") else {
        return;
    };
    page.receive(2, 320, 180);
    page.until("the sound is heard", |page| {
        page.number("2.energy") > 0.000_1 && page.number("2.audio") > 100.0
    });
    // A plain packet of this tone has 80 bytes.
    let each = page.number("2.audioBytes") / page.number("2.audio");
    assert!(each > 120.0, "each packet has the one before in it, too: {each} bytes");
    page.until("frames are decoded", |page| page.number("2.frames") > 20.0);
    assert_eq!(page.text("2.codec"), "video/H264");
}

/// A browser with the page, and the engine that it is connected through. One at a time: encoding and decoding takes what processors there are.
struct Page {
    _turn: MutexGuard<'static, ()>,
    house: Arc<House>,
    report: Report,
    people: People,
    browser: Option<Browser>,
    profile: std::path::PathBuf,
}

type Report = Arc<Mutex<HashMap<String, String>>>;
type People = Arc<Mutex<BTreeMap<u64, Vec<Want>>>>;

impl Page {
    /// Nothing where there is no browser.
    fn open(query: &str) -> Option<Self> {
        static OPENED: AtomicU32 = AtomicU32::new(0);
        static TURN: Mutex<()> = Mutex::new(());
        let (chromium, demanded) = chromium();
        if !demanded && !std::path::Path::new(&chromium).exists() {
            eprintln!("not run: {chromium} is missing (apt-get install chromium); `cargo xtask test` installs it and runs this");
            return None;
        }
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let house = Arc::new(House::new());
        let (report, people) = (Report::default(), People::default());
        let address = serve(Arc::clone(&house), Arc::clone(&report), Arc::clone(&people));
        let opened = OPENED.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("anteroom-media-browser-{}-{opened}", std::process::id()));
        let browser = Browser::open(&format!("http://{address}/{query}"), &profile);
        Some(Self {
            _turn: turn,
            house,
            report,
            people,
            browser: Some(browser),
            profile,
        })
    }

    /// Somebody comes to see the picture at a size.
    fn receive(&mut self, peer: u64, width: u32, height: u32) {
        self.people.lock().unwrap().insert(peer, wish(width, height, 0));
    }

    fn wish(&self, peer: u64, width: u32, height: u32, max_fps: u8) {
        self.house.engine.subscribe(PeerId(peer), wish(width, height, max_fps));
    }

    fn text(&self, name: &str) -> String {
        self.report.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(0.0)
    }

    #[track_caller]
    fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !condition(self) {
            assert!(
                begin.elapsed() < PATIENCE,
                "never happened: {what}; {:?}; last report: {:#?}",
                self.house.engine.stats(),
                self.report.lock().unwrap().iter().collect::<BTreeMap<_, _>>()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        drop(self.browser.take());
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

fn wish(width: u32, height: u32, max_fps: u8) -> Vec<Want> {
    vec![Want {
        publication: PublicationId(11),
        width,
        height,
        priority: 0,
        max_fps,
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

fn serve(house: Arc<House>, report: Report, people: People) -> std::net::SocketAddr {
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
            let answer = respond(&house, &report, &people, &path, &String::from_utf8_lossy(&body));
            let kind = if path.starts_with("/?") || path == "/" {
                "text/html"
            } else {
                "text/plain"
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            let _ = reader.get_mut().write_all(format!("{head}{answer}").as_bytes());
        }
    });
    address
}

fn respond(house: &House, report: &Report, people: &People, path: &str, body: &str) -> String {
    let peer = path.rsplit('/').next().and_then(|peer| peer.parse().ok()).unwrap_or(0);
    match path.trim_start_matches('/').split('/').next().unwrap_or_default() {
        "offer" if peer == 1 => {
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
        "offer" => {
            let answer = house.offer("room", PeerId(peer), body, true).unwrap();
            house.engine.subscribe(PeerId(peer), people.lock().unwrap()[&peer].clone());
            answer
        }
        "people" => people.lock().unwrap().keys().map(|peer| format!("{peer} ")).collect(),
        "slots" => {
            let slots = house.slots(PeerId(peer));
            slots
                .values()
                .filter_map(|slot| Some(format!("{} {}\n", slot.mid, slot.publication?.0)))
                .collect()
        }
        "report" => {
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
