//! How a notification is written is the business of the facade through which its subscriber speaks; this is what it gets.

use serde_json::Value;

use super::Encrypted;
use crate::Micros;
use crate::model::{Notice, Notification, Subscription};

/// One request to a subscriber.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// Whose.
    pub subscription: &'a Subscription,
    /// The tenant.
    pub tenant_id: &'a str,
    /// What, in order; at least one.
    pub items: Vec<DeliveryItem<'a>>,
    /// Tokens by which the receiver knows that it is this server that tells; there are some when something is encrypted.
    pub validation_tokens: Vec<String>,
}

/// One notification of a request.
#[derive(Debug)]
pub struct DeliveryItem<'a> {
    /// What.
    pub notification: &'a Notification,
    /// What happened, for those who gave a certificate.
    pub encrypted: Option<Encrypted>,
}

/// Writes notifications. Pure.
pub trait NotificationShape: Send + Sync + 'static {
    /// What happened, to be encrypted; nothing when there is nothing more to say than the notification itself.
    fn content(&self, subscription: &Subscription, tenant_id: &str, notification: &Notification) -> Option<Value>;
    /// The JSON body of a request.
    fn body(&self, delivery: &Delivery<'_>) -> Value;
}

impl Notification {
    /// A new one.
    #[must_use]
    pub(crate) fn new(id: String, notice: Notice, created: Micros) -> Self {
        Self { id, notice, created }
    }
}
