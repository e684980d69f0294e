//! Rooms: who may take part in which role, and from when until when.
//!
//! * Here: the rules of a room's times and people, repeated creations, lists in pages, and who has which role now ([`App::room_role`]).
//! * Not here: HTTP (`communication`), and coming into a room, which goes through the one door of `meeting` as every join does (`calls` says what
//!   governs the call in a room; every change of a room is announced to it after the commit).
//! * `draft`: what a caller asks for, and the rules that it must keep. `error`: why it is refused. `ports`: what the store keeps.
//! * Invariants, kept by `tests/rooms.rs`: a refused change changes nothing; a repeated creation makes one room, also when the repeats come
//!   together or the server fell in between; a room that is deleted or not open has no role for anybody.

mod draft;
mod error;
mod people;
mod ports;

use serde::{Deserialize, Serialize};

pub use draft::{RoomDraft, RoomPatch};
pub use error::RoomError;
pub use people::{MAX_PEOPLE, PeopleChanges};
pub use ports::{PeopleChanged, RoomStore};

use crate::calls::room_key;
use crate::error::AppError;
use crate::model::{Room, RoomParticipant, RoomRole};
use crate::passwords::hash_secret;
use crate::ports::{StoreError, StoreResult};
use crate::{App, Change, Micros, ids};

/// Rooms in one page of the list.
const ROOMS_PAGE: u32 = 100;
/// People in one page of the list.
const PEOPLE_PAGE: u32 = 200;
/// How long a creation may be repeated, and how long a deleted room's id stays taken.
const REPEAT_WINDOW: Micros = 24 * 3600 * 1_000_000;
/// Where repeated creations are remembered.
const REPEATED: &str = "rooms.create";
/// How often a change is tried again when others change the same room at the same time.
const TRIES: usize = 8;

/// A page of a list, and where the next one begins. The mark is of letters, digits, `-` and `_` only: clients sign and send other forms of
/// everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomPage<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Give it back to get the next page; nothing on the last one.
    pub next: Option<String>,
}

/// What is remembered of a creation that may be repeated.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// Hash of what was asked for.
    asked: String,
    /// What was answered.
    room: Room,
}

impl App {
    /// Makes a room. With a `repeat_id`, the same request within a day gives the same room, whatever happened to it since.
    ///
    /// # Errors
    /// `Invalid` for times, `MalformedParticipant` and `TooManyParticipants` for people, `RepeatedDifferently` when the id came with another
    /// request before; or the store failed.
    pub async fn create_room(&self, draft: &RoomDraft, repeat_id: Option<&str>) -> Result<Room, RoomError> {
        let Some(repeat_id) = repeat_id else {
            let room = self.plan(draft)?;
            self.store().insert_room(&room, &draft.people).await?;
            self.note_room("room.created", &room.id).await;
            return Ok(room);
        };
        let asked = hash_secret(&draft.canonical());
        let now = self.now();
        // Looked up before the rules are applied: times that were right then may have passed.
        if let Some(earlier) = self.store().remembered_answer(REPEATED, repeat_id, now).await? {
            return self.finish(&asked, &earlier, draft).await;
        }
        let room = self.plan(draft)?;
        let remembered = Remembered {
            asked: asked.clone(),
            room,
        };
        let answer = serde_json::to_string(&remembered).map_err(|_| AppError::Crypto {
            operation: "writing a room down",
        })?;
        let claim = self
            .store()
            .remember_answer(REPEATED, repeat_id, &answer, now + REPEAT_WINDOW, now)
            .await?;
        self.finish(&asked, claim.as_deref().unwrap_or(&answer), draft).await
    }

    /// A room.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, or the store failed.
    pub async fn room(&self, id: &str) -> Result<Room, RoomError> {
        draft::check_id(id)?;
        self.store().room(id).await?.ok_or(RoomError::NotFound)
    }

    /// Changes what is given of a room.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, `Invalid` for times; `Conflict` when others kept changing it; or the store failed.
    pub async fn update_room(&self, id: &str, patch: &RoomPatch) -> Result<Room, RoomError> {
        for _ in 0..TRIES {
            let before = self.room(id).await?;
            let after = patch.apply(&before, self.now())?;
            if before == after {
                return Ok(after);
            }
            if self.store().update_room(&before, &after).await? {
                self.tell_call(id);
                return Ok(after);
            }
        }
        Err(AppError::Conflict { what: "room" }.into())
    }

