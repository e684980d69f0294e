//! One meeting: the whole that only maps between its parts.
//!
//! The mouth: one [`Meeting::handle`] or [`Meeting::handle_timeout`], then [`Meeting::poll_output`] until it is empty, then
//! wait until [`Meeting::poll_timeout`]. Time comes in as an argument, randomness not at all. Owned here: the fields and
//! their invariants. Elsewhere: the door (`admission`), coming in (`joining`), what sessions ask (`commands`, `moderation`),
//! ends (`ending`), what is told to whom (`announce`), what follows from changed settings (`governing`).
//!
//! Invariants (tests/meeting/laws.rs): each join and command gets exactly one reply; who waits gets only `Waiting` and `Ended` and
//! never media; a participant is inside or waiting, not both, with one session; after `Ended` a session gets nothing.

use std::collections::{BTreeMap, VecDeque};

use crate::breakout::Plan;
use crate::captions::Captions;
use crate::changes::Changes;
use crate::connection::Connection;
use crate::data::Senders;
use crate::facts::Facts;
use crate::fan_out::FanOut;
use crate::ids::SECOND;
use crate::lobby::Lobby;
use crate::media_access::AccessRules;
use crate::places::Places;
use crate::reactions::Reactors;
use crate::recording::Recordings;
use crate::ringing::Rings;
use crate::roster::Roster;
use crate::typed::Typists;
use crate::{
    Bar, Command, Explanation, Input, JoinPath, MeetingSettings, Micros, Output, ParticipantId, Person, Place, RECONNECT_GRACE_S, Refusal,
    Reply, RequestId, Role, Seat, SessionId, Speaking, TimeoutReason, explain,
};

/// One meeting.
#[derive(Debug, Clone)]
pub struct Meeting {
    pub(crate) settings: MeetingSettings,
    pub(crate) server_call_id: String,
    pub(crate) roster: Roster,
    pub(crate) lobby: Lobby,
    /// Raised hands, first raised first.
    pub(crate) hands: Places,
    pub(crate) spotlight: Places,
    pub(crate) reactors: Reactors,
    pub(crate) access: AccessRules,
    pub(crate) typists: Typists,
    pub(crate) senders: Senders,
    /// How much may be passed on; kept from one held meeting to the next.
    pub(crate) fan_out: FanOut,
    pub(crate) breakout: Plan,
    pub(crate) rings: Rings,
    /// Seats of the together view, nothing while it is off.
    pub(crate) together: Option<Vec<Seat>>,
    pub(crate) captions: Captions,
    pub(crate) recordings: Recordings,
    /// Who may not come back while this meeting is held.
    pub(crate) bars: BTreeMap<ParticipantId, Bar>,
    /// Roles given by hand; they outlive a session but not the held meeting.
    pub(crate) given_roles: BTreeMap<ParticipantId, Role>,
    /// Somebody came in who may begin the meeting.
    pub(crate) begun: bool,
    pub(crate) locked: bool,
    /// Deleted: nobody comes in any more.
    pub(crate) closed: bool,
    pub(crate) dominant: Vec<ParticipantId>,
    /// When the ranking changed last.
    pub(crate) dominant_since: Option<Micros>,
    pub(crate) publications: u32,
    pub(crate) changes: Changes,
    /// Not bounded by itself: the host drains it after each input, and one input makes outputs in proportion to those present.
    pub(crate) outputs: VecDeque<Output>,
}

