//! STUN messages (RFC 8489 §5 and §14) with the attributes that TURN adds (RFC 8656 §18).
//!
//! Owns: what a message is ([`Message`], a view that copies nothing), how one is written ([`Writer`]), how one is proved ([`Key`]). Not here: what is
//! answered (`turn`), messages in a stream of bytes (`frame`).
//!
//! Invariants: a message that [`Message::parse`] let through has a whole header and whole attributes, whatever the bytes were; attributes behind
//! MESSAGE-INTEGRITY are not seen, except FINGERPRINT, so nobody can add any on the way.

mod address;
mod proof;
#[cfg(test)]
mod tests;
mod writer;

pub use address::{Family, peer_address, xor_address};
pub use proof::Key;
pub use writer::Writer;

/// Every message carries it (RFC 8489 §5).
pub(crate) const COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
/// Bytes in front of the attributes.
pub const HEADER: usize = 20;
/// Type and length of an attribute.
const ATTRIBUTE_HEADER: usize = 4;

/// What ties an answer to its request.
pub type Transaction = [u8; 12];

/// Attribute types. Those below 0x8000 have to be understood by whoever gets them (RFC 8489 §14).
pub mod attribute {
    /// USERNAME.
    pub const USERNAME: u16 = 0x0006;
    /// MESSAGE-INTEGRITY.
    pub const MESSAGE_INTEGRITY: u16 = 0x0008;
    /// ERROR-CODE.
    pub const ERROR_CODE: u16 = 0x0009;
    /// UNKNOWN-ATTRIBUTES.
    pub const UNKNOWN_ATTRIBUTES: u16 = 0x000A;
    /// CHANNEL-NUMBER.
    pub const CHANNEL_NUMBER: u16 = 0x000C;
    /// LIFETIME, in seconds.
    pub const LIFETIME: u16 = 0x000D;
    /// XOR-PEER-ADDRESS.
    pub const XOR_PEER_ADDRESS: u16 = 0x0012;
    /// DATA.
    pub const DATA: u16 = 0x0013;
    /// REALM.
    pub const REALM: u16 = 0x0014;
    /// NONCE.
    pub const NONCE: u16 = 0x0015;
    /// XOR-RELAYED-ADDRESS.
    pub const XOR_RELAYED_ADDRESS: u16 = 0x0016;
    /// REQUESTED-ADDRESS-FAMILY.
    pub const REQUESTED_ADDRESS_FAMILY: u16 = 0x0017;
    /// EVEN-PORT.
    pub const EVEN_PORT: u16 = 0x0018;
    /// REQUESTED-TRANSPORT.
    pub const REQUESTED_TRANSPORT: u16 = 0x0019;
    /// DONT-FRAGMENT.
    pub const DONT_FRAGMENT: u16 = 0x001A;
    /// XOR-MAPPED-ADDRESS.
    pub const XOR_MAPPED_ADDRESS: u16 = 0x0020;
    /// RESERVATION-TOKEN.
    pub const RESERVATION_TOKEN: u16 = 0x0022;
    /// ADDITIONAL-ADDRESS-FAMILY.
    pub const ADDITIONAL_ADDRESS_FAMILY: u16 = 0x8000;
    /// ADDRESS-ERROR-CODE.
    pub const ADDRESS_ERROR_CODE: u16 = 0x8001;
    /// FINGERPRINT.
    pub const FINGERPRINT: u16 = 0x8028;
}

/// What a message is about (RFC 8489 §18.1, RFC 8656 §17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Binding.
    Binding,
    /// Allocate.
    Allocate,
    /// Refresh.
    Refresh,
    /// Send (an indication).
    Send,
    /// Data (an indication).
    Data,
    /// CreatePermission.
    CreatePermission,
    /// ChannelBind.
    ChannelBind,
}

impl Method {
    const ALL: [(Self, u16); 7] = [
        (Self::Binding, 0x001),
        (Self::Allocate, 0x003),
        (Self::Refresh, 0x004),
        (Self::Send, 0x006),
        (Self::Data, 0x007),
        (Self::CreatePermission, 0x008),
        (Self::ChannelBind, 0x009),
    ];

    fn number(self) -> u16 {
        Self::ALL
            .iter()
            .find_map(|(method, number)| (*method == self).then_some(*number))
            .unwrap_or_default()
    }

    fn from_number(number: u16) -> Option<Self> {
        Self::ALL.iter().find_map(|(method, other)| (*other == number).then_some(*method))
    }
}

/// Question, answer, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Wants an answer.
    Request,
    /// Wants none.
    Indication,
    /// The answer is yes.
    Success,
    /// The answer is no.
    Error,
}

impl Class {
    /// Bits 4 and 8 of the message type.
    fn bits(self) -> u16 {
        match self {
            Self::Request => 0x000,
            Self::Indication => 0x010,
            Self::Success => 0x100,
            Self::Error => 0x110,
        }
    }

