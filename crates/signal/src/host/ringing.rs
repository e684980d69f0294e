//! What a call's task does about calls to people: it rings sockets, tells them the end of a ring, holds media, hands people over.
//!
//! Invariant: a rung person is told who calls and what the application gave along, and nothing of the roster (law 2).

use meeting::{Input, Output, ParticipantId, Refusal, RingNews, SessionId, TransferTarget};
use wire::{IncomingCall, ServerFrame};

use super::{Host, HostHandle, HostInput};
use crate::{
    map,
    outbox::Outbox,
    switchboard::{Handover, Ring},
};

/// Number of the ring at the target of a transfer: the first of its call.
const TARGET: u32 = 1;

/// A call that somebody makes by joining it.
pub(crate) struct Start {
    pub(crate) call: meeting::CallStart,
    /// The transfer that it follows from.
    pub(crate) origin: Option<Origin>,
}

/// A transfer, and the call that it was asked for in.
pub(crate) struct Origin {
    pub(crate) host: HostHandle,
    pub(crate) transfer: String,
}

/// What a call's task is told about calls to people.
pub(crate) enum CallInput {
    /// News of a ring.
    Ring {
        number: u32,
        news: RingNews,
        /// The socket that declined.
        by: Option<Outbox>,
    },
    /// Somebody of this call hands a person of another call over to it.
    Expect { by: String, person: ParticipantId },
    /// How a transfer out of this call went.
    TransferSettled { transfer: String, result: Result<(), Refusal> },
}

/// What a call's task keeps about calls to people.
#[derive(Default)]
pub(super) struct Ringing {
    /// Names of the rings towards clients, by number. As many as the machine lets ring.
    names: std::collections::HashMap<u32, String>,
    /// The socket that declined a ring.
    declined: Option<(u32, Outbox)>,
    pub(super) origin: Option<Origin>,
}

impl Host {
    pub(super) fn call_input(&mut self, input: CallInput) {
        match input {
            CallInput::Ring { number, news, by } => {
                if let Some(outbox) = by {
                    self.ringing.declined = Some((number, outbox));
                }
                self.feed(Input::Ring { ring: number, news });
            }
            CallInput::Expect { by, person } => self.feed(Input::Expect {
                by: SessionId(by),
                participant: person,
            }),
            CallInput::TransferSettled { transfer, result } => self.feed(Input::TransferSettled { transfer, result }),
        }
    }

    /// Carries out what the machine asks for about calls to people; everything else is nothing here.
    pub(super) fn carry_call(&mut self, output: Output) {
        match output {
            Output::Ring { .. } => self.ring(output),
            Output::RingEnded {
                ring,
                participant,
                reason,
                taken_by,
            } => self.ring_ended(ring, &participant, reason, taken_by.as_ref()),
            Output::MediaHeld {
                session: SessionId(call),
                held,
            } => self.hold(&call, held),
            Output::TransferOffered {
                transfer,
                transferee,
                transferor,
                transferor_name,
                target,
            } => {
                if let TransferTarget::Call(call) = &target
                    && let Some(host) = self.hub.host_of(call)
                {
                    host.deliver(HostInput::Call(CallInput::Expect {
                        by: call.clone(),
                        person: transferee.clone(),
                    }));
                }
                let handover = Handover {
                    person: transferee.0,
                    host: self.handle.clone(),
                    transferor: meeting::Transferor {
                        id: transferor,
                        display_name: transferor_name,
                    },
                    target,
                };
                self.hub.switchboard().offer(transfer, handover);
            }
            Output::TransferOver { transfer } => self.hub.switchboard().withdraw(&transfer),
            _ => {}
        }
    }

    fn ring(&mut self, output: Output) {
        let Output::Ring {
            ring: number,
            participant,
            caller,
            caller_name,
            custom_context,
            transferor,
        } = output
        else {
            return;
        };
        let id = uuid::Uuid::new_v4().to_string();
        let (transferor, transferor_name) = transferor.map(|by| (by.id.0, by.display_name)).unzip();
        let incoming = IncomingCall {
            id: id.clone(),
            kind: map::call_kind(self.machine.settings().kind),
            caller: caller.0,
            caller_name,
            custom_context,
            transferor,
            transferor_name,
        };
        let ring = Ring {
            person: participant.0.clone(),
            host: self.handle.clone(),
            number,
            incoming: incoming.clone(),
        };
        // On the board before the sockets are told: a socket that is welcomed in between hears it twice rather than never.
        if let Err(refusal) = self.hub.switchboard().ring(ring) {
            let news = RingNews::Failed(refusal);
            return self.feed(Input::Ring { ring: number, news });
        }
        self.ringing.names.insert(number, id);
        if self.hub.register().tell(&participant.0, &ServerFrame::Incoming { incoming }, None) > 0 {
            let news = RingNews::Reached;
            self.feed(Input::Ring { ring: number, news });
        }
    }

    fn ring_ended(&mut self, number: u32, person: &ParticipantId, reason: Refusal, taken_by: Option<&SessionId>) {
        if let Some(origin) = self.ringing.origin.take_if(|_| number == TARGET) {
            let result = if taken_by.is_some() { Ok(()) } else { Err(reason) };
            let transfer = origin.transfer;
            origin
                .host
                .deliver(HostInput::Call(CallInput::TransferSettled { transfer, result }));
        }
        let Some(id) = self.ringing.names.remove(&number) else { return };
        self.hub.switchboard().end(&id);
        let told = |reason: Refusal| ServerFrame::IncomingEnded {
            id: id.clone(),
            reason: map::refusal(reason),
        };
        let register = self.hub.register();
        let declined = self.ringing.declined.take_if(|(declined, _)| *declined == number);
        match (taken_by, declined) {
            (Some(SessionId(call)), _) => {
                let joining = self.joining.get(call).map(|joining| &joining.outbox);
                register.tell(&person.0, &told(Refusal::AcceptedElsewhere), joining);
            }
            (None, Some((_, outbox))) if reason == Refusal::Declined => {
                outbox.send(told(Refusal::Declined));
                register.tell(&person.0, &told(Refusal::DeclinedElsewhere), Some(&outbox));
            }
            (None, _) => {
                register.tell(&person.0, &told(reason), None);
            }
        }
    }

    fn hold(&mut self, call: &str, held: bool) {
        let Some(session) = self.sessions.get_mut(call) else { return };
        session.held = held;
        if let Some(peer) = session.peer {
            self.media.set_receiving(peer, !held);
        }
    }
}
