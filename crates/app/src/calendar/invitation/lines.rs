//! Content lines of iCalendar: escaping, quoting, folding. Pure.
//!
//! Invariant, kept by the tests: whatever is given as a value stays on its line, and a line has at most 75 bytes.

use std::fmt::Write as _;

/// Bytes of a line, without its end.
const WIDTH: usize = 75;

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    /// A word of the format.
    Token(&'static str),
    /// A text of somebody.
    Quoted(&'a str),
}

/// Lines, as they are written.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    /// A property whose value needs no escaping. Line ends in it are dropped all the same.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.with(name, &[], value);
    }

    /// A property that is a text.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.with(name, &[], &escaped(value));
    }

    /// A property with parameters.
    pub(super) fn with(&mut self, name: &str, parameters: &[(&str, Value<'_>)], value: &str) {
        let mut line = name.to_owned();
        for (name, value) in parameters {
            // Writing to a text cannot fail.
            let _ = match value {
                Value::Token(token) => write!(line, ";{name}={token}"),
                Value::Quoted(text) => write!(line, ";{name}=\"{}\"", quotable(text)),
            };
        }
        line.push(':');
        line.extend(value.chars().filter(|character| !character.is_control()));
        self.fold(&line);
    }

    /// Everything.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn fold(&mut self, line: &str) {
        let mut used = 0;
        for character in line.chars() {
            let size = character.len_utf8();
            if used + size > WIDTH {
                self.text.push_str("\r\n ");
                used = 1;
            }
            self.text.push(character);
            used += size;
        }
        self.text.push_str("\r\n");
    }
}

/// A text as a value: separators and line ends escaped, other control characters dropped.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            ';' => escaped.push_str("\\;"),
            ',' => escaped.push_str("\\,"),
            '\n' => escaped.push_str("\\n"),
            other if other.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text between quotes cannot have quotes itself.
fn quotable(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .map(|character| if character == '"' { '\'' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_breaks_out_of_its_line(text in any::<String>(), name in any::<String>()) {
            let mut lines = Lines::default();
            lines.with("SUMMARY", &[("CN", Value::Quoted(&name))], &escaped(&text));
            let written = lines.finish();
            let physical: Vec<&str> = written.split("\r\n").collect();
            prop_assert_eq!(physical.last().copied(), Some(""));
            let body = &physical[..physical.len() - 1];
            prop_assert!(body.iter().all(|line| line.len() <= WIDTH && !line.contains(['\r', '\n'])));
            prop_assert!(body[0].starts_with("SUMMARY;CN=\""));
            prop_assert!(body[1..].iter().all(|line| line.starts_with(' ')));
        }
    }

    #[test]
    fn texts_are_escaped_as_the_format_says() {
        assert_eq!(escaped("a,b;c\\d\r\ne\u{7}"), "a\\,b\\;c\\\\d\\ne");
    }
}
