//! Laws 1, 2 and 4 and the invariants of `machine`, over random scripts: whatever people do, in whatever order.
//!
//! A witness beside the machine keeps a view for each session, made only from what that session was told, and checks each
//! output when it comes. At the end each view has to equal a fresh snapshot: deltas add up.

use std::collections::{BTreeMap, BTreeSet};

use meeting::{
    AccessKind, Bar, BreakoutCommand, BreakoutState, CapabilityName, Command, Event, Input, JoinPath, LobbyScope, MediaKind, Meeting,
    MeetingSettings, MeetingState, NewBreakoutRoom, Output, Participant, ParticipantId, PublicationId, Reaction, Refusal, Reply, RequestId,
    Role, SelfState, SessionId, WaitingParticipant,
};
use proptest::prelude::*;

use super::support::{S, id, person, settings};

const NAMES: [&str; 9] = ["anna", "carl", "ben", "gita", "tom", "maria", "jose", "vera", "bot"];

/// One step of a script; numbers choose among what exists.
#[derive(Debug, Clone)]
enum Act {
    Join { name: &'static str, muted: bool },
    Ask { session: usize, command: Command },
    Lost(usize),
    Back(usize),
    Change(u8),
    Revoke(&'static str),
    Delete,
    Pass(i64),
    Speaking(&'static str, bool),
    Dominant(Vec<&'static str>),
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(NAMES.to_vec())
}

fn ids() -> impl Strategy<Value = Vec<ParticipantId>> {
    prop::collection::vec(name().prop_map(id), 0..3)
}

fn kind() -> impl Strategy<Value = MediaKind> {
    prop::sample::select(vec![
        MediaKind::Microphone,
        MediaKind::Camera,
        MediaKind::Screen,
        MediaKind::ScreenAudio,
    ])
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => any::<bool>().prop_map(|for_everyone| Command::Leave { for_everyone }),
        3 => (kind(), any::<bool>()).prop_map(|(kind, active)| Command::SetPublication { kind, active, width: 640, height: 360 }),
        3 => prop::collection::vec(kind(), 0..4).prop_map(Command::DeclarePublications),
        2 => ids().prop_map(Command::MuteParticipants),
        2 => name().prop_map(|name| Command::Remove(id(name))),
        4 => ids().prop_map(Command::Admit),
        2 => ids().prop_map(Command::Reject),
        3 => (name(), prop::sample::select(vec![Role::Organizer, Role::CoOrganizer, Role::Presenter, Role::Attendee]))
            .prop_map(|(name, role)| Command::SetRole { participant: id(name), role }),
        3 => Just(Command::RaiseHand),
        1 => ids().prop_map(Command::LowerHands),
        1 => Just(Command::LowerAllHands),
        1 => any::<bool>().prop_map(Command::SetLocked),
        1 => Just(Command::React(Reaction::Like)),
        3 => ids().prop_map(Command::StartSpotlight),
        2 => ids().prop_map(Command::StopSpotlight),
        1 => Just(Command::StopAllSpotlight),
        4 => (any::<bool>(), ids(), any::<bool>()).prop_map(|(audio, participants, permitted)| Command::SetMediaAccess {
            kind: if audio { AccessKind::Audio } else { AccessKind::Video },
            participants,
            permitted,
        }),
        2 => any::<bool>().prop_map(Command::SetTogether),
        1 => any::<bool>().prop_map(Command::SetHeld),
        3 => breakout().prop_map(Command::Breakout),
        1 => Just(Command::Snapshot),
    ]
}

fn breakout() -> impl Strategy<Value = BreakoutCommand> {
    let room = |invitees: BTreeSet<ParticipantId>| NewBreakoutRoom {
        name: "Room".to_owned(),
        invitees: invitees.into_iter().collect(),
    };
    prop_oneof![
        3 => (prop::collection::btree_set(name().prop_map(id), 0..3).prop_map(room), prop::option::of(1..40u32)).prop_map(|(room, seconds)| {
            BreakoutCommand::Plan { rooms: vec![room], auto_move: true, return_disabled: false, seconds }
        }),
        2 => (name(), 1..4u32).prop_map(|(name, plan)| BreakoutCommand::Assign { participant: id(name), room: Some(format!("{plan}-1")) }),
        4 => Just(BreakoutCommand::Open),
        1 => Just(BreakoutCommand::Close),
        1 => Just(BreakoutCommand::Broadcast("Back in a minute".to_owned())),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => (name(), any::<bool>()).prop_map(|(name, muted)| Act::Join { name, muted }),
        24 => (0..12usize, command()).prop_map(|(session, command)| Act::Ask { session, command }),
        3 => (0..12usize).prop_map(Act::Lost),
        3 => (0..12usize).prop_map(Act::Back),
        4 => any::<u8>().prop_map(Act::Change),
        1 => name().prop_map(Act::Revoke),
        3 => prop_oneof![Just(1), Just(31), Just(1801)].prop_map(Act::Pass),
        2 => (name(), any::<bool>()).prop_map(|(name, speaking)| Act::Speaking(name, speaking)),
        1 => prop::collection::vec(name(), 0..3).prop_map(Act::Dominant),
    ]
}

/// What a session knows, made only from what it was told.
#[derive(Debug, Clone, Default)]
struct View {
    inside: bool,
    over: bool,
    lost: bool,
    own: Option<SelfState>,
    meeting: Option<MeetingState>,
    participants: BTreeMap<ParticipantId, Participant>,
    lobby: BTreeMap<ParticipantId, WaitingParticipant>,
    breakout: BreakoutState,
}

struct Witness {
    meeting: Meeting,
    now: i64,
    requests: u32,
    order: Vec<(SessionId, ParticipantId)>,
    views: BTreeMap<SessionId, View>,
    answered: BTreeMap<u32, u32>,
    bars: BTreeMap<ParticipantId, Bar>,
    gates: BTreeMap<PublicationId, bool>,
}

impl Witness {
    fn new(settings: MeetingSettings) -> Self {
        Self {
            meeting: Meeting::new(settings, "call".to_owned()),
            now: 0,
            requests: 0,
            order: Vec::new(),
            views: BTreeMap::new(),
            answered: BTreeMap::new(),
            bars: BTreeMap::new(),
            gates: BTreeMap::new(),
        }
    }

    fn play(&mut self, act: &Act) {
        self.now += S;
        match act {
            Act::Join { name, muted } => {
                let session = SessionId(format!("{name}#{}", self.order.len()));
                self.order.push((session.clone(), id(name)));
                self.views.insert(session.clone(), View::default());
                let request = self.request();
                self.feed(Input::Join {
                    session,
                    request,
                    person: person(name),
                    path: JoinPath::Link,
                    muted: *muted,
                });
                self.assert_answered(request);
            }
            Act::Ask { session, command } => {
                let Some(session) = self.pick(*session) else { return };
                let request = self.request();
                self.feed(Input::Command {
                    session,
                    request,
                    command: command.clone(),
                });
                self.assert_answered(request);
            }
            Act::Lost(session) => {
                let Some(session) = self.pick(*session) else { return };
                self.views.get_mut(&session).unwrap().lost = true;
                self.feed(Input::ConnectionLost { session });
            }
            Act::Back(session) => {
                let Some(session) = self.pick(*session) else { return };
                if self.meeting.is_admitted(&session) || self.meeting.is_waiting(&session) {
                    self.views.get_mut(&session).unwrap().lost = false;
                    self.feed(Input::ConnectionBack { session });
                }
            }
            Act::Change(bits) => {
                let mut settings = self.meeting.settings().clone();
                let bit = |at: u8| bits & (1 << at) != 0;
                settings.options.lobby_scope = Some(if bit(0) { LobbyScope::Everyone } else { LobbyScope::Organizer });
                settings.options.allow_attendee_to_enable_mic = !bit(1);
                settings.options.allow_anonymous_join = !(bit(2) && bit(3));
                settings.policy.guest_raised_hand = bit(4);
                settings.policy.guest_breakout_rooms = bit(3);
                settings.policy.guest_together_view = bit(2);
                settings.options.allow_breakout_rooms = !(bit(5) && bit(6));
                settings.policy.allow_anonymous_users_to_start_meeting = bit(5);
                settings.policy.users_can_admit_from_lobby = if bit(6) {
                    meeting::AllowedLobbyAdmitters::OrganizerAndCoOrganizers
                } else {
                    meeting::AllowedLobbyAdmitters::OrganizerAndCoOrganizersAndPresenters
                };
                settings.options.allowed_presenters = bit(7).then_some(meeting::AllowedPresenters::Organizer);
                settings.subject = format!("subject {bits}");
                if let Some(room) = &mut settings.room {
                    // Jose comes and goes and changes roles; at times the room is not open.
                    let role = if bit(2) { Role::Presenter } else { Role::Consumer };
                    match bit(3) {
                        true => room.people.insert(id("jose").0, role),
                        false => room.people.remove(&id("jose").0),
                    };
                    room.opens = if *bits > 250 { 1_000_000 * S } else { 0 };
                }
                self.feed(Input::SettingsChanged(Box::new(settings)));
            }
            Act::Revoke(name) => {
                self.feed(Input::Revoked { participant: id(name) });
                assert!(
                    !self.order.iter().any(|(session, who)| *who == id(name) && self.is_live(session)),
                    "a revoked person has no session"
                );
            }
            Act::Delete => self.feed(Input::Deleted),
            Act::Pass(seconds) => {
                self.now += seconds * S;
                self.meeting.handle_timeout(self.now);
                self.drain();
                assert!(
                    self.meeting.poll_timeout().is_none_or(|(at, _)| at > self.now),
                    "what was due is done"
                );
            }
            Act::Speaking(name, speaking) => self.feed(Input::Speaking {
                participant: id(name),
                speaking: *speaking,
            }),
            Act::Dominant(names) => self.feed(Input::DominantSpeakers(names.iter().map(|name| id(name)).collect())),
        }
    }

    fn is_live(&self, session: &SessionId) -> bool {
        self.meeting.is_admitted(session) || self.meeting.is_waiting(session)
    }

    /// One of the last dozen sessions, over ones included.
    fn pick(&self, at: usize) -> Option<SessionId> {
        let recent = self.order.len().saturating_sub(12);
        self.order.get(recent..)?.get(at).map(|(session, _)| session.clone())
    }

    fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    fn assert_answered(&self, request: RequestId) {
        assert_eq!(self.answered.get(&request.0), Some(&1), "each request is answered exactly once");
    }

    fn feed(&mut self, input: Input) {
        self.meeting.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        let waiting = self.waiting();
        while let Some(output) = self.meeting.poll_output() {
            self.see(output, &waiting);
        }
        for (session, who) in &self.order {
            if self.is_live(session) {
                assert!(
                    !self.bars.contains_key(who) || *who == id("anna"),
                    "who was sent away is neither inside nor waiting"
                );
            }
        }
        let mut live = BTreeSet::new();
        for (session, who) in self.order.iter().filter(|(session, _)| self.is_live(session)) {
            assert!(live.insert(who), "one session a person");
            assert!(!(self.meeting.is_admitted(session) && self.meeting.is_waiting(session)));
        }
    }

    fn waiting(&self) -> BTreeSet<ParticipantId> {
        self.order
            .iter()
            .filter(|(session, _)| self.meeting.is_waiting(session))
            .map(|(_, who)| who.clone())
            .collect()
    }

    fn see(&mut self, output: Output, waiting: &BTreeSet<ParticipantId>) {
        match output {
            Output::Reply { request, session, result } => {
                *self.answered.entry(request.0).or_default() += 1;
                if let Ok(Reply::Joined { waiting: true }) = result {
                    assert!(!self.views[&session].inside);
                }
            }
            Output::MediaAllowed { session } => {
                assert!(self.meeting.is_admitted(&session), "media only for who is inside");
                self.views.get_mut(&session).unwrap().inside = true;
            }
            Output::MediaRevoked { session } => assert!(!self.meeting.is_admitted(&session)),
            Output::PublicationGate {
                session,
                publication,
                open,
            } => {
                assert!(self.views[&session].inside, "a gate is of somebody who may have media");
                self.gates.insert(publication, open);
            }
            Output::SessionClosed { session, .. } => assert!(!self.is_live(&session)),
            Output::Removed { participant, bar } => {
                self.bars.insert(participant, bar);
            }
            Output::Ended => self.bars.clear(),
            Output::MediaHeld { session, .. } => assert!(self.views[&session].inside, "only who has media holds them"),
            Output::Ring { .. } | Output::RingEnded { .. } | Output::TransferOffered { .. } | Output::TransferOver { .. } => {}
            Output::Listen { .. } | Output::Transcript(_) => {}
            Output::Attendance(_) | Output::Started | Output::BreakoutRooms(_) | Output::BreakoutBroadcast { .. } => {}
            Output::Event { session, event } => self.tell(&session, event, waiting),
        }
    }

    fn tell(&mut self, session: &SessionId, event: Event, waiting: &BTreeSet<ParticipantId>) {
        let view = self.views.get_mut(session).unwrap();
        assert!(!view.over, "nothing follows the end");
        assert!(!view.lost || matches!(event, Event::Ended { .. }), "a lost socket is not fed");
        assert!(
            view.inside || matches!(event, Event::Waiting { .. } | Event::Ended { .. }),
            "who waits is told only of waiting and of the end, not {event:?}"
        );
        match event {
            Event::Waiting { .. } => assert!(!view.inside),
            Event::Snapshot { snapshot } => {
                view.participants = snapshot.participants.into_iter().map(|one| (one.id.clone(), one)).collect();
                view.lobby = snapshot.lobby.into_iter().map(|one| (one.id.clone(), one)).collect();
                assert!(view.lobby.is_empty() || admits(&snapshot.own));
                view.own = Some(snapshot.own);
                view.meeting = Some(snapshot.meeting);
                view.breakout = snapshot.breakout;
                assert!(view.participants.keys().all(|one| !view.lobby.contains_key(one)));
            }
            Event::Participants { upserted, left } => {
                for one in left {
                    assert!(view.participants.remove(&one.id).is_some(), "only who was there leaves");
                }
                for one in upserted.iter() {
                    view.participants.insert(one.id.clone(), one.clone());
                }
            }
            Event::Lobby { added, removed } => {
                for one in removed {
                    view.lobby.remove(&one);
                }
                for one in added {
                    assert!(view.own.as_ref().is_some_and(admits), "the lobby is for those who may admit");
                    view.lobby.insert(one.id.clone(), one);
                }
            }
            Event::Own { own } => view.own = Some(own),
            Event::Breakout { breakout } => view.breakout = breakout,
            Event::Meeting { meeting } => view.meeting = Some(meeting),
            Event::Speaking {
                dominant,
                changes,
                dominant_since,
            } => {
                assert!(changes.iter().all(|change| !waiting.contains(&change.id)));
                if let Some(meeting) = &mut view.meeting {
                    meeting.dominant_speakers = dominant;
                    meeting.dominant_since = dominant_since;
                }
            }
            Event::Reaction { .. }
            | Event::Caption(_)
            | Event::Typed(_)
            | Event::Data(_)
            | Event::Broadcast { .. }
            | Event::Diagnostics { .. }
            | Event::TransferAsked { .. }
            | Event::Transfer { .. } => assert!(view.inside, "only who is inside is told what is said there"),
            Event::Ended { .. } => view.over = true,
        }
    }

    /// Each live view equals a fresh snapshot, and gates equal what is shown as active.
    fn views_add_up(&mut self) {
        let inside: Vec<SessionId> = self
            .order
            .iter()
            .map(|(session, _)| session.clone())
            .filter(|session| self.meeting.is_admitted(session))
            .collect();
        for session in inside {
            if self.views[&session].lost {
                continue;
            }
            let kept = self.views[&session].clone();
            let request = self.request();
            self.feed(Input::Command {
                session: session.clone(),
                request,
                command: Command::Snapshot,
            });
            let fresh = &self.views[&session];
            assert_eq!(kept.participants, fresh.participants);
            assert_eq!(kept.lobby, fresh.lobby);
            assert_eq!(kept.breakout, fresh.breakout);
            assert_eq!(kept.own, fresh.own);
            assert_eq!(kept.meeting, fresh.meeting);
            for one in fresh.participants.values() {
                let camera = one
                    .publications
                    .iter()
                    .any(|medium| medium.kind == MediaKind::Camera && medium.active);
                assert!(one.access.audio || one.muted, "who may not speak is muted");
                assert!(one.access.video || !camera, "who may not be seen is not");
            }
            for publication in fresh.participants.values().flat_map(|one| &one.publications) {
                assert_eq!(
                    self.gates.get(&publication.id),
                    Some(&publication.active),
                    "the engine forwards what is shown as active"
                );
            }
        }
    }
}

fn admits(own: &SelfState) -> bool {
    own.capabilities
        .iter()
        .any(|capability| capability.name == CapabilityName::ManageLobby && capability.state.is_present)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_in_every_script_and_every_kind_of_call(
        acts in prop::collection::vec(act(), 1..80),
        delete_at_the_end in any::<bool>(),
        settings in prop::sample::select(vec![settings(), settings(), super::rooms::for_laws(), super::rooms::group()]),
    ) {
        let mut witness = Witness::new(settings);
        for act in &acts {
            witness.play(act);
        }
        witness.views_add_up();
        if delete_at_the_end {
            witness.play(&Act::Delete);
            prop_assert!(witness.meeting.is_empty());
            prop_assert!(witness.views.values().all(|view| view.over || !view.inside));
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(acts in prop::collection::vec(act(), 1..40)) {
        let play = || {
            let mut witness = Witness::new(settings());
            acts.iter().for_each(|act| witness.play(act));
            format!("{:?} {:?}", witness.meeting, witness.views)
        };
        prop_assert_eq!(play(), play());
    }
}

#[test]
fn a_person_who_waits_is_told_nothing_that_names_anybody() {
    let mut stage = super::support::Stage::with(settings(), &["anna", "ben"]);
    stage.join("maria").unwrap();
    stage.join("jose").unwrap();
    stage.ask("ben", Command::RaiseHand).unwrap();
    stage.ask("maria", Command::Snapshot).unwrap();
    stage.ask("anna", Command::Reject(vec![id("maria")])).unwrap();
    let told: Vec<String> = stage.events("maria").into_iter().map(|event| format!("{event:?}")).collect();
    assert_eq!(
        told,
        [
            "Waiting { not_started: false }",
            "Waiting { not_started: false }",
            "Ended { reason: LobbyDenied }"
        ]
    );
}

#[test]
fn a_person_who_waits_can_do_nothing_but_leave() {
    let mut stage = super::support::Stage::with(settings(), &["anna", "maria"]);
    let refused = [
        (Command::RaiseHand, Refusal::NotAdmitted),
        (Command::Admit(vec![id("maria")]), Refusal::NotAdmitted),
        (Command::Remove(id("anna")), Refusal::NotAdmitted),
        (Command::MuteParticipants(Vec::new()), Refusal::NotAdmitted),
        (Command::SetLocked(true), Refusal::NotAdmitted),
        (Command::Leave { for_everyone: true }, Refusal::NotAdmitted),
        (
            Command::DeclarePublications(vec![MediaKind::Camera]),
            Refusal::MediaNotAllowedWhileWaiting,
        ),
    ];
    for (command, refusal) in refused {
        assert_eq!(stage.ask("maria", command), Err(refusal));
    }
    assert_eq!(stage.ask("maria", Command::Leave { for_everyone: false }), Ok(Reply::Done));
    assert_eq!(stage.ended("maria"), Some(Refusal::LeftNormally));
}
