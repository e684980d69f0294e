//! The queue of raised hands.

use crate::ParticipantId;

/// Raised hands, first raised first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hands(Vec<ParticipantId>);

impl Hands {
    /// Raises a hand; a raised hand keeps its place. True when it was down.
    pub(crate) fn raise(&mut self, id: &ParticipantId) -> bool {
        let down = !self.0.contains(id);
        if down {
            self.0.push(id.clone());
        }
        down
    }

    /// Lowers a hand and says whose place changed by that: the person's and everybody's behind.
    pub(crate) fn lower(&mut self, id: &ParticipantId) -> Vec<ParticipantId> {
        let Some(at) = self.0.iter().position(|raised| raised == id) else {
            return Vec::new();
        };
        let changed = self.0.split_off(at);
        self.0.extend(changed.iter().skip(1).cloned());
        changed
    }

    /// Lowers all hands and says whose were up.
    pub(crate) fn clear(&mut self) -> Vec<ParticipantId> {
        std::mem::take(&mut self.0)
    }

    /// Place in the queue, from 1.
    pub(crate) fn place(&self, id: &ParticipantId) -> Option<u32> {
        let at = self.0.iter().position(|raised| raised == id)?;
        u32::try_from(at).ok()?.checked_add(1)
    }
}
