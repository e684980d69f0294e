//! Why something about rooms is refused.

use crate::error::AppError;
use crate::ports::StoreError;

/// A use case of rooms that was not carried out; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// No such room, or it was deleted.
    #[error("There is no room with this id; it was never made here, or was deleted")]
    NotFound,
    /// The id is none that a room can have.
    #[error("A room id has 16 to 18 digits")]
    MalformedId,
    /// A value that a room cannot have.
    #[error("{message}")]
    Invalid {
        /// Name of the value: `ValidFrom`, `ValidUntil` or `Role`.
        target: &'static str,
        /// What it must be.
        message: String,
    },
    /// Somebody who cannot be in a room.
    #[error(
        "A participant is named by the raw id of an identity of this resource (8:acs:<resource>_<user>) or of a member (8:orgid:<object id>)"
    )]
    MalformedParticipant,
    /// More people than a room takes.
    #[error(
        "A room takes at most {} participants, and one request changes at most as many; remove some or send less",
        super::MAX_PEOPLE
    )]
    TooManyParticipants,
    /// The repeatability id belongs to another request.
    #[error("This Repeatability-Request-ID came with another request before; use a new one for a new request")]
    RepeatedDifferently,
    /// A mark of a list that no page gave.
    #[error("The list cannot be continued from there; begin again without nextLink's parameters")]
    MalformedMark,
    /// Anything else.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for RoomError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

impl RoomError {
    pub(super) fn invalid(target: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            target,
            message: message.into(),
        }
    }
}
