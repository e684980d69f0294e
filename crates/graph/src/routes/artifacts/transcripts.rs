//! Transcripts: what was said in held meetings while it was written down. One held meeting has one; its content is WebVTT and nothing else.

use app::transcripts::{Transcript, WholeTranscript};

use super::Meeting;
use crate::{
    dispatch::Reply,
    error::GraphError,
    resource::Content,
    routes::{Call, online_meetings::refused},
    shape::transcript as shape,
};

const TRANSCRIPTS: &str = "transcripts";
const VTT: &str = "text/vtt";

pub(super) async fn list(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    let (organizer_id, all) = all(call, meeting).await?;
    let path = meeting.path(TRANSCRIPTS);
    let tenant_id = tenant_id(call)?;
    let show =
        |transcript: &Transcript| call.selected(shape::transcript(transcript, &place(call, meeting, &organizer_id, &tenant_id)), &[]);
    Ok(Reply::ok(call.paged(&path, &path, &all, show)))
}

pub(super) async fn count(call: &Call<'_>, meeting: Meeting<'_>) -> Result<Reply, GraphError> {
    Ok(Reply::number(all(call, meeting).await?.1.len()))
}

pub(super) async fn get(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<Reply, GraphError> {
    let (organizer_id, all) = all(call, meeting).await?;
    let found = all
        .iter()
        .find(|transcript| transcript.held_id.eq_ignore_ascii_case(id))
        .ok_or(GraphError::ArtifactNotFound("transcript"))?;
    let tenant_id = tenant_id(call)?;
    let body = shape::transcript(found, &place(call, meeting, &organizer_id, &tenant_id));
    let fragment = format!("{}/$entity", meeting.path(TRANSCRIPTS));
    Ok(Reply::ok(call.described(&fragment, call.selected(body, &[]))))
}

pub(super) async fn content(call: &Call<'_>, meeting: Meeting<'_>, id: &str, form: Content) -> Result<Reply, GraphError> {
    if let Some(format) = call.query.option("format").filter(|format| !format.eq_ignore_ascii_case(VTT)) {
        return Err(GraphError::invalid(
            "$format",
            format!("a transcript is given as {VTT}, not as {format}"),
        ));
    }
    let found = whole(call, meeting, id).await?;
    let text = match form {
        Content::Plain => found.vtt(),
        Content::Metadata => found.cues(shape::metadata),
    };
    Ok(Reply::text(VTT, text))
}

async fn all(call: &Call<'_>, meeting: Meeting<'_>) -> Result<(String, Vec<Transcript>), GraphError> {
    call.app
        .transcripts(call.caller, meeting.user_id, meeting.id)
        .await
        .map_err(refused)
}

async fn whole(call: &Call<'_>, meeting: Meeting<'_>, id: &str) -> Result<WholeTranscript, GraphError> {
    let found = call.app.transcript(call.caller, meeting.user_id, meeting.id, id).await;
    found.map_err(refused)?.ok_or(GraphError::ArtifactNotFound("transcript"))
}

fn place<'a>(call: &Call<'_>, meeting: Meeting<'a>, organizer_id: &'a str, tenant_id: &'a str) -> shape::Place<'a> {
    shape::Place {
        meeting_id: meeting.id,
        organizer_id,
        tenant_id,
        list: format!("{}/{}", call.context.base(), meeting.path(TRANSCRIPTS)),
    }
}

fn tenant_id(call: &Call<'_>) -> Result<String, GraphError> {
    Ok(call.app.tenant().map_err(refused)?.id.clone())
}
