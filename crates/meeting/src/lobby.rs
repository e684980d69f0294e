//! Who waits, each with the one live session that they have.
//!
//! Invariants: a participant is in the lobby or in the roster, never in both (`machine`); the time of waiting counts from
//! the first session, so that a reload neither loses the place nor gains time.

use std::collections::BTreeMap;

use crate::connection::Connection;
use crate::ids::SECOND;
use crate::{Micros, ParticipantId, Person, SessionId, WaitReason, WaitingParticipant};

/// One person who waits.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) person: Person,
    pub(crate) session: SessionId,
    pub(crate) since: Micros,
    pub(crate) muted: bool,
    pub(crate) reason: WaitReason,
    pub(crate) connection: Connection,
    /// Reason that the session was told last.
    pub(crate) told: Option<WaitReason>,
}

/// Everybody who waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lobby {
    waiting: BTreeMap<ParticipantId, Waiting>,
    by_session: BTreeMap<SessionId, ParticipantId>,
}

impl Lobby {
    /// Puts somebody in, instead of whoever had the same id; gives the one that was replaced.
    pub(crate) fn insert(&mut self, waiting: Waiting) -> Option<Waiting> {
        self.by_session.insert(waiting.session.clone(), waiting.person.id.clone());
        let old = self.waiting.insert(waiting.person.id.clone(), waiting);
        if let Some(old) = &old {
            self.by_session.remove(&old.session);
        }
        old
    }

    pub(crate) fn remove(&mut self, id: &ParticipantId) -> Option<Waiting> {
        let waiting = self.waiting.remove(id)?;
        self.by_session.remove(&waiting.session);
        Some(waiting)
    }

    pub(crate) fn get(&self, id: &ParticipantId) -> Option<&Waiting> {
        self.waiting.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &ParticipantId) -> Option<&mut Waiting> {
        self.waiting.get_mut(id)
    }

    pub(crate) fn id_of(&self, session: &SessionId) -> Option<&ParticipantId> {
        self.by_session.get(session)
    }

    /// In the order in which they came.
    pub(crate) fn ids(&self) -> Vec<ParticipantId> {
        let mut waiting: Vec<&Waiting> = self.waiting.values().collect();
        waiting.sort_by_key(|waiting| waiting.since);
        waiting.into_iter().map(|waiting| waiting.person.id.clone()).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Waiting> {
        self.waiting.values_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// For those who may admit, in the order in which they came.
    pub(crate) fn views(&self) -> Vec<WaitingParticipant> {
        let mut views: Vec<WaitingParticipant> = self.waiting.values().map(Waiting::view).collect();
        views.sort_by_key(|view| view.since);
        views
    }
}

impl Waiting {
    pub(crate) fn view(&self) -> WaitingParticipant {
        WaitingParticipant {
            id: self.person.id.clone(),
            session: self.session.clone(),
            display_name: self.person.display_name.clone(),
            kind: self.person.identity.kind(),
            since: self.since,
        }
    }

    /// When waiting ends without an answer.
    pub(crate) fn deadline(&self, timeout_s: u32) -> Micros {
        self.since.saturating_add(Micros::from(timeout_s).saturating_mul(SECOND))
    }
}
