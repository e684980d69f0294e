//! `GET …/calendar`, `…/calendars`, `…/calendars/{id}`: the one calendar of a member.

use app::model::Member;
use serde_json::{Map, Value, json};

use super::Visit;
use crate::{dispatch::Reply, error::GraphError};

/// The only provider of online meetings here, under the name that clients know.
pub(super) const PROVIDER: &str = "teamsForBusiness";

pub(super) fn list(visit: &Visit<'_>) -> Reply {
    let items = [render(&visit.owner)];
    let (path, fragment) = (
        format!("users/{}/calendars", visit.owner.id),
        format!("users('{}')/calendars", visit.owner.id),
    );
    Reply::ok(
        visit
            .call
            .paged(&path, &fragment, &items, |item| visit.call.selected(item.clone(), &[])),
    )
}

pub(super) fn get(visit: &Visit<'_>, id: Option<&str>) -> Result<Reply, GraphError> {
    if let Some(id) = id {
        check(visit, id)?;
    }
    Ok(show(visit))
}

/// The calendar as an answer.
pub(super) fn show(visit: &Visit<'_>) -> Reply {
    let object = visit.call.selected(render(&visit.owner), &[]);
    Reply::ok(
        visit
            .call
            .described(&format!("users('{}')/calendar/$entity", visit.owner.id), object),
    )
}

/// Refuses the id of a calendar that the member does not have.
pub(super) fn check(visit: &Visit<'_>, id: &str) -> Result<(), GraphError> {
    if id == id_of(&visit.owner) {
        Ok(())
    } else {
        Err(GraphError::CalendarNotFound)
    }
}

fn id_of(owner: &Member) -> String {
    format!("calendar-{}", owner.id)
}

fn render(owner: &Member) -> Map<String, Value> {
    let calendar = json!({
        "id": id_of(owner),
        "name": "Calendar",
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": true,
        "changeKey": "0",
        "canShare": false,
        "canViewPrivateItems": true,
        "canEdit": true,
        "isRemovable": false,
        "isTallyingResponses": false,
        "allowedOnlineMeetingProviders": [PROVIDER],
        "defaultOnlineMeetingProvider": PROVIDER,
        "owner": { "name": owner.display_name, "address": address_of(owner) },
    });
    match calendar {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The mail address of a member; who has none is reached under the sign-in name.
pub(super) fn address_of(member: &Member) -> &str {
    member.mail.as_deref().unwrap_or(&member.user_principal_name)
}
