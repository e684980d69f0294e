//! The byte formats of the media path, read and written in place.
//!
//! Owns: what a datagram is ([`demux`]), the header of RTP ([`header`]) and what is in its extensions ([`ext`], [`dependency`]), what payloads say of
//! themselves ([`codec`]), RTCP ([`rtcp`]), clocks on the wire ([`ntp`]).
//! Not here: encryption (`srtp`), sockets, times of arrival, what is forwarded to whom.
//!
//! Invariants, kept by the property tests and fuzz targets:
//! - Every reader takes any bytes, borrows from them, and its iterators end.
//! - Nothing allocates but reading a new structure of dependencies, which key frames bring. The crate is built without `std`, so it can neither block nor
//!   ask for the time.
//! - Every writer fills a buffer of the caller and says how much of it; what it writes, the reader reads as the same values.
//! - No reader trusts a length or a count of the packet further than the packet goes.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod bits;
mod bytes;
pub mod codec;
pub mod demux;
pub mod dependency;
pub mod ext;
#[doc(hidden)]
pub mod fuzz;
pub mod header;
pub mod ntp;
pub mod rtcp;

pub use header::{Fields, Header, write_header};

/// Why bytes are not what they were read as. Nobody can repair such a packet: count it, drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// It ends before its fixed fields do.
    #[error("the packet is cut short")]
    Short,
    /// The version is not 2.
    #[error("the version is not the one of RTP")]
    Version,
    /// A length inside points behind the end.
    #[error("a length inside the packet points behind its end")]
    Length,
    /// The padding is empty, or longer than what it pads.
    #[error("the padding is longer than what it pads")]
    Padding,
    /// A count of entries does not agree with the entries.
    #[error("the packet has fewer entries than it says")]
    Count,
    /// A field has a value that its format does not know.
    #[error("a field has a value that its format does not know")]
    Value,
}

/// What was to be written does not fit: the buffer is too short, or a field of the format too narrow for the value. Give more room or write less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what was to be written does not fit into the buffer or the field")]
pub struct NoRoom;
