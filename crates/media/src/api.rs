//! What the rest of the server sees of the media engine: identifiers, descriptions, events, errors.
//!
//! Here: plain values only. Not here: the handle ([`crate::Engine`]), routing (`routing`), str0m (`peer`), sockets (`shard`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// How the engine is started.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// UDP address to receive media on; port 0 picks a free port.
    pub bind: SocketAddr,
    /// Addresses that clients are told to send to (with the bound port). Empty: the bound address, or loopback when that is unspecified.
    pub advertise: Vec<IpAddr>,
    /// Threads that forward, 1 to 128; a room is on one until it has outgrown it. As many as there are processors is usual.
    pub shards: usize,
    /// So many peers of one room share a shard before another one takes some.
    pub room_spread: usize,
    /// Clients are told that TCP is taken on the same port, too. Whoever sets it listens there and hands what comes to [`crate::Gate`].
    pub tcp: bool,
    /// Most peers of the node; an offer beyond it is refused with [`OfferError::Full`].
    pub max_peers: usize,
    /// A peer whose media path is silent for this many milliseconds is given up as lost. A browser checks consent every few seconds.
    pub lost_after_ms: u32,
}

impl EngineConfig {
    /// The usual settings on this address.
    pub fn new(bind: SocketAddr) -> Self {
        Self {
            bind,
            advertise: Vec::new(),
            shards: 1,
            room_spread: 100,
            tcp: false,
            max_peers: 2_000,
            lost_after_ms: 20_000,
        }
    }
}

/// A room: the media side of one held meeting. Nothing is ever forwarded from one room to another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub String);

/// One media connection; chosen by the caller, unique in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// A publication; chosen by the caller, unique in its room for the room's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationId(pub u32);

/// The four media a peer may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaKind {
    /// Voice.
    Microphone,
    /// Camera video, perhaps with simulcast layers.
    Camera,
    /// Shared screen.
    Screen,
    /// The sound of what is shared.
    ScreenAudio,
}

impl MediaKind {
    /// Whether it travels in an audio slot.
    pub fn is_audio(self) -> bool {
        matches!(self, Self::Microphone | Self::ScreenAudio)
    }
}

/// A session description offered by a client.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The description.
    pub sdp: String,
    /// True when the client made a new peer connection: once it is accepted, what the engine held of this peer before is dropped,
    /// its publications included.
    pub fresh: bool,
}

/// The answer to an offer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The description.
    pub sdp: String,
}

/// A publication and the m-line that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Which.
    pub id: PublicationId,
    /// The medium.
    pub kind: MediaKind,
    /// `a=mid` of its m-line in the publisher's offer.
    pub mid: String,
    /// Whether its packets are let through. A closed publication's packets are dropped where they come in.
    pub open: bool,
}

/// A wish to receive one video publication at a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// Which.
    pub publication: PublicationId,
    /// Largest useful width in pixels, 0 when unknown (then the best layer).
    pub width: u32,
    /// Largest useful height in pixels, 0 when unknown.
    pub height: u32,
    /// Larger is more important; decides when there are more wishes than slots, and who gets how much when the way to the receiver is narrow.
    pub priority: u8,
    /// Most pictures in a second that are of use, 0 for all: where the publisher's stream has layers in time, what is beyond is not sent.
    pub max_fps: u8,
}

/// What one receive slot carries from now on, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `a=mid` of the slot's m-line in the receiver's offer.
    pub mid: String,
    /// Grows with every binding of this slot, also with one that only says how.
    pub generation: u32,
    /// The publication, or nothing: the slot is free.
    pub publication: Option<PublicationId>,
    /// How it comes to its receiver.
    pub delivery: Delivery,
}

/// How what a slot carries comes to its receiver. The slot stays bound whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As well as it can be.
    Sent,
    /// Not for now: the way to the receiver is too narrow for it. It goes on with a whole picture.
    Paused,
    /// Not at all: the receiver did not negotiate the codec that the publisher sends.
    Unplayable,
}

/// Why a peer's media path is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostReason {
    /// Nothing came from the peer for [`EngineConfig::lost_after_ms`].
    Silent,
    /// The peer closed the path (DTLS close).
    Closed,
    /// The path failed: handshake, keys, or an inner error; the log has the details.
    Failed,
}

