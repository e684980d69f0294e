//! Communication identities and their tokens: create, issue, revoke, delete, visitors of our own page. Members' tokens are exchanged in `exchange`.
//!
//! Revocation and deletion are committed before they are announced ([`Change::IdentityRevoked`]), and a token carries its moment of issue in
//! microseconds, so that a token issued right after a revocation works and one issued right before it does not.

use serde_json::{Value, json};

use crate::error::AppError;
use crate::model::{AccessKey, CommunicationIdentity, IdentityKind};
use crate::ports::StoreError;
use crate::tokens::{CLIENT_CLAIM, ISSUED_CLAIM, SIGNAL_CLAIM};
use crate::{App, Change, Micros, ids};

/// Shortest and longest life of a token, minutes.
pub const TOKEN_MINUTES: std::ops::RangeInclusive<u32> = 60..=1440;
/// How the raw id of a visitor begins.
pub(crate) const VISITOR: &str = "8:teamsvisitor:";
pub(crate) const MINUTE: Micros = 60_000_000;
/// How long a visitor's token lives, minutes.
const VISITOR_MINUTES: u32 = 480;

/// Whether the raw id is a visitor's of our own join page, for which anybody may ask.
#[must_use]
pub fn is_visitor(raw_id: &str) -> bool {
    raw_id.starts_with(VISITOR)
}

/// Scope of a communication token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScope {
    /// All of chat.
    Chat,
    /// Chats that it was added to, may add others.
    ChatJoin,
    /// Chats that it was added to.
    ChatJoinLimited,
    /// All of calling.
    Voip,
    /// Calls that it is invited to.
    VoipJoin,
}

impl TokenScope {
    /// Reads the exact name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Chat, Self::ChatJoin, Self::ChatJoinLimited, Self::Voip, Self::VoipJoin]
            .into_iter()
            .find(|scope| scope.as_str() == text)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::ChatJoin => "chat.join",
            Self::ChatJoinLimited => "chat.join.limited",
            Self::Voip => "voip",
            Self::VoipJoin => "voip.join",
        }
    }
}

