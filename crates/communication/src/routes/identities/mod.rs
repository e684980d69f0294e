//! `/identities`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod issue_access_token;
pub(crate) mod revoke_access_tokens;
