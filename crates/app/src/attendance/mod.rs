//! Who attended a meeting and when, for its organizers.
//!
//! Not here: writing the facts down (`records`, told by `signal`); what a held meeting is (`report`).

mod report;

pub use report::{AttendanceInterval, AttendanceRecord, AttendanceReport, AttendanceRole, reports};

use std::collections::HashMap;

use crate::App;
use crate::error::AppError;
use crate::permissions::ARTIFACTS_READ_ALL;
use crate::tokens::Caller;

impl App {
    /// Reports of the finished held meetings, latest first. `user_id` is in whose name they are read: the organizer or a co-organizer.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn attendance_reports(&self, caller: &Caller, user_id: &str, meeting_id: &str) -> Result<Vec<AttendanceReport>, AppError> {
        let meeting = self.organized_meeting(caller, user_id, meeting_id, &[ARTIFACTS_READ_ALL]).await?;
        let mut reports = reports(&self.attendance(&meeting.thread_id).await?, self.now());
        let mut mails: HashMap<String, Option<String>> = HashMap::new();
        for record in reports.iter_mut().flat_map(|report| &mut report.records) {
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
        Ok(reports)
    }
}