/// Something that happened. Delivered on the engine's thread: a handler must not block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// How a peer does: every ten seconds, and when it is removed or lost.
    Quality {
        /// Whose.
        peer: PeerId,
        /// Since its connection began.
        quality: Box<crate::Quality>,
    },
    /// The media path of the peer is up.
    Connected {
        /// Who.
        peer: PeerId,
    },
    /// The media path of the peer is gone and the engine holds nothing of it any more; offer again with `fresh`.
    Lost {
        /// Who.
        peer: PeerId,
        /// Why.
        reason: LostReason,
    },
    /// Slots of the peer changed; only the changed ones are listed.
    Slots {
        /// Whose slots.
        peer: PeerId,
        /// The changes.
        bindings: Vec<Binding>,
    },
    /// The peer began or stopped speaking.
    Speaking {
        /// Where.
        room: RoomId,
        /// Who.
        peer: PeerId,
        /// Began or stopped.
        speaking: bool,
    },
    /// The dominant speaker changed.
    Dominant {
        /// Where.
        room: RoomId,
        /// Dominant speakers, most dominant (the present one) first.
        peers: Vec<PeerId>,
    },
}

/// One packet of a voice that is let through: an open microphone of a peer that is in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice<'a> {
    /// The stream it belongs to; another one counts anew.
    pub stream: u32,
    /// RTP sequence number, extended to 64 bits.
    pub sequence: u64,
    /// One Opus packet.
    pub opus: &'a [u8],
}

/// Takes the packets of one peer's voice, besides whoever receives them. Called on the engine's thread: must not block and must not call the
/// engine, so it puts what it wants to keep into a bounded queue and drops it when that is full. One that panics is called no more.
#[derive(Clone)]
pub struct VoiceTap(pub Arc<dyn Fn(Voice<'_>) + Send + Sync>);

impl std::fmt::Debug for VoiceTap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VoiceTap")
    }
}

/// Counters since the start; for metrics and tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EngineStats {
    /// Peers held now.
    pub peers: u64,
    /// Rooms held now.
    pub rooms: u64,
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams sent.
    pub datagrams_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Media packets received from publishers.
    pub packets_in: u64,
    /// Media packets handed to receivers.
    pub packets_forwarded: u64,
    /// Media packets dropped because their publication is closed or not declared.
    pub packets_gated: u64,
    /// Datagrams that belong to no peer or could not be read.
    pub datagrams_unknown: u64,
    /// Datagrams not sent because the socket's buffer was full.
    pub datagrams_unsent: u64,
    /// Key frames asked of publishers.
    pub keyframe_requests: u64,
    /// Peers that ended by an error or a defect of their own.
    pub peers_failed: u64,
    /// Shards that failed and began anew.
    pub shards_failed: u64,
    /// What went from one shard to another and was dropped because the other one is behind.
    pub parcels_dropped: u64,
}

impl std::ops::AddAssign for EngineStats {
    /// Of several shards together.
    fn add_assign(&mut self, other: Self) {
        self.peers += other.peers;
        self.rooms += other.rooms;
        self.datagrams_in += other.datagrams_in;
        self.datagrams_out += other.datagrams_out;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.packets_in += other.packets_in;
        self.packets_forwarded += other.packets_forwarded;
        self.packets_gated += other.packets_gated;
        self.datagrams_unknown += other.datagrams_unknown;
        self.datagrams_unsent += other.datagrams_unsent;
        self.keyframe_requests += other.keyframe_requests;
        self.peers_failed += other.peers_failed;
        self.shards_failed += other.shards_failed;
        self.parcels_dropped += other.parcels_dropped;
    }
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The socket could not be opened.
    #[error("cannot receive media on UDP {bind}: {source}; choose another address or port")]
    Bind {
        /// The address.
        bind: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The thread could not be started.
    #[error("cannot start the media thread: {0}")]
    Thread(std::io::Error),
    /// No certificate for DTLS could be made.
    #[error("cannot make a DTLS certificate; the cryptography of this build is broken")]
    Certificate,
    /// No shards, or too many.
    #[error("{0} media shards asked for; from 1 to 128 are possible")]
    Shards(usize),
}

/// Why an offer was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The session description cannot be used; send a correct one.
    #[error("the session description cannot be used: {0}")]
    Malformed(String),
    /// The node has no place for another peer; try later or on another node.
    #[error("the media engine is full ({0} peers)")]
    Full(usize),
    /// The peer is in another room; remove it there first.
    #[error("the peer is in another room")]
    OtherRoom,
    /// The engine was stopped.
    #[error("the media engine has stopped")]
    Stopped,
    /// Too many offers wait, or one of this peer does; try again.
    #[error("the media engine is too busy")]
    Busy,
    /// The peer was removed while its offer waited.
    #[error("the peer was removed before its offer was answered")]
    Removed,
}
