//! A small server for the tests: the wire protocol over a real WebSocket, the real media engine, and just enough of a meeting
//! (everybody is let in, or waits until told) to drive the SDK.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "test code"
)]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use media::{Declared, Engine, EngineConfig, Offer, PeerId, PublicationId, RoomId};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use wire::{
    ClientFrame, Event, FixableBy, Joined, LostCall, MediaAnswer, MediaKind, MeetingState, Outcome, Participant, PersonKind,
    PublicationState, Refusal, Reply, RequestBody, ResumeCall, ResumedCall, Role, SelfState, ServerFrame, SlotBinding, Snapshot, Welcome,
};

/// Frames that may wait for a socket; more than any test sends before it reads.
const FRAMES: usize = 1_024;
/// Publications of a session are numbered from here.
const PER_SESSION: u32 = 10;

pub struct House {
    pub engine: Engine,
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    cut: watch::Sender<u32>,
}

#[derive(Default)]
struct State {
    lobby: bool,
    sessions: BTreeMap<u64, Session>,
    next: u64,
    /// Whether new sockets are turned away.
    unreachable: bool,
    /// Whether resumed calls are lost.
    forgetful: bool,
}

struct Session {
    ticket: String,
    name: String,
    waiting: bool,
    out: mpsc::Sender<ServerFrame>,
    revision: u32,
    mids: BTreeMap<MediaKind, String>,
    active: Vec<MediaKind>,
    slots: BTreeMap<String, SlotBinding>,
}

impl House {
    pub async fn open(lobby: bool) -> Self {
        let state = Arc::new(Mutex::new(State { lobby, ..State::default() }));
        let events = Arc::clone(&state);
        let config = EngineConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let engine = Engine::start(config, Box::new(move |event| events.lock().unwrap().media(event))).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (served, engine_of) = (Arc::clone(&state), engine.clone());
        let (cut, cuts) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if !served.lock().unwrap().unreachable {
                    tokio::spawn(serve(stream, Arc::clone(&served), engine_of.clone(), cuts.clone()));
                }
            }
        });
        Self {
            engine,
            address,
            state,
            cut,
        }
    }

    /// The network goes away: every socket is lost, sessions stay, nobody can connect.
    pub fn cut(&self) {
        self.state.lock().unwrap().unreachable = true;
        self.cut.send_modify(|cuts| *cuts += 1);
    }

    /// The network is back; with `forgetful`, the sessions are not.
    pub fn mend(&self, forgetful: bool) {
        let mut state = self.state.lock().unwrap();
        (state.unreachable, state.forgetful) = (false, forgetful);
    }

    /// Tickets that calls may be resumed with now.
    pub fn tickets(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.sessions.values().map(|session| session.ticket.clone()).collect()
    }

    pub fn url(&self) -> String {
        format!("ws://{}/signal", self.address)
    }

    /// Lets everybody in.
    pub fn admit_all(&self) {
        let mut state = self.state.lock().unwrap();
        let waiting: Vec<u64> = state
            .sessions
            .iter()
            .filter(|(_, session)| session.waiting)
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            state.sessions.get_mut(&id).unwrap().waiting = false;
            state.welcome_in(id);
        }
    }

    /// The engine gives the media paths up.
    pub fn lose_media(&self) {
        let mut state = self.state.lock().unwrap();
        let ids: Vec<u64> = state.sessions.keys().copied().collect();
        for id in ids {
            self.engine.remove(PeerId(id));
            state.sessions.get_mut(&id).unwrap().slots.clear();
            state.tell(id, Event::MediaLost);
        }
    }

    pub fn end(&self) {
        let mut state = self.state.lock().unwrap();
        let ids: Vec<u64> = state.sessions.keys().copied().collect();
        for id in ids {
            state.tell(
                id,
                Event::Ended {
                    reason: refusal(0, "meetingEnded"),
                },
            );
        }
    }
}

pub fn refusal(code: u32, name: &str) -> Refusal {
    Refusal {
        code,
        sub_code: 0,
        name: name.to_owned(),
        message: name.to_owned(),
        cause: name.to_owned(),
        fixable_by: FixableBy::Nobody,
        policy: None,
    }
}

