//! Which member is whom at a provider, as administrators see and decide it.

use super::{claims::is_subject, model::FederatedIdentity};
use crate::{App, AppError, ports::StoreError, tokens::Caller};

/// Links that a page of the list has at most.
pub const MOST_LINKS: u32 = 200;

impl App {
    /// Links of a provider by subject, after `after`; at most [`MOST_LINKS`].
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn federated_members(&self, caller: &Caller, id: &str, after: &str, top: u32) -> Result<Vec<FederatedIdentity>, AppError> {
        self.upstream_provider(caller, id).await?;
        Ok(self.store().federated_identities(id, after, top.clamp(1, MOST_LINKS)).await?)
    }

    /// Says who a subject of a provider is here.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`; `InvalidArgument` when subject or member are linked already.
    pub async fn link_federated_member(
        &self,
        caller: &Caller,
        id: &str,
        member_id: &str,
        subject: &str,
    ) -> Result<FederatedIdentity, AppError> {
        self.upstream_provider(caller, id).await?;
        let member = self.find_member(member_id).await?.ok_or(AppError::NotFound { what: "member" })?;
        if !is_subject(subject) {
            return Err(AppError::invalid(
                "subject",
                "a subject has 1 to 255 bytes and no control characters",
            ));
        }
        let identity = FederatedIdentity {
            provider_id: id.to_owned(),
            subject: subject.to_owned(),
            member_id: member.id.clone(),
            created_here: false,
            linked: self.now(),
            last_sign_in: None,
        };
        let known = self.store().federated_identity(id, subject).await?;
        if let Some(known) = known.filter(|known| known.member_id == member.id) {
            return Ok(known);
        }
        match self.store().link_federated_identity(&identity).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => {
                return Err(AppError::invalid(
                    "subject",
                    "this subject is another member here, or the member another subject there; remove that link first",
                ));
            }
            Err(error) => return Err(error.into()),
        }
        let detail = serde_json::json!({ "provider": id, "subject": subject, "by": "administrator" });
        self.note(&caller.actor(), "federation.memberLinked", &member.raw_id(), detail)
            .await;
        Ok(identity)
    }

    /// Removes the link of a member and signs them out everywhere.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn unlink_federated_member(&self, caller: &Caller, id: &str, member_id: &str) -> Result<(), AppError> {
        self.upstream_provider(caller, id).await?;
        let member = self.find_member(member_id).await?.ok_or(AppError::NotFound { what: "member" })?;
        if !self.store().unlink_federated_identity(id, &member.id).await? {
            return Err(AppError::NotFound { what: "link" });
        }
        let detail = serde_json::json!({ "provider": id });
        self.note(&caller.actor(), "federation.memberUnlinked", &member.raw_id(), detail)
            .await;
        self.revoke_member(&member.id).await
    }

    /// Signs everybody out who is linked.
    pub(crate) async fn revoke_linked(&self, id: &str) -> Result<(), AppError> {
        let mut after = String::new();
        loop {
            let page = self.store().federated_identities(id, &after, MOST_LINKS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.subject);
            for identity in &page {
                self.revoke_member(&identity.member_id).await?;
            }
        }
    }
}
