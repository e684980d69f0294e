//! The OData query options of a request. Names with or without `$`, plain or escaped; `+` and `%20` are spaces; unknown options are ignored.

use percent_encoding::percent_decode;

use crate::{error::GraphError, filter::Filter};

/// Page size when the caller names none, and the largest that is given.
const MAX_PAGE: usize = 999;

/// What a request asks of the shape of its answer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// Properties to return; empty for the default set.
    pub(crate) select: Vec<String>,
    /// Which items.
    pub(crate) filter: Option<Filter>,
    /// How many at most.
    pub(crate) top: Option<usize>,
    /// How many to pass over.
    pub(crate) skip: usize,
    /// Whether to say how many there are.
    pub(crate) count: bool,
}

impl Query {
    /// Reads the raw query.
    pub(crate) fn parse(raw: Option<&str>) -> Result<Self, GraphError> {
        let mut query = Self::default();
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?.to_ascii_lowercase(), decode(value)?);
            match name.strip_prefix('$').unwrap_or(&name) {
                "select" => {
                    query.select = value
                        .split(',')
                        .map(|property| property.trim().to_owned())
                        .filter(|property| !property.is_empty())
                        .collect()
                }
                "filter" => query.filter = Some(Filter::parse(&value)?),
                "top" => query.top = Some(number("$top", &value)?.clamp(1, MAX_PAGE)),
                "skip" => query.skip = number("$skip", &value)?,
                "count" => query.count = value.trim().eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        Ok(query)
    }

    /// How many items a page has.
    pub(crate) fn page(&self) -> usize {
        self.top.unwrap_or(MAX_PAGE)
    }

    /// Whether a property is wanted; every property is when none is named, and `id` always is.
    pub(crate) fn selects(&self, property: &str) -> bool {
        self.select.is_empty()
            || property == "id"
            || self
                .select
                .iter()
                .any(|wanted| wanted == "*" || wanted.eq_ignore_ascii_case(property))
    }
}

fn number(option: &'static str, value: &str) -> Result<usize, GraphError> {
    value
        .trim()
        .parse()
        .map_err(|_| GraphError::invalid(option, format!("{option} must be a whole number that is not negative")))
}

/// Decodes one name or value once.
fn decode(text: &str) -> Result<String, GraphError> {
    let spaced: Vec<u8> = text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| GraphError::invalid("query", "The query string must be UTF-8 after percent-decoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_read_in_every_encoding() {
        let expected = Some(Filter::JoinWebUrl(
            "http://h/l/meetup-join/19%3ax%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%7d".to_owned(),
        ));
        let escaped = "http%3A%2F%2Fh%2Fl%2Fmeetup-join%2F19%253ax%2540thread.v2%2F0%3Fcontext%3D%257b%2522Tid%2522%253a%2522t%2522%257d";
        for raw in [
            format!("$filter=JoinWebUrl%20eq%20'{escaped}'"),
            format!("%24filter=joinWebUrl+eq+%27{escaped}%27"),
            format!("filter=JOINWEBURL%20EQ%20%27{escaped}%27&$count=true"),
        ] {
            assert_eq!(Query::parse(Some(&raw)).unwrap().filter, expected, "{raw}");
        }
    }

    #[test]
    fn a_link_that_was_passed_through_untouched_arrives_decoded_once_more() {
        let raw = "$filter=JoinWebUrl%20eq%20'http://h/l/meetup-join/19%3ax%40thread.v2/0?context=%7b%22Tid%22%3a%22t%22%7d'";
        let expected = Filter::JoinWebUrl(r#"http://h/l/meetup-join/19:x@thread.v2/0?context={"Tid":"t"}"#.to_owned());
        assert_eq!(Query::parse(Some(raw)).unwrap().filter, Some(expected));
    }

    #[test]
    fn select_top_skip_and_count_are_read() {
        let query = Query::parse(Some("$select=id,%20subject&$top=5&$skip=2&$count=true&$expand=x")).unwrap();
        assert_eq!(
            (query.select.as_slice(), query.top, query.skip, query.count),
            (["id".to_owned(), "subject".to_owned()].as_slice(), Some(5), 2, true)
        );
        assert!(query.selects("Subject") && query.selects("id") && !query.selects("joinWebUrl"));
        assert!(Query::default().selects("joinWebUrl"));
    }

    #[test]
    fn broken_options_are_invalid_arguments() {
        for raw in ["$top=many", "$top=-1", "$skip=x", "$filter=subject", "$filter=%ff"] {
            assert!(Query::parse(Some(raw)).is_err(), "{raw}");
        }
        assert_eq!(Query::parse(None).unwrap(), Query::default());
    }
}
