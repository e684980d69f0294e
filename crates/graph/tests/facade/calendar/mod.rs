//! Calendar events: from creation to cancellation, with their online meeting, in every zone.

mod access;
mod input;
mod invitation;
mod meeting;
mod read;
mod series;
mod write;

use serde_json::{Value, json};

use crate::support::{Answer, Server};

const WRITE: &str = "Calendars.ReadWrite OnlineMeetings.ReadWrite";

async fn create(server: &Server, body: Value) -> Answer {
    let answer = server.call(&server.member(0, WRITE), "POST", "/v1.0/me/events", Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

fn visit() -> Value {
    json!({
        "@odata.type": "#microsoft.graph.event",
        "subject": "Knee check-up",
        "body": { "contentType": "html", "content": "<p>Bring &amp; show <b>papers</b></p>" },
        "start": { "dateTime": "2026-12-01T09:00:00", "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin" },
        "location": { "displayName": "Room 4" },
        "attendees": [
            { "type": "required", "emailAddress": { "address": "maria@example.org", "name": "Maria Lopez" } },
            { "type": "optional", "emailAddress": { "address": "ben.okafor@riverside.example" } },
        ],
        "isOnlineMeeting": true,
        "onlineMeetingProvider": "teamsForBusiness",
    })
}

fn weekly(range: Value) -> Value {
    let mut range = range;
    range["startDate"] = json!("2026-10-20");
    json!({
        "subject": "Round",
        "start": { "dateTime": "2026-10-20T09:00:00", "timeZone": "Europe/Berlin" },
        "end": { "dateTime": "2026-10-20T09:30:00", "timeZone": "Europe/Berlin" },
        "recurrence": { "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"] }, "range": range },
    })
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The organizer's meeting with this link, as the filter finds it.
async fn meetings_by_link(server: &Server, url: &str) -> Value {
    let filter = encoded(&format!("JoinWebUrl eq '{url}'"));
    let target = format!("/v1.0/me/onlineMeetings?$filter={filter}");
    server.get(&server.member(0, WRITE), &target).await.body["value"].clone()
}

fn id_of(answer: &Answer) -> String {
    answer.text("/id").to_owned()
}

fn times(answer: &Answer) -> Vec<String> {
    let list = answer.body["value"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    list.iter()
        .map(|event| event["start"]["dateTime"].as_str().unwrap().to_owned())
        .collect()
}
