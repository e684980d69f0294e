//! Reports of attendance out of the facts that were written down. Pure.
//!
//! Rules:
//! * A held meeting begins when somebody comes in while nobody is inside, and is over when the last one inside is gone (as in `meeting`). One
//!   `held_id` may see several of them, for as long as somebody waits in the lobby in between.
//! * Only time inside counts; waiting does not, and who only waited did not attend.
//! * A server that died leaves people who never left. Such a held meeting is over as soon as a later one of the same thread is known, or
//!   [`FORGOTTEN`] after the last thing that happened in it; its open intervals end with that last thing.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};

use crate::Micros;
use crate::model::{AttendanceEvent, AttendanceFact};

const SECOND: Micros = 1_000_000;
/// A held meeting of which nothing was heard for a day ended with its server.
const FORGOTTEN: Micros = 24 * 3600 * SECOND;

/// One finished held meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceReport {
    /// Stable opaque id (a GUID).
    pub id: String,
    /// When the first one came in.
    pub start: Micros,
    /// When the last one was gone.
    pub end: Micros,
    /// Who attended, in the order of their coming.
    pub records: Vec<AttendanceRecord>,
}

/// Somebody who attended, with all the times that they were inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceRecord {
    /// Stable opaque id (a GUID).
    pub id: String,
    /// Raw id.
    pub raw_id: String,
    /// Name as last shown.
    pub display_name: String,
    /// Mail address, for a member.
    pub email: Option<String>,
    /// The highest role that they had on coming in.
    pub role: AttendanceRole,
    /// Times inside, oldest first; they do not overlap.
    pub intervals: Vec<AttendanceInterval>,
}

impl AttendanceRecord {
    /// Seconds inside, all intervals together.
    #[must_use]
    pub fn total_seconds(&self) -> i64 {
        self.intervals.iter().map(AttendanceInterval::seconds).sum()
    }
}

/// One stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttendanceInterval {
    /// When they came in.
    pub joined: Micros,
    /// When they were gone.
    pub left: Micros,
}

impl AttendanceInterval {
    /// Whole seconds.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.left.saturating_sub(self.joined).max(0) / SECOND
    }
}

/// Role in a report, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttendanceRole {
    /// Not known.
    None,
    /// Took part.
    Attendee,
    /// Presented; co-organizers too.
    Presenter,
    /// Organized it.
    Organizer,
}

impl AttendanceRole {
    fn of(written: &str) -> Self {
        match written.to_ascii_lowercase().as_str() {
            "organizer" => Self::Organizer,
            "coorganizer" | "presenter" => Self::Presenter,
            "attendee" => Self::Attendee,
            _ => Self::None,
        }
    }
}

/// The finished held meetings of one thread, latest first. `facts` are all facts of the thread, oldest first.
#[must_use]
pub fn reports(facts: &[AttendanceFact], now: Micros) -> Vec<AttendanceReport> {
    let mut held: BTreeMap<&str, Vec<&AttendanceFact>> = BTreeMap::new();
    for fact in facts {
        held.entry(&fact.held_id).or_default().push(fact);
    }
    let latest = facts.iter().map(|fact| fact.at).max().unwrap_or_default();
    let mut reports = Vec::new();
    for (held_id, facts) in held {
        let last = facts.last().map_or(0, |fact| fact.at);
        let over = last < latest || now.saturating_sub(last) > FORGOTTEN;
        reports.extend(of_one(held_id, &facts, over.then_some(last)));
    }
    reports.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| a.id.cmp(&b.id)));
    reports
}

/// The held meetings under one `held_id`; who is still inside at the end left at `ended`, and without that the last one is not over.
fn of_one(held_id: &str, facts: &[&AttendanceFact], ended: Option<Micros>) -> Vec<AttendanceReport> {
    let mut finished = Vec::new();
    let mut sheet = Sheet::default();
    for fact in facts {
        match fact.event {
            AttendanceEvent::Waited => {}
            AttendanceEvent::Joined => sheet.joined(fact),
            AttendanceEvent::Left => {
                if sheet.left(&fact.raw_id, fact.at) && sheet.inside.is_empty() {
                    finished.extend(std::mem::take(&mut sheet).report(held_id, fact.at));
                }
            }
        }
    }
    if let Some(ended) = ended {
        for raw_id in sheet.inside.clone() {
            sheet.left(&raw_id, ended);
        }
        finished.extend(sheet.report(held_id, ended));
    }
    finished
}

/// A held meeting as its facts come in.
#[derive(Default)]
struct Sheet {
    records: Vec<AttendanceRecord>,
    inside: BTreeSet<String>,
}

impl Sheet {
    fn joined(&mut self, fact: &AttendanceFact) {
        if !self.inside.insert(fact.raw_id.clone()) {
            return;
        }
        let role = AttendanceRole::of(&fact.role);
        let interval = AttendanceInterval {
            joined: fact.at,
            left: fact.at,
        };
        match self.records.iter_mut().find(|record| record.raw_id == fact.raw_id) {
            Some(record) => {
                record.role = record.role.max(role);
                record.display_name.clone_from(&fact.display_name);
                record.intervals.push(interval);
            }
            None => self.records.push(AttendanceRecord {
                id: String::new(),
                raw_id: fact.raw_id.clone(),
                display_name: fact.display_name.clone(),
                email: None,
                role,
                intervals: vec![interval],
            }),
        }
    }

