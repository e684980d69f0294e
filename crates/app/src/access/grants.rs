//! Whom policies are granted to, kept by administrators.

use serde_json::json;

use super::MEMBER;
use crate::App;
use crate::error::AppError;
use crate::model::{AccessGrant, Grantee};
use crate::ports::StoreError;
use crate::settings::require_administrator;
use crate::tokens::Caller;

/// The worst rank.
const MAX_RANK: i64 = 1_000_000;

impl App {
    /// All grants: global, then groups by rank, then members.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks.
    pub async fn access_grants(&self, caller: &Caller) -> Result<Vec<AccessGrant>, AppError> {
        require_administrator(caller)?;
        Ok(self.store().access_grants().await?)
    }

    /// Grants a policy; a grant that the grantee has is replaced. A member may be named by object id or sign-in name. Groups need a rank
    /// (1 is the best), the others have none.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; `InvalidArgument` for a rank that is missing, out of range, or another group's.
    pub async fn grant_access(
        &self,
        caller: &Caller,
        grantee: Grantee,
        policy_id: &str,
        rank: Option<i64>,
    ) -> Result<AccessGrant, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let policy = self.known_policy(policy_id).await?;
        let grantee = self.known_grantee(grantee).await?;
        let rank = match (&grantee, rank) {
            (Grantee::Group(_), Some(rank)) if (1..=MAX_RANK).contains(&rank) => rank,
            (Grantee::Group(_), _) => {
                return Err(AppError::invalid(
                    "rank",
                    format!("a group needs a rank between 1 (which wins) and {MAX_RANK}"),
                ));
            }
            (Grantee::Member(_) | Grantee::Global, None) => 0,
            (Grantee::Member(_) | Grantee::Global, Some(_)) => {
                return Err(AppError::invalid("rank", "only the grant of a group has a rank"));
            }
        };
        let grant = AccessGrant {
            grantee,
            policy_id: policy.id,
            rank,
            created: self.now(),
        };
        match self.store().put_access_grant(&grant).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => return Err(AppError::invalid("rank", "another group has this rank; choose a free one")),
            Err(error) => return Err(error.into()),
        }
        let detail = json!({ "policy": grant.policy_id, "rank": grant.rank });
        self.note(&caller.actor(), "accessGrant.put", name_of(&grant.grantee), detail).await;
        Ok(grant)
    }

    /// Takes a grant away; it acts on the next request of an application.
    ///
    /// # Errors
    /// `Forbidden`; `NotFound` when the grantee has none.
    pub async fn revoke_access(&self, caller: &Caller, grantee: Grantee) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let grantee = self.known_grantee(grantee).await?;
        if !self.store().delete_access_grant(&grantee).await? {
            return Err(AppError::NotFound {
                what: "grant of this grantee",
            });
        }
        self.note(&caller.actor(), "accessGrant.deleted", name_of(&grantee), serde_json::Value::Null)
            .await;
        Ok(())
    }

    async fn known_grantee(&self, grantee: Grantee) -> Result<Grantee, AppError> {
        Ok(match grantee {
            Grantee::Member(key) => Grantee::Member(self.find_member(&key).await?.ok_or(MEMBER)?.id),
            Grantee::Group(id) => Grantee::Group(self.known_group(&id).await?.id),
            Grantee::Global => Grantee::Global,
        })
    }
}

fn name_of(grantee: &Grantee) -> &str {
    match grantee {
        Grantee::Member(id) | Grantee::Group(id) => id,
        Grantee::Global => "global",
    }
}
