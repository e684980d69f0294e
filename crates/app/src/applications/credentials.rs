//! Secrets and certificates of applications: added beside the old ones, so that an application can move from one to the next.

use super::{certificate, rules::text};
use crate::{
    App, AppError, Caller, Micros, ids,
    model::{Application, ApplicationKey, ApplicationSecret},
    passwords::hash_secret,
    settings::require_administrator,
};

/// Secrets, and certificates, of one application.
const MOST: usize = 10;
const LONGEST_NAME: usize = 120;
const DAY: Micros = 24 * 60 * 60 * 1_000_000;
/// Secrets do not live for ever; two years is what administrators know.
const LONGEST_LIFE_DAYS: u32 = 730;

/// A secret that is to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSecret {
    /// What the administrator calls it; may be empty.
    pub name: String,
    /// After how many days it proves nothing any more; 1 to 730, 180 when absent.
    pub expires_in_days: Option<u32>,
}

/// A certificate or public key that is to be registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewKey {
    /// What the administrator calls it; may be empty.
    pub name: String,
    /// One `CERTIFICATE` or `PUBLIC KEY` in PEM, RSA.
    pub pem: String,
}

impl App {
    /// Makes a secret. Its value is in this answer and nowhere else.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`; `InvalidArgument`, also for a public application.
    pub async fn add_application_secret(
        &self,
        caller: &Caller,
        client_id: &str,
        new: NewSecret,
    ) -> Result<(ApplicationSecret, String), AppError> {
        require_administrator(caller)?;
        let name = text("name", &new.name, LONGEST_NAME)?;
        let days = new.expires_in_days.unwrap_or(180);
        if !(1..=LONGEST_LIFE_DAYS).contains(&days) {
            return Err(AppError::invalid("expiresInDays", "a secret lives for 1 to 730 days"));
        }
        let _writing = self.inner.writing.lock().await;
        let mut application = self.confidential_application(client_id).await?;
        if application.secrets.len() >= MOST {
            return Err(AppError::invalid(
                "secrets",
                "an application has at most 10 secrets; remove one first",
            ));
        }
        let value = ids::secret(self.random());
        let secret = ApplicationSecret {
            id: ids::guid(self.random()),
            name,
            hash: hash_secret(&value),
            hint: value.chars().take(3).collect(),
            created: self.now(),
            expires: Some(self.now() + Micros::from(days) * DAY),
        };
        application.secrets.push(secret.clone());
        self.store().put_application(&application).await?;
        self.note_credential(caller, "application.secretAdded", &application, &secret.id)
            .await;
        Ok((secret, value))
    }

    /// Removes a secret; it proves nothing from now on.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`.
    pub async fn remove_application_secret(&self, caller: &Caller, client_id: &str, id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut application = self.changeable_application(client_id).await?;
        let before = application.secrets.len();
        application.secrets.retain(|secret| secret.id != id);
        if application.secrets.len() == before {
            return Err(AppError::NotFound { what: "secret" });
        }
        self.store().put_application(&application).await?;
        self.note_credential(caller, "application.secretRemoved", &application, id).await;
        Ok(())
    }

    /// Registers a certificate or public key.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`; `InvalidArgument`, also for a public application,
    /// for a certificate that has expired, and for a key that is registered already.
    pub async fn add_application_key(&self, caller: &Caller, client_id: &str, new: NewKey) -> Result<ApplicationKey, AppError> {
        require_administrator(caller)?;
        let read = certificate::read(&new.pem)?;
        if read.expires.is_some_and(|end| end <= self.now()) {
            return Err(AppError::invalid("pem", "the certificate has expired"));
        }
        let key = ApplicationKey {
            id: ids::guid(self.random()),
            name: text("name", &new.name, LONGEST_NAME)?,
            created: self.now(),
            ..read
        };
        let _writing = self.inner.writing.lock().await;
        let mut application = self.confidential_application(client_id).await?;
        if application.keys.len() >= MOST {
            return Err(AppError::invalid(
                "certificates",
                "an application has at most 10 certificates; remove one first",
            ));
        }
        let same = |known: &ApplicationKey| known.public_key == key.public_key && known.sha256 == key.sha256;
        if application.keys.iter().any(same) {
            return Err(AppError::invalid("pem", "this certificate or key is registered already"));
        }
        application.keys.push(key.clone());
        self.store().put_application(&application).await?;
        self.note_credential(caller, "application.keyAdded", &application, &key.id).await;
        Ok(key)
    }

    /// Removes a certificate or public key; it proves nothing from now on.
    ///
    /// # Errors
    /// `Forbidden` unless the caller is an administrator with `Settings.ReadWrite.All`; `NotFound`.
    pub async fn remove_application_key(&self, caller: &Caller, client_id: &str, id: &str) -> Result<(), AppError> {
        require_administrator(caller)?;
        let _writing = self.inner.writing.lock().await;
        let mut application = self.changeable_application(client_id).await?;
        let before = application.keys.len();
        application.keys.retain(|key| key.id != id);
        if application.keys.len() == before {
            return Err(AppError::NotFound { what: "certificate" });
        }
        self.store().put_application(&application).await?;
        self.note_credential(caller, "application.keyRemoved", &application, id).await;
        Ok(())
    }

    async fn confidential_application(&self, client_id: &str) -> Result<Application, AppError> {
        let application = self.changeable_application(client_id).await?;
        match application.public {
            true => Err(AppError::invalid("public", "a public application cannot keep a credential")),
            false => Ok(application),
        }
    }

    async fn note_credential(&self, caller: &Caller, action: &str, application: &Application, id: &str) {
        let detail = serde_json::json!({ "id": id });
        self.note(&caller.actor(), action, &application.client_id, detail).await;
    }
}
