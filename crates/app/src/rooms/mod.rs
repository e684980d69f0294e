//! Rooms: who may take part in which role, and from when until when.

mod ports;

pub use ports::RoomStore;
