//! The decision: may this application act for this organizer, and which rule says so.

use crate::error::AppError;
use crate::model::{AccessPolicy, Grantee, Group};
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, links};

/// Which grant counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessRule {
    /// The member's own.
    Member,
    /// That of a group they are in.
    Group(Group),
    /// The global one.
    Global,
    /// There is none, so no application may.
    NoGrant,
}

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessDecision {
    /// Whether the application may act for the organizer.
    pub allowed: bool,
    /// Which grant counts.
    pub rule: AccessRule,
    /// The policy of that grant.
    pub policy: Option<AccessPolicy>,
}

impl AccessDecision {
    /// The reason as a sentence, for people.
    #[must_use]
    pub fn reason(&self) -> String {
        let by = match &self.rule {
            AccessRule::Member => "the organizer's own grant",
            AccessRule::Group(_) => "the grant of a group of the organizer",
            AccessRule::Global => "the global grant",
            AccessRule::NoGrant => return "no policy is granted to the organizer, to a group of theirs, or globally".to_owned(),
        };
        let name = self.policy.as_ref().map_or("", |policy| policy.name.as_str());
        let lists = if self.allowed { "lists" } else { "does not list" };
        format!("by {by} the policy \"{name}\" counts, and it {lists} the application")
    }
}

impl App {
    /// Demands that the calling application may act for this organizer. Members are not concerned.
    ///
    /// # Errors
    /// `Forbidden`, naming application, organizer and the grant that is missing.
    pub async fn require_application_access(&self, caller: &Caller, organizer_id: &str) -> Result<(), AppError> {
        self.require_application_access_as(caller, organizer_id, organizer_id).await
    }

    /// The same; the refusal names the organizer as the caller did, so that it tells no object id to who knows a sign-in name.
    pub(crate) async fn require_application_access_as(&self, caller: &Caller, organizer_id: &str, named: &str) -> Result<(), AppError> {
        let Caller::Application { client_id, .. } = caller else {
            return Ok(());
        };
        let decision = self.decide_access(client_id, organizer_id).await?;
        if decision.allowed {
            return Ok(());
        }
        Err(AppError::forbidden(format!(
            "No application access policy found for this app: application {client_id} is not authorized to act on behalf of user {named}; {}. \
             An administrator lists the application in an application access policy that is granted to this user, to a group of theirs, or globally",
            decision.reason()
        )))
    }

    /// Whether an application may act for an organizer, and why, for administrators.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` when the application id is no GUID; `NotFound` for an unknown member.
    pub async fn explain_application_access(&self, caller: &Caller, client_id: &str, organizer: &str) -> Result<AccessDecision, AppError> {
        require_administrator(caller)?;
        let client_id =
            links::parse_guid(client_id).ok_or_else(|| AppError::invalid("application", "the client id of an application is a GUID"))?;
        let member = self.find_member(organizer).await?.ok_or(super::MEMBER)?;
        self.decide_access(&client_id, &member.id).await
    }

    async fn decide_access(&self, client_id: &str, organizer_id: &str) -> Result<AccessDecision, AppError> {
        let Some((grant, policy)) = self.store().effective_access(organizer_id).await? else {
            return Ok(AccessDecision {
                allowed: false,
                rule: AccessRule::NoGrant,
                policy: None,
            });
        };
        let rule = match &grant.grantee {
            Grantee::Member(_) => AccessRule::Member,
            Grantee::Global => AccessRule::Global,
            Grantee::Group(id) => AccessRule::Group(self.store().group(id).await?.ok_or(super::GROUP)?),
        };
        Ok(AccessDecision {
            allowed: policy.applications.iter().any(|listed| listed.eq_ignore_ascii_case(client_id)),
            rule,
            policy: Some(policy),
        })
    }
}
