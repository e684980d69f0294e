//! From the main meeting to its rooms: what governs the call of each open room, told to the host whenever it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::changes::Said;
use crate::{BreakoutPerson, BreakoutRules, CallKind, Event, Meeting, MeetingSettings, Micros, Output, ParticipantId};

impl Meeting {
    /// When the open rooms close by themselves.
    pub(crate) fn breakout_deadline(&self) -> Option<Micros> {
        self.breakout.ends
    }

    /// Closes the rooms when their time is over.
    pub(crate) fn close_breakout_when_due(&mut self, now: Micros) {
        if self.breakout.ends.is_some_and(|ends| ends <= now) {
            self.breakout.close();
            self.changes.breakout = true;
        }
    }

    /// Closes the rooms when the option no longer allows them.
    pub(crate) fn close_breakout_when_forbidden(&mut self) {
        if self.breakout.open && !self.settings.options.allow_breakout_rooms {
            self.breakout.close();
        }
    }

    /// What governs the open rooms now, when this input changed anything that it follows from: it costs rooms and people, and most inputs
    /// change neither plan nor settings nor who is inside as what.
    pub(crate) fn changed_rooms(&mut self) -> Option<Vec<BreakoutRules>> {
        let changes = &self.changes;
        if !(changes.rights || changes.governed || changes.people || changes.breakout) {
            return None;
        }
        #[cfg(test)]
        {
            self.breakout.worked_out += 1;
        }
        Some(self.rules_of_rooms())
    }

    /// Tells the host of rooms and people that are new, before anybody is told: who hears of a room finds it. Nobody loses a place here.
    pub(crate) fn publish_openings(&mut self, rules: &[BreakoutRules]) {
        let mut rules = rules.to_vec();
        for room in &mut rules {
            let before = self.breakout.published.iter().find(|known| known.room_id == room.room_id);
            // Who managed the rooms and does so no more keeps the place by name.
            let named = before
                .into_iter()
                .flat_map(|known| known.people.iter().chain(known.managers.iter()));
            for (id, person) in named {
                if room.person(id).is_none() {
                    room.people.insert(id.clone(), person.clone());
                }
            }
        }
        if !rules.is_empty() && (rules != self.breakout.published || self.changes.governed) {
            self.publish(rules);
        }
    }

    /// Tells the host who has a place in the rooms no more, after they were told in the main meeting: there they learn what comes next.
    pub(crate) fn publish_closings(&mut self, rules: Vec<BreakoutRules>) {
        if rules != self.breakout.published {
            self.publish(rules);
        }
    }

    fn publish(&mut self, rules: Vec<BreakoutRules>) {
        let names: Vec<String> = self.breakout.rooms.iter().map(|room| room.name.clone()).collect();
        let rooms = rules
            .iter()
            .zip(names)
            .map(|(rules, name)| self.settings_of_room(rules.clone(), name))
            .collect();
        self.breakout.published = rules;
        self.outputs.push_back(Output::BreakoutRooms(rooms));
    }

    /// In a room's machine: a role that was given in the room ends when the main meeting says something else of the person.
    pub(crate) fn follow_main_meeting(&mut self, next: &MeetingSettings) {
        let (Some(before), Some(now)) = (&self.settings.breakout, &next.breakout) else {
            return;
        };
        let known = |rules: &BreakoutRules, id: &ParticipantId| rules.person(id).map(|known| (known.role, known.demoted));
        self.given_roles.retain(|id, _| known(before, id) == known(now, id));
    }

    /// Answers `Input::Broadcast` in a room's machine.
    pub(crate) fn hear_broadcast(&mut self, participant: ParticipantId, display_name: String, text: String) {
        self.changes.said.push(Said {
            to: None,
            event: Event::Broadcast {
                participant,
                display_name,
                text,
            },
        });
    }

    fn rules_of_rooms(&self) -> Vec<BreakoutRules> {
        if !self.breakout.open {
            return Vec::new();
        }
        let mut anywhere: BTreeMap<ParticipantId, BreakoutPerson> = BTreeMap::new();
        let mut assigned: Vec<(&ParticipantId, BreakoutPerson)> = Vec::new();
        for entry in self.roster.iter().filter(|entry| self.may_join_rooms(entry)) {
            let person = BreakoutPerson {
                role: entry.role,
                demoted: entry.demoted,
                display_name: entry.person.display_name.clone(),
            };
            if self.must_manage_breakout(entry).is_ok() {
                anywhere.insert(entry.person.id.clone(), person);
            } else {
                assigned.push((&entry.person.id, person));
            }
        }
        let managers = Arc::new(anywhere);
        let plan = &self.breakout;
        plan.rooms
            .iter()
            .map(|room| {
                let own = assigned.iter().filter(|(id, _)| plan.is_assigned(id, &room.id));
                let people = own.map(|(id, person)| ((*id).clone(), person.clone())).collect();
                BreakoutRules {
                    main_thread_id: self.settings.thread_id.clone(),
                    room_id: room.id.clone(),
                    people,
                    managers: Arc::clone(&managers),
                    ends: plan.ends,
                    return_disabled: plan.return_disabled,
                    over: false,
                }
            })
            .collect()
    }

