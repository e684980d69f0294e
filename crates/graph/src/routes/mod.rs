//! What is done for each resource and verb, one file each. Every route gets an authenticated call; rights are `app`'s to judge.

pub(crate) mod calendar;
pub(crate) mod online_meetings;
pub(crate) mod subscriptions;
pub(crate) mod users;

use app::{App, Caller};
use serde_json::{Map, Value};

use crate::{context::Context, error::GraphError, query::Query, resource::Owner};

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
}

/// The refusal of an application that asks for `/me`.
pub(crate) fn me_needs_a_member() -> GraphError {
    GraphError::BadRequest("/me is the signed-in member; with a token of an application use /users/{id}".to_owned())
}
