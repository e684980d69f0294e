//! What belongs to one meeting besides its own properties: attendance, transcripts, recordings (none), the link for appointments.
//! Read-only.

mod attendance;
mod transcripts;

use app::meetings::Keepsake;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{
    dispatch::Reply,
    error::GraphError,
    resource::{MediaKind, MeetingPart, Owner},
    routes::{Call, online_meetings::refused},
};

/// One meeting as its path names it.
#[derive(Debug, Clone, Copy)]
struct Meeting<'a> {
    /// Object id of the member in whose name it is read.
    user_id: &'a str,
    /// The id in the path.
    id: &'a str,
}

impl Meeting<'_> {
    /// The path of a part, without the version; also the fragment of its `@odata.context`.
    fn path(self, part: &str) -> String {
        let id = utf8_percent_encode(self.id, NON_ALPHANUMERIC);
        format!("users('{}')/onlineMeetings('{id}')/{part}", self.user_id)
    }
}

/// Answers `GET` of a part.
pub(crate) async fn serve(call: &Call<'_>, owner: &Owner, id: &str, part: &MeetingPart) -> Result<Reply, GraphError> {
    let user_id = call.owner_id(owner).await?;
    let meeting = Meeting { user_id: &user_id, id };
    match part {
        MeetingPart::AppointmentLink => appointment_link(call, meeting).await,
        MeetingPart::Media(MediaKind::Transcript) => transcripts::list(call, meeting).await,
        MeetingPart::MediaItem(MediaKind::Transcript, item) => transcripts::get(call, meeting, item).await,
        MeetingPart::MediaContent(MediaKind::Transcript, item, form) => transcripts::content(call, meeting, item, *form).await,
        MeetingPart::Media(kind @ MediaKind::Recording) => {
            check(call, meeting, *kind).await?;
            Ok(Reply::ok(call.listed(&meeting.path(kind.list_name()), 0, Vec::new())))
        }
        MeetingPart::MediaItem(kind @ MediaKind::Recording, _) | MeetingPart::MediaContent(kind @ MediaKind::Recording, ..) => {
            check(call, meeting, *kind).await?;
            Err(GraphError::ArtifactNotFound("recording"))
        }
        MeetingPart::Reports => attendance::list(call, meeting).await,
        MeetingPart::Report(report) => attendance::get(call, meeting, report).await,
        MeetingPart::Records(report) => attendance::records(call, meeting, report).await,
        MeetingPart::Record(report, record) => attendance::record(call, meeting, report, record).await,
        MeetingPart::Count(list) => match &**list {
            MeetingPart::Media(MediaKind::Transcript) => transcripts::count(call, meeting).await,
            MeetingPart::Media(kind @ MediaKind::Recording) => {
                check(call, meeting, *kind).await?;
                Ok(Reply::number(0))
            }
            MeetingPart::Records(report) => attendance::record_count(call, meeting, report).await,
            MeetingPart::AppointmentLink
            | MeetingPart::Reports
            | MeetingPart::Report(_)
            | MeetingPart::Record(..)
            | MeetingPart::MediaItem(..)
            | MeetingPart::MediaContent(..)
            | MeetingPart::Count(_) => attendance::count(call, meeting).await,
        },
    }
}

/// Answers `GET` of the recordings or transcripts of all meetings of an organizer.
pub(crate) async fn all(call: &Call<'_>, owner: &Owner, kind: MediaKind) -> Result<Reply, GraphError> {
    let organizer_id = call.owner_id(owner).await?;
    let checked = call.app.require_keepsakes_of(call.caller, &organizer_id, keepsake(kind)).await;
    checked.map_err(refused)?;
    let fragment = format!("users('{organizer_id}')/onlineMeetings/{}", kind.list_name());
    Ok(Reply::ok(call.listed(&fragment, 0, Vec::new())))
}

async fn appointment_link(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    let url = call
        .app
        .appointment_url(call.caller, meeting.user_id, meeting.id)
        .await
        .map_err(refused)?;
    let mut body = serde_json::Map::new();
    body.insert("value".to_owned(), Value::String(url));
    Ok(Reply::ok(call.described("Edm.String", body)))
}

async fn check(call: &Call<'_>, meeting: Meeting<'_>, kind: MediaKind) -> Result<(), GraphError> {
    let checked = call
        .app
        .require_keepsakes(call.caller, meeting.user_id, meeting.id, keepsake(kind))
        .await;
    checked.map_err(refused)
}

const fn keepsake(kind: MediaKind) -> Keepsake {
    match kind {
        MediaKind::Recording => Keepsake::Recording,
        MediaKind::Transcript => Keepsake::Transcript,
    }
}
