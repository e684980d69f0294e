//! What is known of a call, brought up to date by the server's events. Pure.

use std::collections::BTreeMap;

use wire::{Event, MediaKind, MeetingState, Participant, Refusal, SelfState, SlotBinding, WaitingParticipant, Want, WantPriority};

/// Where a call stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Waiting in the lobby.
    Waiting {
        /// The meeting has not begun (false: somebody has to admit).
        not_started: bool,
    },
    /// Admitted; the state of the meeting has not arrived yet.
    Joining,
    /// In the meeting.
    InMeeting,
    /// Over, and why.
    Ended(Refusal),
    /// The connection was lost.
    Lost,
}

/// What is known of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Where it stands.
    pub phase: Phase,
    /// The meeting, once admitted.
    pub meeting: Option<MeetingState>,
    /// This participant, once admitted.
    pub own: Option<SelfState>,
    /// The roster by raw id, this participant included.
    pub participants: BTreeMap<String, Participant>,
    /// Who waits, as far as this participant may admit.
    pub lobby: BTreeMap<String, WaitingParticipant>,
    /// What the receive slots carry, by `a=mid`.
    pub slots: BTreeMap<String, SlotBinding>,
    /// Who is speaking, by raw id.
    pub speaking: BTreeMap<String, bool>,
}

/// Size that is asked for when nothing else is said.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 360;

impl View {
    pub(crate) fn joined(waiting: bool) -> Self {
        Self {
            phase: if waiting {
                Phase::Waiting { not_started: false }
            } else {
                Phase::Joining
            },
            meeting: None,
            own: None,
            participants: BTreeMap::new(),
            lobby: BTreeMap::new(),
            slots: BTreeMap::new(),
            speaking: BTreeMap::new(),
        }
    }

    /// Applies an event.
    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Waiting { not_started } => self.phase = Phase::Waiting { not_started: *not_started },
            Event::Snapshot { snapshot } => {
                self.phase = Phase::InMeeting;
                self.meeting = Some(snapshot.meeting.clone());
                self.own = Some(snapshot.own.clone());
                self.participants = snapshot
                    .participants
                    .iter()
                    .map(|person| (person.id.clone(), person.clone()))
                    .collect();
                self.lobby = snapshot.lobby.iter().map(|person| (person.id.clone(), person.clone())).collect();
                self.slots = snapshot.slots.iter().map(|slot| (slot.mid.clone(), slot.clone())).collect();
            }
            Event::Participants { upserted, left } => {
                for person in upserted {
                    self.participants.insert(person.id.clone(), person.clone());
                }
                for person in left {
                    self.participants.remove(&person.id);
                    self.speaking.remove(&person.id);
                }
            }
            Event::Lobby { added, removed } => {
                for person in added {
                    self.lobby.insert(person.id.clone(), person.clone());
                }
                for id in removed {
                    self.lobby.remove(id);
                }
            }
            Event::Own { own } => self.own = Some(own.clone()),
            Event::Meeting { meeting } => self.meeting = Some(meeting.clone()),
            Event::Slots { bindings } => {
                for binding in bindings {
                    let stale = self
                        .slots
                        .get(&binding.mid)
                        .is_some_and(|known| known.generation > binding.generation);
                    if !stale {
                        self.slots.insert(binding.mid.clone(), binding.clone());
                    }
                }
            }
            Event::Speaking { changes, dominant, .. } => {
                for change in changes {
                    self.speaking.insert(change.id.clone(), change.speaking);
                }
                if let Some(meeting) = &mut self.meeting {
                    meeting.dominant_speakers.clone_from(dominant);
                }
            }
            // Said and not kept: who wants them reads the events.
            Event::Reaction { .. }
            | Event::Caption { .. }
            | Event::Typed { .. }
            | Event::Data { .. }
            | Event::Breakout { .. }
            | Event::Broadcast { .. }
            | Event::Diagnostics { .. }
            | Event::TransferAsked { .. }
            | Event::Transfer { .. } => {}
            Event::MediaLost => self.slots.clear(),
            Event::Ended { reason } => self.phase = Phase::Ended(reason.clone()),
        }
    }

    /// Everybody else's video, screens first.
    pub(crate) fn wants(&self) -> Vec<Want> {
        let own = self.own.as_ref().map(|own| own.id.as_str());
        let others = self.participants.values().filter(|person| Some(person.id.as_str()) != own);
        let active = others
            .flat_map(|person| &person.publications)
            .filter(|publication| publication.active);
        let mut wants: Vec<Want> = active
            .filter_map(|publication| {
                let priority = match publication.kind {
                    MediaKind::Screen => WantPriority::Screen,
                    MediaKind::Camera => WantPriority::Rest,
                    MediaKind::Microphone | MediaKind::ScreenAudio => return None,
                };
                Some(Want {
                    publication: publication.id,
                    width: WIDTH,
                    height: HEIGHT,
                    priority,
                })
            })
            .collect();
        wants.sort_by_key(|want| (std::cmp::Reverse(want.priority), want.publication));
        wants
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(generation: u32, publication: Option<u32>) -> Event {
        Event::Slots {
            bindings: vec![SlotBinding {
                mid: "4".to_owned(),
                generation,
                publication,
                participant: None,
                withheld: None,
            }],
        }
    }

    #[test]
    fn a_stale_binding_is_ignored_and_a_newer_one_taken() {
        let mut view = View::joined(false);
        view.apply(&binding(5, Some(1)));
        view.apply(&binding(4, Some(2)));
        assert_eq!(view.slots["4"].publication, Some(1));
        view.apply(&binding(6, None));
        assert_eq!(view.slots["4"].publication, None);
    }

    #[test]
    fn the_lobby_is_left_by_a_snapshot_only() {
        let mut view = View::joined(true);
        view.apply(&Event::Waiting { not_started: true });
        assert_eq!(view.phase, Phase::Waiting { not_started: true });
        assert!(view.wants().is_empty());
    }
}
