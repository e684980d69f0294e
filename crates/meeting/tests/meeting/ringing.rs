//! Calls to people: rings and their ends, who may call whom, hold, transfer.

use std::collections::BTreeMap;

use meeting::{
    CallKind, CallStart, CapabilityName, Command, Event, Input, JoinPath, MAX_CALLEES, MediaKind, MeetingSettings, Output, ParticipantId,
    Presence, Refusal, Reply, RingNews, TransferState, TransferTarget,
};

use super::support::{S, Stage, id, person, settings};

/// What governs a call to people.
fn direct() -> MeetingSettings {
    MeetingSettings {
        kind: CallKind::Direct,
        thread_id: "call:x".to_owned(),
        organizer: String::new(),
        co_organizers: Vec::new(),
        subject: String::new(),
        ..settings()
    }
}

/// Raw id of a guest that can be called.
fn guest(name: &str) -> ParticipantId {
    ParticipantId(format!("8:acs:our-resource_{name}"))
}

/// The stage's guest under an id that can be called.
fn as_guest(name: &str) -> meeting::Person {
    let mut guest_person = person(name);
    guest_person.id = guest(name);
    guest_person
}

fn start(callees: &[ParticipantId]) -> CallStart {
    CallStart {
        callees: callees.to_vec(),
        custom_context: BTreeMap::new(),
        transferor: None,
    }
}

impl Stage {
    fn call(&mut self, who: meeting::Person, start: CallStart) -> Result<Reply, Refusal> {
        let name = name_of(&who);
        let (session, request) = self.new_session(&name);
        self.feed(Input::StartCall {
            session,
            request,
            person: who,
            muted: false,
            start: Box::new(start),
        });
        self.answer(request)
    }

    fn answers(&mut self, who: meeting::Person) -> Result<Reply, Refusal> {
        self.join_by(who, JoinPath::Called, false)
    }

    /// The number of the latest ring of somebody.
    fn ring_of(&self, who: &ParticipantId) -> u32 {
        let rings = self.said.iter().filter_map(|output| match output {
            Output::Ring { ring, participant, .. } if participant == who => Some(*ring),
            _ => None,
        });
        rings.max().expect("a ring")
    }

    fn news(&mut self, who: &ParticipantId, news: RingNews) {
        let ring = self.ring_of(who);
        self.feed(Input::Ring { ring, news });
    }

    /// How the ring of somebody ended.
    fn ring_end(&self, who: &ParticipantId) -> Option<(Refusal, bool)> {
        self.said.iter().find_map(|output| match output {
            Output::RingEnded {
                participant,
                reason,
                taken_by,
                ..
            } if participant == who => Some((*reason, taken_by.is_some())),
            _ => None,
        })
    }

    fn presence(&mut self, of: &ParticipantId, seen_by: &str) -> Option<Presence> {
        let participants = self.snapshot(seen_by).participants;
        participants
            .into_iter()
            .find(|participant| participant.id == *of)
            .map(|participant| participant.presence)
    }
}

fn name_of(who: &meeting::Person) -> String {
    let tail = who.id.0.rsplit(':').next().unwrap_or_default();
    tail.to_owned()
}

const MARIA: &str = "our-resource_maria";
const JOSE: &str = "our-resource_jose";
const LENA: &str = "our-resource_lena";

/// Maria has called Jose, who answered.
fn two() -> Stage {
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose")])).unwrap();
    stage.answers(as_guest("jose")).unwrap();
    stage
}

#[test]
fn a_guest_calls_a_guest_who_is_seen_ringing_and_then_inside() {
    let mut stage = Stage::new(direct());
    let reply = stage.call(as_guest("maria"), start(&[guest("jose")])).unwrap();
    assert_eq!(reply, Reply::Joined { waiting: false });
    assert_eq!(stage.presence(&guest("jose"), MARIA), Some(Presence::Ringing));
    let ringing = stage
        .snapshot(MARIA)
        .participants
        .into_iter()
        .find(|who| who.id == guest("jose"))
        .unwrap();
    assert_eq!(
        (ringing.display_name.as_str(), ringing.session.0.as_str()),
        ("", ""),
        "nothing is known of who has not answered"
    );
    assert_eq!(stage.answers(as_guest("jose")).unwrap(), Reply::Joined { waiting: false });
    assert_eq!(stage.ring_end(&guest("jose")), Some((Refusal::AcceptedElsewhere, true)));
    assert_eq!(stage.presence(&guest("jose"), MARIA), Some(Presence::Inside));
}

