//! Making, reading, renewing and ending subscriptions.
//!
//! Rules: an application reaches its own subscriptions only; it needs the right to read the meeting when it makes or renews one (and whenever
//! something is delivered, see `deliver`); an address is told nothing before it has proved that it wants to be.

use std::time::Duration;

use super::{SubscribeError, encrypt, handshake, lifetime};
use crate::App;
use crate::error::AppError;
use crate::links::{self, JoinLink};
use crate::model::{EncryptionCertificate, OnlineMeeting, Subscription};
use crate::permissions::{MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL, require};
use crate::ports::StoreError;
use crate::throttle::{Limit, retry_after_s};
use crate::tokens::Caller;
use crate::{Micros, ids};

/// Application permissions of which one is needed.
pub(super) const PERMISSIONS: &[&str] = &[MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL];
/// Subscriptions of one application; a further one is refused.
const MOST: u32 = 1000;
/// Longest client state, and longest name of a certificate.
const MAX_NAME: usize = 128;
/// Longest resource.
const MAX_RESOURCE: usize = 4096;
/// How long a request waits for its turn to shake hands.
const TURN: Duration = Duration::from_secs(5);
/// Handshakes of one application: whoever asks for more would use this server to call others.
const HANDSHAKES: Limit = Limit {
    tries: 120,
    window: 60 * 1_000_000,
};

const SUBSCRIPTION: AppError = AppError::NotFound { what: "subscription" };
const MEETING: AppError = AppError::NotFound { what: "meeting" };

/// A subscription as an application wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionDraft {
    /// What is watched, as the application wrote it.
    pub resource: String,
    /// Join link of the meeting, as found in the resource.
    pub join_url: String,
    /// Kinds of change.
    pub change_type: String,
    /// Where changes are told.
    pub notification_url: String,
    /// Where the subscription's own life is told.
    pub lifecycle_url: Option<String>,
    /// Repeated in every notification.
    pub client_state: Option<String>,
    /// When it shall end.
    pub expires: Micros,
    /// Notifications shall carry what happened.
    pub include_resource_data: bool,
    /// X.509, DER, base64.
    pub encryption_certificate: Option<String>,
    /// The application's name for the certificate.
    pub encryption_certificate_id: Option<String>,
}

