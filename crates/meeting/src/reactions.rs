//! Reactions: said to everybody inside, the one who reacts included, and kept by nobody.
//!
//! Bounds: each person reacts as often as [`BURST`] and [`EVERY`] allow; what comes faster is refused and not passed on, so that one person
//! cannot make the server send to a whole large meeting without end.

use std::collections::BTreeMap;

use crate::changes::Said;
use crate::pace::Pace;
use crate::{CapabilityName, Event, Meeting, Micros, ParticipantId, Refusal};

/// Reactions that one person may send at once, and how often after that.
const BURST: i64 = 5;
const EVERY: Micros = 500_000;

/// A reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the calling SDK's own and say what they are")]
pub enum Reaction {
    Like,
    Heart,
    Laugh,
    Surprised,
    Applause,
}

/// How often each person reacted lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reactors(BTreeMap<ParticipantId, Pace>);

impl Reactors {
    /// Who left is counted no more.
    pub(crate) fn forget(&mut self, id: &ParticipantId) {
        self.0.remove(id);
    }

    fn try_take(&mut self, now: Micros, id: &ParticipantId) -> bool {
        self.0.entry(id.clone()).or_insert_with(|| Pace::new(BURST, EVERY)).try_take(now)
    }
}

impl Meeting {
    /// Answers `Command::React`.
    pub(crate) fn react(&mut self, now: Micros, by: &ParticipantId, reaction: Reaction) -> Result<(), Refusal> {
        self.must_be_capable(by, CapabilityName::UseReactions, Refusal::ReactionsForbidden)?;
        if !self.reactors.try_take(now, by) {
            return Err(Refusal::TooFast);
        }
        self.changes.said.push(Said {
            to: None,
            event: Event::Reaction {
                participant: by.clone(),
                reaction,
            },
        });
        Ok(())
    }
}