#[test]
fn nobody_is_in_a_call_to_people_who_was_not_called_and_who_answered_may_be() {
    let mut stage = two();
    for path in [JoinPath::Link, JoinPath::Called, JoinPath::Resume, JoinPath::Group] {
        assert_eq!(stage.join_by(as_guest("lena"), path, false), Err(Refusal::NotCalled));
    }
    assert_eq!(stage.join("anna"), Err(Refusal::NotCalled));
    stage
        .ask(
            MARIA,
            Command::AddParticipants {
                participants: vec![guest("lena")],
                custom_context: BTreeMap::new(),
            },
        )
        .unwrap();
    assert!(stage.answers(as_guest("lena")).is_ok());
}

#[test]
fn a_ring_ends_as_it_was_answered_declined_missed_or_never_heard() {
    let jose = guest("jose");
    let mut declined = Stage::new(direct());
    declined.call(as_guest("maria"), start(std::slice::from_ref(&jose))).unwrap();
    declined.news(&jose, RingNews::Reached);
    declined.news(&jose, RingNews::Declined);
    assert_eq!(declined.ended(MARIA), Some(Refusal::Declined));

    let mut missed = Stage::new(direct());
    missed.call(as_guest("maria"), start(std::slice::from_ref(&jose))).unwrap();
    missed.news(&jose, RingNews::Reached);
    missed.wait(59);
    assert_eq!(missed.ended(MARIA), None);
    missed.wait(1);
    assert_eq!(missed.ring_end(&jose), Some((Refusal::NoAnswer, false)));
    assert_eq!(missed.ended(MARIA), Some(Refusal::NoAnswer));

    let mut nowhere = Stage::new(direct());
    nowhere.call(as_guest("maria"), start(std::slice::from_ref(&jose))).unwrap();
    nowhere.wait(10);
    assert_eq!(nowhere.ended(MARIA), Some(Refusal::CalleeUnreachable));

    let mut busy = Stage::new(direct());
    busy.call(as_guest("maria"), start(std::slice::from_ref(&jose))).unwrap();
    busy.news(&jose, RingNews::Failed(Refusal::CalleeBusy));
    assert_eq!(busy.ended(MARIA), Some(Refusal::CalleeBusy));
}

#[test]
fn who_comes_online_while_it_rings_has_the_rest_of_the_minute() {
    let jose = guest("jose");
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(std::slice::from_ref(&jose))).unwrap();
    stage.wait(9);
    stage.news(&jose, RingNews::Reached);
    stage.wait(40);
    assert_eq!(stage.ring_end(&jose), None);
    assert!(stage.answers(as_guest("jose")).is_ok());
}

#[test]
fn a_caller_who_hangs_up_takes_the_call_back() {
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose"), guest("lena")])).unwrap();
    stage.ask(MARIA, Command::Leave { for_everyone: false }).unwrap();
    for who in ["jose", "lena"] {
        assert_eq!(stage.ring_end(&guest(who)), Some((Refusal::CallCancelled, false)));
    }
    assert!(stage.meeting.is_empty());
    assert_eq!(stage.answers(as_guest("jose")), Err(Refusal::NotCalled), "too late");
}

#[test]
fn a_call_of_two_ends_for_both_and_one_of_three_goes_on_while_two_remain() {
    let mut stage = two();
    stage.ask(JOSE, Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.ended(MARIA), Some(Refusal::ConversationEnded));

    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose"), guest("lena")])).unwrap();
    stage.answers(as_guest("jose")).unwrap();
    stage.answers(as_guest("lena")).unwrap();
    stage.ask(MARIA, Command::Leave { for_everyone: false }).unwrap();
    assert_eq!((stage.ended(JOSE), stage.ended(LENA)), (None, None));
    stage.ask(LENA, Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.ended(JOSE), Some(Refusal::ConversationEnded));
}

#[test]
fn the_last_one_stays_while_somebody_is_still_rung() {
    let mut stage = two();
    stage
        .ask(
            MARIA,
            Command::AddParticipants {
                participants: vec![guest("lena")],
                custom_context: BTreeMap::new(),
            },
        )
        .unwrap();
    stage.ask(JOSE, Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.ended(MARIA), None);
    stage.news(&guest("lena"), RingNews::Declined);
    assert_eq!(stage.ended(MARIA), Some(Refusal::ConversationEnded));
}

