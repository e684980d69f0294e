//! A member's access token for a communication token of that member: asked for by an application, or by the common client itself.
//!
//! Invariants: what comes out is never worth more, nor lasts longer, than what went in; it is issued with the moment of the exchanged token, so that
//! revoking the one revokes the other, and with the application that it was issued to, so that both end with it. Kept by `tests/identities.rs` and by the facade's `tests/facade/access.rs`.

use crate::error::{AppError, TokenError};
use crate::identities::{IssuedToken, MINUTE, TOKEN_MINUTES, TokenScope};
use crate::model::Member;
use crate::permissions::{
    CLIENT_CHAT, CLIENT_CHAT_JOIN, CLIENT_CHAT_JOIN_LIMITED, CLIENT_VOIP, CLIENT_VOIP_JOIN, EXTENSION_CALLS, EXTENSION_CHATS, MANAGE_CALLS,
    MANAGE_CHATS,
};
use crate::tokens::{COMMUNICATION_CLIENTS_AUDIENCE, Caller, Claims, TEAMS_AUDIENCE};
use crate::{App, Micros, links};

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

impl App {
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
        self.sign_for_member(&member, &granted, &claims, &client_id)
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
        let Caller::Member { member, scopes, client_id } = caller else {
            return Err(lacking);
        };
        let granted = granted(&scopes, permissions);
        if granted.is_empty() {
            return Err(lacking);
        }
        let signed = self.sign_for_member(&member, &granted, &claims, &client_id);
        let issued = signed.map_err(|error| match error {
            AppError::Token(error) => error,
            AppError::Store(error) => error.into(),
            _ => TokenError::Signing,
        })?;
        Ok((member.raw_id(), issued))
    }

    /// Exchanges a member's access token of our own meeting page (with `Teams.ManageChats`) for a communication token that opens the chats which the
    /// member is in, and nothing else; the raw id comes first. It lives as long as the access token, at most a day.
    ///
    /// # Errors
    /// `Token` when the access token is refused, is an application's, or lacks the permission.
    pub async fn chat_token_for_member(&self, token: &str) -> Result<(String, IssuedToken), AppError> {
        let (caller, claims) = self.verify_exchangeable(token, TEAMS_AUDIENCE, true).await?;
        match caller {
            Caller::Member { member, scopes, client_id } if scopes.iter().any(|held| held == MANAGE_CHATS) => {
                let issued = self.sign_for_member(&member, &[TokenScope::ChatJoinLimited], &claims, &client_id)?;
                Ok((member.raw_id(), issued))
            }
            Caller::Member { .. } | Caller::Application { .. } => Err(TokenError::MissingScope { needed: MANAGE_CHATS }.into()),
        }
    }

    /// Issued with the moment of the exchanged token and its application, so that revoking the one revokes the other, and deleting the
    /// application ends both.
    fn sign_for_member(&self, member: &Member, granted: &[TokenScope], claims: &Claims, client_id: &str) -> Result<IssuedToken, AppError> {
        let now = self.now();
        let expires = claims.check_times(now)?.min(now + Micros::from(*TOKEN_MINUTES.end()) * MINUTE);
        self.sign_communication_token(&member.raw_id(), granted, claims.issued(), expires, Some(client_id))
    }
}
