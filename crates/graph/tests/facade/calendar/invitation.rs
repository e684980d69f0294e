//! The invitation as iCalendar text.

use serde_json::json;

use super::{WRITE, create, id_of, visit, weekly};
use crate::support::Server;

#[tokio::test]
async fn the_invitation_is_a_request_with_the_join_link_and_says_when_it_was_cancelled() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let event = create(&server, visit()).await;
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let text = |path: String| {
        let (server, token) = (&server, token.clone());
        async move {
            let answer = server.get(&token, &format!("{path}/iCalendar")).await;
            assert_eq!(answer.headers.get("content-type").unwrap(), "text/calendar; charset=utf-8");
            answer.body.as_str().unwrap().replace("\r\n ", "")
        }
    };
    let invitation = text(path.clone()).await;
    for part in [
        "METHOD:REQUEST\r\n",
        "DTSTART:20261201T080000Z\r\n",
        "SUMMARY:Knee check-up\r\n",
        "LOCATION:Room 4\r\n",
        "mailto:maria@example.org\r\n",
        &format!("URL:{}\r\n", event.text("/onlineMeeting/joinUrl")),
    ] {
        assert!(invitation.contains(part), "{part} in {invitation}");
    }
    server
        .call(&token, "POST", &format!("{path}/cancel"), Some(json!({ "comment": "Doctor, ill" })))
        .await;
    let cancelled = text(path).await;
    assert!(
        cancelled.contains("METHOD:CANCEL\r\n") && cancelled.contains("COMMENT:Doctor\\, ill\r\n"),
        "{cancelled}"
    );
    let answered = format!("/v1.0/me/events/{}/accept", id_of(&create(&server, visit()).await));
    assert_eq!(
        server.call(&token, "POST", &answered, Some(json!({}))).await.error(),
        (400, "BadRequest", None)
    );
}

#[tokio::test]
async fn the_invitation_to_a_series_tells_what_is_changed_of_an_occurrence() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let series = create(&server, weekly(json!({ "type": "noEnd" }))).await;
    let path = format!("/v1.0/me/events/{}", id_of(&series));
    let patch = json!({
        "subject": "Late", "location": { "displayName": "Hall" },
        "start": { "dateTime": "2026-11-03T13:00:00", "timeZone": "Asia/Tokyo" },
        "end": { "dateTime": "2026-11-03T15:00:00", "timeZone": "Asia/Tokyo" },
    });
    let one = format!("{path}.20261103");
    assert_eq!(server.call(&token, "PATCH", &one, Some(patch)).await.status, 200);
    let whole = server.get(&token, &format!("{path}/iCalendar")).await;
    let events: Vec<&str> = whole.body.as_str().unwrap().split("BEGIN:VEVENT").collect();
    assert_eq!(events.len(), 3, "{}", whole.body);
    assert!(events[1].contains("RRULE:") && !events[1].contains("RECURRENCE-ID") && events[1].contains("SUMMARY:Round\r\n"));
    for part in [
        "RECURRENCE-ID;TZID=\"Europe/Berlin\":20261103T090000\r\n",
        "DTSTART:20261103T040000Z\r\n",
        "DTEND:20261103T060000Z\r\n",
        "SUMMARY:Late\r\n",
        "LOCATION:Hall\r\n",
    ] {
        assert!(events[2].contains(part), "{part} in {}", events[2]);
    }
    let single = server.get(&token, &format!("{one}/iCalendar")).await;
    let single = single.body.as_str().unwrap();
    assert!(single.contains("BEGIN:VTIMEZONE") && single.contains("SUMMARY:Late\r\n") && !single.contains("RRULE:FREQ=WEEKLY"));
    assert_eq!(single.matches("BEGIN:VEVENT").count(), 1);
}
