//! Calls to people, as the hub brings them about: a call begins, a rung person answers or declines, somebody goes over to another
//! call, a socket that comes while it rings hears it too.
//!
//! Not here: the rules (`meeting`), names and tickets (`switchboard`), what a call's task does (`host::ringing`).

use std::collections::BTreeMap;

use app::Source;
use meeting::{CallStart, JoinPath, ParticipantId, Person, Refusal, RingNews, TransferTarget};
use tokio::sync::oneshot;
use wire::ServerFrame;

use crate::{
    host::{CallInput, HostHandle, HostInput, Join, JoinError, Origin, Start},
    hub::{Hub, Joining},
    map,
    outbox::Outbox,
};

impl Hub {
    /// Somebody calls people.
    pub(crate) async fn start_call(
        &self,
        joining: Joining,
        callees: Vec<String>,
        custom_context: BTreeMap<String, String>,
    ) -> Result<(String, HostHandle), Refusal> {
        if !joining.identity.may_start {
            return Err(Refusal::ScopeForbidsStarting);
        }
        let call = CallStart {
            callees: callees.into_iter().map(ParticipantId).collect(),
            custom_context,
            transferor: None,
        };
        self.begin(joining, Start { call, origin: None }).await
    }

    /// Somebody answers a call that rings at them.
    pub(crate) async fn answer(&self, joining: Joining, id: &str) -> Result<(String, HostHandle), Refusal> {
        let ring = self.switchboard().find(id, joining.identity.id()).ok_or(Refusal::IncomingGone)?;
        let person = self.newcomer(&joining)?;
        match self.enter(&ring.host, joining, person, None).await {
            // Answered elsewhere, or taken back, a moment ago.
            Err(Refusal::NotCalled | Refusal::NoSuchCall) => Err(Refusal::IncomingGone),
            entered => entered,
        }
    }

    /// Somebody declines a call that rings at them.
    pub(crate) fn decline(&self, person: &str, id: &str, outbox: &Outbox) -> Result<(), Refusal> {
        let ring = self.switchboard().find(id, person).ok_or(Refusal::IncomingGone)?;
        ring.host.deliver(HostInput::Call(CallInput::Ring {
            number: ring.number,
            news: RingNews::Declined,
            by: Some(outbox.clone()),
        }));
        Ok(())
    }

    /// Somebody who is handed over goes to the other call, and the call that they come from learns how it went.
    pub(crate) async fn go_over(&self, joining: Joining, transfer: &str) -> Result<(String, HostHandle), Refusal> {
        let handover = self
            .switchboard()
            .take(transfer, joining.identity.id())
            .ok_or(Refusal::TransferUnknown)?;
        let settled = |result: Result<(), Refusal>| {
            handover.host.deliver(HostInput::Call(CallInput::TransferSettled {
                transfer: transfer.to_owned(),
                result,
            }));
        };
        match &handover.target {
            // How it went is known when the target answers; until then the new call keeps the way back.
            TransferTarget::Person(target) => {
                let call = CallStart {
                    callees: vec![target.clone()],
                    custom_context: BTreeMap::new(),
                    transferor: Some(handover.transferor.clone()),
                };
                let origin = Origin {
                    host: handover.host.clone(),
                    transfer: transfer.to_owned(),
                };
                let begun = self
                    .begin(
                        joining,
                        Start {
                            call,
                            origin: Some(origin),
                        },
                    )
                    .await;
                if let Err(refusal) = &begun {
                    settled(Err(*refusal));
                }
                begun
            }
            TransferTarget::Call(target) => {
                let entered = match (self.host_of(target), self.newcomer(&joining)) {
                    (Some(host), Ok(person)) => self.enter(&host, joining, person, None).await,
                    (Some(_), Err(refusal)) => Err(refusal),
                    (None, _) => Err(Refusal::NoSuchCall),
                };
                settled(entered.as_ref().map(|_| ()).map_err(|refusal| *refusal));
                entered
            }
        }
    }

    /// A socket that has just been welcomed hears what rings at its person.
    pub(crate) fn ring_again(&self, person: &str, outbox: &Outbox) {
        for ring in self.switchboard().at(person) {
            outbox.send(ServerFrame::Incoming { incoming: ring.incoming });
            ring.host.deliver(HostInput::Call(CallInput::Ring {
                number: ring.number,
                news: RingNews::Reached,
                by: None,
            }));
        }
    }

    /// A call's task failed: what it rang rings no more.
    pub(crate) fn silence(&self, host: &HostHandle) {
        for ring in self.switchboard().forget(host) {
            let ended = ServerFrame::IncomingEnded {
                id: ring.incoming.id,
                reason: map::refusal(Refusal::Internal),
            };
            self.register().tell(&ring.person, &ended, None);
        }
    }

    /// The person is asked for first: a call that cannot be begun has no task.
    async fn begin(&self, joining: Joining, start: Start) -> Result<(String, HostHandle), Refusal> {
        let person = self.newcomer(&joining)?;
        let settings = self.app().people_call(&uuid::Uuid::new_v4().to_string()).map_err(|error| {
            tracing::error!(%error, "a call could not be begun");
            Refusal::Internal
        })?;
        let (host, _) = self.host(settings, &[]);
        self.enter(&host, joining, person, Some(start)).await
    }

    async fn enter(
        &self,
        host: &HostHandle,
        joining: Joining,
        person: Person,
        start: Option<Start>,
    ) -> Result<(String, HostHandle), Refusal> {
        let (reply, answer) = oneshot::channel();
        let join = Join {
            request: joining.request,
            person,
            path: JoinPath::Called,
            muted: joining.muted,
            listing: None,
            source: joining.source.map(Source::from),
            client_id: joining.identity.client_id,
            outbox: joining.outbox,
            start,
            reply,
        };
        match host.join(join, answer).await {
            Ok(call) => Ok((call, host.clone())),
            Err(JoinError::Refused(refusal)) => Err(refusal),
            Err(JoinError::Retired) => Err(Refusal::NoSuchCall),
        }
    }
}
