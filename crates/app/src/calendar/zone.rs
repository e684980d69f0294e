//! Time zones by the names that clients use: IANA ("Europe/Berlin"), Windows ("W. Europe Standard Time"), and two old spellings of UTC.
//!
//! The rules of the zones are compiled in, so a server knows the same zones wherever it runs.

use jiff::tz::TimeZone;

use super::windows_zones::WINDOWS_ZONES;

/// Longer text is no name of a zone.
const MAX_NAME: usize = 64;

/// The IANA name of a zone by any of its names; nothing when there is no such zone.
#[must_use]
pub fn iana_name(name: &str) -> Option<String> {
    let name = name.trim();
    if name.is_empty() || name.len() > MAX_NAME {
        return None;
    }
    if name.eq_ignore_ascii_case("tzone://Microsoft/Utc") || name.eq_ignore_ascii_case("UTC") || name.eq_ignore_ascii_case("GMT") {
        return Some("UTC".to_owned());
    }
    let windows = WINDOWS_ZONES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
    let zone = TimeZone::get(windows.map_or(name, |(_, iana)| iana)).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// The rules of a zone by its IANA name; UTC when there is none of this name (a name that was checked stays known).
#[must_use]
pub fn zone(iana: &str) -> TimeZone {
    TimeZone::get(iana).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_its_windows_and_its_iana_name_in_any_letter_case() {
        for (name, iana) in [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("pacific standard time", "America/Los_Angeles"),
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("UTC", "UTC"),
            ("tzone://Microsoft/Utc", "UTC"),
        ] {
            assert_eq!(iana_name(name).as_deref(), Some(iana), "{name}");
        }
        for name in ["", "Middle Earth Standard Time", "../../etc/passwd", &"x".repeat(100)] {
            assert_eq!(iana_name(name), None, "{name}");
        }
    }

    #[test]
    fn every_windows_zone_has_rules() {
        for (windows, iana) in WINDOWS_ZONES {
            assert!(TimeZone::get(iana).is_ok(), "{windows}: {iana}");
        }
    }
}
