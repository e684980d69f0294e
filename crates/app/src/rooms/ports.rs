//! What rooms need of the store.

use async_trait::async_trait;

use crate::Micros;
use crate::model::{Room, RoomParticipant, RoomRole};
use crate::ports::StoreResult;

/// What a change of a room's people came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleChanged {
    /// It is written.
    Done,
    /// There is no such room (any more); nothing was written.
    NoRoom,
    /// The room would have more people than were allowed; nothing was written.
    TooMany,
}

/// Rooms and their people. A deleted room is never returned, but its id stays taken until it is swept.
#[async_trait]
pub trait RoomStore: Send + Sync + 'static {
    /// Inserts a room with its first people, in this order; `Conflict` when the id is or was taken, and nothing is written then.
    async fn insert_room(&self, room: &Room, people: &[(String, RoomRole)]) -> StoreResult<()>;
    /// A room.
    async fn room(&self, id: &str) -> StoreResult<Option<Room>>;
    /// Replaces times and dial-out of the room that still looks like `before`; false when none does (it was changed or deleted meanwhile).
    async fn update_room(&self, before: &Room, after: &Room) -> StoreResult<bool>;
    /// Marks as deleted and forgets its people; false when there is none.
    async fn delete_room(&self, id: &str, at: Micros) -> StoreResult<bool>;
    /// Rooms, newest first and those of one moment by id, that come after the one made then with that id (after none: from the beginning).
    async fn rooms_after(&self, after: Option<(Micros, &str)>, top: u32) -> StoreResult<Vec<Room>>;
    /// Adds each person or changes their role; `None` removes them, and removing somebody who is not there changes nothing. All or nothing;
    /// `at_most` is the largest number of people afterwards, and a change that does not add to them always passes.
    async fn change_people(&self, room_id: &str, changes: &[(String, Option<RoomRole>)], at_most: u32) -> StoreResult<PeopleChanged>;
    /// People of a room, in the order in which they were added, whose position is greater.
    async fn people_after(&self, room_id: &str, position: i64, top: u32) -> StoreResult<Vec<RoomParticipant>>;
    /// The role of one person.
    async fn room_role(&self, room_id: &str, raw_id: &str) -> StoreResult<Option<RoomRole>>;
    /// Forgets rooms that were deleted before then; their ids are free again.
    async fn sweep_rooms(&self, before: Micros) -> StoreResult<()>;
}
