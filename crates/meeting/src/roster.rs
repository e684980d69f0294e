//! Who is inside, each with the one live session that they have.
//!
//! Invariants: at most one session per participant; `by_session` names exactly the sessions of the entries; order of
//! arrival is kept for lists that people see.

use std::collections::BTreeMap;

use crate::capabilities::{Grounds, record};
use crate::captions::Hearing;
use crate::connection::Connection;
use crate::places::Places;
use crate::publications::Publications;
use crate::recording::Consent;
use crate::{
    BreakoutState, MediaAccess, MediaKind, MeetingSettings, Participant, ParticipantId, Person, Presence, Role, SelfState, SessionId,
    Standing,
};

/// One person inside.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) person: Person,
    pub(crate) session: SessionId,
    pub(crate) standing: Standing,
    pub(crate) role: Role,
    /// Somebody made this person an attendee on purpose.
    pub(crate) demoted: bool,
    /// What those who run the meeting permit.
    pub(crate) access: MediaAccess,
    pub(crate) connection: Connection,
    pub(crate) publications: Publications,
    pub(crate) muted_by_other: bool,
    pub(crate) hearing: Hearing,
    pub(crate) consent: Consent,
    /// Who let them in, when somebody had to; their name then stays as it was.
    pub(crate) admitted_by: Option<ParticipantId>,
    /// Arrival number.
    pub(crate) order: u64,
    /// What the session was told.
    pub(crate) told: Told,
}

/// What a session inside was told last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The host knows that the session may have media.
    pub(crate) media: bool,
    /// Own state; nothing: the session needs a snapshot.
    pub(crate) own: Option<SelfState>,
    /// Whether it knows the lobby.
    pub(crate) lobby: bool,
    /// Breakout rooms.
    pub(crate) breakout: BreakoutState,
}

/// Everybody inside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Roster {
    entries: BTreeMap<ParticipantId, Entry>,
    by_session: BTreeMap<SessionId, ParticipantId>,
    arrivals: u64,
}

impl Roster {
    /// Puts somebody in, instead of whoever had the same id; gives the entry that was replaced.
    pub(crate) fn insert(&mut self, mut entry: Entry) -> Option<Entry> {
        self.arrivals = self.arrivals.saturating_add(1);
        entry.order = self.entries.get(&entry.person.id).map_or(self.arrivals, |old| old.order);
        self.by_session.insert(entry.session.clone(), entry.person.id.clone());
        let old = self.entries.insert(entry.person.id.clone(), entry);
        if let Some(old) = &old {
            self.by_session.remove(&old.session);
        }
        old
    }

    pub(crate) fn remove(&mut self, id: &ParticipantId) -> Option<Entry> {
        let entry = self.entries.remove(id)?;
        self.by_session.remove(&entry.session);
        Some(entry)
    }

    pub(crate) fn get(&self, id: &ParticipantId) -> Option<&Entry> {
        self.entries.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &ParticipantId) -> Option<&mut Entry> {
        self.entries.get_mut(id)
    }

    pub(crate) fn id_of(&self, session: &SessionId) -> Option<&ParticipantId> {
        self.by_session.get(session)
    }

    pub(crate) fn ids(&self) -> Vec<ParticipantId> {
        self.entries.keys().cloned().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Everybody as the others see them, in the order of arrival.
    pub(crate) fn views(&self, hands: &Places, spotlight: &Places) -> Vec<Participant> {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| entry.order);
        entries.into_iter().map(|entry| entry.view(hands, spotlight)).collect()
    }
}

impl Entry {
    /// As the others see the person.
    pub(crate) fn view(&self, hands: &Places, spotlight: &Places) -> Participant {
        Participant {
            id: self.person.id.clone(),
            session: self.session.clone(),
            display_name: self.person.display_name.clone(),
            kind: self.person.identity.kind(),
            role: self.role,
            muted: !self.publications.is_active(MediaKind::Microphone),
            hand: hands.place(&self.person.id),
            spotlight: spotlight.place(&self.person.id),
            access: self.access,
            presence: match self.publications.is_held() {
                true => Presence::Held,
                false => Presence::Inside,
            },
            reconnecting: !self.connection.is_live(),
            publications: self.publications.states(),
        }
    }

    /// As the person sees themself.
    pub(crate) fn own(&self, settings: &MeetingSettings) -> SelfState {
        SelfState {
            id: self.person.id.clone(),
            session: self.session.clone(),
            display_name: self.person.display_name.clone(),
            role: self.role,
            muted: !self.publications.is_active(MediaKind::Microphone),
            muted_by_other: self.muted_by_other,
            capabilities: record(self.grounds(settings)),
            captions: self.hearing.own.clone(),
            recording_consent_required: self.consent.owes_recording,
            transcription_consent_required: self.consent.owes_transcription,
        }
    }

    pub(crate) fn grounds<'a>(&self, settings: &'a MeetingSettings) -> Grounds<'a> {
        Grounds {
            settings,
            standing: self.standing,
            role: self.role,
            demoted: self.demoted,
            access: self.access,
            owes_consent: self.consent.is_owed(),
        }
    }
}
