//! A small stage: named people, their sessions, and a transcript of everything the machine said.

use std::collections::BTreeMap;
use std::fmt::Write;

use meeting::{
    AttendanceFact, CallKind, CapabilityName, CapabilityReason, Command, Event, Identity, Input, JoinPath, Meeting, MeetingOptions,
    MeetingPolicy, MeetingSettings, Micros, Output, ParticipantId, Person, Refusal, Reply, RequestId, Role, RoomRules, SelfState,
    SessionId, Snapshot, TenantSettings,
};

/// A second of the stage's clock.
pub(crate) const S: Micros = 1_000_000;

/// A person by name: `anna` organizes, `carl` co-organizes, `ben` is a member, `gita` a guest account of the tenant, `tom`
/// of a trusted tenant, `maria` and `jose` guests, `vera` a visitor, `pia` calls, `bot` is a program.
pub(crate) fn person(name: &str) -> Person {
    let member = |guest_of_tenant| Identity::Member {
        oid: name.to_owned(),
        guest_of_tenant,
    };
    let (prefix, identity) = match name {
        "anna" | "carl" | "ben" | "dora" => ("8:orgid:", member(false)),
        "gita" => ("8:orgid:", member(true)),
        "tom" => (
            "8:orgid:",
            Identity::TrustedTenantMember {
                oid: name.to_owned(),
                tenant_id: "other".to_owned(),
            },
        ),
        "vera" => ("8:teamsvisitor:", Identity::Visitor),
        "pia" => ("4:", Identity::Phone),
        "bot" => ("28:", Identity::Application),
        _ => (
            "8:acs:",
            Identity::Guest {
                resource: "our-resource".to_owned(),
            },
        ),
    };
    Person {
        id: ParticipantId(format!("{prefix}{name}")),
        identity,
        display_name: name.to_owned(),
    }
}

/// Raw id of a person by name.
pub(crate) fn id(name: &str) -> ParticipantId {
    person(name).id
}

/// Anna's meeting with the defaults of tenant, policy and options.
pub(crate) fn settings() -> MeetingSettings {
    MeetingSettings {
        tenant: TenantSettings::default(),
        policy: MeetingPolicy::default(),
        options: MeetingOptions::default(),
        organizer: "anna".to_owned(),
        co_organizers: vec!["carl".to_owned()],
        subject: "First visit".to_owned(),
        thread_id: "19:meeting_x@thread.v2".to_owned(),
        ..MeetingSettings::default()
    }
}

/// A call that nobody organizes: a group, or a room in which maria presents and jose attends.
pub(crate) fn call(kind: CallKind) -> MeetingSettings {
    let people = [(id("maria").0, Role::Presenter), (id("jose").0, Role::Attendee)];
    MeetingSettings {
        kind,
        resource: "our-resource".to_owned(),
        room: (kind == CallKind::Room).then(|| RoomRules {
            people: people.into_iter().collect(),
            opens: 0,
            closes: Micros::MAX,
        }),
        ..MeetingSettings::default()
    }
}

/// The stage.
pub(crate) struct Stage {
    pub(crate) meeting: Meeting,
    pub(crate) now: Micros,
    /// Everything the machine said since the last look.
    pub(crate) said: Vec<Output>,
    requests: u32,
    /// Latest session of each name.
    sessions: BTreeMap<String, u32>,
}

impl Stage {
    pub(crate) fn new(settings: MeetingSettings) -> Self {
        let meeting = Meeting::new(settings, "call".to_owned());
        Self {
            meeting,
            now: 0,
            said: Vec::new(),
            requests: 0,
            sessions: BTreeMap::new(),
        }
    }

    /// With these already inside (or waiting, as the door says).
    pub(crate) fn with(settings: MeetingSettings, names: &[&str]) -> Self {
        let mut stage = Self::new(settings);
        for name in names {
            stage.join(name).unwrap();
        }
        stage.said.clear();
        stage
    }

    pub(crate) fn feed(&mut self, input: Input) {
        self.meeting.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.meeting.poll_output() {
            self.said.push(output);
        }
    }

    /// Session of a name: `maria#1`, after a second join `maria#2`.
    pub(crate) fn session(&self, name: &str) -> SessionId {
        SessionId(format!("{name}#{}", self.sessions.get(name).copied().unwrap_or(0)))
    }

    pub(crate) fn join(&mut self, name: &str) -> Result<Reply, Refusal> {
        self.join_by(person(name), JoinPath::Link, false)
    }

    pub(crate) fn join_by(&mut self, person: Person, path: JoinPath, muted: bool) -> Result<Reply, Refusal> {
        let name = person.id.0.rsplit(':').next().unwrap().to_owned();
        let (session, request) = self.new_session(&name);
        self.feed(Input::Join {
            session,
            request,
            person,
            path,
            muted,
        });
        self.answer(request)
    }

    /// A new session of a name, and a request.
    pub(crate) fn new_session(&mut self, name: &str) -> (SessionId, RequestId) {
        *self.sessions.entry(name.to_owned()).or_default() += 1;
        (self.session(name), self.request())
    }

