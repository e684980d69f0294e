//! Calls without a meeting: the call in a room and the group call that a locator names.
//!
//! Not here: who may come in (`meeting`), what governs such a call (`app`), the task that holds it (`host`, the same for every kind of call).

use app::{App, rooms::RoomError};
use meeting::{JoinPath, MeetingSettings, Refusal};

/// The call in a room.
pub(crate) async fn room(app: &App, room_id: &str) -> Result<(MeetingSettings, JoinPath), Refusal> {
    match app.room_call(room_id).await {
        Ok(settings) => Ok((settings, JoinPath::Room)),
        Err(RoomError::App(error)) => {
            tracing::error!(%error, "a room could not be looked up");
            Err(Refusal::Internal)
        }
        Err(
            RoomError::NotFound
            | RoomError::MalformedId
            | RoomError::Invalid { .. }
            | RoomError::MalformedParticipant
            | RoomError::TooManyParticipants
            | RoomError::RepeatedDifferently
            | RoomError::MalformedMark,
        ) => Err(Refusal::RoomNotFound),
    }
}

/// A group call; every GUID names one.
pub(crate) fn group(app: &App, group_id: &str) -> Result<(MeetingSettings, JoinPath), Refusal> {
    match app.group_call(group_id) {
        Ok(Some(settings)) => Ok((settings, JoinPath::Group)),
        Ok(None) => Err(Refusal::GroupIdInvalid),
        Err(error) => {
            tracing::error!(%error, "a group call could not be looked up");
            Err(Refusal::Internal)
        }
    }
}
