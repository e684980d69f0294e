//! Change notifications, over a real store and a way out that the test plays.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod delivering;
mod encrypting;
mod ending;
mod house;
mod subscribing;
#[path = "../support/mod.rs"]
mod support;