    /// The main meeting's settings as they hold in a room: another subject, another key, no schedule, and only those named come in.
    fn settings_of_room(&self, rules: BreakoutRules, name: String) -> MeetingSettings {
        MeetingSettings {
            kind: CallKind::Meeting,
            group_id: None,
            subject: name,
            thread_id: format!("19:breakout_{}_{}@thread.v2", self.server_call_id, rules.room_id),
            start: None,
            end: None,
            expires: None,
            invited: Vec::new(),
            presenters: Vec::new(),
            breakout: Some(Box::new(rules)),
            ..self.settings.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BreakoutCommand, Command, Identity, Input, JoinPath, NewBreakoutRoom, Person, RequestId, SessionId};

    fn ask(meeting: &mut Meeting, now: Micros, command: Command) -> Vec<Output> {
        let (session, request) = (SessionId("anna#1".to_owned()), RequestId(1));
        meeting.handle(now, Input::Command { session, request, command });
        std::iter::from_fn(|| meeting.poll_output()).collect()
    }

    fn says_rooms(outputs: &[Output]) -> bool {
        outputs.iter().any(|output| matches!(output, Output::BreakoutRooms(_)))
    }

    /// Anna organizes and is inside; fifty rooms are open.
    fn opened() -> Meeting {
        let settings = MeetingSettings {
            organizer: "anna".to_owned(),
            ..MeetingSettings::default()
        };
        let mut meeting = Meeting::new(settings, "call".to_owned());
        let person = Person {
            id: ParticipantId("8:orgid:anna".to_owned()),
            identity: Identity::Member {
                oid: "anna".to_owned(),
                guest_of_tenant: false,
            },
            display_name: "anna".to_owned(),
        };
        let (session, request) = (SessionId("anna#1".to_owned()), RequestId(0));
        let (path, muted) = (JoinPath::Link, false);
        meeting.handle(
            0,
            Input::Join {
                session,
                request,
                person,
                path,
                muted,
            },
        );
        let room = |number: usize| NewBreakoutRoom {
            name: format!("Room {number}"),
            invitees: Vec::new(),
        };
        let plan = BreakoutCommand::Plan {
            rooms: (0..crate::MAX_BREAKOUT_ROOMS).map(room).collect(),
            auto_move: true,
            return_disabled: false,
            seconds: None,
        };
        ask(&mut meeting, 0, Command::Breakout(plan));
        assert!(says_rooms(&ask(&mut meeting, 0, Command::Breakout(BreakoutCommand::Open))));
        meeting
    }

    #[test]
    fn what_governs_the_rooms_is_not_worked_out_again_for_what_does_not_concern_it() {
        let mut meeting = opened();
        let before = meeting.breakout.worked_out;
        for number in 0..1_000 {
            let text = format!("line {number}");
            assert!(!says_rooms(&ask(
                &mut meeting,
                number * 1_000_000,
                Command::SendTyped { text, is_final: false }
            )));
        }
        ask(&mut meeting, 0, Command::RaiseHand);
        ask(&mut meeting, 0, Command::SetLocked(true));
        assert_eq!(meeting.breakout.worked_out, before);
        // The twin: what does concern it.
        let close = Command::Breakout(BreakoutCommand::Close);
        assert!(says_rooms(&ask(&mut meeting, 0, close)));
        assert_eq!(meeting.breakout.worked_out, before + 1);
    }

    #[test]
    fn those_who_manage_the_rooms_are_one_map_for_all_of_them() {
        let meeting = opened();
        let managers = |room: &BreakoutRules| Arc::as_ptr(&room.managers);
        let published = &meeting.breakout.published;
        assert_eq!(published.len(), crate::MAX_BREAKOUT_ROOMS);
        assert!(published.iter().all(|room| room.managers.len() == 1 && room.people.is_empty()));
        assert!(published.windows(2).all(|two| managers(&two[0]) == managers(&two[1])));
    }
}
