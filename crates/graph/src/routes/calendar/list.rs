//! Lists of events: all, those between two times, the occurrences of a series; filtered, ordered, page by page.

use std::{cmp::Ordering, sync::Arc};

use app::{Micros, calendar::EventInstance};

use super::{Visit, events, refused, shape::output};
use crate::{
    dispatch::Reply,
    error::GraphError,
    filter::{Expression, Literal},
    shape::time,
};

/// What can be filtered by.
const FILTERED: &[&str] = &[
    "start/dateTime",
    "end/dateTime",
    "createdDateTime",
    "lastModifiedDateTime",
    "subject",
    "type",
    "iCalUId",
    "transactionId",
    "isAllDay",
    "isCancelled",
    "isOnlineMeeting",
    "importance",
    "sensitivity",
    "showAs",
];
/// Those of them that are times.
const TIMES: &[&str] = &["start/dateTime", "end/dateTime", "createdDateTime", "lastModifiedDateTime"];
/// What can be ordered by.
const ORDERED: &[&str] = &[
    "start/dateTime",
    "end/dateTime",
    "createdDateTime",
    "lastModifiedDateTime",
    "subject",
    "importance",
];

pub(super) async fn all(visit: &Visit<'_>) -> Result<Reply, GraphError> {
    let items = everything(visit).await?;
    page(visit, "events", items).await
}

/// The bare number of events that the filter lets through.
pub(super) async fn count(visit: &Visit<'_>) -> Result<Reply, GraphError> {
    Ok(Reply::number(chosen(visit, everything(visit).await?)?.len()))
}

pub(super) async fn view(visit: &Visit<'_>) -> Result<Reply, GraphError> {
    let (from, to) = (bound(visit, "startDateTime")?, bound(visit, "endDateTime")?);
    let app = visit.call.app;
    let items = app.calendar_view(visit.call.caller, &visit.owner.id, from, to).await;
    page(visit, "calendarView", items.map_err(refused)?).await
}

pub(super) async fn instances(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    let (from, to) = (bound(visit, "startDateTime")?, bound(visit, "endDateTime")?);
    let app = visit.call.app;
    let items = app.event_instances(visit.call.caller, &visit.owner.id, id, from, to).await;
    page(visit, &format!("events/{id}/instances"), items.map_err(refused)?).await
}

async fn everything(visit: &Visit<'_>) -> Result<Vec<EventInstance>, GraphError> {
    let events = visit.call.app.events(visit.call.caller, &visit.owner.id).await.map_err(refused)?;
    let whole = |event| EventInstance {
        event: Arc::new(event),
        occurrence: None,
    };
    Ok(events.into_iter().map(whole).collect())
}

/// A bound of a view, which has no default.
fn bound(visit: &Visit<'_>, name: &'static str) -> Result<Micros, GraphError> {
    let given = visit.call.query.option(name).and_then(time::parse);
    given.ok_or_else(|| GraphError::invalid(name, format!("{name} is needed, as a time such as 2026-11-22T12:00:00Z")))
}

/// The items that the filter lets through, in the order that was asked for.
fn chosen(visit: &Visit<'_>, mut items: Vec<EventInstance>) -> Result<Vec<EventInstance>, GraphError> {
    let query = visit.call.query;
    if query.search.is_some() {
        return Err(GraphError::invalid("$search", "$search is not served for events; use $filter"));
    }
    if !query.expand.is_empty() {
        return Err(GraphError::invalid("$expand", "$expand is not served for events"));
    }
    if let Some(filter) = &query.filter {
        let filter = with_times(Expression::parse(filter)?)?;
        filter.check(FILTERED)?;
        items.retain(|item| filter.holds(&|name| output::property(item, name)));
    }
    let mut keys = Vec::with_capacity(query.orderby.len());
    for (name, descending) in &query.orderby {
        let known = ORDERED.iter().find(|known| known.eq_ignore_ascii_case(name));
        let known =
            known.ok_or_else(|| GraphError::invalid("$orderby", format!("$orderby answers {} here, not {name}", ORDERED.join(", "))))?;
        keys.push((*known, *descending));
    }
    items.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |order, (name, descending)| {
            order.then_with(|| {
                let order = folded(a, name).cmp(&folded(b, name));
                if *descending { order.reverse() } else { order }
            })
        })
    });
    Ok(items)
}

fn folded(item: &EventInstance, name: &str) -> Option<String> {
    output::property(item, name).as_str().map(str::to_lowercase)
}

/// Brings the times of an expression into the form in which properties are compared: UTC with seven digits behind the second.
fn with_times(expression: Expression) -> Result<Expression, GraphError> {
    let is_time = |name: &str| TIMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    Ok(match expression {
        Expression::And(left, right) => Expression::And(Box::new(with_times(*left)?), Box::new(with_times(*right)?)),
        Expression::Or(left, right) => Expression::Or(Box::new(with_times(*left)?), Box::new(with_times(*right)?)),
        Expression::Not(inner) => Expression::Not(Box::new(with_times(*inner)?)),
        Expression::Compare(name, comparison, literal) if is_time(&name) => {
            let literal = canonical(&name, literal)?;
            Expression::Compare(name, comparison, literal)
        }
        Expression::In(name, literals) if is_time(&name) => {
            let literals = literals
                .into_iter()
                .map(|literal| canonical(&name, literal))
                .collect::<Result<_, _>>()?;
            Expression::In(name, literals)
        }
        other @ (Expression::Compare(..) | Expression::In(..) | Expression::Text(..)) => other,
    })
}

fn canonical(name: &str, literal: Literal) -> Result<Literal, GraphError> {
    let text = match &literal {
        Literal::Text(text) | Literal::Bare(text) => text,
        Literal::Null => return Ok(literal),
        Literal::Bool(_) => "",
    };
    time::parse(text)
        .map(|at| Literal::Text(output::sortable(at)))
        .ok_or_else(|| GraphError::invalid("$filter", format!("{name} is compared with a time such as '2026-11-22T12:00:00Z'")))
}

async fn page(visit: &Visit<'_>, path: &str, items: Vec<EventInstance>) -> Result<Reply, GraphError> {
    let items = chosen(visit, items)?;
    let mut shown = visit.call.items();
    // Only what the page shows is looked at closer.
    for item in items.iter().skip(visit.call.query.skip) {
        if shown.is_full() {
            break;
        }
        shown.push(events::show(visit, item).await?);
    }
    let fragment = format!(
        "users('{}')/{}",
        visit.owner.id,
        if path == "calendarView" { path } else { "events" }
    );
    let path = format!("users/{}/{path}", visit.owner.id);
    let more = visit.call.query.skip.saturating_add(shown.len()) < items.len();
    Ok(Reply::ok(visit.call.page(&path, &fragment, items.len(), shown, more)))
}