#[test]
fn those_in_the_call_are_told_why_somebody_did_not_come() {
    let mut stage = two();
    let lena = guest("lena");
    stage
        .ask(
            JOSE,
            Command::AddParticipants {
                participants: vec![lena.clone()],
                custom_context: BTreeMap::new(),
            },
        )
        .unwrap();
    stage.news(&lena, RingNews::Declined);
    let left = stage.events(MARIA).into_iter().find_map(|event| match event {
        Event::Participants { left, .. } => left.iter().find(|left| left.id == lena).cloned(),
        _ => None,
    });
    assert_eq!(left.map(|left| (left.removed, left.reason)), Some((false, Some(Refusal::Declined))));
}

#[test]
fn who_may_call_whom() {
    let call = |who: meeting::Person, callee: &ParticipantId, change: &dyn Fn(&mut MeetingSettings)| {
        let mut rules = direct();
        change(&mut rules);
        Stage::new(rules).call(who, start(std::slice::from_ref(callee))).map(|_| ())
    };
    let same = |_: &mut MeetingSettings| {};
    let (member, foreign) = (id("ben"), ParticipantId("8:acs:another_x".to_owned()));
    assert_eq!(call(person("anna"), &member, &same), Ok(()));
    assert_eq!(call(person("anna"), &guest("jose"), &same), Ok(()));
    assert_eq!(call(as_guest("maria"), &guest("jose"), &same), Ok(()));
    // Refused, each with the twin that is allowed.
    assert_eq!(call(as_guest("maria"), &foreign, &same), Err(Refusal::CalleeOfAnotherResource));
    assert_eq!(call(as_guest("maria"), &member, &same), Err(Refusal::GuestsMayNotCallMembers));
    assert_eq!(
        call(as_guest("maria"), &member, &|rules| rules.policy.guests_call_members = true),
        Ok(())
    );
    let closed = |rules: &mut MeetingSettings| rules.tenant.enable_acs_users = false;
    assert_eq!(
        call(person("anna"), &guest("jose"), &closed),
        Err(Refusal::CommunicationUsersDisabled)
    );
    assert_eq!(call(person("anna"), &member, &closed), Ok(()));
    assert!(call(as_guest("maria"), &guest("jose"), &closed).is_err());
    assert_eq!(call(person("vera"), &guest("jose"), &same), Err(Refusal::VisitorsMayNotCall));
    for unknown in ["8:teamsvisitor:vera", "4:+4930123", "28:bot", "", "anna"] {
        assert_eq!(
            call(person("anna"), &ParticipantId(unknown.to_owned()), &same),
            Err(Refusal::CalleeNotCallable)
        );
    }
}

#[test]
fn bad_calls_are_refused_and_change_nothing() {
    let callees: Vec<ParticipantId> = (0..=MAX_CALLEES).map(|number| guest(&number.to_string())).collect();
    let mut stage = Stage::new(direct());
    assert_eq!(stage.call(as_guest("maria"), start(&[])), Err(Refusal::TooManyCallees));
    assert_eq!(stage.call(as_guest("maria"), start(&callees)), Err(Refusal::TooManyCallees));
    assert_eq!(
        stage.call(as_guest("maria"), start(&[guest("jose"), guest("jose")])),
        Err(Refusal::InvalidArgument)
    );
    assert_eq!(stage.call(as_guest("maria"), start(&[guest("maria")])), Err(Refusal::AlreadyInCall));
    let mut heavy = start(&[guest("jose")]);
    heavy.custom_context.insert("note".to_owned(), "x".repeat(2_000));
    assert_eq!(stage.call(as_guest("maria"), heavy), Err(Refusal::CustomContextTooLarge));
    assert!(stage.meeting.is_empty() && !stage.said.iter().any(|output| matches!(output, Output::Ring { .. })));
    // The twin.
    assert!(stage.call(as_guest("maria"), start(&callees[..MAX_CALLEES])).is_ok());
    let more = Command::AddParticipants {
        participants: vec![guest("more")],
        custom_context: BTreeMap::new(),
    };
    assert_eq!(stage.ask(MARIA, more), Err(Refusal::TooManyCallees));
    let again = Command::AddParticipants {
        participants: vec![callees[0].clone()],
        custom_context: BTreeMap::new(),
    };
    assert_eq!(stage.ask(MARIA, again).err(), Some(Refusal::TooManyCallees));
}

