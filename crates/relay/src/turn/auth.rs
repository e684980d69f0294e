//! Who is there: the long-term credential mechanism (RFC 8489 §9.2) with nonces that need no memory.
//!
//! A nonce is the second of its making and a MAC over that and the client's address: from elsewhere, or later than [`NONCE_S`], it is stale. Names and
//! passwords that are wrong, over or revoked get one and the same answer.

use std::time::Instant;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::answer::Code;
use super::{Client, Now, Office, Wire};
use crate::credentials::Claim;
use crate::message::{Key, Message, attribute};

/// How long a nonce is good for, in seconds. Whoever records a request can repeat it, from the same address, only so long.
pub(super) const NONCE_S: u32 = 600;
/// Bytes of the MAC in a nonce: guessing one takes 2⁶³ requests, at a few a second.
const MAC: usize = 8;

/// Makes and checks nonces.
#[derive(Debug)]
pub(super) struct Nonces {
    key: hmac::Key,
    start: Instant,
}

impl Nonces {
    pub(super) fn new(seed: &[u8; 32], start: Instant) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, seed),
            start,
        }
    }

    fn second(&self, now: Instant) -> u32 {
        u32::try_from(now.saturating_duration_since(self.start).as_secs()).unwrap_or(u32::MAX)
    }

    fn mac(&self, second: u32, client: Client) -> [u8; MAC] {
        let wire = match client.wire {
            Wire::Udp => 0,
            Wire::Tcp => 1,
            Wire::Tls => 2,
        };
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&second.to_be_bytes());
        context.update(&[wire]);
        context.update(client.address.to_string().as_bytes());
        context.sign().as_ref().first_chunk().copied().unwrap_or_default()
    }

    pub(super) fn make(&self, now: Instant, client: Client) -> String {
        let second = self.second(now);
        let [a, b, c, d] = second.to_be_bytes();
        let [e, f, g, h, i, j, k, l] = self.mac(second, client);
        URL_SAFE_NO_PAD.encode([a, b, c, d, e, f, g, h, i, j, k, l])
    }

    pub(super) fn is_fresh(&self, now: Instant, client: Client, nonce: &[u8]) -> bool {
        let Some((second, mac)) = URL_SAFE_NO_PAD.decode(nonce).ok().and_then(|nonce| {
            Some((
                u32::from_be_bytes(*nonce.first_chunk()?),
                <[u8; MAC]>::try_from(nonce.get(4..)?).ok()?,
            ))
        }) else {
            return false;
        };
        let genuine = aws_lc_rs::constant_time::verify_slices_are_equal(&self.mac(second, client), &mac).is_ok();
        genuine && self.second(now).checked_sub(second).is_some_and(|age| age < NONCE_S)
    }
}

/// A client that knows the password of the name in its request.
#[derive(Debug)]
pub(super) struct Proved<'a> {
    pub(super) username: &'a [u8],
    pub(super) claim: Claim<'a>,
    pub(super) key: Key,
}

impl Office {
    /// Looks at the proof in a request, in the order of RFC 8489 §9.2.4. Nobody who is refused here is proved, so none of these answers is signed.
    pub(super) fn authenticate<'a>(&self, now: Now, client: Client, message: &Message<'a>) -> Result<Proved<'a>, Code> {
        if !message.has(attribute::MESSAGE_INTEGRITY) {
            return Err(Code::Unauthenticated);
        }
        let [Some(username), Some(_), Some(nonce)] =
            [attribute::USERNAME, attribute::REALM, attribute::NONCE].map(|kind| message.get(kind))
        else {
            return Err(Code::BadRequest);
        };
        if !self.nonces.is_fresh(now.at, client, nonce) {
            return Err(Code::StaleNonce);
        }
        // The password is looked at first, whatever the name says, so that only who knows it could learn why else they are refused.
        let key = self.secret.key(username, &self.config.realm);
        if !message.is_signed_with(&key) {
            return Err(Code::Unauthenticated);
        }
        let claim = Claim::read(username).ok_or(Code::Unauthenticated)?;
        if claim.expires_s <= now.unix_s || self.is_revoked(claim.participant) {
            return Err(Code::Unauthenticated);
        }
        Ok(Proved { username, claim, key })
    }
}