impl Meeting {
    /// A meeting that nobody has joined yet. `server_call_id` is the host's name of this held meeting.
    pub fn new(settings: MeetingSettings, server_call_id: String) -> Self {
        let access = AccessRules::new(&settings.options);
        Self {
            settings,
            server_call_id,
            roster: Roster::default(),
            lobby: Lobby::default(),
            hands: Places::default(),
            spotlight: Places::default(),
            reactors: Reactors::default(),
            access,
            typists: Typists::default(),
            senders: Senders::default(),
            fan_out: FanOut::default(),
            breakout: Plan::default(),
            rings: Rings::default(),
            together: None,
            captions: Captions::default(),
            recordings: Recordings::default(),
            bars: BTreeMap::new(),
            given_roles: BTreeMap::new(),
            begun: false,
            locked: false,
            closed: false,
            dominant: Vec::new(),
            dominant_since: None,
            publications: 0,
            changes: Changes::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Gives back a bar that was persisted (`Output::Removed`) before a restart of the host.
    pub fn restore_bar(&mut self, participant: ParticipantId, bar: Bar) {
        self.bars.insert(participant, bar);
    }

    /// Takes one input. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Micros, input: Input) {
        match input {
            Input::Join {
                session,
                request,
                person,
                path,
                muted,
            } => {
                let result = self.join(now, &session, person, path, muted);
                self.reply(session, request, result);
            }
            Input::StartCall {
                session,
                request,
                person,
                muted,
                start,
            } => {
                let result = self.start_call(now, &session, person, muted, *start);
                self.reply(session, request, result);
            }
            Input::Ring { ring, news } => self.hear_of_ring(ring, news),
            Input::Expect { by, participant } => self.expect(now, &by, &participant),
            Input::TransferSettled { transfer, result } => self.transfer_settled(now, &transfer, result),
            Input::Command { session, request, command } => {
                let result = self.command(now, &session, command);
                self.reply(session, request, result);
            }
            Input::ConnectionLost { session } => self.connection_lost(now, &session),
            Input::ConnectionBack { session } => self.connection_back(now, &session),
            Input::SettingsChanged(settings) => self.change_settings(now, *settings),
            Input::Heard(words) => self.heard(words),
            Input::Revoked { participant } => {
                self.end_ring(&participant, Refusal::CalleeUnreachable, None, false);
                self.end(now, &participant, Refusal::TokenRevoked, None);
            }
            Input::Deleted => {
                self.closed = true;
                self.end_all(now, Refusal::MeetingDeleted, None);
            }
            Input::ServerStopping => {
                // The held meeting goes on after the restart: it does not end here, and bars stay.
                self.end_all_rings(Refusal::ServerStopping);
                self.end_all(now, Refusal::ServerStopping, None);
                self.announce();
                return;
            }
            Input::Speaking { participant, speaking } => {
                if self.roster.get(&participant).is_some() {
                    self.changes.speaking.push(Speaking { id: participant, speaking });
                }
            }
            Input::Broadcast {
                participant,
                display_name,
                text,
            } => self.hear_broadcast(participant, display_name, text),
            Input::DominantSpeakers(ranking) => {
                let inside: Vec<ParticipantId> = ranking.into_iter().filter(|id| self.roster.get(id).is_some()).collect();
                if self.dominant != inside {
                    self.dominant = inside;
                    self.dominant_since = Some(now);
                    self.changes.dominant = true;
                }
            }
        }
        self.settle(now);
    }

    /// Acts on the timeouts that are due. Drain [`Self::poll_output`] afterwards.
    pub fn handle_timeout(&mut self, now: Micros) {
        let timeout_s = self.settings.policy.lobby_timeout_s;
        let lost = self
            .roster
            .iter()
            .map(|entry| (&entry.person.id, entry.connection.deadline(), Refusal::SessionLost));
        let gone = self
            .lobby
            .iter()
            .map(|waiting| (&waiting.person.id, waiting.connection.deadline(), Refusal::SessionLost));
        let late = self
            .lobby
            .iter()
            .map(|waiting| (&waiting.person.id, Some(waiting.deadline(timeout_s)), Refusal::LobbyTimeout));
        let due: Vec<(ParticipantId, Refusal)> = late
            .chain(lost)
            .chain(gone)
            .filter(|(_, deadline, _)| deadline.is_some_and(|deadline| deadline <= now))
            .map(|(id, _, reason)| (id.clone(), reason))
            .collect();
        for (id, reason) in due {
            self.end(now, &id, reason, None);
        }
        self.end_due_calls(now);
        self.close_room(now);
        self.close_breakout_when_due(now);
        self.settle(now);
    }

    /// When to call [`Self::handle_timeout`] next, and what for.
    pub fn poll_timeout(&self) -> Option<(Micros, TimeoutReason)> {
        let timeout_s = self.settings.policy.lobby_timeout_s;
        let inside = self.roster.iter().filter_map(|entry| entry.connection.deadline());
        let waiting = self.lobby.iter().filter_map(|waiting| waiting.connection.deadline());
        let grace = inside.chain(waiting).min().map(|at| (at, TimeoutReason::ReconnectGrace));
        let lobby = self
            .lobby
            .iter()
            .map(|waiting| waiting.deadline(timeout_s))
            .min()
            .map(|at| (at, TimeoutReason::LobbyTimeout));
        let room = self.room_closes().map(|at| (at, TimeoutReason::RoomCloses));
        let breakout = self.breakout_deadline().map(|at| (at, TimeoutReason::BreakoutRoomsEnd));
        grace
            .into_iter()
            .chain(lobby)
            .chain(room)
            .chain(breakout)
            .chain(self.calls_deadline())
            .chain(self.captions_deadline())
            .min_by_key(|(at, _)| *at)
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Nobody inside and nobody waiting: the host may drop the machine.
    pub fn is_empty(&self) -> bool {
        self.roster.is_empty() && self.lobby.is_empty()
    }

    /// Whether the session is inside (it may have media), as opposed to waiting or unknown.
    pub fn is_admitted(&self, session: &SessionId) -> bool {
        self.roster.id_of(session).is_some()
    }

    /// Whether the session waits in the lobby.
    pub fn is_waiting(&self, session: &SessionId) -> bool {
        self.lobby.id_of(session).is_some()
    }

    /// Whose session it is, inside or waiting.
    pub fn participant_of(&self, session: &SessionId) -> Option<&ParticipantId> {
        self.roster.id_of(session).or_else(|| self.lobby.id_of(session))
    }

    /// The live session of somebody inside.
    pub fn session_of(&self, participant: &ParticipantId) -> Option<&SessionId> {
        self.roster.get(participant).map(|entry| &entry.session)
    }

    /// How many are inside and how many wait, for metrics.
    pub fn counts(&self) -> (usize, usize) {
        (self.roster.len(), self.lobby.len())
    }

    /// The settings in force.
    pub fn settings(&self) -> &MeetingSettings {
        &self.settings
    }

    /// The host's name of this held meeting.
    pub fn server_call_id(&self) -> &str {
        &self.server_call_id
    }

    /// What the door would say to this person now, and which rule decides.
    pub fn explain(&self, now: Micros, person: &Person, path: JoinPath) -> Explanation {
        explain(now, &self.facts(person, path))
    }

    pub(crate) fn facts<'a>(&'a self, person: &'a Person, path: JoinPath) -> Facts<'a> {
        let place = if self.roster.get(&person.id).is_some() {
            Place::Inside
        } else if self.lobby.get(&person.id).is_some() {
            Place::Waiting
        } else {
            Place::None
        };
        let bar = self.bars.get(&person.id).copied();
        Facts {
            settings: &self.settings,
            person,
            path,
            place,
            bar,
            called: self.rings.called(&person.id),
            begun: self.begun,
            locked: self.locked,
            closed: self.closed,
        }
    }

    fn command(&mut self, now: Micros, session: &SessionId, command: Command) -> Result<Reply, Refusal> {
        if let Some(id) = self.roster.id_of(session).cloned() {
            self.obey(now, &id, command)
        } else if let Some(id) = self.lobby.id_of(session).cloned() {
            self.obey_waiting(now, &id, command)
        } else {
            Err(Refusal::NoSuchCall)
        }
    }

    fn reply(&mut self, session: SessionId, request: RequestId, result: Result<Reply, Refusal>) {
        self.outputs.push_back(Output::Reply { session, request, result });
    }

    /// What every input ends with: the meeting may be over, the lobby may have somebody to let in, and then all is told.
    fn settle(&mut self, now: Micros) {
        self.settle_calls(now);
        self.close_if_deserted();
        self.reconsider_lobby(now);
        self.arrange_seats();
        self.settle_captions(now);
        let rooms = self.changed_rooms();
        if let Some(rooms) = &rooms {
            self.publish_openings(rooms);
        }
        self.announce();
        if let Some(rooms) = rooms {
            self.publish_closings(rooms);
        }
    }

    fn connection_lost(&mut self, now: Micros, session: &SessionId) {
        let until = now.saturating_add(Micros::from(RECONNECT_GRACE_S).saturating_mul(SECOND));
        if let Some(id) = self.roster.id_of(session).cloned() {
            if let Some(entry) = self.roster.get_mut(&id).filter(|entry| entry.connection.is_live()) {
                entry.connection = Connection::Lost { until };
                self.changes.touched.insert(id);
            }
        } else if let Some(id) = self.lobby.id_of(session).cloned()
            && let Some(waiting) = self.lobby.get_mut(&id).filter(|waiting| waiting.connection.is_live())
        {
            waiting.connection = Connection::Lost { until };
        }
    }
}
