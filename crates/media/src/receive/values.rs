//! The extensions of a header, as one client numbers them.

use rtp::header::Header;

/// Numbers of the extensions that are read; nothing for those that were not negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    /// Names the m-line (RFC 9143).
    pub(crate) mid: Option<u8>,
    /// Names the layer (RFC 8852).
    pub(crate) rid: Option<u8>,
    /// Names the layer that a retransmission is of.
    pub(crate) repaired: Option<u8>,
    pub(crate) level: Option<u8>,
    pub(crate) orientation: Option<u8>,
    /// The dependency descriptor.
    pub(crate) dependency: Option<u8>,
    /// The number over all streams, where the client wants to know what came by it.
    pub(crate) transport: Option<u8>,
}

/// Their values in one packet, as they are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values<'a> {
    pub(super) mid: Option<&'a [u8]>,
    pub(super) rid: Option<&'a [u8]>,
    pub(super) repaired: Option<&'a [u8]>,
    pub(super) level: Option<&'a [u8]>,
    pub(super) orientation: Option<&'a [u8]>,
    pub(super) dependency: Option<&'a [u8]>,
    pub(super) transport: Option<&'a [u8]>,
}

impl Extensions {
    /// Reads them in one walk.
    pub(super) fn read<'a>(&self, header: &Header<'a>) -> Values<'a> {
        let mut values = Values::default();
        for (id, value) in header.extensions() {
            let id = Some(id);
            let place = match id {
                _ if id == self.transport => &mut values.transport,
                _ if id == self.level => &mut values.level,
                _ if id == self.dependency => &mut values.dependency,
                _ if id == self.orientation => &mut values.orientation,
                _ if id == self.mid => &mut values.mid,
                _ if id == self.rid => &mut values.rid,
                _ if id == self.repaired => &mut values.repaired,
                _ => continue,
            };
            *place = Some(value);
        }
        values
    }
}