#[test]
fn one_ring_for_each_person_and_call() {
    let mut stage = two();
    let add = |who: &str| Command::AddParticipants {
        participants: vec![guest(who)],
        custom_context: BTreeMap::new(),
    };
    assert_eq!(stage.ask(MARIA, add("jose")), Err(Refusal::AlreadyInCall));
    stage.ask(MARIA, add("lena")).unwrap();
    assert_eq!(stage.ask(JOSE, add("lena")), Err(Refusal::AlreadyInCall));
}

#[test]
fn who_runs_a_meeting_calls_somebody_in_past_the_lobby_and_others_do_not() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    let add = || Command::AddParticipants {
        participants: vec![guest("jose")],
        custom_context: BTreeMap::new(),
    };
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: meeting::Role::Attendee,
            },
        )
        .unwrap();
    assert_eq!(stage.ask("ben", add()), Err(Refusal::RoleForbidsAdding));
    stage.ask("anna", add()).unwrap();
    assert_eq!(
        stage.answers(as_guest("jose")).unwrap(),
        Reply::Joined { waiting: false },
        "no lobby"
    );
    // The twin: the same sort of person who was not called waits; nobody answers for somebody else.
    assert_eq!(
        stage.join_by(as_guest("lena"), JoinPath::Link, false).unwrap(),
        Reply::Joined { waiting: true }
    );
    assert_eq!(stage.join_by(as_guest("nils"), JoinPath::Called, false), Err(Refusal::NotCalled));
}

#[test]
fn a_call_into_a_meeting_passes_the_one_door_with_its_bars_locks_and_switches() {
    let add = |who: &str| Command::AddParticipants {
        participants: vec![guest(who)],
        custom_context: BTreeMap::new(),
    };
    let mut stage = Stage::with(settings(), &["anna"]);
    stage.ask("anna", add("jose")).unwrap();
    stage.answers(as_guest("jose")).unwrap();
    stage.ask("anna", Command::Remove(guest("jose"))).unwrap();
    assert_eq!(stage.ask("anna", add("jose")), Err(Refusal::RemovedBefore));
    stage.ask("anna", Command::SetLocked(true)).unwrap();
    assert_eq!(stage.ask("anna", add("lena")), Err(Refusal::MeetingLocked));
    stage.ask("anna", Command::SetLocked(false)).unwrap();
    stage.ask("anna", add("lena")).unwrap();
    // The rules change while it rings.
    stage.change(|settings| settings.policy.allow_anonymous_users_to_join_meeting = false);
    assert_eq!(
        stage.ring_end(&guest("lena")),
        Some((Refusal::AnonymousJoinDisabledByPolicy, false))
    );
    assert!(stage.answers(as_guest("lena")).is_err());
}

#[test]
fn the_record_of_capabilities_says_whom_somebody_may_call() {
    let can = |stage: &mut Stage, who: &str, name: CapabilityName| {
        let capabilities = stage.own(who).capabilities;
        capabilities
            .iter()
            .any(|capability| capability.name == name && capability.state.is_present)
    };
    let mut stage = two();
    assert!(can(&mut stage, MARIA, CapabilityName::AddCommunicationUser));
    assert!(!can(&mut stage, MARIA, CapabilityName::AddTeamsUser));
    let member = Command::AddParticipants {
        participants: vec![id("ben")],
        custom_context: BTreeMap::new(),
    };
    assert_eq!(stage.ask(MARIA, member.clone()), Err(Refusal::GuestsMayNotCallMembers));
    stage.change(|settings| settings.policy.guests_call_members = true);
    assert!(can(&mut stage, MARIA, CapabilityName::AddTeamsUser));
    assert!(stage.ask(MARIA, member).is_ok());
}

