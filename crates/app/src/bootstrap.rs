//! What dev mode finds or makes at its start: a tenant, three members, two applications, keys.
//!
//! Idempotent: everything is looked up first, and only what is missing is made, so that a start which was interrupted is finished by the next.
//! The secrets in clear (passwords, client secret) are kept in the store's dev table, which nothing else writes to.

use crate::error::AppError;
use crate::model::{AccessGrant, AccessKey, AccessPolicy, Application, ApplicationSecret, Grantee, Member, Tenant};
use crate::permissions::{APPLICATION, DELEGATED, DELEGATED_ADMINISTRATION};
use crate::{App, ids, passwords};

/// What the ready file of dev mode tells.
#[derive(Clone)]
pub struct DevAccounts {
    /// The tenant.
    pub tenant: Tenant,
    /// Organizer, colleague, administrator.
    pub members: Vec<DevMember>,
    /// The organisation's own application.
    pub application: Application,
    /// Its secret, in clear.
    pub client_secret: String,
    /// The primary access key, base64.
    pub access_key: String,
}

/// A member with the password in clear.
#[derive(Clone)]
pub struct DevMember {
    /// The member.
    pub member: Member,
    /// Password.
    pub password: String,
}

struct Cast {
    upn: &'static str,
    given_name: &'static str,
    surname: &'static str,
    job_title: &'static str,
    administrator: bool,
}

const CAST: [Cast; 3] = [
    Cast {
        upn: "anna.berg@riverside.example",
        given_name: "Anna",
        surname: "Berg",
        job_title: "Physician",
        administrator: false,
    },
    Cast {
        upn: "ben.okafor@riverside.example",
        given_name: "Ben",
        surname: "Okafor",
        job_title: "Nurse",
        administrator: false,
    },
    Cast {
        upn: "clara.weiss@riverside.example",
        given_name: "Clara",
        surname: "Weiss",
        job_title: "IT administrator",
        administrator: true,
    },
];

impl App {
    /// Finds or makes everything that dev mode needs.
    ///
    /// # Errors
    /// The store or cryptography failed; the next call goes on where this one stopped.
    pub async fn bootstrap_dev(&self) -> Result<DevAccounts, AppError> {
        let tenant = self.dev_tenant().await?;
        self.dev_web_app(&tenant).await?;
        let mut members = Vec::with_capacity(CAST.len());
        for person in &CAST {
            members.push(self.dev_member(person).await?);
        }
        let (application, client_secret) = self.dev_application().await?;
        self.dev_access_policy(&application).await?;
        let access_key = self.dev_access_keys().await?;
        Ok(DevAccounts {
            tenant,
            members,
            application,
            client_secret,
            access_key,
        })
    }

    async fn dev_tenant(&self) -> Result<Tenant, AppError> {
        if let Some(tenant) = self.cached_tenant() {
            return Ok(Tenant::clone(&tenant));
        }
        let tenant = Tenant {
            id: ids::guid(self.random()),
            display_name: "Riverside Clinic".to_owned(),
            resource_id: ids::guid(self.random()),
            meet_client_id: ids::guid(self.random()),
            settings: meeting::TenantSettings::default(),
            policy: meeting::MeetingPolicy::default(),
        };
        Ok(Tenant::clone(&*self.save_tenant(tenant).await?))
    }

    /// The members' own web app; its redirect URIs follow the origins of this start.
    async fn dev_web_app(&self, tenant: &Tenant) -> Result<(), AppError> {
        let known = self.store().application(&tenant.meet_client_id).await?;
        let redirect_uris: Vec<String> = self
            .config()
            .origins()
            .flat_map(|origin| ["/auth/callback", "/auth/silent", "/device", "/"].map(|path| format!("{origin}{path}")))
            .collect();
        let wanted = Application {
            client_id: tenant.meet_client_id.clone(),
            object_id: known
                .as_ref()
                .map_or_else(|| ids::guid(self.random()), |known| known.object_id.clone()),
            display_name: "Anteroom".to_owned(),
            redirect_uris,
            delegated_permissions: DELEGATED.iter().map(|&name| name.to_owned()).collect(),
            public: true,
            ..Application::default()
        };
        if known.as_ref() != Some(&wanted) {
            self.store().put_application(&wanted).await?;
        }
        Ok(())
    }

