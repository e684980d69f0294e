//! Addresses in attributes: XORed with cookie and transaction, so that no box on the way rewrites them (RFC 8489 §14.2).

use std::net::{IpAddr, SocketAddr};

use super::{COOKIE, Message, Transaction, attribute};

/// The family of an address, as attributes number it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Of an address.
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// Its number.
    pub fn number(self) -> u8 {
        match self {
            Self::V4 => 1,
            Self::V6 => 2,
        }
    }

    /// Nothing for a number that is no family.
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::V4),
            2 => Some(Self::V6),
            _ => None,
        }
    }
}

/// What each byte of an address is XORed with.
fn mask(transaction: &Transaction) -> impl Iterator<Item = u8> {
    COOKIE.into_iter().chain(*transaction)
}

/// The value of an attribute that holds this address.
pub(super) fn xored(address: SocketAddr, transaction: &Transaction) -> Vec<u8> {
    let [c0, c1, ..] = COOKIE;
    let [p0, p1] = address.port().to_be_bytes();
    let mut value = vec![0, Family::of(address.ip()).number(), p0 ^ c0, p1 ^ c1];
    match address.ip() {
        IpAddr::V4(ip) => value.extend(ip.octets().into_iter().zip(mask(transaction)).map(|(a, b)| a ^ b)),
        IpAddr::V6(ip) => value.extend(ip.octets().into_iter().zip(mask(transaction)).map(|(a, b)| a ^ b)),
    }
    value
}

/// The address in such a value; nothing when its family is unknown or its length another.
pub fn xor_address(value: &[u8], transaction: &Transaction) -> Option<SocketAddr> {
    let (&[_, family, p0, p1], address) = value.split_first_chunk::<4>()?;
    let [c0, c1, ..] = COOKIE;
    let port = u16::from_be_bytes([p0 ^ c0, p1 ^ c1]);
    let ip = match Family::from_number(family)? {
        Family::V4 => IpAddr::from(unmasked(<[u8; 4]>::try_from(address).ok()?, transaction)),
        Family::V6 => IpAddr::from(unmasked(<[u8; 16]>::try_from(address).ok()?, transaction)),
    };
    Some(SocketAddr::new(ip, port))
}

fn unmasked<const LENGTH: usize>(mut address: [u8; LENGTH], transaction: &Transaction) -> [u8; LENGTH] {
    address.iter_mut().zip(mask(transaction)).for_each(|(byte, mask)| *byte ^= mask);
    address
}

/// The first XOR-PEER-ADDRESS of a message.
pub fn peer_address(message: &Message<'_>) -> Option<SocketAddr> {
    xor_address(message.get(attribute::XOR_PEER_ADDRESS)?, &message.transaction())
}