#[test]
fn a_ring_is_taken_back_by_who_may_and_by_nobody_else() {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    stage
        .ask(
            "anna",
            Command::SetRole {
                participant: id("ben"),
                role: meeting::Role::Attendee,
            },
        )
        .unwrap();
    stage
        .ask(
            "anna",
            Command::AddParticipants {
                participants: vec![guest("jose")],
                custom_context: BTreeMap::new(),
            },
        )
        .unwrap();
    assert_eq!(stage.ask("ben", Command::Remove(guest("jose"))), Err(Refusal::RoleForbidsRemove));
    stage.ask("anna", Command::Remove(guest("jose"))).unwrap();
    assert_eq!(stage.ring_end(&guest("jose")), Some((Refusal::CallCancelled, false)));
    assert_eq!(stage.answers(as_guest("jose")), Err(Refusal::NotCalled));
    // No bar: an unanswered call taken back is no removal.
    assert!(
        stage
            .ask(
                "anna",
                Command::AddParticipants {
                    participants: vec![guest("jose")],
                    custom_context: BTreeMap::new()
                }
            )
            .is_ok()
    );
}

#[test]
fn a_revoked_person_rings_no_more_and_a_revoked_caller_takes_the_rings_along() {
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose"), guest("lena")])).unwrap();
    stage.feed(Input::Revoked {
        participant: guest("jose"),
    });
    assert_eq!(stage.ring_end(&guest("jose")), Some((Refusal::CalleeUnreachable, false)));
    assert_eq!(stage.ended(MARIA), None);
    stage.feed(Input::Revoked {
        participant: guest("maria"),
    });
    assert_eq!(stage.ring_end(&guest("lena")), Some((Refusal::CallCancelled, false)));
}

#[test]
fn a_server_that_stops_rings_nobody() {
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose")])).unwrap();
    stage.feed(Input::ServerStopping);
    assert_eq!(stage.ring_end(&guest("jose")), Some((Refusal::ServerStopping, false)));
}

#[test]
fn who_holds_sends_nothing_and_is_seen_to_hold_until_they_resume() {
    let mut stage = two();
    stage
        .ask(JOSE, Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]))
        .unwrap();
    let camera = |active| Command::SetPublication {
        kind: MediaKind::Camera,
        active,
        width: 0,
        height: 0,
    };
    stage.ask(JOSE, camera(true)).unwrap();
    stage.said.clear();
    stage.ask(JOSE, Command::SetHeld(true)).unwrap();
    let gates = |stage: &Stage| -> Vec<bool> {
        let gates = stage.said.iter().filter_map(|output| match output {
            Output::PublicationGate { open, .. } => Some(*open),
            _ => None,
        });
        gates.collect()
    };
    assert_eq!(gates(&stage), [false, false]);
    assert!(
        stage
            .said
            .iter()
            .any(|output| matches!(output, Output::MediaHeld { held: true, .. }))
    );
    assert_eq!(stage.presence(&guest("jose"), MARIA), Some(Presence::Held));
    // What changes meanwhile opens nothing, a new declaration neither.
    stage.said.clear();
    stage.ask(JOSE, camera(false)).unwrap();
    stage.ask(JOSE, camera(true)).unwrap();
    stage
        .ask(JOSE, Command::DeclarePublications(vec![MediaKind::Microphone, MediaKind::Camera]))
        .unwrap();
    assert!(!gates(&stage).contains(&true));
    stage.said.clear();
    stage.ask(JOSE, Command::SetHeld(false)).unwrap();
    assert_eq!(gates(&stage), [true, true]);
    assert_eq!(stage.presence(&guest("jose"), MARIA), Some(Presence::Inside));
    stage.said.clear();
    stage.ask(JOSE, Command::SetHeld(false)).unwrap();
    assert_eq!(gates(&stage), [false; 0], "nothing changed");
}

/// Maria hands Jose over; gives the name of the transfer.
fn hand_over(stage: &mut Stage, target: TransferTarget) -> Result<String, Refusal> {
    match stage.ask(MARIA, Command::Transfer { participant: None, target })? {
        Reply::Transfer { transfer } => Ok(transfer),
        other => panic!("no transfer: {other:?}"),
    }
}

fn transfer_states(stage: &Stage, of: &str) -> Vec<TransferState> {
    let events = stage.events(of).into_iter().filter_map(|event| match event {
        Event::Transfer { state, .. } => Some(*state),
        _ => None,
    });
    events.collect()
}

