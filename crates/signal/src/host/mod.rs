//! One task per held meeting: it owns the meeting's state machine, feeds it and carries its outputs to sockets, the media
//! engine and the use cases.
//!
//! Owns: the sessions of the meeting ([`session::Session`]). Not here: any decision about people (`meeting`), sockets
//! (`connection`), packets (the media engine). Invariants: outputs are carried out in the machine's order, except that
//! what must survive a crash is persisted before anything of the same turn is told (law 7); a session without an outbox is
//! told nothing and gets a snapshot when it is back; the task ends when nobody is left.

mod breakout;
mod follow;
mod handle;
mod media;
mod outputs;
mod presence;
mod requests;
mod ringing;
mod session;
mod speech;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use app::{App, AppError, Source};
use meeting::{Identity, Input, Meeting, ParticipantId, Refusal, RequestId, SessionId};
use tokio::sync::{mpsc, oneshot};

pub(crate) use handle::{HostHandle, HostInput, Join, JoinError, Listing, QUEUE, Resume};
pub(crate) use ringing::{CallInput, Origin, Start};

use self::{presence::Presence, session::Session};
use crate::{
    hub::Hub,
    media_plane::MediaPlane,
    outbox::Outbox,
    ticket::{self, TicketHash},
};

/// How long a host waits for its first join, in microseconds.
const IDLE_US: i64 = 30_000_000;
/// Visitors of our own join page who may wait at once from one source: a waiting room behind one address, not a flood.
const MOST_WAITING_PER_SOURCE: usize = 20;

/// The task's state.
pub(crate) struct Host {
    app: App,
    hub: Hub,
    media: Arc<dyn MediaPlane>,
    handle: HostHandle,
    machine: Meeting,
    /// By call, in a steady order.
    sessions: BTreeMap<String, Session>,
    /// Joins that the machine has not answered yet, by call.
    joining: HashMap<String, Joining>,
    /// Who publishes what, by publication number.
    owners: HashMap<u32, String>,
    /// Where voices go while somebody listens, and the language that is listened to.
    ear: Option<(String, Arc<dyn app::speech::Ear>)>,
    ringing: ringing::Ringing,
    /// Who is there, for the meeting's chat and its watchers.
    presence: Presence,
    /// Sessions whose socket turned out to be gone while they were told something.
    lost: VecDeque<String>,
    /// Whether the meeting may end: somebody has come, or nobody came in time.
    begun: bool,
    stopping: bool,
}

/// A join on its way through the machine.
struct Joining {
    request: u32,
    person: String,
    /// Where a visitor came from.
    source: Option<Source>,
    client_id: Option<String>,
    ticket: String,
    hash: TicketHash,
    outbox: Outbox,
    reply: oneshot::Sender<Result<String, JoinError>>,
}

impl Host {
    pub(crate) fn new(app: App, hub: Hub, media: Arc<dyn MediaPlane>, handle: HostHandle, machine: Meeting) -> Self {
        Self {
            app,
            hub,
            media,
            handle,
            machine,
            sessions: BTreeMap::new(),
            joining: HashMap::new(),
            owners: HashMap::new(),
            ear: None,
            ringing: ringing::Ringing::default(),
            presence: Presence::default(),
            lost: VecDeque::new(),
            begun: false,
            stopping: false,
        }
    }

