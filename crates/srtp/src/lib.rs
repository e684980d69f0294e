//! SRTP and SRTCP (RFC 3711; the AEAD profiles of RFC 7714), for packets whose headers are ours.
//!
//! str0m keeps ICE and DTLS; this crate takes the keys of a handshake ([`tap`]) and seals and opens all streams with them, in place, in whatever buffer
//! the packet is to be sent from. Owns: key derivation ([`Keys`]), sealing and opening, the index of a packet ([`Rollover`]). Not here:
//! headers, sockets, what is sent to whom.
//!
//! Invariant that callers keep: under one key no pair of SSRC and index is sealed twice. A stream sealed here has an SSRC of its own, which str0m
//! never uses, and its index only grows.

mod aead;
mod counter;
#[doc(hidden)]
pub mod fuzz;
mod kdf;
mod protect;
mod rollover;
pub mod tap;

pub use kdf::{Keys, Profile, Side};
pub use protect::{LONGEST_RTCP_OVERHEAD, LONGEST_TAG, OpenedRtcp, Opener, Sealer};
pub use rollover::Rollover;

/// Why keys or packets are not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrtpError {
    /// The handshake agreed on a profile that this crate does not know.
    #[error("the handshake agreed on an unknown profile of SRTP")]
    Profile,
    /// The keying material is shorter than the profile needs.
    #[error("the keying material is too short for its profile")]
    Material,
    /// The packet is shorter than a packet can be, or its header is longer than it.
    #[error("the packet is too short")]
    Short,
    /// The packet is not what was sealed with this key.
    #[error("the packet was not sealed with this key")]
    Forged,
}