    pub(crate) fn ask(&mut self, name: &str, command: Command) -> Result<Reply, Refusal> {
        let (session, request) = (self.session(name), self.request());
        self.feed(Input::Command { session, request, command });
        self.answer(request)
    }

    pub(crate) fn lose(&mut self, name: &str) {
        let session = self.session(name);
        self.feed(Input::ConnectionLost { session });
    }

    pub(crate) fn back(&mut self, name: &str) {
        let session = self.session(name);
        self.feed(Input::ConnectionBack { session });
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(&mut MeetingSettings)) {
        let mut settings = self.meeting.settings().clone();
        change(&mut settings);
        self.feed(Input::SettingsChanged(Box::new(settings)));
    }

    /// Lets time pass and the machine act on it.
    pub(crate) fn wait(&mut self, seconds: Micros) {
        self.now += seconds * S;
        self.meeting.handle_timeout(self.now);
        self.drain();
    }

    fn request(&mut self) -> RequestId {
        self.requests += 1;
        RequestId(self.requests)
    }

    pub(crate) fn answer(&self, asked: RequestId) -> Result<Reply, Refusal> {
        let mut answers = self.said.iter().filter_map(|output| match output {
            Output::Reply { request, result, .. } if *request == asked => Some(result.clone()),
            _ => None,
        });
        let answer = answers.next().expect("each request is answered");
        assert!(answers.next().is_none(), "each request is answered once");
        answer
    }

    /// Events of the latest session of a name since the last look.
    pub(crate) fn events(&self, name: &str) -> Vec<&Event> {
        let whose = self.session(name);
        self.said
            .iter()
            .filter_map(|output| match output {
                Output::Event { session, event } if *session == whose => Some(event),
                _ => None,
            })
            .collect()
    }

    /// What the name would see now.
    pub(crate) fn snapshot(&mut self, name: &str) -> Snapshot {
        self.ask(name, Command::Snapshot).unwrap();
        let mut snapshots = self.events(name).into_iter().filter_map(|event| match event {
            Event::Snapshot { snapshot } => Some(snapshot.as_ref().clone()),
            _ => None,
        });
        snapshots.next_back().expect("a snapshot")
    }

    /// The name's own state now.
    pub(crate) fn own(&mut self, name: &str) -> SelfState {
        self.snapshot(name).own
    }

    /// Why the name has or lacks a capability now; the record is checked on the way.
    pub(crate) fn capability(&mut self, name: &str, wanted: CapabilityName) -> CapabilityReason {
        let own = self.own(name);
        assert_eq!(own.capabilities.len(), 25);
        let entry = own.capabilities.into_iter().find(|capability| capability.name == wanted).unwrap();
        assert_eq!(entry.state.is_present, entry.state.reason == CapabilityReason::Capable);
        entry.state.reason
    }

    /// How the latest session of the name ended, if it did since the last look.
    pub(crate) fn ended(&self, name: &str) -> Option<Refusal> {
        self.events(name).into_iter().find_map(|event| match event {
            Event::Ended { reason } => Some(*reason),
            _ => None,
        })
    }

    pub(crate) fn is_inside(&self, name: &str) -> bool {
        self.meeting.is_admitted(&self.session(name))
    }

    pub(crate) fn is_waiting(&self, name: &str) -> bool {
        self.meeting.is_waiting(&self.session(name))
    }

    /// Takes everything said since the last look, one line each.
    pub(crate) fn transcript(&mut self) -> String {
        let mut text = String::new();
        for output in std::mem::take(&mut self.said) {
            writeln!(text, "{}", line(&output)).unwrap();
        }
        text
    }
}

fn line(output: &Output) -> String {
    match output {
        Output::Reply {
            session,
            result: Ok(reply),
            ..
        } => format!("{session} <- {}", reply_words(reply)),
        Output::Reply {
            session,
            result: Err(refusal),
            ..
        } => format!("{session} <- refused {}", refusal.row().name),
        Output::Event { session, event } => format!("{session} : {}", event_words(event)),
        Output::MediaAllowed { session } => format!("media on {session}"),
        Output::MediaRevoked { session } => format!("media off {session}"),
        Output::PublicationGate {
            session,
            publication,
            open,
        } => {
            format!("gate {session} {} {}", publication.0, if *open { "open" } else { "closed" })
        }
        Output::SessionClosed { session, resumable } => format!("closed {session}{}", if *resumable { " (may join again)" } else { "" }),
        Output::Removed { participant, bar } => format!("persist {bar:?} {}", short(participant)),
        Output::Attendance(fact) => match fact {
            AttendanceFact::Waited { participant, .. } => format!("fact {} waited", short(participant)),
            AttendanceFact::Joined {
                participant,
                role,
                admitted_by,
                ..
            } => {
                let by = admitted_by
                    .as_ref()
                    .map(|by| format!(", admitted by {}", short(by)))
                    .unwrap_or_default();
                format!("fact {} joined as {}{by}", short(participant), role.words())
            }
            AttendanceFact::Left {
                participant, reason, by, ..
            } => {
                let by = by.as_ref().map(|by| format!(" by {}", short(by))).unwrap_or_default();
                format!("fact {} left: {}{by}", short(participant), reason.row().name)
            }
        },
        Output::BreakoutRooms(rooms) => format!("rooms {}", rooms.len()),
        Output::Listen { language, .. } => format!("listen {language:?}"),
        Output::Transcript(_) => "transcript".to_owned(),
        Output::BreakoutBroadcast { text, .. } => format!("to rooms {text:?}"),
        Output::Ring { participant, caller, .. } => format!("ring {} for {}", short(participant), short(caller)),
        Output::RingEnded {
            participant,
            reason,
            taken_by,
            ..
        } => match taken_by {
            Some(session) => format!("ring of {} answered by {session}", short(participant)),
            None => format!("ring of {} ended: {}", short(participant), reason.row().name),
        },
        Output::MediaHeld { session, held } => format!("media {} {session}", if *held { "held for" } else { "resumed for" }),
        Output::TransferOffered {
            transferee, transferor, ..
        } => format!("{} hands {} over", short(transferor), short(transferee)),
        Output::TransferOver { transfer } => format!("transfer {transfer} over"),
        Output::Started => "begun".to_owned(),
        Output::Ended => "over".to_owned(),
    }
}

