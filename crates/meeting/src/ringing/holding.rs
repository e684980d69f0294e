//! Hold: who holds a call neither sends nor receives until they resume. The others see that they hold.

use crate::{Meeting, Output, ParticipantId, Refusal};

impl Meeting {
    /// Answers `Command::SetHeld`. Gates close and open again as the media were; nothing of what is muted or on changes.
    pub(crate) fn set_held(&mut self, by: &ParticipantId, held: bool) -> Result<(), Refusal> {
        let entry = self.roster.get_mut(by).ok_or(Refusal::NoSuchCall)?;
        if entry.publications.is_held() == held {
            return Ok(());
        }
        let gates = entry.publications.set_held(held);
        let session = entry.session.clone();
        self.outputs.push_back(Output::MediaHeld { session, held });
        self.changes.touched.insert(by.clone());
        self.move_gates(by, gates);
        Ok(())
    }
}
