//! Coming in: a join, a connection that is back, an admission; each asks the door.

use crate::admission::decide;
use crate::captions::Hearing;
use crate::changes::Ending;
use crate::connection::Connection;
use crate::lobby::Waiting;
use crate::publications::Publications;
use crate::roster::{Entry, Told};
use crate::{
    AttendanceFact, Event, JoinPath, MAX_INSIDE, MAX_WAITING, MediaKind, Meeting, Micros, Output, ParticipantId, Person, Refusal, Reply,
    Role, SessionId, Verdict, WaitReason, role_at_entry,
};

/// Somebody on the way into the roster.
pub(crate) struct Arrival {
    pub(crate) person: Person,
    pub(crate) session: SessionId,
    pub(crate) muted: bool,
    pub(crate) admitted_by: Option<ParticipantId>,
}

impl Meeting {
    /// Answers `Input::Join`.
    pub(crate) fn join(&mut self, now: Micros, session: &SessionId, person: Person, path: JoinPath, muted: bool) -> Result<Reply, Refusal> {
        if self.is_admitted(session) || self.is_waiting(session) {
            return Err(Refusal::InvalidArgument);
        }
        match decide(now, &self.facts(&person, path)) {
            Verdict::Refuse(refusal) => Err(refusal),
            Verdict::Admit { .. } => {
                self.room_inside(&person)?;
                self.leave_lobby_for_new_session(&person.id);
                self.enter(
                    now,
                    Arrival {
                        person,
                        session: session.clone(),
                        muted,
                        admitted_by: None,
                    },
                );
                Ok(Reply::Joined { waiting: false })
            }
            Verdict::Wait { reason } => {
                self.wait(now, session, person, muted, reason)?;
                Ok(Reply::Joined { waiting: true })
            }
        }
    }

    /// Whether somebody more fits; those inside already and those who run the meeting always do.
    pub(crate) fn room_inside(&self, person: &Person) -> Result<(), Refusal> {
        let fits = self.roster.len() < MAX_INSIDE || self.roster.get(&person.id).is_some() || person.standing(&self.settings).holds_key();
        if fits { Ok(()) } else { Err(Refusal::MeetingFull) }
    }

    /// Puts somebody into the roster, in place of the session that they had inside. The door has been asked.
    pub(crate) fn enter(&mut self, now: Micros, arrival: Arrival) {
        let Arrival {
            mut person,
            session,
            muted,
            mut admitted_by,
        } = arrival;
        // In a breakout room people have the names that they have in the main meeting.
        if let Some(known) = self.settings.breakout.as_ref().and_then(|rules| rules.person(&person.id)) {
            person.display_name.clone_from(&known.display_name);
        }
        let standing = person.standing(&self.settings);
        let (role, demoted) = self.role_of(&person);
        let access = self.access.of(&person.id, role);
        if let Some(before) = self.roster.get(&person.id) {
            admitted_by = admitted_by.or_else(|| before.admitted_by.clone());
            if before.admitted_by.is_some() {
                person.display_name.clone_from(&before.person.display_name);
            }
        } else {
            self.outputs.push_back(Output::Attendance(AttendanceFact::Joined {
                participant: person.id.clone(),
                display_name: person.display_name.clone(),
                kind: person.identity.kind(),
                role,
                admitted_by: admitted_by.clone(),
                at: now,
            }));
        }
        let id = person.id.clone();
        self.answer_ring(&id, &session);
        let mut entry = Entry {
            person,
            session,
            standing,
            role,
            demoted,
            access,
            connection: Connection::Live,
            publications: Publications::new(muted),
            muted_by_other: false,
            hearing: Hearing::default(),
            consent: self.consent_at_entry(),
            admitted_by,
            order: 0,
            told: Told::default(),
        };
        if crate::capabilities::may_send(entry.grounds(&self.settings), MediaKind::Microphone).is_err() {
            entry.publications.set(MediaKind::Microphone, false, 0, 0);
        }
        if let Some(old) = self.roster.insert(entry) {
            self.changes.endings.push(Ending {
                session: old.session,
                reason: Refusal::ReplacedByNewSession,
                inside: true,
            });
        }
        self.changes.touched.insert(id);
        self.changes.people = true;
        if !self.begun && (standing.starts_meeting() || self.may_begin(standing)) {
            self.begun = true;
            self.outputs.push_back(Output::Started);
        }
    }

    /// Role of somebody inside: what the settings say, unless somebody gave another one by hand; also whether they were made
    /// attendees on purpose, here or, in a breakout room, in the main meeting. Nobody takes the organizers' role away by hand.
    pub(crate) fn role_of(&self, person: &Person) -> (Role, bool) {
        let role = role_at_entry(&self.settings, person);
        let rules = self.settings.breakout.as_ref();
        let demoted = rules.and_then(|rules| rules.person(&person.id)).is_some_and(|known| known.demoted);
        match self.given_roles.get(&person.id) {
            Some(given) if role > Role::CoOrganizer => (*given, *given == Role::Attendee),
            Some(_) | None => (role, demoted),
        }
    }

