//! What a caller asks for, and the rules of a room's times. Pure.

use serde::Serialize;

use super::error::RoomError;
use super::people::check_people;
use crate::Micros;
use crate::model::{Room, RoomRole};

const DAY: Micros = 24 * 3600 * 1_000_000;
/// Longest time for which a room is open, and the one for a room that names none.
const LONGEST: Micros = 180 * DAY;
/// How far ahead a room may open: enough for every calendar, and every time then has four digits of a year.
const FARTHEST: Micros = 20 * 365 * DAY;

/// A room to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RoomDraft {
    /// Open from then; from now on without it.
    pub valid_from: Option<Micros>,
    /// Open until then; 180 days after the beginning without it.
    pub valid_until: Option<Micros>,
    /// Whether telephones may be called from it.
    pub pstn_dial_out: bool,
    /// Its first people, each once.
    pub people: Vec<(String, RoomRole)>,
}

impl RoomDraft {
    /// The same text for the same request.
    pub(super) fn canonical(&self) -> String {
        // Numbers, flags and texts can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn room(&self, id: String, now: Micros) -> Result<Room, RoomError> {
        check_people(self.people.len())?;
        let valid_from = self.valid_from.unwrap_or(now);
        let room = Room {
            id,
            created: now,
            valid_from,
            valid_until: self.valid_until.unwrap_or(valid_from.saturating_add(LONGEST)),
            pstn_dial_out: self.pstn_dial_out,
        };
        check_times(&room, now)?;
        Ok(room)
    }
}

/// What to change of a room; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomPatch {
    /// Open from then.
    pub valid_from: Option<Micros>,
    /// Open until then.
    pub valid_until: Option<Micros>,
    /// Whether telephones may be called from it.
    pub pstn_dial_out: Option<bool>,
}

impl RoomPatch {
    pub(super) fn apply(&self, room: &Room, now: Micros) -> Result<Room, RoomError> {
        let changed = Room {
            valid_from: self.valid_from.unwrap_or(room.valid_from),
            valid_until: self.valid_until.unwrap_or(room.valid_until),
            pstn_dial_out: self.pstn_dial_out.unwrap_or(room.pstn_dial_out),
            ..room.clone()
        };
        // A room that is over may be told anything that does not touch its times.
        if (changed.valid_from, changed.valid_until) != (room.valid_from, room.valid_until) {
            check_times(&changed, now)?;
        }
        Ok(changed)
    }
}

/// Whether a room can have this id at all.
pub(super) fn check_id(id: &str) -> Result<(), RoomError> {
    if (16..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(RoomError::MalformedId)
    }
}

fn check_times(room: &Room, now: Micros) -> Result<(), RoomError> {
    if room.valid_from > now.saturating_add(FARTHEST) {
        return Err(RoomError::invalid("ValidFrom", "validFrom lies at most 20 years ahead"));
    }
    if room.valid_until <= now {
        return Err(RoomError::invalid("ValidUntil", "validUntil must lie in the future"));
    }
    if room.valid_until <= room.valid_from {
        return Err(RoomError::invalid("ValidUntil", "validUntil must lie after validFrom"));
    }
    if room.valid_until.saturating_sub(room.valid_from) > LONGEST {
        return Err(RoomError::invalid("ValidUntil", "validUntil lies at most 180 days after validFrom"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = 1_795_349_850_000_000;

    fn draft(from: Option<Micros>, until: Option<Micros>) -> Result<(Micros, Micros), &'static str> {
        let draft = RoomDraft {
            valid_from: from,
            valid_until: until,
            ..RoomDraft::default()
        };
        match draft.room("99199690362660524".to_owned(), NOW) {
            Ok(room) => Ok((room.valid_from, room.valid_until)),
            Err(RoomError::Invalid { target, .. }) => Err(target),
            Err(_) => Err("another error"),
        }
    }

    #[test]
    fn a_room_without_times_is_open_from_now_for_180_days() {
        assert_eq!(draft(None, None), Ok((NOW, NOW + 180 * DAY)));
        assert_eq!(draft(Some(NOW + DAY), None), Ok((NOW + DAY, NOW + 181 * DAY)));
        assert_eq!(draft(None, Some(NOW + DAY)), Ok((NOW, NOW + DAY)));
    }

    #[test]
    fn a_room_ends_in_the_future_after_its_beginning_and_within_180_days() {
        assert_eq!(draft(Some(NOW - DAY), Some(NOW + 179 * DAY)), Ok((NOW - DAY, NOW + 179 * DAY)));
        for (from, until) in [
            (None, NOW),
            (None, NOW - DAY),
            (None, NOW + 180 * DAY + 1),
            (Some(NOW + 2 * DAY), NOW + DAY),
            (Some(NOW + DAY), NOW + DAY),
            (Some(NOW - DAY), NOW + 180 * DAY),
            (Some(Micros::MIN), NOW + DAY),
        ] {
            assert_eq!(draft(from, Some(until)), Err("ValidUntil"), "{from:?} {until}");
        }
        assert_eq!(draft(Some(Micros::MAX), None), Err("ValidFrom"));
    }

    #[test]
    fn a_change_of_one_time_is_held_against_the_other_and_a_room_that_is_over_takes_other_changes() {
        let room = RoomDraft::default().room("99199690362660524".to_owned(), NOW).expect("a room");
        let patch = |valid_from, valid_until| RoomPatch {
            valid_from,
            valid_until,
            pstn_dial_out: Some(true),
        };
        let later = patch(Some(NOW + DAY), None).apply(&room, NOW).expect("a later beginning");
        assert_eq!((later.valid_from, later.valid_until), (NOW + DAY, room.valid_until));
        assert!(patch(Some(NOW - DAY), None).apply(&room, NOW).is_err());
        assert!(patch(None, Some(NOW + 181 * DAY)).apply(&room, NOW).is_err());
        let over = room.valid_until + DAY;
        assert!(patch(None, None).apply(&room, over).expect("no time is touched").pstn_dial_out);
        assert!(patch(None, Some(over)).apply(&room, over).is_err());
        assert!(patch(Some(over), Some(over + DAY)).apply(&room, over).is_ok());
    }

    #[test]
    fn ids_have_16_to_18_digits() {
        for id in ["9919969036266052", "99199690362660524", "991996903626605241"] {
            assert!(check_id(id).is_ok(), "{id}");
        }
        for id in [
            "",
            "1",
            "991996903626605",
            "9919969036266052411",
            "9919969036266052x",
            "９９１９９６９０３６２６６０５２４",
        ] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
