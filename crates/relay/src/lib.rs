//! The embedded relay, and ICE over TCP: how clients in closed networks reach the media engine.
//!
//! Two layers. Pure: STUN messages ([`message`]), streams of them ([`frame`]), credentials ([`credentials`]), the protocol of a TURN server ([`turn`]).
//! With sockets: listeners for TURN over UDP, TCP and TLS and for ICE over TCP, which exchange datagrams with the engine through a [`gate`].
//!
//! Not here: the engine, who a participant is, which addresses are told to whom.

mod budget;
pub mod credentials;
pub mod frame;
#[doc(hidden)]
pub mod fuzz;
pub mod gate;
mod io;
pub mod message;
pub mod turn;

pub use budget::{Rate, Source};
pub use io::{IceTcp, Limits, Relay, Stats};
