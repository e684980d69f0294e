//! The facade over a real store, asked as a client asks it. Each request goes through the router that the server mounts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod artifacts;
mod batch;
mod calendar;
mod http;
mod online_meetings;
mod permissions;
mod subscriptions;
mod support;
mod users;