impl State {
    fn tell(&mut self, id: u64, event: Event) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.revision += 1;
            let _ = session.out.try_send(ServerFrame::Event {
                call: format!("call-{id}"),
                revision: session.revision,
                event,
            });
        }
    }

    fn resume(&mut self, resume: &ResumeCall, out: &mpsc::Sender<ServerFrame>) -> Option<(u64, ResumedCall)> {
        let forgetful = self.forgetful;
        let known = |(id, session): &(&u64, &mut Session)| resume.call == format!("call-{id}") && session.ticket == resume.ticket;
        let (id, session) = self.sessions.iter_mut().find(known).filter(|_| !forgetful)?;
        session.out = out.clone();
        session.ticket += "+";
        let back = ResumedCall {
            call: resume.call.clone(),
            resume_ticket: session.ticket.clone(),
        };
        Some((*id, back))
    }

    fn person(&self, id: u64) -> Participant {
        let session = &self.sessions[&id];
        let publications = session.mids.keys().map(|kind| PublicationState {
            id: number(id, *kind),
            kind: *kind,
            active: session.active.contains(kind),
            width: 0,
            height: 0,
        });
        Participant {
            id: format!("8:acs:{id}"),
            session: format!("session-{id}"),
            display_name: session.name.clone(),
            kind: PersonKind::Guest,
            role: Role::Presenter,
            muted: false,
            hand: None,
            spotlight: None,
            access: wire::MediaAccess { audio: true, video: true },
            presence: wire::Presence::Inside,
            reconnecting: false,
            publications: publications.collect(),
        }
    }

    fn inside(&self) -> Vec<u64> {
        self.sessions
            .iter()
            .filter(|(_, session)| !session.waiting)
            .map(|(id, _)| *id)
            .collect()
    }

    fn welcome_in(&mut self, id: u64) {
        let participants: Vec<Participant> = self.inside().into_iter().map(|id| self.person(id)).collect();
        let snapshot = Snapshot {
            meeting: MeetingState {
                subject: "Test".to_owned(),
                thread_id: "19:meeting_x@thread.v2".to_owned(),
                server_call_id: "1".to_owned(),
                kind: wire::CallKind::Meeting,
                group_id: None,
                access: wire::MediaAccess { audio: true, video: true },
                max_spotlight: 7,
                recordings: Vec::new(),
                transcribing: false,
                captions: wire::CaptionsState::default(),
                together: None,
                locked: false,
                dominant_speakers: Vec::new(),
                dominant_since: None,
            },
            own: SelfState {
                id: format!("8:acs:{id}"),
                session: format!("session-{id}"),
                display_name: String::new(),
                role: Role::Presenter,
                captions: None,
                recording_consent_required: false,
                transcription_consent_required: false,
                muted: false,
                muted_by_other: false,
                capabilities: Vec::new(),
            },
            participants,
            lobby: Vec::new(),
            breakout: wire::BreakoutState::default(),
            slots: self.sessions[&id].slots.values().cloned().collect(),
            ice_servers: Vec::new(),
        };
        self.tell(id, Event::Snapshot { snapshot });
        self.changed(id);
    }

    fn changed(&mut self, id: u64) {
        let person = self.person(id);
        for other in self.inside() {
            self.tell(
                other,
                Event::Participants {
                    upserted: vec![person.clone()],
                    left: Vec::new(),
                },
            );
        }
    }

    fn media(&mut self, event: media::Event) {
        if let media::Event::Slots { peer, bindings } = event {
            let bindings = bindings.into_iter().map(|binding| SlotBinding {
                mid: binding.mid,
                generation: binding.generation,
                publication: binding.publication.map(|id| id.0),
                participant: binding.publication.map(|id| format!("8:acs:{}", id.0 / PER_SESSION)),
                withheld: None,
            });
            let bindings: Vec<SlotBinding> = bindings.collect();
            if let Some(session) = self.sessions.get_mut(&peer.0) {
                session
                    .slots
                    .extend(bindings.iter().map(|binding| (binding.mid.clone(), binding.clone())));
            }
            self.tell(peer.0, Event::Slots { bindings });
        }
    }
}

/// The publication of this session in this medium.
pub fn number(session: u64, kind: MediaKind) -> u32 {
    session as u32 * PER_SESSION + kind as u32
}

