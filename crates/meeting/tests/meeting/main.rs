//! Tests of the meeting machine through its public mouth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod breakout;
mod capabilities;
mod captions;
mod dominant;
mod fan_out;
mod laws;
mod lifetimes;
mod media_access;
mod one_door;
mod policy_acts;
mod reactions;
mod recording;
mod refusals;
mod ringing;
mod rooms;
mod said;
mod scenarios;
mod settings;
mod spotlight;
mod support;
mod together;
