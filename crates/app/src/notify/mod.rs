//! Change notifications: subscriptions, their deliveries, and what is told of a held meeting.

mod ports;

pub use ports::SubscriptionStore;
