//! What a client may ask for, and the answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccessKind, Diagnostic, IceServer, MediaKind, NewBreakoutRoom, PublicationOffer, Reaction, Role, SurveyRating, Want};

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
    /// A call that rings here.
    Incoming {
        /// As `incoming` named it.
        id: String,
    },
    /// A breakout room of a meeting in which the person is.
    Breakout {
        /// The call of the main meeting, on this connection.
        call: String,
        /// The room.
        room_id: String,
    },
    /// The call to which one was transferred.
    Transfer {
        /// As `transferAsked` named it.
        id: String,
    },
}

/// Whom a call is handed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TransferTarget {
    /// Somebody who is rung.
    Person {
        /// Raw id.
        participant: String,
    },
    /// Another call of the one who transfers, on the same connection.
    Call {
        /// Which.
        call: String,
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
    /// ICE servers of this call whose credentials live longer than those it had. Refused while waiting in the lobby. Answer: `iceServers`.
    RenewIceServers,
    /// A newer token of the same person, so that the connection outlives the old one. Names no call. Answer: `done`.
    RefreshToken {
        /// The token.
        token: String,
    },
    /// Call people. Names no call. Answer: `joined`.
    StartCall {
        /// Raw ids.
        participants: Vec<String>,
        /// Name to show; ignored for members.
        display_name: Option<String>,
        /// Whether to begin muted.
        muted: bool,
        /// What the called applications are told.
        custom_context: BTreeMap<String, String>,
    },
    /// Decline a call that rings here. Names no call. Answer: `done`.
    RejectIncoming {
        /// As `incoming` named it.
        id: String,
    },
    /// Call people into this call. Answer: `done`.
    AddParticipants {
        /// Raw ids.
        participants: Vec<String>,
        /// What the called applications are told.
        custom_context: BTreeMap<String, String>,
    },
    /// Hand somebody of a call to people over. Answer: `transfer`, then `transfer` events.
    Transfer {
        /// Raw id of who is handed over; nothing: the only other one.
        participant: Option<String>,
        /// To whom.
        target: TransferTarget,
    },
    /// Put the call on hold, or take it back. Answer: `done`.
    SetHeld {
        /// Whether it is held from now on.
        held: bool,
    },
    /// React. Answer: `done`.
    React {
        /// With what.
        reaction: Reaction,
    },
    /// Put people into the spotlight; empty for oneself. Answer: `done`.
    StartSpotlight {
        /// Raw ids.
        participants: Vec<String>,
    },
    /// Take people out of the spotlight; empty for oneself. Answer: `done`.
    StopSpotlight {
        /// Raw ids.
        participants: Vec<String>,
    },
    /// Take everybody out of the spotlight. Answer: `done`.
    StopAllSpotlight,
    /// Permit or forbid attendees to send. Answer: `done`.
    SetMediaAccess {
        /// What.
        kind: AccessKind,
        /// Raw ids; empty for all attendees, those who come later included.
        participants: Vec<String>,
        /// Whether it is permitted from now on.
        permitted: bool,
    },
    /// Begin or end a recording. Answer: `done`.
    SetRecording {
        /// Whether it is recorded from now on.
        active: bool,
    },
    /// Begin or end writing down what is said. Answer: `done`.
    SetTranscription {
        /// Whether it is written down from now on.
        active: bool,
    },
    /// Agree to being recorded or written down. Answer: `done`.
    GrantConsent {
        /// To the recording.
        recording: bool,
        /// To the transcription.
        transcription: bool,
    },
    /// Have captions sent. Answer: `done`.
    StartCaptions {
        /// Language that is spoken, nothing: as it is.
        spoken_language: Option<String>,
    },
    /// Have no more captions sent. Answer: `done`.
    StopCaptions,
    /// Say which language is spoken in the meeting. Answer: `done`.
    SetSpokenLanguage {
        /// Which.
        language: String,
    },
    /// Say in which language the own captions should be. Answer: `done`.
    SetCaptionLanguage {
        /// Which.
        language: String,
    },
    /// Send a line of real-time text, whole each time. Answer: `done`.
    SendTyped {
        /// The whole line.
        text: String,
        /// Whether it is finished; the next one is another line.
        is_final: bool,
    },
    /// Send a message of a data channel. Answer: `done`.
    SendData {
        /// Channel number.
        channel: u32,
        /// Number of the message in this channel.
        sequence: u32,
        /// Whether it may be dropped when a receiver is slow.
        lossy: bool,
        /// Raw ids; empty for everybody.
        participants: Vec<String>,
        /// The bytes, base64.
        data: String,
    },
    /// Begin the together view for everybody, or end it. Answer: `done`.
    SetTogether {
        /// Whether it is on from now on.
        active: bool,
    },
    /// Tell the others about the own client. Answer: `done`.
    PublishDiagnostics {
        /// Changed values.
        diagnostics: Vec<Diagnostic>,
    },
    /// Plan breakout rooms in place of those planned before; refused while rooms are open. Answer: `done`.
    PlanBreakoutRooms {
        /// The rooms; empty: none any more.
        rooms: Vec<NewBreakoutRoom>,
        /// Whether people are moved by themselves.
        auto_move: bool,
        /// Whether people stay until the rooms close.
        return_disabled: bool,
        /// Seconds for which the rooms are open, nothing: until somebody closes them.
        seconds: Option<u32>,
    },
    /// Assign somebody to a room, or to none. Answer: `done`.
    AssignBreakoutRoom {
        /// Raw id.
        participant: String,
        /// The room.
        room_id: Option<String>,
    },
    /// Open the rooms. Answer: `done`.
    OpenBreakoutRooms,
    /// Close the rooms; everybody returns. Answer: `done`.
    CloseBreakoutRooms,
    /// Say something to all rooms. Answer: `done`.
    BroadcastToBreakoutRooms {
        /// What.
        text: String,
    },
    /// How the call was, also after it ended. Names no call. Answer: `survey`.
    SubmitSurvey {
        /// The session of the call, as `joined` named it.
        session: String,
        /// At least one.
        ratings: Vec<SurveyRating>,
    },
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
    /// The transfer began.
    Transfer {
        /// Names it in later events.
        transfer: String,
    },
    /// Ways to the media engine.
    IceServers {
        /// In place of those that the snapshot named.
        ice_servers: Vec<IceServer>,
    },
    /// The survey was kept.
    Survey {
        /// Names it.
        id: String,
    },
}
