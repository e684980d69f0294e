//! Finds and makes the task of each live meeting, and routes to it what does not come from its own sockets.
//!
//! Owns: the registers of hosts (by thread), calls, media peers and connections. Not here: what happens in a meeting
//! (`host`). Invariants: at most one task hosts a thread; locks are held for a map operation and never across an await.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use app::{App, Micros, Source};
use meeting::{CallKind, Meeting, Person, Refusal};
use tokio::sync::{mpsc, oneshot};
use wire::Locator;

use crate::{
    breakout::OpenRooms,
    host::{Host, HostHandle, HostInput, Join, JoinError, Listing, QUEUE, Resume},
    media_plane::{MediaEvent, MediaPlane, PeerId},
    outbox::Outbox,
    quality::{Recorder, Totals},
    register::Register,
    resolve,
    surveys::Sessions,
    switchboard::Switchboard,
};

/// Who is connected, as the token proved it.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) person: Person,
    /// Whether the name comes from the directory and not from the person.
    pub(crate) named: bool,
    /// Whether the token lets them begin a call that nobody has called yet.
    pub(crate) may_start: bool,
    pub(crate) expires: Micros,
    /// The application that the token ends with.
    pub(crate) client_id: Option<String>,
}

impl Identity {
    pub(crate) fn id(&self) -> &str {
        &self.person.id.0
    }

    pub(crate) fn display_name(&self) -> Option<String> {
        self.named.then(|| self.person.display_name.clone())
    }
}

/// A join as the connection knows it.
pub(crate) struct Joining {
    pub(crate) identity: Identity,
    pub(crate) source: Option<IpAddr>,
    pub(crate) outbox: Outbox,
    pub(crate) request: u32,
    pub(crate) display_name: Option<String>,
    pub(crate) muted: bool,
    /// Calls that the connection holds already.
    pub(crate) open: usize,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    app: App,
    media: Arc<dyn MediaPlane>,
    hosts: Mutex<HashMap<String, HostHandle>>,
    /// Host of each call, and the socket that it is on (or was on last).
    calls: Mutex<HashMap<String, (HostHandle, Outbox)>>,
    peers: Mutex<HashMap<PeerId, HostHandle>>,
    register: Register,
    switchboard: Switchboard,
    sessions: Sessions,
    quality: Recorder,
    open_rooms: OpenRooms,
    next: AtomicU64,
    stopping: AtomicBool,
    runtime: tokio::runtime::Handle,
}

impl Hub {
    /// Calls that one connection may hold: a meeting, its breakout room, and a few on hold.
    pub(crate) const MOST_CALLS: usize = 8;

    /// A hub on these use cases and this engine. Starts a task that follows what the use cases change;
    /// must be called inside the runtime that serves the sockets.
    pub fn new(app: App, media: Arc<dyn MediaPlane>) -> Self {
        let hub = Self(Arc::new(Inner {
            quality: Recorder::start(app.clone()),
            app,
            media,
            hosts: Mutex::default(),
            calls: Mutex::default(),
            peers: Mutex::default(),
            register: Register::default(),
            switchboard: Switchboard::default(),
            sessions: Sessions::default(),
            open_rooms: OpenRooms::default(),
            next: AtomicU64::new(1),
            stopping: AtomicBool::new(false),
            runtime: tokio::runtime::Handle::current(),
        }));
        tokio::spawn(crate::changes::follow(hub.clone(), hub.app().changes()));
        hub
    }