#[test]
fn a_transfer_asks_the_transferee_and_ends_the_call_when_the_other_one_took_over() {
    let mut stage = two();
    let transfer = hand_over(&mut stage, TransferTarget::Person(guest("lena"))).unwrap();
    let asked = stage.events(JOSE).into_iter().any(|event| {
        *event
            == Event::TransferAsked {
                transfer: transfer.clone(),
            }
    });
    assert!(asked);
    assert!(!stage.events(MARIA).iter().any(|event| matches!(event, Event::TransferAsked { .. })));
    assert_eq!(
        (stage.ended(JOSE), stage.ended(MARIA)),
        (None, None),
        "both stay until the target answers"
    );
    stage.feed(Input::TransferSettled {
        transfer: transfer.clone(),
        result: Ok(()),
    });
    assert_eq!(
        transfer_states(&stage, MARIA),
        [TransferState::Transferring, TransferState::Transferred]
    );
    assert_eq!(
        (stage.ended(JOSE), stage.ended(MARIA)),
        (Some(Refusal::Transferred), Some(Refusal::Transferred))
    );
}

#[test]
fn a_transfer_that_fails_leaves_everybody_where_they_were() {
    let mut stage = two();
    let transfer = hand_over(&mut stage, TransferTarget::Person(guest("lena"))).unwrap();
    stage.feed(Input::TransferSettled {
        transfer,
        result: Err(Refusal::Declined),
    });
    assert_eq!(transfer_states(&stage, MARIA), [TransferState::Transferring, TransferState::Failed]);
    assert_eq!((stage.ended(JOSE), stage.ended(MARIA)), (None, None));
    // One that nobody settles ends by itself.
    hand_over(&mut stage, TransferTarget::Call("c2".to_owned())).unwrap();
    stage.wait(90);
    assert_eq!(transfer_states(&stage, MARIA).last(), Some(&TransferState::Failed));
}

#[test]
fn a_transferor_may_hang_up_at_once_and_the_transferee_is_kept_until_it_is_settled() {
    let mut stage = two();
    let transfer = hand_over(&mut stage, TransferTarget::Person(guest("lena"))).unwrap();
    stage.ask(MARIA, Command::Leave { for_everyone: false }).unwrap();
    assert_eq!(stage.ended(JOSE), None);
    stage.feed(Input::TransferSettled { transfer, result: Ok(()) });
    assert_eq!(stage.ended(JOSE), Some(Refusal::Transferred));
}

#[test]
fn transfers_that_make_no_sense_are_refused() {
    let mut stage = two();
    assert_eq!(
        hand_over(&mut stage, TransferTarget::Person(guest("jose"))),
        Err(Refusal::InvalidArgument)
    );
    assert_eq!(
        hand_over(&mut stage, TransferTarget::Person(id("ben"))),
        Err(Refusal::GuestsMayNotCallMembers)
    );
    let nobody = Command::Transfer {
        participant: Some(guest("nils")),
        target: TransferTarget::Call("c2".to_owned()),
    };
    assert_eq!(stage.ask(MARIA, nobody), Err(Refusal::UnknownParticipant));
    hand_over(&mut stage, TransferTarget::Person(guest("lena"))).unwrap();
    assert_eq!(
        hand_over(&mut stage, TransferTarget::Person(guest("nils"))),
        Err(Refusal::AlreadyTransferring)
    );
    let mut meeting = Stage::with(settings(), &["anna", "ben"]);
    let command = Command::Transfer {
        participant: Some(id("ben")),
        target: TransferTarget::Person(guest("lena")),
    };
    assert_eq!(meeting.ask("anna", command), Err(Refusal::TransferNotInThisCall));
}

#[test]
fn who_is_handed_over_to_a_call_may_come_in_for_half_a_minute_and_nobody_else() {
    let mut stage = two();
    let by = stage.session(MARIA);
    stage.feed(Input::Expect {
        by: by.clone(),
        participant: guest("lena"),
    });
    assert_eq!(stage.answers(as_guest("nils")), Err(Refusal::NotCalled));
    assert!(stage.answers(as_guest("lena")).is_ok());
    stage.feed(Input::Expect {
        by: by.clone(),
        participant: guest("nils"),
    });
    stage.wait(30);
    assert_eq!(stage.answers(as_guest("nils")), Err(Refusal::NotCalled));
    // A guest hands nobody over whom they may not call.
    stage.feed(Input::Expect {
        by,
        participant: id("ben"),
    });
    assert_eq!(stage.answers(person("ben")), Err(Refusal::NotCalled));
}

