//! Tests of the meeting machine through its public mouth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod capabilities;
mod laws;
mod lifetimes;
mod one_door;
mod policy_acts;
mod refusals;
mod said;
mod scenarios;
mod settings;
mod support;
