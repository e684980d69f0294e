//! A house for tests: real use cases on a real store, real sockets on loopback, and a media plane that only writes down
//! what it is asked (no packet can flow before it is asked, which is what these tests are about).
#![allow(dead_code, reason = "each test file uses its own part of this harness")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{App, Caller, DevAccounts, MeetingDraft, model::OnlineMeeting};
use async_trait::async_trait;
use futures_util::{SinkExt as _, StreamExt as _};
use signal::{
    Hub,
    media_plane::{DeclaredPublication, MediaOffer, MediaPlane, MediaPlaneError, PeerId, Voice, VoiceTap},
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};
use wire::{
    ClientFrame, ClientInfo, Event, Hello, Locator, Outcome, Refusal, Reply, Request, RequestBody, ResumeCall, ServerFrame, Welcome,
};

/// Nothing here takes long; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// This many wishes make the media plane panic, in the task of the meeting that passes them on.
pub(crate) const POISON: usize = 13;

/// What the media plane was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Offer(PeerId),
    Declare(PeerId, Vec<DeclaredPublication>),
    SetOpen(PeerId, u32, bool),
    Subscribe(PeerId, usize),
    Receiving(PeerId, bool),
    Tap(PeerId, bool),
    Remove(PeerId),
    /// Ways to the engine were given to a visit, and taken back.
    Relayed(String),
    Unrelayed(String),
}

#[derive(Default)]
pub(crate) struct Plane(Mutex<Vec<Asked>>, Mutex<HashMap<PeerId, VoiceTap>>);

impl Plane {
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.lock().expect("no test panics inside").clone()
    }

    /// A packet of the peer's voice comes; false when nobody taps it.
    pub(crate) fn speak(&self, peer: PeerId, sequence: u64, opus: &[u8]) -> bool {
        let tap = self.1.lock().expect("no test panics inside").get(&peer).cloned();
        tap.is_some_and(|tap| {
            tap(Voice { stream: 1, sequence, opus });
            true
        })
    }

    fn note(&self, asked: Asked) {
        self.0.lock().expect("no test panics inside").push(asked);
    }
}

#[async_trait]
impl MediaPlane for Plane {
    async fn offer(&self, offer: MediaOffer) -> Result<String, MediaPlaneError> {
        self.note(Asked::Offer(offer.peer));
        if offer.sdp == "bad" {
            return Err(MediaPlaneError::BadOffer("not a description".to_owned()));
        }
        Ok(format!("answer to {}", offer.sdp))
    }

    fn declare(&self, peer: PeerId, publications: Vec<DeclaredPublication>) {
        self.note(Asked::Declare(peer, publications));
    }

    fn set_open(&self, peer: PeerId, publication: u32, open: bool) {
        self.note(Asked::SetOpen(peer, publication, open));
    }

    fn subscribe(&self, peer: PeerId, wants: Vec<wire::Want>) {
        assert_ne!(wants.len(), POISON, "a defect, on request");
        self.note(Asked::Subscribe(peer, wants.len()));
    }

    fn tap(&self, peer: PeerId, tap: Option<VoiceTap>) {
        self.note(Asked::Tap(peer, tap.is_some()));
        let mut taps = self.1.lock().expect("no test panics inside");
        match tap {
            Some(tap) => drop(taps.insert(peer, tap)),
            None => drop(taps.remove(&peer)),
        }
    }

    fn set_receiving(&self, peer: PeerId, receiving: bool) {
        self.note(Asked::Receiving(peer, receiving));
    }

    fn remove(&self, peer: PeerId) {
        self.note(Asked::Remove(peer));
    }

    fn ice_servers(&self, visit: &str) -> Vec<wire::IceServer> {
        self.note(Asked::Relayed(visit.to_owned()));
        vec![wire::IceServer {
            urls: vec!["turn:relay.test:3478".to_owned()],
            username: Some(visit.to_owned()),
            credential: Some("secret".to_owned()),
            lifetime_s: Some(60),
        }]
    }

    fn end_ice_servers(&self, visit: &str) {
        self.note(Asked::Unrelayed(visit.to_owned()));
    }
}

/// The system's clock, which a test may set forward.
#[derive(Default)]
pub(crate) struct TestClock(std::sync::atomic::AtomicI64);

