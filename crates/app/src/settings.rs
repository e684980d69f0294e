//! Tenant settings and the global meeting policy: read and changed by administrators, effective in running meetings at once.

use std::sync::Arc;

use meeting::{MeetingPolicy, TenantSettings};

use crate::error::AppError;
use crate::model::Tenant;
use crate::permissions::{SETTINGS_READ_WRITE, require};
use crate::tokens::Caller;
use crate::{App, Change};

impl App {
    /// Settings of the tenant and its global policy.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`.
    pub async fn settings(&self, caller: &Caller) -> Result<(TenantSettings, MeetingPolicy), AppError> {
        require_administrator(caller)?;
        let tenant = self.tenant()?;
        Ok((tenant.settings.clone(), tenant.policy.clone()))
    }

    /// Replaces what is given.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `InvalidArgument` for a value out of range.
    pub async fn update_settings(
        &self,
        caller: &Caller,
        settings: Option<TenantSettings>,
        policy: Option<MeetingPolicy>,
    ) -> Result<(TenantSettings, MeetingPolicy), AppError> {
        require_administrator(caller)?;
        if let Some(policy) = &policy
            && !(10..=86_400).contains(&policy.lobby_timeout_s)
        {
            return Err(AppError::invalid(
                "lobbyTimeoutS",
                "the lobby timeout lies between 10 and 86400 seconds",
            ));
        }
        let _writing = self.inner.writing.lock().await;
        let mut tenant = Tenant::clone(&*self.tenant()?);
        if let Some(settings) = settings {
            tenant.settings = settings;
        }
        if let Some(policy) = policy {
            tenant.policy = policy;
        }
        let (settings, policy) = (tenant.settings.clone(), tenant.policy.clone());
        self.save_tenant(tenant).await?;
        self.announce(Change::SettingsChanged);
        let detail = serde_json::json!({ "tenant": settings, "policy": policy });
        self.note(&caller.actor(), "settings.changed", "tenant", detail).await;
        Ok((settings, policy))
    }

    pub(crate) async fn save_tenant(&self, tenant: Tenant) -> Result<Arc<Tenant>, AppError> {
        self.store().put_tenant(&tenant).await?;
        Ok(self.cache_tenant(tenant))
    }
}

/// Administrators only, through a client that was given administration; never an application.
pub(crate) fn require_administrator(caller: &Caller) -> Result<(), AppError> {
    require(caller, &[SETTINGS_READ_WRITE], &[])?;
    match caller {
        Caller::Member { member, .. } if member.administrator => Ok(()),
        _ => Err(AppError::forbidden("an administrator of the tenant must be signed in")),
    }
}
