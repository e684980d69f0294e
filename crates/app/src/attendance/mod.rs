//! Who attended a meeting and when, for its organizers.
//!
//! * Owns: reading the facts of held meetings, within bounds. A list reads one held meeting after the other and builds no records; one report
//!   reads the facts of its own held meeting only.
//! * Not here: writing the facts down (`records`, told by `signal`); what a held meeting is (`report`).

mod report;

pub use report::{AttendanceInterval, AttendanceRecord, AttendanceReport, AttendanceRole, AttendanceSummary};

use std::collections::HashMap;

use self::report::Held;
use crate::App;
use crate::error::AppError;
use crate::model::AttendanceFact;
use crate::permissions::ARTIFACTS_READ_ALL;
use crate::tokens::Caller;

/// Facts of one held meeting that are read, oldest first: thousands of people who come and go many times. Of a held meeting with more, the
/// reports say what these facts say.
const MOST_FACTS: u32 = 100_000;

/// The facts that were read last.
#[derive(Debug, Default)]
pub struct ReadAttendance(Option<(Held, Vec<AttendanceFact>)>);

impl App {
    /// The finished held meetings, latest first, without their records. `user_id` is in whose name they are read: the organizer or a co-organizer.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn attendance_summaries(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<Vec<AttendanceSummary>, AppError> {
        let mut summaries = Vec::new();
        for held in self.held(caller, user_id, meeting_id).await? {
            summaries.extend(held.summaries(&self.facts_of(&held).await?));
        }
        summaries.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| a.id.cmp(&b.id)));
        Ok(summaries)
    }

    /// One report with its records, by its id in any letter case; nothing when there is none. `user_id` as above.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn attendance_report(
        &self,
        caller: &Caller,
        user_id: &str,
        meeting_id: &str,
        report_id: &str,
    ) -> Result<Option<AttendanceReport>, AppError> {
        let held = self.held(caller, user_id, meeting_id).await?;
        // Usually one: held meetings of which the ids begin alike are as good as never met.
        for held in held.iter().filter(|held| held.may_have(report_id)) {
            let report = held.report(&self.facts_of(held).await?, report_id);
            if report.is_some() {
                return self.with_mails(report).await;
            }
        }
        Ok(None)
    }

    /// The report with its records, for whoever was given the summary; nothing when its facts have changed since. `read` is the same for all
    /// summaries of a list: several in a row may be of one held meeting, which is then read once.
    ///
    /// # Errors
    /// The store failed.
    pub async fn attendance_report_of(
        &self,
        summary: &AttendanceSummary,
        read: &mut ReadAttendance,
    ) -> Result<Option<AttendanceReport>, AppError> {
        let facts = match read.0.take() {
            Some((held, facts)) if held == summary.held => facts,
            _ => self.facts_of(&summary.held).await?,
        };
        let report = summary.report(&facts);
        read.0 = Some((summary.held.clone(), facts));
        self.with_mails(report).await
    }

    async fn held(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<Vec<Held>, AppError> {
        let meeting = self.organized_meeting(caller, user_id, meeting_id, &[ARTIFACTS_READ_ALL]).await?;
        let held = self.store().held_meetings(&meeting.thread_id).await?;
        Ok(Held::all(&meeting.thread_id, held, self.now()))
    }

    async fn facts_of(&self, held: &Held) -> Result<Vec<AttendanceFact>, AppError> {
        Ok(self.store().attendance_of(&held.thread_id, &held.meeting, MOST_FACTS).await?)
    }

    async fn with_mails(&self, report: Option<AttendanceReport>) -> Result<Option<AttendanceReport>, AppError> {
        let Some(mut report) = report else {
            return Ok(None);
        };
        let mut mails: HashMap<String, Option<String>> = HashMap::new();
        for record in &mut report.records {
            let Some(id) = record.raw_id.strip_prefix("8:orgid:") else {
                continue;
            };
            if !mails.contains_key(id) {
                let member = self.store().member(id).await?;
                mails.insert(
                    id.to_owned(),
                    member.map(|member| member.mail.unwrap_or(member.user_principal_name)),
                );
            }
            record.email = mails.get(id).cloned().flatten();
        }
        Ok(Some(report))
    }
}
