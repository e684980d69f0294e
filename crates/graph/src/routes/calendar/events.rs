//! One event: make, read, change, cancel by deleting.

use std::sync::Arc;

use app::{AppError, calendar::EventInstance, model::CalendarEvent};
use serde_json::{Map, Value};

use super::{Visit, calendars, refused, shape::input, shape::output};
use crate::{dispatch::Reply, error::GraphError};

pub(super) async fn create(visit: &Visit<'_>) -> Result<Reply, GraphError> {
    let changes = input::parse(visit.call.body, true)?;
    let event = visit
        .call
        .app
        .create_event(visit.call.caller, &visit.owner.id, changes)
        .await
        .map_err(refused)?;
    let address = format!("{}/users/{}/events/{}", visit.call.context.base(), visit.owner.id, event.id);
    Ok(Reply::created(single(visit, whole(event)).await?).at(address))
}

pub(super) async fn get(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    let instance = visit
        .call
        .app
        .event(visit.call.caller, &visit.owner.id, id)
        .await
        .map_err(refused)?;
    Ok(Reply::ok(single(visit, instance).await?))
}

pub(super) async fn update(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    let changes = input::parse(visit.call.body, false)?;
    let expected = expected_revision(visit);
    let instance = visit
        .call
        .app
        .update_event(visit.call.caller, &visit.owner.id, id, changes, expected)
        .await
        .map_err(|error| conditional(error, expected))?;
    Ok(Reply::ok(single(visit, instance).await?))
}

pub(super) async fn delete(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    end(visit, id, None).await?;
    Ok(Reply::no_content())
}

/// The calendar in which an event is.
pub(super) async fn calendar(visit: &Visit<'_>, id: &str) -> Result<Reply, GraphError> {
    visit
        .call
        .app
        .event(visit.call.caller, &visit.owner.id, id)
        .await
        .map_err(refused)?;
    Ok(calendars::show(visit))
}

/// Cancels an event or occurrence.
pub(super) async fn end(visit: &Visit<'_>, id: &str, comment: Option<String>) -> Result<(), GraphError> {
    let expected = expected_revision(visit);
    visit
        .call
        .app
        .cancel_event(visit.call.caller, &visit.owner.id, id, comment, expected)
        .await
        .map_err(|error| conditional(error, expected))
}

/// The object of an event with its online meeting, as far as it was selected.
pub(super) async fn show(visit: &Visit<'_>, instance: &EventInstance) -> Result<Map<String, Value>, GraphError> {
    let app = visit.call.app;
    let meeting = app.event_meeting(&instance.event).await.map_err(refused)?;
    let join_url = meeting.as_ref().map(|meeting| app.join_url(meeting)).transpose().map_err(refused)?;
    let around = output::Surroundings {
        owner: &visit.owner,
        join_url: join_url.as_deref(),
        origin: &app.config().public_origin,
        zone: &visit.zone,
        wanted: visit.call.query,
    };
    let mut object = output::render(instance, &around);
    object.retain(|name, _| name.starts_with('@') || visit.call.query.selects(name));
    Ok(object)
}

async fn single(visit: &Visit<'_>, instance: EventInstance) -> Result<Map<String, Value>, GraphError> {
    let object = show(visit, &instance).await?;
    Ok(visit.call.described(&format!("users('{}')/events/$entity", visit.owner.id), object))
}

fn whole(event: CalendarEvent) -> EventInstance {
    EventInstance {
        event: Arc::new(event),
        occurrence: None,
    }
}

/// The revision that `If-Match` demands; one that no event has when the header is none of ours.
fn expected_revision(visit: &Visit<'_>) -> Option<i64> {
    let tag = visit.call.context.if_match.as_deref()?.trim();
    (tag != "*").then(|| output::revision_of(tag).unwrap_or(-1))
}

fn conditional(error: AppError, expected: Option<i64>) -> GraphError {
    match (error, expected) {
        (AppError::Conflict { .. }, Some(_)) => GraphError::PreconditionFailed,
        (error, _) => refused(error),
    }
}
