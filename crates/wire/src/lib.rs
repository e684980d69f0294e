//! Signalling messages between a calling SDK and the server.
//!
//! One WebSocket per agent carries JSON text frames. The client speaks first ([`ClientFrame::Hello`]); requests carry an id
//! and always settle with exactly one [`ServerFrame::Response`]; everything else the server says about a call is an
//! [`ServerFrame::Event`] with a revision that grows by one, so that a client which sees a gap asks for a snapshot.
//!
//! Here: the shapes, their bounds and their validation of size. Not here: what a request means (`meeting`), who may send it
//! (`meeting`, `app`), the socket (`signal`). Invariants: no 64-bit integers (JavaScript numbers), unknown members are
//! ignored, unknown message types are an error the receiver can name. Kept by `tests/golden.rs` and its TypeScript twin.

mod features;
mod frames;
mod media;
mod refusal;
mod requests;
mod state;

pub use features::{
    AccessKind, BreakoutRoom, BreakoutState, CallKind, Caption, CaptionsState, DataMessage, Diagnostic, IncomingCall, MediaAccess,
    NewBreakoutRoom, OwnCaptions, Presence, Reaction, RecordingState, Seat, SurveyRating, TransferState, TypedText,
};
pub use frames::{ClientFrame, ClientInfo, Event, Hello, IceServer, LostCall, Outcome, ResumeCall, ResumedCall, ServerFrame, Welcome};
pub use media::{MediaKind, PublicationOffer, PublicationState, SlotBinding, Want, WantPriority, Withheld};
pub use refusal::{FixableBy, Refusal};
pub use requests::{Joined, Locator, MediaAnswer, Reply, Request, RequestBody, TransferTarget};
pub use state::{
    Capability, CapabilityName, CapabilityReason, CapabilityState, MeetingState, Participant, ParticipantLeft, PersonKind, Role, SelfState,
    Snapshot, Speaking, WaitingParticipant,
};

/// The protocol version that this build speaks; the first frame of both sides carries it.
pub const PROTOCOL_VERSION: u32 = 1;

/// Largest frame either side may send, in bytes of UTF-8. A session description of the constant-size offer is below 40 kB;
/// a snapshot of a large meeting is the largest thing that travels.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// Why a frame could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// The frame is longer than [`MAX_FRAME_BYTES`]; the connection ends.
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
    /// Not JSON, or not a frame of this protocol; the text says where.
    Malformed {
        /// What the decoder said.
        detail: String,
        /// The request id, when it could still be read, so that the request can be settled.
        request: Option<u32>,
    },
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { bytes } => write!(f, "frame of {bytes} bytes, at most {MAX_FRAME_BYTES} are read"),
            Self::Malformed { detail, .. } => write!(f, "not a frame of this protocol: {detail}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Reads one frame of the client.
///
/// # Errors
/// [`DecodeError`] with the request id where it could be read.
pub fn decode_client(text: &str) -> Result<ClientFrame, DecodeError> {
    decode(text)
}

/// Reads one frame of the server (used by the native SDK and the golden corpus).
///
/// # Errors
/// [`DecodeError`].
pub fn decode_server(text: &str) -> Result<ServerFrame, DecodeError> {
    decode(text)
}

fn decode<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    if text.len() > MAX_FRAME_BYTES {
        return Err(DecodeError::TooLarge { bytes: text.len() });
    }
    serde_json::from_str(text).map_err(|error| DecodeError::Malformed {
        detail: error.to_string(),
        request: request_id(text),
    })
}

/// A frame that cannot be read may still carry a readable id; its sender then gets an answer instead of silence.
fn request_id(text: &str) -> Option<u32> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("id")?.as_u64()?.try_into().ok()
}

/// Writes a frame. The types hold nothing that JSON cannot carry, so a failure here is a defect of this crate and
/// becomes an empty string, which no peer accepts.
pub fn encode<T: serde::Serialize>(frame: &T) -> String {
    serde_json::to_string(frame).unwrap_or_default()
}
