//! Calendar and events of a member. A member has one calendar, so `events`, `calendar/events` and `calendars/{id}/events` are the same list.
//!
//! * Owns: the paths below `events`, `calendar`, `calendars` and `calendarView`, and the shapes of events (`shape`).
//! * Not here: who may do what, recurrences, the online meeting of an event, invitations (`app::calendar`).
//! * Times are shown in UTC, or in the zone that `Prefer: outlook.timezone="…"` names.

mod actions;
mod calendars;
mod events;
mod list;
mod shape;

use app::{AppError, model::Member};
use http::Method;

use crate::{
    dispatch::Reply,
    error::GraphError,
    resource::Owner,
    routes::{Call, me_needs_a_member},
};
use shape::output::Zone;

/// One call below the calendar of a member.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    call: &'a Call<'a>,
    owner: Member,
    /// In which zone times are shown.
    zone: Zone,
}

/// Answers a request below `events`, `calendar`, `calendars` or `calendarView`; `rest` begins with that segment.
pub(crate) async fn serve(call: &Call<'_>, method: &Method, owner: &Owner, rest: &[String]) -> Result<Reply, GraphError> {
    let path: Vec<&str> = rest.iter().map(String::as_str).collect();
    let place = Place::of(&path).ok_or(GraphError::NoSuchPath)?;
    let owner = match owner {
        Owner::Me if matches!(call.caller, app::Caller::Application { .. }) => return Err(me_needs_a_member()),
        Owner::Me => call.app.calendar_owner(call.caller, None).await,
        Owner::Member(key) => call.app.calendar_owner(call.caller, Some(key)).await,
    };
    let zone = Zone::preferred(call.context.preference("outlook.timezone"))?;
    let visit = Visit {
        call,
        owner: owner.map_err(refused)?,
        zone,
    };
    let applied = visit.zone.applied();
    let reply = carry_out(&visit, method, place).await?;
    Ok(match applied {
        Some(preference) => reply.applied(preference),
        None => reply,
    })
}

async fn carry_out(visit: &Visit<'_>, method: &Method, place: Place<'_>) -> Result<Reply, GraphError> {
    let allow = place.allow();
    match (place, method) {
        (Place::Calendars, &Method::GET) => Ok(calendars::list(visit)),
        (Place::Calendar(id), &Method::GET) => calendars::get(visit, id),
        (Place::Under(id, inner), method) => {
            calendars::check(visit, id)?;
            // Boxed: a place under a calendar is one of the others.
            Box::pin(carry_out(visit, method, *inner)).await
        }
        (Place::View, &Method::GET) => list::view(visit).await,
        (Place::Events, &Method::GET) => list::all(visit).await,
        (Place::Events, &Method::POST) => events::create(visit).await,
        (Place::Count, &Method::GET) => list::count(visit).await,
        (Place::Event(id), &Method::GET) => events::get(visit, id).await,
        (Place::Event(id), &Method::PATCH) => events::update(visit, id).await,
        (Place::Event(id), &Method::DELETE) => events::delete(visit, id).await,
        (Place::Instances(id), &Method::GET) => list::instances(visit, id).await,
        (Place::CalendarOf(id), &Method::GET) => events::calendar(visit, id).await,
        (Place::Invitation(id), &Method::GET) => actions::invitation(visit, id).await,
        (Place::Cancel(id), &Method::POST) => actions::cancel(visit, id).await,
        (Place::Purge(id), &Method::POST) => events::delete(visit, id).await,
        (Place::Answer(id), &Method::POST) => actions::answer(visit, id).await,
        _ => Err(GraphError::MethodNotAllowed { allow }),
    }
}

/// What a path below a calendar names.
#[derive(Debug)]
enum Place<'a> {
    Calendars,
    /// The calendar, by its id or as the default one.
    Calendar(Option<&'a str>),
    /// Something in the calendar of this id.
    Under(&'a str, Box<Place<'a>>),
    View,
    Events,
    Count,
    Event(&'a str),
    Instances(&'a str),
    CalendarOf(&'a str),
    Invitation(&'a str),
    Cancel(&'a str),
    /// Deletion that leaves nothing to restore, which every deletion here is.
    Purge(&'a str),
    /// Accepting, declining: what attendees do.
    Answer(&'a str),
}

impl<'a> Place<'a> {
    fn of(path: &[&'a str]) -> Option<Self> {
        let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
        match path {
            [first] if is(first, "calendars") => Some(Self::Calendars),
            [first] if is(first, "calendar") => Some(Self::Calendar(None)),
            [first, id] if is(first, "calendars") => Some(Self::Calendar(Some(id))),
            [first, id, rest @ ..] if is(first, "calendars") => Some(Self::Under(id, Box::new(Self::inside(rest)?))),
            [first, rest @ ..] if is(first, "calendar") => Self::inside(rest),
            rest => Self::inside(rest),
        }
    }

    fn inside(path: &[&'a str]) -> Option<Self> {
        let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
        match path {
            [first] if is(first, "calendarView") => Some(Self::View),
            [first] if is(first, "events") => Some(Self::Events),
            [first, last] if is(first, "events") && is(last, "$count") => Some(Self::Count),
            [first, id] if is(first, "events") => Some(Self::Event(id)),
            [first, id, last] if is(first, "events") => {
                let last = last.strip_suffix("()").unwrap_or(last);
                let action = last.strip_prefix("microsoft.graph.").unwrap_or(last).to_ascii_lowercase();
                match action.as_str() {
                    "instances" => Some(Self::Instances(id)),
                    "calendar" => Some(Self::CalendarOf(id)),
                    "icalendar" => Some(Self::Invitation(id)),
                    "cancel" => Some(Self::Cancel(id)),
                    "permanentdelete" => Some(Self::Purge(id)),
                    "accept" | "tentativelyaccept" | "decline" => Some(Self::Answer(id)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    const fn allow(&self) -> &'static str {
        match self {
            Self::Events => "GET, POST",
            Self::Event(_) => "GET, PATCH, DELETE",
            Self::Cancel(_) | Self::Purge(_) | Self::Answer(_) => "POST",
            Self::Calendars
            | Self::Calendar(_)
            | Self::Under(..)
            | Self::View
            | Self::Count
            | Self::Instances(_)
            | Self::CalendarOf(_)
            | Self::Invitation(_) => "GET",
        }
    }
}

/// A refusal of a use case on calendars.
fn refused(error: AppError) -> GraphError {
    match error {
        AppError::Forbidden { needed } => GraphError::CalendarDenied(needed),
        error => GraphError::of(error, GraphError::EventNotFound),
    }
}
