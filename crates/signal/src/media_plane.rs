//! What signalling needs of a media engine; the server binds it to the real one.
//!
//! Values only: no session description is read here and no socket is known. All calls but [`MediaPlane::offer`] are
//! commands that return at once.

use std::sync::Arc;

use async_trait::async_trait;

/// The wire's own words for media, for whoever implements [`MediaPlane`].
pub use wire::{IceServer, MediaKind, PublicationOffer, Want, WantPriority, Withheld};

/// Names a peer of the engine; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// A session description with the room and peer it is for.
#[derive(Debug, Clone)]
pub struct MediaOffer {
    /// All peers of one held meeting share a room; packets never leave it.
    pub room: String,
    /// The peer: a new one is created, a known one negotiates again.
    pub peer: PeerId,
    /// The offer.
    pub sdp: String,
    /// Which m-line sends what.
    pub publications: Vec<PublicationOffer>,
}

/// A publication as the engine is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPublication {
    /// Unique in the room.
    pub id: u32,
    /// The medium.
    pub kind: MediaKind,
    /// Its m-line.
    pub mid: String,
    /// Whether its packets pass.
    pub open: bool,
}

/// What a slot carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineBinding {
    /// The slot's m-line.
    pub mid: String,
    /// Grows with each binding of the slot.
    pub generation: u32,
    /// What it carries.
    pub publication: Option<u32>,
    /// Why nothing of it comes to the receiver, if nothing does.
    pub withheld: Option<Withheld>,
}

/// What the engine says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// The media path is up.
    Connected {
        /// Whose.
        peer: PeerId,
    },
    /// The media path is gone; the peer no longer exists.
    Lost {
        /// Whose.
        peer: PeerId,
    },
    /// How a media connection does: now and then, and once more when it is gone.
    Quality {
        /// Whose.
        peer: PeerId,
        /// Since the connection began.
        reading: Box<app::quality::Reading>,
    },
    /// Slots were bound or freed.
    Slots {
        /// Whose.
        peer: PeerId,
        /// The changed slots.
        bindings: Vec<EngineBinding>,
    },
    /// Somebody begins or stops speaking.
    Speaking {
        /// Who.
        peer: PeerId,
        /// Whether they speak now.
        speaking: bool,
    },
    /// The dominant speakers changed.
    Dominant {
        /// Which room.
        room: String,
        /// Most dominant first.
        peers: Vec<PeerId>,
    },
}

/// One packet of a voice that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice<'a> {
    /// The RTP stream; another one counts anew.
    pub stream: u32,
    /// Sequence number, extended to 64 bits.
    pub sequence: u64,
    /// One Opus packet.
    pub opus: &'a [u8],
}

/// Takes the packets of a voice; called on the engine's thread, must not block and must not call the engine.
pub type VoiceTap = Arc<dyn Fn(Voice<'_>) + Send + Sync>;

/// Why an offer was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MediaPlaneError {
    /// The offer is not one this engine can answer; the text says what is wrong with it.
    #[error("the session description was refused: {0}")]
    BadOffer(String),
    /// The engine is overloaded or stopping.
    #[error("the media engine does not answer: {0}")]
    Unavailable(String),
}

/// The engine.
#[async_trait]
pub trait MediaPlane: Send + Sync + 'static {
    /// Answers an offer.
    ///
    /// # Errors
    /// [`MediaPlaneError`]; the peer is unchanged (or was not created).
    async fn offer(&self, offer: MediaOffer) -> Result<String, MediaPlaneError>;
    /// Replaces what the peer publishes.
    fn declare(&self, peer: PeerId, publications: Vec<DeclaredPublication>);
    /// Lets a publication's packets pass, or drops them where they come in.
    fn set_open(&self, peer: PeerId, publication: u32, open: bool);
    /// Replaces the peer's wishes for video.
    fn subscribe(&self, peer: PeerId, wants: Vec<Want>);
    /// Hands the packets of the peer's open microphone to the tap too, or to nobody any more. The tap ends with the peer.
    fn tap(&self, peer: PeerId, tap: Option<VoiceTap>);
    /// Sends the peer nothing from now on, or what it wants again. A new peer receives.
    fn set_receiving(&self, peer: PeerId, receiving: bool);
    /// Ends the peer; none of its packets pass from now on, in or out.
    fn remove(&self, peer: PeerId);
    /// Ways to the engine through relays, for one visit of a person to a meeting, with credentials of their own. None when the engine is reached directly only.
    fn ice_servers(&self, _visit: &str) -> Vec<IceServer> {
        Vec::new()
    }
    /// The visit is over: its credentials are refused from now on, and what it has of relays ends.
    fn end_ice_servers(&self, _visit: &str) {}
}
