//! Change notifications: subscriptions, their deliveries, and what is told of a held meeting.
//!
//! * Owns: who may watch what for how long (`subscribe`), the proof that an address wants it (`handshake`), writing down what happened
//!   (`watch`), telling it in order, again and again until it arrived or is 4 hours old (`worker`, `deliver`), encrypting it (`encrypt`).
//! * Not here: how resources and notifications are written (the facade, through [`NotificationShape`]), calling others
//!   ([`crate::outbound`]), what happens in a meeting (`signal`).
//! * Invariants, kept by `tests/notifications.rs`: written down before it is sent, so that it survives the end of the process (it may then arrive
//!   twice, under the same id); one line never overtakes itself; one slow receiver delays no other application; the right to watch is judged at
//!   every delivery; every line is bounded.

mod deliver;
mod encrypt;
mod event;
mod handshake;
mod lifetime;
mod ports;
mod shape;
mod subscribe;
mod watch;
mod worker;

pub use encrypt::Encrypted;
pub use event::{MeetingCallEvent, RemovedReason, RosterChange};
pub use ports::SubscriptionStore;
pub use shape::{Delivery, DeliveryItem, NotificationShape};
pub use subscribe::SubscriptionDraft;

use crate::error::AppError;

/// Who publishes notifications, as the claims `azp` and `appid` of validation tokens name it. Receivers compare it with the value that is
/// published for this API, so it is that one everywhere.
pub const PUBLISHER_ID: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";
/// Handshakes at once, of all applications: each may take 10 seconds. A further one waits for its turn, and is refused after 5 seconds.
const HANDSHAKES: usize = 32;

/// What the running application keeps for notifications; everything that must last is in the store.
pub(crate) struct Notifier {
    /// Something was written down, or a time has changed.
    wake: tokio::sync::Notify,
    handshakes: tokio::sync::Semaphore,
}

impl Default for Notifier {
    fn default() -> Self {
        Self {
            wake: tokio::sync::Notify::new(),
            handshakes: tokio::sync::Semaphore::new(HANDSHAKES),
        }
    }
}

/// Why there is no subscription.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// As with every use case.
    #[error(transparent)]
    App(#[from] AppError),
    /// There is one already.
    #[error("the application has the subscription {id} on this meeting already; renew it, or delete it first")]
    Exists {
        /// Which.
        id: String,
    },
    /// Too many addresses are being asked right now, or by this application in the last minute.
    #[error("too many subscriptions are being made; try again in {retry_after_s} seconds")]
    Busy {
        /// When to try again.
        retry_after_s: u32,
    },
}