#[test]
fn who_waits_in_the_lobby_calls_holds_and_transfers_nobody() {
    let mut stage = Stage::with(settings(), &["anna", "maria"]);
    assert!(stage.is_waiting("maria"));
    let commands = [
        Command::AddParticipants {
            participants: vec![guest("jose")],
            custom_context: BTreeMap::new(),
        },
        Command::SetHeld(true),
        Command::Transfer {
            participant: None,
            target: TransferTarget::Person(guest("jose")),
        },
    ];
    for command in commands {
        assert_eq!(stage.ask("maria", command), Err(Refusal::NotAdmitted));
    }
}

#[test]
fn the_next_deadline_is_that_of_the_ring() {
    let mut stage = Stage::new(direct());
    stage.call(as_guest("maria"), start(&[guest("jose")])).unwrap();
    assert_eq!(stage.meeting.poll_timeout(), Some((10 * S, meeting::TimeoutReason::Ring)));
    stage.news(&guest("jose"), RingNews::Reached);
    assert_eq!(stage.meeting.poll_timeout(), Some((60 * S, meeting::TimeoutReason::Ring)));
    stage.answers(as_guest("jose")).unwrap();
    assert_eq!(stage.meeting.poll_timeout(), None);
}

/// Anna organizes; Ben, who presents, has called Jose into the meeting, and Lena waits there for a transfer by him.
fn called_in() -> Stage {
    let mut stage = Stage::with(settings(), &["anna", "ben"]);
    let add = Command::AddParticipants {
        participants: vec![guest("jose")],
        custom_context: BTreeMap::new(),
    };
    stage.ask("ben", add).unwrap();
    let by = stage.session("ben");
    stage.feed(Input::Expect {
        by,
        participant: guest("lena"),
    });
    stage
}

#[test]
fn a_call_into_a_meeting_lasts_no_longer_than_the_right_of_who_called() {
    type End = fn(&mut Stage);
    let ends: [(&str, End); 5] = [
        ("removed", |stage| {
            stage.ask("anna", Command::Remove(id("ben"))).unwrap();
        }),
        ("demoted", |stage| {
            let role = meeting::Role::Attendee;
            stage
                .ask(
                    "anna",
                    Command::SetRole {
                        participant: id("ben"),
                        role,
                    },
                )
                .unwrap();
        }),
        ("revoked", |stage| stage.feed(Input::Revoked { participant: id("ben") })),
        ("gone", |stage| {
            stage.ask("ben", Command::Leave { for_everyone: false }).unwrap();
        }),
        ("may no longer admit", |stage| {
            let admitters = meeting::AllowedLobbyAdmitters::OrganizerAndCoOrganizers;
            stage.change(|settings| settings.options.allowed_lobby_admitters = Some(admitters));
        }),
    ];
    for (how, end) in ends {
        let mut stage = called_in();
        end(&mut stage);
        assert_eq!(stage.ring_end(&guest("jose")), Some((Refusal::CallCancelled, false)), "{how}");
        for name in ["jose", "lena"] {
            assert_eq!(stage.answers(as_guest(name)), Err(Refusal::NotCalled), "{name}, {how}");
            let waits = stage.join_by(as_guest(name), JoinPath::Link, false);
            assert_eq!(waits, Ok(Reply::Joined { waiting: true }), "{name}, {how}");
        }
    }
}

#[test]
fn a_call_into_a_meeting_outlasts_what_does_not_concern_the_right_of_who_called() {
    let mut stage = called_in();
    stage.lose("ben");
    stage.change(|settings| settings.subject = "Another subject".to_owned());
    stage.back("ben");
    for name in ["jose", "lena"] {
        assert_eq!(stage.answers(as_guest(name)), Ok(Reply::Joined { waiting: false }), "{name}");
    }
}

#[test]
fn in_a_call_to_people_who_was_rung_comes_in_although_the_caller_left() {
    let mut stage = two();
    let add = Command::AddParticipants {
        participants: vec![guest("lena")],
        custom_context: BTreeMap::new(),
    };
    stage.ask(MARIA, add).unwrap();
    stage.ask(MARIA, Command::Leave { for_everyone: false }).unwrap();
    assert!(stage.answers(as_guest("lena")).is_ok());
}