impl app::ports::Clock for TestClock {
    fn now(&self) -> app::Micros {
        app::system::SystemClock.now() + self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl TestClock {
    pub(crate) fn set_forward(&self, by: app::Micros) {
        self.0.fetch_add(by, std::sync::atomic::Ordering::Relaxed);
    }
}

pub(crate) struct House {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) app: App,
    pub(crate) accounts: DevAccounts,
    pub(crate) plane: Arc<Plane>,
    pub(crate) hub: Hub,
    pub(crate) address: SocketAddr,
    data: Arc<TempDir>,
}

impl House {
    pub(crate) async fn open() -> Self {
        let data = Arc::new(TempDir::new().expect("a temporary directory"));
        Self::on(data).await
    }

    /// The same data, everything else new: what a restart leaves.
    pub(crate) async fn reopen(&self) -> Self {
        Self::on(Arc::clone(&self.data)).await
    }

    async fn on(data: Arc<TempDir>) -> Self {
        let file: PathBuf = data.path().join("anteroom.sqlite");
        let clock = Arc::new(TestClock::default());
        let store = store::SqlStore::open(&file).await.expect("a store");
        let origin = "http://127.0.0.1:1".to_owned();
        let config = app::Config {
            public_origin: origin.clone(),
            known_origins: vec![origin],
            signal_url: "ws://127.0.0.1:1/signal".to_owned(),
            region: "test".to_owned(),
            relay: None,
        };
        let app = App::new(
            config,
            Arc::new(store),
            Arc::clone(&clock) as Arc<dyn app::ports::Clock>,
            Arc::new(app::system::SystemRandom::default()),
        )
        .await
        .expect("an application");
        let accounts = app.bootstrap_dev().await.expect("accounts");
        let plane = Arc::new(Plane::default());
        let hub = Hub::new(app.clone(), Arc::clone(&plane) as Arc<dyn MediaPlane>);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let routes = signal::router(hub.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            clock,
            app,
            accounts,
            plane,
            hub,
            address,
            data,
        }
    }

    /// The house's data through a second window, as another process would see it.
    pub(crate) async fn store(&self) -> store::SqlStore {
        let file = self.data.path().join("anteroom.sqlite");
        store::SqlStore::open(&file).await.expect("a store")
    }

    pub(crate) fn caller(&self, index: usize) -> Caller {
        Caller::Member {
            member: self.accounts.members[index].member.clone(),
            scopes: vec!["OnlineMeetings.ReadWrite".to_owned()],
            client_id: self.accounts.tenant.meet_client_id.clone(),
        }
    }

    /// Whoever may administer applications.
    pub(crate) fn administrator(&self) -> Caller {
        let administrator = self.accounts.members.iter().find(|member| member.member.administrator);
        Caller::Member {
            member: administrator.expect("one administers").member.clone(),
            scopes: vec![app::permissions::SETTINGS_READ_WRITE.to_owned()],
            client_id: self.accounts.tenant.meet_client_id.clone(),
        }
    }

    pub(crate) async fn schedule(&self) -> OnlineMeeting {
        let draft = MeetingDraft {
            subject: Some("Secret subject".to_owned()),
            ..MeetingDraft::default()
        };
        let organizer = self.accounts.members[0].member.id.clone();
        self.app.schedule(&self.caller(0), &organizer, draft).await.expect("a meeting")
    }

    /// An access token of a member, as sign-in gives it to the web application.
    pub(crate) async fn member_token(&self, index: usize) -> String {
        self.member_token_for(index, 3600)
    }

    /// The same, good for so many seconds from now.
    pub(crate) fn member_token_for(&self, index: usize, seconds: i64) -> String {
        self.member_token_through(index, &self.accounts.tenant.meet_client_id, seconds)
    }

    /// The same, as an application gets it.
    pub(crate) fn member_token_through(&self, index: usize, client_id: &str, seconds: i64) -> String {
        let member = &self.accounts.members[index].member;
        let now = self.app.now() / 1_000_000;
        self.sign(serde_json::json!({
            "iss": self.app.issuer(&self.app.config().public_origin),
            "aud": app::tokens::GRAPH_AUDIENCE,
            "tid": self.accounts.tenant.id,
            "oid": member.id,
            "sub": member.id,
            "azp": client_id,
            "scp": "OnlineMeetings.ReadWrite Teams.ManageCalls",
            "iat": now.min(now + seconds),
            "nbf": now.min(now + seconds),
            "exp": now + seconds,
        }))
    }

