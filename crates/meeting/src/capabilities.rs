//! What a person may do, with the reason; computed from role, options and policy, told to the client and obeyed here.
//!
//! Owned here: the record of 25 names and the single function behind each entry. Not here: the commands that ask it
//! (`machine`). Features that are not built yet answer `FeatureNotSupported`. Sharing a screen: those who present, and in
//! a meeting where everyone presents also those who cannot hold the presenter role (anonymous people enter as attendees,
//! which keeps muting, removing and admitting from them, not sharing), unless somebody made them attendees on purpose.
//! Invariant, kept by `tests/meeting/capabilities.rs`: what the record shows as present the machine does, and nothing else.

use crate::calls::{foreign_to, withheld_from};
use crate::ringing::may_add;
use crate::{CallKind, MediaAccess, MediaKind, MeetingSettings, Presenters, Refusal, Role, Standing};

/// The 25 capability names of the calling SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the calling SDK's own and say what they are")]
pub enum CapabilityName {
    TurnVideoOn,
    UnmuteMic,
    ShareScreen,
    RemoveParticipant,
    HangUpForEveryOne,
    AddCommunicationUser,
    AddTeamsUser,
    AddPhoneNumber,
    ManageLobby,
    SpotlightParticipant,
    RemoveParticipantsSpotlight,
    BlurBackground,
    StartLiveMeetingCaptions,
    StartLiveCallingCaptions,
    SetCaptionLanguage,
    RaiseHand,
    PstnDialOut,
    MuteOthers,
    UseReactions,
    ViewAttendeeNames,
    StartTogetherMode,
    JoinBreakoutRooms,
    ForbidOthersAudio,
    ForbidOthersVideo,
    RealTimeText,
}

/// Why a capability is present or absent; the names are the calling SDK's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the calling SDK's own and say what they are")]
pub enum CapabilityReason {
    Capable,
    CapabilityNotApplicableForTheCallType,
    ClientRestricted,
    UserPolicyRestricted,
    RoleRestricted,
    FeatureNotSupported,
    MeetingRestricted,
    NotInitialized,
    NotCapable,
    ExplicitConsentRequired,
}

/// Whether one capability is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapabilityState {
    /// Whether the person may use it now.
    pub is_present: bool,
    /// Why.
    pub reason: CapabilityReason,
}

/// One entry of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// Which.
    pub name: CapabilityName,
    /// Whether and why.
    pub state: CapabilityState,
}

/// What the capabilities of one person follow from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grounds<'a> {
    pub(crate) settings: &'a MeetingSettings,
    pub(crate) standing: Standing,
    pub(crate) role: Role,
    /// Somebody made this person an attendee on purpose, in the meeting.
    pub(crate) demoted: bool,
    /// What those who run the meeting permit this person to send.
    pub(crate) access: MediaAccess,
    /// Something is recorded or written down to which the person has to agree first.
    pub(crate) owes_consent: bool,
}

impl CapabilityName {
    /// Every name, in the order of the record.
    pub const ALL: [Self; 25] = [
        Self::TurnVideoOn,
        Self::UnmuteMic,
        Self::ShareScreen,
        Self::RemoveParticipant,
        Self::HangUpForEveryOne,
        Self::AddCommunicationUser,
        Self::AddTeamsUser,
        Self::AddPhoneNumber,
        Self::ManageLobby,
        Self::SpotlightParticipant,
        Self::RemoveParticipantsSpotlight,
        Self::BlurBackground,
        Self::StartLiveMeetingCaptions,
        Self::StartLiveCallingCaptions,
        Self::SetCaptionLanguage,
        Self::RaiseHand,
        Self::PstnDialOut,
        Self::MuteOthers,
        Self::UseReactions,
        Self::ViewAttendeeNames,
        Self::StartTogetherMode,
        Self::JoinBreakoutRooms,
        Self::ForbidOthersAudio,
        Self::ForbidOthersVideo,
        Self::RealTimeText,
    ];
}

/// The whole record.
pub(crate) fn record(grounds: Grounds<'_>) -> Vec<Capability> {
    CapabilityName::ALL
        .into_iter()
        .map(|name| {
            let reason = reason(grounds, name);
            Capability {
                name,
                state: CapabilityState {
                    is_present: reason == CapabilityReason::Capable,
                    reason,
                },
            }
        })
        .collect()
}