    /// Takes an event of the media engine. Returns at once; called on the engine's thread.
    pub fn media_event(&self, event: MediaEvent) {
        let event = match event {
            // Nothing for a host: the last one of a peer comes when its host has forgotten it.
            MediaEvent::Quality { peer, reading } => return self.0.quality.read(peer, reading),
            event => event,
        };
        if let MediaEvent::Slots { peer, bindings } = &event {
            self.0.quality.slots(*peer, bindings);
        }
        let host = match &event {
            MediaEvent::Connected { peer }
            | MediaEvent::Lost { peer }
            | MediaEvent::Slots { peer, .. }
            | MediaEvent::Quality { peer, .. }
            | MediaEvent::Speaking { peer, .. } => lock(&self.0.peers).get(peer).cloned(),
            // Some of the peers may have gone a moment ago.
            MediaEvent::Dominant { peers, .. } => {
                let known = lock(&self.0.peers);
                peers.iter().find_map(|peer| known.get(peer).cloned())
            }
        };
        let Some(host) = host else { return };
        let Err(mpsc::error::TrySendError::Full(HostInput::Media(event))) = host.inputs.try_send(HostInput::Media(event)) else {
            return;
        };
        match event {
            // A client that was not told of its slots sees nothing: its peer ends, and it offers again. In a task, since the
            // engine's own thread, on which this runs, may not call the engine.
            MediaEvent::Slots { peer, .. } => {
                let media = self.0.media.clone();
                self.0.runtime.spawn(async move {
                    media.remove(peer);
                    drop(host.inputs.send(HostInput::Media(MediaEvent::Lost { peer })).await);
                });
            }
            // Said once only, so they wait for room.
            event @ (MediaEvent::Lost { .. } | MediaEvent::Speaking { speaking: false, .. }) => {
                self.0
                    .runtime
                    .spawn(async move { drop(host.inputs.send(HostInput::Media(event)).await) });
            }
            MediaEvent::Connected { .. }
            | MediaEvent::Quality { .. }
            | MediaEvent::Speaking { speaking: true, .. }
            | MediaEvent::Dominant { .. } => {}
        }
    }

    /// Tells everybody that the server stops and closes the sockets.
    pub async fn stop(&self) {
        self.0.stopping.store(true, Ordering::Release);
        let hosts = self.all_live();
        for host in &hosts {
            host.deliver(HostInput::Stop);
        }
        for host in hosts {
            host.inputs.closed().await;
        }
        self.0.register.end_all(Refusal::ServerStopping);
        self.0.quality.flush().await;
    }

    /// Calls that have a task now, for metrics.
    pub fn live_calls(&self) -> usize {
        lock(&self.0.hosts).len()
    }

    /// How the media connections of all sessions did, in numbers, for metrics.
    pub fn quality_totals(&self) -> Totals {
        self.0.quality.totals()
    }

    /// The media connection that a session of a held call has now.
    pub async fn peer_of(&self, held_id: &str, session: &str) -> Option<PeerId> {
        self.0.quality.peer_of(held_id, session).await
    }

    pub(crate) fn quality(&self) -> &Recorder {
        &self.0.quality
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) async fn identify(&self, token: &str) -> Result<Identity, Refusal> {
        if self.0.stopping.load(Ordering::Acquire) {
            return Err(Refusal::ServerStopping);
        }
        resolve::identity(&self.0.app, token).await
    }

    /// The open sockets.
    pub(crate) fn register(&self) -> &Register {
        &self.0.register
    }

    /// The breakout rooms that are open.
    pub(crate) fn open_rooms(&self) -> &OpenRooms {
        &self.0.open_rooms
    }

    /// Thread of the meeting that a call is in, for the connection that holds the call.
    pub(crate) fn thread_of(&self, call: &str, outbox: &Outbox) -> Option<String> {
        let calls = lock(&self.0.calls);
        let (host, _) = calls.get(call).filter(|(_, own)| own.same_as(outbox))?;
        Some(host.thread_id.clone())
    }

    /// Whose sessions those of late were.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// What rings, and who is handed over.
    pub(crate) fn switchboard(&self) -> &Switchboard {
        &self.0.switchboard
    }

    /// The task of a call.
    pub(crate) fn host_of(&self, call: &str) -> Option<HostHandle> {
        lock(&self.0.calls).get(call).map(|(host, _)| host.clone())
    }

    /// The person of a join, when another call may be held.
    pub(crate) fn newcomer(&self, joining: &Joining) -> Result<Person, Refusal> {
        if self.0.stopping.load(Ordering::Acquire) {
            return Err(Refusal::ServerStopping);
        }
        if joining.open >= Self::MOST_CALLS {
            return Err(Refusal::TooManyConnections);
        }
        let mut person = joining.identity.person.clone();
        if !joining.identity.named {
            person.display_name = resolve::display_name(joining.display_name.clone());
        }
        Ok(person)
    }

