//! Registered applications: administered here, proven and served by `sign_in`.
//!
//! * `registration`: create, read, change, delete; `rules`: what a registration may contain.
//! * `credentials`: secrets and certificates, several at once so that one can be replaced.
//! * `consent`: what members and administrators agreed to; `explain`: how they are asked.
//!
//! Invariants: a secret is told once and kept as a hash; deleting an application ends its tokens at once, because every use of a token looks its
//! application up, and connections are told ([`Change::ApplicationDeleted`](crate::Change)); the members' own web app cannot be changed here.

mod certificate;
mod consent;
mod credentials;
mod explain;
mod ports;
mod registration;
mod rules;

pub use credentials::{NewKey, NewSecret};
pub use explain::ExplainedPermission;
pub use ports::ApplicationStore;
pub use registration::{ApplicationDraft, ApplicationPatch};
