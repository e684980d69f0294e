//! Setting providers up, for administrators: what may be written, trying it out, and linking members by hand.
//!
//! * The secret goes in and never comes out; [`UpstreamProvider`] goes to the administration API, which leaves it out.
//! * Issuer and subject claim are fixed: together they say what a subject means, and with another meaning the links would lead to other people.
//! * Who loses a provider (it is deleted or switched off, or the link is removed) is signed out everywhere, as somebody whose account was withdrawn.

use super::{
    claims::is_subject,
    model::{ClaimCondition, FederatedIdentity, ProviderRules, UpstreamProvider},
};
use crate::{App, AppError, ids, outbound::OutboundError, ports::StoreError, settings::require_administrator, tokens::Caller};

/// Providers at most: each is a button on the sign-in page.
const MOST_PROVIDERS: usize = 20;
const MOST_NAME: usize = 80;
const MOST_ISSUER: usize = 512;
const MOST_CREDENTIAL: usize = 1024;
const MOST_LIST: usize = 50;
const MOST_WORD: usize = 256;
/// Links that a page of the list has at most.
pub const MOST_LINKS: u32 = 200;

const PROVIDER: AppError = AppError::NotFound { what: "upstream provider" };

/// A provider to be added.
#[derive(Clone)]
pub struct ProviderDraft {
    /// Shown on the sign-in page; 1 to 80 characters.
    pub name: String,
    /// Issuer identifier, byte for byte.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: Option<String>,
    /// Everything else.
    pub rules: ProviderRules,
    /// Whether it is offered at once.
    pub enabled: bool,
}

/// What changes of a provider.
#[derive(Clone, Default)]
pub struct ProviderChange {
    /// Name.
    pub name: Option<String>,
    /// Client id.
    pub client_id: Option<String>,
    /// Secret; `Some(None)` takes it away.
    pub client_secret: Option<Option<String>>,
    /// All rules.
    pub rules: Option<ProviderRules>,
    /// Whether it is offered.
    pub enabled: Option<bool>,
}

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

    async fn revoke_linked(&self, id: &str) -> Result<(), AppError> {
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

fn check(provider: &UpstreamProvider) -> Result<(), AppError> {
    text("name", &provider.name, MOST_NAME)?;
    check_issuer(&provider.issuer)?;
    text("clientId", &provider.client_id, MOST_CREDENTIAL)?;
    if let Some(secret) = &provider.client_secret {
        text("clientSecret", secret, MOST_CREDENTIAL)?;
    }
    let rules = &provider.rules;
    list("scopes", &rules.scopes, |scope| {
        scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    })?;
    list("emailDomains", &rules.email_domains, |domain| {
        domain.contains('.')
            && domain
                .chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
    })?;
    let mapping = &rules.claims;
    for (field, name) in [
        ("claims.subject", &mapping.subject),
        ("claims.userPrincipalName", &mapping.user_principal_name),
        ("claims.displayName", &mapping.display_name),
        ("claims.mail", &mapping.mail),
        ("claims.givenName", &mapping.given_name),
        ("claims.surname", &mapping.surname),
    ] {
        text(field, name, MOST_WORD)?;
    }
    for (field, condition) in [("required", &rules.required), ("administrators", &rules.administrators)] {
        if let Some(ClaimCondition { claim, value }) = condition {
            text(field, claim, MOST_WORD)?;
            text(field, value, MOST_WORD)?;
        }
    }
    Ok(())
}

fn check_issuer(issuer: &str) -> Result<(), AppError> {
    let wrong = |message: &str| Err(AppError::invalid("issuer", message));
    if issuer.len() > MOST_ISSUER {
        return wrong("an issuer has at most 512 bytes");
    }
    let Ok(url) = url::Url::parse(issuer) else {
        return wrong("an issuer is an absolute https address");
    };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return wrong("an issuer is an absolute https address");
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return wrong("an issuer has no user, query or fragment");
    }
    if issuer.ends_with("/.well-known/openid-configuration") {
        return wrong("this is the address of the description; the issuer is what stands before /.well-known");
    }
    Ok(())
}

fn text(field: &'static str, value: &str, most: usize) -> Result<(), AppError> {
    if value.trim().is_empty() || value.chars().count() > most || value.chars().any(char::is_control) {
        return Err(AppError::invalid(field, format!("1 to {most} characters, without line breaks")));
    }
    Ok(())
}

fn list(field: &'static str, values: &[String], fits: impl Fn(&str) -> bool) -> Result<(), AppError> {
    if values.len() > MOST_LIST {
        return Err(AppError::invalid(field, format!("at most {MOST_LIST} entries")));
    }
    match values
        .iter()
        .find(|value| value.is_empty() || value.len() > MOST_WORD || !fits(value))
    {
        Some(_) => Err(AppError::invalid(
            field,
            "an entry is empty, too long, or has characters that it cannot have",
        )),
        None => Ok(()),
    }
}
