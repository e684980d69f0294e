//! The OData query options of a request. Names with or without `$`, plain or escaped; `+` and `%20` are spaces; unknown options are kept for
//! the resource that knows them ([`Query::option`]) and are otherwise ignored.
//!
//! Not here: what a filter, an order or an expansion means (each resource reads its own, with `filter` for the expressions); paging of a
//! list (`routes::Call::page`).

use percent_encoding::{NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use crate::error::GraphError;

/// The largest page that is given.
const MAX_PAGE: usize = 999;
/// More options than this are not read: the rest of a query that long means nothing here.
const MAX_OPTIONS: usize = 64;
const SKIP: &str = "skip";
const TOP: &str = "top";

/// What a request asks of the shape of its answer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// Properties to return; empty for the default set.
    pub(crate) select: Vec<String>,
    /// Which items: the expression, decoded once. Each resource reads its own.
    pub(crate) filter: Option<String>,
    /// Order of the items: property, and whether the largest comes first.
    pub(crate) orderby: Vec<(String, bool)>,
    /// Related items to show inside, as they were written (options in parentheses included).
    pub(crate) expand: Vec<String>,
    /// Words to look for, as they were written (quotes included).
    pub(crate) search: Option<String>,
    /// How many at most.
    pub(crate) top: Option<usize>,
    /// How many to pass over.
    pub(crate) skip: usize,
    /// Whether to say how many there are.
    pub(crate) count: bool,
    /// Every option in its order: lower-case name without `$`, decoded value.
    options: Vec<(String, String)>,
}

impl Query {
    /// Reads the raw query.
    pub(crate) fn parse(raw: Option<&str>) -> Result<Self, GraphError> {
        let mut query = Self::default();
        let pairs = raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        for pair in pairs.take(MAX_OPTIONS) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?.to_ascii_lowercase(), decode(value)?);
            let name = name.strip_prefix('$').unwrap_or(&name).to_owned();
            match name.as_str() {
                "select" => query.select = listed(&value),
                "filter" => query.filter = Some(value.clone()),
                "orderby" => query.orderby = order(&value)?,
                "expand" => query.expand = listed(&value),
                "search" => query.search = Some(value.clone()),
                TOP => query.top = Some(size(&value)?.min(MAX_PAGE)),
                SKIP => query.skip = number("$skip", &value)?,
                "count" => query.count = value.trim().eq_ignore_ascii_case("true"),
                _ => {}
            }
            query.options.push((name, value));
        }
        Ok(query)
    }

    /// The decoded value of an option by its name without `$`, letter case ignored; the first when it is there twice.
    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
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

    /// Whether a related item is to be shown inside.
    pub(crate) fn expands(&self, relation: &str) -> bool {
        self.expand
            .iter()
            .filter_map(|wanted| wanted.split('(').next())
            .any(|wanted| wanted == "*" || wanted.eq_ignore_ascii_case(relation))
    }

    /// The query of the next page: the same one, passing over as many more.
    pub(crate) fn after(&self, top: usize, skip: usize) -> String {
        let kept = self
            .options
            .iter()
            .filter(|(name, _)| name != SKIP && name != TOP)
            .map(|(name, value)| (name.as_str(), value.clone()));
        kept.chain([(TOP, top.to_string()), (SKIP, skip.to_string())])
            .map(|(name, value)| {
                format!(
                    "${}={}",
                    utf8_percent_encode(name, NON_ALPHANUMERIC),
                    utf8_percent_encode(&value, NON_ALPHANUMERIC)
                )
            })
            .collect::<Vec<_>>()
            .join("&")
    }
}

/// The parts between commas that are not inside parentheses or quotes.
fn listed(value: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut quoted) = (Vec::new(), String::new(), 0_usize, false);
    for character in value.chars() {
        match character {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !quoted => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(character);
    }
    parts.push(part);
    parts
        .iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

fn order(value: &str) -> Result<Vec<(String, bool)>, GraphError> {
    let read = |part: String| {
        let mut words = part.split_ascii_whitespace();
        let descending = |word: Option<&str>| match word {
            None => Some(false),
            Some(word) if word.eq_ignore_ascii_case("asc") => Some(false),
            Some(word) if word.eq_ignore_ascii_case("desc") => Some(true),
            Some(_) => None,
        };
        match (words.next(), descending(words.next()), words.next()) {
            (Some(property), Some(descending), None) => Ok((property.to_owned(), descending)),
            _ => Err(GraphError::invalid(
                "$orderby",
                "$orderby must be a list of properties, each with asc or desc behind it or nothing",
            )),
        }
    };
    listed(value).into_iter().map(read).collect()
}

fn size(value: &str) -> Result<usize, GraphError> {
    match number("$top", value)? {
        0 => Err(GraphError::invalid("$top", format!("$top must be between 1 and {MAX_PAGE}"))),
        size => Ok(size),
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
    fn a_filter_is_decoded_once_in_every_spelling() {
        let expected = Some("JoinWebUrl eq 'http://h/19%3ax'");
        for raw in [
            "$filter=JoinWebUrl%20eq%20'http%3A%2F%2Fh%2F19%253ax'",
            "%24filter=JoinWebUrl+eq+%27http%3A%2F%2Fh%2F19%253ax%27",
            "FILTER=JoinWebUrl%20eq%20%27http://h/19%253ax%27&$count=true",
        ] {
            assert_eq!(Query::parse(Some(raw)).unwrap().filter.as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn select_top_skip_and_count_are_read() {
        let query = Query::parse(Some("$select=id,%20subject&$top=5&$skip=2&$count=true&x=y")).unwrap();
        assert_eq!(
            (query.select.as_slice(), query.top, query.skip, query.count),
            (["id".to_owned(), "subject".to_owned()].as_slice(), Some(5), 2, true)
        );
        assert!(query.selects("Subject") && query.selects("id") && !query.selects("joinWebUrl"));
        assert!(Query::default().selects("joinWebUrl"));
        assert_eq!(
            (query.option("X"), query.option("top"), query.option("z")),
            (Some("y"), Some("5"), None)
        );
        assert_eq!(Query::parse(Some("$top=5000")).unwrap().top, Some(999));
    }

    #[test]
    fn order_and_expansion_are_read_with_their_options() {
        let query = Query::parse(Some("$orderby=displayName%20desc,mail&$expand=a($select=x,y),b")).unwrap();
        assert_eq!(query.orderby, [("displayName".to_owned(), true), ("mail".to_owned(), false)]);
        assert_eq!(query.expand, ["a($select=x,y)", "b"]);
        assert!(query.expands("A") && query.expands("b") && !query.expands("c"));
    }

    #[test]
    fn the_next_page_keeps_every_other_option() {
        let query = Query::parse(Some("$filter=a%20eq%20'b%26c'&$skip=2&$top=2&$count=true")).unwrap();
        let next = Query::parse(Some(&query.after(2, 4))).unwrap();
        assert_eq!(next.filter, query.filter);
        assert_eq!((next.top, next.skip, next.count), (Some(2), 4, true));
    }

    #[test]
    fn broken_options_are_invalid_arguments() {
        for raw in [
            "$top=many",
            "$top=-1",
            "$top=0",
            "$skip=x",
            "$filter=%ff",
            "$orderby=a%20b",
            "$orderby=a%20asc%20b",
        ] {
            assert!(Query::parse(Some(raw)).is_err(), "{raw}");
        }
        assert_eq!(Query::parse(None).unwrap(), Query::default());
    }
}
