//! The question that the one door is asked, and the shapes of its answer. The answer itself is found in `admission`.

use crate::{MeetingSettings, Person, Refusal, Role, Source};

/// Which way somebody came to the meeting. The way changes nothing about who comes in, except that a meeting ID has a
/// passcode and that a call that was answered has to ring still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinPath {
    /// The join link.
    Link,
    /// Meeting ID and passcode.
    MeetingId {
        /// What the host found when it compared the passcode.
        passcode: PasscodeCheck,
    },
    /// The coordinates of a long link.
    Coordinates,
    /// A room.
    Room,
    /// The GUID of a group call.
    Group,
    /// Telephone.
    Phone,
    /// A resume ticket.
    Resume,
    /// From or to a breakout room.
    BreakoutRoom,
    /// A program over REST.
    Rest,
    /// Somebody inside called the person, or the person makes the call.
    Called,
}

/// What the host found when it compared the passcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PasscodeCheck {
    /// The meeting has none.
    NotRequired,
    /// It is right.
    Correct,
    /// It is wrong or missing.
    Wrong,
}

/// Why somebody may not come back in this held meeting. It holds for the raw id: a member or guest cannot shake it off, a
/// visitor of our own join page gets a new id with each visit and is kept out by the lobby or the lock only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bar {
    /// Removed from the roster.
    Removed,
    /// Turned away in the lobby.
    Denied,
}

/// What the person already has in the held meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Nothing: they arrive.
    None,
    /// They wait in the lobby.
    Waiting,
    /// They are in the roster.
    Inside,
}

/// Everything that a verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The settings in force.
    pub settings: &'a MeetingSettings,
    /// Who.
    pub person: &'a Person,
    /// Which way.
    pub path: JoinPath,
    /// What they already have.
    pub place: Place,
    /// Whether they were sent away before.
    pub bar: Option<Bar>,
    /// Whether somebody inside has called them into the call, or they make it.
    pub called: bool,
    /// Whether the held meeting has begun.
    pub begun: bool,
    /// Whether it is locked.
    pub locked: bool,
    /// Whether it is closed for good (deleted).
    pub closed: bool,
}

/// Why somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitReason {
    /// Nobody who may begin the meeting is there yet; the person is let in by itself afterwards.
    NotBegun,
    /// Somebody has to admit.
    NeedsAdmission,
}

/// What the door says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Come in.
    Admit {
        /// With this role.
        role: Role,
    },
    /// Wait.
    Wait {
        /// Because.
        reason: WaitReason,
    },
    /// No.
    Refuse(Refusal),
}

/// The rules in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A meeting ID needs its passcode.
    Passcode,
    /// Tenant switches for this standing.
    TenantSwitch,
    /// The organizer's policy on anonymous join.
    AnonymousJoinPolicy,
    /// The meeting's own option on anonymous join.
    AnonymousJoinOption,
    /// Kinds of client blocked for anonymous people.
    ClientKind,
    /// Whether this communication identity may join.
    CommunicationFederation,
    /// Whom a room or group call is for.
    Membership,
    /// When a room is open.
    Validity,
    /// Sent away before in this held meeting.
    Bar,
    /// Deleted or closing.
    Closed,
    /// A breakout room is for those whom the main meeting names.
    BreakoutRoom,
    /// Past the time until which it can be joined.
    Expired,
    /// Locked for those who arrive.
    Locked,
    /// Who waits in the lobby.
    LobbyScope,
    /// Whether it has begun, or this person may begin it.
    Begun,
}

/// One step of the walk: a rule and what it said. The last step decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Which rule.
    pub rule: Rule,
    /// The verdict, when this rule decided; `None`: it let the question pass on.
    pub verdict: Option<Verdict>,
    /// Where the value that it used came from, where that can vary.
    pub source: Option<Source>,
}
