//! Calls without an organizer: rooms, group calls, calls to people. What of a meeting they do not have, and whom they are for.
//!
//! Owned here: the rules of a room ([`RoomRules`]), the part of the one door that only these calls have ([`membership`],
//! [`validity`]), which commands and capabilities belong to which kind of call, what view-only people may not do. Not here:
//! the order of the rules (`admission`), who is in a room (the host reads it), who is rung (`ringing`).
//!
//! A room is for the communication identities that its application listed, from its opening to its closing, each with the
//! role that was given there; whoever is taken off the list is out at once. A group call is for every communication
//! identity of the resource that knows its GUID, and all are equal. Neither has a lobby, a lock or an organizer, and what
//! the tenant and organizers decide about meetings does not concern them, but the tenant's switches for communication
//! identities do. Invariants, kept by `tests/meeting/rooms.rs`: who is not listed never enters; the record of capabilities
//! and the machine agree; a room is empty when it has closed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::capabilities::{CapabilityName, CapabilityReason};
use crate::facts::{Facts, JoinPath, Place};
use crate::{CallKind, Command, Identity, Meeting, MeetingSettings, Micros, ParticipantId, Person, Refusal, Role};

/// Whom a room is for, and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoomRules {
    /// Raw ids of those who may come in, with the role of each: presenter, collaborator, attendee or consumer.
    pub people: BTreeMap<String, Role>,
    /// Nobody comes in before.
    pub opens: Micros,
    /// Nobody is in from then on.
    pub closes: Micros,
}

impl MeetingSettings {
    /// Whether there is an organizer, a lobby and a chat thread.
    pub fn is_meeting(&self) -> bool {
        self.kind == CallKind::Meeting
    }

    /// The chat thread as people are told it; only meetings have one, and their breakout rooms do not.
    pub(crate) fn shown_thread_id(&self) -> String {
        if self.is_meeting() && self.breakout.is_none() {
            self.thread_id.clone()
        } else {
            String::new()
        }
    }

    /// The role that a call without an organizer gives; nothing in a meeting. Where nobody has a role, all may do the same.
    pub(crate) fn role_without_organizer(&self, person: &Person) -> Option<Role> {
        match self.kind {
            CallKind::Meeting => None,
            CallKind::Room => {
                let listed = self.room.as_ref().and_then(|room| room.people.get(&person.id.0));
                Some(listed.copied().map_or(Role::Consumer, |role| role.max(Role::Presenter)))
            }
            CallKind::Group | CallKind::Direct => Some(Role::Presenter),
        }
    }
}

/// Whom the call is for.
pub(crate) fn membership(facts: &Facts<'_>) -> Option<Refusal> {
    let Facts { settings, person, .. } = facts;
    let resource = match &person.identity {
        Identity::Guest { resource } => Some(resource),
        Identity::Member { .. } | Identity::TrustedTenantMember { .. } | Identity::Visitor | Identity::Phone | Identity::Application => {
            None
        }
    };
    // Whoever answers a call that does not ring any more comes in by no other rule either.
    if facts.path == JoinPath::Called && !facts.called && facts.place == Place::None {
        return Some(Refusal::NotCalled);
    }
    match (settings.kind, resource) {
        (CallKind::Meeting, _) => None,
        // A call to people is for those whom somebody inside has called.
        (CallKind::Direct, _) => (!facts.called && facts.place == Place::None).then_some(Refusal::NotCalled),
        (CallKind::Room, None) => Some(Refusal::RoomForCommunicationUsers),
        (CallKind::Room, Some(_)) => {
            let listed = settings.room.as_ref().is_some_and(|room| room.people.contains_key(&person.id.0));
            match (listed, facts.place) {
                (true, _) => None,
                (false, Place::Inside) => Some(Refusal::RoomInvitationRemoved),
                (false, Place::None | Place::Waiting) => Some(Refusal::NotInvitedToRoom),
            }
        }
        (CallKind::Group, None) => Some(Refusal::GroupForCommunicationUsers),
        (CallKind::Group, Some(resource)) => {
            (!resource.eq_ignore_ascii_case(&settings.resource)).then_some(Refusal::GroupOfAnotherResource)
        }
    }
}

/// When a room is open. A call that has no such time is open.
pub(crate) fn validity(now: Micros, settings: &MeetingSettings) -> Option<Refusal> {
    let room = settings.room.as_ref().filter(|_| settings.kind == CallKind::Room)?;
    (now < room.opens || room.closes <= now).then_some(Refusal::RoomNotOpen)
}

/// What a kind of call does not have, as the record of capabilities says it; nothing: other rules decide.
pub(crate) fn foreign_to(kind: CallKind, name: CapabilityName) -> Option<CapabilityReason> {
    let meeting = kind == CallKind::Meeting;
    let foreign = match name {
        CapabilityName::HangUpForEveryOne => kind == CallKind::Room,
        CapabilityName::StartLiveCallingCaptions => meeting,
        CapabilityName::ManageLobby
        | CapabilityName::StartLiveMeetingCaptions
        | CapabilityName::StartTogetherMode
        | CapabilityName::JoinBreakoutRooms
        | CapabilityName::ForbidOthersAudio
        | CapabilityName::ForbidOthersVideo => !meeting,
        CapabilityName::AddTeamsUser => matches!(kind, CallKind::Room | CallKind::Group),
        CapabilityName::TurnVideoOn
        | CapabilityName::UnmuteMic
        | CapabilityName::ShareScreen
        | CapabilityName::RemoveParticipant
        | CapabilityName::AddCommunicationUser
        | CapabilityName::AddPhoneNumber
        | CapabilityName::SpotlightParticipant
        | CapabilityName::RemoveParticipantsSpotlight
        | CapabilityName::BlurBackground
        | CapabilityName::SetCaptionLanguage
        | CapabilityName::RaiseHand
        | CapabilityName::PstnDialOut
        | CapabilityName::MuteOthers
        | CapabilityName::UseReactions
        | CapabilityName::ViewAttendeeNames
        | CapabilityName::RealTimeText => false,
    };
    foreign.then_some(CapabilityReason::CapabilityNotApplicableForTheCallType)
}

