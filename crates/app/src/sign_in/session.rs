//! Signing in with a password, and the session that a browser keeps afterwards.
//!
//! The cookie holds a random secret; the store holds its hash. A session is read anew with its member each time, so that
//! disabling the member or `App::revoke_member` ends it at once (law 4). Not here: cookies and forms (the `oidc` facade).

use std::net::IpAddr;

use super::{
    ports::SignInSession,
    refusal::{Refusal, SignInError},
    throttle::SignInThrottle,
};
use crate::{
    App, Micros, ids,
    model::{Application, Member},
    passwords::hash_secret,
};

/// How long a browser stays signed in.
pub const SESSION_SECONDS: u32 = 12 * 60 * 60;
/// Longer user names than any mail address can be are not looked up.
const MAX_USER_NAME: usize = 320;

/// What the sign-in form sent.
#[derive(Clone, Copy)]
pub struct PasswordAttempt<'a> {
    /// The user name as typed.
    pub user_name: &'a str,
    /// The password as typed.
    pub password: &'a str,
    /// Where the request came from, when the server knows.
    pub source: Option<IpAddr>,
}

/// A member who is signed in in one browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub member: Member,
    /// The key of the session in the store; not the cookie's secret.
    pub session_hash: String,
    /// When the password was given.
    pub signed_in_at: Micros,
}

impl App {
    /// Verifies a password and opens a session; returns it with the secret for the cookie.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`] for an unknown name, a wrong password and a disabled member alike, after the same work;
    /// [`Refusal::Throttled`] before any password is looked at; a right password where members sign in at a provider only.
    pub async fn sign_in(&self, throttle: &SignInThrottle, attempt: PasswordAttempt<'_>) -> Result<(Session, String), SignInError> {
        let user_name = attempt.user_name.trim();
        if user_name.is_empty() || user_name.len() > MAX_USER_NAME {
            return Err(Refusal::WrongCredentials.into());
        }
        let begun = throttle.begin(user_name, attempt.source, self.now());
        begun.map_err(|retry_after_seconds| Refusal::Throttled { retry_after_seconds })?;
        let member = self
            .verify_password(user_name, attempt.password)
            .await
            .map_err(SignInError::unavailable)?;
        let member = member.ok_or(Refusal::WrongCredentials)?;
        throttle.succeeded(user_name, attempt.source);
        self.check_password_sign_in(&member).await?;
        self.open_sign_in_session(member, self.now()).await
    }

    /// Opens a session for a member who has signed in, however they did; returns it with the secret for the cookie.
    pub(crate) async fn open_sign_in_session(&self, member: Member, signed_in_at: Micros) -> Result<(Session, String), SignInError> {
        let secret = ids::secret(self.random());
        let stored = SignInSession {
            token_hash: hash_secret(&secret),
            member_id: member.id.clone(),
            signed_in_at,
            expires: self.now() + Micros::from(SESSION_SECONDS) * 1_000_000,
        };
        self.store().put_sign_in_session(&stored).await?;
        Ok((
            Session {
                member,
                session_hash: stored.token_hash,
                signed_in_at,
            },
            secret,
        ))
    }

    /// The session of a cookie, when it still means something.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn sign_in_session(&self, secret: &str) -> Result<Option<Session>, SignInError> {
        let Some(stored) = self.store().sign_in_session(&hash_secret(secret)).await? else {
            return Ok(None);
        };
        if stored.expires <= self.now() {
            return Ok(None);
        }
        let member = self.member_signed_in_at(&stored.member_id, stored.signed_in_at).await?;
        Ok(member.map(|member| Session {
            member,
            session_hash: stored.token_hash,
            signed_in_at: stored.signed_in_at,
        }))
    }

    /// Signs out: forgets the session and revokes what applications in this browser hold of it.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), SignInError> {
        Ok(self.store().end_sign_in_session(&hash_secret(secret), self.now()).await?)
    }

    /// Whether signing out may lead to this address: an application of the tenant registered exactly it, the named one when
    /// one is named.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn may_return_after_sign_out(&self, uri: &str, client_id: Option<&str>) -> Result<bool, SignInError> {
        let named = |application: &Application| client_id.is_none_or(|id| application.client_id.eq_ignore_ascii_case(id));
        let applications = self.store().applications().await?;
        Ok(applications
            .iter()
            .filter(|application| named(application))
            .any(|application| application.redirect_uris.iter().any(|known| known == uri)))
    }

    /// Forgets expired sessions, codes and refresh tokens; to be called now and then. Returns how many rows went.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn sweep_sign_in(&self) -> Result<u64, SignInError> {
        let now = self.now();
        Ok(self.store().sweep_sign_in(now).await? + self.store().sweep_federation(now).await?)
    }

    /// The member, unless gone, disabled, or told to sign in again since then.
    pub(crate) async fn member_signed_in_at(&self, member_id: &str, signed_in_at: Micros) -> Result<Option<Member>, SignInError> {
        let member = self.store().member(member_id).await?;
        Ok(member.filter(|member| member.enabled && signed_in_at >= member.tokens_valid_after))
    }

    /// The registered application.
    pub(crate) async fn application_by_client_id(&self, client_id: &str) -> Result<Application, SignInError> {
        let found = self.store().application(&client_id.to_ascii_lowercase()).await?;
        Ok(found.ok_or_else(|| Refusal::UnknownApplication(client_id.chars().take(64).collect()))?)
    }
}
