//! The media engine: receives what participants send and forwards it to those who want it (a selective forwarding unit).
//!
//! Four layers. `routing` is pure: rooms, publications, subscriptions, slots, layer choice, speakers; time is an argument.
//! `peer` holds one str0m `Rtc` behind an interface that cannot forget to drain it. `receive` is what a client publishes: packets
//! opened, what is missing of them, reports. `send` is what a client receives: packets sealed for it, retransmission, reports. `shard` is the thread with the socket that moves bytes between them. [`Engine`] is
//! the handle that the rest of the server holds.
//!
//! Not here: who may be in a room (`meeting`), what a peer is called (`signal`). Nobody who was not given to
//! [`Engine::offer`] has a media path, and nothing crosses from one room to another.

#[cfg(test)]
extern crate self as media;

mod api;
pub mod capture;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(test)]
mod defect;
mod engine;
mod facts;
#[doc(hidden)]
pub mod fuzz;
mod peer;
mod placement;
mod quality;
mod receive;
mod routing;
mod send;
mod shard;

pub use api::{
    Answer, Binding, Declared, Delivery, EngineConfig, EngineError, EngineStats, Event, LostReason, MediaKind, Offer, OfferError, PeerId,
    PublicationId, RoomId, Voice, VoiceTap, Want,
};
pub use engine::{Engine, EventSink};
pub use facts::SocketFacts;
pub use quality::{Carrier, Flow, Picture, Quality, SlotQuality};
pub use shard::{Gate, Inlet, Transport};
