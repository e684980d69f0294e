//! What a session asks about others: mute, remove, admit, turn away, roles, hands, lock, end. Each asks the role first and
//! then checks every name, so that a refused command has changed nothing.

use crate::admission::decide;
use crate::{Bar, JoinPath, MediaKind, Meeting, Micros, ParticipantId, PersonKind, Refusal, Reply, Role, Verdict};

/// A role concerns one person, but everybody's rights are looked at again; so it counts as this many people told anew.
const ROLE_COSTS: usize = 20;

impl Meeting {
    pub(crate) fn end_for_everyone(&mut self, now: Micros, by: &ParticipantId) -> Result<(), Refusal> {
        self.must_run_meeting(by, Refusal::RoleForbidsEnd)?;
        self.end_all(now, Refusal::MeetingEnded, Some(by));
        Ok(())
    }

    pub(crate) fn mute(&mut self, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        self.must_run_meeting(by, Refusal::RoleForbidsMute)?;
        let targets = if targets.is_empty() {
            self.roster.ids().into_iter().filter(|id| id != by).collect()
        } else {
            self.must_be_inside(&targets)?;
            targets
        };
        for id in targets {
            let Some(entry) = self.roster.get_mut(&id) else { continue };
            if entry.publications.is_active(MediaKind::Microphone) {
                entry.muted_by_other = id != *by;
                let gate = entry.publications.set(MediaKind::Microphone, false, 0, 0);
                self.changes.touched.insert(id.clone());
                self.move_gates(&id, gate);
            }
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, now: Micros, by: &ParticipantId, target: &ParticipantId) -> Result<(), Refusal> {
        if self.rings.is_ringing(target) {
            return self.cancel_ring(by, target);
        }
        let own = self.must_run_meeting(by, Refusal::RoleForbidsRemove)?;
        if by == target {
            return Err(Refusal::InvalidArgument);
        }
        let entry = self.roster.get(target).ok_or(Refusal::UnknownParticipant)?;
        if !own.removes(entry.role) {
            return Err(Refusal::RoleForbidsRemove);
        }
        self.bar(target, Bar::Removed);
        self.end(now, target, Refusal::Removed, Some(by));
        Ok(())
    }

    /// Lets people in. The door is asked for each: whom the rules refuse, nobody admits.
    pub(crate) fn admit(&mut self, now: Micros, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<Reply, Refusal> {
        self.must_admit(by)?;
        let targets = if targets.is_empty() { self.lobby.ids() } else { targets };
        let (mut admitted, mut failed) = (0u32, 0u32);
        for id in targets {
            let verdict = self
                .lobby
                .get(&id)
                .map(|waiting| decide(now, &self.facts(&waiting.person, JoinPath::Link)));
            let entered = match verdict {
                Some(Verdict::Admit { .. } | Verdict::Wait { .. }) => self.admit_waiting(now, &id, Some(by)).is_ok(),
                Some(Verdict::Refuse(refusal)) => {
                    self.end(now, &id, refusal, None);
                    false
                }
                None => false,
            };
            let count = if entered { &mut admitted } else { &mut failed };
            *count = count.saturating_add(1);
        }
        Ok(Reply::Admitted { admitted, failed })
    }

    pub(crate) fn reject(&mut self, now: Micros, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        self.must_admit(by)?;
        if targets.is_empty() {
            return Err(Refusal::InvalidArgument);
        }
        let waiting: Vec<ParticipantId> = targets.into_iter().filter(|id| self.lobby.get(id).is_some()).collect();
        if waiting.is_empty() {
            return Err(Refusal::UnknownParticipant);
        }
        for id in waiting {
            self.bar(&id, Bar::Denied);
            self.end(now, &id, Refusal::LobbyDenied, Some(by));
        }
        Ok(())
    }

    /// Gives a role for as long as the meeting is held. A co-organizer has to be somebody of the directory.
    pub(crate) fn set_role(&mut self, now: Micros, by: &ParticipantId, target: &ParticipantId, role: Role) -> Result<(), Refusal> {
        let own = self.must_run_meeting(by, Refusal::RoleForbidsRoles)?;
        let entry = self.roster.get(target).ok_or(Refusal::UnknownParticipant)?;
        if role == Role::Organizer || (role == Role::CoOrganizer && entry.person.identity.kind() != PersonKind::Member) {
            return Err(Refusal::InvalidArgument);
        }
        if !own.changes_role(entry.role, role) {
            return Err(Refusal::RoleForbidsRoles);
        }
        self.may_retell(now, by, ROLE_COSTS)?;
        self.given_roles.insert(target.clone(), role);
        self.apply_rights(target);
        Ok(())
    }

    /// Lowers the own hand (no names), or those of others.
    pub(crate) fn lower_hands(&mut self, by: &ParticipantId, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        if targets.iter().any(|id| id != by) {
            self.must_run_meeting(by, Refusal::RoleForbidsLowerHands)?;
            self.must_be_inside(&targets)?;
        }
        if targets.is_empty() {
            self.lower_hand(by);
        }
        for id in targets {
            self.lower_hand(&id);
        }
        Ok(())
    }

    pub(crate) fn lower_all_hands(&mut self, by: &ParticipantId) -> Result<(), Refusal> {
        self.must_run_meeting(by, Refusal::RoleForbidsLowerHands)?;
        self.changes.touched.extend(self.hands.clear());
        Ok(())
    }

    pub(crate) fn set_locked(&mut self, by: &ParticipantId, locked: bool) -> Result<(), Refusal> {
        self.must_run_meeting(by, Refusal::RoleForbidsLock)?;
        self.changes.meeting |= self.locked != locked;
        self.locked = locked;
        Ok(())
    }

    fn must_run_meeting(&self, by: &ParticipantId, refusal: Refusal) -> Result<Role, Refusal> {
        let role = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.role;
        if role.runs_meeting() { Ok(role) } else { Err(refusal) }
    }

    fn must_admit(&self, by: &ParticipantId) -> Result<(), Refusal> {
        let role = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.role;
        if role.admits(&self.settings) {
            Ok(())
        } else {
            Err(Refusal::RoleForbidsAdmit)
        }
    }

    pub(crate) fn must_be_inside(&self, targets: &[ParticipantId]) -> Result<(), Refusal> {
        if targets.iter().all(|id| self.roster.get(id).is_some()) {
            Ok(())
        } else {
            Err(Refusal::UnknownParticipant)
        }
    }
}
