//! Who is heard in a room: the order for audio slots, who is speaking, who is dominant.
//!
//! Owns the room's ranking, dominant speaker and their clock. Not here: the meter of one microphone (it lives in its
//! `publication`), the binding of slots (`room`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::dominant::{self, Dominant};
use super::packet::Handle;
use super::publication::Publication;
use super::ranking::Ranking;
use super::{Outbox, Output};
use crate::api::{MediaKind, PeerId, PublicationId, RoomId};

const TICK: Duration = Duration::from_millis(50);

/// The voices of a room.
#[derive(Debug, Default)]
pub(crate) struct Voices {
    ranking: Ranking,
    dominant: Dominant,
    speaking: Vec<PeerId>,
    tick_at: Option<Instant>,
    decide_at: Option<Instant>,
}

impl Voices {
    pub(crate) fn add(&mut self, id: PublicationId) {
        self.ranking.add(id);
    }

    pub(crate) fn remove(&mut self, id: PublicationId) {
        self.ranking.remove(id);
    }

    /// In the order in which they get slots.
    pub(crate) fn order(&self) -> impl Iterator<Item = PublicationId> + '_ {
        self.ranking.order()
    }

    pub(crate) fn hear<C>(&mut self, now: Instant, publication: &mut Publication<C>, level: u8) {
        publication.meter.hear(now, level);
        if publication.kind == MediaKind::Microphone {
            self.dominant.hear(now, publication.owner, level);
        }
    }

    /// The peer's microphone is closed or gone.
    pub(crate) fn silence<C>(&mut self, room: &RoomId, peer: PeerId, outbox: &mut Outbox<C>) {
        if let Some(at) = self.speaking.iter().position(|other| *other == peer) {
            self.speaking.swap_remove(at);
            outbox.push(Output::SpeakingChanged {
                room: room.clone(),
                peer,
                speaking: false,
            });
        }
        if self.dominant.forget(peer) {
            outbox.push(Output::DominantChanged {
                room: room.clone(),
                peers: self.dominant.recent().to_vec(),
            });
        }
    }

    /// When to be called; the clock runs only while somebody can be heard.
    pub(crate) fn schedule(&mut self, now: Instant, audible: bool) -> Option<Instant> {
        if !audible {
            self.tick_at = None;
            self.decide_at = None;
        } else if self.tick_at.is_none() {
            self.tick_at = Some(now + TICK);
            self.decide_at = Some(now + dominant::INTERVAL);
        }
        self.tick_at
    }

    /// True when the slots must be bound anew; `crowd` is the largest number of audio slots anybody has.
    pub(crate) fn handle_timeout<C: Handle>(
        &mut self,
        now: Instant,
        room: &RoomId,
        publications: &mut BTreeMap<PublicationId, Publication<C>>,
        crowd: usize,
        outbox: &mut Outbox<C>,
    ) -> bool {
        if self.tick_at.is_none_or(|at| at > now) {
            return false;
        }
        self.tick_at = Some(now + TICK);
        for publication in publications
            .values_mut()
            .filter(|publication| publication.kind.is_audio() && publication.is_open())
        {
            publication.meter.pass(now);
            if publication.kind == MediaKind::Microphone
                && let Some(speaking) = publication.meter.turn()
            {
                let peer = publication.owner;
                self.speaking.retain(|other| *other != peer);
                if speaking {
                    self.speaking.push(peer);
                }
                outbox.push(Output::SpeakingChanged {
                    room: room.clone(),
                    peer,
                    speaking,
                });
            }
        }
        if self.decide_at.is_none_or(|at| at <= now) {
            self.decide_at = Some(now + dominant::INTERVAL);
            if self.dominant.decide(now) {
                outbox.push(Output::DominantChanged {
                    room: room.clone(),
                    peers: self.dominant.recent().to_vec(),
                });
            }
        }
        let power = |id| match publications.get(&id) {
            Some(publication) if !publication.is_open() => 0.0,
            Some(publication) if publication.kind == MediaKind::ScreenAudio => f32::INFINITY,
            Some(publication) => publication.meter.power(),
            None => 0.0,
        };
        let changed = self.ranking.update(now, power);
        // Each peer leaves out its own two; a change further back than that moves nobody's slots.
        changed.is_some_and(|first| first < crowd.saturating_add(2))
    }
}