    async fn dev_member(&self, person: &Cast) -> Result<DevMember, AppError> {
        let member = match self.store().member_by_upn(person.upn).await? {
            Some(member) => member,
            None => {
                let member = Member {
                    id: ids::guid(self.random()),
                    user_principal_name: person.upn.to_owned(),
                    display_name: format!("{} {}", person.given_name, person.surname),
                    given_name: Some(person.given_name.to_owned()),
                    surname: Some(person.surname.to_owned()),
                    mail: Some(person.upn.to_owned()),
                    job_title: Some(person.job_title.to_owned()),
                    mobile_phone: None,
                    office_location: None,
                    preferred_language: None,
                    business_phones: Vec::new(),
                    administrator: person.administrator,
                    enabled: true,
                    guest_of_tenant: false,
                    tokens_valid_after: 0,
                };
                self.store().put_member(&member).await?;
                member
            }
        };
        let name = format!("password {}", member.id);
        let password = self.dev_secret(&name, ids::password).await?;
        if self.store().password_hash(&member.id).await?.is_none() {
            self.set_password(&member.id, &password).await?;
        }
        Ok(DevMember { member, password })
    }

    async fn dev_application(&self) -> Result<(Application, String), AppError> {
        let client_id = self.dev_secret("application client id", ids::guid).await?;
        let secret = self.dev_secret("application secret", ids::secret).await?;
        if let Some(application) = self.store().application(&client_id).await? {
            return Ok((application, secret));
        }
        let ordinary = DELEGATED.iter().filter(|name| !DELEGATED_ADMINISTRATION.contains(name));
        let ordinary: Vec<String> = ordinary.map(|&name| name.to_owned()).collect();
        let application = Application {
            client_id,
            object_id: ids::guid(self.random()),
            display_name: "Riverside Visits".to_owned(),
            secrets: vec![ApplicationSecret::from_hash(
                ids::guid(self.random()),
                passwords::hash_secret(&secret),
            )],
            redirect_uris: vec!["http://localhost".to_owned(), "http://localhost/callback".to_owned()],
            application_permissions: APPLICATION.iter().map(|&name| name.to_owned()).collect(),
            // The organisation's own application: its administrator consented when it was registered.
            tenant_consent: ordinary.clone(),
            delegated_permissions: ordinary,
            ..Application::default()
        };
        self.store().put_application(&application).await?;
        Ok((application, secret))
    }

    /// A policy with the application, granted globally. Made once: what an administrator changes afterwards stays.
    async fn dev_access_policy(&self, application: &Application) -> Result<(), AppError> {
        const MADE: &str = "application access policy";
        if self.store().dev_secret(MADE).await?.is_some() {
            return Ok(());
        }
        let known = self.store().access_policies().await?;
        let policy = match known.into_iter().find(|policy| policy.name == application.display_name) {
            Some(policy) => policy,
            None => {
                let policy = AccessPolicy {
                    id: ids::guid(self.random()),
                    name: application.display_name.clone(),
                    description: Some("Made by dev mode: the organisation's own application may act for every member.".to_owned()),
                    applications: vec![application.client_id.clone()],
                    created: self.now(),
                };
                self.store().put_access_policy(&policy).await?;
                policy
            }
        };
        let grant = AccessGrant {
            grantee: Grantee::Global,
            policy_id: policy.id.clone(),
            rank: 0,
            created: self.now(),
        };
        self.store().put_access_grant(&grant).await?;
        self.store().put_dev_secret(MADE, &policy.id).await?;
        Ok(())
    }

    async fn dev_access_keys(&self) -> Result<String, AppError> {
        let known = self.store().access_keys().await?;
        for name in ["primary", "secondary"] {
            if !known.iter().any(|key| key.name == name) {
                let key = AccessKey {
                    name: name.to_owned(),
                    secret: ids::access_key(self.random()),
                    created: self.now(),
                };
                self.store().put_access_key(&key).await?;
            }
        }
        let keys = self.store().access_keys().await?;
        keys.into_iter()
            .find(|key| key.name == "primary")
            .map(|key| key.secret)
            .ok_or(AppError::NotFound { what: "access key" })
    }

    async fn dev_secret(&self, name: &str, make: fn(&dyn crate::ports::Random) -> String) -> Result<String, AppError> {
        if let Some(value) = self.store().dev_secret(name).await? {
            return Ok(value);
        }
        let value = make(self.random());
        self.store().put_dev_secret(name, &value).await?;
        Ok(value)
    }
}
