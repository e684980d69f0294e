//! From the main meeting to its rooms: what governs the call of each open room, told to the host whenever it changes.

use std::collections::BTreeMap;

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

    /// Tells the host of rooms and people that are new, before anybody is told: who hears of a room finds it. Nobody loses a place here.
    pub(crate) fn publish_openings(&mut self) {
        let mut rules = self.rules_of_rooms();
        for room in &mut rules {
            let before = self.breakout.published.iter().find(|known| known.room_id == room.room_id);
            for (id, person) in before.into_iter().flat_map(|known| &known.people) {
                room.people.entry(id.clone()).or_insert_with(|| person.clone());
            }
        }
        if !rules.is_empty() && (rules != self.breakout.published || self.changes.governed) {
            self.publish(rules);
        }
    }

    /// Tells the host who has a place in the rooms no more, after they were told in the main meeting: there they learn what comes next.
    pub(crate) fn publish_closings(&mut self) {
        let rules = self.rules_of_rooms();
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
                display_name: entry.person.display_name.clone(),
            };
            if self.must_manage_breakout(entry).is_ok() {
                anywhere.insert(entry.person.id.clone(), person);
            } else {
                assigned.push((&entry.person.id, person));
            }
        }
        let plan = &self.breakout;
        plan.rooms
            .iter()
            .map(|room| {
                let mut people = anywhere.clone();
                let own = assigned.iter().filter(|(id, _)| plan.is_assigned(id, &room.id));
                people.extend(own.map(|(id, person)| ((*id).clone(), person.clone())));
                BreakoutRules {
                    main_thread_id: self.settings.thread_id.clone(),
                    room_id: room.id.clone(),
                    people,
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
