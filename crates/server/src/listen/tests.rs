//! The bounds of listening, at and over each, on real sockets with short times.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, ws::WebSocketUpgrade},
    routing::{any, get, post},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{Door, Limits, serve};

/// No wait in a test lasts longer.
const PATIENCE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

struct House {
    address: SocketAddr,
    door: Arc<Door>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl House {
    async fn open(limits: Limits, tls: bool) -> Self {
        let routes = Router::new()
            .route(
                "/peer",
                get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
            )
            .route("/length", post(|body: String| async move { body.len().to_string() }))
            .route(
                "/socket",
                any(|socket: WebSocketUpgrade| async {
                    socket.on_upgrade(|mut socket| async move { while socket.recv().await.is_some() {} })
                }),
            );
        Self::serve(limits, tls, routes).await
    }

    async fn serve(limits: Limits, tls: bool, routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let folder = tempfile::tempdir().expect("a folder");
        let tls = tls.then(|| crate::tls::local(folder.path()).expect("certificates").config.into());
        let (stop, stopped) = watch::channel(false);
        let door = Door::new(limits);
        let serving = tokio::spawn(serve(Arc::clone(&door), listener, tls, routes, stopped));
        Self {
            address,
            door,
            stop,
            serving,
            folder,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Sends, and reads until the server closes.
    async fn told(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.expect("sent");
        rest(&mut stream).await
    }
}

/// Everything up to the end of the connection. A reset is an end too.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an end in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One answer of a connection that stays open: as much as ends with `end`.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.expect("in time");
        text.push(char::from(byte.unwrap_or_else(|error| panic!("{error} after {text}"))));
    }
    text
}

const ASK: &str = "GET /peer HTTP/1.1\r\nhost: here\r\n\r\n";
const ASK_ONCE: &str = "GET /peer HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
const UPGRADE: &str = "GET /socket HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[tokio::test]
async fn a_head_that_does_not_end_in_time_ends_the_connection_and_a_whole_one_is_answered() {
    let limits = Limits {
        head_time: SHORT,
        ..Limits::default()
    };
    let house = House::open(limits, false).await;
    assert_eq!(house.told("").await, "");
    assert_eq!(house.told("GET /peer HTTP/1.1\r\nhost: he").await, "");
    assert!(
        house.told(ASK).await.starts_with("HTTP/1.1 200"),
        "and an idle connection ends as well"
    );
}

#[tokio::test]
async fn a_head_over_its_length_is_refused_and_one_at_it_is_read() {
    let house = House::open(Limits::default(), false).await;
    let limit = Limits::default().head_bytes;
    let (start, end) = ("GET /peer HTTP/1.1\r\nhost: here\r\nconnection: close\r\nx: ", "\r\n\r\n");
    let of = |length: usize| format!("{start}{}{end}", "x".repeat(length - start.len() - end.len()));
    assert!(house.told(&of(limit)).await.starts_with("HTTP/1.1 200"));
    let refused = house.told(&of(limit + 1)).await;
    // The connection may be reset over the last byte before the answer is read.
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_answered_with_408_however_steadily_it_drips() {
    let limits = Limits {
        body_time: SHORT,
        ..Limits::default()
    };
    let house = House::open(limits, false).await;
    let head = "POST /length HTTP/1.1\r\nhost: here\r\ncontent-length: 100\r\n\r\n";
    assert!(house.told(&format!("{head}abc")).await.starts_with("HTTP/1.1 408"));

    let mut stream = house.connect().await;
    stream.write_all(head.as_bytes()).await.expect("sent");
    let (mut reading, mut writing) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let mut drops = tokio::time::interval(SHORT / 10);
        for _ in 0..90 {
            drops.tick().await;
            if writing.write_all(b"x").await.is_err() {
                break;
            }
        }
    });
    let mut start = [0; 12];
    tokio::time::timeout(PATIENCE, reading.read_exact(&mut start))
        .await
        .expect("in time")
        .expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 408");
    dripping.abort();

    let whole = house
        .told("POST /length HTTP/1.1\r\nhost: here\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc")
        .await;
    assert!(whole.ends_with("\r\n\r\n3"), "{whole}");
}

