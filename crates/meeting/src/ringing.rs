//! Calls to people: who is rung, holding, handing over. Who is rung is in the roster as `Ringing` and has no session.

use std::collections::BTreeMap;

use crate::{Meeting, Micros, ParticipantId, Refusal, Reply};

/// To whom somebody is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferTarget {
    /// Somebody who is rung.
    Person(ParticipantId),
    /// Another call, named by the host.
    Call(String),
}

/// How a transfer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferState {
    /// The transferee was asked.
    Transferring,
    /// The transferee is in the other call.
    Transferred,
    /// It did not work.
    Failed,
}

/// Where a person of the roster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In the call.
    Inside,
    /// In the call, and has put it on hold.
    Held,
    /// Called, and has not answered yet.
    Ringing,
}

impl Meeting {
    /// Answers `Command::AddParticipants`.
    pub(crate) fn add_participants(
        &mut self,
        _now: Micros,
        _by: &ParticipantId,
        _targets: Vec<ParticipantId>,
        _custom_context: BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::SetHeld`.
    pub(crate) fn set_held(&mut self, _by: &ParticipantId, _held: bool) -> Result<(), Refusal> {
        Err(Refusal::FeatureNotServed)
    }

    /// Answers `Command::Transfer`.
    pub(crate) fn transfer(
        &mut self,
        _now: Micros,
        _by: &ParticipantId,
        _participant: Option<ParticipantId>,
        _target: TransferTarget,
    ) -> Result<Reply, Refusal> {
        Err(Refusal::FeatureNotServed)
    }
}
