//! What a session asks for itself: leaving, media, the own hand, the state again. What it asks about others is in
//! `moderation`. Every command is matched here, so that a new one cannot be forgotten.

use crate::capabilities::{CapabilityReason, may_send, reason};
use crate::publications::{Declared, Gate};
use crate::{CapabilityName, Command, DataMessage, MediaKind, Meeting, Micros, Output, ParticipantId, Refusal, Reply};

impl Meeting {
    /// Obeys somebody who is inside, or says why not.
    pub(crate) fn obey(&mut self, now: Micros, id: &ParticipantId, command: Command) -> Result<Reply, Refusal> {
        self.must_fit(id, &command)?;
        match command {
            Command::Leave { for_everyone: false } => self.end(now, id, Refusal::LeftNormally, None),
            Command::Leave { for_everyone: true } => self.end_for_everyone(now, id)?,
            Command::SetPublication {
                kind,
                active,
                width,
                height,
            } => self.set_publication(id, kind, active, (width, height))?,
            Command::DeclarePublications(kinds) => return self.declare_publications(id, &kinds),
            Command::MuteParticipants(targets) => self.mute(id, targets)?,
            Command::Remove(target) => self.remove(now, id, &target)?,
            Command::Admit(targets) => return self.admit(now, id, targets),
            Command::Reject(targets) => self.reject(now, id, targets)?,
            Command::SetRole { participant, role } => self.set_role(now, id, &participant, role)?,
            Command::RaiseHand => self.raise_hand(id)?,
            Command::LowerHands(targets) => self.lower_hands(id, targets)?,
            Command::LowerAllHands => self.lower_all_hands(id)?,
            Command::SetLocked(locked) => self.set_locked(id, locked)?,
            Command::React(reaction) => self.react(now, id, reaction)?,
            Command::StartSpotlight(targets) => self.start_spotlight(id, targets)?,
            Command::StopSpotlight(targets) => self.stop_spotlight(id, targets)?,
            Command::StopAllSpotlight => self.stop_all_spotlight(id)?,
            Command::SetMediaAccess {
                kind,
                participants,
                permitted,
            } => self.set_media_access(now, id, kind, participants, permitted)?,
            Command::SetRecording(active) => self.set_recording(now, id, active)?,
            Command::SetTranscription(active) => self.set_transcription(now, id, active)?,
            Command::GrantConsent { recording, transcription } => self.grant_consent(now, id, recording, transcription)?,
            Command::StartCaptions { spoken_language } => self.start_captions(now, id, spoken_language)?,
            Command::StopCaptions => self.stop_captions(id)?,
            Command::SetSpokenLanguage(language) => self.set_spoken_language(now, id, language)?,
            Command::SetCaptionLanguage(language) => self.set_caption_language(now, id, language)?,
            Command::SendTyped { text, is_final } => self.send_typed(now, id, text, is_final)?,
            Command::SendData {
                channel,
                sequence,
                lossy,
                participants,
                data,
            } => {
                let message = DataMessage {
                    participant: id.clone(),
                    channel,
                    sequence,
                    lossy,
                    data: data.into(),
                };
                self.send_data(now, message, participants)?;
            }
            Command::SetTogether(active) => self.set_together(id, active)?,
            Command::PublishDiagnostics(diagnostics) => self.publish_diagnostics(now, id, diagnostics)?,
            Command::Breakout(command) => self.obey_breakout(now, id, command)?,
            Command::AddParticipants {
                participants,
                custom_context,
            } => self.add_participants(now, id, participants, custom_context)?,
            Command::SetHeld(held) => self.set_held(id, held)?,
            Command::Transfer { participant, target } => return self.transfer(now, id, participant, target),
            Command::Snapshot => {
                if let Some(entry) = self.roster.get_mut(id) {
                    entry.told.own = None;
                }
            }
        }
        Ok(Reply::Done)
    }

