//! Requests about calls to people: what names no call is carried out here, what names one is counted before it goes on to the call.

use meeting::Refusal;
use tokio::time::Instant;
use wire::{Locator, Reply, RequestBody, TransferTarget};

use super::Connection;
use crate::{host::HostHandle, hub::Joining};

impl Connection {
    /// Calls people.
    pub(super) async fn start_call(&mut self, joining: Joining, body: RequestBody) -> Result<(String, HostHandle), Refusal> {
        let RequestBody::StartCall {
            participants,
            custom_context,
            ..
        } = body
        else {
            return Err(Refusal::InvalidArgument);
        };
        self.count(participants.len())?;
        self.hub.start_call(joining, participants, custom_context).await
    }

    /// Joins what a locator names.
    pub(super) async fn join_by(&self, joining: Joining, locator: Locator) -> Result<(String, HostHandle), Refusal> {
        match locator {
            Locator::Incoming { id } => self.hub.answer(joining, &id).await,
            Locator::Transfer { id } => self.hub.go_over(joining, &id).await,
            locator => self.hub.join(joining, locator).await,
        }
    }

    pub(super) fn decline(&self, request: u32, id: &str) {
        let declined = self.hub.decline(self.identity.id(), id, &self.outbox);
        self.settle(request, declined.map(|()| Reply::Done));
    }

    /// Whether the request may go on to the call that it names.
    pub(super) fn may_ask(&self, body: &RequestBody) -> Result<(), Refusal> {
        match body {
            RequestBody::AddParticipants { participants, .. } => self.count(participants.len()),
            RequestBody::Transfer {
                target: TransferTarget::Person { .. },
                ..
            } => self.count(1),
            // The other call has to be the same person's, on this connection.
            RequestBody::Transfer {
                target: TransferTarget::Call { call },
                ..
            } if !self.calls.contains_key(call) => Err(Refusal::NoSuchCall),
            _ => Ok(()),
        }
    }

    fn count(&self, callees: usize) -> Result<(), Refusal> {
        self.hub
            .switchboard()
            .count(self.identity.id(), callees.min(meeting::MAX_CALLEES), Instant::now())
    }
}
