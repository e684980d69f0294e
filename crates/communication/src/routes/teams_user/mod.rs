//! `/teamsUser`.

pub(crate) mod exchange_access_token;
