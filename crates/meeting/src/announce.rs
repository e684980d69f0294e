//! Turns the changes of one input into events, each session getting what it may know and what it does not know yet.
//!
//! Order: sessions that are over, then who is new inside (media, snapshot), then the deltas of the others, then those who
//! wait. A session whose socket is lost gets nothing but its end: when it comes back it gets a snapshot. Who waits gets
//! `Waiting` and `Ended` only; nothing about them reaches anybody but those who may admit. Kept by `tests/meeting/laws.rs`.

use std::sync::Arc;

use crate::breakout::SharedRooms;
use crate::changes::Changes;
use crate::roster::Entry;
use crate::{
    Event, MAX_SPOTLIGHT, Meeting, MeetingState, Output, Participant, ParticipantId, Refusal, SessionId, Snapshot, WaitReason,
    WaitingParticipant,
};

/// What is put together once for everybody who is told of one input.
struct News {
    upserted: Arc<[Participant]>,
    added: Vec<WaitingParticipant>,
    rooms: SharedRooms,
}

impl Meeting {
    /// Says what changed to everybody whom it concerns.
    pub(crate) fn announce(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        self.announce_endings(&changes);
        let news = News {
            upserted: self.upserted(&changes),
            added: self.added_to_lobby(&changes),
            rooms: SharedRooms::new(),
        };
        for id in self.roster.ids() {
            self.announce_to(&id, &changes, &news);
        }
        self.announce_to_waiting();
        if changes.ended {
            self.outputs.push_back(Output::Ended);
        }
    }

    fn announce_to(&mut self, id: &ParticipantId, changes: &Changes, news: &News) {
        let Some(entry) = self.roster.get_mut(id) else { return };
        if !std::mem::replace(&mut entry.told.media, true) {
            let session = entry.session.clone();
            self.outputs.push_back(Output::MediaAllowed { session });
        }
        let Some(entry) = self.roster.get(id).filter(|entry| entry.connection.is_live()) else {
            return;
        };
        let mut events = Vec::new();
        let sees_lobby = entry.role.admits(&self.settings);
        let mut own_now = None;
        let mut breakout_now = None;
        if entry.told.own.is_none() {
            let snapshot = self.snapshot(entry, &news.rooms);
            own_now = Some(snapshot.own.clone());
            breakout_now = Some(snapshot.breakout.clone());
            events.push(Event::Snapshot {
                snapshot: Box::new(snapshot),
            });
        } else {
            self.deltas(entry, changes, &news.upserted, &mut events);
            if changes.rights || changes.touched.contains(id) {
                let own = entry.own(&self.settings);
                if entry.told.own.as_ref() != Some(&own) {
                    own_now = Some(own.clone());
                    events.push(Event::Own { own });
                }
            }
            if changes.rights || changes.breakout {
                let breakout = self.breakout_of(id, &news.rooms);
                if entry.told.breakout != breakout {
                    breakout_now = Some(breakout.clone());
                    events.push(Event::Breakout { breakout });
                }
            }
            self.lobby_deltas(entry.told.lobby, sees_lobby, changes, &news.added, &mut events);
            let heard = changes.said.iter().filter(|said| said.to.as_ref().is_none_or(|to| to.contains(id)));
            events.extend(heard.map(|said| said.event.clone()));
            if !changes.speaking.is_empty() || changes.dominant {
                events.push(Event::Speaking {
                    changes: changes.speaking.clone(),
                    dominant: self.dominant.clone(),
                    dominant_since: self.dominant_since,
                });
            }
        }
        let Some(entry) = self.roster.get_mut(id) else { return };
        let session = entry.session.clone();
        entry.told.lobby = sees_lobby;
        if own_now.is_some() {
            entry.told.own = own_now;
        }
        if let Some(breakout) = breakout_now {
            entry.told.breakout = breakout;
        }
        self.outputs.extend(events.into_iter().map(|event| Output::Event {
            session: session.clone(),
            event,
        }));
    }

