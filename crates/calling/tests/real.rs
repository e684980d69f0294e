//! The SDK against the real server side: use cases on a real store, signalling, the media engine, and the adapter between
//! them that the server ships. A cable that can be cut stands between the two.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

#[allow(dead_code, reason = "the server uses more of it")]
#[path = "../../server/src/media_plane.rs"]
mod media_plane;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use app::{App, Caller, DevAccounts, MeetingDraft, TokenScope};
use calling::{Call, Client, Clip, Phase, Source, Trust};
use media_plane::{EnginePlane, MediaSettings};
use signal::Hub;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{interval, timeout};
use wire::{Locator, MediaKind, PersonKind};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

struct Server {
    app: App,
    accounts: DevAccounts,
    engine: media::Engine,
    address: SocketAddr,
    _data: TempDir,
}

impl Server {
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let store = store::SqlStore::open(&data.path().join("anteroom.sqlite")).await.unwrap();
        let listener = TcpListener::bind(LOOPBACK).await.unwrap();
        let address = listener.local_addr().unwrap();
        let origin = format!("http://{address}");
        let config = app::Config {
            public_origin: origin.clone(),
            known_origins: vec![origin],
            signal_url: format!("ws://{address}/signal"),
            region: "test".to_owned(),
            relay: None,
        };
        let (clock, random) = (Arc::new(app::system::SystemClock), Arc::new(app::system::SystemRandom::default()));
        let app = App::new(config, Arc::new(store), clock, random).await.unwrap();
        let accounts = app.bootstrap_dev().await.unwrap();
        let slot = Arc::new(OnceLock::new());
        let plane = EnginePlane::start(LOOPBACK, &MediaSettings::default(), Arc::clone(&slot)).unwrap();
        let engine = plane.engine();
        let hub = Hub::new(app.clone(), Arc::new(plane));
        assert!(slot.set(hub.clone()).is_ok());
        let routes = signal::router(hub).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            app,
            accounts,
            engine,
            address,
            _data: data,
        }
    }

    async fn schedule(&self) -> Locator {
        let member = self.accounts.members[0].member.clone();
        let caller = Caller::Member {
            member: member.clone(),
            scopes: vec!["OnlineMeetings.ReadWrite".to_owned()],
            client_id: self.accounts.tenant.meet_client_id.clone(),
        };
        let meeting = self.app.schedule(&caller, &member.id, MeetingDraft::default()).await.unwrap();
        Locator::Coordinates {
            thread_id: meeting.thread_id,
            organizer_id: meeting.organizer_id,
            tenant_id: self.accounts.tenant.id.clone(),
            message_id: "0".to_owned(),
        }
    }

    /// An access token of the organizer, as sign-in gives it to the web application.
    fn member_token(&self) -> String {
        let member = &self.accounts.members[0].member;
        let now = self.app.now() / 1_000_000;
        let claims = serde_json::json!({
            "iss": self.app.issuer(&self.app.config().public_origin),
            "aud": app::tokens::GRAPH_AUDIENCE,
            "tid": self.accounts.tenant.id,
            "oid": member.id,
            "sub": member.id,
            "azp": self.accounts.tenant.meet_client_id,
            "scp": "OnlineMeetings.ReadWrite Teams.ManageCalls",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        });
        self.app.signer().sign(&claims).unwrap()
    }

    async fn guest(&self) -> (String, String) {
        let identity = self.app.create_identity().await.unwrap();
        let token = self.app.issue_token(&identity.id, &[TokenScope::Voip], None).await.unwrap();
        (identity.id, token.token)
    }
}

/// Carries bytes to the server until it is cut.
struct Cable {
    address: SocketAddr,
    whole: watch::Sender<bool>,
}

impl Cable {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(LOOPBACK).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (whole, state) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut state = state.clone();
                tokio::spawn(async move {
                    if *state.borrow_and_update() {
                        let mut far = TcpStream::connect(server).await.unwrap();
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                            _ = state.changed() => {}
                        }
                    }
                });
            }
        });
        Self { address, whole }
    }

    fn url(&self) -> String {
        format!("ws://{}/signal", self.address)
    }
}

async fn join(url: &str, token: &str, locator: &Locator, name: &str) -> Call {
    let client = Client::connect_to(url, token, &Trust::system()).await.unwrap();
    client.join(locator.clone(), Some(name.to_owned()), false).await.unwrap()
}

async fn publish_all(call: &Call) {
    let camera = Source::Clip(Clip::test_pattern().unwrap());
    call.publish(MediaKind::Camera, Some(camera)).await.unwrap();
    let microphone = Source::Clip(Clip::test_tone().unwrap());
    call.publish(MediaKind::Microphone, Some(microphone)).await.unwrap();
}

/// Looks until it is so.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let looking = async {
        let mut tick = interval(Duration::from_millis(10));
        while !condition() {
            tick.tick().await;
        }
    };
    assert!(timeout(PATIENCE, looking).await.is_ok(), "never happened: {what}");
}

