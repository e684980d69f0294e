//! Application access policies, kept by administrators.

use serde_json::{Value, json};

use super::{POLICY, checked_description, checked_name};
use crate::error::AppError;
use crate::model::AccessPolicy;
use crate::ports::StoreError;
use crate::settings::require_administrator;
use crate::tokens::Caller;
use crate::{App, ids, links};

/// When there are as many, no further one is made.
const MAX_POLICIES: usize = 1000;
/// When a policy lists as many applications, no further one is added.
const MAX_APPLICATIONS: usize = 200;

/// What an administrator says of a policy; what is `None` stays, or is empty in a new one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessPolicyDraft {
    /// Name; a new policy needs one.
    pub name: Option<String>,
    /// What it is for; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Client ids; replaces the whole list.
    pub applications: Option<Vec<String>>,
}

impl App {
    /// All policies by name.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks.
    pub async fn access_policies(&self, caller: &Caller) -> Result<Vec<AccessPolicy>, AppError> {
        require_administrator(caller)?;
        Ok(self.store().access_policies().await?)
    }

    /// One policy.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn access_policy(&self, caller: &Caller, id: &str) -> Result<AccessPolicy, AppError> {
        require_administrator(caller)?;
        self.known_policy(id).await
    }

    /// Makes a policy, which counts for nobody until it is granted.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` for a name that is taken and for applications that are not registered.
    pub async fn create_access_policy(&self, caller: &Caller, draft: AccessPolicyDraft) -> Result<AccessPolicy, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        if self.store().access_policies().await?.len() >= MAX_POLICIES {
            return Err(AppError::invalid("policy", format!("a tenant has at most {MAX_POLICIES} policies")));
        }
        let empty = AccessPolicy {
            id: ids::guid(self.random()),
            name: String::new(),
            description: None,
            applications: Vec::new(),
            created: self.now(),
        };
        let draft = AccessPolicyDraft {
            name: Some(draft.name.unwrap_or_default()),
            ..draft
        };
        self.save_policy(caller, "accessPolicy.created", empty, draft).await
    }

    /// Changes a policy; it acts on the next request of an application.
    ///
    /// # Errors
    /// As [`App::create_access_policy`], and `NotFound`.
    pub async fn update_access_policy(&self, caller: &Caller, id: &str, draft: AccessPolicyDraft) -> Result<AccessPolicy, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let policy = self.known_policy(id).await?;
        self.save_policy(caller, "accessPolicy.changed", policy, draft).await
    }

    /// Deletes a policy.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; `InvalidArgument` while it is granted to somebody.
    pub async fn delete_access_policy(&self, caller: &Caller, id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let policy = self.known_policy(id).await?;
        match self.store().delete_access_policy(&policy.id).await {
            Ok(true) => {}
            Ok(false) => return Err(POLICY),
            Err(StoreError::Conflict { .. }) => {
                return Err(AppError::invalid("policy", "the policy is granted; take its grants away first"));
            }
            Err(error) => return Err(error.into()),
        }
        self.note(&caller.actor(), "accessPolicy.deleted", &policy.id, Value::Null).await;
        Ok(())
    }

    async fn save_policy(
        &self,
        caller: &Caller,
        action: &'static str,
        mut policy: AccessPolicy,
        draft: AccessPolicyDraft,
    ) -> Result<AccessPolicy, AppError> {
        if let Some(name) = draft.name {
            policy.name = checked_name("name", &name)?;
        }
        if let Some(description) = draft.description {
            policy.description = checked_description(description)?;
        }
        if let Some(applications) = draft.applications {
            policy.applications = self.registered(applications).await?;
        }
        match self.store().put_access_policy(&policy).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => return Err(AppError::invalid("name", "another policy has this name")),
            Err(error) => return Err(error.into()),
        }
        let detail = json!({ "name": policy.name, "applications": policy.applications });
        self.note(&caller.actor(), action, &policy.id, detail).await;
        Ok(policy)
    }

    /// Client ids of registered applications, sorted, each once. A misspelt id would look like a grant and be none.
    async fn registered(&self, applications: Vec<String>) -> Result<Vec<String>, AppError> {
        if applications.len() > MAX_APPLICATIONS {
            return Err(AppError::invalid(
                "applications",
                format!("a policy lists at most {MAX_APPLICATIONS} applications"),
            ));
        }
        let mut known = Vec::with_capacity(applications.len());
        for client_id in applications {
            let application = self.application(&client_id).await?;
            known.push(
                application
                    .ok_or_else(|| AppError::invalid("applications", "each entry is the client id of a registered application"))?
                    .client_id,
            );
        }
        known.sort();
        known.dedup();
        Ok(known)
    }

    pub(super) async fn known_policy(&self, id: &str) -> Result<AccessPolicy, AppError> {
        let id = links::parse_guid(id).ok_or(POLICY)?;
        self.store().access_policy(&id).await?.ok_or(POLICY)
    }
}
