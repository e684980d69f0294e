//! Consent: what an application may do for a member is what it is registered for and what the member, or an administrator for everybody, said
//! yes to.
//!
//! The members' own web app is a part of the server and is not consented to. Kept by `oidc/tests/provider/consent.rs`.

use std::collections::BTreeSet;

use crate::{
    App, AppError, Caller,
    model::{Application, Member},
    settings::require_administrator,
    sign_in::{MemberScopes, Refusal, SignInError},
};

/// What consent to any permission includes.
const ABOUT_THE_MEMBER: &[&str] = &["openid", "profile", "email", "offline_access"];

impl App {
    /// What of these scopes neither the member nor an administrator has consented to, in the spelling of the registration.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn missing_consent(
        &self,
        member: &Member,
        application: &Application,
        scopes: &MemberScopes,
    ) -> Result<Vec<String>, SignInError> {
        if self.needs_no_consent(application) {
            return Ok(Vec::new());
        }
        let granted: BTreeSet<String> = self
            .store()
            .consents(&member.id, &application.client_id)
            .await?
            .into_iter()
            .collect();
        let by_tenant = |name: &str| {
            application.tenant_consent.iter().any(|held| held == name)
                || (ABOUT_THE_MEMBER.contains(&name) && !application.tenant_consent.is_empty())
        };
        let mut asked = scopes.consentable();
        asked.retain(|name| !granted.contains(name) && !by_tenant(name));
        Ok(asked)
    }

    /// Refuses tokens whose permissions nobody consented to (any more). What is told of the member is left out of `scopes` when neither a consent
    /// nor `agreed`, the scope of the request to which the member said yes, holds it: clients add such words by themselves.
    pub(crate) async fn require_consent(
        &self,
        member: &Member,
        application: &Application,
        scopes: &mut MemberScopes,
        agreed: &str,
    ) -> Result<(), SignInError> {
        let mut missing = self.missing_consent(member, application, scopes).await?;
        missing.retain(|name| !(ABOUT_THE_MEMBER.contains(&name.as_str()) && agreed.split_ascii_whitespace().any(|word| word == name)));
        let permission = missing.iter().any(|name| !ABOUT_THE_MEMBER.contains(&name.as_str()));
        scopes.withhold(&missing);
        match permission || scopes.granted().is_empty() {
            true => Err(Refusal::ConsentRequired(application.client_id.clone()).into()),
            false => Ok(()),
        }
    }

    /// Writes down that a member consented to these scopes.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn grant_consent(&self, member: &Member, application: &Application, scopes: &MemberScopes) -> Result<(), SignInError> {
        if self.needs_no_consent(application) {
            return Ok(());
        }
        let granted = scopes.consentable();
        self.store()
            .grant_consents(&member.id, &application.client_id, &granted, self.now())
            .await?;
        let detail = serde_json::json!({ "permissions": granted });
        self.note(&member.raw_id(), "consent.granted", &application.client_id, detail).await;
        Ok(())
    }

    /// Consents for everybody to all delegated permissions that the application is registered for now.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`.
    pub async fn consent_for_tenant(&self, caller: &Caller, client_id: &str) -> Result<Application, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut application = self.changeable_application(client_id).await?;
        let exposed = application.exposed_scopes.iter();
        let own = exposed.map(|scope| format!("{}{}/{}", crate::sign_in::API, application.client_id, scope.name));
        application.tenant_consent = std::iter::once("openid".to_owned())
            .chain(application.delegated_permissions.iter().cloned())
            .chain(own)
            .collect();
        self.store().put_application(&application).await?;
        let detail = serde_json::json!({ "permissions": application.tenant_consent });
        self.note(&caller.actor(), "consent.tenantGranted", &application.client_id, detail)
            .await;
        Ok(application)
    }

    /// Withdraws all consent for an application, the tenant's and that of every member: they are asked again. Its refresh tokens bring nothing
    /// until then; access tokens that are out end by themselves within the hour.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`.
    pub async fn withdraw_consent(&self, caller: &Caller, client_id: &str) -> Result<Application, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut application = self.changeable_application(client_id).await?;
        application.tenant_consent.clear();
        self.store().put_application(&application).await?;
        self.store().withdraw_consents(&application.client_id).await?;
        self.note(
            &caller.actor(),
            "consent.withdrawn",
            &application.client_id,
            serde_json::Value::Null,
        )
        .await;
        Ok(application)
    }

    fn needs_no_consent(&self, application: &Application) -> bool {
        self.is_own_web_app(application)
    }

    /// Whether this is the members' own web app.
    pub(crate) fn is_own_web_app(&self, application: &Application) -> bool {
        self.cached_tenant()
            .is_some_and(|tenant| tenant.meet_client_id == application.client_id)
    }
}
