//! What change notifications persist.
//!
//! A subscription has two lines ([`Channel`]), each with rows in order and one moment at which it is tried next. Lines without rows do not exist.

use async_trait::async_trait;

use crate::Micros;
use crate::model::{Channel, DueQueue, Notification, QueueKey, QueuedNotification, Subscription};
use crate::ports::StoreResult;

/// Subscriptions and what waits for their applications.
#[async_trait]
pub trait SubscriptionStore: Send + Sync + 'static {
    /// Inserts; `Conflict` when the application has one on this meeting that was not removed.
    async fn insert_subscription(&self, subscription: &Subscription) -> StoreResult<()>;
    /// By id; removed ones too, as long as something waits in them.
    async fn subscription(&self, id: &str) -> StoreResult<Option<Subscription>>;
    /// An application's subscriptions that were not removed and expire after `now`, oldest first.
    async fn subscriptions_of(&self, application_id: &str, now: Micros, skip: u32, top: u32) -> StoreResult<Vec<Subscription>>;
    /// Subscriptions on a meeting that were not removed and expire after `now`.
    async fn subscriptions_on(&self, thread_id: &str, now: Micros) -> StoreResult<Vec<Subscription>>;
    /// Sets the end of a subscription; the reminder is forgotten when the end moves to later, so that one end is reminded of once. False when it was
    /// removed or has expired at `now`.
    async fn renew_subscription(&self, id: &str, expires: Micros, now: Micros) -> StoreResult<bool>;
    /// Deletes a subscription with everything that waits in it; false when there is none that was not removed.
    async fn delete_subscription(&self, id: &str) -> StoreResult<bool>;
    /// Removes a subscription at the server's will: its changes are forgotten, `last` is put into its lifecycle line. Without `last` everything
    /// is deleted. False, and nothing done, when it was removed before.
    async fn remove_subscription(&self, id: &str, at: Micros, last: Option<&Notification>) -> StoreResult<bool>;
    /// Notes that the application was reminded, and puts the reminder into the lifecycle line. False, and nothing done, when it was before.
    async fn remind_subscription(&self, id: &str, at: Micros, reminder: &Notification) -> StoreResult<bool>;
    /// Subscriptions that have expired at `now` and were not removed, at most `top`.
    async fn expired_subscriptions(&self, now: Micros, top: u32) -> StoreResult<Vec<Subscription>>;
    /// Subscriptions with a lifecycle URL that expire before `before`, were not removed and not reminded, at most `top`.
    async fn unreminded_subscriptions(&self, before: Micros, top: u32) -> StoreResult<Vec<Subscription>>;
    /// Appends to lines, all or nothing; a line that is new is due at once. A line that holds `most` already takes nothing: those are given back.
    async fn enqueue_notifications(&self, items: &[(QueueKey, Notification)], most: u32) -> StoreResult<Vec<QueueKey>>;
    /// Lines that are due at `now`, the longest due first, at most `top` of each application.
    async fn due_queues(&self, now: Micros, top: u32) -> StoreResult<Vec<DueQueue>>;
    /// The first moment after `now` at which a line is due, or a subscription that was not removed expires, or (`remind_ahead` before that) is
    /// to be reminded.
    async fn next_notification_work(&self, now: Micros, remind_ahead: Micros) -> StoreResult<Option<Micros>>;
    /// The first rows of a line, at most `top`.
    async fn queued_notifications(&self, key: &QueueKey, top: u32) -> StoreResult<Vec<QueuedNotification>>;
    /// Forgets the rows of a line up to `seq`; what is left is due then, after so many tries. A removed subscription in which nothing is left is
    /// deleted.
    async fn settle_notifications(&self, key: &QueueKey, seq: i64, attempts: u32, due: Micros) -> StoreResult<()>;
    /// A try failed: the line is due again then.
    async fn postpone_queue(&self, key: &QueueKey, attempts: u32, due: Micros) -> StoreResult<()>;
}

impl Channel {
    /// Its name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Lifecycle => "lifecycle",
        }
    }

    /// The channel of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Changes, Self::Lifecycle].into_iter().find(|channel| channel.name() == name)
    }
}
