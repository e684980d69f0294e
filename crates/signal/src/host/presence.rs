//! Who is in the meeting and who waits, as the machine's facts told it: what of that the meeting's chat and the watchers of the meeting are told.
//!
//! Pure; `follow` carries out what comes from here. Not here: any decision about people (`meeting`), who keeps a chat (`app::chat`).

use std::collections::BTreeMap;

use app::{
    chat::ChatLeave,
    notify::{RemovedReason, RosterChange},
};
use meeting::{AttendanceFact, Micros, Output, PersonKind, Refusal};

/// How the raw id of a member begins.
const MEMBER: &str = "8:orgid:";

/// Everybody in the meeting or its lobby. As many as the machine lets in.
#[derive(Default)]
pub(super) struct Presence(BTreeMap<String, Present>);

struct Present {
    display_name: String,
    kind: PersonKind,
    inside: bool,
}

/// What the meeting's chat has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ChatStep {
    /// Let somebody in, with what is written from then on.
    Admit {
        raw_id: String,
        display_name: String,
        from: Micros,
    },
    /// Somebody is out of the meeting.
    Leave { raw_id: String, reason: ChatLeave },
    /// The held meeting is over.
    Close,
}

/// What one turn of the machine leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Consequences {
    pub(super) chat: Vec<ChatStep>,
    pub(super) started: bool,
    pub(super) ended: bool,
    /// Who came, went or was let in; each once, as it is after the turn.
    pub(super) roster: Vec<RosterChange>,
}

impl Presence {
    /// Takes the outputs of one turn.
    pub(super) fn follow(&mut self, outputs: &[Output]) -> Consequences {
        let mut after = Consequences::default();
        for output in outputs {
            match output {
                Output::Started => after.started = true,
                Output::Ended => after.ended = true,
                Output::Attendance(fact) => self.take(fact, &mut after),
                Output::Reply { .. }
                | Output::Event { .. }
                | Output::MediaAllowed { .. }
                | Output::MediaRevoked { .. }
                | Output::PublicationGate { .. }
                | Output::SessionClosed { .. }
                | Output::Ring { .. }
                | Output::RingEnded { .. }
                | Output::MediaHeld { .. }
                | Output::TransferOffered { .. }
                | Output::TransferOver { .. }
                | Output::Listen { .. }
                | Output::Transcript(_)
                | Output::BreakoutRooms(_)
                | Output::BreakoutBroadcast { .. }
                | Output::Removed { .. } => {}
            }
        }
        if after.ended {
            // The end of the meeting takes out whoever does not stay; only who was sent away has to go before.
            after.chat.retain(|step| {
                !matches!(
                    step,
                    ChatStep::Leave {
                        reason: ChatLeave::Left,
                        ..
                    }
                )
            });
            after.chat.push(ChatStep::Close);
        }
        after
    }

    fn take(&mut self, fact: &AttendanceFact, after: &mut Consequences) {
        match fact {
            AttendanceFact::Waited {
                participant,
                display_name,
                kind,
                ..
            } => {
                self.set(&participant.0, display_name, *kind, false);
                after.note(change(&participant.0, display_name, true, None));
            }
            AttendanceFact::Joined {
                participant,
                display_name,
                kind,
                at,
                ..
            } => {
                self.set(&participant.0, display_name, *kind, true);
                after.note(change(&participant.0, display_name, false, None));
                after.chat.push(ChatStep::Admit {
                    raw_id: participant.0.clone(),
                    display_name: display_name.clone(),
                    from: *at,
                });
            }
            AttendanceFact::Left { participant, reason, .. } => {
                let raw_id = participant.0.as_str();
                let (display_name, inside) = self
                    .0
                    .remove(raw_id)
                    .map_or((String::new(), false), |present| (present.display_name, present.inside));
                after.note(change(raw_id, &display_name, !inside, Some(removed(*reason))));
                if let Some(reason) = chat_leave(*reason, inside) {
                    after.chat.push(ChatStep::Leave {
                        raw_id: raw_id.to_owned(),
                        reason,
                    });
                }
            }
        }
    }

    fn set(&mut self, raw_id: &str, display_name: &str, kind: PersonKind, inside: bool) {
        let present = Present {
            display_name: display_name.to_owned(),
            kind,
            inside,
        };
        self.0.insert(raw_id.to_owned(), present);
    }

    /// The name that is shown of somebody, and what kind of person it is.
    pub(super) fn who(&self, raw_id: &str) -> Option<(&str, PersonKind)> {
        let present = self.0.get(raw_id)?;
        Some((&present.display_name, present.kind))
    }
}

impl Consequences {
    fn note(&mut self, change: RosterChange) {
        self.roster.retain(|known| known.raw_id != change.raw_id);
        self.roster.push(change);
    }
}

fn change(raw_id: &str, display_name: &str, in_lobby: bool, removed: Option<RemovedReason>) -> RosterChange {
    RosterChange {
        raw_id: raw_id.to_owned(),
        display_name: display_name.to_owned(),
        member_id: raw_id.strip_prefix(MEMBER).map(str::to_owned),
        in_lobby,
        removed,
    }
}

/// Who is sent away loses the chat wherever they were; who leaves the lobby of their own accord never had it. A server that stops ends no meeting:
/// its people come back to it.
fn chat_leave(reason: Refusal, inside: bool) -> Option<ChatLeave> {
    match reason {
        Refusal::Removed | Refusal::LobbyDenied => Some(ChatLeave::Removed),
        Refusal::ServerStopping => None,
        _ => inside.then_some(ChatLeave::Left),
    }
}

