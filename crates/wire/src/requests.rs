//! What a client may ask for, and the answers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MediaKind, PublicationOffer, Role, Want};

/// How a client names the meeting it wants to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Locator {
    /// A join link, long or short form.
    Link {
        /// The URL as given.
        link: String,
    },
    /// Meeting ID and passcode.
    MeetingId {
        /// Digits; spaces are ignored.
        meeting_id: String,
        /// The passcode, when the meeting has one.
        passcode: Option<String>,
    },
    /// The four coordinates of a long link.
    Coordinates {
        /// `19:meeting_…@thread.v2`.
        thread_id: String,
        /// Object id of the organizer.
        organizer_id: String,
        /// Tenant id.
        tenant_id: String,
        /// `0` for a private meeting.
        message_id: String,
    },
    /// A room.
    Room {
        /// Room id.
        room_id: String,
    },
    /// A group call.
    Group {
        /// GUID chosen by the application.
        group_id: String,
    },
}

/// A request: which call it is about (nothing for `join`) and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The call, as `joined` named it.
    pub call: Option<String>,
    /// What is asked.
    pub body: RequestBody,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RequestBody {
    /// Join a meeting. Answer: `joined`, then a `waiting` or a `snapshot` event.
    Join {
        /// Which meeting.
        locator: Locator,
        /// Name to show; ignored for members, whose name comes from the directory.
        display_name: Option<String>,
        /// Whether to join muted.
        muted: bool,
    },
    /// Leave, or end the meeting for everybody. Answer: `done`, then an `ended` event.
    Leave {
        /// End for everybody.
        for_everyone: bool,
    },
    /// Offer (or offer again) the session description. Refused while waiting in the lobby. Answer: `media`.
    OfferMedia {
        /// The offer.
        sdp: String,
        /// Which m-lines send what; every m-line not named here and `recvonly` is a slot.
        publications: Vec<PublicationOffer>,
        /// True for a new peer connection that replaces the last one.
        fresh: bool,
    },
    /// Say that a medium starts or stops being sent. Answer: `done`.
    SetPublication {
        /// Which.
        kind: MediaKind,
        /// Whether it is sent from now on.
        active: bool,
        /// Captured width, 0 when unknown.
        width: u32,
        /// Captured height, 0 when unknown.
        height: u32,
    },
    /// Replace all wishes for video. Answer: `done`.
    Subscribe {
        /// The whole list.
        wants: Vec<Want>,
    },
    /// Mute others. Answer: `done`.
    MuteParticipants {
        /// Raw ids; empty for everybody else.
        participants: Vec<String>,
    },
    /// Remove somebody; a removed participant may not come back. Answer: `done`.
    RemoveParticipant {
        /// Raw id.
        participant: String,
    },
    /// Let people in from the lobby; empty for everybody. Answer: `admitted`.
    Admit {
        /// Raw ids.
        participants: Vec<String>,
    },
    /// Turn people in the lobby away. Answer: `done`.
    Reject {
        /// Raw ids.
        participants: Vec<String>,
    },
    /// Change somebody's role. Answer: `done`.
    SetRole {
        /// Raw id.
        participant: String,
        /// The new role; `organizer` is refused.
        role: Role,
    },
    /// Raise the own hand. Answer: `done`.
    RaiseHand,
    /// Lower hands; empty for the own hand. Answer: `done`.
    LowerHands {
        /// Raw ids.
        participants: Vec<String>,
    },
    /// Lower everybody's hand. Answer: `done`.
    LowerAllHands,
    /// Lock or unlock the meeting. Answer: `done`.
    SetLocked {
        /// Whether it is locked from now on.
        locked: bool,
    },
    /// Ask for a `snapshot` event. Answer: `done`.
    Snapshot,
}

/// The answer to a join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// Names the call in later frames.
    pub call: String,
    /// Session ("endpoint") identifier.
    pub session: String,
    /// Brings the session back on another socket.
    pub resume_ticket: String,
    /// Whether the participant waits in the lobby.
    pub waiting: bool,
}

/// The answer to an offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MediaAnswer {
    /// The answer.
    pub sdp: String,
}

/// Answers to requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Reply {
    /// It is done.
    Done,
    /// Joined, or waiting in the lobby.
    Joined(Joined),
    /// Session description.
    Media(MediaAnswer),
    /// How many were let in.
    Admitted {
        /// Let in.
        admitted: u32,
        /// Named, but no longer waiting.
        failed: u32,
    },
}