    /// Runs until nobody is left or the server stops.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<HostInput>) {
        loop {
            // A host whose first join never came (its socket died on the way) is not kept for ever.
            let idle = self.machine.is_empty().then(|| self.app.now().saturating_add(IDLE_US));
            let deadline = self.machine.poll_timeout().map(|(at, _)| at).or(idle);
            tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => self.take(input).await,
                    // Cannot be: this task holds a sender itself.
                    None => return,
                },
                () = self.hub.sleep_until(deadline) => {
                    self.begun = true;
                    self.machine.handle_timeout(self.app.now());
                }
            }
            self.carry_out().await;
            let over = self.machine.is_empty() && self.joining.is_empty();
            if over && (self.stopping || (self.begun && inputs.is_empty())) {
                return self.retire(inputs).await;
            }
        }
    }

    /// From here on nobody finds this task; who found it a moment ago is sent to a new one.
    async fn retire(self, mut inputs: mpsc::Receiver<HostInput>) {
        self.hub.retire(&self.handle);
        inputs.close();
        while let Some(input) = inputs.recv().await {
            match input {
                HostInput::Join(join) => drop(join.reply.send(Err(JoinError::Retired))),
                HostInput::Offered(offered) => offered.came_too_late(&*self.media, &self.hub),
                HostInput::Request { id, outbox, .. } => requests::no_such_call(id, &outbox),
                // A resume's sender sees its dropped answer; the others need none.
                HostInput::SocketLost { .. }
                | HostInput::Resume(_)
                | HostInput::Replay { .. }
                | HostInput::Media(_)
                | HostInput::Heard(_)
                | HostInput::Refresh
                | HostInput::Call(_)
                | HostInput::Broadcast { .. }
                | HostInput::Deleted
                | HostInput::Revoked { .. }
                | HostInput::ClientRevoked { .. }
                | HostInput::Stop => {}
            }
        }
    }

    fn feed(&mut self, input: Input) {
        self.machine.handle(self.app.now(), input);
    }

    async fn take(&mut self, input: HostInput) {
        match input {
            HostInput::Join(join) => {
                // Whoever was put into a room or taken out of it a moment ago may be here before the word of it. Nobody else makes us read.
                if join.listing.is_some() && join.listing != Listing::of(self.machine.settings(), &join.person.id) {
                    self.refresh().await;
                }
                self.join(*join);
            }
            HostInput::Request { call, id, body, outbox } => self.request(call, id, body, &outbox),
            HostInput::SocketLost { call, outbox } => self.socket_lost(call, &outbox),
            HostInput::Resume(resume) => self.resume(resume),
            HostInput::Replay { call } => self.replay(call),
            HostInput::Media(event) => self.media_event(event),
            HostInput::Offered(offered) => self.offered(*offered),
            HostInput::Call(input) => self.call_input(input),
            HostInput::Refresh => self.refresh().await,
            HostInput::Broadcast {
                participant,
                display_name,
                text,
            } => self.hear_broadcast(participant, display_name, text),
            HostInput::Heard(heard) => self.heard(heard),
            HostInput::Deleted => self.feed(Input::Deleted),
            HostInput::Revoked { person } => self.feed(Input::Revoked {
                participant: ParticipantId(person),
            }),
            HostInput::ClientRevoked { client_id } => self.client_revoked(&client_id),
            HostInput::Stop => {
                self.stopping = true;
                self.feed(Input::ServerStopping);
            }
        }
    }

    /// Whoever is here by a token of the application leaves, also while their socket is lost.
    fn client_revoked(&mut self, client_id: &str) {
        let by_client = self
            .sessions
            .values()
            .filter(|session| session.client_id.as_deref() == Some(client_id));
        let people: Vec<String> = by_client.map(|session| session.person.clone()).collect();
        for person in people {
            self.feed(Input::Revoked {
                participant: ParticipantId(person),
            });
        }
    }

    /// Read here, in the task that uses them, so that an older reading never overtakes a newer one.
    async fn refresh(&mut self) {
        if self.is_breakout_room() {
            return self.refresh_room();
        }
        match self.app.settings_of(&self.handle.thread_id).await {
            Ok(settings) => self.feed(Input::SettingsChanged(Box::new(settings))),
            Err(AppError::NotFound { .. }) => self.feed(Input::Deleted),
            Err(error) => tracing::error!(%error, "the settings of a live meeting could not be read; it goes on with the old ones"),
        }
    }

    fn join(&mut self, join: Join) {
        self.begun = true;
        let Join {
            request,
            person,
            path,
            muted,
            listing: _,
            source,
            client_id,
            outbox,
            start,
            reply,
        } = join;
        let anonymous = matches!(person.identity, Identity::Visitor);
        if anonymous && self.waiting_visitors(source) >= MOST_WAITING_PER_SOURCE {
            return drop(reply.send(Err(JoinError::Refused(Refusal::LobbyFull))));
        }
        // Before the machine is asked: a participant without a ticket could not be told of.
        let Some((ticket, hash)) = ticket::issue() else {
            return drop(reply.send(Err(JoinError::Refused(Refusal::Internal))));
        };
        let call = uuid::Uuid::new_v4().to_string();
        self.joining.insert(
            call.clone(),
            Joining {
                request,
                person: person.id.0.clone(),
                source: source.filter(|_| anonymous),
                client_id,
                ticket,
                hash,
                outbox,
                reply,
            },
        );
        let (session, request) = (SessionId(call), RequestId(request));
        let input = match start {
            Some(Start { call, origin }) => {
                self.ringing.origin = origin;
                Input::StartCall {
                    session,
                    request,
                    person,
                    muted,
                    start: Box::new(call),
                }
            }
            None => Input::Join {
                session,
                request,
                person,
                path,
                muted,
            },
        };
        self.feed(input);
    }

    /// Visitors from there who wait. Anybody gets a visitor's identity, so one source could otherwise fill the lobby.
    fn waiting_visitors(&self, source: Option<Source>) -> usize {
        let waits = |session: &&Session| session.visitor_from.is_some() && session.visitor_from == source && !session.media_allowed;
        self.sessions.values().filter(waits).count()
    }

    fn socket_lost(&mut self, call: String, outbox: &Outbox) {
        let Some(session) = self.sessions.get_mut(&call) else { return };
        if session.returning.as_ref().is_some_and(|own| own.same_as(outbox)) {
            session.returning = None;
        }
        // The session may be on a newer socket already.
        if session.outbox.as_ref().is_some_and(|own| own.same_as(outbox)) {
            session.outbox = None;
            self.feed(Input::ConnectionLost { session: SessionId(call) });
        }
    }

    fn resume(&mut self, resume: Resume) {
        let Resume {
            call,
            ticket,
            person,
            client_id,
            outbox,
            reply,
        } = resume;
        let answer = match self.sessions.get_mut(&call) {
            Some(session) if session.person == person && session.opens(&ticket) => match ticket::issue() {
                Some((next, hash)) => {
                    session.change_lock(hash);
                    self.hub.call_started(&call, &self.handle, &outbox);
                    session.returning = Some(outbox);
                    session.client_id = client_id;
                    Ok(next)
                }
                None => Err(Refusal::Internal),
            },
            Some(_) => Err(Refusal::ResumeTicketInvalid),
            None => Err(Refusal::NoSuchCall),
        };
        drop(reply.send(answer));
    }

    /// The client was told that its call is back; from now on events travel on the new socket.
    fn replay(&mut self, call: String) {
        let Some(session) = self.sessions.get_mut(&call) else { return };
        let Some(outbox) = session.returning.take() else { return };
        if let Some(old) = session.outbox.replace(outbox) {
            old.end(Refusal::SessionLost);
        }
        self.feed(Input::ConnectionBack { session: SessionId(call) });
    }

    /// Carries out everything the machine asks for, and what follows from doing so.
    async fn carry_out(&mut self) {
        loop {
            let mut outputs = Vec::new();
            while let Some(output) = self.machine.poll_output() {
                outputs.push(output);
            }
            while let Some(call) = self.lost.pop_front() {
                self.feed(Input::ConnectionLost { session: SessionId(call) });
            }
            if outputs.is_empty() {
                // What the lost sockets led to, if anything, is carried out before the task waits again.
                match self.machine.poll_output() {
                    None => return,
                    Some(output) => outputs.push(output),
                }
            }
            self.persist(&outputs).await;
            for output in outputs {
                self.carry(output);
            }
        }
    }
}
