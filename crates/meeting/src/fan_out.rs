//! How much one held meeting passes on: what one request costs everybody else is bounded for the meeting as a whole, not only for its sender.
//!
//! Three measures, each a bucket of its own, so that none uses up another: bytes of data messages and bytes of typed text, both counted once for
//! each receiver, and people who are told anew to everybody by one request of somebody who runs the meeting. Full buckets refuse with `TooFast`
//! before anything has changed. Small meetings never notice; the numbers are chosen for [`MAX_INSIDE`](crate::MAX_INSIDE) people.
//! Not here: how often one person sends (`data`, `typed`, `reactions`), the plan of breakout rooms, which counts its own (`breakout::plan`).

use crate::pace::Pace;
use crate::{Meeting, Micros, ParticipantId, Refusal};

/// What a message costs besides its text: the names and numbers around it.
const AROUND: usize = 256;
/// Bytes in a token.
const UNIT: usize = 1_024;
/// Data messages: 128 MiB at once (three of the longest to a thousand people), then 32 MiB a second. One sender has half of each.
const DATA_BURST: i64 = 131_072;
const DATA_EVERY: Micros = 31;
/// Typed text: 32 MiB at once, then 16 MiB a second: a line of 100 characters to a thousand people 45 times a second. One typist has half.
const TYPED_BURST: i64 = 32_768;
const TYPED_EVERY: Micros = 61;
/// People told anew: four times everybody at once, then everybody each two seconds. One of those who run the meeting has half. What begins
/// something pays for its end too, so that an empty bucket keeps nothing on.
const PEOPLE_BURST: i64 = 4_000;
const PEOPLE_EVERY: Micros = 2_000;

/// The buckets of one held meeting.
#[derive(Debug, Clone)]
pub(crate) struct FanOut {
    pub(crate) data: Pace,
    pub(crate) typed: Pace,
    people: Pace,
}

impl Default for FanOut {
    fn default() -> Self {
        Self {
            data: Pace::new(DATA_BURST, DATA_EVERY),
            typed: Pace::new(TYPED_BURST, TYPED_EVERY),
            people: Pace::new(PEOPLE_BURST, PEOPLE_EVERY),
        }
    }
}

/// One sender's share of the data messages.
pub(crate) fn share_of_data() -> Pace {
    Pace::new(DATA_BURST / 2, DATA_EVERY.saturating_mul(2))
}

/// One typist's share of the typed text.
pub(crate) fn share_of_typed() -> Pace {
    Pace::new(TYPED_BURST / 2, TYPED_EVERY.saturating_mul(2))
}

/// The share of one of those who run the meeting of the people told anew.
pub(crate) fn share_of_people() -> Pace {
    Pace::new(PEOPLE_BURST / 2, PEOPLE_EVERY.saturating_mul(2))
}

/// What it costs to tell a text to so many, in tokens.
pub(crate) fn cost(length: usize, receivers: usize) -> i64 {
    let bytes = length.saturating_add(AROUND).saturating_mul(receivers);
    i64::try_from(bytes.div_ceil(UNIT)).unwrap_or(i64::MAX)
}

impl Meeting {
    /// Refuses what would tell so many people anew to everybody too soon after the last time.
    pub(crate) fn may_retell(&mut self, now: Micros, by: &ParticipantId, people: usize) -> Result<(), Refusal> {
        let people = i64::try_from(people.max(1)).unwrap_or(i64::MAX);
        if self.senders.may_retell(by, now, people) && self.fan_out.people.try_take_many(now, people) {
            Ok(())
        } else {
            Err(Refusal::TooFast)
        }
    }

    /// How many a request concerns: those named, or everybody.
    pub(crate) fn concerned(&self, targets: &[ParticipantId]) -> usize {
        match targets.is_empty() {
            true => self.roster.len(),
            false => targets.len(),
        }
    }
}
