//! Setting providers up, for administrators. What may be written is in `draft`, trying it out in `check`, linking members by hand in `links`.
//!
//! * The secret goes in and never comes out; [`UpstreamProvider`] goes to the administration API, which leaves it out.
//! * Issuer and subject claim are fixed: together they say what a subject means, and with another meaning the links would lead to other people.
//! * Who loses a provider (it is deleted or switched off, or the link is removed) is signed out everywhere, as somebody whose account was withdrawn.

use super::{
    draft::{ProviderChange, ProviderDraft, check},
    model::UpstreamProvider,
};
use crate::{App, AppError, ids, outbound::OutboundError, settings::require_administrator, tokens::Caller};

/// Providers at most: each is a button on the sign-in page.
const MOST_PROVIDERS: usize = 20;

const PROVIDER: AppError = AppError::NotFound { what: "upstream provider" };

impl App {
    /// All providers.
    ///
    /// # Errors
    /// `Forbidden` unless the caller administers.
    pub async fn upstream_providers(&self, caller: &Caller) -> Result<Vec<UpstreamProvider>, AppError> {
        require_administrator(caller)?;
        Ok(self.store().upstream_providers().await?)
    }

    /// One provider.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`.
    pub async fn upstream_provider(&self, caller: &Caller, id: &str) -> Result<UpstreamProvider, AppError> {
        require_administrator(caller)?;
        self.store().upstream_provider(id).await?.ok_or(PROVIDER)
    }

    /// Adds a provider.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` names what cannot be accepted.
    pub async fn create_upstream_provider(&self, caller: &Caller, draft: ProviderDraft) -> Result<UpstreamProvider, AppError> {
        require_administrator(caller)?;
        let provider = UpstreamProvider {
            id: ids::guid(self.random()),
            name: draft.name,
            issuer: draft.issuer,
            client_id: draft.client_id,
            client_secret: draft.client_secret,
            rules: draft.rules,
            enabled: draft.enabled,
            created: self.now(),
        };
        check(&provider)?;
        self.check_issuer_address(&provider.issuer).await?;
        let _writing = self.inner.writing.lock().await;
        if self.store().upstream_providers().await?.len() >= MOST_PROVIDERS {
            return Err(AppError::invalid(
                "name",
                format!("there are {MOST_PROVIDERS} providers already; delete one first"),
            ));
        }
        self.store().put_upstream_provider(&provider).await?;
        self.note_provider(caller, "federation.providerCreated", &provider).await;
        Ok(provider)
    }

    /// Changes a provider. Switching it off signs its members out.
    ///
    /// # Errors
    /// `Forbidden`, `NotFound`, `InvalidArgument`. After a failure of the store, change it again: sessions may be left.
    pub async fn update_upstream_provider(&self, caller: &Caller, id: &str, change: ProviderChange) -> Result<UpstreamProvider, AppError> {
        require_administrator(caller)?;
        let (before, after) = {
            let _writing = self.inner.writing.lock().await;
            let before = self.store().upstream_provider(id).await?.ok_or(PROVIDER)?;
            let after = UpstreamProvider {
                name: change.name.unwrap_or_else(|| before.name.clone()),
                client_id: change.client_id.unwrap_or_else(|| before.client_id.clone()),
                client_secret: change.client_secret.unwrap_or_else(|| before.client_secret.clone()),
                rules: change.rules.unwrap_or_else(|| before.rules.clone()),
                enabled: change.enabled.unwrap_or(before.enabled),
                ..before.clone()
            };
            check(&after)?;
            let other_subject = after.rules.claims.subject != before.rules.claims.subject;
            if other_subject && !self.store().federated_identities(id, "", 1).await?.is_empty() {
                return Err(AppError::invalid(
                    "claims.subject",
                    "members are linked by this claim already; with another one they would be other people. Add a second provider instead",
                ));
            }
            self.store().put_upstream_provider(&after).await?;
            (before, after)
        };
        self.inner.upstreams.forget(id);
        self.note_provider(caller, "federation.providerChanged", &after).await;
        if before.enabled && !after.enabled {
            self.revoke_linked(id).await?;
        }
        Ok(after)
    }

    /// Deletes a provider and its links, and signs its members out; they stay members.
    ///
    /// # Errors
    /// `Forbidden` or `NotFound`. After a failure of the store, delete it again: sessions may be left.
    pub async fn delete_upstream_provider(&self, caller: &Caller, id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let mut provider = self.store().upstream_provider(id).await?.ok_or(PROVIDER)?;
        // First nobody comes in any more, then those who are in go, then the links, without which they could not be found.
        provider.enabled = false;
        self.store().put_upstream_provider(&provider).await?;
        self.revoke_linked(id).await?;
        self.store().delete_upstream_provider(id).await?;
        self.inner.upstreams.forget(id);
        self.note_provider(caller, "federation.providerDeleted", &provider).await;
        Ok(())
    }

    /// The addresses that have to be registered at a provider: one for each origin of this server.
    ///
    /// # Errors
    /// `NoTenant`.
    pub fn upstream_redirect_uris(&self, provider_id: &str) -> Result<Vec<String>, AppError> {
        let uris = self
            .config()
            .origins()
            .map(|origin| self.federation_redirect_uri(origin, provider_id));
        uris.collect()
    }

    /// The addresses to be registered as `post_logout_redirect_uri`, where that is used.
    ///
    /// # Errors
    /// `NoTenant`.
    pub fn upstream_logout_uris(&self, provider_id: &str) -> Result<Vec<String>, AppError> {
        let uris = self.upstream_redirect_uris(provider_id)?;
        Ok(uris.into_iter().map(|uri| format!("{uri}/signed-out")).collect())
    }

    /// Whether members sign in with passwords.
    ///
    /// # Errors
    /// `Forbidden`.
    pub async fn local_sign_in(&self, caller: &Caller) -> Result<bool, AppError> {
        require_administrator(caller)?;
        Ok(self.store().local_sign_in().await?)
    }

    /// Switches passwords on or off for members who are no administrators. Off counts while a provider is enabled.
    ///
    /// # Errors
    /// `Forbidden`; `InvalidArgument` without an enabled provider.
    pub async fn set_local_sign_in(&self, caller: &Caller, on: bool) -> Result<(), AppError> {
        require_administrator(caller)?;
        if !on && !self.store().upstream_providers().await?.iter().any(|provider| provider.enabled) {
            return Err(AppError::invalid(
                "localSignIn",
                "no provider is enabled; without passwords and providers nobody could sign in",
            ));
        }
        self.store().set_local_sign_in(on).await?;
        let detail = serde_json::json!({ "localSignIn": on });
        self.note(&caller.actor(), "federation.localSignInChanged", "tenant", detail).await;
        Ok(())
    }

    /// An address that this server may not call is refused when it is written, not when somebody signs in. A name that cannot be looked up at the moment
    /// is accepted: the check of the provider tells.
    async fn check_issuer_address(&self, issuer: &str) -> Result<(), AppError> {
        match self.outbound().check(issuer).await {
            Err(OutboundError::Forbidden { reason, .. }) => {
                Err(AppError::invalid("issuer", format!("this address may not be called: {reason}")))
            }
            _ => Ok(()),
        }
    }

    async fn note_provider(&self, caller: &Caller, action: &str, provider: &UpstreamProvider) {
        let detail = serde_json::json!({
            "name": provider.name,
            "issuer": provider.issuer,
            "clientId": provider.client_id,
            "enabled": provider.enabled,
            "rules": provider.rules,
        });
        self.note(&caller.actor(), action, &provider.id, detail).await;
    }
}
