//! Transcripts as this API shows them.

use app::transcripts::{Transcript, TranscriptLine};
use serde_json::{Map, Value, json};

use super::time;

/// Where a transcript belongs.
pub(crate) struct Place<'a> {
    /// The id by which the meeting was named.
    pub(crate) meeting_id: &'a str,
    /// Object id of its organizer.
    pub(crate) organizer_id: &'a str,
    /// Tenant id.
    pub(crate) tenant_id: &'a str,
    /// Absolute URL of the list.
    pub(crate) list: String,
}

/// A transcript without its text.
pub(crate) fn transcript(transcript: &Transcript, place: &Place<'_>) -> Map<String, Value> {
    let id = &transcript.held_id;
    let organizer = json!({
        "application": null,
        "device": null,
        "user": { "userIdentityType": "aadUser", "tenantId": place.tenant_id, "id": place.organizer_id, "displayName": null },
    });
    let mut object = Map::new();
    object.insert("id".to_owned(), id.as_str().into());
    object.insert("meetingId".to_owned(), place.meeting_id.into());
    object.insert("callId".to_owned(), id.as_str().into());
    object.insert("contentCorrelationId".to_owned(), id.as_str().into());
    object.insert("transcriptContentUrl".to_owned(), format!("{}/{id}/content", place.list).into());
    object.insert("createdDateTime".to_owned(), time::format(transcript.began).into());
    object.insert("endDateTime".to_owned(), time::format(transcript.ended).into());
    object.insert("meetingOrganizer".to_owned(), organizer);
    object
}

/// A line as an object of who, when, what and in which language. JSON escapes line ends, and what would end a cue.
pub(crate) fn metadata(line: &TranscriptLine) -> String {
    let object = json!({
        "startDateTime": time::format(line.began),
        "endDateTime": time::format(line.ended),
        "speakerName": line.display_name,
        "spokenText": line.text,
        "spokenLanguage": line.language,
    });
    object.to_string().replace("-->", "--\\u003e")
}
