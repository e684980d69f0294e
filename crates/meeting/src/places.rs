//! An ordered set of people in which everybody knows their place: raised hands, and the spotlight.

use crate::ParticipantId;

/// People in the order in which they came, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(Vec<ParticipantId>);

impl Places {
    /// Puts somebody at the end; who is there already keeps the place. True when they were not there.
    pub(crate) fn enter(&mut self, id: &ParticipantId) -> bool {
        let new = !self.0.contains(id);
        if new {
            self.0.push(id.clone());
        }
        new
    }

    /// Takes somebody out and says whose place changed by that: the person's and everybody's behind.
    pub(crate) fn leave(&mut self, id: &ParticipantId) -> Vec<ParticipantId> {
        let Some(at) = self.0.iter().position(|one| one == id) else {
            return Vec::new();
        };
        let changed = self.0.split_off(at);
        self.0.extend(changed.iter().skip(1).cloned());
        changed
    }

    /// Takes everybody out and says who was there.
    pub(crate) fn clear(&mut self) -> Vec<ParticipantId> {
        std::mem::take(&mut self.0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Place of somebody, from 1.
    pub(crate) fn place(&self, id: &ParticipantId) -> Option<u32> {
        let at = self.0.iter().position(|one| one == id)?;
        u32::try_from(at).ok()?.checked_add(1)
    }
}
