//! Tokens: signing, verifying, and who a token stands for.
//!
//! All tokens of the server (id tokens, access tokens, communication tokens) are RS256 JWTs signed by one key ring ([`Signer`]); what tells them
//! apart are their claims: OpenID tokens have `aud`, communication tokens have `skypeid` and no `aud`. A verifier demands the one it means.
//! * `keys`: the ring; makes, loads, rotates by `kid`.
//! * `claims`: reading claims, names of audiences and of our own claims.
//! * `bearer`: who calls an HTTP facade ([`Caller`]).
//! * `connect`: who connects to signalling ([`SignalIdentity`]).

mod bearer;
mod claims;
mod connect;
mod keys;

pub use bearer::{Caller, bearer_token};
pub use claims::{
    CLIENT_CLAIM, COMMUNICATION_AUDIENCE, COMMUNICATION_CLIENTS_AUDIENCE, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, ISSUED_CLAIM, SIGNAL_CLAIM,
    TEAMS_AUDIENCE,
};
pub use connect::SignalIdentity;
pub use keys::{Jwk, Signer};

pub(crate) use claims::Claims;
pub(crate) use keys::generate as generate_key;
