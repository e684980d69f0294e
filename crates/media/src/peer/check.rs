//! Whether a client receives at another address, before its media goes there: otherwise it could name somebody else's.
//!
//! A connectivity check as the other side of ICE makes it (RFC 8445 §7), one at a time. Only who receives there can answer it: its number cannot be guessed.
//! Owns the check that is under way. Not here: which address that is (`mod`).

use std::time::{Duration, Instant};

use str0m::IceCreds;
use str0m::ice::{StunMessage, TransId};

use super::Destination;

/// Between two of the same check. The client speaks from there meanwhile, and the next one goes when it does.
const AGAIN: Duration = Duration::from_millis(100);
/// Not answered after so many, it is given up until the client nominates the address again.
const MOST: u8 = 20;
/// Longest check: two names of 256 characters at most, and the rest.
const LONGEST: usize = 640;
/// Of a candidate that is reached directly (RFC 8445 §5.1.2).
const PRIORITY: u32 = 2_130_706_431;

/// The checks of one client.
#[derive(Debug, Default)]
pub(super) struct Checks {
    client: Option<IceCreds>,
    open: Option<Open>,
}

/// A check that is not answered yet.
struct Open {
    destination: Destination,
    number: TransId,
    datagram: Vec<u8>,
    sent_at: Instant,
    sent: u8,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}

impl Checks {
    /// As the client is called from now on.
    pub(super) fn named(&mut self, client: Option<IceCreds>) {
        self.client = client;
    }

    /// The client wants its media there. Gives what is to be sent there first, unless it was a moment ago; nothing, too, when there is no way to ask.
    pub(super) fn wanted(&mut self, now: Instant, destination: Destination, own: &str) -> Option<&[u8]> {
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.destination == destination && open.sent < MOST)
        {
            return self.heard(now, destination);
        }
        let client = self.client.as_ref()?;
        let number = number()?;
        let username = format!("{}:{own}", client.ufrag);
        // The server is the controlled side, and who ties is of no matter to it.
        let message = StunMessage::binding_request(&username, number, false, 0, PRIORITY, false);
        let mut datagram = vec![0; LONGEST];
        let length = message.to_bytes(Some(client.pass.as_bytes()), &mut datagram, hmac).ok()?;
        datagram.truncate(length);
        let open = self.open.insert(Open {
            destination,
            number,
            datagram,
            sent_at: now,
            sent: 1,
        });
        Some(&open.datagram)
    }

    /// The client wants its media where it is; no other answer counts.
    pub(super) fn settled(&mut self) {
        self.open = None;
    }

    /// Something came from there. Gives what is to be sent there again.
    pub(super) fn heard(&mut self, now: Instant, source: Destination) -> Option<&[u8]> {
        let open = self.open.as_mut()?;
        let is_due = open.destination == source && open.sent < MOST && now.saturating_duration_since(open.sent_at) >= AGAIN;
        is_due.then(|| {
            open.sent_at = now;
            open.sent += 1;
            open.datagram.as_slice()
        })
    }

    /// Whether this is the answer to the check, from where it went.
    pub(super) fn answers(&mut self, source: Destination, message: &StunMessage<'_>) -> bool {
        let is_it = |open: &Open| open.destination == source && open.number == message.trans_id();
        let password = self.client.as_ref().map(|client| client.pass.as_bytes());
        let answers = message.is_successful_binding_response()
            && self.open.as_ref().is_some_and(is_it)
            && password.is_some_and(|password| message.verify(password, hmac));
        if answers {
            self.open = None;
        }
        answers
    }
}