/// A token and when it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The JWT.
    pub token: String,
    /// End of validity.
    pub expires: Micros,
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedToken")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Reads scope names; an empty list or an unknown name is refused.
///
/// # Errors
/// `InvalidArgument` with field `Scopes`.
pub fn parse_scopes(names: &[String]) -> Result<Vec<TokenScope>, AppError> {
    if names.is_empty() {
        return Err(AppError::invalid(
            "Scopes",
            "at least one scope is needed: chat, chat.join, chat.join.limited, voip or voip.join",
        ));
    }
    let mut scopes = Vec::with_capacity(names.len().min(5));
    for name in names {
        let scope = TokenScope::parse(name)
            .ok_or_else(|| AppError::invalid("Scopes", "known scopes are chat, chat.join, chat.join.limited, voip and voip.join"))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

impl App {
    /// Makes an identity for a guest.
    ///
    /// # Errors
    /// `NoTenant`, or the store failed.
    pub async fn create_identity(&self) -> Result<CommunicationIdentity, AppError> {
        let tenant = self.tenant()?;
        let user = ids::time_ordered_guid(self.random(), self.now());
        self.insert_identity(format!("8:acs:{}_{user}", tenant.resource_id), IdentityKind::Guest)
            .await
    }

    /// Issues a token. `minutes` defaults to 1440 and must lie in [`TOKEN_MINUTES`].
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted identity, `InvalidArgument` for scopes or minutes.
    pub async fn issue_token(&self, raw_id: &str, scopes: &[TokenScope], minutes: Option<u32>) -> Result<IssuedToken, AppError> {
        if scopes.is_empty() {
            return Err(AppError::invalid("Scopes", "at least one scope is needed"));
        }
        let minutes = Self::check_minutes(minutes)?;
        let known = self.store().identity(raw_id).await?.filter(|identity| identity.deleted.is_none());
        let known = known.ok_or(AppError::NotFound { what: "identity" })?;
        // Never before the last revocation, even when the clock stepped back.
        let issued = self.now().max(known.tokens_valid_after);
        self.sign_communication_token(raw_id, scopes, issued, issued + Micros::from(minutes) * MINUTE, None)
    }

    /// Checks a requested life of a token without issuing one (`create` with an invalid life must create nothing).
    ///
    /// # Errors
    /// `InvalidArgument` with field `ExpiresInMinutes`.
    pub fn check_minutes(minutes: Option<u32>) -> Result<u32, AppError> {
        let minutes = minutes.unwrap_or(*TOKEN_MINUTES.end());
        if TOKEN_MINUTES.contains(&minutes) {
            return Ok(minutes);
        }
        Err(AppError::invalid(
            "ExpiresInMinutes",
            "a token lives at least 60 and at most 1440 minutes",
        ))
    }

    /// Makes every token of the identity worthless.
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted identity.
    pub async fn revoke_tokens(&self, raw_id: &str) -> Result<(), AppError> {
        self.remember_visitor(raw_id).await?;
        // One microsecond later than now: a token issued in this very moment is revoked too.
        if !self.store().revoke_identity(raw_id, self.now() + 1).await? {
            return Err(AppError::NotFound { what: "identity" });
        }
        self.announce(Change::IdentityRevoked { raw_id: raw_id.to_owned() });
        self.note("application", "identity.revoked", raw_id, Value::Null).await;
        Ok(())
    }

    /// Deletes the identity; its tokens are worthless from now on.
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted identity.
    pub async fn delete_identity(&self, raw_id: &str) -> Result<(), AppError> {
        self.remember_visitor(raw_id).await?;
        if !self.store().delete_identity(raw_id, self.now()).await? {
            return Err(AppError::NotFound { what: "identity" });
        }
        self.announce(Change::IdentityRevoked { raw_id: raw_id.to_owned() });
        self.note("application", "identity.deleted", raw_id, Value::Null).await;
        Ok(())
    }

    /// A fresh identity of our own join page and its token; the raw id comes first. Nothing is written: anybody may ask for one, and our
    /// signature is all that such an identity needs. It is remembered when it is revoked or deleted.
    ///
    /// # Errors
    /// `NoTenant`, or cryptography failed.
    pub async fn visitor_token(&self) -> Result<(String, IssuedToken), AppError> {
        let id = format!("{VISITOR}{}", ids::guid(self.random()).replace('-', ""));
        let now = self.now();
        let scopes = [TokenScope::VoipJoin, TokenScope::ChatJoinLimited];
        let token = self.sign_communication_token(&id, &scopes, now, now + Micros::from(VISITOR_MINUTES) * MINUTE, None)?;
        Ok((id, token))
    }

    /// The access keys with which requests to the communication facade are signed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn access_keys(&self) -> Result<Vec<AccessKey>, AppError> {
        Ok(self.store().access_keys().await?)
    }

    /// Writes a visitor down, so that there is something to revoke.
    async fn remember_visitor(&self, raw_id: &str) -> Result<(), AppError> {
        let well_formed = raw_id
            .strip_prefix(VISITOR)
            .is_some_and(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
        if !well_formed || self.store().identity(raw_id).await?.is_some() {
            return Ok(());
        }
        match self.insert_identity(raw_id.to_owned(), IdentityKind::Visitor).await {
            Ok(_) | Err(AppError::Store(StoreError::Conflict { .. })) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn insert_identity(&self, id: String, kind: IdentityKind) -> Result<CommunicationIdentity, AppError> {
        let identity = CommunicationIdentity {
            id,
            kind,
            created: self.now(),
            tokens_valid_after: 0,
            deleted: None,
        };
        self.store().insert_identity(&identity).await?;
        Ok(identity)
    }

    /// `client_id` is the application that the token ends with, for tokens that one was exchanged for.
    pub(crate) fn sign_communication_token(
        &self,
        raw_id: &str,
        scopes: &[TokenScope],
        issued: Micros,
        expires: Micros,
        client_id: Option<&str>,
    ) -> Result<IssuedToken, AppError> {
        let tenant = self.tenant()?;
        let expires_s = expires / 1_000_000;
        let issued_s = issued / 1_000_000;
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let mut claims = json!({
            "skypeid": raw_id.strip_prefix("8:").unwrap_or(raw_id),
            "scp": 1792,
            "csi": issued_s.to_string(),
            "exp": expires_s,
            "iat": issued_s,
            "rgn": self.config().region,
            "acsScope": names.join(","),
            "resourceId": tenant.resource_id,
            "resourceLocation": self.config().region,
            ISSUED_CLAIM: issued.to_string(),
            SIGNAL_CLAIM: self.config().signal_url,
        });
        if let (Some(client_id), Some(claims)) = (client_id, claims.as_object_mut()) {
            claims.insert(CLIENT_CLAIM.to_owned(), client_id.into());
        }
        Ok(IssuedToken {
            token: self.signer().sign(&claims)?,
            expires: expires_s * 1_000_000,
        })
    }
}
