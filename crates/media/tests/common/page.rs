//! A real browser for the tests: a page in Debian's chromium whose connections go to an engine of this process, and what they report. The browser is the
//! oracle. What the page does is in `browser-page.html`; what is asked of it, in the tests.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use media::{Declared, MediaKind, PeerId, PublicationId, Want};

use super::House;

const PAGE: &str = include_str!("../browser-page.html");
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser: named by `cargo xtask test` (which installs it), or Debian's.
fn chromium() -> (String, bool) {
    match std::env::var("ANTEROOM_CHROMIUM") {
        Ok(path) => (path, true),
        Err(_) => ("/usr/bin/chromium".to_owned(), false),
    }
}

/// A browser with the page, and the engine that it is connected through. One at a time: encoding and decoding takes what processors there are.
pub struct Page {
    _turn: MutexGuard<'static, ()>,
    pub house: Arc<House>,
    report: Report,
    people: People,
    browser: Option<Browser>,
    profile: std::path::PathBuf,
}

type Report = Arc<Mutex<HashMap<String, String>>>;
type People = Arc<Mutex<BTreeMap<u64, Person>>>;

/// Somebody who is to come.
#[derive(Default)]
struct Person {
    wants: Vec<Want>,
    /// The port that is said to be the engine's.
    port: Option<u16>,
}

impl Page {
    /// Nothing where there is no browser.
    pub fn open(query: &str) -> Option<Self> {
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
    pub fn receive(&self, peer: u64, width: u32, height: u32) {
        self.come(peer, wish(width, height, 0), None);
    }

    /// The same, by way of another port of this machine.
    pub fn receive_through(&self, port: u16, peer: u64, width: u32, height: u32) {
        self.come(peer, wish(width, height, 0), Some(port));
    }

    /// Somebody comes, and is to see nothing yet.
    pub fn wait(&self, peer: u64) {
        self.come(peer, Vec::new(), None);
    }

    fn come(&self, peer: u64, wants: Vec<Want>, port: Option<u16>) {
        self.people.lock().unwrap().insert(peer, Person { wants, port });
    }

    pub fn wish(&self, peer: u64, width: u32, height: u32, max_fps: u8) {
        self.house.engine.subscribe(PeerId(peer), wish(width, height, max_fps));
    }

    pub fn text(&self, name: &str) -> String {
        self.report.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    pub fn number(&self, name: &str) -> f64 {
        self.text(name).parse().unwrap_or(0.0)
    }

    /// The last report of a peer, all of one moment.
    pub fn numbers(&self, peer: u64) -> HashMap<String, f64> {
        let prefix = format!("{peer}.");
        let report = self.report.lock().unwrap();
        let own = report.iter().filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?, value)));
        own.filter_map(|(key, value)| Some((key.to_owned(), value.parse().ok()?))).collect()
    }

    #[track_caller]
    pub fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
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
            let people = people.lock().unwrap();
            let Person { wants, port } = &people[&peer];
            house.engine.subscribe(PeerId(peer), wants.clone());
            port.map_or(answer.clone(), |port| elsewhere(&answer, port))
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

/// The answer with the engine at another port, and only there.
fn elsewhere(answer: &str, port: u16) -> String {
    let port = port.to_string();
    let lines = answer.lines().filter_map(|line| {
        if !line.starts_with("a=candidate:") {
            return Some(line.to_owned());
        }
        // Foundation, component, transport, priority, address, port (RFC 8839 §5.1).
        let mut fields: Vec<&str> = line.split(' ').collect();
        fields[5] = &port;
        fields[2].eq_ignore_ascii_case("udp").then(|| fields.join(" "))
    });
    lines.map(|line| line + "\r\n").collect()
}