    /// Who waits may leave and ask again what they are told; nothing else.
    pub(crate) fn obey_waiting(&mut self, now: Micros, id: &ParticipantId, command: Command) -> Result<Reply, Refusal> {
        match command {
            Command::Leave { for_everyone: false } => self.end(now, id, Refusal::LeftNormally, None),
            Command::Snapshot => {
                if let Some(waiting) = self.lobby.get_mut(id) {
                    waiting.told = None;
                }
            }
            Command::DeclarePublications(_) | Command::SetPublication { .. } => return Err(Refusal::MediaNotAllowedWhileWaiting),
            Command::Leave { for_everyone: true }
            | Command::MuteParticipants(_)
            | Command::Remove(_)
            | Command::Admit(_)
            | Command::Reject(_)
            | Command::SetRole { .. }
            | Command::RaiseHand
            | Command::LowerHands(_)
            | Command::LowerAllHands
            | Command::SetLocked(_)
            | Command::React(_)
            | Command::StartSpotlight(_)
            | Command::StopSpotlight(_)
            | Command::StopAllSpotlight
            | Command::SetMediaAccess { .. }
            | Command::SetRecording(_)
            | Command::SetTranscription(_)
            | Command::GrantConsent { .. }
            | Command::StartCaptions { .. }
            | Command::StopCaptions
            | Command::SetSpokenLanguage(_)
            | Command::SetCaptionLanguage(_)
            | Command::SendTyped { .. }
            | Command::SendData { .. }
            | Command::SetTogether(_)
            | Command::PublishDiagnostics(_)
            | Command::Breakout(_)
            | Command::AddParticipants { .. }
            | Command::SetHeld(_)
            | Command::Transfer { .. } => return Err(Refusal::NotAdmitted),
        }
        Ok(Reply::Done)
    }

    /// Stopping is always allowed, starting only with the capability.
    fn set_publication(&mut self, id: &ParticipantId, kind: MediaKind, active: bool, size: (u32, u32)) -> Result<(), Refusal> {
        let entry = self.roster.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        if active {
            may_send(entry.grounds(&self.settings), kind)?;
            // What is no sound of a screen would be a second microphone.
            if kind == MediaKind::ScreenAudio && !entry.publications.is_active(MediaKind::Screen) {
                return Err(Refusal::InvalidArgument);
            }
        }
        if kind == MediaKind::Microphone {
            entry.muted_by_other = false;
        }
        let gate = entry.publications.set(kind, active, size.0, size.1);
        let sound = entry.publications.stop_sound_without_screen();
        self.changes.touched.insert(id.clone());
        self.move_gates(id, gate.into_iter().chain(sound));
        Ok(())
    }

    fn declare_publications(&mut self, id: &ParticipantId, kinds: &[MediaKind]) -> Result<Reply, Refusal> {
        let entry = self.roster.get_mut(id).ok_or(Refusal::NoSuchCall)?;
        let Declared { numbers, gates } = entry.publications.declare(kinds, &mut self.publications)?;
        self.changes.touched.insert(id.clone());
        self.move_gates(id, gates);
        Ok(Reply::Declared { publications: numbers })
    }

    fn raise_hand(&mut self, id: &ParticipantId) -> Result<(), Refusal> {
        let entry = self.roster.get(id).ok_or(Refusal::NoSuchCall)?;
        if reason(entry.grounds(&self.settings), CapabilityName::RaiseHand) != CapabilityReason::Capable {
            return Err(Refusal::RaiseHandForMembersOnly);
        }
        if self.hands.enter(id) {
            self.changes.touched.insert(id.clone());
        }
        Ok(())
    }

    /// Refuses with this unless the person has the capability.
    pub(crate) fn must_be_capable(&self, id: &ParticipantId, name: CapabilityName, refusal: Refusal) -> Result<(), Refusal> {
        let entry = self.roster.get(id).ok_or(Refusal::NoSuchCall)?;
        match reason(entry.grounds(&self.settings), name) {
            CapabilityReason::Capable => Ok(()),
            _ => Err(refusal),
        }
    }

    /// Lowers a hand; those behind move up.
    pub(crate) fn lower_hand(&mut self, id: &ParticipantId) {
        self.changes.touched.extend(self.hands.leave(id));
    }

    /// Has the engine forward or drop.
    pub(crate) fn move_gates(&mut self, id: &ParticipantId, gates: impl IntoIterator<Item = Gate>) {
        let Some(session) = self.roster.get(id).map(|entry| entry.session.clone()) else {
            return;
        };
        self.outputs
            .extend(gates.into_iter().map(|Gate { publication, open }| Output::PublicationGate {
                session: session.clone(),
                publication,
                open,
            }));
    }
}
