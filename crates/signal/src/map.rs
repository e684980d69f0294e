//! The one translator between the meeting machine's values and the wire. Mechanical on purpose: no decision is taken here. What a meeting
//! offers beyond sound and pictures is in `features`.

mod features;

use meeting::{Person, RefusalRow};

use features::{access, breakout, caption, captions, data, diagnostic, presence, reaction_to, recording, seat, transfer_state, typed};
pub(crate) use features::{access_kind_from, call_kind, diagnostic_from, new_room_from, reaction_from, transfer_target_from};

/// A refusal of the catalogue, as the client sees it.
pub(crate) fn refusal(refusal: meeting::Refusal) -> wire::Refusal {
    let RefusalRow {
        name,
        code,
        sub_code,
        message,
        cause,
        fixable_by,
        policy,
    } = refusal.row();
    wire::Refusal {
        code,
        sub_code,
        name: name.to_owned(),
        message: message.to_owned(),
        cause: cause.to_owned(),
        fixable_by: match fixable_by {
            meeting::FixableBy::You => wire::FixableBy::You,
            meeting::FixableBy::Organizer => wire::FixableBy::Organizer,
            meeting::FixableBy::Administrator => wire::FixableBy::Administrator,
            meeting::FixableBy::Application => wire::FixableBy::Application,
            meeting::FixableBy::Operator => wire::FixableBy::Operator,
            meeting::FixableBy::Nobody => wire::FixableBy::Nobody,
        },
        policy: policy.map(str::to_owned),
    }
}

pub(crate) fn person_kind(person: &Person) -> wire::PersonKind {
    kind(person.identity.kind())
}

fn kind(kind: meeting::PersonKind) -> wire::PersonKind {
    match kind {
        meeting::PersonKind::Member => wire::PersonKind::Member,
        meeting::PersonKind::Guest => wire::PersonKind::Guest,
        meeting::PersonKind::Visitor => wire::PersonKind::Visitor,
        meeting::PersonKind::Phone => wire::PersonKind::Phone,
        meeting::PersonKind::Application => wire::PersonKind::Application,
    }
}

fn role(role: meeting::Role) -> wire::Role {
    match role {
        meeting::Role::Organizer => wire::Role::Organizer,
        meeting::Role::CoOrganizer => wire::Role::CoOrganizer,
        meeting::Role::Presenter => wire::Role::Presenter,
        meeting::Role::Attendee => wire::Role::Attendee,
        meeting::Role::Collaborator => wire::Role::Collaborator,
        meeting::Role::Consumer => wire::Role::Consumer,
    }
}

pub(crate) fn role_from(role: wire::Role) -> meeting::Role {
    match role {
        wire::Role::Organizer => meeting::Role::Organizer,
        wire::Role::CoOrganizer => meeting::Role::CoOrganizer,
        wire::Role::Presenter => meeting::Role::Presenter,
        wire::Role::Attendee => meeting::Role::Attendee,
        wire::Role::Collaborator => meeting::Role::Collaborator,
        wire::Role::Consumer => meeting::Role::Consumer,
    }
}

pub(crate) fn media_kind(kind: meeting::MediaKind) -> wire::MediaKind {
    match kind {
        meeting::MediaKind::Microphone => wire::MediaKind::Microphone,
        meeting::MediaKind::Camera => wire::MediaKind::Camera,
        meeting::MediaKind::Screen => wire::MediaKind::Screen,
        meeting::MediaKind::ScreenAudio => wire::MediaKind::ScreenAudio,
    }
}

pub(crate) fn media_kind_from(kind: wire::MediaKind) -> meeting::MediaKind {
    match kind {
        wire::MediaKind::Microphone => meeting::MediaKind::Microphone,
        wire::MediaKind::Camera => meeting::MediaKind::Camera,
        wire::MediaKind::Screen => meeting::MediaKind::Screen,
        wire::MediaKind::ScreenAudio => meeting::MediaKind::ScreenAudio,
    }
}

fn participant(from: meeting::Participant) -> wire::Participant {
    wire::Participant {
        id: from.id.0,
        session: from.session.0,
        display_name: from.display_name,
        kind: kind(from.kind),
        role: role(from.role),
        muted: from.muted,
        hand: from.hand,
        spotlight: from.spotlight,
        access: access(from.access),
        presence: presence(from.presence),
        reconnecting: from.reconnecting,
        publications: from.publications.into_iter().map(publication).collect(),
    }
}

fn publication(from: meeting::PublicationState) -> wire::PublicationState {
    wire::PublicationState {
        id: from.id.0,
        kind: media_kind(from.kind),
        active: from.active,
        width: from.width,
        height: from.height,
    }
}

fn left(from: meeting::ParticipantLeft) -> wire::ParticipantLeft {
    wire::ParticipantLeft {
        id: from.id.0,
        removed: from.removed,
        reason: from.reason.map(refusal),
    }
}

fn waiting(from: meeting::WaitingParticipant) -> wire::WaitingParticipant {
    wire::WaitingParticipant {
        id: from.id.0,
        session: from.session.0,
        display_name: from.display_name,
        kind: kind(from.kind),
        since: rfc3339(from.since),
    }
}

