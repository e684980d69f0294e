//! Reports of attendance out of the facts that were written down. Pure.
//!
//! Rules:
//! * A held meeting begins when somebody comes in while nobody is inside, and is over when the last one inside is gone (as in `meeting`). One
//!   `held_id` may see several of them, for as long as somebody waits in the lobby in between.
//! * Only time inside counts; waiting does not, and who only waited did not attend.
//! * A server that died leaves people who never left. Such a held meeting is over as soon as a later one of the same thread is known, or
//!   [`FORGOTTEN`] after the last thing that happened in it; its open intervals end with that last thing.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};

use crate::Micros;
use crate::model::{AttendanceEvent, AttendanceFact, HeldMeeting};

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

/// A report without its records: what a list shows, and what the records are read by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendanceSummary {
    /// Stable opaque id (a GUID).
    pub id: String,
    /// When the first one came in.
    pub start: Micros,
    /// When the last one was gone.
    pub end: Micros,
    /// How many people attended.
    pub participants: usize,
    pub(super) held: Held,
    /// Which facts of the held meeting it is made of.
    facts: Range<usize>,
}

impl AttendanceSummary {
    /// The report. `facts` are the facts of its held meeting, read anew; nothing when they are not those any more of which the summary was made.
    pub(super) fn report(&self, facts: &[AttendanceFact]) -> Option<AttendanceReport> {
        let visit = Visit {
            first: self.facts.start,
            facts: facts.get(self.facts.clone())?,
            start: self.start,
            end: self.end,
        };
        (visit.facts.first()?.at == self.start).then(|| self.held.report_of(&visit))
    }
}

/// A held meeting of a thread, and whether it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) thread_id: String,
    pub(super) meeting: HeldMeeting,
    /// When who is still inside left; nothing while it may go on.
    ended: Option<Micros>,
}

impl Held {
    /// All held meetings of a thread.
    pub(super) fn all(thread_id: &str, meetings: Vec<HeldMeeting>, now: Micros) -> Vec<Self> {
        let latest = meetings.iter().map(|meeting| meeting.last).max().unwrap_or_default();
        let held = |meeting: HeldMeeting| {
            let over = meeting.last < latest || now.saturating_sub(meeting.last) > FORGOTTEN;
            Self {
                thread_id: thread_id.to_owned(),
                ended: over.then_some(meeting.last),
                meeting,
            }
        };
        meetings.into_iter().map(held).collect()
    }

    /// Whether the report of that id can be one of this held meeting.
    pub(super) fn may_have(&self, report_id: &str) -> bool {
        let own = stable_guid(&self.meeting.held_id, "");
        let half = |id: &str| id.get(..HALF).map(str::to_ascii_lowercase);
        half(&own) == half(report_id)
    }

    /// Its reports without records. `facts` are its facts, oldest first.
    pub(super) fn summaries(&self, facts: &[AttendanceFact]) -> Vec<AttendanceSummary> {
        let summary = |visit: Visit<'_>| AttendanceSummary {
            id: self.report_id(&visit),
            start: visit.start,
            end: visit.end,
            participants: visit.joined().collect::<HashSet<_>>().len(),
            held: self.clone(),
            facts: visit.first..visit.first.saturating_add(visit.facts.len()),
        };
        visits(facts, self.ended).into_iter().map(summary).collect()
    }

    /// One of its reports. `facts` are its facts, oldest first.
    pub(super) fn report(&self, facts: &[AttendanceFact], id: &str) -> Option<AttendanceReport> {
        let of_id = |visit: &Visit<'_>| self.report_id(visit).eq_ignore_ascii_case(id);
        visits(facts, self.ended)
            .iter()
            .find(|visit| of_id(visit))
            .map(|visit| self.report_of(visit))
    }

    fn report_of(&self, visit: &Visit<'_>) -> AttendanceReport {
        let id = self.report_id(visit);
        let mut records = visit.records();
        for record in &mut records {
            record.id = stable_guid(&id, &record.raw_id);
        }
        AttendanceReport {
            id,
            start: visit.start,
            end: visit.end,
            records,
        }
    }

    fn report_id(&self, visit: &Visit<'_>) -> String {
        stable_guid(&self.meeting.held_id, &format!("report {}", visit.start))
    }
}

