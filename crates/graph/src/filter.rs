//! The filter expressions that this facade answers: one property, `eq`, one quoted text.

use crate::error::GraphError;

/// A filter on meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    /// By join link, in whatever encoding it arrived.
    JoinWebUrl(String),
    /// By meeting ID.
    JoinMeetingId(String),
}

impl Filter {
    /// Reads an expression that was decoded once.
    pub(crate) fn parse(text: &str) -> Result<Self, GraphError> {
        let (property, value) = comparison(text).ok_or_else(unsupported)?;
        if property.eq_ignore_ascii_case("joinWebUrl") {
            Ok(Self::JoinWebUrl(value))
        } else if property.eq_ignore_ascii_case("joinMeetingIdSettings/joinMeetingId") {
            Ok(Self::JoinMeetingId(value))
        } else {
            Err(unsupported())
        }
    }
}

fn unsupported() -> GraphError {
    GraphError::invalid(
        "$filter",
        "Filter expression expected: JoinWebUrl eq '...' or joinMeetingIdSettings/joinMeetingId eq '...'",
    )
}

/// Takes `property eq 'text'` apart; a quote inside the text is doubled.
fn comparison(text: &str) -> Option<(&str, String)> {
    let text = text.trim();
    let text = text
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(text)
        .trim();
    let (property, rest) = text.split_once(char::is_whitespace)?;
    let (operator, value) = rest
        .trim_start()
        .split_once(|c: char| c.is_whitespace() || c == '\'')
        .map(|(operator, _)| {
            let value = rest.trim_start().get(operator.len()..).unwrap_or_default();
            (operator, value.trim())
        })?;
    if !operator.eq_ignore_ascii_case("eq") {
        return None;
    }
    let inner = value.strip_prefix('\'')?.strip_suffix('\'')?;
    let unquoted = inner.replace("''", "");
    (!unquoted.contains('\'')).then(|| (property, inner.replace("''", "'")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_properties_are_read_without_regard_to_case() {
        for text in [
            "JoinWebUrl eq 'x'",
            "joinweburl  EQ  'x'",
            " joinWebUrl eq'x' ",
            "(joinWebUrl eq 'x')",
        ] {
            assert_eq!(Filter::parse(text).unwrap(), Filter::JoinWebUrl("x".to_owned()), "{text}");
        }
        let text = "joinMeetingIdSettings/joinMeetingId eq '123 456'";
        assert_eq!(Filter::parse(text).unwrap(), Filter::JoinMeetingId("123 456".to_owned()));
    }

    #[test]
    fn a_doubled_quote_is_one_quote() {
        assert_eq!(Filter::parse("joinWebUrl eq 'a''b'").unwrap(), Filter::JoinWebUrl("a'b".to_owned()));
    }

    #[test]
    fn other_expressions_are_refused() {
        for text in [
            "",
            "joinWebUrl",
            "joinWebUrl eq",
            "joinWebUrl eq x",
            "joinWebUrl eq 'x",
            "joinWebUrl ne 'x'",
            "subject eq 'x'",
            "joinWebUrl eq 'a' or joinWebUrl eq 'b'",
            "joinWebUrl eq '",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _outcome = Filter::parse(&text);
        }
    }
}
