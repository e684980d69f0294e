//! Shapes of this API: what comes in, what goes out, and the words between them and the house's own values. Pure.

pub(crate) mod attendance;
pub(crate) mod input;
pub(crate) mod invitation;
pub(crate) mod member;
pub(crate) mod names;
pub(crate) mod online_meeting;
pub(crate) mod property;
pub(crate) mod time;
pub(crate) mod transcript;
