//! Calendar and events of a member.

use http::Method;

use crate::{dispatch::Reply, error::GraphError, resource::Owner, routes::Call};

/// Answers a request below `events`, `calendar`, `calendars` or `calendarView`; `rest` begins with that segment.
pub(crate) async fn serve(_call: &Call<'_>, _method: &Method, _owner: &Owner, _rest: &[String]) -> Result<Reply, GraphError> {
    Err(GraphError::NoSuchPath)
}