    /// Whether they had been inside.
    fn left(&mut self, raw_id: &str, at: Micros) -> bool {
        let was_inside = self.inside.remove(raw_id);
        let record = self.records.iter_mut().find(|record| record.raw_id == raw_id);
        if let Some(interval) = record.filter(|_| was_inside).and_then(|record| record.intervals.last_mut()) {
            interval.left = at;
        }
        was_inside
    }

    fn report(self, held_id: &str, end: Micros) -> Option<AttendanceReport> {
        let start = self
            .records
            .iter()
            .flat_map(|record| &record.intervals)
            .map(|stay| stay.joined)
            .min()?;
        let id = stable_guid(&format!("report {held_id} {start}"));
        let mut records = self.records;
        for record in &mut records {
            record.id = stable_guid(&format!("record {id} {}", record.raw_id));
        }
        Some(AttendanceReport { id, start, end, records })
    }
}

/// A GUID that is the same whenever it is asked for.
fn stable_guid(name: &str) -> String {
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest(&SHA256, name.as_bytes()).as_ref()) {
        *place = *byte;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(held: &str, raw_id: &str, event: AttendanceEvent, second: i64) -> AttendanceFact {
        AttendanceFact {
            thread_id: "thread".to_owned(),
            held_id: held.to_owned(),
            raw_id: raw_id.to_owned(),
            display_name: if event == AttendanceEvent::Left { "" } else { raw_id }.to_owned(),
            role: match (event, raw_id) {
                (AttendanceEvent::Left, _) => "",
                (_, "anna") => "Organizer",
                _ => "Attendee",
            }
            .to_owned(),
            event,
            at: second * SECOND,
        }
    }

    use AttendanceEvent::{Joined, Left, Waited};

    #[test]
    fn a_person_who_comes_twice_is_one_record_with_two_intervals() {
        let facts = [
            fact("h", "anna", Joined, 10),
            fact("h", "guest", Waited, 11),
            fact("h", "guest", Joined, 20),
            fact("h", "guest", Left, 30),
            fact("h", "guest", Joined, 50),
            fact("h", "guest", Left, 55),
            fact("h", "anna", Left, 70),
        ];
        let [report] = <[_; 1]>::try_from(reports(&facts, 80 * SECOND)).unwrap();
        assert_eq!((report.start, report.end), (10 * SECOND, 70 * SECOND));
        let seen: Vec<_> = report
            .records
            .iter()
            .map(|record| (record.raw_id.as_str(), record.role, record.intervals.len(), record.total_seconds()))
            .collect();
        assert_eq!(
            seen,
            [
                ("anna", AttendanceRole::Organizer, 1, 60),
                ("guest", AttendanceRole::Attendee, 2, 15)
            ]
        );
        assert_eq!(report.records[1].display_name, "guest");
    }

    #[test]
    fn who_only_waited_did_not_attend() {
        let facts = [
            fact("h", "guest", Waited, 5),
            fact("h", "anna", Joined, 10),
            fact("h", "guest", Left, 12),
            fact("h", "anna", Left, 20),
        ];
        let [report] = <[_; 1]>::try_from(reports(&facts, 30 * SECOND)).unwrap();
        assert_eq!(report.records.len(), 1);
        assert_eq!(report.end, 20 * SECOND);
        assert!(reports(&facts[..1], 30 * SECOND).is_empty());
    }

    #[test]
    fn a_running_meeting_has_no_report_and_a_finished_one_keeps_its_ids() {
        let facts = [
            fact("h", "anna", Joined, 10),
            fact("h", "anna", Left, 20),
            fact("h", "anna", Joined, 30),
            fact("h", "anna", Left, 40),
        ];
        assert!(reports(&facts[..1], 15 * SECOND).is_empty());
        let first = reports(&facts[..2], 25 * SECOND);
        assert_eq!((first.len(), reports(&facts[..3], 35 * SECOND)), (1, first.clone()));
        let both = reports(&facts, 50 * SECOND);
        assert_eq!((both.len(), &both[1]), (2, &first[0]));
        assert_ne!(both[0].id, both[1].id);
    }

    #[test]
    fn a_meeting_whose_server_died_is_over_with_the_next_one_or_after_a_day() {
        let facts = [
            fact("h", "anna", Joined, 10),
            fact("h", "guest", Joined, 20),
            fact("next", "anna", Joined, 100),
        ];
        assert!(reports(&facts[..2], 30 * SECOND).is_empty());
        for found in [reports(&facts, 110 * SECOND), reports(&facts[..2], FORGOTTEN + 21 * SECOND)] {
            let [report] = <[_; 1]>::try_from(found).unwrap();
            assert_eq!((report.end, report.records[0].total_seconds()), (20 * SECOND, 10));
        }
    }
}
