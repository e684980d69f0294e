//! From something that happened in a held meeting to rows in the lines of those who watch it; and the subscriptions' own life.

use super::{MeetingCallEvent, lifetime, subscribe::PERMISSIONS};
use crate::App;
use crate::error::AppError;
use crate::ids;
use crate::model::{Channel, Lifecycle, Notice, Notification, QueueKey, Subscription};
use crate::tokens::Caller;

/// Rows of one line of changes. Full means that the subscriber did not keep up for long: what comes is not kept, and it is told that something
/// was missed.
const MOST_CHANGES: u32 = 1000;
/// Rows of one lifecycle line; a further one would say nothing that is not said already.
const MOST_LIFECYCLE: u32 = 16;
/// Subscriptions that are read at once for expiry and reminders.
const CHUNK: u32 = 100;

impl App {
    /// Something happened in a held meeting: written down for every subscription to that meeting (persist), then sent (announce). Call it in the
    /// order in which things happened, and after what happened was persisted; returns as soon as it is written down.
    ///
    /// # Errors
    /// The store failed; nobody is notified then.
    pub async fn meeting_call_event(&self, thread_id: &str, event: MeetingCallEvent) -> Result<(), AppError> {
        let now = self.now();
        let watching = self.store().subscriptions_on(thread_id, now).await?;
        if watching.is_empty() {
            return Ok(());
        }
        let items: Vec<_> = watching
            .iter()
            .map(|subscription| {
                let notice = Notice::MeetingCall {
                    event: event.clone(),
                    at: now,
                };
                (line(subscription, Channel::Changes), self.notification(notice))
            })
            .collect();
        let full = self.store().enqueue_notifications(&items, MOST_CHANGES).await?;
        for subscription in watching.iter().filter(|one| full.iter().any(|key| key.subscription_id == one.id)) {
            self.tell_missed(subscription).await?;
        }
        self.inner.notifier.wake.notify_one();
        Ok(())
    }

    /// Tells a subscriber that notifications were lost, unless that waits to be told already.
    pub(super) async fn tell_missed(&self, subscription: &Subscription) -> Result<(), AppError> {
        if subscription.lifecycle_url.is_none() {
            return Ok(());
        }
        let key = line(subscription, Channel::Lifecycle);
        let waiting = self.store().queued_notifications(&key, MOST_LIFECYCLE).await?;
        let missed = Notice::Lifecycle(Lifecycle::Missed);
        if waiting.iter().all(|row| row.notification.notice != missed) {
            self.store()
                .enqueue_notifications(&[(key, self.notification(missed))], MOST_LIFECYCLE)
                .await?;
        }
        Ok(())
    }

    /// Removes what has expired, and says so.
    pub(super) async fn end_expired_subscriptions(&self) -> Result<(), AppError> {
        loop {
            let expired = self.store().expired_subscriptions(self.now(), CHUNK).await?;
            for subscription in &expired {
                self.remove_subscription(subscription).await?;
            }
            if expired.len() < CHUNK as usize {
                return Ok(());
            }
        }
    }

    /// Reminds those whose subscription ends soon.
    pub(super) async fn remind_subscribers(&self) -> Result<(), AppError> {
        loop {
            let now = self.now();
            let before = now.saturating_add(lifetime::REMIND_AHEAD);
            let ending = self.store().unreminded_subscriptions(before, CHUNK).await?;
            for subscription in &ending {
                let reminder = self.notification(Notice::Lifecycle(Lifecycle::ReauthorizationRequired));
                self.store().remind_subscription(&subscription.id, now, &reminder).await?;
            }
            if ending.len() < CHUNK as usize {
                return Ok(());
            }
        }
    }

    /// Removes a subscription at the server's will; whoever gave an address for that is told.
    pub(super) async fn remove_subscription(&self, subscription: &Subscription) -> Result<(), AppError> {
        let last = self.notification(Notice::Lifecycle(Lifecycle::Removed));
        let last = subscription.lifecycle_url.as_ref().map(|_| &last);
        self.store().remove_subscription(&subscription.id, self.now(), last).await?;
        Ok(())
    }

    /// Whether the application may (still) watch the meeting. Judged at every delivery, so that a right that was taken away acts at once.
    pub(super) async fn may_watch(&self, subscription: &Subscription) -> Result<bool, AppError> {
        let Some(application) = self.store().application(&subscription.application_id).await? else {
            return Ok(false);
        };
        let roles = application.application_permissions;
        if !roles.iter().any(|role| PERMISSIONS.contains(&role.as_str())) {
            return Ok(false);
        }
        let caller = Caller::Application {
            client_id: subscription.application_id.clone(),
            roles,
        };
        match self.require_application_access(&caller, &subscription.organizer_id).await {
            Ok(()) => Ok(true),
            Err(AppError::Forbidden { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn notification(&self, notice: Notice) -> Notification {
        Notification::new(ids::guid(self.random()), notice, self.now())
    }
}

fn line(subscription: &Subscription, channel: Channel) -> QueueKey {
    QueueKey {
        subscription_id: subscription.id.clone(),
        channel,
    }
}
