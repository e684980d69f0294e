//! Allocate and Refresh (RFC 8656 §7 and §8).
//!
//! An allocation is an address and a time. What a server with sockets can be asked for beyond that is refused as the RFC says: no port is reserved (508),
//! one address family at a time (ADDRESS-ERROR-CODE 440 for the other).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::answer::{Answer, Code};
use super::auth::Proved;
use super::permit::Permits;
use super::{Now, Office, Session};
use crate::message::{Family, Message, Transaction, Writer, attribute};

/// Life of an allocation when none, or less, is asked for, in seconds (RFC 8656 §7.2).
const DEFAULT_LIFETIME_S: u32 = 600;
/// Longest life without a refresh, in seconds.
const MAX_LIFETIME_S: u32 = 3600;
/// UDP, as REQUESTED-TRANSPORT numbers it.
const UDP: u8 = 17;

/// An allocation.
#[derive(Debug)]
pub(super) struct Allocation {
    /// The name it was made with; all other requests have to come under it.
    pub(super) username: Vec<u8>,
    pub(super) relayed: SocketAddr,
    pub(super) ends: Instant,
    /// The credential's end; no refresh goes beyond it.
    credential_ends: Instant,
    pub(super) permits: Permits,
    /// The request that made it; when it is repeated, because the answer was lost, it is answered again (RFC 8656 §7.2).
    made_by: Transaction,
    /// It also asked for an address of the other family.
    other_family: bool,
    indications: u64,
}

impl Allocation {
    /// Tells indications to the client apart; nobody answers them.
    pub(super) fn next_indication(&mut self) -> Transaction {
        self.indications = self.indications.wrapping_add(1);
        let [a, b, c, d, e, f, g, h] = self.indications.to_be_bytes();
        [0, 0, 0, 0, a, b, c, d, e, f, g, h]
    }

    /// Lets it live on, and says for how many seconds.
    fn prolong(&mut self, now: Instant, asked_s: Option<u32>) -> u32 {
        let left_s = self.credential_ends.saturating_duration_since(now).as_secs();
        let granted_s = asked_s
            .unwrap_or(DEFAULT_LIFETIME_S)
            .clamp(DEFAULT_LIFETIME_S, MAX_LIFETIME_S)
            .min(u32::try_from(left_s).unwrap_or(u32::MAX));
        self.ends = now + Duration::from_secs(granted_s.into());
        granted_s
    }
}

impl Session {
    /// Makes an allocation. Checked in the order of RFC 8656 §7.2.
    pub(super) fn allocate(
        &mut self,
        now: Now,
        office: &mut Office,
        answer: Answer<'_>,
        message: &Message<'_>,
        proved: &Proved<'_>,
    ) -> Result<Writer, Code> {
        if let Some(allocation) = &self.allocation {
            let repeated = allocation.made_by == message.transaction() && allocation.username == proved.username;
            return if repeated {
                Ok(self.made(answer, allocation, lifetime_left(now.at, allocation)))
            } else {
                Err(Code::AllocationMismatch)
            };
        }
        let wanted = Wanted::read(message)?;
        let relayed = office.take(self.client, proved.claim.participant, wanted.family, wanted.even)?;
        let left = Duration::from_secs(proved.claim.expires_s.saturating_sub(now.unix_s));
        let mut allocation = Allocation {
            username: proved.username.to_vec(),
            relayed,
            ends: now.at,
            // Further away than any clock reaches is as good as an hour away: nothing lives longer without asking again.
            credential_ends: now
                .at
                .checked_add(left)
                .unwrap_or(now.at + Duration::from_secs(MAX_LIFETIME_S.into())),
            permits: Permits::default(),
            made_by: message.transaction(),
            other_family: wanted.other_family,
            indications: 0,
        };
        let granted_s = allocation.prolong(now.at, wanted.lifetime_s);
        let made = self.made(answer, &allocation, granted_s);
        self.allocation = Some(allocation);
        Ok(made)
    }

    fn made(&self, answer: Answer<'_>, allocation: &Allocation, lifetime_s: u32) -> Writer {
        let made = answer
            .success()
            .address(attribute::XOR_RELAYED_ADDRESS, allocation.relayed)
            .number(attribute::LIFETIME, lifetime_s)
            .address(attribute::XOR_MAPPED_ADDRESS, self.client.address);
        if allocation.other_family {
            let code = Code::AddressFamilyNotSupported;
            made.address_error(Family::V6.number(), code.number(), code.reason())
        } else {
            made
        }
    }

    /// Lets the allocation live on, or ends it.
    pub(super) fn refresh(&mut self, now: Now, office: &mut Office, answer: Answer<'_>, message: &Message<'_>) -> Result<Writer, Code> {
        let allocation = self.allocation.as_mut().ok_or(Code::AllocationMismatch)?;
        if let Some([number, ..]) = message.get_exact::<4>(attribute::REQUESTED_ADDRESS_FAMILY)
            && Family::from_number(number) != Some(Family::of(allocation.relayed.ip()))
        {
            return Err(Code::PeerAddressFamilyMismatch);
        }
        let asked_s = lifetime(message)?;
        let granted_s = if asked_s == Some(0) {
            self.end(office);
            0
        } else {
            allocation.prolong(now.at, asked_s)
        };
        Ok(answer.success().number(attribute::LIFETIME, granted_s))
    }
}

/// What an Allocate request asks for.
struct Wanted {
    lifetime_s: Option<u32>,
    family: Family,
    /// An address of the other family besides.
    other_family: bool,
    even: bool,
}

impl Wanted {
    fn read(message: &Message<'_>) -> Result<Self, Code> {
        let [transport, ..] = message.get_exact::<4>(attribute::REQUESTED_TRANSPORT).ok_or(Code::BadRequest)?;
        if transport != UDP {
            return Err(Code::UnsupportedTransport);
        }
        let family = message.get(attribute::REQUESTED_ADDRESS_FAMILY);
        let other = message.get(attribute::ADDITIONAL_ADDRESS_FAMILY);
        let even = message.get(attribute::EVEN_PORT);
        // Reserving is asking for the next port too.
        let reserving = matches!(even, Some([bits, ..]) if bits & 0x80 != 0);
        if message.has(attribute::RESERVATION_TOKEN) {
            // No token was ever given out.
            return Err(if even.is_some() || family.is_some() || other.is_some() {
                Code::BadRequest
            } else {
                Code::InsufficientCapacity
            });
        }
        let other_family = match other {
            None => false,
            Some([number, _, _, _]) if *number == Family::V6.number() && family.is_none() && !reserving => true,
            Some(_) => return Err(Code::BadRequest),
        };
        if reserving {
            return Err(Code::InsufficientCapacity);
        }
        let family = match family {
            None => Family::V4,
            Some([number, _, _, _]) => Family::from_number(*number).ok_or(Code::AddressFamilyNotSupported)?,
            Some(_) => return Err(Code::BadRequest),
        };
        Ok(Self {
            lifetime_s: lifetime(message)?,
            family,
            other_family,
            even: even.is_some(),
        })
    }
}

/// LIFETIME, if it is there.
fn lifetime(message: &Message<'_>) -> Result<Option<u32>, Code> {
    match message.get(attribute::LIFETIME) {
        None => Ok(None),
        Some(value) => Ok(Some(u32::from_be_bytes(value.try_into().map_err(|_| Code::BadRequest)?))),
    }
}

fn lifetime_left(now: Instant, allocation: &Allocation) -> u32 {
    u32::try_from(allocation.ends.saturating_duration_since(now).as_secs()).unwrap_or(u32::MAX)
}
