//! Communication identities and their tokens: create, issue, revoke, delete, exchange for a member, visitors of our own page.
//!
//! Revocation and deletion are committed before they are announced ([`Change::IdentityRevoked`]), and a token carries its moment of issue in
//! microseconds, so that a token issued right after a revocation works and one issued right before it does not.

use serde_json::{Value, json};

use crate::error::{AppError, TokenError};
use crate::model::{AccessKey, CommunicationIdentity, IdentityKind, Member};
use crate::permissions::{
    CLIENT_CHAT, CLIENT_CHAT_JOIN, CLIENT_CHAT_JOIN_LIMITED, CLIENT_VOIP, CLIENT_VOIP_JOIN, EXTENSION_CALLS, EXTENSION_CHATS, MANAGE_CALLS,
    MANAGE_CHATS,
};
use crate::ports::StoreError;
use crate::tokens::{COMMUNICATION_CLIENTS_AUDIENCE, Caller, Claims, ISSUED_CLAIM, SIGNAL_CLAIM, TEAMS_AUDIENCE};
use crate::{App, Change, Micros, ids, links};

/// Shortest and longest life of a token, minutes.
pub const TOKEN_MINUTES: std::ops::RangeInclusive<u32> = 60..=1440;
/// How the raw id of a visitor begins.
pub(crate) const VISITOR: &str = "8:teamsvisitor:";
const MINUTE: Micros = 60_000_000;
/// How long a visitor's token lives, minutes.
const VISITOR_MINUTES: u32 = 480;

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

/// The exchanges that the common client does by itself, told apart by the scopes that it asked a token for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerExchange {
    /// Scopes below `https://communication.azure.com/clients/`.
    Clients,
    /// Scopes below `https://auth.msft.communication.azure.com/`.
    TeamsExtension,
}

impl BearerExchange {
    /// The audience of the token, and which permission gives which scope.
    fn accepts(self) -> (&'static str, &'static [(&'static str, TokenScope)]) {
        match self {
            Self::Clients => (
                COMMUNICATION_CLIENTS_AUDIENCE,
                &[
                    (CLIENT_CHAT, TokenScope::Chat),
                    (CLIENT_CHAT_JOIN, TokenScope::ChatJoin),
                    (CLIENT_CHAT_JOIN_LIMITED, TokenScope::ChatJoinLimited),
                    (CLIENT_VOIP, TokenScope::Voip),
                    (CLIENT_VOIP_JOIN, TokenScope::VoipJoin),
                ],
            ),
            Self::TeamsExtension => (
                TEAMS_AUDIENCE,
                &[
                    (EXTENSION_CHATS, TokenScope::Chat),
                    (MANAGE_CHATS, TokenScope::Chat),
                    (EXTENSION_CALLS, TokenScope::Voip),
                    (MANAGE_CALLS, TokenScope::Voip),
                ],
            ),
        }
    }

    /// What to ask for, said to whoever asked for nothing of use.
    fn typical_permission(self) -> &'static str {
        match self {
            Self::Clients => CLIENT_VOIP,
            Self::TeamsExtension => EXTENSION_CALLS,
        }
    }
}

/// The scopes that the held permissions give, each once.
fn granted(held: &[String], permissions: &[(&str, TokenScope)]) -> Vec<TokenScope> {
    let mut scopes = Vec::new();
    for (permission, scope) in permissions {
        if held.iter().any(|held| held == permission) && !scopes.contains(scope) {
            scopes.push(*scope);
        }
    }
    scopes
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
        self.sign_communication_token(raw_id, scopes, issued, issued + Micros::from(minutes) * MINUTE)
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

    /// Exchanges a member's access token (with `Teams.ManageCalls` or `Teams.ManageChats`) for a communication token of that member. It lives
    /// as long as the access token, at most a day.
    ///
    /// # Errors
    /// `InvalidArgument` with field `appId` or `userId` when those are no GUIDs; `Token` when the access token is refused or was issued to
    /// another application or member.
    pub async fn exchange_for_member(&self, token: &str, app_id: &str, user_id: &str) -> Result<IssuedToken, AppError> {
        let app_id =
            links::parse_guid(app_id).ok_or_else(|| AppError::invalid("appId", "the application's client id (a GUID) is needed"))?;
        let user_id = links::parse_guid(user_id).ok_or_else(|| AppError::invalid("userId", "the member's object id (a GUID) is needed"))?;
        let (caller, claims) = self.verify_exchangeable(token, TEAMS_AUDIENCE, true).await?;
        let Caller::Member { member, scopes, client_id } = caller else {
            return Err(TokenError::UnknownSubject.into());
        };
        if client_id != app_id || member.id != user_id {
            return Err(TokenError::UnknownSubject.into());
        }
        let granted = granted(&scopes, &[(MANAGE_CHATS, TokenScope::Chat), (MANAGE_CALLS, TokenScope::Voip)]);
        if granted.is_empty() {
            return Err(TokenError::MissingScope { needed: MANAGE_CALLS }.into());
        }
        self.sign_for_member(&member, &granted, &claims)
    }

    /// Exchanges the bearer token of a member for a communication token of that member, and says whose raw id it is for. It lives as long as
    /// the bearer token, at most a day.
    ///
    /// The published service makes an identity of the resource for the member; here the member stays who they are (`8:orgid:<object id>`):
    /// one person is one participant, whichever exchange brought them, and what is revoked for the member is revoked for all of them.
    ///
    /// # Errors
    /// The token is refused, is an application's, or carries none of the exchange's permissions.
    pub async fn exchange_bearer(&self, jwt: &str, exchange: BearerExchange) -> Result<(String, IssuedToken), TokenError> {
        let (audience, permissions) = exchange.accepts();
        let (caller, claims) = self.verify_exchangeable(jwt, audience, false).await?;
        let lacking = TokenError::MissingScope {
            needed: exchange.typical_permission(),
        };
        // An application has no communication identity of its own.
        let Caller::Member { member, scopes, .. } = caller else {
            return Err(lacking);
        };
        let granted = granted(&scopes, permissions);
        if granted.is_empty() {
            return Err(lacking);
        }
        let issued = self.sign_for_member(&member, &granted, &claims).map_err(|error| match error {
            AppError::Token(error) => error,
            AppError::Store(error) => error.into(),
            _ => TokenError::Signing,
        })?;
        Ok((member.raw_id(), issued))
    }

    /// Issued with the moment of the exchanged token, so that revoking the one revokes the other.
    fn sign_for_member(&self, member: &Member, granted: &[TokenScope], claims: &Claims) -> Result<IssuedToken, AppError> {
        let now = self.now();
        let expires = claims.check_times(now)?.min(now + Micros::from(*TOKEN_MINUTES.end()) * MINUTE);
        self.sign_communication_token(&member.raw_id(), granted, claims.issued(), expires)
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
        let token = self.sign_communication_token(&id, &scopes, now, now + Micros::from(VISITOR_MINUTES) * MINUTE)?;
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

    fn sign_communication_token(
        &self,
        raw_id: &str,
        scopes: &[TokenScope],
        issued: Micros,
        expires: Micros,
    ) -> Result<IssuedToken, AppError> {
        let tenant = self.tenant()?;
        let expires_s = expires / 1_000_000;
        let issued_s = issued / 1_000_000;
        let names: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let claims = json!({
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
        Ok(IssuedToken {
            token: self.signer().sign(&claims)?,
            expires: expires_s * 1_000_000,
        })
    }
}
