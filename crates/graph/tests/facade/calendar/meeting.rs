//! An online event and its meeting, which follow each other.

use serde_json::{Value, json};

use super::{WRITE, create, id_of, meetings_by_link, visit, weekly};
use crate::support::{Answer, Server};

#[tokio::test]
async fn an_online_event_carries_a_meeting_that_its_join_link_finds_and_follows_it() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let event = create(&server, visit()).await;
    assert_eq!(
        event.body["start"],
        json!({ "dateTime": "2026-12-01T08:00:00.0000000", "timeZone": "UTC" })
    );
    assert_eq!(event.text("/originalStartTimeZone"), "W. Europe Standard Time");
    assert_eq!(event.text("/bodyPreview"), "Bring & show papers");
    assert_eq!(event.text("/type"), "singleInstance");
    assert_eq!(
        (&event.body["isOnlineMeeting"], &event.body["onlineMeetingUrl"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(event.text("/organizer/emailAddress/address"), "anna.berg@riverside.example");
    let url = event.text("/onlineMeeting/joinUrl");
    let meeting = meetings_by_link(&server, url).await[0].clone();
    assert_ne!(meeting["id"], event.body["id"]);
    assert_eq!(
        (meeting["subject"].as_str(), meeting["startDateTime"].as_str()),
        (Some("Knee check-up"), Some("2026-12-01T08:00:00Z"))
    );
    let people = |meeting: &Value| -> Vec<String> {
        let list = meeting["participants"]["attendees"].as_array().unwrap();
        list.iter().map(|person| person["upn"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(people(&meeting), ["maria@example.org", "ben.okafor@riverside.example"]);
    // Who is invited to the meeting is asked to the event; the role that Ben was given stays when the event changes.
    let meeting_path = format!("/v1.0/me/onlineMeetings/{}", meeting["id"].as_str().unwrap());
    let participants = json!({ "participants": { "attendees": [
        { "upn": "ben.okafor@riverside.example", "role": "coorganizer" }, { "upn": "maria@example.org", "role": "attendee" },
        { "upn": "expert@example.org", "role": "attendee" },
    ] } });
    assert_eq!(server.call(&token, "PATCH", &meeting_path, Some(participants)).await.status, 200);
    let asked = server.get(&token, &format!("/v1.0/me/events/{}", id_of(&event))).await;
    let asked = asked.body["attendees"].as_array().unwrap();
    let asked: Vec<_> = asked.iter().map(|one| one["emailAddress"]["address"].as_str().unwrap()).collect();
    assert_eq!(asked, ["maria@example.org", "ben.okafor@riverside.example", "expert@example.org"]);
    let change = json!({
        "subject": "Hip check-up", "isOnlineMeeting": false, "onlineMeetingProvider": "skypeForBusiness",
        "start": { "dateTime": "2026-12-02T09:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2026-12-02T09:30:00", "timeZone": "UTC" },
        "attendees": [{ "emailAddress": { "address": "BEN.okafor@riverside.example" }, "type": "required" }],
    });
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let changed = server.call(&token, "PATCH", &path, Some(change)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (&changed.body["isOnlineMeeting"], changed.text("/onlineMeeting/joinUrl")),
        (&json!(true), url)
    );
    let meeting = meetings_by_link(&server, url).await[0].clone();
    assert_eq!(meeting["subject"], "Hip check-up");
    assert_eq!(
        (&meeting["startDateTime"], &meeting["endDateTime"]),
        (&json!("2026-12-02T09:00:00Z"), &json!("2026-12-02T09:30:00Z"))
    );
    assert_eq!(people(&meeting), ["ben.okafor@riverside.example"]);
    assert_eq!(meeting["participants"]["attendees"][0]["role"], "coorganizer");
    // Cancelling the event ends the meeting.
    assert_eq!(
        server
            .call(&token, "POST", &format!("{path}/cancel"), Some(json!({ "Comment": "Ill" })))
            .await
            .status,
        202
    );
    assert_eq!(meetings_by_link(&server, url).await, json!([]));
    assert_eq!(server.get(&token, &path).await.error(), (404, "ErrorItemNotFound", None));
    assert_eq!(server.call(&token, "DELETE", &path, None).await.error().0, 404);
}

#[tokio::test]
async fn an_event_survives_the_deletion_of_its_meeting_and_can_become_online_again() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let mut plain = visit();
    plain["isOnlineMeeting"] = json!(false);
    let event = create(&server, plain).await;
    assert_eq!(
        (&event.body["onlineMeeting"], event.text("/onlineMeetingProvider")),
        (&Value::Null, "unknown")
    );
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let online = server.call(&token, "PATCH", &path, Some(json!({ "isOnlineMeeting": true }))).await;
    let url = online.text("/onlineMeeting/joinUrl").to_owned();
    let meeting = meetings_by_link(&server, &url).await[0].clone();
    let meeting_path = format!("/v1.0/me/onlineMeetings/{}", meeting["id"].as_str().unwrap());
    assert_eq!(server.call(&token, "DELETE", &meeting_path, None).await.status, 204);
    let read = server.get(&token, &path).await;
    assert_eq!(
        (
            &read.body["isOnlineMeeting"],
            &read.body["onlineMeeting"],
            read.text("/onlineMeetingProvider")
        ),
        (&json!(false), &Value::Null, "unknown")
    );
    let renamed = server.call(&token, "PATCH", &path, Some(json!({ "subject": "Alone" }))).await;
    assert_eq!((renamed.status.as_u16(), &renamed.body["onlineMeeting"]), (200, &Value::Null));
    let changed = server
        .call(
            &token,
            "PATCH",
            &path,
            Some(json!({ "subject": "Still here", "isOnlineMeeting": true })),
        )
        .await;
    assert_eq!((changed.status.as_u16(), changed.text("/subject")), (200, "Still here"));
    let another = changed.text("/onlineMeeting/joinUrl");
    assert_ne!(another, url);
    assert_eq!(meetings_by_link(&server, another).await[0]["subject"], "Still here");
    assert_eq!(meetings_by_link(&server, &url).await, json!([]));
    assert_eq!(server.call(&token, "DELETE", &path, None).await.status, 204);
}

#[tokio::test]
async fn a_change_of_the_meeting_is_a_change_of_its_event() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let event = create(&server, visit()).await;
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let meeting = meetings_by_link(&server, event.text("/onlineMeeting/joinUrl")).await[0].clone();
    let meeting_path = format!("/v1.0/me/onlineMeetings/{}", meeting["id"].as_str().unwrap());
    let change = json!({
        "subject": "Hip check-up", "startDateTime": "2026-12-02T09:00:00Z", "endDateTime": "2026-12-02T09:30:00Z",
    });
    // Nothing but the permission on meetings is needed.
    let meetings_only = server.member(0, "OnlineMeetings.ReadWrite");
    assert_eq!(server.call(&meetings_only, "PATCH", &meeting_path, Some(change)).await.status, 200);
    let read = server.get(&token, &path).await;
    for (pointer, expected) in [
        ("/subject", "Hip check-up"),
        ("/start/dateTime", "2026-12-02T09:00:00.0000000"),
        ("/end/dateTime", "2026-12-02T09:30:00.0000000"),
        ("/originalStartTimeZone", "W. Europe Standard Time"),
    ] {
        assert_eq!(read.text(pointer), expected, "{pointer}");
    }
    assert_ne!(read.text("/changeKey"), event.text("/changeKey"));
    let years = json!({ "startDateTime": "2026-12-02T09:00:00Z", "endDateTime": "2046-12-02T09:30:00Z" });
    let refused = server.call(&token, "PATCH", &meeting_path, Some(years)).await;
    assert_eq!(refused.error(), (400, "InvalidArgument", Some("end")));
    assert_eq!(server.get(&token, &path).await.body, read.body);
}

#[tokio::test]
async fn the_meeting_of_a_series_is_recurring_and_another_is_scheduled() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let kind = |event: &Answer| {
        let url = event.text("/onlineMeeting/joinUrl").to_owned();
        let server = &server;
        async move { meetings_by_link(server, &url).await[0]["meetingType"].clone() }
    };
    assert_eq!(kind(&create(&server, visit()).await).await, "scheduled");
    let mut series = weekly(json!({ "type": "noEnd" }));
    series["isOnlineMeeting"] = json!(true);
    let series = create(&server, series).await;
    assert_eq!(kind(&series).await, "recurring");
    let path = format!("/v1.0/me/events/{}", id_of(&series));
    let single = server.call(&token, "PATCH", &path, Some(json!({ "recurrence": null }))).await;
    assert_eq!(kind(&single).await, "scheduled");
    let alone = server
        .call(&token, "POST", "/v1.0/me/onlineMeetings", Some(json!({ "subject": "alone" })))
        .await;
    assert_eq!(alone.text("/meetingType"), "scheduled");
}