fn engine_kind(kind: MediaKind) -> media::MediaKind {
    match kind {
        MediaKind::Microphone => media::MediaKind::Microphone,
        MediaKind::Camera => media::MediaKind::Camera,
        MediaKind::Screen => media::MediaKind::Screen,
        MediaKind::ScreenAudio => media::MediaKind::ScreenAudio,
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>, engine: Engine, mut cuts: watch::Receiver<u32>) {
    let (mut sink, mut source) = tokio_tungstenite::accept_async(stream).await.unwrap().split();
    let (out, mut frames) = mpsc::channel::<ServerFrame>(FRAMES);
    let writing = tokio::spawn(async move {
        while let Some(frame) = frames.recv().await {
            let _ = sink.send(Message::text(wire::encode(&frame))).await;
        }
    });
    let mut own = None;
    cuts.mark_unchanged();
    loop {
        let message = tokio::select! {
            message = source.next() => message,
            _ = cuts.changed() => {
                writing.abort();
                return;
            }
        };
        let Some(Ok(Message::Text(text))) = message else { break };
        match wire::decode_client(&text).unwrap() {
            ClientFrame::Ping => drop(out.try_send(ServerFrame::Pong)),
            ClientFrame::Hello(hello) if hello.token != "good" => drop(out.try_send(ServerFrame::Closing {
                refusal: refusal(401, "badToken"),
            })),
            ClientFrame::Hello(hello) => {
                let (mut resumed, mut lost) = (Vec::new(), Vec::new());
                for call in hello.resume {
                    match state.lock().unwrap().resume(&call, &out) {
                        Some((id, back)) => {
                            own = Some(id);
                            resumed.push(back);
                        }
                        None => lost.push(LostCall {
                            call: call.call,
                            refusal: refusal(404, "noSuchCall"),
                        }),
                    }
                }
                let back = !resumed.is_empty();
                let welcome = Welcome {
                    protocol: wire::PROTOCOL_VERSION,
                    id: "8:acs:x".to_owned(),
                    display_name: None,
                    kind: PersonKind::Guest,
                    ice_servers: Vec::new(),
                    heartbeat_ms: 10_000,
                    resumed,
                    lost,
                };
                let _ = out.try_send(ServerFrame::Welcome(welcome));
                if back {
                    state.lock().unwrap().welcome_in(own.unwrap());
                }
            }
            ClientFrame::Request { id, request } => {
                let outcome = match answer(&state, &engine, &out, &mut own, request.body).await {
                    Ok(reply) => Outcome::Ok { reply },
                    Err(refusal) => Outcome::Refused { refusal },
                };
                let admitted = matches!(&outcome, Outcome::Ok { reply: Reply::Joined(joined) } if !joined.waiting);
                let _ = out.try_send(ServerFrame::Response { id, outcome });
                if admitted {
                    state.lock().unwrap().welcome_in(own.unwrap());
                }
            }
        }
    }
    if let Some(id) = own {
        state.lock().unwrap().sessions.remove(&id);
        engine.remove(PeerId(id));
    }
}

async fn answer(
    state: &Mutex<State>,
    engine: &Engine,
    out: &mpsc::Sender<ServerFrame>,
    own: &mut Option<u64>,
    body: RequestBody,
) -> Result<Reply, Refusal> {
    if let RequestBody::Join { display_name, .. } = body {
        let mut state = state.lock().unwrap();
        let name = display_name.unwrap_or_default();
        if name == "Mallory" {
            return Err(refusal(403, "notAllowed"));
        }
        state.next += 1;
        let (id, waiting) = (state.next, state.lobby);
        let session = Session {
            ticket: "ticket".to_owned(),
            name,
            waiting,
            out: out.clone(),
            revision: 0,
            mids: BTreeMap::new(),
            active: Vec::new(),
            slots: BTreeMap::new(),
        };
        state.sessions.insert(id, session);
        *own = Some(id);
        return Ok(Reply::Joined(Joined {
            call: format!("call-{id}"),
            session: format!("session-{id}"),
            resume_ticket: "ticket".to_owned(),
            waiting,
        }));
    }
    let id = own.ok_or_else(|| refusal(404, "noCall"))?;
    let peer = PeerId(id);
    match body {
        RequestBody::OfferMedia { sdp, publications, fresh } => {
            let offered = engine.offer(RoomId("room".to_owned()), peer, Offer { sdp, fresh }).await;
            let answer = offered.map_err(|error| refusal(488, &error.to_string()))?;
            let mut state = state.lock().unwrap();
            let session = state.sessions.get_mut(&id).unwrap();
            session.mids = publications
                .into_iter()
                .map(|publication| (publication.kind, publication.mid))
                .collect();
            let declared = session.mids.iter().map(|(kind, mid)| Declared {
                id: PublicationId(number(id, *kind)),
                kind: engine_kind(*kind),
                mid: mid.clone(),
                open: session.active.contains(kind),
            });
            engine.declare(peer, declared.collect());
            state.changed(id);
            Ok(Reply::Media(MediaAnswer { sdp: answer.sdp }))
        }
        RequestBody::SetPublication { kind, active, .. } => {
            let mut state = state.lock().unwrap();
            let session = state.sessions.get_mut(&id).unwrap();
            session.active.retain(|other| *other != kind);
            if active {
                session.active.push(kind);
            }
            engine.set_open(peer, PublicationId(number(id, kind)), active);
            state.changed(id);
            Ok(Reply::Done)
        }
        RequestBody::Subscribe { wants } => {
            let wants = wants.into_iter().map(|want| media::Want {
                publication: PublicationId(want.publication),
                width: want.width,
                height: want.height,
                priority: want.priority as u8,
                max_fps: 0,
            });
            engine.subscribe(peer, wants.collect());
            Ok(Reply::Done)
        }
        RequestBody::Leave { .. } => {
            let mut state = state.lock().unwrap();
            state.tell(
                id,
                Event::Ended {
                    reason: refusal(0, "left"),
                },
            );
            state.sessions.remove(&id);
            engine.remove(peer);
            for other in state.inside() {
                let left = vec![wire::ParticipantLeft {
                    id: format!("8:acs:{id}"),
                    removed: false,
                    reason: None,
                }];
                state.tell(
                    other,
                    Event::Participants {
                        upserted: Vec::new(),
                        left,
                    },
                );
            }
            Ok(Reply::Done)
        }
        _ => Err(refusal(501, "notInThisTest")),
    }
}