    /// What is true of the meeting as a whole, as far as this person may know it.
    pub(crate) fn state(&self, entry: &Entry) -> MeetingState {
        MeetingState {
            subject: self.settings.subject.clone(),
            thread_id: self.settings.shown_thread_id(),
            server_call_id: self.server_call_id.clone(),
            kind: self.settings.kind,
            group_id: self.settings.group_id.clone(),
            locked: self.locked,
            access: self.access.of_attendees(),
            max_spotlight: MAX_SPOTLIGHT,
            recordings: self.recordings_state(),
            transcribing: self.is_transcribing(),
            captions: self.captions_state(),
            together: self.seats_for(entry),
            dominant_speakers: self.dominant.clone(),
            dominant_since: self.dominant_since,
        }
    }

    fn snapshot(&self, entry: &Entry, rooms: &SharedRooms) -> Snapshot {
        Snapshot {
            meeting: self.state(entry),
            own: entry.own(&self.settings),
            participants: self
                .roster
                .views(&self.hands, &self.spotlight)
                .into_iter()
                .chain(self.ringing_views())
                .collect(),
            lobby: if entry.role.admits(&self.settings) {
                self.lobby.views()
            } else {
                Vec::new()
            },
            breakout: self.breakout_of(&entry.person.id, rooms),
        }
    }

    fn announce_endings(&mut self, changes: &Changes) {
        for ending in &changes.endings {
            let session = || ending.session.clone();
            if ending.inside {
                self.outputs.push_back(Output::MediaRevoked { session: session() });
            }
            self.outputs.push_back(Output::Event {
                session: session(),
                event: Event::Ended { reason: ending.reason },
            });
            self.outputs.push_back(Output::SessionClosed {
                session: session(),
                resumable: may_join_again(ending.reason),
            });
        }
    }

    fn upserted(&self, changes: &Changes) -> Arc<[Participant]> {
        changes.touched.iter().filter_map(|id| self.view_of(id)).collect()
    }

    fn added_to_lobby(&self, changes: &Changes) -> Vec<WaitingParticipant> {
        changes
            .came_to_lobby
            .iter()
            .filter_map(|id| self.lobby.get(id))
            .map(|waiting| waiting.view())
            .collect()
    }

    fn deltas(&self, entry: &Entry, changes: &Changes, upserted: &Arc<[Participant]>, events: &mut Vec<Event>) {
        if !upserted.is_empty() || !changes.left.is_empty() {
            events.push(Event::Participants {
                upserted: Arc::clone(upserted),
                left: changes.left.clone(),
            });
        }
        if changes.meeting || (changes.together && self.sees_together(entry)) {
            events.push(Event::Meeting {
                meeting: self.state(entry),
            });
        }
    }

    fn lobby_deltas(&self, knew: bool, may: bool, changes: &Changes, added: &[WaitingParticipant], events: &mut Vec<Event>) {
        let (added, removed) = match (knew, may) {
            (false, false) => return,
            (false, true) => (self.lobby.views(), Vec::new()),
            (true, false) => {
                let mut known = changes.left_lobby.clone();
                known.extend(self.lobby.ids().into_iter().filter(|id| !changes.came_to_lobby.contains(id)));
                (Vec::new(), known)
            }
            (true, true) => (added.to_vec(), changes.left_lobby.clone()),
        };
        // Somebody whose session was replaced is first gone and then there, in two events, so that the order is plain.
        if added.iter().any(|waiting| removed.contains(&waiting.id)) {
            events.push(Event::Lobby {
                added: Vec::new(),
                removed,
            });
            events.push(Event::Lobby {
                added,
                removed: Vec::new(),
            });
        } else if !added.is_empty() || !removed.is_empty() {
            events.push(Event::Lobby { added, removed });
        }
    }

    fn announce_to_waiting(&mut self) {
        let mut events: Vec<(SessionId, WaitReason)> = Vec::new();
        for waiting in self.lobby.iter_mut() {
            if waiting.connection.is_live() && waiting.told != Some(waiting.reason) {
                waiting.told = Some(waiting.reason);
                events.push((waiting.session.clone(), waiting.reason));
            }
        }
        self.outputs.extend(events.into_iter().map(|(session, reason)| Output::Event {
            session,
            event: Event::Waiting {
                not_started: reason == WaitReason::NotBegun,
            },
        }));
    }
}

/// Whether what the person holds is still good for another join after this end.
fn may_join_again(reason: Refusal) -> bool {
    !matches!(
        reason,
        Refusal::Removed | Refusal::LobbyDenied | Refusal::TokenRevoked | Refusal::MeetingDeleted | Refusal::ReplacedByNewSession
    )
}
