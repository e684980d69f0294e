//! Making identifiers and secrets from the random port. Everything here is pure given its randomness.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::Micros;
use crate::ports::Random;

/// Letters and digits that are not mistaken for each other.
const PASSCODE_ALPHABET: &[u8; 54] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ234567";

fn random<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut bytes = [0; N];
    random.fill(&mut bytes);
    bytes
}

/// A random GUID, lower case with hyphens.
#[must_use]
pub fn guid(source: &dyn Random) -> String {
    uuid::Builder::from_random_bytes(random(source)).into_uuid().to_string()
}

/// A GUID whose first half grows with time, as the user part of a communication identity has.
#[must_use]
pub fn time_ordered_guid(source: &dyn Random, now: Micros) -> String {
    let millis = u64::try_from(now / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random(source))
        .into_uuid()
        .to_string()
}

/// 256 random bits as base64url: session handles, tickets, client secrets.
#[must_use]
pub fn secret(source: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(random::<32>(source))
}

/// 64 random bytes as standard padded base64: an access key.
#[must_use]
pub fn access_key(source: &dyn Random) -> String {
    STANDARD.encode(random::<64>(source))
}

/// `count` unbiased characters of an alphabet of at most 256 bytes.
fn pick(source: &dyn Random, alphabet: &[u8], count: usize) -> String {
    let size = alphabet.len().clamp(1, 256);
    let limit = 256 - 256 % size;
    let mut text = String::with_capacity(count);
    while text.len() < count {
        for byte in random::<32>(source) {
            let value = usize::from(byte);
            if value < limit
                && text.len() < count
                && let Some(character) = alphabet.get(value % size)
            {
                text.push(char::from(*character));
            }
        }
    }
    text
}

/// A meeting ID: 12 digits, the first not zero.
#[must_use]
pub fn join_meeting_id(source: &dyn Random) -> String {
    format!("{}{}", pick(source, b"123456789", 1), pick(source, b"0123456789", 11))
}

/// A room id: 17 digits, the first not zero.
#[must_use]
pub fn room_id(source: &dyn Random) -> String {
    format!("{}{}", pick(source, b"123456789", 1), pick(source, b"0123456789", 16))
}

/// A passcode: 8 letters and digits.
#[must_use]
pub fn passcode(source: &dyn Random) -> String {
    pick(source, PASSCODE_ALPHABET, 8)
}

/// Characters of a user code.
pub const USER_CODE_LENGTH: usize = 9;

/// The code that a device shows: capitals without vowels, so that it spells nothing and is read aloud without mistakes.
#[must_use]
pub fn user_code(source: &dyn Random) -> String {
    pick(source, b"BCDFGHJKLMNPQRSTVWXZ", USER_CODE_LENGTH)
}

/// A password that a person can type: four groups of five.
#[must_use]
pub fn password(source: &dyn Random) -> String {
    let text = pick(source, PASSCODE_ALPHABET, 20);
    let mut grouped = String::with_capacity(23);
    for (index, character) in text.chars().enumerate() {
        if index > 0 && index % 5 == 0 {
            grouped.push('-');
        }
        grouped.push(character);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRandom;

    #[test]
    fn meeting_ids_are_twelve_digits_without_leading_zero() {
        let source = SystemRandom::default();
        for _ in 0..200 {
            let id = join_meeting_id(&source);
            assert_eq!(id.len(), 12);
            assert!(id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0'));
        }
    }

    #[test]
    fn passcodes_and_guids_have_their_shape_and_differ() {
        let source = SystemRandom::default();
        assert_eq!(passcode(&source).len(), 8);
        assert_ne!(passcode(&source), passcode(&source));
        assert_eq!(guid(&source).len(), 36);
        assert!(time_ordered_guid(&source, 1_000_000) < time_ordered_guid(&source, 2_000_000_000_000));
        assert_eq!(password(&source).len(), 23);
        assert_eq!(access_key(&source).len(), 88);
    }
}
