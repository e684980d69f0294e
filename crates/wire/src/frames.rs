//! The frames of both directions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    BreakoutState, Caption, DataMessage, Diagnostic, IncomingCall, MeetingState, Participant, ParticipantLeft, PersonKind, Reaction,
    Refusal, Reply, Request, SelfState, SlotBinding, Snapshot, Speaking, TransferState, TypedText, WaitingParticipant,
};

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientFrame {
    /// The first frame.
    Hello(Hello),
    /// Something is asked; the server answers with the same id.
    Request {
        /// Chosen by the client, unique among its open requests.
        id: u32,
        /// What is asked.
        request: Request,
    },
    /// Asks for a `pong`.
    Ping,
}

/// First frame of the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Protocol version; another one than the server's is refused.
    pub protocol: u32,
    /// Access token of a communication identity, or of a member.
    pub token: String,
    /// What connects.
    pub client: ClientInfo,
    /// Calls of a lost socket to bring back.
    #[serde(default)]
    pub resume: Vec<ResumeCall>,
}

/// What connects; for logs and support, never for rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ClientInfo {
    /// Product name.
    pub name: String,
    /// Version.
    pub version: String,
}

/// A call to bring back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResumeCall {
    /// The call.
    pub call: String,
    /// The latest ticket of that call.
    pub ticket: String,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(
    clippy::large_enum_variant,
    reason = "a frame is made, sent and gone; a box would only cost its readers"
)]
pub enum ServerFrame {
    /// The answer to `hello`.
    Welcome(Welcome),
    /// The answer to a request.
    Response {
        /// Its id.
        id: u32,
        /// How it went.
        outcome: Outcome,
    },
    /// Something happened in a call.
    Event {
        /// Which call.
        call: String,
        /// Grows by one with each event of this call; a `snapshot` may jump.
        revision: u32,
        /// What.
        event: Event,
    },
    /// Somebody calls.
    Incoming {
        /// The call that rings.
        incoming: IncomingCall,
    },
    /// A call rings no more.
    IncomingEnded {
        /// Which.
        id: String,
        /// Why: accepted or declined elsewhere, cancelled, not answered.
        reason: Refusal,
    },
    /// The answer to `ping`.
    Pong,
    /// The server closes the socket, and why.
    Closing {
        /// Why.
        refusal: Refusal,
    },
}

/// The answer to `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// Protocol version.
    pub protocol: u32,
    /// Raw id of the connected identity.
    pub id: String,
    /// Display name from the directory, for members.
    pub display_name: Option<String>,
    /// Kind of person.
    pub kind: PersonKind,
    /// ICE servers to use in all calls; those of a call come with its snapshot.
    pub ice_servers: Vec<IceServer>,
    /// The client sends `ping` after this many milliseconds without another frame, and gives the socket up after twice as many without an answer.
    pub heartbeat_ms: u32,
    /// Calls that are back; a `snapshot` or `waiting` event of each follows.
    pub resumed: Vec<ResumedCall>,
    /// Calls that could not be brought back.
    pub lost: Vec<LostCall>,
}

/// A STUN or TURN server, as the browser takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IceServer {
    /// `stun:` or `turn:` URLs.
    pub urls: Vec<String>,
    /// User name, for `turn:`.
    pub username: Option<String>,
    /// Credential, for `turn:`.
    pub credential: Option<String>,
    /// For so many seconds from now the credential works; nothing: for as long as it is not taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub lifetime_s: Option<u32>,
}

/// A call that is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ResumedCall {
    /// The call.
    pub call: String,
    /// The next ticket; the one that was used no longer works.
    pub resume_ticket: String,
}

/// A call that could not be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LostCall {
    /// The call.
    pub call: String,
    /// Why.
    pub refusal: Refusal,
}

/// How a request went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// It was done.
    Ok {
        /// The answer.
        reply: Reply,
    },
    /// It was refused.
    Refused {
        /// Why.
        refusal: Refusal,
    },
}

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(
    clippy::large_enum_variant,
    reason = "a frame is made, sent and gone; a box would only cost its readers"
)]
pub enum Event {
    /// The receiver waits in the lobby. Nothing else is said to a waiting participant until `snapshot` or `ended`.
    Waiting {
        /// True while the meeting has not begun, false when somebody has to admit.
        not_started: bool,
    },
    /// The receiver is in the meeting; replaces all state.
    Snapshot {
        /// The state.
        snapshot: Snapshot,
    },
    /// The roster changed.
    Participants {
        /// New or changed, whole.
        upserted: Vec<Participant>,
        /// Gone.
        left: Vec<ParticipantLeft>,
    },
    /// The lobby changed (only to those who may admit).
    Lobby {
        /// Newly waiting.
        added: Vec<WaitingParticipant>,
        /// Raw ids of those who no longer wait.
        removed: Vec<String>,
    },
    /// The receiver's own state changed.
    Own {
        /// The state, whole.
        own: SelfState,
    },
    /// The meeting changed.
    Meeting {
        /// The state, whole.
        meeting: MeetingState,
    },
    /// Slots were bound or freed.
    Slots {
        /// Changed slots.
        bindings: Vec<SlotBinding>,
    },
    /// Who began or stopped speaking.
    Speaking {
        /// The changes.
        changes: Vec<Speaking>,
        /// Dominant speakers, most dominant first.
        dominant: Vec<String>,
        /// When that ranking came about, RFC 3339 UTC; nothing while nobody has spoken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        dominant_since: Option<String>,
    },
    /// Somebody reacted. Nothing is kept of it.
    Reaction {
        /// Raw id.
        participant: String,
        /// With what.
        reaction: Reaction,
    },
    /// Something was said (only to those who have captions on).
    Caption {
        /// What.
        caption: Caption,
    },
    /// Somebody types.
    Typed {
        /// What.
        text: TypedText,
    },
    /// A message of a data channel.
    Data {
        /// The message.
        message: DataMessage,
    },
    /// Breakout rooms changed.
    Breakout {
        /// The state, whole.
        breakout: BreakoutState,
    },
    /// Those who run the meeting say something to all breakout rooms.
    Broadcast {
        /// Raw id of who says it.
        participant: String,
        /// Name of who says it.
        display_name: String,
        /// What.
        text: String,
    },
    /// Diagnostics of another participant's client.
    Diagnostics {
        /// Raw id.
        participant: String,
        /// Session of that client.
        session: String,
        /// Changed values.
        diagnostics: Vec<Diagnostic>,
    },
    /// The receiver is asked to go over to another call; it is joined by the locator `transfer`.
    TransferAsked {
        /// Names the transfer.
        transfer: String,
    },
    /// How a transfer that the receiver asked for goes.
    Transfer {
        /// Names the transfer.
        transfer: String,
        /// How.
        state: TransferState,
        /// Why, when it failed.
        reason: Option<Refusal>,
    },
    /// The media path is gone (the engine gave the peer up); offer again with `fresh`.
    MediaLost,
    /// The call is over for the receiver; no event of this call follows.
    Ended {
        /// How and why; code 0 is an ordinary end.
        reason: Refusal,
    },
}
