//! Registering, changing and deleting applications. What a registration may contain is in `rules`.

use super::rules::apply;
use crate::{
    App, AppError, Caller, Change, ids,
    model::{Application, ExposedScope},
    settings::require_administrator,
    sign_in::API,
};

/// Applications of a tenant.
const MOST_APPLICATIONS: usize = 1000;

/// A registration that is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationDraft {
    /// Name; 1 to 120 characters.
    pub display_name: String,
    /// Cannot keep a secret. Not changed later: credentials and redirect addresses mean something else then.
    pub public: bool,
    /// The rest, as for a change.
    pub rest: ApplicationPatch,
}

/// What is to be changed in a registration; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationPatch {
    /// Name; 1 to 120 characters.
    pub display_name: Option<String>,
    /// Exact redirect addresses: `https`, `http` on loopback, or for public applications a scheme of their own.
    pub redirect_uris: Option<Vec<String>>,
    /// Application permissions, from those that exist.
    pub application_permissions: Option<Vec<String>>,
    /// Delegated permissions, from those that exist, and `api://<client id>/<scope>` of registered applications.
    pub delegated_permissions: Option<Vec<String>>,
    /// Scopes of its own API.
    pub exposed_scopes: Option<Vec<ExposedScope>>,
}

impl App {
    /// All registered applications by name.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`.
    pub async fn registered_applications(&self, caller: &Caller) -> Result<Vec<Application>, AppError> {
        require_administrator(caller)?;
        Ok(self.store().applications().await?)
    }

    /// One registered application.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`.
    pub async fn registered_application(&self, caller: &Caller, client_id: &str) -> Result<Application, AppError> {
        require_administrator(caller)?;
        self.application(client_id).await?.ok_or(NOT_FOUND)
    }

    /// Registers an application; its client id is made here.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `InvalidArgument`.
    pub async fn register_application(&self, caller: &Caller, draft: ApplicationDraft) -> Result<Application, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let known = self.store().applications().await?;
        if known.len() >= MOST_APPLICATIONS {
            return Err(AppError::invalid(
                "displayName",
                "there are 1000 applications already; delete one first",
            ));
        }
        let mut application = Application {
            client_id: ids::guid(self.random()),
            object_id: ids::guid(self.random()),
            public: draft.public,
            ..Application::default()
        };
        let name = Some(draft.display_name);
        apply(
            &mut application,
            ApplicationPatch {
                display_name: name,
                ..draft.rest
            },
            &known,
        )?;
        self.store().put_application(&application).await?;
        let detail = serde_json::json!({ "displayName": application.display_name });
        self.note(&caller.actor(), "application.registered", &application.client_id, detail)
            .await;
        Ok(application)
    }

    /// Changes a registration. An application permission that is taken away no longer counts in tokens that are out; a delegated one is in no new
    /// token, and in those that are out until they end within the hour.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`, and for the members' own web app; `NotFound`;
    /// `InvalidArgument`, and nothing is changed then.
    pub async fn change_application(&self, caller: &Caller, client_id: &str, patch: ApplicationPatch) -> Result<Application, AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut application = self.changeable_application(client_id).await?;
        let known = self.store().applications().await?;
        apply(&mut application, patch, &known)?;
        // The tenant's consent to a permission does not outlive its registration.
        let held = application.clone();
        let own = format!("{API}{}/", held.client_id);
        application.tenant_consent.retain(|name| {
            let own = name.strip_prefix(&own).is_some_and(|scope| held.exposes(scope));
            own || name == "openid" || held.delegated_permissions.contains(name)
        });
        self.store().put_application(&application).await?;
        self.note(
            &caller.actor(),
            "application.changed",
            &application.client_id,
            serde_json::Value::Null,
        )
        .await;
        Ok(application)
    }

    /// Deletes an application with everything that it was given. Its tokens, those of members for it, and
    /// the communication tokens that those were exchanged for end at once, with the connections that they opened.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`, and for the members' own web app; `NotFound`.
    pub async fn delete_application(&self, caller: &Caller, client_id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let application = self.changeable_application(client_id).await?;
        if !self.store().delete_application(&application.client_id).await? {
            return Err(NOT_FOUND);
        }
        self.announce(Change::ApplicationDeleted {
            client_id: application.client_id.clone(),
        });
        let detail = serde_json::json!({ "displayName": application.display_name });
        self.note(&caller.actor(), "application.deleted", &application.client_id, detail)
            .await;
        Ok(())
    }

    /// An application that administrators may change; the caller holds the lock on writing.
    pub(crate) async fn changeable_application(&self, client_id: &str) -> Result<Application, AppError> {
        let application = self.application(client_id).await?.ok_or(NOT_FOUND)?;
        if self.tenant()?.meet_client_id == application.client_id {
            return Err(AppError::forbidden(
                "the members' own web app is kept by the server and cannot be changed",
            ));
        }
        Ok(application)
    }
}

const NOT_FOUND: AppError = AppError::NotFound { what: "application" };