/// A time outside the years that RFC 3339 can write (which no clock gives) is shown as the epoch.
fn rfc3339(at: meeting::Micros) -> String {
    jiff::Timestamp::from_microsecond(at)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

fn own(from: meeting::SelfState) -> wire::SelfState {
    wire::SelfState {
        id: from.id.0,
        session: from.session.0,
        display_name: from.display_name,
        role: role(from.role),
        muted: from.muted,
        muted_by_other: from.muted_by_other,
        capabilities: from.capabilities.into_iter().map(capability).collect(),
        captions: from.captions.map(|captions| wire::OwnCaptions {
            language: captions.language,
        }),
        recording_consent_required: from.recording_consent_required,
        transcription_consent_required: from.transcription_consent_required,
    }
}

fn capability(from: meeting::Capability) -> wire::Capability {
    wire::Capability {
        name: capability_name(from.name),
        state: wire::CapabilityState {
            is_present: from.state.is_present,
            reason: capability_reason(from.state.reason),
        },
    }
}

/// Both sides name the variants alike; a name that only one side has does not compile.
macro_rules! same_names {
    ($function:ident, $type:ident, $($variant:ident)*) => {
        fn $function(from: meeting::$type) -> wire::$type {
            match from {
                $(meeting::$type::$variant => wire::$type::$variant,)*
            }
        }
    };
}

same_names!(capability_name, CapabilityName,
    TurnVideoOn UnmuteMic ShareScreen RemoveParticipant HangUpForEveryOne AddCommunicationUser AddTeamsUser AddPhoneNumber
    ManageLobby SpotlightParticipant RemoveParticipantsSpotlight BlurBackground StartLiveMeetingCaptions
    StartLiveCallingCaptions SetCaptionLanguage RaiseHand PstnDialOut MuteOthers UseReactions ViewAttendeeNames
    StartTogetherMode JoinBreakoutRooms ForbidOthersAudio ForbidOthersVideo RealTimeText);

same_names!(capability_reason, CapabilityReason,
    Capable CapabilityNotApplicableForTheCallType ClientRestricted UserPolicyRestricted RoleRestricted FeatureNotSupported
    MeetingRestricted NotInitialized NotCapable ExplicitConsentRequired);

fn meeting_state(from: meeting::MeetingState) -> wire::MeetingState {
    wire::MeetingState {
        subject: from.subject,
        thread_id: from.thread_id,
        server_call_id: from.server_call_id,
        kind: call_kind(from.kind),
        group_id: from.group_id,
        locked: from.locked,
        access: access(from.access),
        max_spotlight: from.max_spotlight,
        recordings: from.recordings.into_iter().map(recording).collect(),
        transcribing: from.transcribing,
        captions: captions(from.captions),
        together: from.together.map(|seats| seats.into_iter().map(seat).collect()),
        dominant_speakers: ids(from.dominant_speakers),
        dominant_since: from.dominant_since.map(rfc3339),
    }
}

fn ids(from: Vec<meeting::ParticipantId>) -> Vec<String> {
    from.into_iter().map(|id| id.0).collect()
}

/// An event of the machine, with what only the receiver's host knows.
pub(crate) fn event(from: meeting::Event, media: crate::frame::OwnMedia) -> wire::Event {
    match from {
        meeting::Event::Waiting { not_started } => wire::Event::Waiting { not_started },
        meeting::Event::Snapshot { snapshot } => wire::Event::Snapshot {
            snapshot: wire::Snapshot {
                meeting: meeting_state(snapshot.meeting),
                own: own(snapshot.own),
                participants: snapshot.participants.into_iter().map(participant).collect(),
                lobby: snapshot.lobby.into_iter().map(waiting).collect(),
                slots: media.slots,
                breakout: breakout(snapshot.breakout),
                ice_servers: media.ice_servers,
            },
        },
        meeting::Event::Participants { upserted, left: gone } => wire::Event::Participants {
            upserted: upserted.iter().cloned().map(participant).collect(),
            left: gone.into_iter().map(left).collect(),
        },
        meeting::Event::Lobby { added, removed } => wire::Event::Lobby {
            added: added.into_iter().map(waiting).collect(),
            removed: ids(removed),
        },
        meeting::Event::Own { own: state } => wire::Event::Own { own: own(state) },
        meeting::Event::Meeting { meeting } => wire::Event::Meeting {
            meeting: meeting_state(meeting),
        },
        meeting::Event::Speaking {
            changes,
            dominant,
            dominant_since,
        } => wire::Event::Speaking {
            changes: changes
                .into_iter()
                .map(|change| wire::Speaking {
                    id: change.id.0,
                    speaking: change.speaking,
                })
                .collect(),
            dominant: ids(dominant),
            dominant_since: dominant_since.map(rfc3339),
        },
        meeting::Event::Reaction { participant, reaction } => wire::Event::Reaction {
            participant: participant.0,
            reaction: reaction_to(reaction),
        },
        meeting::Event::Caption(line) => wire::Event::Caption { caption: caption(line) },
        meeting::Event::Typed(line) => wire::Event::Typed { text: typed(line) },
        meeting::Event::Data(message) => wire::Event::Data { message: data(message) },
        meeting::Event::Breakout { breakout: state } => wire::Event::Breakout { breakout: breakout(state) },
        meeting::Event::Broadcast {
            participant,
            display_name,
            text,
        } => wire::Event::Broadcast {
            participant: participant.0,
            display_name,
            text,
        },
        meeting::Event::Diagnostics {
            participant,
            session,
            diagnostics,
        } => wire::Event::Diagnostics {
            participant: participant.0,
            session: session.0,
            diagnostics: diagnostics.into_iter().map(diagnostic).collect(),
        },
        meeting::Event::TransferAsked { transfer } => wire::Event::TransferAsked { transfer },
        meeting::Event::Transfer { transfer, state, reason } => wire::Event::Transfer {
            transfer,
            state: transfer_state(state),
            reason: reason.map(refusal),
        },
        meeting::Event::Ended { reason } => wire::Event::Ended { reason: refusal(reason) },
    }
}
