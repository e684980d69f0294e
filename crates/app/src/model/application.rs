//! Registered programs: what they may ask for, and how they prove who they are.

use serde::{Deserialize, Serialize};

use crate::Micros;

/// A registered program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Application {
    /// Client id (GUID).
    pub client_id: String,
    /// Object id of its service principal (GUID).
    pub object_id: String,
    /// Name.
    pub display_name: String,
    /// Its secrets; several while one is being replaced.
    pub secrets: Vec<ApplicationSecret>,
    /// Its certificates and public keys; several while one is being replaced.
    pub keys: Vec<ApplicationKey>,
    /// Exact redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Application permissions granted, for example `OnlineMeetings.Read.All`; the `roles` of its tokens.
    pub application_permissions: Vec<String>,
    /// Delegated permissions that this application may ask members for. Those of another application's API are written `api://<client id>/<scope>`.
    pub delegated_permissions: Vec<String>,
    /// Scopes that this application's own API has: others may ask for them.
    pub exposed_scopes: Vec<ExposedScope>,
    /// Delegated permissions to which an administrator consented for everybody; members are not asked for them. When there is any, members are
    /// not asked for their name and mail address either.
    pub tenant_consent: Vec<String>,
    /// Cannot keep a secret (browser or native): PKCE is required, no client credentials.
    pub public: bool,
}

/// A secret, known by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationSecret {
    /// GUID, by which it is removed.
    pub id: String,
    /// What the administrator calls it; may be empty.
    pub name: String,
    /// Hash (see `passwords::hash_secret`).
    pub hash: String,
    /// Its first characters, by which people tell secrets apart; may be empty.
    pub hint: String,
    /// When it was made.
    pub created: Micros,
    /// From when on it proves nothing.
    pub expires: Option<Micros>,
}

impl ApplicationSecret {
    /// A secret of which only the hash is known.
    #[must_use]
    pub fn from_hash(id: impl Into<String>, hash: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: String::new(),
            hash: hash.into(),
            hint: String::new(),
            created: 0,
            expires: None,
        }
    }
}

/// The public half of a key with which an application signs assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationKey {
    /// GUID, by which it is removed; also a `kid`.
    pub id: String,
    /// What the administrator calls it; may be empty.
    pub name: String,
    /// SubjectPublicKeyInfo (DER), base64.
    pub public_key: String,
    /// SHA-1 of the certificate, base64url: the header `x5t`. None for a bare key.
    pub sha1: Option<String>,
    /// SHA-256 of the certificate, base64url: the header `x5t#S256`. None for a bare key.
    pub sha256: Option<String>,
    /// From when on it proves something.
    pub valid_from: Option<Micros>,
    /// From when on it proves nothing.
    pub expires: Option<Micros>,
    /// When it was registered.
    pub created: Micros,
}

/// A scope of an application's own API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposedScope {
    /// Name, for example `access_as_user`.
    pub name: String,
    /// What members read when they are asked for it.
    pub description: String,
}

impl Application {
    /// Whether this is one of its secrets that has not expired; takes a constant time for each secret.
    #[must_use]
    pub fn has_secret(&self, secret: &str, now: Micros) -> bool {
        let living = self.secrets.iter().filter(|known| known.expires.is_none_or(|end| end > now));
        crate::passwords::secret_matches(secret, living.map(|known| known.hash.as_str()))
    }

    /// Whether its own API has this scope.
    #[must_use]
    pub fn exposes(&self, scope: &str) -> bool {
        self.exposed_scopes.iter().any(|exposed| exposed.name == scope)
    }
}
