//! What is done for each resource and verb, one file each. Every route gets an authenticated call; rights are `app`'s to judge.

pub(crate) mod artifacts;
pub(crate) mod calendar;
pub(crate) mod online_meetings;
pub(crate) mod subscriptions;
pub(crate) mod users;

use app::{App, Caller};
use serde_json::{Map, Value};

use crate::{context::Context, error::GraphError, query::Query, resource::Owner};

/// A page ends once its items have this many bytes, however many were asked for: the next page goes on behind them.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Page size when the caller names none.
const DEFAULT_PAGE: usize = 100;

/// One authenticated call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) app: &'a App,
    pub(crate) context: &'a Context,
    pub(crate) caller: &'a Caller,
    pub(crate) query: &'a Query,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    /// The object id of whoever owns the resource. `/me` needs a signed-in member.
    pub(crate) async fn owner_id(&self, owner: &Owner) -> Result<String, GraphError> {
        match (owner, self.caller) {
            (Owner::Me, Caller::Member { member, .. }) => Ok(member.id.clone()),
            (Owner::Me, Caller::Application { .. }) => Err(me_needs_a_member()),
            (Owner::Member(key), caller) => self
                .app
                .organizer_id(caller, key)
                .await
                .map_err(|error| GraphError::of(error, GraphError::MemberNotFound)),
        }
    }

    /// The object with its `@odata.context` in front.
    pub(crate) fn described(&self, fragment: &str, body: Map<String, Value>) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert(
            "@odata.context".to_owned(),
            format!("{}/$metadata#{fragment}", self.context.base()).into(),
        );
        object.extend(body);
        object
    }

    /// A list with its `@odata.context`, and its count when that was asked for.
    pub(crate) fn listed(&self, fragment: &str, count: usize, items: Vec<Map<String, Value>>) -> Map<String, Value> {
        let mut body = Map::new();
        if self.query.count {
            body.insert("@odata.count".to_owned(), count.into());
        }
        body.insert("value".to_owned(), items.into_iter().map(Value::Object).collect());
        self.described(fragment, body)
    }

    /// One page of a list that is there whole, with the address of the next page when there is one. `path` is the list's own, below the version.
    pub(crate) fn paged<T>(&self, path: &str, fragment: &str, all: &[T], show: impl Fn(&T) -> Map<String, Value>) -> Map<String, Value> {
        let mut items = self.items();
        for item in all.iter().skip(self.query.skip) {
            if items.is_full() {
                break;
            }
            items.push(show(item));
        }
        let more = self.query.skip.saturating_add(items.len()) < all.len();
        self.page(path, fragment, all.len(), items, more)
    }

    /// The items of one page, none so far.
    pub(crate) fn items(&self) -> Items {
        Items {
            size: self.query.top.unwrap_or(DEFAULT_PAGE),
            objects: Vec::new(),
            bytes: 0,
        }
    }

    /// One page of `count` items in all; with the address of the next page when there are `more` items behind these.
    pub(crate) fn page(&self, path: &str, fragment: &str, count: usize, items: Items, more: bool) -> Map<String, Value> {
        let next = self.query.skip.saturating_add(items.len());
        let size = items.size;
        let mut body = self.listed(fragment, count, items.objects);
        if more {
            body.insert("@odata.nextLink".to_owned(), self.next_link(path, size, next).into());
        }
        body
    }

    /// The absolute address of the next page of the list at `path`: the same query, passing over `skip`.
    fn next_link(&self, path: &str, size: usize, skip: usize) -> String {
        format!("{}/{path}?{}", self.context.base(), self.query.after(size, skip))
    }

    /// The object as far as it was selected; what was expanded stays.
    pub(crate) fn selected(&self, mut object: Map<String, Value>, relations: &[&str]) -> Map<String, Value> {
        object.retain(|name, _| self.query.selects(name) || relations.contains(&name.as_str()));
        object
    }
}

/// The items of one page as they come together.
#[derive(Debug)]
pub(crate) struct Items {
    size: usize,
    objects: Vec<Map<String, Value>>,
    bytes: usize,
}

impl Items {
    /// Whether no further item belongs to the page. It has one at least, whatever that one's size.
    pub(crate) fn is_full(&self) -> bool {
        self.objects.len() >= self.size || self.bytes >= MAX_PAGE_BYTES
    }

    pub(crate) fn push(&mut self, object: Map<String, Value>) {
        self.bytes = self.bytes.saturating_add(json_bytes(&object));
        self.objects.push(object);
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }
}

/// How long an object is as JSON, without writing it.
pub(crate) fn json_bytes(value: &Map<String, Value>) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        // What cannot be written counts as too long.
        Err(_) => usize::MAX,
    }
}

/// The refusal of an application that asks for `/me`.
pub(crate) fn me_needs_a_member() -> GraphError {
    GraphError::BadRequest("/me is the signed-in member; with a token of an application use /users/{id}".to_owned())
}
