//! Changing a descriptor for one receiver.
//!
//! A receiver decodes what its references allow, so a forwarded descriptor may stay as it is while all frames come from one source. Two things need a
//! change: where sources are switched, frame numbers have to go on (a receiver drops frames older than the structure); and who forwards the stream
//! further, or shows which layers there are, wants to know that some are not sent.

use super::{Descriptor, MANDATORY};
use crate::NoRoom;
use crate::bits::{Bits, BitsOut};

/// What is to be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The number of the frame.
    pub frame_number: u16,
    /// The decode targets that are sent, as bits; nothing to say no more than the descriptor says.
    pub active: Option<u32>,
}

/// Sets the number of the frame in place. A descriptor that is too short stays as it is.
pub fn set_frame_number(value: &mut [u8], frame_number: u16) {
    if let Some([_, high, low]) = value.first_chunk_mut::<MANDATORY>() {
        [*high, *low] = frame_number.to_be_bytes();
    }
}

/// Writes a changed descriptor and gives its length. `value` is what `descriptor` was read from. Active targets that were not there make it up to five
/// bytes longer; everything else stays as it is, bit for bit.
///
/// # Errors
/// [`NoRoom`] when `out` is too short or `value` another one.
pub fn rewrite(out: &mut [u8], value: &[u8], descriptor: &Descriptor, change: &Change) -> Result<usize, NoRoom> {
    let layout = descriptor.layout;
    let mut from = Bits::new(value);
    let mut to = BitsOut::new(out);
    to.copy(&mut from, 8)?;
    from.take(16).ok_or(NoRoom)?;
    to.put(u32::from(change.frame_number), 16)?;
    let Some(active) = change.active else {
        to.copy(&mut from, layout.end)?;
        return Ok(to.length());
    };
    if value.len() > MANDATORY {
        let structure = from.at() + 1;
        to.copy(&mut from, structure)?;
        from.take(1).ok_or(NoRoom)?;
        to.put(1, 1)?;
        to.copy(&mut from, layout.active)?;
    } else {
        to.put(0b01000, 5)?;
    }
    let targets = usize::from(layout.targets);
    if layout.has_active {
        from.take(targets).ok_or(NoRoom)?;
    }
    to.put(active, targets)?;
    to.copy(&mut from, layout.end)?;
    Ok(to.length())
}
