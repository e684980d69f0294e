//! `GET …/onlineMeetings`: by join link, by meeting ID, or all of an organizer, page by page.

use app::{Page, model::OnlineMeeting};
use serde_json::Value;

use super::{context, refused, show};
use crate::{dispatch::Reply, error::GraphError, filter::Filter, resource::Owner, routes::Call};

/// How many are read at once while counting; as many as one read gives.
const COUNTING_PAGE: u32 = 1000;
/// Page size when the caller names none.
const DEFAULT_PAGE: usize = 100;

pub(crate) async fn run(call: &Call<'_>, owner: &Owner) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let filter = call.query.filter.as_deref().map(Filter::parse).transpose()?;
    let found = match &filter {
        Some(Filter::JoinWebUrl(url)) => call.app.find_by_join_url(call.caller, &organizer_id, url).await.map_err(refused)?,
        Some(Filter::JoinMeetingId(id)) => call
            .app
            .find_by_join_meeting_id(call.caller, &organizer_id, id)
            .await
            .map_err(refused)?,
        None => return all(call, &organizer_id).await,
    };
    let items = found.iter().map(|meeting| show(call, meeting)).collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::ok(call.listed(&context(&organizer_id, false), items.len(), items)))
}

async fn all(call: &Call<'_>, organizer_id: &str) -> Result<Reply, GraphError> {
    let size = call.query.top.unwrap_or(DEFAULT_PAGE);
    let skip = u32::try_from(call.query.skip).unwrap_or(u32::MAX);
    // One more than is shown tells whether there is a next page.
    let mut meetings = read(
        call,
        organizer_id,
        skip,
        u32::try_from(size.saturating_add(1)).unwrap_or(COUNTING_PAGE),
    )
    .await?;
    let more = meetings.len() > size;
    meetings.truncate(size);
    let count = if call.query.count { count(call, organizer_id).await? } else { 0 };
    let items = meetings.iter().map(|meeting| show(call, meeting)).collect::<Result<Vec<_>, _>>()?;
    let mut body = call.listed(&context(organizer_id, false), count, items);
    if more {
        body.insert("@odata.nextLink".to_owned(), Value::String(next_link(call, organizer_id, size)));
    }
    Ok(Reply::ok(body))
}

async fn read(call: &Call<'_>, organizer_id: &str, skip: u32, top: u32) -> Result<Vec<OnlineMeeting>, GraphError> {
    call.app
        .meetings(call.caller, organizer_id, Page { skip, top })
        .await
        .map_err(refused)
}

async fn count(call: &Call<'_>, organizer_id: &str) -> Result<usize, GraphError> {
    let mut skip = 0_u32;
    loop {
        let page = read(call, organizer_id, skip, COUNTING_PAGE).await?.len();
        let counted = u32::try_from(page).unwrap_or(COUNTING_PAGE);
        skip = skip.saturating_add(counted);
        if counted < COUNTING_PAGE {
            return Ok(skip as usize);
        }
    }
}

fn next_link(call: &Call<'_>, organizer_id: &str, size: usize) -> String {
    let mut link = format!(
        "{}/users/{organizer_id}/onlineMeetings?$top={size}&$skip={}",
        call.context.base(),
        call.query.skip.saturating_add(size)
    );
    if !call.query.select.is_empty() {
        let names: Vec<String> = call
            .query
            .select
            .iter()
            .map(|name| name.chars().filter(char::is_ascii_alphanumeric).collect())
            .collect();
        link.push_str("&$select=");
        link.push_str(&names.join(","));
    }
    if call.query.count {
        link.push_str("&$count=true");
    }
    link
}
