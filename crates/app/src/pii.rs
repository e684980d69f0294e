//! A wrapper for what identifies a person or opens a door, so that a log line cannot hold it by accident.

use std::fmt;

/// A name, address, token or similar; prints as `‹pii›`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pii<T>(pub T);

impl<T> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹pii›")
    }
}

impl<T> fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹pii›")
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Pii(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_display_nor_debug_shows_the_value() {
        let name = Pii("Anna Berg");
        assert!(!format!("{name} {name:?}").contains("Anna"));
        assert_eq!(name.0, "Anna Berg");
    }
}
