//! Load for media servers: participants that are real on the wire (ICE, DTLS, SRTP, real rates) and light in everything else, and what they measured.
//!
//! Owns the shapes of load ([`Shape`]), the packets of publishers ([`pattern`]), what a receiver counts ([`measure`]), what servers are asked before media
//! flows ([`server`]), and one run of all that ([`run`](run::run)). The program is `load` (`cargo run --release -p anteroom-loadtest --bin load -- --help`).
//! Not here: servers, network namespaces and comparisons (`cargo xtask bench`).

mod driver;
pub mod header;
mod lag;
pub mod link;
pub mod measure;
mod offer;
mod participant;
pub mod pattern;
pub mod process;
pub mod quality;
mod report;
pub mod run;
pub mod server;
mod shape;

pub use driver::{Driver, ParticipantId};
pub use offer::{Offered, Offering, Video, codecs, full_codecs};
pub use participant::{Mode, Participant, Received, Send};
pub use shape::{Role, RoomShape, Shape};