fn reply_words(reply: &Reply) -> String {
    match reply {
        Reply::Done => "done".to_owned(),
        Reply::Joined { waiting } => if *waiting { "joined, waiting" } else { "joined" }.to_owned(),
        Reply::Declared { publications } => {
            let list: Vec<String> = publications.iter().map(|(kind, number)| format!("{kind:?}={}", number.0)).collect();
            format!("declared {}", list.join(" "))
        }
        Reply::Transfer { transfer } => format!("transfer {transfer}"),
        Reply::Admitted { admitted, failed } => format!("admitted {admitted}, failed {failed}"),
    }
}

fn event_words(event: &Event) -> String {
    match event {
        Event::Waiting { not_started } => if *not_started { "waiting (not started)" } else { "waiting" }.to_owned(),
        Event::Snapshot { snapshot } => {
            let inside: Vec<String> = snapshot.participants.iter().map(|participant| short(&participant.id)).collect();
            let waiting: Vec<String> = snapshot.lobby.iter().map(|waiting| short(&waiting.id)).collect();
            format!(
                "snapshot as {} of [{}] lobby [{}]",
                snapshot.own.role.words(),
                inside.join(" "),
                waiting.join(" ")
            )
        }
        Event::Participants { upserted, left } => {
            let upserted: Vec<String> = upserted
                .iter()
                .map(|participant| {
                    let mut words = short(&participant.id);
                    if participant.muted {
                        words.push_str(" muted");
                    }
                    if let Some(place) = participant.hand {
                        write!(words, " hand {place}").unwrap();
                    }
                    if participant.reconnecting {
                        words.push_str(" reconnecting");
                    }
                    words
                })
                .collect();
            let left: Vec<String> = left
                .iter()
                .map(|left| format!("{}{}", short(&left.id), if left.removed { " removed" } else { "" }))
                .collect();
            format!("roster [{}] left [{}]", upserted.join(", "), left.join(", "))
        }
        Event::Lobby { added, removed } => {
            let added: Vec<String> = added.iter().map(|waiting| short(&waiting.id)).collect();
            let removed: Vec<String> = removed.iter().map(short).collect();
            format!("lobby +[{}] -[{}]", added.join(" "), removed.join(" "))
        }
        Event::Own { own } => format!("own {}{}", own.role.words(), if own.muted { " muted" } else { "" }),
        Event::Reaction { participant, reaction } => format!("reaction {} {reaction:?}", short(participant)),
        Event::Caption(caption) => format!("caption {} {:?}", short(&caption.participant), caption.text),
        Event::Typed(line) => format!("typed {} {:?}", short(&line.participant), line.text),
        Event::Data(message) => format!("data {} {}", short(&message.participant), message.channel),
        Event::Breakout { breakout } => format!(
            "breakout assigned {:?} of {}",
            breakout.assigned.as_ref().map(|room| &room.name),
            breakout.rooms.len()
        ),
        Event::Broadcast { text, .. } => format!("broadcast {text:?}"),
        Event::Diagnostics {
            participant, diagnostics, ..
        } => format!("diagnostics {} {}", short(participant), diagnostics.len()),
        Event::TransferAsked { transfer } => format!("asked to transfer {transfer}"),
        Event::Transfer { transfer, state, .. } => format!("transfer {transfer} {state:?}"),
        Event::Meeting { meeting } => format!("meeting{}", if meeting.locked { " locked" } else { "" }),
        Event::Speaking { changes, dominant, .. } => {
            let changes: Vec<String> = changes
                .iter()
                .map(|change| format!("{}{}", if change.speaking { "+" } else { "-" }, short(&change.id)))
                .collect();
            let dominant: Vec<String> = dominant.iter().map(short).collect();
            format!("speaking [{}] dominant [{}]", changes.join(" "), dominant.join(" "))
        }
        Event::Ended { reason } => format!("ended {}", reason.row().name),
    }
}

fn short(id: &ParticipantId) -> String {
    id.0.rsplit(':').next().unwrap().to_owned()
}
