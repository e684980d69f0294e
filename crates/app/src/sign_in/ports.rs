//! The port through which sign-in persists: sessions, authorization codes and refresh tokens.
//!
//! Nothing here is a credential: every `*_hash` is the SHA-256 of a random secret that only its holder knows, so that a
//! stolen store opens no door. Each method that decides something (a code is used once, a refresh token rotates) decides
//! it in one transaction, so that two requests at the same instant cannot both win. Kept by the store's conformance suite.

use async_trait::async_trait;

use crate::{Micros, ports::StoreResult};

/// A browser in which a member has signed in; the cookie holds the secret whose hash this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInSession {
    /// SHA-256 of the cookie's secret, hexadecimal.
    pub token_hash: String,
    /// Object id of the member.
    pub member_id: String,
    /// When the password was given.
    pub signed_in_at: Micros,
    /// From when on the cookie means nothing.
    pub expires: Micros,
}

/// An authorization code, waiting to be redeemed or redeemed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// SHA-256 of the code, hexadecimal.
    pub code_hash: String,
    /// The refresh family that its redemption starts, known beforehand so that a replay can revoke it.
    pub family_id: String,
    /// The application it was issued to.
    pub client_id: String,
    /// Object id of the member who signed in.
    pub member_id: String,
    /// The session in which it was issued, for families that end with their session.
    pub session_hash: String,
    /// The redirect address of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// The scope of the authorization request as it was written.
    pub scope: String,
    /// Echoed in the identity token.
    pub nonce: Option<String>,
    /// The S256 challenge, when the request carried one.
    pub code_challenge: Option<String>,
    /// When the password was given.
    pub signed_in_at: Micros,
    /// From when on it cannot be redeemed.
    pub expires: Micros,
    /// When it was redeemed.
    pub used_at: Option<Micros>,
}

/// All refresh tokens that descend from one authorization code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshFamily {
    /// Random id; never leaves the server.
    pub id: String,
    /// Object id of the member.
    pub member_id: String,
    /// The application it was issued to.
    pub client_id: String,
    /// The session whose end revokes it; none for applications that keep a secret and act while the member is away.
    pub session_hash: Option<String>,
    /// The scope of the authorization request as it was written.
    pub scope: String,
    /// When the password was given.
    pub signed_in_at: Micros,
    /// From when on no member of the family refreshes anything.
    pub expires: Micros,
    /// When it was revoked: by reuse, by signing out, or by an administrator.
    pub revoked_at: Option<Micros>,
    /// It began with a device code: what such a code does not give, its refresh tokens do not give either.
    pub by_device: bool,
}

/// One refresh token of a family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// The family it belongs to.
    pub family_id: String,
    /// When it was issued.
    pub issued: Micros,
    /// When it was first exchanged for its successor.
    pub used_at: Option<Micros>,
}

/// What became of an attempt to rotate a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The successor is stored.
    Rotated,
    /// The token had been exchanged before the grace began: the whole family is revoked now.
    Reused,
    /// The family had been revoked before; nothing changed.
    Revoked,
    /// The token has [`MOST_SUCCESSORS`] already; nothing changed.
    TooOften,
}

/// Successors that one refresh token may get within its grace: the tabs of a browser that awake at once, and lost answers.
pub const MOST_SUCCESSORS: i64 = 4;
/// Codes of one session that wait to be redeemed. When there are more, the oldest are forgotten: their applications ask again.
pub const MOST_WAITING_CODES: i64 = 64;

/// Persistence of sign-in. Every method is one transaction; a method that returns has persisted (law 7).
#[async_trait]
pub trait SignInStore: Send + Sync + 'static {
    /// Stores a new session.
    async fn put_sign_in_session(&self, session: &SignInSession) -> StoreResult<()>;

    /// The session with this hash, expired or not.
    async fn sign_in_session(&self, token_hash: &str) -> StoreResult<Option<SignInSession>>;

    /// Forgets the session and its unredeemed codes, and revokes the refresh families bound to it. Unknown sessions are fine.
    async fn end_sign_in_session(&self, token_hash: &str, now: Micros) -> StoreResult<()>;

    /// Stores a fresh code. Of more than [`MOST_WAITING_CODES`] of its session that were not redeemed, the ones that expire first are forgotten.
    async fn put_authorization_code(&self, code: &AuthorizationCode) -> StoreResult<()>;

    /// The code with this hash, used, expired or neither.
    async fn authorization_code(&self, code_hash: &str) -> StoreResult<Option<AuthorizationCode>>;

    /// Marks the code as used and stores the refresh family and its first token when there is one. `false` when the code is
    /// unknown or was used before: nothing is stored then.
    async fn redeem_authorization_code(
        &self,
        code_hash: &str,
        refresh: Option<(&RefreshFamily, &RefreshToken)>,
        now: Micros,
    ) -> StoreResult<bool>;

    /// A refresh token with its family.
    async fn refresh_token(&self, token_hash: &str) -> StoreResult<Option<(RefreshToken, RefreshFamily)>>;

    /// Exchanges a refresh token for `next`. A token first exchanged at or after `grace_since` may be exchanged again (its
    /// answer was lost), up to [`MOST_SUCCESSORS`] times in all; one exchanged earlier is reused, and revokes its family.
    async fn rotate_refresh_token(&self, used_hash: &str, next: &RefreshToken, grace_since: Micros, now: Micros) -> StoreResult<Rotation>;

    /// Revokes a family; unknown ones and revoked ones are fine.
    async fn revoke_refresh_family(&self, family_id: &str, now: Micros) -> StoreResult<()>;

    /// Forgets what expired before `now` (authorization and device codes a day later), and refresh tokens that were exchanged a day before `now`;
    /// returns how many rows went.
    async fn sweep_sign_in(&self, now: Micros) -> StoreResult<u64>;
}
