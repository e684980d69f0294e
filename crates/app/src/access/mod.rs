//! Which application may act for which organizer: application access policies, and the groups that they name.

mod ports;

pub use ports::AccessStore;
