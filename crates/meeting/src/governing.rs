//! What follows from changed settings and changed roles: policy acts now.
//!
//! When settings change, everybody is asked at the door again. Who waits may be let in, keep waiting or be refused. Who is
//! inside keeps the place (a narrower lobby sends nobody back), unless the rules would refuse them outright (anonymous join
//! switched off, their kind of client blocked, their resource blocked): they are out with that reason, and may come again
//! when the rules allow it. Then roles, and what roles no longer allow: media are stopped, hands come down.

use crate::admission::decide;
use crate::capabilities::{CapabilityReason, may_send, reason};
use crate::{CapabilityName, JoinPath, MediaKind, Meeting, MeetingSettings, Micros, Output, ParticipantId, Role, Verdict};

impl Meeting {
    /// Answers `Input::SettingsChanged`.
    pub(crate) fn change_settings(&mut self, now: Micros, mut settings: MeetingSettings) {
        settings.speech.clone_from(&self.settings.speech);
        // The host reads them again on suspicion, too, and what follows costs as much as there are people inside.
        if settings == self.settings {
            return;
        }
        self.follow_main_meeting(&settings);
        self.changes.meeting |= self.settings.subject != settings.subject || self.settings.thread_id != settings.thread_id;
        self.changes.meeting |= self.access.follow(&self.settings.options, &settings.options);
        // Who may see the together view may have changed.
        self.changes.meeting |= self.together.is_some() && self.settings.policy.guest_together_view != settings.policy.guest_together_view;
        let rules = |settings: &MeetingSettings| settings.breakout.as_ref().map(|rules| (rules.ends, rules.return_disabled));
        self.changes.breakout |= rules(&self.settings) != rules(&settings);
        self.settings = settings;
        self.changes.rights = true;
        self.changes.governed = true;
        self.close_breakout_when_forbidden();
        self.settle_recordings();
        for id in self.roster.ids() {
            let verdict = self
                .roster
                .get(&id)
                .map(|entry| decide(now, &self.facts(&entry.person, JoinPath::Link)));
            if let Some(Verdict::Refuse(refusal)) = verdict {
                self.end(now, &id, refusal, None);
            }
            self.apply_rights(&id);
        }
        self.reconsider_rings(now);
    }

    /// Brings role, media and hand of somebody inside in line with settings and given roles.
    pub(crate) fn apply_rights(&mut self, id: &ParticipantId) {
        let Some(entry) = self.roster.get(id) else { return };
        let standing = entry.person.standing(&self.settings);
        let (role, demoted) = self.role_of(&entry.person);
        if role != Role::Attendee {
            self.access.forget(id);
        }
        let access = self.access.of(id, role);
        let settings = &self.settings;
        let Some(entry) = self.roster.get_mut(id) else { return };
        if entry.access != access {
            entry.access = access;
            self.changes.touched.insert(id.clone());
        }
        if (entry.role, entry.standing, entry.demoted) != (role, standing, demoted) {
            (entry.role, entry.standing, entry.demoted) = (role, standing, demoted);
            self.changes.touched.insert(id.clone());
            self.changes.rights = true;
        }
        for kind in entry.publications.active_kinds() {
            if may_send(entry.grounds(settings), kind).is_err() {
                if let Some(gate) = entry.publications.set(kind, false, 0, 0) {
                    let (session, publication) = (entry.session.clone(), gate.publication);
                    self.outputs.push_back(Output::PublicationGate {
                        session,
                        publication,
                        open: gate.open,
                    });
                }
                entry.muted_by_other |= kind == MediaKind::Microphone;
                self.changes.touched.insert(id.clone());
            }
        }
        if reason(entry.grounds(settings), CapabilityName::RaiseHand) != CapabilityReason::Capable {
            self.lower_hand(id);
        }
    }
}
