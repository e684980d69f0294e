//! State of a meeting as one admitted participant may see it: the machine's own shapes, which the host maps to its wire.

use serde::{Deserialize, Serialize};

use crate::{
    BreakoutState, Capability, CaptionsState, MediaAccess, Micros, OwnCaptions, ParticipantId, PersonKind, Presence, PublicationId,
    RecordingState, Refusal, Role, Seat, SessionId,
};

/// What kind of call this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallKind {
    /// A scheduled meeting, or one of its breakout rooms.
    #[default]
    Meeting,
    /// A call in a room.
    Room,
    /// A group call, named by a GUID that its application chose.
    Group,
    /// A call to people, who are rung.
    Direct,
}

/// The four media a participant may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaKind {
    /// Voice.
    Microphone,
    /// Camera video.
    Camera,
    /// Shared screen, window or tab.
    Screen,
    /// The sound of what is shared.
    ScreenAudio,
}

/// A publication as the others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicationState {
    /// Number.
    pub id: PublicationId,
    /// The medium.
    pub kind: MediaKind,
    /// Whether it is being sent now.
    pub active: bool,
    /// Captured width in pixels, 0 when unknown.
    pub width: u32,
    /// Captured height in pixels, 0 when unknown.
    pub height: u32,
}

/// One person in the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Raw identifier.
    pub id: ParticipantId,
    /// The live session.
    pub session: SessionId,
    /// Name as given.
    pub display_name: String,
    /// Kind of person.
    pub kind: PersonKind,
    /// Role.
    pub role: Role,
    /// Whether the microphone is muted.
    pub muted: bool,
    /// Place in the queue of raised hands, from 1.
    pub hand: Option<u32>,
    /// Place in the spotlight, from 1.
    pub spotlight: Option<u32>,
    /// What the person may send.
    pub access: MediaAccess,
    /// Where the person is.
    pub presence: Presence,
    /// Whether the connection is lost just now and may come back.
    pub reconnecting: bool,
    /// What the person publishes.
    pub publications: Vec<PublicationState>,
}

/// Somebody who left the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantLeft {
    /// Raw identifier.
    pub id: ParticipantId,
    /// Whether somebody removed the person.
    pub removed: bool,
    /// Why somebody who was called did not come; nothing for those who were inside.
    pub reason: Option<Refusal>,
}

/// Somebody who waits; told only to those who may admit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingParticipant {
    /// Raw identifier.
    pub id: ParticipantId,
    /// The waiting session.
    pub session: SessionId,
    /// Name as given.
    pub display_name: String,
    /// Kind of person.
    pub kind: PersonKind,
    /// Since when.
    pub since: Micros,
}

/// The receiver's own state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfState {
    /// Raw identifier.
    pub id: ParticipantId,
    /// Session.
    pub session: SessionId,
    /// Name in this meeting.
    pub display_name: String,
    /// Role.
    pub role: Role,
    /// Whether the microphone is muted (its packets are dropped).
    pub muted: bool,
    /// Whether the last mute came from somebody else.
    pub muted_by_other: bool,
    /// All 25 capabilities, in the order of their names' declaration.
    pub capabilities: Vec<Capability>,
    /// Captions that are sent to the receiver; nothing while they are off.
    pub captions: Option<OwnCaptions>,
    /// Whether the receiver has to agree to the recording before sending anything.
    pub recording_consent_required: bool,
    /// Whether the receiver has to agree to the transcription before sending anything.
    pub transcription_consent_required: bool,
}

/// What is true of the meeting as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingState {
    /// Subject.
    pub subject: String,
    /// Chat thread.
    pub thread_id: String,
    /// The host's name of this held meeting.
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
    /// Dominant speakers, most dominant first.
    pub dominant_speakers: Vec<ParticipantId>,
    /// When that ranking came about.
    pub dominant_since: Option<Micros>,
}

/// Who is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaking {
    /// Raw identifier.
    pub id: ParticipantId,
    /// Whether the person is speaking now.
    pub speaking: bool,
}

/// Everything an admitted participant may know; slots are the host's to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The meeting.
    pub meeting: MeetingState,
    /// The receiver.
    pub own: SelfState,
    /// Everybody in the roster, the receiver included, in the order of arrival.
    pub participants: Vec<Participant>,
    /// Who waits; empty unless the receiver may admit.
    pub lobby: Vec<WaitingParticipant>,
    /// Breakout rooms, as far as the receiver may know them.
    pub breakout: BreakoutState,
}
