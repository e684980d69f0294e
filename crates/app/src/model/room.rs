//! Rooms: a place that an application makes for its people, with the role of each, open from one moment until another.

use serde::{Deserialize, Serialize};

use crate::Micros;

/// What somebody may do in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomRole {
    /// Everything, also muting and removing others.
    Presenter,
    /// Microphone and camera.
    Attendee,
    /// Looks and listens only.
    Consumer,
    /// An attendee who may share the screen too.
    Collaborator,
}

impl RoomRole {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Presenter, Self::Attendee, Self::Consumer, Self::Collaborator];

    /// Reads the exact name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Its name, in the store and over HTTP.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Presenter => "Presenter",
            Self::Attendee => "Attendee",
            Self::Consumer => "Consumer",
            Self::Collaborator => "Collaborator",
        }
    }
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Room {
    /// 17 digits.
    pub id: String,
    /// When it was made.
    pub created: Micros,
    /// Nobody comes in before.
    pub valid_from: Micros,
    /// Nobody comes in from then on.
    pub valid_until: Micros,
    /// Whether telephones may be called from the room.
    pub pstn_dial_out: bool,
}

impl Room {
    /// Whether people may come in now.
    #[must_use]
    pub fn is_open(&self, now: Micros) -> bool {
        self.valid_from <= now && now < self.valid_until
    }
}

/// Somebody who may come into a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomParticipant {
    /// Raw id.
    pub raw_id: String,
    /// Role.
    pub role: RoomRole,
    /// Where they stand in the room's list: grows with each one who is added, and stays when the role changes.
    pub position: i64,
}
