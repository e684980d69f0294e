//! The shapes of events: what comes in, what goes out. Pure.

pub(super) mod input;
pub(super) mod output;
mod recurrence;
