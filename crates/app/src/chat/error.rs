//! Why chat refuses. HTTP codes are assigned by the facade.

use crate::error::AppError;
use crate::ports::StoreError;

/// Something in chat that was not done.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// There is no such thread, or the caller is no member of it; which of the two is not told.
    #[error("there is no thread with this id that the caller is a member of")]
    NoThread,
    /// The caller may not do this in a thread that it knows.
    #[error("{needed}")]
    Forbidden {
        /// What would be needed.
        needed: String,
    },
    /// There is no such thing in the thread, as far as the caller may see.
    #[error("there is no such {what} in this thread")]
    NotFound {
        /// `message` or `participant`.
        what: &'static str,
    },
    /// An argument cannot be accepted.
    #[error("{message}")]
    Invalid {
        /// Name of the argument.
        field: &'static str,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Too much at once from this caller.
    #[error("too many requests; wait {retry_after_s} seconds")]
    Throttled {
        /// When to try again.
        retry_after_s: u32,
    },
    /// A fault of the server.
    #[error(transparent)]
    Fault(#[from] AppError),
}

impl ChatError {
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }

    pub(super) fn forbidden(needed: impl Into<String>) -> Self {
        Self::Forbidden { needed: needed.into() }
    }
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
