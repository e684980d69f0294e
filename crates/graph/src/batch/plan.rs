//! In which order the requests of a batch are carried out. Pure.

use std::collections::HashSet;

use super::item::Item;
use crate::error::GraphError;

/// The requests, each behind those that it depends on and otherwise as written.
pub(super) fn in_order(mut left: Vec<Item>) -> Result<Vec<Item>, GraphError> {
    let mut keys = HashSet::new();
    for item in &left {
        if !keys.insert(item.key()) {
            return Err(GraphError::invalid(
                "requests/id",
                format!("The id {} is there twice; ids differ in more than letter case", item.id),
            ));
        }
    }
    if let Some(unknown) = left.iter().flat_map(|item| &item.depends_on).find(|id| !keys.contains(*id)) {
        return Err(GraphError::invalid(
            "requests/dependsOn",
            format!("No request of this batch has the id {unknown}"),
        ));
    }
    let (mut ordered, mut done) = (Vec::with_capacity(left.len()), HashSet::new());
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|item| item.depends_on.iter().all(|id| done.contains(id)));
        if ready.is_empty() {
            return Err(GraphError::invalid(
                "requests/dependsOn",
                "Requests of this batch depend on each other in a circle",
            ));
        }
        done.extend(ready.iter().map(Item::key));
        ordered.extend(ready);
        left = waiting;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(requests: &[(&str, &[&str])]) -> Result<Vec<String>, GraphError> {
        let item =
            |(id, after): &(&str, &[&str])| Item::read(&json!({ "id": id, "method": "GET", "url": "/me", "dependsOn": after })).unwrap();
        Ok(in_order(requests.iter().map(item).collect())?
            .into_iter()
            .map(|item| item.id)
            .collect())
    }

    #[test]
    fn dependencies_come_first_and_the_rest_stays_as_written() {
        assert_eq!(
            order(&[("c", &["B"]), ("a", &[]), ("b", &["a"]), ("d", &[])]).unwrap(),
            ["a", "d", "b", "c"]
        );
    }

    #[test]
    fn doubled_ids_unknown_dependencies_and_circles_are_refused() {
        for requests in [
            [("a", &[] as &[&str]), ("A", &[])],
            [("a", &["x"]), ("b", &[])],
            [("a", &["b"]), ("b", &["a"])],
            [("a", &["a"]), ("b", &[])],
        ] {
            assert!(order(&requests).is_err(), "{requests:?}");
        }
    }
}
