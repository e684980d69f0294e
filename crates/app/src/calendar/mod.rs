//! Calendar events of members, linked with the online meeting that they carry.

mod ports;

pub use ports::CalendarStore;
