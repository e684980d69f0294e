//! Change notifications: subscriptions, their deliveries, and what is told of a held meeting.

mod event;
mod ports;

pub use event::{MeetingCallEvent, RemovedReason, RosterChange};
pub use ports::SubscriptionStore;

use crate::App;
use crate::error::AppError;

impl App {
    /// Something happened in a held meeting: written down for every subscription to that meeting (persist), then sent (announce). Call it in the
    /// order in which things happened, and after what happened was persisted; returns as soon as it is written down.
    ///
    /// # Errors
    /// The store failed; nobody is notified then.
    #[expect(clippy::unused_async, reason = "the store's side follows")]
    pub async fn meeting_call_event(&self, _thread_id: &str, _event: MeetingCallEvent) -> Result<(), AppError> {
        Ok(())
    }
}
