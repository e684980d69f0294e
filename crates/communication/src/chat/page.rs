//! Lists in pages: what a request asks for, and the link to the next page.
//!
//! The link is absolute, under the origin that the client used when it is one of ours, and has the parameters of the request with another
//! `syncState`. That text has letters, digits, `-` and `_` only, so that every client sends it back as it is. It says where the next page
//! begins and nothing else: whoever changes it sees another part of what they may see anyway.

use app::Micros;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::fields;
use super::refusal::ChatRefusal;

const MAX_PAGE: u32 = 200;
const DEFAULT_PAGE: u32 = 100;
/// More parameters than this are not read.
const MAX_PARAMETERS: usize = 32;
const SYNC_STATE: &str = "syncState";

/// What a request asks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// How many items at most.
    pub(super) size: u32,
    /// Nothing from before this.
    pub(super) since: Micros,
    /// How many to pass over on the first page.
    pub(super) skip: usize,
    /// Where the page begins, as the link to it said.
    cursor: Option<String>,
    /// Raw parameters, kept for the next link.
    kept: Vec<String>,
}

impl Page {
    /// Reads a raw query.
    pub(super) fn parse(query: Option<&str>) -> Result<Self, ChatRefusal> {
        let mut page = Self {
            size: DEFAULT_PAGE,
            since: 0,
            skip: 0,
            cursor: None,
            kept: Vec::new(),
        };
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        for pair in pairs.take(MAX_PARAMETERS) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            if name.eq_ignore_ascii_case(SYNC_STATE) {
                let decoded = URL_SAFE_NO_PAD.decode(value.as_bytes()).ok();
                let cursor = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
                let cursor = cursor.filter(|text| !text.contains(char::is_control)).ok_or_else(unknown_state)?;
                page.cursor = Some(cursor);
                continue;
            }
            if name.eq_ignore_ascii_case("maxPageSize") {
                page.size = number("maxPageSize", &value)?.min(MAX_PAGE);
                if page.size == 0 {
                    return Err(ChatRefusal::invalid("maxPageSize", "maxPageSize must be at least 1"));
                }
            } else if name.eq_ignore_ascii_case("startTime") {
                page.since = fields::time("startTime", &value)?;
            } else if name.eq_ignore_ascii_case("skip") {
                page.skip = usize::try_from(number("skip", &value)?).unwrap_or(usize::MAX);
            }
            page.kept.push(pair.to_owned());
        }
        Ok(page)
    }

    /// Where the page begins, as `read` understands it; nothing on the first page.
    pub(super) fn cursor<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, ChatRefusal> {
        self.cursor
            .as_deref()
            .map(|cursor| read(cursor).ok_or_else(unknown_state))
            .transpose()
    }

    /// The answer: `url` is the list without its query; `next` is where the next page begins.
    pub(super) fn answer(&self, items: Vec<Value>, url: &str, next: Option<String>) -> Value {
        let mut answer = json!({ "value": items });
        if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
            let state = format!("{SYNC_STATE}={}", URL_SAFE_NO_PAD.encode(next));
            let query: Vec<&str> = self.kept.iter().map(String::as_str).chain([state.as_str()]).collect();
            members.insert("nextLink".to_owned(), format!("{url}?{}", query.join("&")).into());
        }
        answer
    }

    /// A page of a list that is whole in memory; keys are unique, and give its order.
    pub(super) fn of_whole<T>(
        &self,
        items: Vec<T>,
        key: impl Fn(&T) -> String,
        shape: impl Fn(&T) -> Value,
        url: &str,
    ) -> Result<Value, ChatRefusal> {
        let mut items: Vec<(String, T)> = items.into_iter().map(|item| (key(&item), item)).collect();
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        let begin = match self.cursor(|cursor| Some(cursor.to_owned()))? {
            Some(last) => items.partition_point(|(key, _)| *key <= last),
            None => self.skip,
        };
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let rest = items.get(begin.min(items.len())..).unwrap_or_default();
        let shown = rest.get(..size.min(rest.len())).unwrap_or_default();
        let next = shown.last().filter(|_| rest.len() > shown.len()).map(|(key, _)| key.clone());
        Ok(self.answer(shown.iter().map(|(_, item)| shape(item)).collect(), url, next))
    }
}

fn number(name: &'static str, text: &str) -> Result<u32, ChatRefusal> {
    text.parse()
        .map_err(|_| ChatRefusal::invalid(name, format!("{name} must be a whole number that is not negative")))
}

fn unknown_state() -> ChatRefusal {
    ChatRefusal::invalid(SYNC_STATE, "syncState is not from a link that this list gave; begin the list again")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://h:1/chat/threads/19%3Aa%40thread.v2/participants";

    /// The texts of a page and the query of its link.
    fn turn(query: &str, items: &[&str]) -> (Vec<String>, Option<String>) {
        let page = Page::parse(Some(query)).unwrap();
        let answer = page
            .of_whole(items.to_vec(), |item| (*item).to_owned(), |item| (*item).into(), URL)
            .unwrap();
        let shown = answer["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item.as_str().unwrap().to_owned());
        let link = answer["nextLink"].as_str().map(|link| {
            let query = link.strip_prefix(&format!("{URL}?")).unwrap().to_owned();
            let state = query.split("syncState=").nth(1).unwrap();
            assert!(
                state.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
                "{state}"
            );
            query
        });
        (shown.collect(), link)
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition_and_keep_the_parameters() {
        let items = ["a?>", "b", "c", "d", "e"];
        let (first, next) = turn("maxPageSize=2&skip=1&api-version=2025-03-15", &items);
        assert_eq!(first, ["b", "c"]);
        let next = next.unwrap();
        assert!(next.starts_with("maxPageSize=2&skip=1&api-version=2025-03-15&syncState="), "{next}");
        // An item added in front between the pages is neither shown nor shifts the next page.
        let (second, end) = turn(&next, &["0", "a?>", "b", "c", "d", "e"]);
        assert_eq!((second, end), (vec!["d".to_owned(), "e".to_owned()], None));
    }

    #[test]
    fn a_page_is_neither_empty_nor_boundless() {
        assert_eq!(Page::parse(None).unwrap().size, 100);
        assert_eq!(Page::parse(Some("maxPageSize=100000")).unwrap().size, 200);
        for bad in [
            "maxPageSize=0",
            "maxPageSize=-1",
            "maxPageSize=x",
            "skip=-1",
            "startTime=soon",
            "syncState=%20",
            "syncState=%C3",
            "syncState=AAAA",
        ] {
            assert!(Page::parse(Some(bad)).is_err(), "{bad}");
        }
        assert_eq!(
            Page::parse(Some("startTime=1970-01-01T00%3A00%3A01.000Z")).unwrap().since,
            1_000_000
        );
    }
}
