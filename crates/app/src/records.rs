//! What is written down about held meetings and about what was done: bars, attendance, audit.

use meeting::Bar;
use serde_json::Value;

use crate::error::AppError;
use crate::model::{AttendanceFact, AuditEntry};
use crate::{App, Micros};

impl App {
    /// Keeps a removed or denied participant out of a meeting until then, across restarts.
    ///
    /// # Errors
    /// The store failed; the participant is then not barred.
    pub async fn bar(&self, thread_id: &str, raw_id: &str, bar: Bar, until: Micros) -> Result<(), AppError> {
        Ok(self.store().put_bar(thread_id, raw_id, bar, until).await?)
    }

    /// Whether a participant is kept out now.
    ///
    /// # Errors
    /// The store failed; treat it as barred.
    pub async fn is_barred(&self, thread_id: &str, raw_id: &str) -> Result<bool, AppError> {
        Ok(self.store().bar(thread_id, raw_id).await?.is_some_and(|until| until > self.now()))
    }

    /// Everybody who is kept out of a meeting now: raw id, and why.
    ///
    /// # Errors
    /// The store failed.
    pub async fn barred(&self, thread_id: &str) -> Result<Vec<(String, Bar)>, AppError> {
        Ok(self.store().bars(thread_id, self.now()).await?)
    }

    /// Lifts all bars of a meeting (it ended).
    ///
    /// # Errors
    /// The store failed.
    pub async fn clear_bars(&self, thread_id: &str) -> Result<(), AppError> {
        Ok(self.store().clear_bars(thread_id).await?)
    }

    /// Writes attendance down.
    ///
    /// # Errors
    /// The store failed; nothing of the batch was written.
    pub async fn record_attendance(&self, facts: &[AttendanceFact]) -> Result<(), AppError> {
        Ok(self.store().add_attendance(facts).await?)
    }

    /// Attendance of a meeting, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn attendance(&self, thread_id: &str) -> Result<Vec<AttendanceFact>, AppError> {
        Ok(self.store().attendance(thread_id).await?)
    }

    /// Writes to the audit log.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit(&self, actor: &str, action: &str, subject: &str, detail: Value) -> Result<(), AppError> {
        let entry = AuditEntry {
            at: self.now(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
        };
        Ok(self.store().add_audit(&entry).await?)
    }

    /// Writes to the audit log about something that is done already: a failure is logged, since it cannot undo what was done.
    pub(crate) async fn note(&self, actor: &str, action: &str, subject: &str, detail: Value) {
        if let Err(error) = self.audit(actor, action, subject, detail).await {
            tracing::error!(action, %error, "an audit entry was lost");
        }
    }

    /// The latest entries of the audit log, newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn audit_log(&self, top: u32) -> Result<Vec<AuditEntry>, AppError> {
        Ok(self.store().audit_log(top).await?)
    }
}