    /// Whether the call is still there.
    pub(crate) fn has_call(&self, call: &str) -> bool {
        lock(&self.0.calls).contains_key(call)
    }

    /// Brings somebody into the meeting that the locator names; gives the call and its host.
    pub(crate) async fn join(&self, joining: Joining, locator: Locator) -> Result<(String, HostHandle), Refusal> {
        let person = self.newcomer(&joining)?;
        // A host that retires while the join is on its way sends it back. Everything is read again then, since a meeting
        // without a host is told of no change.
        for _ in 0..3 {
            let (settings, path) = match &locator {
                Locator::Breakout { call, room_id } => self.breakout_room(call, room_id, &person.id, &joining.outbox)?,
                _ => resolve::locator(&self.0.app, &locator, joining.source).await?,
            };
            let bars = self.0.app.barred(&settings.thread_id).await.map_err(|error| {
                tracing::error!(%error, "the removals of a meeting could not be read");
                Refusal::Internal
            })?;
            if settings.kind == CallKind::Group && !joining.identity.may_start && self.live(&settings.thread_id).is_none() {
                return Err(Refusal::ScopeForbidsStarting);
            }
            let listing = Listing::of(&settings, &person.id);
            let (host, is_new) = self.host(settings, &bars);
            // The settings may have changed between being read and there being a host to tell.
            if is_new {
                host.deliver(HostInput::Refresh);
            }
            let (reply, answer) = oneshot::channel();
            let join = Join {
                request: joining.request,
                person: person.clone(),
                path,
                muted: joining.muted,
                listing,
                source: joining.source.map(Source::from),
                client_id: joining.identity.client_id.clone(),
                outbox: joining.outbox.clone(),
                start: None,
                reply,
            };
            match host.join(join, answer).await {
                Ok(call) => return Ok((call, host)),
                Err(JoinError::Refused(refusal)) => return Err(refusal),
                Err(JoinError::Retired) => self.retire(&host),
            }
        }
        Err(Refusal::Internal)
    }

    /// The host of the thread, and whether it was made now.
    pub(crate) fn host(&self, settings: meeting::MeetingSettings, bars: &[(String, meeting::Bar)]) -> (HostHandle, bool) {
        let thread_id = settings.thread_id.clone();
        let mut hosts = lock(&self.0.hosts);
        if let Some(host) = hosts.get(&thread_id).filter(|host| !host.is_closed()) {
            return (host.clone(), false);
        }
        let (inputs, receiver) = mpsc::channel(QUEUE);
        let handle = HostHandle {
            thread_id: thread_id.clone(),
            inputs,
        };
        let mut machine = Meeting::new(settings, uuid::Uuid::new_v4().to_string());
        if let Some(speech) = self.app().speech() {
            let languages = speech.languages();
            machine.offer_speech(meeting::SpeechOffer {
                spoken: languages.spoken,
                translated: languages.translated,
            });
        }
        for (raw_id, bar) in bars {
            machine.restore_bar(meeting::ParticipantId(raw_id.clone()), *bar);
        }
        let host = Host::new(self.0.app.clone(), self.clone(), self.0.media.clone(), handle.clone(), machine);
        let task = tokio::spawn(host.run(receiver));
        let (hub, watched) = (self.clone(), handle.clone());
        tokio::spawn(async move {
            if let Err(error) = task.await {
                tracing::error!(%error, "a meeting's task failed; its participants have to join again");
                // Before anybody can come back: who is in then has been admitted again.
                if let Err(error) = hub.app().close_meeting_chat(&watched.thread_id).await {
                    tracing::error!(%error, "the chat of a failed meeting could not be closed");
                }
                hub.buried(&watched);
            }
        });
        hosts.insert(thread_id, handle.clone());
        (handle, true)
    }