/// From the first one who came in until the last one was gone.
struct Visit<'a> {
    /// Where its facts begin among those of the held meeting.
    first: usize,
    facts: &'a [AttendanceFact],
    start: Micros,
    end: Micros,
}

/// The finished visits in the facts of a held meeting; who is still inside at the end left at `ended`, and without that the last one is not over.
fn visits(facts: &[AttendanceFact], ended: Option<Micros>) -> Vec<Visit<'_>> {
    let mut finished = Vec::new();
    let mut inside = HashSet::new();
    let mut first = 0;
    for (place, fact) in facts.iter().enumerate() {
        match fact.event {
            AttendanceEvent::Joined => {
                if inside.is_empty() {
                    first = place;
                }
                inside.insert(fact.raw_id.as_str());
            }
            AttendanceEvent::Left if inside.remove(fact.raw_id.as_str()) && inside.is_empty() => {
                finished.extend(Visit::of(facts, first..place.saturating_add(1), fact.at));
            }
            AttendanceEvent::Waited | AttendanceEvent::Left => {}
        }
    }
    if let Some(ended) = ended.filter(|_| !inside.is_empty()) {
        finished.extend(Visit::of(facts, first..facts.len(), ended));
    }
    finished
}

impl<'a> Visit<'a> {
    fn of(all: &'a [AttendanceFact], range: Range<usize>, end: Micros) -> Option<Self> {
        let first = range.start;
        let facts = all.get(range)?;
        let start = facts.first()?.at;
        Some(Self { first, facts, start, end })
    }

    /// Who came in, as often as they did.
    fn joined(&self) -> impl Iterator<Item = &'a str> {
        let joined = self.facts.iter().filter(|fact| fact.event == AttendanceEvent::Joined);
        joined.map(|fact| fact.raw_id.as_str())
    }

    /// Everybody with their stays, in the order of their coming; the ids are still empty.
    fn records(&self) -> Vec<AttendanceRecord> {
        let mut records: Vec<AttendanceRecord> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut inside = HashSet::new();
        for fact in self.facts {
            let raw_id = fact.raw_id.as_str();
            let known = places.get(raw_id).and_then(|place| records.get_mut(*place));
            match (fact.event, known) {
                (AttendanceEvent::Joined, known) => {
                    if !inside.insert(raw_id) {
                        continue;
                    }
                    let interval = AttendanceInterval {
                        joined: fact.at,
                        // Until their leaving is found.
                        left: self.end,
                    };
                    let role = AttendanceRole::of(&fact.role);
                    if let Some(record) = known {
                        record.role = record.role.max(role);
                        record.display_name.clone_from(&fact.display_name);
                        record.intervals.push(interval);
                        continue;
                    }
                    places.insert(raw_id, records.len());
                    records.push(AttendanceRecord {
                        id: String::new(),
                        raw_id: fact.raw_id.clone(),
                        display_name: fact.display_name.clone(),
                        email: None,
                        role,
                        intervals: vec![interval],
                    });
                }
                (AttendanceEvent::Left, Some(record)) if inside.remove(raw_id) => {
                    if let Some(interval) = record.intervals.last_mut() {
                        interval.left = fact.at;
                    }
                }
                (AttendanceEvent::Waited | AttendanceEvent::Left, _) => {}
            }
        }
        records
    }
}

/// Characters of a GUID that are the first eight bytes.
const HALF: usize = 18;

/// A GUID that is the same whenever it is asked for. Its first half says of what (`whole`), the second which one (`part`), so that the held
/// meeting of a report is known before its facts are read.
fn stable_guid(whole: &str, part: &str) -> String {
    let mut bytes = [0; 16];
    let (first, second) = bytes.split_at_mut(8);
    for (half, name) in [(first, whole.to_owned()), (second, format!("{whole} {part}"))] {
        for (place, byte) in half.iter_mut().zip(digest(&SHA256, name.as_bytes()).as_ref()) {
            *place = *byte;
        }
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests;