    /// Anything, signed with the house's own key.
    pub(crate) fn sign(&self, claims: serde_json::Value) -> String {
        self.app.signer().sign(&claims).expect("a token")
    }

    /// A fresh communication identity and its token.
    pub(crate) async fn guest(&self) -> (String, String) {
        let identity = self.app.create_identity().await.expect("an identity");
        let token = self
            .app
            .issue_token(&identity.id, &[app::TokenScope::Voip], None)
            .await
            .expect("a token");
        (identity.id, token.token)
    }

    pub(crate) async fn connect(&self, token: &str) -> Client {
        self.connect_with(token, Vec::new()).await.expect("a welcome")
    }

    pub(crate) async fn connect_with(&self, token: &str, resume: Vec<ResumeCall>) -> Result<Client, Refusal> {
        let mut client = self.socket().await;
        client.send(&hello(token, resume)).await;
        match client.frame().await {
            ServerFrame::Welcome(welcome) => {
                client.welcome = Some(welcome);
                Ok(client)
            }
            ServerFrame::Closing { refusal } => Err(refusal),
            other => panic!("neither welcome nor closing: {other:?}"),
        }
    }

    /// A socket that has said nothing yet.
    pub(crate) async fn socket(&self) -> Client {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{}/signal", self.address))
            .await
            .expect("a socket");
        Client {
            socket,
            welcome: None,
            events: VecDeque::new(),
            rings: VecDeque::new(),
            next: 0,
            raw: Vec::new(),
        }
    }

    /// The link of a meeting.
    pub(crate) fn link(&self, meeting: &OnlineMeeting) -> Locator {
        Locator::Coordinates {
            thread_id: meeting.thread_id.clone(),
            organizer_id: meeting.organizer_id.clone(),
            tenant_id: self.accounts.tenant.id.clone(),
            message_id: "0".to_owned(),
        }
    }
}

pub(crate) fn hello(token: &str, resume: Vec<ResumeCall>) -> ClientFrame {
    ClientFrame::Hello(Hello {
        protocol: wire::PROTOCOL_VERSION,
        token: token.to_owned(),
        client: ClientInfo {
            name: "test".to_owned(),
            version: "0".to_owned(),
        },
        resume,
    })
}

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) welcome: Option<Welcome>,
    events: VecDeque<(String, Event)>,
    rings: VecDeque<ServerFrame>,
    next: u32,
    /// Every frame as it came, for tests about what must not come.
    pub(crate) raw: Vec<String>,
}

impl Client {
    pub(crate) async fn send(&mut self, frame: &ClientFrame) {
        self.send_text(&wire::encode(frame)).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket
            .send(Message::Text(text.to_owned().into()))
            .await
            .expect("a socket that takes frames");
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .expect("a socket that takes frames");
    }

    /// The next frame, whatever it is.
    pub(crate) async fn frame(&mut self) -> ServerFrame {
        self.try_frame().await.expect("a frame, not the end of the socket")
    }

