//! What those who run a meeting permit attendees to send: for all of them, and for one of them.
//!
//! Owns: one rule for each of microphone and camera, and who is excepted from it. A rule begins as the meeting's option says. Those who run
//! the meeting change it while the meeting is held, for all attendees (later ones included) or for some by name; whatever is said for all,
//! here or by a change of the option, ends the exceptions. Who is no attendee any more is under no rule, and under no exception when they
//! become one again. To forbid mutes and stops; to permit turns nothing on. Why so: docs/adr/0009-media-access-of-attendees.md.
//!
//! Not here: what a person may send for other reasons (`capabilities`), closing what is open (`governing`).

use std::collections::BTreeSet;

use crate::capabilities::{CapabilityReason, reason};
use crate::{CapabilityName, Meeting, MeetingOptions, Micros, ParticipantId, Refusal, Role};

/// Exceptions that one rule remembers. They outlive a person's stay, so that leaving and coming back does not help; when so many have
/// gathered, those of people who are not inside are forgotten.
const MAX_EXCEPTIONS: usize = 4_000;

/// What can be permitted or forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AccessKind {
    /// The microphone.
    Audio,
    /// The camera.
    Video,
}

/// What somebody, or attendees in general, may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MediaAccess {
    /// The microphone.
    pub audio: bool,
    /// The camera.
    pub video: bool,
}

impl MediaAccess {
    /// Everything.
    pub const ALL: Self = Self { audio: true, video: true };
    /// Nothing.
    pub const NONE: Self = Self {
        audio: false,
        video: false,
    };
}

/// The rules of a held meeting.
#[derive(Debug, Clone)]
pub(crate) struct AccessRules {
    audio: Rule,
    video: Rule,
}

#[derive(Debug, Clone)]
struct Rule {
    permitted: bool,
    exceptions: BTreeSet<ParticipantId>,
}

impl Rule {
    fn new(permitted: bool) -> Self {
        let exceptions = BTreeSet::new();
        Self { permitted, exceptions }
    }

    fn of(&self, id: &ParticipantId) -> bool {
        self.permitted != self.exceptions.contains(id)
    }

    /// Whether this is what it says of them already; without names, of everybody.
    fn says(&self, targets: &[ParticipantId], permitted: bool) -> bool {
        match targets.is_empty() {
            true => self.permitted == permitted && self.exceptions.is_empty(),
            false => targets.iter().all(|id| self.of(id) == permitted),
        }
    }

    fn except(&mut self, id: &ParticipantId, permitted: bool) {
        if permitted == self.permitted {
            self.exceptions.remove(id);
        } else {
            self.exceptions.insert(id.clone());
        }
    }
}

impl AccessRules {
    /// As the meeting's options say.
    pub(crate) fn new(options: &MeetingOptions) -> Self {
        Self {
            audio: Rule::new(options.allow_attendee_to_enable_mic),
            video: Rule::new(options.allow_attendee_to_enable_camera),
        }
    }

    /// What attendees in general may send.
    pub(crate) fn of_attendees(&self) -> MediaAccess {
        MediaAccess {
            audio: self.audio.permitted,
            video: self.video.permitted,
        }
    }

    /// What somebody may send.
    pub(crate) fn of(&self, id: &ParticipantId, role: Role) -> MediaAccess {
        match role {
            Role::Attendee => MediaAccess {
                audio: self.audio.of(id),
                video: self.video.of(id),
            },
            Role::Organizer | Role::CoOrganizer | Role::Presenter | Role::Collaborator => MediaAccess::ALL,
            Role::Consumer => MediaAccess::NONE,
        }
    }

    /// Follows options that changed. True when a rule began anew.
    pub(crate) fn follow(&mut self, before: &MeetingOptions, after: &MeetingOptions) -> bool {
        let audio = before.allow_attendee_to_enable_mic != after.allow_attendee_to_enable_mic;
        let video = before.allow_attendee_to_enable_camera != after.allow_attendee_to_enable_camera;
        if audio {
            self.audio = Rule::new(after.allow_attendee_to_enable_mic);
        }
        if video {
            self.video = Rule::new(after.allow_attendee_to_enable_camera);
        }
        audio || video
    }

    /// Somebody is no attendee any more.
    pub(crate) fn forget(&mut self, id: &ParticipantId) {
        self.audio.exceptions.remove(id);
        self.video.exceptions.remove(id);
    }

    fn rule(&mut self, kind: AccessKind) -> &mut Rule {
        match kind {
            AccessKind::Audio => &mut self.audio,
            AccessKind::Video => &mut self.video,
        }
    }
}

impl Meeting {
    /// Answers `Command::SetMediaAccess`; empty targets mean all attendees, later ones included.
    pub(crate) fn set_media_access(
        &mut self,
        now: Micros,
        by: &ParticipantId,
        kind: AccessKind,
        targets: Vec<ParticipantId>,
        permitted: bool,
    ) -> Result<(), Refusal> {
        self.must_change_access(by, kind)?;
        self.must_be_inside(&targets)?;
        let is_attendee = |id: &ParticipantId| self.roster.get(id).is_some_and(|entry| entry.role == Role::Attendee);
        if !targets.iter().all(is_attendee) {
            return Err(Refusal::MediaAccessForAttendeesOnly);
        }
        if self.access.rule(kind).says(&targets, permitted) {
            return Ok(());
        }
        self.may_retell(now, by, self.concerned(&targets))?;
        let rule = self.access.rule(kind);
        let changed = if targets.is_empty() {
            self.changes.meeting |= rule.permitted != permitted;
            *rule = Rule::new(permitted);
            self.roster.ids()
        } else {
            if rule.exceptions.len() >= MAX_EXCEPTIONS {
                let roster = &self.roster;
                rule.exceptions.retain(|id| roster.get(id).is_some());
            }
            for id in &targets {
                rule.except(id, permitted);
            }
            targets
        };
        for id in changed {
            self.apply_rights(&id);
        }
        Ok(())
    }

    fn must_change_access(&self, by: &ParticipantId, kind: AccessKind) -> Result<(), Refusal> {
        let name = match kind {
            AccessKind::Audio => CapabilityName::ForbidOthersAudio,
            AccessKind::Video => CapabilityName::ForbidOthersVideo,
        };
        let entry = self.roster.get(by).ok_or(Refusal::NoSuchCall)?;
        match reason(entry.grounds(&self.settings), name) {
            CapabilityReason::Capable => Ok(()),
            CapabilityReason::CapabilityNotApplicableForTheCallType => Err(Refusal::MediaAccessNotInThisCall),
            _ => Err(Refusal::RoleForbidsMediaAccess),
        }
    }
}
