//! One try to empty the head of one line.

use serde_json::json;

use super::shape::{Delivery, DeliveryItem, NotificationShape};
use super::{PUBLISHER_ID, encrypt, lifetime};
use crate::App;
use crate::error::AppError;
use crate::model::{Channel, DueQueue, Subscription};
use crate::outbound::OutboundRequest;

/// Notifications of one request.
const BATCH: u32 = 20;
/// An answer later than this does not count.
const TIMEOUT_MS: u64 = 3_000;
/// Answers are not read; a longer one than this is no answer.
const MAX_ANSWER: usize = 64 * 1024;
/// Life of a validation token.
const TOKEN_SECONDS: i64 = 3600;

impl App {
    /// One try. A fault of ours postpones the line as a refusal of the receiver does, so that one that cannot be read holds up itself only.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn try_to_deliver(&self, shape: &dyn NotificationShape, queue: &DueQueue) -> Result<(), AppError> {
        match self.deliver(shape, queue).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(subscription = %queue.key.subscription_id, %error, "a notification could not be delivered for a fault of this server");
                self.postpone(queue).await
            }
        }
    }

    /// Sends the first notifications of a line and forgets them when they arrived; otherwise the line is due again later. What is too old is
    /// dropped, and the subscriber told that something was missed.
    async fn deliver(&self, shape: &dyn NotificationShape, queue: &DueQueue) -> Result<(), AppError> {
        let key = &queue.key;
        // Deleted meanwhile, with everything that waited.
        let Some(subscription) = self.store().subscription(&key.subscription_id).await? else {
            return Ok(());
        };
        let url = match key.channel {
            Channel::Changes => Some(&subscription.notification_url),
            Channel::Lifecycle => subscription.lifecycle_url.as_ref(),
        };
        if key.channel == Channel::Changes && !self.may_watch(&subscription).await? {
            return self.remove_subscription(&subscription).await;
        }
        let rows = self.store().queued_notifications(key, BATCH).await?;
        let oldest = self.now().saturating_sub(lifetime::GIVE_UP);
        let given_up = rows.iter().take_while(|row| row.notification.created <= oldest).count();
        let (old, rows) = rows.split_at(given_up);
        if let Some(last) = old.last() {
            tracing::warn!(subscription = %subscription.id, dropped = old.len(), "notifications could not be delivered for 4 hours and were dropped");
            if key.channel == Channel::Changes {
                self.tell_missed(&subscription).await?;
            }
            self.store().settle_notifications(key, last.seq, queue.attempts, self.now()).await?;
        }
        let Some(last) = rows.last() else {
            // Nothing is left: then there is no line either.
            return Ok(self.store().settle_notifications(key, 0, queue.attempts, self.now()).await?);
        };
        let Some(url) = url else {
            return Ok(self.store().settle_notifications(key, last.seq, 0, self.now()).await?);
        };
        let items = rows
            .iter()
            .map(|row| {
                Ok(DeliveryItem {
                    notification: &row.notification,
                    encrypted: self.content_of(shape, &subscription, &row.notification)?,
                })
            })
            .collect::<Result<Vec<_>, AppError>>()?;
        let arrived = self.send(shape, &subscription, url, items).await?;
        if arrived {
            self.store().settle_notifications(key, last.seq, 0, self.now()).await?;
        } else {
            self.postpone(queue).await?;
        }
        Ok(())
    }

    async fn postpone(&self, queue: &DueQueue) -> Result<(), AppError> {
        let attempts = queue.attempts.saturating_add(1);
        let mut chance = [0; 4];
        self.random().fill(&mut chance);
        let due = self.now().saturating_add(lifetime::wait(attempts, u32::from_le_bytes(chance)));
        Ok(self.store().postpone_queue(&queue.key, attempts, due).await?)
    }

    async fn send(
        &self,
        shape: &dyn NotificationShape,
        subscription: &Subscription,
        url: &str,
        items: Vec<DeliveryItem<'_>>,
    ) -> Result<bool, AppError> {
        let tenant = self.tenant()?;
        let validation_tokens = if items.iter().any(|item| item.encrypted.is_some()) {
            vec![self.validation_token(&tenant.id, &subscription.application_id)?]
        } else {
            Vec::new()
        };
        let body = shape.body(&Delivery {
            subscription,
            tenant_id: &tenant.id,
            items,
            validation_tokens,
        });
        let request = OutboundRequest {
            method: "POST",
            url: url.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())],
            body: body.to_string().into_bytes(),
            timeout_ms: TIMEOUT_MS,
            max_answer_bytes: MAX_ANSWER,
        };
        match self.outbound().send(request).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(true),
            Ok(answer) => {
                tracing::debug!(subscription = %subscription.id, status = answer.status, "a notification was not accepted");
                Ok(false)
            }
            Err(error) => {
                tracing::debug!(subscription = %subscription.id, %error, "a notification could not be sent");
                Ok(false)
            }
        }
    }

    fn content_of(
        &self,
        shape: &dyn NotificationShape,
        subscription: &Subscription,
        notification: &crate::model::Notification,
    ) -> Result<Option<super::Encrypted>, AppError> {
        let Some(certificate) = &subscription.encryption else {
            return Ok(None);
        };
        let content = shape.content(subscription, &self.tenant()?.id, notification);
        content
            .map(|content| encrypt::encrypt(certificate, content.to_string().as_bytes(), self.random()))
            .transpose()
    }

    /// Says to the receiver: this comes from the server that signs tokens as this issuer, and is meant for your application. It opens nothing: no
    /// facade accepts its audience, and it has neither scopes nor roles.
    fn validation_token(&self, tenant_id: &str, application_id: &str) -> Result<String, AppError> {
        let now = self.now().div_euclid(1_000_000);
        let claims = json!({
            "aud": application_id,
            "iss": self.issuer(&self.config().public_origin),
            "tid": tenant_id,
            "iat": now,
            "nbf": now,
            "exp": now.saturating_add(TOKEN_SECONDS),
            "azp": PUBLISHER_ID,
            "appid": PUBLISHER_ID,
            "sub": PUBLISHER_ID,
            "idtyp": "app",
            "ver": "2.0",
        });
        Ok(self.signer().sign(&claims)?)
    }
}