    /// The next frame; nothing at the end of the socket.
    pub(crate) async fn try_frame(&mut self) -> Option<ServerFrame> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("something within the time");
            match message? {
                Ok(Message::Text(text)) => {
                    self.raw.push(text.to_string());
                    return Some(wire::decode_server(&text).expect("a frame of the protocol"));
                }
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Sends a request and does not wait for its answer.
    pub(crate) async fn ask(&mut self, call: &str, body: RequestBody) {
        self.next += 1;
        let request = Request {
            call: Some(call.to_owned()),
            body,
        };
        self.send(&ClientFrame::Request { id: self.next, request }).await;
    }

    pub(crate) async fn request(&mut self, call: Option<&str>, body: RequestBody) -> Outcome {
        self.next += 1;
        let id = self.next;
        self.send(&ClientFrame::Request {
            id,
            request: Request {
                call: call.map(str::to_owned),
                body,
            },
        })
        .await;
        loop {
            match self.frame().await {
                ServerFrame::Response { id: answered, outcome } if answered == id => return outcome,
                ServerFrame::Event { call, event, .. } => self.events.push_back((call, event)),
                ring @ (ServerFrame::Incoming { .. } | ServerFrame::IncomingEnded { .. }) => self.rings.push_back(ring),
                other => panic!("no response: {other:?}"),
            }
        }
    }

    pub(crate) async fn ok(&mut self, call: &str, body: RequestBody) -> Reply {
        match self.request(Some(call), body).await {
            Outcome::Ok { reply } => reply,
            Outcome::Refused { refusal } => panic!("refused: {refusal:?}"),
        }
    }

    pub(crate) async fn refused(&mut self, call: &str, body: RequestBody) -> Refusal {
        match self.request(Some(call), body).await {
            Outcome::Refused { refusal } => refusal,
            Outcome::Ok { reply } => panic!("not refused: {reply:?}"),
        }
    }

    pub(crate) async fn join(&mut self, locator: Locator, name: &str) -> Result<wire::Joined, Refusal> {
        match self
            .request(
                None,
                RequestBody::Join {
                    locator,
                    display_name: Some(name.to_owned()),
                    muted: false,
                },
            )
            .await
        {
            Outcome::Ok {
                reply: Reply::Joined(joined),
            } => Ok(joined),
            Outcome::Ok { reply } => panic!("not joined: {reply:?}"),
            Outcome::Refused { refusal } => Err(refusal),
        }
    }

    /// The next event of any call.
    pub(crate) async fn event(&mut self) -> Event {
        if let Some((_, event)) = self.events.pop_front() {
            return event;
        }
        loop {
            match self.frame().await {
                ServerFrame::Event { event, .. } => return event,
                ServerFrame::Pong => {}
                ring @ (ServerFrame::Incoming { .. } | ServerFrame::IncomingEnded { .. }) => self.rings.push_back(ring),
                other => panic!("no event: {other:?}"),
            }
        }
    }

    /// Skips events until one of this call fits; those of other calls are kept.
    pub(crate) async fn until_in<T>(&mut self, call: &str, mut fits: impl FnMut(Event) -> Option<T>) -> T {
        let mut others = VecDeque::new();
        loop {
            let (of, event) = match self.events.pop_front() {
                Some(known) => known,
                None => match self.frame().await {
                    ServerFrame::Event { call, event, .. } => (call, event),
                    ServerFrame::Pong => continue,
                    other => panic!("no event: {other:?}"),
                },
            };
            if of != call {
                others.push_back((of, event));
            } else if let Some(found) = fits(event) {
                others.append(&mut self.events);
                self.events = others;
                return found;
            }
        }
    }

    /// The next frame about a call that rings here; events meanwhile are kept.
    pub(crate) async fn ring(&mut self) -> ServerFrame {
        if let Some(ring) = self.rings.pop_front() {
            return ring;
        }
        loop {
            match self.frame().await {
                ServerFrame::Event { call, event, .. } => self.events.push_back((call, event)),
                ServerFrame::Pong => {}
                ring @ (ServerFrame::Incoming { .. } | ServerFrame::IncomingEnded { .. }) => return ring,
                other => panic!("no ring: {other:?}"),
            }
        }
    }

    /// Skips events until one fits.
    pub(crate) async fn until<T>(&mut self, mut fits: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = fits(self.event().await) {
                return found;
            }
        }
    }

    /// Waits for the end of the socket and gives the reason, if one was told.
    pub(crate) async fn closed(&mut self) -> Option<Refusal> {
        let mut reason = None;
        while let Some(frame) = self.try_frame().await {
            if let ServerFrame::Closing { refusal } = frame {
                reason = Some(refusal);
            }
        }
        reason
    }

    /// The network goes away: no close frame, nothing.
    pub(crate) fn vanish(self) {
        drop(self.socket);
    }
}

pub(crate) fn snapshot(event: Event) -> Option<wire::Snapshot> {
    match event {
        Event::Snapshot { snapshot } => Some(snapshot),
        _ => None,
    }
}

pub(crate) fn ended(event: Event) -> Option<Refusal> {
    match event {
        Event::Ended { reason } => Some(reason),
        _ => None,
    }
}

/// Raw ids of newly waiting people.
pub(crate) fn waits(event: Event) -> Option<String> {
    match event {
        Event::Lobby { added, .. } => added.into_iter().next().map(|waiting| waiting.id),
        _ => None,
    }
}
