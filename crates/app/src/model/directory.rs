//! Tenant and members.

use crate::Micros;

/// The organisation. A server has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenant {
    /// GUID.
    pub id: String,
    /// Name of the organisation.
    pub display_name: String,
    /// GUID of the communication resource; part of every guest's raw id.
    pub resource_id: String,
    /// Client id of the members' own web app.
    pub meet_client_id: String,
    /// Switches of the whole tenant.
    pub settings: ::meeting::TenantSettings,
    /// The global meeting policy.
    pub policy: ::meeting::MeetingPolicy,
}

/// A person of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Object id (GUID, lower case).
    pub id: String,
    /// Sign-in name.
    pub user_principal_name: String,
    /// Name shown to others.
    pub display_name: String,
    /// Given name.
    pub given_name: Option<String>,
    /// Surname.
    pub surname: Option<String>,
    /// Mail address.
    pub mail: Option<String>,
    /// Job title.
    pub job_title: Option<String>,
    /// Mobile phone.
    pub mobile_phone: Option<String>,
    /// Office.
    pub office_location: Option<String>,
    /// Language tag.
    pub preferred_language: Option<String>,
    /// Phones.
    pub business_phones: Vec<String>,
    /// May administer the tenant.
    pub administrator: bool,
    /// May sign in.
    pub enabled: bool,
    /// Guest of the tenant (has an account here, belongs elsewhere).
    pub guest_of_tenant: bool,
    /// Tokens issued before this moment are refused.
    pub tokens_valid_after: Micros,
}

impl Member {
    /// Raw id in calls and chats: `8:orgid:<oid>`.
    #[must_use]
    pub fn raw_id(&self) -> String {
        format!("8:orgid:{}", self.id)
    }
}