/// Whole frames that came of somebody in a medium.
fn frames(call: &Call, from: &str, kind: MediaKind) -> u64 {
    let view = call.view();
    let person = view.participants.get(from);
    let publication = person.and_then(|person| person.publications.iter().find(|publication| publication.kind == kind));
    publication.map_or(0, |publication| call.frames_of(publication.id))
}

async fn hears_and_sees(call: &Call, from: &str) {
    let kinds = [MediaKind::Camera, MediaKind::Microphone];
    let before = kinds.map(|kind| frames(call, from, kind));
    until("frames of the other", || {
        kinds
            .iter()
            .zip(before)
            .all(|(kind, before)| frames(call, from, *kind) > before + 20)
    })
    .await;
}

/// The organizer is in the meeting and the guest, at the end of a cable, waits.
async fn organizer_and_waiting_guest(server: &Server, cable: &Cable) -> ((Call, String), (Call, String)) {
    let locator = server.schedule().await;
    // The member's token names no server here, the guest's does.
    let direct = format!("ws://{}/signal", server.address);
    let anna = join(&direct, &server.member_token(), &locator, "ignored").await;
    let anna_id = anna.admitted().await.unwrap().own.unwrap().id;
    let (guest_id, token) = server.guest().await;
    assert_eq!(calling::signal_url(&token), Some(direct));
    let guest = join(&cable.url(), &token, &locator, "Maria").await;
    publish_all(&anna).await;
    publish_all(&guest).await;
    anna.wait_for(|view| view.lobby.contains_key(&guest_id)).await.unwrap();
    ((anna, anna_id), (guest, guest_id))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_waits_without_media_is_admitted_and_both_receive_one_another() {
    let server = Server::start().await;
    let cable = Cable::to(server.address).await;
    let ((anna, anna_id), (guest, guest_id)) = organizer_and_waiting_guest(&server, &cable).await;
    assert!(matches!(guest.phase(), Phase::Waiting { .. }));
    let view = guest.view();
    assert!(view.participants.is_empty() && view.meeting.is_none());
    until("the organizer has a media path", || server.engine.stats().peers > 0).await;
    assert_eq!(server.engine.stats().peers, 1, "nobody else has one");

    assert_eq!(anna.admit(vec![guest_id.clone()]).await.unwrap(), 1);
    let view = guest.admitted().await.unwrap();
    assert_eq!(view.participants[&anna_id].kind, PersonKind::Member);
    anna.wait_for(|view| view.participants.len() == 2 && view.lobby.is_empty())
        .await
        .unwrap();
    hears_and_sees(&anna, &guest_id).await;
    hears_and_sees(&guest, &anna_id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_whose_connection_was_lost_comes_back_into_the_meeting() {
    let server = Server::start().await;
    let cable = Cable::to(server.address).await;
    let ((anna, anna_id), (guest, guest_id)) = organizer_and_waiting_guest(&server, &cable).await;
    anna.admit(vec![guest_id.clone()]).await.unwrap();
    hears_and_sees(&guest, &anna_id).await;
    cable.whole.send_replace(false);
    until("the guest notices", || !guest.is_online()).await;
    anna.wait_for(|view| view.participants[&guest_id].reconnecting).await.unwrap();
    // Media needs no signalling.
    hears_and_sees(&guest, &anna_id).await;
    anna.raise_hand(true).await.unwrap();
    assert!(guest.view().participants[&anna_id].hand.is_none());

    cable.whole.send_replace(true);
    until("the guest is back", || guest.is_online()).await;
    anna.wait_for(|view| !view.participants[&guest_id].reconnecting).await.unwrap();
    // What happened meanwhile is told by the snapshot, and the media path is the same.
    guest.wait_for(|view| view.participants[&anna_id].hand.is_some()).await.unwrap();
    assert_eq!(server.engine.stats().peers, 2);
    hears_and_sees(&guest, &anna_id).await;
    hears_and_sees(&anna, &guest_id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ticket_of_a_removed_guest_brings_nothing_back() {
    let server = Server::start().await;
    let cable = Cable::to(server.address).await;
    let ((anna, _), (guest, guest_id)) = organizer_and_waiting_guest(&server, &cable).await;
    anna.admit(vec![guest_id.clone()]).await.unwrap();
    hears_and_sees(&anna, &guest_id).await;
    cable.whole.send_replace(false);
    until("the guest notices", || !guest.is_online()).await;
    anna.remove(guest_id.clone()).await.unwrap();
    until("the guest's media path is gone", || server.engine.stats().peers == 1).await;

    cable.whole.send_replace(true);
    let view = guest.wait_for(|view| matches!(view.phase, Phase::Ended(_))).await.unwrap();
    assert!(matches!(view.phase, Phase::Ended(reason) if reason.name == "noSuchCall"));
    assert!(!anna.view().participants.contains_key(&guest_id));
    assert_eq!(server.engine.stats().peers, 1);
}
