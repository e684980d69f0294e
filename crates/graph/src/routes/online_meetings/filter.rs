//! The filters on meetings, each a key in disguise: one property, `eq`, one quoted text.
//!
//! Not read with `crate::filter`: a client may pass a join link through untouched, and what arrives then is held together by its first and
//! last quote only.

use crate::error::GraphError;

/// A filter on meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    /// By join link, in whatever encoding it arrived.
    JoinWebUrl(String),
    /// By meeting ID.
    JoinMeetingId(String),
    /// By the id that a conference system dials.
    Teleconference(String),
}

impl Filter {
    /// Reads an expression that was decoded once.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (property, value) = comparison(text)?;
        if property.eq_ignore_ascii_case("joinWebUrl") {
            Some(Self::JoinWebUrl(value))
        } else if property.eq_ignore_ascii_case("joinMeetingIdSettings/joinMeetingId") {
            Some(Self::JoinMeetingId(value))
        } else if property.eq_ignore_ascii_case("videoTeleconferenceId") {
            Some(Self::Teleconference(value))
        } else {
            None
        }
    }
}

/// The refusal of another filter; `expected` is what would be answered.
pub(crate) fn unsupported(expected: &str) -> GraphError {
    GraphError::invalid("$filter", format!("Filter expression expected: {expected}"))
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
    fn the_properties_are_read_without_regard_to_case() {
        for text in [
            "JoinWebUrl eq 'x'",
            "joinweburl  EQ  'x'",
            " joinWebUrl eq'x' ",
            "(joinWebUrl eq 'x')",
        ] {
            assert_eq!(Filter::parse(text), Some(Filter::JoinWebUrl("x".to_owned())), "{text}");
        }
        let text = "joinMeetingIdSettings/joinMeetingId eq '123 456'";
        assert_eq!(Filter::parse(text), Some(Filter::JoinMeetingId("123 456".to_owned())));
        assert_eq!(
            Filter::parse("VideoTeleconferenceId eq '1'"),
            Some(Filter::Teleconference("1".to_owned()))
        );
    }

    #[test]
    fn a_link_that_was_passed_through_untouched_is_read() {
        let text = r#"JoinWebUrl eq 'http://h/l/meetup-join/19:x@thread.v2/0?context={"Tid":"t"}'"#;
        let expected = r#"http://h/l/meetup-join/19:x@thread.v2/0?context={"Tid":"t"}"#;
        assert_eq!(Filter::parse(text), Some(Filter::JoinWebUrl(expected.to_owned())));
    }

    #[test]
    fn a_doubled_quote_is_one_quote() {
        assert_eq!(Filter::parse("joinWebUrl eq 'a''b'"), Some(Filter::JoinWebUrl("a'b".to_owned())));
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
            assert_eq!(Filter::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _outcome = Filter::parse(&text);
        }
    }
}
