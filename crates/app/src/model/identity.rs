//! Communication identities and keys.

use crate::Micros;

/// What kind of raw id an identity has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    /// `8:acs:<resource>_<user>`, made by an application.
    Guest,
    /// `8:teamsvisitor:<id>`, made by our own join page.
    Visitor,
}

/// A person outside, as far as the server knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunicationIdentity {
    /// Raw id.
    pub id: String,
    /// Kind.
    pub kind: IdentityKind,
    /// When it was made.
    pub created: Micros,
    /// Tokens issued before this moment are refused.
    pub tokens_valid_after: Micros,
    /// When it was deleted.
    pub deleted: Option<Micros>,
}

/// A key with which applications sign requests to the communication facade.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `primary` or `secondary`.
    pub name: String,
    /// Standard padded base64 of 64 random bytes.
    pub secret: String,
    /// When it was made.
    pub created: Micros,
}

impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKey")
            .field("name", &self.name)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

/// A token signing key as the store keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// Key id.
    pub kid: String,
    /// Standard base64 of the PKCS#8 private key.
    pub pkcs8: String,
    /// When it was made; the newest signs.
    pub created: Micros,
}

impl std::fmt::Debug for SigningKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyRecord")
            .field("kid", &self.kid)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}
