//! Reactions: said to everybody inside and kept by nobody.

use crate::{Meeting, Micros, ParticipantId, Refusal};

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

impl Meeting {
    /// Answers `Command::React`.
    pub(crate) fn react(&mut self, _now: Micros, _by: &ParticipantId, _reaction: Reaction) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}
