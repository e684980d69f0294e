//! Load for media servers: participants that are real on the wire (ICE, DTLS, SRTP, real rates) and light in everything else, and what they measured.
//!
//! Owns the shapes of load ([`Shape`]), the packets of publishers ([`pattern`]), what a receiver counts ([`measure`]). Not here: what is asked of one
//! particular server before media flows (its adapter).

mod driver;
mod header;
pub mod measure;
mod offer;
mod participant;
pub mod pattern;
mod report;
mod shape;

pub use driver::{Driver, ParticipantId};
pub use offer::{Offered, Offering, Video, codecs};
pub use participant::{Mode, Participant, Received, Send};
pub use shape::{Role, RoomShape, Shape};