/// Why the person has or lacks one capability. The machine asks this before it obeys a command, so the record cannot
/// promise what the machine refuses.
pub(crate) fn reason(grounds: Grounds<'_>, name: CapabilityName) -> CapabilityReason {
    use CapabilityReason::{
        CapabilityNotApplicableForTheCallType, Capable, ExplicitConsentRequired, FeatureNotSupported, MeetingRestricted, RoleRestricted,
        UserPolicyRestricted,
    };
    let Grounds {
        settings,
        standing,
        role,
        demoted,
        access,
        owes_consent,
    } = grounds;
    if let Some(reason) = foreign_to(settings.kind, name).or_else(|| withheld_from(role, name)) {
        return reason;
    }
    let unless = |forbidden: bool, why: CapabilityReason| if forbidden { why } else { Capable };
    let attendee = role == Role::Attendee;
    match name {
        CapabilityName::TurnVideoOn | CapabilityName::UnmuteMic | CapabilityName::ShareScreen if owes_consent => ExplicitConsentRequired,
        CapabilityName::TurnVideoOn => unless(!access.video, MeetingRestricted),
        CapabilityName::UnmuteMic => unless(!access.audio, MeetingRestricted),
        CapabilityName::ShareScreen => {
            let open = settings.is_meeting() && settings.effective_presenters() == Presenters::Everyone && !demoted;
            unless(attendee && !open, RoleRestricted)
        }
        CapabilityName::RemoveParticipant | CapabilityName::HangUpForEveryOne | CapabilityName::MuteOthers => {
            unless(!role.runs_meeting(), RoleRestricted)
        }
        CapabilityName::ManageLobby => unless(!role.admits(settings), RoleRestricted),
        CapabilityName::RaiseHand => {
            // The policy is an organizer's: calls that nobody organizes are of those who are in them.
            let organized = settings.kind == CallKind::Meeting;
            unless(
                organized && outside(standing) && !settings.policy.guest_raised_hand,
                UserPolicyRestricted,
            )
        }
        CapabilityName::UseReactions => unless(!settings.options.allow_reactions, MeetingRestricted),
        CapabilityName::SpotlightParticipant | CapabilityName::RemoveParticipantsSpotlight => match settings.kind {
            CallKind::Meeting | CallKind::Room => unless(!role.runs_meeting(), RoleRestricted),
            CallKind::Group | CallKind::Direct => Capable,
        },
        CapabilityName::ForbidOthersAudio | CapabilityName::ForbidOthersVideo => match settings.kind {
            CallKind::Meeting => unless(!role.runs_meeting(), RoleRestricted),
            CallKind::Room | CallKind::Group | CallKind::Direct => CapabilityNotApplicableForTheCallType,
        },
        CapabilityName::ViewAttendeeNames | CapabilityName::BlurBackground => Capable,
        CapabilityName::RealTimeText => unless(!settings.policy.real_time_text, UserPolicyRestricted),
        CapabilityName::AddCommunicationUser | CapabilityName::AddTeamsUser => may_add(grounds, name),
        CapabilityName::AddPhoneNumber | CapabilityName::PstnDialOut => FeatureNotSupported,
        CapabilityName::StartLiveMeetingCaptions | CapabilityName::StartLiveCallingCaptions if !settings.speech.is_available() => {
            FeatureNotSupported
        }
        CapabilityName::SetCaptionLanguage if settings.speech.translated.is_empty() => FeatureNotSupported,
        CapabilityName::StartLiveMeetingCaptions | CapabilityName::StartLiveCallingCaptions | CapabilityName::SetCaptionLanguage => {
            unless(!settings.policy.allow_captions, UserPolicyRestricted)
        }
        CapabilityName::StartTogetherMode if settings.kind != CallKind::Meeting => CapabilityNotApplicableForTheCallType,
        CapabilityName::StartTogetherMode if outside(standing) && !settings.policy.guest_together_view => UserPolicyRestricted,
        CapabilityName::StartTogetherMode => unless(!role.runs_meeting(), RoleRestricted),
        CapabilityName::JoinBreakoutRooms if settings.kind != CallKind::Meeting => CapabilityNotApplicableForTheCallType,
        CapabilityName::JoinBreakoutRooms if outside(standing) && !settings.policy.guest_breakout_rooms => UserPolicyRestricted,
        CapabilityName::JoinBreakoutRooms => unless(!settings.options.allow_breakout_rooms, MeetingRestricted),
    }
}

/// Whether the policy keeps members' features from this person unless it opens them to guests.
pub(crate) fn outside(standing: Standing) -> bool {
    standing.is_anonymous() || standing == Standing::Phone
}

/// Whether a medium may be sent, or why not.
pub(crate) fn may_send(grounds: Grounds<'_>, kind: MediaKind) -> Result<(), Refusal> {
    if grounds.owes_consent {
        return Err(Refusal::ConsentRequired);
    }
    let options = &grounds.settings.options;
    let (name, refusal) = match kind {
        MediaKind::Microphone if options.allow_attendee_to_enable_mic => (CapabilityName::UnmuteMic, Refusal::MicrophoneForbiddenByOther),
        MediaKind::Microphone => (CapabilityName::UnmuteMic, Refusal::MicrophoneForbidden),
        MediaKind::Camera if options.allow_attendee_to_enable_camera => (CapabilityName::TurnVideoOn, Refusal::CameraForbiddenByOther),
        MediaKind::Camera => (CapabilityName::TurnVideoOn, Refusal::CameraForbidden),
        MediaKind::Screen => (CapabilityName::ShareScreen, Refusal::RoleForbidsScreen),
        // Whatever is heard is under the rule for the microphone too: nobody can tell the sound of a screen from a voice.
        MediaKind::ScreenAudio => {
            may_send(grounds, MediaKind::Screen)?;
            return may_send(grounds, MediaKind::Microphone);
        }
    };
    if reason(grounds, name) == CapabilityReason::Capable {
        Ok(())
    } else {
        Err(refusal)
    }
}