fn removed(reason: Refusal) -> RemovedReason {
    match reason {
        Refusal::Removed => RemovedReason::Removed,
        Refusal::LobbyDenied | Refusal::LobbyTimeout => RemovedReason::Denied,
        Refusal::MeetingEnded | Refusal::MeetingDeleted => RemovedReason::MeetingEnded,
        _ => RemovedReason::Left,
    }
}

#[cfg(test)]
mod tests {
    use meeting::{ParticipantId, PersonKind, Role};

    use super::*;

    const ANNA: &str = "8:orgid:anna";
    const MARIA: &str = "8:acs:res_maria";

    fn waited(id: &str) -> Output {
        Output::Attendance(AttendanceFact::Waited {
            participant: ParticipantId(id.to_owned()),
            display_name: "Maria".to_owned(),
            kind: PersonKind::Guest,
            at: 1,
        })
    }

    fn joined(id: &str, at: Micros) -> Output {
        Output::Attendance(AttendanceFact::Joined {
            participant: ParticipantId(id.to_owned()),
            display_name: "Maria".to_owned(),
            kind: PersonKind::Guest,
            role: Role::Attendee,
            admitted_by: None,
            at,
        })
    }

    fn left(id: &str, reason: Refusal) -> Output {
        Output::Attendance(AttendanceFact::Left {
            participant: ParticipantId(id.to_owned()),
            reason,
            by: None,
            at: 9,
        })
    }

    fn admit(id: &str, from: Micros) -> ChatStep {
        ChatStep::Admit {
            raw_id: id.to_owned(),
            display_name: "Maria".to_owned(),
            from,
        }
    }

    fn leave(id: &str, reason: ChatLeave) -> ChatStep {
        ChatStep::Leave {
            raw_id: id.to_owned(),
            reason,
        }
    }

    #[test]
    fn who_waits_is_told_of_but_not_let_into_the_chat_and_who_comes_in_is() {
        let mut presence = Presence::default();
        let after = presence.follow(&[waited(MARIA)]);
        assert_eq!(after.chat, []);
        assert_eq!(after.roster, [change(MARIA, "Maria", true, None)]);
        let after = presence.follow(&[joined(MARIA, 7)]);
        assert_eq!(after.chat, [admit(MARIA, 7)]);
        assert_eq!(after.roster, [change(MARIA, "Maria", false, None)]);
    }

    #[test]
    fn who_leaves_the_meeting_leaves_the_chat_and_who_leaves_the_lobby_had_none() {
        let mut presence = Presence::default();
        presence.follow(&[joined(MARIA, 7)]);
        let after = presence.follow(&[left(MARIA, Refusal::LeftNormally)]);
        assert_eq!(after.chat, [leave(MARIA, ChatLeave::Left)]);
        assert_eq!(after.roster, [change(MARIA, "Maria", false, Some(RemovedReason::Left))]);
        presence.follow(&[waited(MARIA)]);
        let after = presence.follow(&[left(MARIA, Refusal::LeftNormally)]);
        assert_eq!(after.chat, []);
        assert_eq!(after.roster, [change(MARIA, "Maria", true, Some(RemovedReason::Left))]);
    }

    #[test]
    fn who_is_sent_away_loses_the_chat_from_the_meeting_as_from_the_lobby() {
        let mut presence = Presence::default();
        presence.follow(&[joined(ANNA, 7), waited(MARIA)]);
        let after = presence.follow(&[left(ANNA, Refusal::Removed), left(MARIA, Refusal::LobbyDenied)]);
        assert_eq!(after.chat, [leave(ANNA, ChatLeave::Removed), leave(MARIA, ChatLeave::Removed)]);
        let reasons: Vec<_> = after.roster.iter().map(|change| change.removed).collect();
        assert_eq!(reasons, [Some(RemovedReason::Removed), Some(RemovedReason::Denied)]);
        assert_eq!(after.roster[0].member_id.as_deref(), Some("anna"));
    }

    #[test]
    fn the_end_closes_the_chat_at_once_and_after_those_who_were_sent_away() {
        let mut presence = Presence::default();
        let after = presence.follow(&[Output::Started, joined(ANNA, 7), joined(MARIA, 7)]);
        assert!(after.started && !after.ended);
        let after = presence.follow(&[left(ANNA, Refusal::Removed), left(MARIA, Refusal::MeetingEnded), Output::Ended]);
        assert!(after.ended);
        assert_eq!(after.chat, [leave(ANNA, ChatLeave::Removed), ChatStep::Close]);
        assert_eq!(after.roster[1].removed, Some(RemovedReason::MeetingEnded));
    }

    #[test]
    fn a_server_that_stops_takes_nobody_out_of_the_chat() {
        let mut presence = Presence::default();
        presence.follow(&[joined(MARIA, 7)]);
        assert_eq!(presence.follow(&[left(MARIA, Refusal::ServerStopping)]).chat, []);
    }

    #[test]
    fn who_comes_and_goes_in_one_turn_is_told_of_once() {
        let mut presence = Presence::default();
        let after = presence.follow(&[joined(MARIA, 7), left(MARIA, Refusal::LeftNormally)]);
        assert_eq!(after.roster, [change(MARIA, "Maria", false, Some(RemovedReason::Left))]);
        assert_eq!(after.chat, [admit(MARIA, 7), leave(MARIA, ChatLeave::Left)]);
    }
}
