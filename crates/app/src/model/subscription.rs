//! Change notifications as the store keeps them: who wants to be told what, and what has still to be told.

use serde::{Deserialize, Serialize};

use crate::Micros;
use crate::notify::MeetingCallEvent;

/// An application's wish to be told of what happens in one meeting.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    /// GUID.
    pub id: String,
    /// Client id of the application that made it; nobody else reaches it.
    pub application_id: String,
    /// Object id of that application.
    pub creator_id: String,
    /// What is watched, as the application wrote it; given back so.
    pub resource: String,
    /// The meeting.
    pub thread_id: String,
    /// Its organizer; access is judged by them, also after the meeting was deleted.
    pub organizer_id: String,
    /// Kinds of change, comma-separated, as the application wrote them.
    pub change_type: String,
    /// Where changes are told.
    pub notification_url: String,
    /// Where the subscription's own life is told.
    pub lifecycle_url: Option<String>,
    /// A secret of the application that every notification repeats.
    pub client_state: Option<String>,
    /// Notifications carry what happened, encrypted for this certificate; without it they only say that something happened.
    pub encryption: Option<EncryptionCertificate>,
    /// When it was made.
    pub created: Micros,
    /// From when on nothing is told.
    pub expires: Micros,
    /// When the application was reminded that it expires.
    pub reminded: Option<Micros>,
    /// When it was removed by the server; such a one only waits for its last lifecycle notification to go out.
    pub removed: Option<Micros>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URLs and the client state are secrets of the application.
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .field("application_id", &self.application_id)
            .field("thread_id", &self.thread_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// A certificate that an application gave to encrypt for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptionCertificate {
    /// The application's name for it.
    pub id: String,
    /// X.509, DER, base64.
    pub der: String,
}

/// Which of the two lines of a subscription: each goes to its own URL, in its own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// What happened.
    Changes,
    /// What becomes of the subscription.
    Lifecycle,
}

/// Names one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueKey {
    /// The subscription.
    pub subscription_id: String,
    /// Which of its lines.
    pub channel: Channel,
}

/// A line in which something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueQueue {
    /// Which.
    pub key: QueueKey,
    /// Whose.
    pub application_id: String,
    /// Tries since the last that worked.
    pub attempts: u32,
    /// When it is to be tried.
    pub due: Micros,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// GUID; the same at every try, so that a receiver knows a repetition.
    pub id: String,
    /// What.
    pub notice: Notice,
    /// Since when it waits.
    pub created: Micros,
}

/// A notification with its place in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedNotification {
    /// Grows along the line.
    pub seq: i64,
    /// What.
    pub notification: Notification,
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Notice {
    /// Something happened in the held meeting.
    MeetingCall {
        /// What.
        event: MeetingCallEvent,
        /// When.
        at: Micros,
    },
    /// Something became of the subscription.
    Lifecycle(Lifecycle),
}

/// What became of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lifecycle {
    /// Notifications were lost; the application should read for itself.
    Missed,
    /// It is over: it expired, or the application lost the right to it.
    Removed,
    /// It expires soon; the application should renew it.
    ReauthorizationRequired,
}
