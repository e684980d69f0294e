//! Requests of the wire as commands of the machine; what concerns media only is done here, what a meeting offers beyond sound and pictures
//! in `features`.

mod features;

use meeting::{Command, Input, ParticipantId, Refusal, RequestId, SessionId};
use wire::{Outcome, RequestBody, ServerFrame};

use super::Host;
use crate::{map, outbox::Outbox};

/// People named in one request.
const MOST_NAMED: usize = 1_000;
/// A number of pixels beyond which a size is not believed.
const MOST_PIXELS: u32 = 16_384;

impl Host {
    pub(super) fn request(&mut self, call: String, id: u32, body: RequestBody, outbox: &Outbox) {
        match self.sessions.get_mut(&call) {
            Some(session) => session.heard_from(),
            // The session ended while the request was on its way.
            None => return no_such_call(id, outbox),
        }
        let command = match body {
            // The connection handles joins; one that names a call makes no sense.
            RequestBody::Join { .. }
            | RequestBody::RefreshToken { .. }
            | RequestBody::StartCall { .. }
            | RequestBody::RejectIncoming { .. }
            | RequestBody::SubmitSurvey { .. } => return self.refuse(&call, id, Refusal::InvalidArgument),
            RequestBody::OfferMedia { sdp, publications, fresh } => return self.offer(&call, id, sdp, publications, fresh),
            RequestBody::RenewIceServers => return self.renew_ice_servers(&call, id),
            RequestBody::Subscribe { wants } => return self.subscribe(&call, id, wants),
            RequestBody::Leave { for_everyone } => Command::Leave { for_everyone },
            RequestBody::SetPublication {
                kind,
                active,
                width,
                height,
            } => Command::SetPublication {
                kind: map::media_kind_from(kind),
                active,
                width: width.min(MOST_PIXELS),
                height: height.min(MOST_PIXELS),
            },
            RequestBody::MuteParticipants { participants } => match people(participants) {
                Some(people) => Command::MuteParticipants(people),
                None => return self.refuse(&call, id, Refusal::InvalidArgument),
            },
            RequestBody::RemoveParticipant { participant } => Command::Remove(ParticipantId(participant)),
            RequestBody::Admit { participants } => match people(participants) {
                Some(people) => Command::Admit(people),
                None => return self.refuse(&call, id, Refusal::InvalidArgument),
            },
            RequestBody::Reject { participants } => match people(participants) {
                Some(people) => Command::Reject(people),
                None => return self.refuse(&call, id, Refusal::InvalidArgument),
            },
            RequestBody::SetRole { participant, role } => Command::SetRole {
                participant: ParticipantId(participant),
                role: map::role_from(role),
            },
            RequestBody::RaiseHand => Command::RaiseHand,
            RequestBody::LowerHands { participants } => match people(participants) {
                Some(people) => Command::LowerHands(people),
                None => return self.refuse(&call, id, Refusal::InvalidArgument),
            },
            RequestBody::LowerAllHands => Command::LowerAllHands,
            RequestBody::SetLocked { locked } => Command::SetLocked(locked),
            RequestBody::Snapshot => Command::Snapshot,
            other => match features::command(other) {
                Ok(command) => command,
                Err(refusal) => return self.refuse(&call, id, refusal),
            },
        };
        self.feed(Input::Command {
            session: SessionId(call),
            request: RequestId(id),
            command,
        });
    }
}

pub(super) fn people(ids: Vec<String>) -> Option<Vec<ParticipantId>> {
    (ids.len() <= MOST_NAMED).then(|| ids.into_iter().map(ParticipantId).collect())
}

/// Every request settles, also one of a session that is over.
pub(super) fn no_such_call(id: u32, outbox: &Outbox) {
    let outcome = Outcome::Refused {
        refusal: map::refusal(Refusal::NoSuchCall),
    };
    outbox.send(ServerFrame::Response { id, outcome });
}
