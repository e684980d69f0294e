//! `GET …/onlineMeetings`, `GET …/onlineMeetings/$count`: by join link, by meeting ID, or all of an organizer, in order, page by page.

use app::{
    Page,
    model::{MeetingKey, MeetingOrder},
};

use super::{
    context,
    filter::{Filter, unsupported},
    nothing_ignored, refused, show_all,
};
use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call};

/// Meetings that are read at a time: a page ends early when they are long, so it does not read them all before.
const AT_A_TIME: u32 = 50;
const EXPECTED: &str = "JoinWebUrl eq '...' or joinMeetingIdSettings/joinMeetingId eq '...'";

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    nothing_ignored(call)?;
    let organizer_id = call.owner_id(owner).await?;
    let found = match filter(call)? {
        Some(Filter::JoinWebUrl(url)) => call.app.find_by_join_url(call.caller, &organizer_id, &url).await,
        Some(Filter::JoinMeetingId(id)) => call.app.find_by_join_meeting_id(call.caller, &organizer_id, &id).await,
        Some(Filter::Teleconference(_)) => return Err(unsupported(EXPECTED)),
        None => return all(call, &organizer_id).await,
    };
    let items = show_all(call, found.map_err(refused)?.as_slice()).await?;
    Ok(Reply::ok(call.listed(&context(&organizer_id, false), items.len(), items)))
}

/// The bare number of what the list would show.
pub(crate) async fn count(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    if call.query.filter.is_some() {
        return Err(GraphError::invalid(
            "$filter",
            "$count counts all meetings of an organizer; leave $filter out",
        ));
    }
    Ok(Reply::number(
        call.app.meeting_count(call.caller, &organizer_id).await.map_err(refused)?,
    ))
}

fn filter(call: &Call<'_>) -> Result<Option<Filter>, GraphError> {
    let read = |text: &str| Filter::parse(text).ok_or_else(|| unsupported(EXPECTED));
    call.query.filter.as_deref().map(read).transpose()
}

async fn all(call: &Call<'_>, organizer_id: &str) -> Result<Reply, GraphError> {
    let order = order(call)?;
    let mut items = call.items();
    let mut skip = u32::try_from(call.query.skip).unwrap_or(u32::MAX);
    let more = 'reading: loop {
        let page = Page {
            skip,
            top: AT_A_TIME,
            order,
        };
        let meetings = call.app.meetings(call.caller, organizer_id, page).await.map_err(refused)?;
        let read = u32::try_from(meetings.len()).unwrap_or(u32::MAX);
        for object in show_all(call, &meetings).await? {
            if items.is_full() {
                break 'reading true;
            }
            items.push(object);
        }
        if read < AT_A_TIME {
            break false;
        }
        skip = skip.saturating_add(read);
    };
    let count = if call.query.count {
        call.app.meeting_count(call.caller, organizer_id).await.map_err(refused)?
    } else {
        0
    };
    let path = format!("users/{organizer_id}/onlineMeetings");
    Ok(Reply::ok(call.page(&path, &context(organizer_id, false), count, items, more)))
}

fn order(call: &Call<'_>) -> Result<MeetingOrder, GraphError> {
    let known = |name: &str| match name.to_ascii_lowercase().as_str() {
        "startdatetime" => Some(MeetingKey::Start),
        "creationdatetime" => Some(MeetingKey::Created),
        "subject" => Some(MeetingKey::Subject),
        _ => None,
    };
    let wanted = match call.query.orderby.as_slice() {
        [] => Some(MeetingOrder::default()),
        [(name, descending)] => known(name).map(|by| MeetingOrder {
            by,
            descending: *descending,
        }),
        _ => None,
    };
    wanted.ok_or_else(|| {
        GraphError::invalid(
            "$orderby",
            "$orderby answers one of startDateTime, creationDateTime and subject here",
        )
    })
}