    /// Answers `Input::ConnectionBack`. A place that the rules no longer allow is not given back.
    pub(crate) fn connection_back(&mut self, now: Micros, session: &SessionId) {
        let inside = self.roster.id_of(session).cloned();
        let waiting = self.lobby.id_of(session).cloned();
        let Some(id) = inside.or(waiting) else {
            self.outputs.push_back(Output::Event {
                session: session.clone(),
                event: Event::Ended {
                    reason: Refusal::SessionLost,
                },
            });
            self.outputs.push_back(Output::SessionClosed {
                session: session.clone(),
                resumable: true,
            });
            return;
        };
        let person = self
            .roster
            .get(&id)
            .map(|entry| &entry.person)
            .or_else(|| self.lobby.get(&id).map(|waiting| &waiting.person));
        let verdict = person.map(|person| decide(now, &self.facts(person, JoinPath::Resume)));
        if let Some(Verdict::Refuse(refusal)) = verdict {
            self.end(now, &id, refusal, None);
        }
        if let Some(entry) = self.roster.get_mut(&id) {
            entry.connection = Connection::Live;
            entry.told.own = None;
            self.changes.touched.insert(id);
        } else if let Some(waiting) = self.lobby.get_mut(&id) {
            waiting.connection = Connection::Live;
            waiting.told = None;
        }
    }

    /// Asks the door again for everybody who waits, and again when somebody who came in has begun the meeting.
    pub(crate) fn reconsider_lobby(&mut self, now: Micros) {
        loop {
            let begun = self.begun;
            for id in self.lobby.ids() {
                let Some(waiting) = self.lobby.get(&id) else { continue };
                match decide(now, &self.facts(&waiting.person, JoinPath::Link)) {
                    Verdict::Refuse(refusal) => self.end(now, &id, refusal, None),
                    Verdict::Admit { .. } => {
                        // A full meeting keeps them waiting; the next input asks again.
                        let _full = self.admit_waiting(now, &id, None);
                    }
                    Verdict::Wait { reason } => {
                        if let Some(waiting) = self.lobby.get_mut(&id) {
                            waiting.reason = reason;
                        }
                    }
                }
            }
            if begun == self.begun {
                return;
            }
        }
    }

    /// Moves somebody from the lobby into the roster; `by` says who let them in, when somebody did.
    pub(crate) fn admit_waiting(&mut self, now: Micros, id: &ParticipantId, by: Option<&ParticipantId>) -> Result<(), Refusal> {
        let waiting = self.lobby.get(id).ok_or(Refusal::UnknownParticipant)?;
        self.room_inside(&waiting.person)?;
        let Some(waiting) = self.lobby.remove(id) else {
            return Err(Refusal::UnknownParticipant);
        };
        self.changes.left_lobby.push(id.clone());
        let connection = waiting.connection;
        let Waiting {
            person, session, muted, ..
        } = waiting;
        self.enter(
            now,
            Arrival {
                person,
                session,
                muted,
                admitted_by: by.cloned(),
            },
        );
        if let Some(entry) = self.roster.get_mut(id) {
            entry.connection = connection;
        }
        Ok(())
    }

    fn may_begin(&self, standing: crate::Standing) -> bool {
        standing != crate::Standing::Application && crate::admission::may_come_before_begin(&self.settings, standing)
    }

    fn wait(&mut self, now: Micros, session: &SessionId, person: Person, muted: bool, reason: WaitReason) -> Result<(), Refusal> {
        let id = person.id.clone();
        let since = self.lobby.get(&id).map(|waiting| waiting.since);
        if since.is_none() {
            if self.lobby.len() >= MAX_WAITING {
                return Err(Refusal::LobbyFull);
            }
            self.outputs.push_back(Output::Attendance(AttendanceFact::Waited {
                participant: id.clone(),
                display_name: person.display_name.clone(),
                kind: person.identity.kind(),
                at: now,
            }));
        }
        self.leave_lobby_for_new_session(&id);
        let since = since.unwrap_or(now);
        self.lobby.insert(Waiting {
            person,
            session: session.clone(),
            since,
            muted,
            reason,
            connection: Connection::Live,
            told: None,
        });
        self.changes.came_to_lobby.push(id);
        Ok(())
    }

    fn leave_lobby_for_new_session(&mut self, id: &ParticipantId) {
        if let Some(old) = self.lobby.remove(id) {
            self.changes.left_lobby.push(id.clone());
            self.changes.endings.push(Ending {
                session: old.session,
                reason: Refusal::ReplacedByNewSession,
                inside: false,
            });
        }
    }
}
