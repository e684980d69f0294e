//! The spotlight: an ordered set of people whom everybody is shown.
//!
//! Who has the capability puts anybody inside into it and takes anybody out; everybody may take themself out. It outlives a session that is
//! replaced, not the person's stay. It says nothing about media: clients ask for the pictures of these people first.

use std::collections::BTreeSet;

use crate::{CapabilityName, Meeting, ParticipantId, Refusal};

/// Most people in the spotlight at once.
pub const MAX_SPOTLIGHT: u32 = 7;

impl Meeting {
    /// Answers `Command::StartSpotlight`; empty means oneself. Who is in it already keeps the place.
    pub(crate) fn start_spotlight(&mut self, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        self.must_be_capable(by, CapabilityName::SpotlightParticipant, Refusal::RoleForbidsSpotlight)?;
        let targets = own_unless_named(by, targets);
        self.must_be_inside(&targets)?;
        let added: BTreeSet<&ParticipantId> = targets.iter().filter(|id| self.spotlight.place(id).is_none()).collect();
        if self.spotlight.len().saturating_add(added.len()) > MAX_SPOTLIGHT as usize {
            return Err(Refusal::SpotlightFull);
        }
        for id in targets {
            if self.spotlight.enter(&id) {
                self.changes.touched.insert(id);
            }
        }
        Ok(())
    }

    /// Answers `Command::StopSpotlight`; empty means oneself.
    pub(crate) fn stop_spotlight(&mut self, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        let targets = own_unless_named(by, targets);
        if targets.iter().any(|id| id != by) {
            self.must_be_capable(by, CapabilityName::RemoveParticipantsSpotlight, Refusal::RoleForbidsSpotlight)?;
            self.must_be_inside(&targets)?;
        }
        for id in targets {
            self.leave_spotlight(&id);
        }
        Ok(())
    }

    /// Answers `Command::StopAllSpotlight`.
    pub(crate) fn stop_all_spotlight(&mut self, by: &ParticipantId) -> Result<(), Refusal> {
        self.must_be_capable(by, CapabilityName::RemoveParticipantsSpotlight, Refusal::RoleForbidsSpotlight)?;
        self.changes.touched.extend(self.spotlight.clear());
        Ok(())
    }

    /// Takes somebody out; those behind move up.
    pub(crate) fn leave_spotlight(&mut self, id: &ParticipantId) {
        self.changes.touched.extend(self.spotlight.leave(id));
    }
}

fn own_unless_named(by: &ParticipantId, targets: Vec<ParticipantId>) -> Vec<ParticipantId> {
    if targets.is_empty() { vec![by.clone()] } else { targets }
}
