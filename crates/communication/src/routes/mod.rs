//! The operations, one file each. Every one gets an authenticated request.

pub(crate) mod access;
pub(crate) mod identities;
pub(crate) mod relay;
pub(crate) mod rooms;
pub(crate) mod teams_user;

use app::{App, IssuedToken, Micros};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::Refusal;

/// `{"token","expiresOn"}`.
fn token_body(issued: &IssuedToken) -> Result<Value, Refusal> {
    Ok(json!({ "token": issued.token, "expiresOn": rfc3339(issued.expires)? }))
}

/// RFC 3339 UTC.
fn rfc3339(micros: Micros) -> Result<String, Refusal> {
    Ok(Timestamp::from_microsecond(micros).map_err(|_| Refusal::Internal)?.to_string())
}

/// Only guests of this resource are in the reach of its applications; every other id is unknown to them.
fn guest_of_this_resource(app: &App, id: &str) -> Result<(), Refusal> {
    let tenant = app.tenant()?;
    let own = id
        .strip_prefix("8:acs:")
        .and_then(|rest| rest.split_once('_'))
        .is_some_and(|(resource, _)| resource == tenant.resource_id);
    if own { Ok(()) } else { Err(Refusal::IdentityNotFound) }
}
