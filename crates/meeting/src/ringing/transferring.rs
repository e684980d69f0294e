//! Transfer: somebody of a call to people hands another one over, to a person who is rung or to another call of theirs.
//!
//! The transferee is asked and goes over by a ticket that the host keeps (`Output::TransferOffered`); the host says how it
//! went (`Input::TransferSettled`). Until then the transferee stays in this call, and the call stays although only one may be left.
//! One transfer for each transferee; it ends by itself after [`TRANSFER_S`] seconds.

use std::collections::BTreeSet;

use super::{TransferState, TransferTarget};
use crate::changes::Said;
use crate::ids::SECOND;
use crate::{CallKind, Event, Meeting, Micros, Output, ParticipantId, Refusal, Reply};

/// Seconds that a transfer may take: longer than the target is rung.
pub(super) const TRANSFER_S: Micros = 90;

/// A transfer under way.
#[derive(Debug, Clone)]
pub(crate) struct Handover {
    pub(super) by: ParticipantId,
    pub(super) transferee: ParticipantId,
    pub(super) until: Micros,
}

impl Meeting {
    /// Answers `Command::Transfer`.
    pub(crate) fn transfer(
        &mut self,
        now: Micros,
        by: &ParticipantId,
        participant: Option<ParticipantId>,
        target: TransferTarget,
    ) -> Result<Reply, Refusal> {
        if self.settings.kind != CallKind::Direct {
            return Err(Refusal::TransferNotInThisCall);
        }
        let transferee = self.transferee(by, participant)?;
        if self.rings.transfers.values().any(|handover| handover.transferee == transferee) {
            return Err(Refusal::AlreadyTransferring);
        }
        if let TransferTarget::Person(person) = &target {
            if *person == transferee || person == by {
                return Err(Refusal::InvalidArgument);
            }
            self.must_be_callable(by, person)?;
        }
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        let transferor_name = entry.person.display_name.clone();
        let number = self.rings.next_number();
        let transfer = self.transfer_name(number);
        self.rings.transfers.insert(
            number,
            Handover {
                by: by.clone(),
                transferee: transferee.clone(),
                until: now.saturating_add(TRANSFER_S.saturating_mul(SECOND)),
            },
        );
        self.outputs.push_back(Output::TransferOffered {
            transfer: transfer.clone(),
            transferee: transferee.clone(),
            transferor: by.clone(),
            transferor_name,
            target,
        });
        self.say_to(
            &transferee,
            Event::TransferAsked {
                transfer: transfer.clone(),
            },
        );
        self.tell_transfer(by, &transfer, TransferState::Transferring, None);
        Ok(Reply::Transfer { transfer })
    }

    /// Takes `Input::TransferSettled`; a transfer that is over already changes nothing.
    pub(crate) fn transfer_settled(&mut self, now: Micros, transfer: &str, result: Result<(), Refusal>) {
        let found = self
            .rings
            .transfers
            .keys()
            .copied()
            .find(|number| self.transfer_name(*number) == transfer);
        let Some(number) = found else { return };
        match result {
            Err(reason) => self.transfer_failed(number, reason),
            Ok(()) => {
                let Some(handover) = self.rings.transfers.remove(&number) else {
                    return;
                };
                self.outputs.push_back(Output::TransferOver {
                    transfer: transfer.to_owned(),
                });
                self.tell_done(&handover.by, transfer);
                self.rings.handed_over = true;
                self.end(now, &handover.transferee, Refusal::Transferred, Some(&handover.by));
            }
        }
    }

    /// A transfer that did not work; its transferee stays.
    pub(super) fn transfer_failed(&mut self, number: u32, reason: Refusal) {
        let Some(handover) = self.rings.transfers.remove(&number) else {
            return;
        };
        let transfer = self.transfer_name(number);
        self.outputs.push_back(Output::TransferOver {
            transfer: transfer.clone(),
        });
        self.tell_transfer(&handover.by, &transfer, TransferState::Failed, Some(reason));
    }

    fn transferee(&self, by: &ParticipantId, named: Option<ParticipantId>) -> Result<ParticipantId, Refusal> {
        let mut others = self.roster.ids().into_iter().filter(|id| id != by);
        match named {
            Some(id) => others.find(|other| *other == id).ok_or(Refusal::UnknownParticipant),
            None => match (others.next(), others.next()) {
                (Some(only), None) => Ok(only),
                (Some(_), Some(_)) => Err(Refusal::TransferAmbiguous),
                (None, _) => Err(Refusal::UnknownParticipant),
            },
        }
    }

    fn transfer_name(&self, number: u32) -> String {
        format!("{}:{number}", self.server_call_id)
    }

    /// Told at once: the call of the transferor may be over with the same input, and after the end nothing is told.
    fn tell_done(&mut self, to: &ParticipantId, transfer: &str) {
        let Some(entry) = self.roster.get(to).filter(|entry| entry.connection.is_live()) else {
            return;
        };
        self.outputs.push_back(Output::Event {
            session: entry.session.clone(),
            event: Event::Transfer {
                transfer: transfer.to_owned(),
                state: TransferState::Transferred,
                reason: None,
            },
        });
    }

    fn tell_transfer(&mut self, to: &ParticipantId, transfer: &str, state: TransferState, reason: Option<Refusal>) {
        let transfer = transfer.to_owned();
        self.say_to(to, Event::Transfer { transfer, state, reason });
    }

    fn say_to(&mut self, to: &ParticipantId, event: Event) {
        self.changes.said.push(Said {
            to: Some(BTreeSet::from([to.clone()])),
            event,
        });
    }
}
