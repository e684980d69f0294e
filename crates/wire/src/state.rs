//! State of a meeting as one admitted participant sees it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    BreakoutState, CallKind, CaptionsState, IceServer, MediaAccess, OwnCaptions, Presence, PublicationState, RecordingState, Refusal, Seat,
    SlotBinding,
};

/// Kind of person, as far as the others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PersonKind {
    /// A signed-in person of the tenant.
    Member,
    /// A person with a communication identity.
    Guest,
    /// A person who opened the link in our own join page.
    Visitor,
    /// A caller by telephone.
    Phone,
    /// An application or bot.
    Application,
}

/// Role in the meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Owns the meeting.
    Organizer,
    /// Helps the organizer.
    CoOrganizer,
    /// May present and run the meeting.
    Presenter,
    /// Takes part.
    Attendee,
    /// Takes part, and may share the screen; in rooms only.
    Collaborator,
    /// Watches and listens only; in rooms only.
    Consumer,
}

/// One person in the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Participant {
    /// Raw identifier (`8:orgid:…`, `8:acs:…`, `8:teamsvisitor:…`).
    pub id: String,
    /// Identifier of the live session (the "endpoint" of the calling SDK).
    pub session: String,
    /// Name as given; for guests it is what they typed and proves nothing.
    pub display_name: String,
    /// Kind of person.
    pub kind: PersonKind,
    /// Role.
    pub role: Role,
    /// Whether the microphone is muted.
    pub muted: bool,
    /// Position in the queue of raised hands (1 is first), nothing when the hand is down.
    pub hand: Option<u32>,
    /// Place in the spotlight (1 is first), nothing when not in it.
    pub spotlight: Option<u32>,
    /// What the person may send.
    pub access: MediaAccess,
    /// Where the person is.
    pub presence: Presence,
    /// Whether the session's connection is lost just now and may come back.
    pub reconnecting: bool,
    /// What the person publishes.
    pub publications: Vec<PublicationState>,
}

/// Somebody who left the roster, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ParticipantLeft {
    /// Raw identifier.
    pub id: String,
    /// Whether somebody removed the person (false: left or lost).
    pub removed: bool,
    /// Why somebody who was called did not come; nothing for those who were inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<Refusal>,
}

/// Somebody who waits in the lobby; sent only to those who may admit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WaitingParticipant {
    /// Raw identifier.
    pub id: String,
    /// Identifier of the waiting session.
    pub session: String,
    /// Name as given.
    pub display_name: String,
    /// Kind of person.
    pub kind: PersonKind,
    /// Since when, RFC 3339 UTC.
    pub since: String,
}

/// The 25 capability names of the calling SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
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

/// Why a capability is present or absent; the texts are the calling SDK's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CapabilityState {
    /// Whether the person may use it now.
    pub is_present: bool,
    /// Why.
    pub reason: CapabilityReason,
}

/// One entry of the capability record; the record always has all 25.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Capability {
    /// Which.
    pub name: CapabilityName,
    /// Whether and why.
    pub state: CapabilityState,
}

/// The receiver's own state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SelfState {
    /// Raw identifier.
    pub id: String,
    /// Session ("endpoint") identifier.
    pub session: String,
    /// Display name in this meeting.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Whether the microphone is muted on the server (packets are dropped).
    pub muted: bool,
    /// Whether the last mute came from somebody else.
    pub muted_by_other: bool,
    /// All capabilities.
    pub capabilities: Vec<Capability>,
    /// Captions that are sent to the receiver; nothing while they are off.
    pub captions: Option<OwnCaptions>,
    /// Whether the receiver has to agree to the recording before sending anything.
    pub recording_consent_required: bool,
    /// Whether the receiver has to agree to the transcription before sending anything.
    pub transcription_consent_required: bool,
}

/// What is true of the meeting as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MeetingState {
    /// Subject, perhaps empty.
    pub subject: String,
    /// Chat thread (`19:meeting_…@thread.v2`).
    pub thread_id: String,
    /// Identifier that the server uses for this held meeting (`getServerCallId`).
    pub server_call_id: String,
    /// Kind of call.
    pub kind: CallKind,
    /// The GUID of a group call.
    pub group_id: Option<String>,
    /// Whether nobody new may come in.
    pub locked: bool,
    /// What attendees may send unless said otherwise for one of them.
    pub access: MediaAccess,
    /// Most people in the spotlight at once.
    pub max_spotlight: u32,
    /// Recordings that are being made.
    pub recordings: Vec<RecordingState>,
    /// Whether what is said is written down.
    pub transcribing: bool,
    /// What captions there can be.
    pub captions: CaptionsState,
    /// Seats of the together view, nothing while it is off.
    pub together: Option<Vec<Seat>>,
    /// Dominant speakers, most dominant first, raw ids.
    pub dominant_speakers: Vec<String>,
    /// When that ranking came about, RFC 3339 UTC; nothing while nobody has spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub dominant_since: Option<String>,
}

/// Who is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Speaking {
    /// Raw identifier.
    pub id: String,
    /// Whether the person is speaking now.
    pub speaking: bool,
}

/// Everything an admitted participant may know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The meeting.
    pub meeting: MeetingState,
    /// The receiver.
    pub own: SelfState,
    /// Everybody in the roster, the receiver included.
    pub participants: Vec<Participant>,
    /// Who waits; empty unless the receiver may admit.
    pub lobby: Vec<WaitingParticipant>,
    /// The receiver's slots.
    pub slots: Vec<SlotBinding>,
    /// Breakout rooms, as far as the receiver may know them.
    pub breakout: BreakoutState,
    /// Ways to the media engine for networks that let nothing else through; the receiver's own, for this call. `renewIceServers` gives newer ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<IceServer>>", optional)]
    pub ice_servers: Vec<IceServer>,
}
