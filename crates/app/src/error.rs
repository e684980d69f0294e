//! What can go wrong, as values that a caller can act on. HTTP and wire codes are assigned by the facades.

use crate::Micros;
use crate::ports::StoreError;

/// A use case that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The caller lacks a permission.
    #[error("the caller may not do this: {needed}")]
    Forbidden {
        /// What the caller would need, as a sentence or permission name.
        needed: String,
    },
    /// There is no such thing, or it was deleted.
    #[error("{what} was not found")]
    NotFound {
        /// Kind of thing, for example `meeting`.
        what: &'static str,
    },
    /// An argument cannot be accepted.
    #[error("{field}: {message}")]
    InvalidArgument {
        /// Name of the argument as the facades spell it.
        field: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Somebody else changed the same thing at the same time; try again.
    #[error("{what} was changed by somebody else at the same time; read it again and repeat")]
    Conflict {
        /// Kind of thing.
        what: &'static str,
    },
    /// A token inside the request (not the caller's own) was refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The server has not been set up.
    #[error("no tenant exists in the store; create one first (`anteroom dev` does it at its first start)")]
    NoTenant,
    /// Cryptography failed; a fault of the server.
    #[error("cryptography failed while {operation}")]
    Crypto {
        /// What was being done.
        operation: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AppError {
    /// An [`AppError::InvalidArgument`].
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        AppError::InvalidArgument {
            field,
            message: message.into(),
        }
    }

    /// An [`AppError::Forbidden`].
    pub fn forbidden(needed: impl Into<String>) -> Self {
        AppError::Forbidden { needed: needed.into() }
    }
}

/// Why a token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT of ours.
    #[error("the token is not a readable RS256 JWT")]
    Malformed,
    /// Signed with a key that this server does not have.
    #[error("the token names a signing key that this server does not have")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the token is wrong")]
    BadSignature,
    /// Too late.
    #[error("the token has expired; get a new one")]
    Expired {
        /// When it expired.
        at: Micros,
    },
    /// Too early.
    #[error("the token is not valid yet; compare the clocks")]
    NotYetValid,
    /// Meant for somebody else.
    #[error("the token is for another audience; ask for one for {expected}")]
    WrongAudience {
        /// The audience that would be right.
        expected: &'static str,
    },
    /// From another issuer.
    #[error("the token comes from another issuer")]
    ForeignIssuer,
    /// Of another tenant.
    #[error("the token belongs to another tenant")]
    ForeignTenant,
    /// Of another communication resource.
    #[error("the token belongs to another communication resource")]
    ForeignResource,
    /// Revoked after it was issued.
    #[error("the token was revoked; get a new one")]
    Revoked,
    /// The communication identity was deleted.
    #[error("the identity of the token was deleted")]
    IdentityDeleted,
    /// The member or application does not exist (any more) or is disabled.
    #[error("the member or application of the token does not exist or is disabled")]
    UnknownSubject,
    /// A scope or role is missing.
    #[error("the token lacks a scope: {needed}")]
    MissingScope {
        /// What is needed.
        needed: &'static str,
    },
    /// Cryptography failed; a fault of the server.
    #[error("the token could not be signed")]
    Signing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a locator leads to no meeting.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// No such meeting (by link or coordinates).
    #[error("no meeting was found for this link")]
    NotFound,
    /// The meeting ID is unknown, or the passcode wrong; which of the two is not told.
    #[error("the meeting ID or the passcode is wrong")]
    InvalidIdOrPasscode,
    /// Too many wrong tries.
    #[error("too many wrong tries; wait {retry_after_s} seconds")]
    Throttled {
        /// When to try again.
        retry_after_s: u32,
    },
    /// The locator cannot be read.
    #[error("the meeting locator cannot be read: {reason}")]
    Malformed {
        /// Why.
        reason: &'static str,
    },
    /// The server has not been set up.
    #[error("no tenant exists in the store")]
    NoTenant,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
