//! Resume tickets: 32 random bytes that bring one session back on another socket. Only a hash is kept; each works once.

use aws_lc_rs::{constant_time, digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What the server keeps of a ticket.
pub(crate) struct TicketHash([u8; 32]);

/// A new ticket and what to keep of it; nothing when the system has no randomness, which no caller can mend.
pub(crate) fn issue() -> Option<(String, TicketHash)> {
    let mut bytes = [0u8; 32];
    rand::fill(&mut bytes).ok()?;
    let ticket = URL_SAFE_NO_PAD.encode(bytes);
    let hash = hash(&ticket);
    Some((ticket, hash))
}

impl TicketHash {
    /// Compares in constant time.
    pub(crate) fn matches(&self, ticket: &str) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &hash(ticket).0).is_ok()
    }
}

fn hash(ticket: &str) -> TicketHash {
    let mut out = [0u8; 32];
    let digest = digest::digest(&digest::SHA256, ticket.as_bytes());
    for (to, from) in out.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    TicketHash(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_only_its_own_lock() {
        let (first, first_hash) = issue().expect("randomness");
        let (second, _) = issue().expect("randomness");
        assert!(first_hash.matches(&first));
        assert!(!first_hash.matches(&second));
        assert!(!first_hash.matches(""));
    }
}
