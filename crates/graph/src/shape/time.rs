//! Times between the wire and the house: ISO 8601 outside, microseconds since the Unix epoch inside.

use app::Micros;
use jiff::{Timestamp, civil, tz::TimeZone};

/// Reads a time with `Z`, with an offset, or without a zone (which then means UTC).
pub(crate) fn parse(text: &str) -> Option<Micros> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_microsecond());
    }
    let local: civil::DateTime = text.parse().ok()?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_microsecond())
}

/// Writes a time as UTC with `Z`; nothing for a time outside the calendar.
pub(crate) fn format(at: Micros) -> Option<String> {
    Timestamp::from_microsecond(at).ok().map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_instant_is_read_in_every_spelling_and_written_in_utc() {
        for text in [
            "2026-11-22T12:00:00Z",
            "2026-11-22T14:00:00+02:00",
            "2026-11-22T12:00:00.0000000+00:00",
            "2026-11-22T12:00:00",
            "2026-11-22T12:00:00.0000000",
        ] {
            assert_eq!(parse(text).and_then(format).as_deref(), Some("2026-11-22T12:00:00Z"), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "tomorrow", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z", "1795349850"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_outside_the_calendar_is_not_written() {
        assert_eq!(format(i64::MAX), None);
    }
}
