//! What the machine asks of its host, in the order in which the host has to carry it out.

use std::collections::BTreeMap;

use crate::{
    Bar, Event, MediaKind, MeetingSettings, Micros, ParticipantId, PersonKind, PublicationId, Refusal, RequestId, Role, SessionId,
    TranscriptLine, TransferTarget, Transferor,
};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Answer a join or a command; each is answered exactly once.
    Reply {
        /// To whom.
        session: SessionId,
        /// To which request.
        request: RequestId,
        /// How it went.
        result: Result<Reply, Refusal>,
    },
    /// Tell one session; already reduced to what it may know.
    Event {
        /// Whom.
        session: SessionId,
        /// What.
        event: Event,
    },
    /// Ring somebody on every connection of theirs.
    Ring {
        /// Names the ring in this call.
        ring: u32,
        /// Who is rung.
        participant: ParticipantId,
        /// Who calls.
        caller: ParticipantId,
        /// Name of who calls.
        caller_name: String,
        /// What the called application is told.
        custom_context: BTreeMap<String, String>,
        /// Who handed the caller over, when somebody did.
        transferor: Option<Transferor>,
    },
    /// A ring is over.
    RingEnded {
        /// Which.
        ring: u32,
        /// Who was rung.
        participant: ParticipantId,
        /// Why, as those in the call are told.
        reason: Refusal,
        /// The session that answered it.
        taken_by: Option<SessionId>,
    },
    /// Send nothing to the session, or go on; its gates are moved besides.
    MediaHeld {
        /// Which.
        session: SessionId,
        /// Whether it holds.
        held: bool,
    },
    /// Give the transferee, and nobody else, a way to the target, once.
    TransferOffered {
        /// Names the transfer.
        transfer: String,
        /// Who goes over.
        transferee: ParticipantId,
        /// Who asked for it.
        transferor: ParticipantId,
        /// Name of who asked for it.
        transferor_name: String,
        /// Where to.
        target: TransferTarget,
    },
    /// The way of a transfer is closed.
    TransferOver {
        /// Which.
        transfer: String,
    },
    /// The session was admitted: from now on it may have a media path. Never for a session that waits.
    MediaAllowed {
        /// Which.
        session: SessionId,
    },
    /// Destroy the media path of the session.
    MediaRevoked {
        /// Which.
        session: SessionId,
    },
    /// Forward (open) or drop (closed) the packets of a publication. A publication is closed until it was opened.
    PublicationGate {
        /// Whose.
        session: SessionId,
        /// Which.
        publication: PublicationId,
        /// Forward or drop.
        open: bool,
    },
    /// The session is over; its ticket is worth nothing from now on.
    SessionClosed {
        /// Which.
        session: SessionId,
        /// Whether the same person may simply join again with what they hold (false: removed, denied, revoked, deleted, replaced).
        resumable: bool,
    },
    /// To be persisted before anything later in the queue is announced: this participant may not come back in this held
    /// meeting (law: a removal sticks). After a restart the host gives it back to [`crate::Meeting::restore_bar`].
    Removed {
        /// Who.
        participant: ParticipantId,
        /// How.
        bar: Bar,
    },
    /// Listen to everybody inside whose microphone is open, in this language, and say what is understood (`Input::Heard`); nothing: listen no
    /// more. Never for a session that waits.
    Listen {
        /// Language that is spoken.
        language: Option<String>,
        /// Whether what is said is written down, so that it matters more than words that are only shown.
        written_down: bool,
    },
    /// Something that was said, to be kept before it is told.
    Transcript(TranscriptLine),
    /// A fact for attendance and audit.
    Attendance(AttendanceFact),
    /// What governs the call of each open breakout room from now on, whole; rooms that are not among them are closed. The host has to have
    /// this in force before it carries out anything later in the queue.
    BreakoutRooms(Vec<MeetingSettings>),
    /// To be said in all open breakout rooms.
    BreakoutBroadcast {
        /// Who says it.
        participant: ParticipantId,
        /// Name of who says it.
        display_name: String,
        /// What.
        text: String,
    },
    /// The held meeting has begun.
    Started,
    /// The last participant is gone or the meeting was deleted: the held meeting is over; bars, lock and hands are forgotten,
    /// and persisted bars may be dropped. Not said when the server stops.
    Ended,
}

/// Answers to joins and commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is done.
    Done,
    /// Joined, or waiting in the lobby.
    Joined {
        /// Whether the participant waits.
        waiting: bool,
    },
    /// The numbers of the declared publications, in the order in which they were named.
    Declared {
        /// Medium and number.
        publications: Vec<(MediaKind, PublicationId)>,
    },
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
}

/// A fact for attendance and audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttendanceFact {
    /// Somebody came to the lobby.
    Waited {
        /// Who.
        participant: ParticipantId,
        /// Name as given.
        display_name: String,
        /// Kind of person.
        kind: PersonKind,
        /// When.
        at: Micros,
    },
    /// Somebody entered the roster.
    Joined {
        /// Who.
        participant: ParticipantId,
        /// Name as given.
        display_name: String,
        /// Kind of person.
        kind: PersonKind,
        /// Role at entry.
        role: Role,
        /// Who admitted, when somebody had to.
        admitted_by: Option<ParticipantId>,
        /// When.
        at: Micros,
    },
    /// Somebody left the roster or the lobby.
    Left {
        /// Who.
        participant: ParticipantId,
        /// How.
        reason: Refusal,
        /// Who brought it about, when it was somebody else.
        by: Option<ParticipantId>,
        /// When.
        at: Micros,
    },
}

/// What the next timeout is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeoutReason {
    /// Somebody has waited in the lobby for as long as the policy allows.
    LobbyTimeout,
    /// A lost connection's time of grace is over.
    ReconnectGrace,
    /// Somebody was rung for as long as calls ring.
    Ring,
    /// A transfer took as long as it may.
    Transfer,
    /// A room closes.
    RoomCloses,
    /// The breakout rooms close.
    BreakoutRoomsEnd,
    /// Nobody has read captions for a while.
    CaptionsEnd,
}
