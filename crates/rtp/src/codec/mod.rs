//! What payloads say of themselves: where frames begin, which layer they are of, how large pictures are.
//!
//! Owns: a reader for each payload format that browsers send, and the change of picture numbers in place. Not here: decoding anything; layers by
//! [`dependency`](crate::dependency) descriptor, which all video formats share.

pub mod av1;
pub mod h264;
pub mod opus;
mod patch;
pub mod red;
pub mod rtx;
mod sps;
pub mod vp8;
pub mod vp9;

pub use patch::{Patch, PictureId, Places};

/// Of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// From left to right.
    pub width: u16,
    /// From top to bottom.
    pub height: u16,
}
