//! Pictures on their way to a client that loses many packets, by their numbers over all streams: what its transport-wide feedback says is missing is sent
//! again before it is asked for, since what the client asks for is lost as often as what it is sent.
//!
//! Owns which packet had which number last. Not here: whether it is there to be sent again, and within its share (`stream`).
//! Bounded: [`MOST`] packets. Invariant: a packet is here once, under the number that it was sent under last, but for what fills probes.

use std::collections::VecDeque;

use super::congestion::Number;
use crate::routing::Line;

/// Packets that are followed: what goes out between two reports, and while one comes.
const MOST: usize = 512;

/// A packet that was sent.
#[derive(Debug)]
struct Sent {
    number: u16,
    line: Line,
    seq: u16,
    /// It was sent under so many numbers, of which this is the last: it is missing when all of them are.
    copies: u16,
}

/// What is on its way.
#[derive(Debug, Default)]
pub(super) struct Underway {
    sent: VecDeque<Sent>,
    /// The number that was told last, and how many in a row up to it are missing.
    told: (u16, u16),
}

impl Underway {
    /// A packet has left under this number, for the first time.
    pub(super) fn left(&mut self, number: Number, line: Line, seq: u16) {
        self.push(number, line, seq, 1);
    }

    /// A packet has left again, under so many numbers, of which this is the last.
    pub(super) fn left_again(&mut self, number: Number, line: Line, seq: u16, copies: u16) {
        self.sent.retain(|sent| (sent.line, sent.seq) != (line, seq));
        self.push(number, line, seq, copies);
    }

    fn push(&mut self, number: Number, line: Line, seq: u16, copies: u16) {
        if self.sent.len() >= MOST {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent {
            number: number.wire(),
            line,
            seq,
            copies,
        });
    }

    /// Nothing is followed any more.
    pub(super) fn clear(&mut self) {
        self.sent = VecDeque::new();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// The client tells whether the packet with this number came; gives which one is missing with it. Of one that is older than what was told of, nothing is
    /// known.
    pub(super) fn told(&mut self, number: u16, came: bool) -> Option<(Line, u16)> {
        let (before, missing) = self.told;
        let missing = match came {
            true => 0,
            false if before.wrapping_add(1) == number => missing.saturating_add(1),
            false => 1,
        };
        self.told = (number, missing);
        let is_passed = |sent: &Sent| (1..1 << 15).contains(&number.wrapping_sub(sent.number));
        while self.sent.front().is_some_and(is_passed) {
            self.sent.pop_front();
        }
        if self.sent.front()?.number != number {
            return None;
        }
        let sent = self.sent.pop_front()?;
        (missing >= sent.copies).then_some((sent.line, sent.seq))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAMERA: Line = Line(0);
    const SCREEN: Line = Line(1);

    /// So many packets of a camera are on their way; the first has this number and this sequence number.
    fn of(number: u64, seq: u16, packets: u16) -> Underway {
        let mut underway = Underway::default();
        for packet in 0..packets {
            underway.left(Number::of(number + u64::from(packet)), CAMERA, seq.wrapping_add(packet));
        }
        underway
    }

    #[test]
    fn what_is_missing_is_given_once_and_over_the_rollover() {
        let mut underway = of(65_534, 10, 4);
        let told: Vec<Option<(Line, u16)>> = [(65_534, true), (65_535, false), (0, true), (1, false), (1, false)]
            .map(|(number, came)| underway.told(number, came))
            .to_vec();
        assert_eq!(told, [None, Some((CAMERA, 11)), None, Some((CAMERA, 13)), None]);
        assert!(underway.is_empty());
    }

    #[test]
    fn of_what_nothing_was_told_nothing_is_given() {
        let mut underway = of(1, 10, 5);
        assert_eq!(underway.told(4, false), Some((CAMERA, 13)));
        assert_eq!(underway.told(2, false), None, "passed over");
        assert_eq!(underway.told(9, false), None, "never followed");
        assert!(underway.is_empty());
    }

    #[test]
    fn copies_are_missing_together_and_take_the_place_of_the_first_one() {
        let mut underway = of(1, 10, 2);
        underway.left(Number::of(3), SCREEN, 10);
        underway.left_again(Number::of(5), CAMERA, 10, 2);
        underway.left_again(Number::of(7), CAMERA, 11, 2);
        assert_eq!(underway.told(1, false), None, "sent again since");
        assert_eq!(underway.told(2, false), None);
        assert_eq!(underway.told(3, false), Some((SCREEN, 10)));
        assert_eq!(underway.told(4, true), None);
        assert_eq!(underway.told(5, false), None, "the other one came");
        assert_eq!(underway.told(6, false), None);
        assert_eq!(underway.told(7, false), Some((CAMERA, 11)));
    }

    #[test]
    fn it_holds_no_more_than_its_most() {
        let mut underway = of(1, 0, 2 * MOST as u16);
        assert_eq!(underway.sent.len(), MOST);
        assert_eq!(underway.told(MOST as u16, false), None);
        assert_eq!(underway.told(MOST as u16 + 1, false), Some((CAMERA, MOST as u16)));
    }
}