    pub(crate) async fn resume(
        &self,
        identity: &Identity,
        resume: &wire::ResumeCall,
        outbox: &Outbox,
    ) -> Result<(HostHandle, String), Refusal> {
        let host = self.host_of(&resume.call).ok_or(Refusal::NoSuchCall)?;
        let (reply, answer) = oneshot::channel();
        let resume = Resume {
            call: resume.call.clone(),
            ticket: resume.ticket.clone(),
            person: identity.id().to_owned(),
            client_id: identity.client_id.clone(),
            outbox: outbox.clone(),
            reply,
        };
        let ticket = host.resume(resume, answer).await?;
        Ok((host, ticket))
    }

    /// Takes the host out of the register, unless another one hosts the thread by now.
    pub(crate) fn retire(&self, host: &HostHandle) {
        let mut hosts = lock(&self.0.hosts);
        if hosts.get(&host.thread_id).is_some_and(|known| known.same_as(host)) {
            hosts.remove(&host.thread_id);
        }
    }

    /// A host's task panicked: its calls and peers are gone. Its clients see their socket close and learn at the resume
    /// that the call is lost.
    fn buried(&self, host: &HostHandle) {
        self.publish_rooms(&host.thread_id, Vec::new());
        self.retire(host);
        self.silence(host);
        lock(&self.0.calls).retain(|call, (known, outbox)| {
            let keep = !known.same_as(host);
            if !keep {
                outbox.end(Refusal::Internal);
                self.0.quality.ended(call);
            }
            keep
        });
        let mut orphans = Vec::new();
        lock(&self.0.peers).retain(|peer, known| {
            let keep = !known.same_as(host);
            if !keep {
                orphans.push(*peer);
            }
            keep
        });
        for peer in orphans {
            self.0.quality.closed(peer);
            self.0.media.remove(peer);
        }
    }

    pub(crate) fn call_started(&self, call: &str, host: &HostHandle, outbox: &Outbox) {
        lock(&self.0.calls).insert(call.to_owned(), (host.clone(), outbox.clone()));
    }

    pub(crate) fn call_ended(&self, call: &str) {
        lock(&self.0.calls).remove(call);
        self.0.quality.ended(call);
    }

    pub(crate) fn new_peer(&self, host: &HostHandle) -> PeerId {
        let peer = PeerId(self.0.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.0.peers).insert(peer, host.clone());
        peer
    }

    pub(crate) fn forget_peer(&self, peer: PeerId) {
        lock(&self.0.peers).remove(&peer);
        self.0.quality.closed(peer);
    }

    /// The host of a live meeting, if there is one.
    pub(crate) fn live(&self, thread_id: &str) -> Option<HostHandle> {
        lock(&self.0.hosts).get(thread_id).cloned()
    }

    pub(crate) fn all_live(&self) -> Vec<HostHandle> {
        lock(&self.0.hosts).values().cloned().collect()
    }

    /// Ends every socket of a person and every session in every meeting.
    pub(crate) fn revoke(&self, raw_id: &str) {
        for host in self.all_live() {
            host.deliver(HostInput::Revoked { person: raw_id.to_owned() });
        }
        self.0.register.end(raw_id, Refusal::TokenRevoked);
    }

    /// Ends every socket and every session that was opened with a token of an application.
    pub(crate) fn revoke_client(&self, client_id: &str) {
        for host in self.all_live() {
            host.deliver(HostInput::ClientRevoked {
                client_id: client_id.to_owned(),
            });
        }
        self.0.register.end_client(client_id, Refusal::TokenRevoked);
    }

    /// How long it is until then.
    pub(crate) fn until(&self, at: Micros) -> Duration {
        Duration::from_micros(u64::try_from(at.saturating_sub(self.0.app.now())).unwrap_or(0))
    }

    /// Resolves then; never when there is no such time.
    pub(crate) async fn sleep_until(&self, at: Option<Micros>) {
        match at {
            Some(at) => tokio::time::sleep(self.until(at)).await,
            None => std::future::pending().await,
        }
    }
}

/// A panic while a register was locked leaves a map that is still a map.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
