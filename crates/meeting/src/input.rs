//! What the host feeds into the machine.

use std::collections::BTreeMap;

use crate::{
    AccessKind, BreakoutCommand, CallStart, Diagnostic, HeardWords, JoinPath, MediaKind, MeetingSettings, ParticipantId, Person, Reaction,
    Refusal, RequestId, RingNews, Role, SessionId, TransferTarget,
};

/// One thing that happened outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Somebody wants in. Answered by exactly one reply; when it is a refusal the session was never known here.
    Join {
        /// Name of the new session.
        session: SessionId,
        /// To answer to.
        request: RequestId,
        /// Who, as the credential says.
        person: Person,
        /// Which way they came.
        path: JoinPath,
        /// Whether they start muted.
        muted: bool,
    },
    /// Somebody calls people: they are inside a call that nobody has joined yet, the others are rung. Answered like a join.
    StartCall {
        /// Name of the new session.
        session: SessionId,
        /// To answer to.
        request: RequestId,
        /// Who, as the credential says.
        person: Person,
        /// Whether they start muted.
        muted: bool,
        /// Whom, and with what.
        start: Box<CallStart>,
    },
    /// The host has news of a ring (`Output::Ring`).
    Ring {
        /// Which.
        ring: u32,
        /// What.
        news: RingNews,
    },
    /// Somebody inside hands a person of another call over to this one.
    Expect {
        /// Session of the one who does.
        by: SessionId,
        /// Who comes.
        participant: ParticipantId,
    },
    /// How a transfer went (`Output::TransferOffered`).
    TransferSettled {
        /// Which.
        transfer: String,
        /// The transferee is in the other call, or why not.
        result: Result<(), Refusal>,
    },
    /// A session, admitted or waiting, asks for something. Answered by exactly one reply.
    Command {
        /// Who asks.
        session: SessionId,
        /// To answer to.
        request: RequestId,
        /// What.
        command: Command,
    },
    /// The socket of a session is gone; it has [`crate::RECONNECT_GRACE_S`] seconds to come back.
    ConnectionLost {
        /// Which.
        session: SessionId,
    },
    /// The session is back on another socket (the host checked its ticket). A `Snapshot` or `Waiting` event follows, or
    /// `Ended` when the rules no longer allow it.
    ConnectionBack {
        /// Which.
        session: SessionId,
    },
    /// Settings changed; they act at once on those who wait and those who are inside (see `Meeting::handle`).
    SettingsChanged(Box<MeetingSettings>),
    /// The person's token was revoked or the identity deleted: the session ends and cannot be resumed.
    Revoked {
        /// Who.
        participant: ParticipantId,
    },
    /// The meeting was deleted: it ends for everybody and takes nobody any more.
    Deleted,
    /// The server stops: everybody is told; nobody is barred.
    ServerStopping,
    /// The media engine hears somebody begin or stop speaking.
    Speaking {
        /// Who.
        participant: ParticipantId,
        /// Which of the two.
        speaking: bool,
    },
    /// To a breakout room's machine: something is said to all rooms from the main meeting.
    Broadcast {
        /// Who says it.
        participant: ParticipantId,
        /// Name of who says it.
        display_name: String,
        /// What.
        text: String,
    },
    /// The recogniser understood something.
    Heard(HeardWords),
    /// The media engine ranks the speakers anew, most dominant first.
    DominantSpeakers(Vec<ParticipantId>),
}

/// What a session may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Leave, or end the meeting.
    Leave {
        /// End it for everybody.
        for_everyone: bool,
    },
    /// Start or stop sending a medium.
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
    /// Say which media the session description of the session carries (all of them, whenever it was answered); the reply
    /// gives their numbers. A medium keeps its number for the life of the session.
    DeclarePublications(Vec<MediaKind>),
    /// Mute others; empty for everybody else.
    MuteParticipants(Vec<ParticipantId>),
    /// Remove somebody from the meeting.
    Remove(ParticipantId),
    /// Let people in from the lobby; empty for everybody.
    Admit(Vec<ParticipantId>),
    /// Turn people in the lobby away.
    Reject(Vec<ParticipantId>),
    /// Change somebody's role.
    SetRole {
        /// Whose.
        participant: ParticipantId,
        /// The new one.
        role: Role,
    },
    /// Raise the own hand.
    RaiseHand,
    /// Lower hands; empty for the own hand.
    LowerHands(Vec<ParticipantId>),
    /// Lower all hands.
    LowerAllHands,
    /// Lock or unlock the meeting.
    SetLocked(bool),
    /// React.
    React(Reaction),
    /// Put people into the spotlight; empty for oneself.
    StartSpotlight(Vec<ParticipantId>),
    /// Take people out of the spotlight; empty for oneself.
    StopSpotlight(Vec<ParticipantId>),
    /// Take everybody out of the spotlight.
    StopAllSpotlight,
    /// Permit or forbid attendees to send.
    SetMediaAccess {
        /// What.
        kind: AccessKind,
        /// Whom; empty for all attendees, later ones included.
        participants: Vec<ParticipantId>,
        /// Which of the two.
        permitted: bool,
    },
    /// Begin or end a recording.
    SetRecording(bool),
    /// Begin or end writing down what is said.
    SetTranscription(bool),
    /// Agree.
    GrantConsent {
        /// To the recording.
        recording: bool,
        /// To the transcription.
        transcription: bool,
    },
    /// Have captions sent.
    StartCaptions {
        /// Language that is spoken, nothing: as it is.
        spoken_language: Option<String>,
    },
    /// Have no more captions sent.
    StopCaptions,
    /// Say which language is spoken.
    SetSpokenLanguage(String),
    /// Say in which language the own captions should be.
    SetCaptionLanguage(String),
    /// Send a line of real-time text.
    SendTyped {
        /// The whole line.
        text: String,
        /// Whether it is finished.
        is_final: bool,
    },
    /// Send a message of a data channel.
    SendData {
        /// Channel number.
        channel: u32,
        /// Number of the message.
        sequence: u32,
        /// Whether it may be dropped when a receiver is slow.
        lossy: bool,
        /// To whom; empty for everybody else.
        participants: Vec<ParticipantId>,
        /// The bytes, base64.
        data: String,
    },
    /// Begin or end the together view.
    SetTogether(bool),
    /// Tell the others about the own client.
    PublishDiagnostics(Vec<Diagnostic>),
    /// Something about breakout rooms.
    Breakout(BreakoutCommand),
    /// Call people into this call.
    AddParticipants {
        /// Whom.
        participants: Vec<ParticipantId>,
        /// What the called applications are told.
        custom_context: BTreeMap<String, String>,
    },
    /// Put the call on hold, or take it back.
    SetHeld(bool),
    /// Hand somebody over.
    Transfer {
        /// Whom; nothing: the only other one.
        participant: Option<ParticipantId>,
        /// To whom.
        target: TransferTarget,
    },
    /// Send the whole state again.
    Snapshot,
}
