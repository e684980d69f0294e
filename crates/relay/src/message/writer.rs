//! Writes messages, attribute by attribute.

use std::net::SocketAddr;

use super::{COOKIE, Class, HEADER, Key, Method, Transaction, address, attribute, proof};

/// Longest value: with its header and padding, a message of one attribute still has a length of 16 bits.
const LONGEST_VALUE: usize = 0xFFF0;

/// A message being written. Attributes come in the order they are added; [`Writer::sign`] and [`Writer::fingerprint`] come last.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    transaction: Transaction,
}

impl Writer {
    /// Begins a message.
    pub fn new(class: Class, method: Method, transaction: Transaction) -> Self {
        let number = method.number();
        let kind = class.bits() | (number & 0x000F) | ((number & 0x0070) << 1) | ((number & 0x0F80) << 2);
        let mut bytes = Vec::with_capacity(128);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(COOKIE);
        bytes.extend(transaction);
        Self { bytes, transaction }
    }

    /// Adds an attribute. A value that would make the message longer than its length field can say is cut.
    #[must_use]
    pub fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        let room = (LONGEST_VALUE + HEADER).saturating_sub(self.bytes.len());
        let value = value.get(..value.len().min(room)).unwrap_or_default();
        self.bytes.extend(kind.to_be_bytes());
        self.bytes.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.bytes.extend(value);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self.set_length();
        self
    }

    /// Adds a number of 32 bits.
    #[must_use]
    pub fn number(self, kind: u16, value: u32) -> Self {
        self.attribute(kind, &value.to_be_bytes())
    }

    /// Adds an XORed address.
    #[must_use]
    pub fn address(self, kind: u16, address: SocketAddr) -> Self {
        let value = address::xored(address, &self.transaction);
        self.attribute(kind, &value)
    }

    /// Adds ERROR-CODE (RFC 8489 §14.8).
    #[must_use]
    pub fn error(self, code: u16, reason: &str) -> Self {
        self.attribute(attribute::ERROR_CODE, &error_value(0, code, reason))
    }

    /// Adds ADDRESS-ERROR-CODE for a family (RFC 8656 §18.13).
    #[must_use]
    pub fn address_error(self, family: u8, code: u16, reason: &str) -> Self {
        self.attribute(attribute::ADDRESS_ERROR_CODE, &error_value(family, code, reason))
    }

    /// Adds MESSAGE-INTEGRITY over everything before.
    #[must_use]
    pub fn sign(self, key: &Key) -> Self {
        let seal = key.seal(&self.bytes);
        self.attribute(attribute::MESSAGE_INTEGRITY, &seal)
    }

    /// Adds FINGERPRINT over everything before.
    #[must_use]
    pub fn fingerprint(self) -> Self {
        let sum = proof::fingerprint(&self.bytes);
        self.attribute(attribute::FINGERPRINT, &sum)
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn set_length(&mut self) {
        let length = u16::try_from(self.bytes.len().saturating_sub(HEADER)).unwrap_or(u16::MAX);
        if let Some(place) = self.bytes.get_mut(2..4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

fn error_value(first: u8, code: u16, reason: &str) -> Vec<u8> {
    let [class, number] = [code / 100, code % 100].map(|part| u8::try_from(part).unwrap_or_default());
    [&[first, 0, class, number], reason.as_bytes()].concat()
}
