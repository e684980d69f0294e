//! What the device flow persists.

use async_trait::async_trait;

use crate::{
    Micros,
    ports::StoreResult,
    sign_in::{RefreshFamily, RefreshToken},
};

/// A device that waits until a member signs in for it elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// Hash of the code that the device polls with.
    pub device_hash: String,
    /// Hash of the code that the member types, in its canonical spelling.
    pub user_code_hash: String,
    /// The application.
    pub client_id: String,
    /// The scope of the request as it was written; it parses.
    pub scope: String,
    /// When it was issued.
    pub issued: Micros,
    /// From when on it means nothing.
    pub expires: Micros,
    /// When the device asked last.
    pub polled: Option<Micros>,
    /// What the member said.
    pub decision: Option<DeviceDecision>,
    /// When it was exchanged for tokens.
    pub used_at: Option<Micros>,
}

/// What a member said about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceDecision {
    /// The device may act for this member.
    Approved {
        /// Object id of the member.
        member_id: String,
        /// When the member signed in in the browser.
        signed_in_at: Micros,
    },
    /// It may not.
    Declined,
}

/// Persistence of device codes. Every method is one transaction.
#[async_trait]
pub trait DeviceCodeStore: Send + Sync + 'static {
    /// Stores a fresh code; `Conflict` when one of its two codes is taken.
    async fn insert_device_code(&self, code: &DeviceCode) -> StoreResult<()>;

    /// The device code behind what a member typed, expired or not.
    async fn device_code_by_user_code(&self, user_code_hash: &str) -> StoreResult<Option<DeviceCode>>;

    /// The device code as it was before this call, which notes that the device asked at `now`.
    async fn poll_device_code(&self, device_hash: &str, now: Micros) -> StoreResult<Option<DeviceCode>>;

    /// Notes the decision of a member. `false` when there is no such code, when it has expired, or when it was decided before: the first
    /// decision stands.
    async fn decide_device_code(&self, user_code_hash: &str, decision: &DeviceDecision, now: Micros) -> StoreResult<bool>;

    /// Marks an approved code as used and stores the refresh family with its first token when there is one. `false` when the code is unknown,
    /// not approved, or was used before: nothing is stored then.
    async fn redeem_device_code(
        &self,
        device_hash: &str,
        refresh: Option<(&RefreshFamily, &RefreshToken)>,
        now: Micros,
    ) -> StoreResult<bool>;

    /// Stores a refresh family with its first token, for a grant that has no code of its own.
    async fn insert_refresh_family(&self, family: &RefreshFamily, token: &RefreshToken) -> StoreResult<()>;
}
