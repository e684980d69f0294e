//! The index of a received packet: how often its sequence number has gone around (RFC 3711 §3.3.1 and appendix A).

/// Follows the sequence numbers of one stream.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rollover {
    highest: Option<u64>,
}

impl Rollover {
    /// The index that a packet with this sequence number most likely has. Nothing changes: a packet is believed only when it was opened.
    pub fn guess(&self, sequence: u16) -> u64 {
        let sequence = u64::from(sequence);
        let Some(highest) = self.highest else { return sequence };
        let (rounds, last) = (highest >> 16, highest & 0xffff);
        let rounds = if last < 0x8000 && sequence > last + 0x8000 {
            rounds.saturating_sub(1)
        } else if last >= 0x8000 && sequence < last - 0x8000 {
            rounds + 1
        } else {
            rounds
        };
        (rounds << 16) | sequence
    }

    /// A packet with this index was opened.
    pub fn opened(&mut self, index: u64) {
        self.highest = Some(self.highest.map_or(index, |highest| highest.max(index)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_early_packets_around_a_rollover_have_their_rounds() {
        let mut rollover = Rollover::default();
        assert_eq!(rollover.guess(65_530), 65_530);
        rollover.opened(65_530);
        assert_eq!(rollover.guess(3), 65_536 + 3);
        assert_eq!(rollover.guess(65_000), 65_000);
        rollover.opened(65_536 + 3);
        assert_eq!(rollover.guess(65_535), 65_535);
        assert_eq!(rollover.guess(4), 65_536 + 4);
        // What was only guessed changes nothing, what is older neither.
        rollover.opened(65_535);
        assert_eq!(rollover.guess(65_534), 65_534);
    }
}
