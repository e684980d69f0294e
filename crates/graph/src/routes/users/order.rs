//! The order of a list of members: by the properties that `$orderby` names, else by name as the store gives them.

use std::cmp::Ordering;

use app::model::Member;
use serde_json::Value;

use crate::{error::GraphError, shape::member};

/// Sorts in place; equal ones keep their order.
pub(super) fn sort(members: &mut [Member], by: &[(String, bool)]) -> Result<(), GraphError> {
    let mut keys = Vec::with_capacity(by.len());
    for (name, descending) in by {
        match member::BASIC.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => keys.push((*known, *descending)),
            None => {
                return Err(GraphError::invalid(
                    "$orderby",
                    format!("$orderby answers {} here, not {name}", member::BASIC.join(", ")),
                ));
            }
        }
    }
    members.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |order, (name, descending)| {
            order.then_with(|| {
                let order = folded(a, name).cmp(&folded(b, name));
                if *descending { order.reverse() } else { order }
            })
        })
    });
    Ok(())
}

fn folded(member: &Member, name: &str) -> Option<String> {
    match member::value(member, name) {
        Value::String(text) => Some(text.to_lowercase()),
        _ => None,
    }
}
