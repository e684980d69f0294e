//! Tests of the meeting machine through its public mouth.

mod capabilities;
mod laws;
mod lifetimes;
mod one_door;
mod policy_acts;
mod refusals;
mod scenarios;
mod settings;
mod support;
