//! Publications, wishes to receive them, and the binding of publications to receive slots.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The four media a participant may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MediaKind {
    /// Voice.
    Microphone,
    /// Camera video, perhaps with simulcast layers.
    Camera,
    /// Shared screen, window or tab.
    Screen,
    /// The sound of what is shared.
    ScreenAudio,
}

/// Says which send m-line of the offer carries which medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PublicationOffer {
    /// The medium.
    pub kind: MediaKind,
    /// `a=mid` of its m-line in the offer.
    pub mid: String,
}

/// A publication as the others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PublicationState {
    /// Number that is unique in the meeting for the life of the publication's session.
    pub id: u32,
    /// The medium.
    pub kind: MediaKind,
    /// Whether it is being sent now (camera on, screen shared, microphone not muted).
    pub active: bool,
    /// Captured width in pixels, 0 when unknown.
    pub width: u32,
    /// Captured height in pixels, 0 when unknown.
    pub height: u32,
}

/// How much a subscription matters when not everything fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum WantPriority {
    /// Everybody else.
    Rest,
    /// The current speaker.
    Speaker,
    /// Pinned or spotlighted.
    Pinned,
    /// A shared screen.
    Screen,
}

/// One session's wish to receive one video publication at a size. Audio needs no wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Want {
    /// The publication.
    pub publication: u32,
    /// Largest useful width in pixels.
    pub width: u32,
    /// Largest useful height in pixels.
    pub height: u32,
    /// How much it matters.
    pub priority: WantPriority,
}

/// Why what a slot carries is not sent to its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Withheld {
    /// The connection to the receiver is too weak for everything that it wants; this goes on when there is room for it.
    Paused,
    /// The receiver cannot decode what the publisher sends.
    Unplayable,
}

/// What a receive slot carries from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SlotBinding {
    /// `a=mid` of the slot's m-line.
    pub mid: String,
    /// Grows with each binding of this slot; a binding with a lower generation than the last one seen is stale.
    pub generation: u32,
    /// The publication, or nothing: the slot is free.
    pub publication: Option<u32>,
    /// Raw id of the participant who publishes it.
    pub participant: Option<String>,
    /// Why nothing of the publication comes, if nothing does. The slot stays bound; another `slots` event says when it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub withheld: Option<Withheld>,
}