/// Of a check; nobody can guess it.
fn number() -> Option<TransId> {
    /// A binding indication without attributes (RFC 8489 §5): it needs nothing but a number.
    const INDICATION: [u8; 8] = [0x00, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    let mut message = [0; 20];
    let (start, number) = message.split_first_chunk_mut::<8>()?;
    *start = INDICATION;
    aws_lc_rs::rand::fill(number).ok()?;
    Some(StunMessage::parse(&message).ok()?.trans_id())
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    srtp::tap::provider().sha1_hmac_provider.sha1_hmac(key, parts)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use str0m::net::Protocol;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn credentials(name: &str) -> IceCreds {
        IceCreds {
            ufrag: name.to_owned(),
            pass: name.repeat(6),
        }
    }

    fn at(port: u16) -> Destination {
        (Protocol::Udp, SocketAddr::from(([127, 0, 0, 1], port)))
    }

    fn checks() -> Checks {
        let mut checks = Checks::default();
        checks.named(Some(credentials("client")));
        checks
    }

    /// What a client answers that knows itself by these.
    fn answer(check: &[u8], client: &IceCreds) -> Vec<u8> {
        let check = StunMessage::parse(check).unwrap();
        assert!(check.is_binding_request() && check.verify(client.pass.as_bytes(), hmac));
        assert_eq!(check.split_username(), Some(("client", "server")));
        assert!(!check.use_candidate() && check.ice_controlled().is_some());
        reply(&check, &client.pass)
    }

    fn reply(check: &StunMessage<'_>, password: &str) -> Vec<u8> {
        let mut bytes = vec![0; 200];
        let reply = StunMessage::binding_reply(check.trans_id(), at(9).1);
        let length = reply.to_bytes(Some(password.as_bytes()), &mut bytes, hmac).unwrap();
        bytes.truncate(length);
        bytes
    }

    #[test]
    fn only_the_answer_to_the_check_from_where_it_went_is_one() {
        let (mut checks, now) = (checks(), Instant::now());
        let client = credentials("client");
        let first = checks.wanted(now, at(1), "server").unwrap().to_vec();
        let good = answer(&first, &client);
        let forged = reply(&StunMessage::parse(&first).unwrap(), "a wrong password");
        let reads = |checks: &mut Checks, source, bytes: &[u8]| checks.answers(source, &StunMessage::parse(bytes).unwrap());
        assert!(!reads(&mut checks, at(2), &good), "from elsewhere");
        assert!(!reads(&mut checks, at(1), &forged));
        assert!(!reads(&mut checks, at(1), &first), "the check itself, sent back");
        assert!(reads(&mut checks, at(1), &good));
        assert!(!reads(&mut checks, at(1), &good), "once");
        // What the client does not want any more.
        let other = checks.wanted(now, at(3), "server").unwrap().to_vec();
        checks.settled();
        assert!(!reads(&mut checks, at(3), &answer(&other, &client)));
        // Another address: another number, and the answer to the one before is none.
        let second = checks.wanted(now, at(2), "server").unwrap().to_vec();
        assert_ne!(first[8..20], second[8..20]);
        assert!(!reads(&mut checks, at(2), &good));
        assert!(reads(&mut checks, at(2), &answer(&second, &client)));
    }

    #[test]
    fn it_is_sent_again_when_the_client_speaks_from_there_but_not_for_ever() {
        let (mut checks, now) = (checks(), Instant::now());
        assert_eq!(checks.heard(now, at(1)), None, "nothing is asked");
        let first = checks.wanted(now, at(1), "server").unwrap().to_vec();
        assert_eq!(checks.wanted(now + 99 * MS, at(1), "server"), None, "it is under way");
        assert_eq!(checks.heard(now + 100 * MS, at(2)), None);
        assert_eq!(checks.heard(now + 100 * MS, at(1)), Some(&first[..]));
        assert_eq!(checks.heard(now + 150 * MS, at(1)), None);
        let sent = (2..10_000).filter(|ms| checks.heard(now + *ms * 100 * MS, at(1)).is_some()).count();
        assert_eq!(sent, usize::from(MOST) - 2);
        let anew = checks.wanted(now + 2_000_000 * MS, at(1), "server").unwrap();
        assert_ne!(*anew, first[..], "another nomination, another check");
    }

    #[test]
    fn who_is_not_known_by_name_is_not_asked() {
        let mut checks = Checks::default();
        assert_eq!(checks.wanted(Instant::now(), at(1), "server"), None);
    }
}