impl App {
    /// Makes a subscription, after both addresses have proved that they want notifications.
    ///
    /// # Errors
    /// See [`SubscribeError`].
    pub async fn subscribe(&self, caller: &Caller, draft: SubscriptionDraft) -> Result<Subscription, SubscribeError> {
        let application_id = application(caller)?;
        require(caller, &[], PERMISSIONS)?;
        let expires = lifetime::end(draft.expires, draft.lifecycle_url.is_some(), self.now())?;
        let encryption = check(&draft)?;
        let meeting = self.watched_meeting(caller, &draft.join_url).await?;
        let creator = self.store().application(application_id).await.map_err(AppError::from)?;
        let creator_id = creator.ok_or(AppError::forbidden("the application does not exist"))?.object_id;
        self.end_expired_subscriptions().await?;
        self.refuse_second(application_id, &meeting.thread_id).await?;

        self.count_handshake(application_id)?;
        let turn = tokio::time::timeout(TURN, self.inner.notifier.handshakes.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(SubscribeError::Busy { retry_after_s: 10 });
        };
        let lifecycle = async {
            match &draft.lifecycle_url {
                Some(url) => self.shake_hands("lifecycleNotificationUrl", url).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(self.shake_hands("notificationUrl", &draft.notification_url), lifecycle)?;

        let subscription = Subscription {
            id: ids::guid(self.random()),
            application_id: application_id.to_owned(),
            creator_id,
            resource: draft.resource,
            thread_id: meeting.thread_id,
            organizer_id: meeting.organizer_id,
            change_type: draft.change_type,
            notification_url: draft.notification_url,
            lifecycle_url: draft.lifecycle_url,
            client_state: draft.client_state,
            encryption,
            created: self.now(),
            expires,
            reminded: None,
            removed: None,
        };
        match self.store().insert_subscription(&subscription).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => {
                self.refuse_second(application_id, &subscription.thread_id).await?;
                return Err(AppError::Conflict { what: "subscription" }.into());
            }
            Err(error) => return Err(AppError::from(error).into()),
        }
        // It ends one day: the worker has to know when.
        self.inner.notifier.wake.notify_one();
        Ok(subscription)
    }

    /// The caller's subscriptions, oldest first: at most `top` after `skip`.
    ///
    /// # Errors
    /// `Forbidden` for a member.
    pub async fn subscriptions(&self, caller: &Caller, skip: u32, top: u32) -> Result<Vec<Subscription>, AppError> {
        let (application_id, now) = (application(caller)?, self.now());
        Ok(self.store().subscriptions_of(application_id, now, skip, top.min(MOST)).await?)
    }

    /// One of the caller's subscriptions.
    ///
    /// # Errors
    /// `Forbidden` for a member, `NotFound`.
    pub async fn subscription(&self, caller: &Caller, id: &str) -> Result<Subscription, AppError> {
        let application_id = application(caller)?;
        let found = self.store().subscription(&id.to_ascii_lowercase()).await?;
        found
            .filter(|found| found.application_id == application_id && found.removed.is_none() && found.expires > self.now())
            .ok_or(SUBSCRIPTION)
    }

    /// Moves the end of a subscription; without `expires` it only says that the application is still there.
    ///
    /// # Errors
    /// `Forbidden` (a member, or the right to the meeting is gone), `NotFound`, `InvalidArgument`.
    pub async fn renew_subscription(&self, caller: &Caller, id: &str, expires: Option<Micros>) -> Result<Subscription, AppError> {
        let mut subscription = self.subscription(caller, id).await?;
        require(caller, &[], PERMISSIONS)?;
        self.require_application_access(caller, &subscription.organizer_id).await?;
        let now = self.now();
        if let Some(wanted) = expires {
            let end = lifetime::end(wanted, subscription.lifecycle_url.is_some(), now)?;
            if end > subscription.expires {
                subscription.reminded = None;
            }
            subscription.expires = end;
        }
        let renewed = self.store().renew_subscription(&subscription.id, subscription.expires, now).await?;
        self.inner.notifier.wake.notify_one();
        if renewed { Ok(subscription) } else { Err(SUBSCRIPTION) }
    }

    /// Ends a subscription; nothing more is told, not even what waits.
    ///
    /// # Errors
    /// `Forbidden` for a member, `NotFound`.
    pub async fn unsubscribe(&self, caller: &Caller, id: &str) -> Result<(), AppError> {
        let subscription = self.subscription(caller, id).await?;
        let deleted = self.store().delete_subscription(&subscription.id).await?;
        if deleted { Ok(()) } else { Err(SUBSCRIPTION) }
    }

    /// The meeting of a join link, when the application may read it. A short link does not tell its organizer, so a refusal must not either.
    async fn watched_meeting(&self, caller: &Caller, join_url: &str) -> Result<OnlineMeeting, AppError> {
        let link = links::parse_join_link(join_url).ok_or_else(|| AppError::invalid("resource", "it names no join link of a meeting"))?;
        match link {
            JoinLink::Long(coordinates) => {
                if coordinates.tenant_id != self.tenant()?.id {
                    return Err(MEETING);
                }
                self.require_application_access(caller, &coordinates.organizer_id).await?;
                let found = self.store().meeting(&coordinates.thread_id).await?;
                found
                    .filter(|meeting| meeting.organizer_id == coordinates.organizer_id)
                    .ok_or(MEETING)
            }
            JoinLink::Short { join_meeting_id, .. } => {
                let found = self.store().meeting_by_join_id(&join_meeting_id).await?.ok_or(MEETING)?;
                match self.require_application_access(caller, &found.organizer_id).await {
                    Ok(()) => Ok(found),
                    Err(AppError::Forbidden { .. }) => Err(MEETING),
                    Err(error) => Err(error),
                }
            }
        }
    }

    fn count_handshake(&self, application_id: &str) -> Result<(), SubscribeError> {
        let key = (format!("subscriptions of {application_id}"), HANDSHAKES);
        self.inner.throttle.take(self.now(), &[key]).map_err(|wait| SubscribeError::Busy {
            retry_after_s: retry_after_s(wait),
        })
    }

    async fn refuse_second(&self, application_id: &str, thread_id: &str) -> Result<(), SubscribeError> {
        let own = self
            .store()
            // Also those that have expired and not been cleared away: they take a place as long as they are there.
            .subscriptions_of(application_id, Micros::MIN, 0, MOST)
            .await
            .map_err(AppError::from)?;
        if let Some(earlier) = own.iter().find(|subscription| subscription.thread_id == thread_id) {
            return Err(SubscribeError::Exists { id: earlier.id.clone() });
        }
        if own.len() >= MOST as usize {
            return Err(AppError::forbidden(format!(
                "an application has at most {MOST} subscriptions; delete one that is not needed"
            ))
            .into());
        }
        Ok(())
    }
}

/// The client id of an application; members have no subscriptions.
fn application(caller: &Caller) -> Result<&str, AppError> {
    match caller {
        Caller::Application { client_id, .. } => Ok(client_id),
        Caller::Member { .. } => Err(AppError::forbidden(
            "meeting call events are for applications; use a token of the application (client credentials)",
        )),
    }
}

/// Checks everything that needs neither store nor network.
fn check(draft: &SubscriptionDraft) -> Result<Option<EncryptionCertificate>, AppError> {
    if !draft.change_type.split(',').all(|kind| kind.trim() == "updated") {
        return Err(AppError::invalid(
            "changeType",
            "meeting call events have the change type updated only",
        ));
    }
    if draft.resource.len() > MAX_RESOURCE {
        return Err(AppError::invalid(
            "resource",
            format!("it must not be longer than {MAX_RESOURCE} characters"),
        ));
    }
    let short = |field: &'static str, text: &Option<String>| match text {
        Some(text) if text.chars().count() > MAX_NAME => Err(AppError::invalid(
            field,
            format!("it must not be longer than {MAX_NAME} characters"),
        )),
        _ => Ok(()),
    };
    short("clientState", &draft.client_state)?;
    short("encryptionCertificateId", &draft.encryption_certificate_id)?;
    handshake::check("notificationUrl", &draft.notification_url)?;
    if let Some(url) = &draft.lifecycle_url {
        handshake::check("lifecycleNotificationUrl", url)?;
    }
    let needed = |field: &'static str, value: &Option<String>| {
        let given = value.clone().filter(|value| !value.is_empty());
        given.ok_or_else(|| AppError::invalid(field, "it is required when includeResourceData is true"))
    };
    if let Some(der) = &draft.encryption_certificate {
        encrypt::check_certificate(der).map_err(|problem| AppError::invalid("encryptionCertificate", problem.to_string()))?;
    }
    if !draft.include_resource_data {
        return Ok(None);
    }
    Ok(Some(EncryptionCertificate {
        der: needed("encryptionCertificate", &draft.encryption_certificate)?,
        id: needed("encryptionCertificateId", &draft.encryption_certificate_id)?,
    }))
}