#[tokio::test]
async fn a_source_over_its_share_is_closed_at_once_and_served_again_when_one_ends() {
    let limits = Limits {
        of_one_source: 2,
        ..Limits::default()
    };
    let house = House::open(limits, false).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = house.connect().await;
        stream.write_all(ASK.as_bytes()).await.expect("sent");
        let port = stream.local_addr().expect("an address").port().to_string();
        until(&mut stream, &port).await;
        held.push(stream);
    }
    assert_eq!(house.told(ASK_ONCE).await, "");
    let mut ended = held.pop().expect("a connection");
    ended.write_all(ASK_ONCE.as_bytes()).await.expect("sent");
    rest(&mut ended).await;
    while house.told(ASK_ONCE).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_connection_over_the_whole_waits_until_one_ends_and_a_websocket_counts() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let house = House::open(limits, false).await;
    let mut socket = house.connect().await;
    socket.write_all(UPGRADE.as_bytes()).await.expect("sent");
    assert!(until(&mut socket, "\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    let mut waiting = house.connect().await;
    waiting.write_all(ASK_ONCE.as_bytes()).await.expect("sent");
    assert!(tokio::time::timeout(SHORT, waiting.read_u8()).await.is_err(), "not before its turn");
    drop(socket);
    assert!(rest(&mut waiting).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_silent_handshake_ends() {
    let limits = Limits {
        handshake_time: SHORT,
        ..Limits::default()
    };
    let house = House::open(limits, true).await;
    assert_eq!(house.told("").await, "");
}

#[tokio::test]
async fn a_handshake_over_the_bound_waits_for_its_turn() {
    let limits = Limits {
        handshakes: 1,
        ..Limits::default()
    };
    let house = House::open(limits, true).await;
    // As a handshake does that takes its time.
    let only_turn = house.door.handshakes.acquire().await.expect("open");
    let trust = crate::http_client::tls(Some(&house.folder.path().join("ca.pem"))).expect("the authority");
    let connector = tokio_rustls::TlsConnector::from(trust);
    let handshake = connector.connect("localhost".try_into().expect("a name"), house.connect().await);
    let mut handshake = std::pin::pin!(handshake);
    assert!(tokio::time::timeout(SHORT, &mut handshake).await.is_err(), "not before its turn");
    drop(only_turn);
    let mut stream = tokio::time::timeout(PATIENCE, handshake).await.expect("in time").expect("trusted");
    stream.write_all(ASK.as_bytes()).await.expect("sent");
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_stop_ends_idle_connections_at_once_and_lets_a_request_in_flight_finish() {
    let house = House::open(Limits::default(), false).await;
    let mut idle = house.connect().await;
    idle.write_all(ASK.as_bytes()).await.expect("sent");
    until(&mut idle, "\r\n\r\n").await;
    let mut busy = house.connect().await;
    busy.write_all(b"POST /length HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await
        .expect("sent");
    // The handler reads: the request is in flight.
    until(&mut busy, "100 Continue\r\n\r\n").await;
    house.stop.send_replace(true);
    rest(&mut idle).await;
    busy.write_all(b"abc").await.expect("sent");
    let answer = rest(&mut busy).await;
    assert!(answer.ends_with("\r\n\r\n3"), "{answer}");
    tokio::time::timeout(PATIENCE, house.serving)
        .await
        .expect("an end")
        .expect("no panic");
}

/// A handler as those that change something: it commits, then tells of it. The test decides how long the way between the two is.
struct Change {
    committed: mpsc::Receiver<()>,
    go_on: oneshot::Sender<()>,
    /// Receives once the change was told; ends without when the handler was dropped before.
    told: mpsc::Receiver<()>,
}

impl Change {
    fn routes() -> (Router, Self) {
        let (commit, committed) = mpsc::channel(1);
        let (tell, told) = mpsc::channel(1);
        let (go_on, wait) = oneshot::channel();
        let once = Arc::new(Mutex::new(Some((commit, wait, tell))));
        let handler = move || async move {
            let taken = once.lock().expect("unpoisoned").take();
            let (commit, wait, tell) = taken.expect("one request");
            commit.send(()).await.expect("a test");
            wait.await.expect("a test");
            tell.send(()).await.expect("a test");
        };
        let routes = Router::new().route("/change", post(handler));
        (routes, Self { committed, go_on, told })
    }
}

const CHANGE: &str = "POST /change HTTP/1.1\r\nhost: here\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_half_way_what_it_asked_for_and_keeps_its_place_until_then() {
    let (routes, mut change) = Change::routes();
    let limits = Limits {
        of_one_source: 1,
        ..Limits::default()
    };
    let house = House::serve(limits, false, routes).await;
    let mut stream = house.connect().await;
    stream.write_all(CHANGE.as_bytes()).await.expect("sent");
    change.committed.recv().await.expect("a commit");
    drop(stream);
    assert!(
        tokio::time::timeout(SHORT, change.told.recv()).await.is_err(),
        "the handler was dropped between its commit and what follows"
    );
    assert_eq!(
        house.told(ASK_ONCE).await,
        "",
        "requests without a client are bounded by the share of the source"
    );
    change.go_on.send(()).expect("a handler that waits");
    change.told.recv().await.expect("the change is told");
    while house.told(ASK_ONCE).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stop_waits_for_a_request_whose_client_is_gone() {
    let (routes, mut change) = Change::routes();
    let mut house = House::serve(Limits::default(), false, routes).await;
    let mut stream = house.connect().await;
    stream.write_all(CHANGE.as_bytes()).await.expect("sent");
    change.committed.recv().await.expect("a commit");
    drop(stream);
    house.stop.send_replace(true);
    assert!(tokio::time::timeout(SHORT, &mut house.serving).await.is_err(), "not before its end");
    change.go_on.send(()).expect("a handler that waits");
    change.told.recv().await.expect("the change is told");
    tokio::time::timeout(PATIENCE, house.serving)
        .await
        .expect("an end")
        .expect("no panic");
}

#[tokio::test]
async fn a_defect_outside_of_every_handler_is_a_500_and_not_the_end_of_the_connection() {
    let routes = Router::new().route("/defect", get(async || -> () { panic!("a defect") }));
    let house = House::serve(Limits::default(), false, routes).await;
    let answer = house.told("GET /defect HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
}
