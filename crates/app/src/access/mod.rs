//! Which application may act for which organizer.
//!
//! A policy lists applications. It is granted to a member, to a group of members, or globally. For one organizer exactly one policy counts, and
//! nothing is merged: the member's own grant, else that of the best-ranked group they are in, else the global one. Who has no policy is not
//! reached by any application.
//!
//! * Owns: groups, policies, grants, and the decision ([`App::require_application_access`](crate::App::require_application_access)).
//! * Not here: what an application may do at all (`permissions`); meetings (`meetings::access` asks here).
//! * Invariants: every decision reads the store, so a change acts on the next request; a policy that is granted and a group that has a grant
//!   cannot be deleted, since the next best grant would silently count instead. Kept by `tests/access.rs`.

mod decide;
mod grants;
mod groups;
mod policies;
mod ports;

pub use decide::{AccessDecision, AccessRule};
pub use policies::AccessPolicyDraft;
pub use ports::AccessStore;

use crate::AppError;

const POLICY: AppError = AppError::NotFound {
    what: "application access policy",
};
const GROUP: AppError = AppError::NotFound { what: "group" };
const MEMBER: AppError = AppError::NotFound { what: "member" };
/// Characters.
const MAX_NAME: usize = 256;
/// Characters.
const MAX_DESCRIPTION: usize = 1024;

/// A name without spaces around it.
fn checked_name(field: &'static str, name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(AppError::invalid(
            field,
            format!("a name of 1 to {MAX_NAME} characters without control characters is needed"),
        ));
    }
    Ok(name.to_owned())
}

fn checked_description(description: Option<String>) -> Result<Option<String>, AppError> {
    if description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(AppError::invalid(
            "description",
            format!("a description has at most {MAX_DESCRIPTION} characters"),
        ));
    }
    Ok(description.filter(|text| !text.is_empty()))
}
