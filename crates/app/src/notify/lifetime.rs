//! How long a subscription lasts, and when a try is repeated. Pure.

use crate::Micros;
use crate::error::AppError;

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;
/// A shorter life is raised to this.
pub(super) const SHORTEST: Micros = 45 * MINUTE;
/// A longer life needs an address for lifecycle notifications.
const LONGEST_WITHOUT_LIFECYCLE: Micros = HOUR;
/// The longest life.
const LONGEST: Micros = 3 * 24 * HOUR;
/// Whoever asks for exactly the longest life on a clock that is a little ahead is not refused.
const CLOCKS: Micros = MINUTE;
/// So long before the end the application is reminded.
pub(super) const REMIND_AHEAD: Micros = 15 * MINUTE;
/// What could not be delivered for so long is dropped.
pub(super) const GIVE_UP: Micros = 4 * HOUR;
/// The longest wait between two tries.
const LONGEST_WAIT: Micros = 10 * MINUTE;

/// The end of a subscription for which `wanted` was asked.
pub(super) fn end(wanted: Micros, has_lifecycle_url: bool, now: Micros) -> Result<Micros, AppError> {
    let refused = |message: &str| Err(AppError::invalid("expirationDateTime", message));
    let life = wanted.saturating_sub(now);
    if life <= 0 {
        return refused("it must lie in the future");
    }
    if life > LONGEST.saturating_add(CLOCKS) {
        return refused("a subscription to meeting call events lasts at most 3 days; renew it before it ends");
    }
    if life > LONGEST_WITHOUT_LIFECYCLE && !has_lifecycle_url {
        return Err(AppError::invalid(
            "lifecycleNotificationUrl",
            "it is required for a subscription that lasts longer than 1 hour",
        ));
    }
    Ok(now.saturating_add(life.max(SHORTEST)))
}

/// The wait after so many tries that failed (one or more): 5 s, doubled with each, at most [`LONGEST_WAIT`]; between half of that and all of it,
/// as chance decides, so that what failed together is not repeated together.
pub(super) fn wait(attempts: u32, chance: u32) -> Micros {
    let doubled = 5 * SECOND * (1 << attempts.saturating_sub(1).min(10));
    let half = doubled.min(LONGEST_WAIT) / 2;
    half.saturating_add(half * Micros::from(chance) / Micros::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = 1_800_000_000_000_000;

    fn field(wanted: Micros, has_lifecycle_url: bool) -> Option<&'static str> {
        match end(NOW + wanted, has_lifecycle_url, NOW) {
            Err(AppError::InvalidArgument { field, .. }) => Some(field),
            _ => None,
        }
    }

    #[test]
    fn a_short_life_is_raised_and_a_long_one_kept() {
        for wanted in [1, MINUTE, SHORTEST] {
            assert_eq!(end(NOW + wanted, false, NOW).unwrap(), NOW + SHORTEST);
        }
        assert_eq!(end(NOW + HOUR, false, NOW).unwrap(), NOW + HOUR);
        assert_eq!(end(NOW + LONGEST, true, NOW).unwrap(), NOW + LONGEST);
    }

    #[test]
    fn the_past_and_more_than_three_days_are_refused() {
        for wanted in [0, -1, i64::MIN / 2, LONGEST + 2 * MINUTE, i64::MAX - NOW] {
            assert_eq!(field(wanted, true), Some("expirationDateTime"), "{wanted}");
        }
    }

    #[test]
    fn beyond_an_hour_a_lifecycle_address_is_needed() {
        assert_eq!(field(HOUR + 1, false), Some("lifecycleNotificationUrl"));
        assert_eq!(field(HOUR + 1, true), None);
        assert_eq!(field(HOUR, false), None);
    }

    #[test]
    fn waits_double_up_to_ten_minutes_and_are_spread() {
        assert_eq!((wait(1, 0), wait(1, u32::MAX)), (5 * SECOND / 2, 5 * SECOND));
        assert_eq!((wait(3, 0), wait(3, u32::MAX)), (10 * SECOND, 20 * SECOND));
        for attempts in [10, 50, u32::MAX] {
            assert_eq!((wait(attempts, 0), wait(attempts, u32::MAX)), (5 * MINUTE, 10 * MINUTE));
        }
    }
}
