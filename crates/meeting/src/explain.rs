//! Which rule decided what for whom: the walk of the one door, written down for an administrator.

use std::fmt;

use crate::admission::walk;
use crate::facts::{Facts, Rule, Step, Verdict, WaitReason};
use crate::{Micros, Role, Source, Standing};

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What the person is to this meeting.
    pub standing: Standing,
    /// The rules that were asked, in order; the last one decided.
    pub steps: Vec<Step>,
    /// The decision.
    pub verdict: Verdict,
}

/// Decides as the door does and keeps the steps.
pub fn explain(now: Micros, facts: &Facts<'_>) -> Explanation {
    let mut steps = Vec::new();
    let verdict = walk(now, facts, &mut |step| steps.push(step));
    Explanation {
        standing: facts.person.standing(facts.settings),
        steps,
        verdict,
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict)?;
        if let Some(step) = self.steps.last() {
            write!(f, ", decided by {}", step.rule.words())?;
            match step.source {
                Some(Source::Option) => f.write_str(" (set in the meeting's options)")?,
                Some(Source::Policy) => f.write_str(" (from the organizer's policy)")?,
                None => {}
            }
        }
        if let Verdict::Refuse(refusal) = self.verdict {
            let row = refusal.row();
            write!(f, ": {} Can be changed by: {}.", row.cause, row.fixable_by.words())?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admit { role } => write!(f, "admitted as {}", role.words()),
            Self::Wait {
                reason: WaitReason::NotBegun,
            } => f.write_str("waits until the meeting begins"),
            Self::Wait {
                reason: WaitReason::NeedsAdmission,
            } => f.write_str("waits until somebody admits"),
            Self::Refuse(refusal) => write!(f, "refused ({})", refusal.row().name),
        }
    }
}

impl Rule {
    /// The rule in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Passcode => "the passcode",
            Self::TenantSwitch => "the tenant's switches",
            Self::AnonymousJoinPolicy => "AllowAnonymousUsersToJoinMeeting",
            Self::AnonymousJoinOption => "the option allowAnonymousJoin",
            Self::ClientKind => "BlockedAnonymousJoinClientTypes",
            Self::CommunicationFederation => "the rules for communication identities",
            Self::Membership => "whom the room or group call is for",
            Self::Validity => "when the room is open",
            Self::Bar => "an earlier removal or denial",
            Self::Closed => "the meeting being closed",
            Self::BreakoutRoom => "who is in the breakout room",
            Self::Expired => "the meeting's expiry",
            Self::Locked => "the lock",
            Self::LobbyScope => "who passes the lobby",
            Self::Begun => "AllowAnonymousUsersToStartMeeting and whether the meeting has begun",
        }
    }
}

impl Role {
    /// The role in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Organizer => "organizer",
            Self::CoOrganizer => "co-organizer",
            Self::Presenter => "presenter",
            Self::Collaborator => "collaborator",
            Self::Attendee => "attendee",
            Self::Consumer => "consumer",
        }
    }
}