/// What somebody who watches and listens only lacks; captions and names are for them too.
pub(crate) fn withheld_from(role: Role, name: CapabilityName) -> Option<CapabilityReason> {
    let receives = matches!(
        name,
        CapabilityName::StartLiveMeetingCaptions
            | CapabilityName::StartLiveCallingCaptions
            | CapabilityName::SetCaptionLanguage
            | CapabilityName::ViewAttendeeNames
    );
    (role == Role::Consumer && !receives).then_some(CapabilityReason::RoleRestricted)
}

impl Meeting {
    /// Refuses what the kind of call does not have, and what somebody who only watches sends. Asked before every command of
    /// somebody inside.
    pub(crate) fn must_fit(&self, by: &ParticipantId, command: &Command) -> Result<(), Refusal> {
        let role = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.role;
        let kind = self.settings.kind;
        if sends(command) && role == Role::Consumer {
            return Err(Refusal::ViewOnly);
        }
        if is_foreign(kind, command) {
            return Err(Refusal::NotInThisKindOfCall);
        }
        Ok(())
    }

    /// When the room closes, while somebody is in it.
    pub(crate) fn room_closes(&self) -> Option<Micros> {
        let room = self.settings.room.as_ref().filter(|_| self.settings.kind == CallKind::Room)?;
        (!self.is_empty()).then_some(room.closes)
    }

    /// Empties a room that has closed.
    pub(crate) fn close_room(&mut self, now: Micros) {
        if self.room_closes().is_some_and(|closes| closes <= now) {
            self.end_all(now, Refusal::RoomNotOpen, None);
        }
    }
}

/// Whether the command makes the others see, hear or read something of the one who gives it.
fn sends(command: &Command) -> bool {
    match command {
        Command::SetPublication { active, .. } => *active,
        Command::RaiseHand
        | Command::React(_)
        | Command::StartSpotlight(_)
        | Command::SendTyped { .. }
        | Command::SendData { .. }
        | Command::SetTogether(_)
        | Command::PublishDiagnostics(_)
        | Command::AddParticipants { .. }
        | Command::SetSpokenLanguage(_) => true,
        Command::Leave { .. }
        | Command::DeclarePublications(_)
        | Command::MuteParticipants(_)
        | Command::Remove(_)
        | Command::Admit(_)
        | Command::Reject(_)
        | Command::SetRole { .. }
        | Command::LowerHands(_)
        | Command::LowerAllHands
        | Command::SetLocked(_)
        | Command::StopSpotlight(_)
        | Command::StopAllSpotlight
        | Command::SetMediaAccess { .. }
        | Command::SetRecording(_)
        | Command::SetTranscription(_)
        | Command::GrantConsent { .. }
        | Command::StartCaptions { .. }
        | Command::StopCaptions
        | Command::SetCaptionLanguage(_)
        | Command::Breakout(_)
        | Command::SetHeld(_)
        | Command::Transfer { .. }
        | Command::Snapshot => false,
    }
}

/// Whether the kind of call does not have what the command is about.
fn is_foreign(kind: CallKind, command: &Command) -> bool {
    let lacks = |name: CapabilityName| foreign_to(kind, name).is_some();
    match command {
        Command::Leave { for_everyone: true } => lacks(CapabilityName::HangUpForEveryOne),
        Command::Admit(_) | Command::Reject(_) => lacks(CapabilityName::ManageLobby),
        Command::Breakout(_) => lacks(CapabilityName::JoinBreakoutRooms),
        // Roles of a room are given where it is administered; in the other calls nobody has one. A lock would keep out people
        // whom the application listed.
        Command::SetRole { .. } | Command::SetLocked(_) => kind != CallKind::Meeting,
        Command::Leave { for_everyone: false }
        | Command::SetPublication { .. }
        | Command::DeclarePublications(_)
        | Command::MuteParticipants(_)
        | Command::Remove(_)
        | Command::RaiseHand
        | Command::LowerHands(_)
        | Command::LowerAllHands
        | Command::React(_)
        | Command::StartSpotlight(_)
        | Command::StopSpotlight(_)
        | Command::StopAllSpotlight
        // These say themselves that they are for meetings.
        | Command::SetMediaAccess { .. }
        | Command::SetTogether(_)
        | Command::SetRecording(_)
        | Command::SetTranscription(_)
        | Command::GrantConsent { .. }
        | Command::StartCaptions { .. }
        | Command::StopCaptions
        | Command::SetSpokenLanguage(_)
        | Command::SetCaptionLanguage(_)
        | Command::SendTyped { .. }
        | Command::SendData { .. }
        | Command::PublishDiagnostics(_)
        | Command::AddParticipants { .. }
        | Command::SetHeld(_)
        | Command::Transfer { .. }
        | Command::Snapshot => false,
    }
}
