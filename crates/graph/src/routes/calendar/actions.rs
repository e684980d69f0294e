//! `POST …/events/{id}/cancel`, what attendees do, and `GET …/events/{id}/iCalendar` (ours: the invitation as text).

use http::StatusCode;
use serde_json::Value;

use super::{Visit, events, refused};
use crate::{dispatch::Reply, error::GraphError};

pub(super) async fn cancel(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    let comment = comment(visit.call.body)?;
    events::end(visit, id, comment).await?;
    // As documented: accepted, and nothing in it.
    Ok(Reply {
        status: StatusCode::ACCEPTED,
        ..Reply::no_content()
    })
}

/// The events of a calendar here are the member's own, and an organizer does not answer the own invitation.
pub(super) async fn answer(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    visit
        .call
        .app
        .event(visit.call.caller, &visit.owner.id, id)
        .await
        .map_err(refused)?;
    Err(GraphError::BadRequest(
        "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer".to_owned(),
    ))
}

pub(super) async fn invitation(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    let recipient = visit.call.query.option("attendee");
    let text = visit
        .call
        .app
        .invitation(visit.call.caller, &visit.owner.id, id, recipient)
        .await
        .map_err(refused)?;
    Ok(Reply::text("text/calendar; charset=utf-8", text))
}

/// What the organizer says; a body is not needed.
fn comment(body: &[u8]) -> Result<Option<String>, GraphError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| GraphError::BadRequest(format!("The body must be one JSON object; reading it failed: {error}")))?;
    let Value::Object(members) = value else {
        return Err(GraphError::BadRequest("The body must be one JSON object".to_owned()));
    };
    let comment = members.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("comment"));
    match comment {
        None | Some((_, Value::Null)) => Ok(None),
        Some((_, Value::String(text))) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(_) => Err(GraphError::invalid("comment", "comment must be a text")),
    }
}