    fn from_bits(kind: u16) -> Self {
        match kind & 0x110 {
            0x000 => Self::Request,
            0x010 => Self::Indication,
            0x100 => Self::Success,
            _ => Self::Error,
        }
    }
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not STUN at all: another first byte, another cookie, or shorter than a header.
    #[error("this is no STUN message")]
    Foreign,
    /// The length in the header is not that of the message, or an attribute is longer than what is left.
    #[error("the lengths in the STUN message do not fit")]
    Length,
    /// FINGERPRINT is there and wrong.
    #[error("the fingerprint of the STUN message is wrong")]
    Fingerprint,
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its type; see [`attribute`].
    pub kind: u16,
    /// Its value, without padding.
    pub value: &'a [u8],
    /// Where it begins in the message.
    at: usize,
}

/// A message, as received.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    bytes: &'a [u8],
    kind: u16,
    transaction: Transaction,
}

impl<'a> Message<'a> {
    /// Reads a message that fills `bytes` exactly.
    ///
    /// # Errors
    /// [`Malformed`]; none of them is worth an answer (RFC 8489 §6.3: such bytes are silently discarded).
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(Malformed::Foreign)?;
        let [k0, k1, l0, l1, c0, c1, c2, c3, transaction @ ..] = *header;
        let kind = u16::from_be_bytes([k0, k1]);
        if kind & 0xC000 != 0 || [c0, c1, c2, c3] != COOKIE {
            return Err(Malformed::Foreign);
        }
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        if length != rest.len() || length % 4 != 0 {
            return Err(Malformed::Length);
        }
        let message = Self { bytes, kind, transaction };
        let mut walk = message.walk();
        let last = walk.by_ref().last();
        if !walk.rest().is_empty() {
            return Err(Malformed::Length);
        }
        if let Some(last) = last.filter(|last| last.kind == attribute::FINGERPRINT)
            && !proof::is_fingerprint(bytes.get(..last.at).unwrap_or_default(), last.value)
        {
            return Err(Malformed::Fingerprint);
        }
        Ok(message)
    }

    /// What it is about; nothing for a method that TURN over datagrams does not have.
    pub fn method(&self) -> Option<Method> {
        let kind = self.kind;
        Method::from_number((kind & 0x000F) | ((kind & 0x00E0) >> 1) | ((kind & 0x3E00) >> 2))
    }

    /// Question, answer, or neither.
    pub fn class(&self) -> Class {
        Class::from_bits(self.kind)
    }

    /// What ties an answer to its request.
    pub fn transaction(&self) -> Transaction {
        self.transaction
    }

    /// The attributes up to MESSAGE-INTEGRITY and, if it is there, FINGERPRINT.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut sealed = false;
        self.walk().filter(move |attribute| {
            let seen = !sealed || attribute.kind == attribute::FINGERPRINT;
            sealed |= attribute.kind == attribute::MESSAGE_INTEGRITY;
            seen
        })
    }

    /// The value of the first attribute of this type; later ones do not count (RFC 8489 §14).
    pub fn get(&self, kind: u16) -> Option<&'a [u8]> {
        self.attributes()
            .find_map(|attribute| (attribute.kind == kind).then_some(attribute.value))
    }

    /// A value of exactly so many bytes; nothing when it is absent or has another length.
    pub fn get_exact<const LENGTH: usize>(&self, kind: u16) -> Option<[u8; LENGTH]> {
        self.get(kind)?.try_into().ok()
    }

    /// Whether the attribute is there.
    pub fn has(&self, kind: u16) -> bool {
        self.get(kind).is_some()
    }

    /// Whether MESSAGE-INTEGRITY is there and was made with this key.
    pub fn is_signed_with(&self, key: &Key) -> bool {
        let Some(seal) = self.attributes().find(|attribute| attribute.kind == attribute::MESSAGE_INTEGRITY) else {
            return false;
        };
        key.verifies(self.bytes.get(..seal.at).unwrap_or_default(), seal.value)
    }

    /// Number of an ERROR-CODE, such as 401.
    pub fn error_code(&self) -> Option<u16> {
        let [_, _, class, number, ..] = *self.get(attribute::ERROR_CODE)? else {
            return None;
        };
        Some(u16::from(class & 7) * 100 + u16::from(number))
    }

    fn walk(&self) -> Walk<'a> {
        Walk {
            bytes: self.bytes,
            at: HEADER,
        }
    }
}

/// Walks over attributes; stops in front of one that does not fit.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        let (&[k0, k1, l0, l1], rest) = self.rest().split_first_chunk::<ATTRIBUTE_HEADER>()?;
        let length = usize::from(u16::from_be_bytes([l0, l1]));
        let padded = length.next_multiple_of(4);
        if padded > rest.len() {
            return None;
        }
        let at = self.at;
        self.at += ATTRIBUTE_HEADER + padded;
        Some(Attribute {
            kind: u16::from_be_bytes([k0, k1]),
            value: rest.get(..length)?,
            at,
        })
    }
}