    /// Deletes a room; nobody has a role in it any more.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, or the store failed.
    pub async fn delete_room(&self, id: &str) -> Result<(), RoomError> {
        draft::check_id(id)?;
        if !self.store().delete_room(id, self.now()).await? {
            return Err(RoomError::NotFound);
        }
        self.announce(Change::MeetingDeleted { thread_id: room_key(id) });
        self.note_room("room.deleted", id).await;
        Ok(())
    }

    /// The rooms, newest first.
    ///
    /// # Errors
    /// `MalformedMark` for a mark that no page gave, or the store failed.
    pub async fn rooms(&self, mark: Option<&str>) -> Result<RoomPage<Room>, RoomError> {
        let after = mark
            .map(|mark| {
                let (created, id) = mark.split_once('_').ok_or(RoomError::MalformedMark)?;
                draft::check_id(id).map_err(|_| RoomError::MalformedMark)?;
                Ok::<_, RoomError>((created.parse().map_err(|_| RoomError::MalformedMark)?, id))
            })
            .transpose()?;
        let found = self.store().rooms_after(after, ROOMS_PAGE + 1).await?;
        Ok(page(found, ROOMS_PAGE, |room| format!("{}_{}", room.created, room.id)))
    }

    /// The people of a room, in the order in which they were added.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, `MalformedMark`, or the store failed.
    pub async fn room_people(&self, id: &str, mark: Option<&str>) -> Result<RoomPage<RoomParticipant>, RoomError> {
        self.room(id).await?;
        let position = mark
            .map(|mark| mark.parse().map_err(|_| RoomError::MalformedMark))
            .transpose()?
            .unwrap_or(0);
        let found = self.store().people_after(id, position, PEOPLE_PAGE + 1).await?;
        Ok(page(found, PEOPLE_PAGE, |person| person.position.to_string()))
    }

    /// Adds people, changes roles, removes people: all of it or nothing.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, `TooManyParticipants`, or the store failed.
    pub async fn change_room_people(&self, id: &str, changes: &PeopleChanges) -> Result<(), RoomError> {
        draft::check_id(id)?;
        match self.store().change_people(id, changes.as_slice(), MAX_PEOPLE).await? {
            PeopleChanged::Done => {
                self.tell_call(id);
                Ok(())
            }
            PeopleChanged::NoRoom => Err(RoomError::NotFound),
            PeopleChanged::TooMany => Err(RoomError::TooManyParticipants),
        }
    }

    /// The role that somebody has in a room now; nothing when they are not in it, or when it is deleted, not open yet or not open any more.
    ///
    /// # Errors
    /// The store failed; treat it as no role.
    pub async fn room_role(&self, id: &str, raw_id: &str) -> StoreResult<Option<RoomRole>> {
        match self.store().room(id).await? {
            Some(room) if room.is_open(self.now()) => self.store().room_role(id, raw_id).await,
            Some(_) | None => Ok(None),
        }
    }

    /// Forgets rooms that were deleted longer ago than their creation can be repeated, and answers that have expired.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sweep_rooms(&self) -> StoreResult<()> {
        let now = self.now();
        self.store().sweep_answers(now).await?;
        self.store().sweep_rooms(now - REPEAT_WINDOW).await
    }

    /// The room that a draft asks for, with an id of its own.
    fn plan(&self, draft: &RoomDraft) -> Result<Room, RoomError> {
        draft.room(ids::room_id(self.random()), self.now())
    }

    /// Sees to it that the remembered room is there, and answers it. Whoever claimed the repeat id may have fallen before the room was made;
    /// every repeat brings the same people, so whoever comes first makes it.
    async fn finish(&self, asked: &str, answer: &str, draft: &RoomDraft) -> Result<Room, RoomError> {
        let remembered: Remembered = serde_json::from_str(answer).map_err(|_| StoreError::Corrupt {
            what: "a remembered answer",
            reason: "it is no room".to_owned(),
        })?;
        if remembered.asked != asked {
            return Err(RoomError::RepeatedDifferently);
        }
        match self.store().insert_room(&remembered.room, &draft.people).await {
            Ok(()) => self.note_room("room.created", &remembered.room.id).await,
            // Made before; perhaps deleted since, which the answer to the first request did not know either.
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(remembered.room)
    }

    /// A call that is held in the room reads times and people again.
    fn tell_call(&self, id: &str) {
        self.announce(Change::MeetingChanged { thread_id: room_key(id) });
    }

    async fn note_room(&self, action: &str, id: &str) {
        self.note("application", action, id, serde_json::Value::Null).await;
    }
}

/// One page of what was found, which is one more than fits when there is more.
fn page<T>(mut found: Vec<T>, size: u32, mark: impl Fn(&T) -> String) -> RoomPage<T> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(mark);
    RoomPage { items: found, next }
}
