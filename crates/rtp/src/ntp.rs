//! Times as RTCP writes them: 32 bits of seconds since 1900 and 32 of fraction (RFC 3550 §4), and their middle 32 bits.

use core::time::Duration;

/// Seconds from 1900 to 1970.
const UNIX_EPOCH: u64 = 2_208_988_800;
const NANOS: u64 = 1_000_000_000;

/// From the time since the Unix epoch. Seconds wrap every 2³² from 1900 on (in 2036), as they do on the wire.
#[must_use]
pub fn from_unix(seconds: u64, nanos: u32) -> u64 {
    let seconds = seconds.wrapping_add(UNIX_EPOCH).wrapping_add(u64::from(nanos) / NANOS);
    let fraction = ((u64::from(nanos) % NANOS) << 32) / NANOS;
    seconds << 32 | fraction
}

/// The middle: 16 bits of seconds, 16 of fraction. What LSR holds.
#[must_use]
pub fn middle(ntp: u64) -> u32 {
    let [_, _, middle @ .., _, _] = ntp.to_be_bytes();
    u32::from_be_bytes(middle)
}

/// A length of time in units of 2⁻¹⁶ seconds, as DLSR holds it; the longest such length (18 hours) for more.
#[must_use]
pub fn units(time: Duration) -> u32 {
    let whole = time.as_secs().saturating_mul(1 << 16);
    let part = (u64::from(time.subsec_nanos()) << 16) / NANOS;
    u32::try_from(whole.saturating_add(part)).unwrap_or(u32::MAX)
}

/// The length of time of so many units of 2⁻¹⁶ seconds.
#[must_use]
pub fn duration(units: u32) -> Duration {
    Duration::from_nanos((u64::from(units) * NANOS) >> 16)
}

/// The round trip that a report block tells (RFC 3550 §6.4.1): `now` is the middle of the time at which the block came, `lsr` and `dlsr` are its fields.
/// Nothing when the other side had no sender report yet; zero when clocks make it negative.
#[must_use]
pub fn round_trip(now: u32, lsr: u32, dlsr: u32) -> Option<Duration> {
    if lsr == 0 {
        return None;
    }
    let units = now.wrapping_sub(lsr).wrapping_sub(dlsr);
    Some(if units > u32::MAX / 2 { Duration::ZERO } else { duration(units) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_unix_epoch_is_seventy_years_after_that_of_ntp() {
        assert_eq!(from_unix(0, 0), 0x83aa_7e80_0000_0000);
        assert_eq!(from_unix(1, 500_000_000), 0x83aa_7e81_8000_0000);
        assert_eq!(from_unix(1, 2_500_000_000), 0x83aa_7e83_8000_0000);
        // 2036-02-07 06:28:16 UTC begins the next era.
        assert_eq!(from_unix(2_085_978_496, 0), 0);
    }

    #[test]
    fn the_middle_is_the_lower_half_of_seconds_and_the_upper_of_the_fraction() {
        assert_eq!(middle(0x0123_4567_89ab_cdef), 0x4567_89ab);
    }

    /// The example of RFC 3550 §6.4.1: 6.125 s.
    #[test]
    fn the_round_trip_is_that_of_rfc_3550() {
        assert_eq!(
            round_trip(0xb710_8000, 0xb705_2000, 0x0005_4000),
            Some(Duration::from_millis(6_125))
        );
    }

    #[test]
    fn without_a_sender_report_there_is_no_round_trip_and_none_is_negative() {
        assert_eq!(round_trip(100, 0, 0), None);
        assert_eq!(round_trip(100, 90, 20), Some(Duration::ZERO));
        // The longest that is not taken for a negative one.
        assert_eq!(round_trip((1 << 31) + 8, 9, 0), Some(duration((1 << 31) - 1)));
        assert_eq!(round_trip((1 << 31) + 8, 8, 0), Some(Duration::ZERO));
        assert_eq!(round_trip(5, u32::MAX - 4, 0), Some(duration(10)), "wrapped seconds");
    }

    #[test]
    fn a_time_too_long_for_its_field_is_the_longest() {
        assert_eq!(units(Duration::from_secs(1 << 16)), u32::MAX);
        assert_eq!(units(Duration::from_secs(u64::MAX)), u32::MAX);
        assert_eq!(units(Duration::from_millis(1_500)), 3 << 15);
    }

    proptest! {
        #[test]
        fn a_delay_survives_its_units(raw: u32, now: u32, rtt in 0..1_u32 << 24) {
            let back = units(duration(raw));
            prop_assert!(raw - back <= 1, "{} {}", raw, back);
            let lsr = now.wrapping_sub(raw).wrapping_sub(rtt);
            if lsr != 0 {
                prop_assert_eq!(round_trip(now, lsr, raw), Some(duration(rtt)));
            }
        }
    }
}
