//! What no event can have.

use serde_json::{Value, json};

use super::{WRITE, visit};
use crate::support::Server;

#[tokio::test]
async fn what_no_event_can_have_is_refused_with_its_name_and_makes_nothing() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let with = |pointer: &str, value: Value| {
        let mut body = visit();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        body
    };
    let repeats = |pattern: Value, range: Value| {
        let mut body = visit();
        body["recurrence"] = json!({ "pattern": pattern, "range": range });
        body
    };
    let daily = || json!({ "type": "daily", "interval": 1 });
    let ends = || json!({ "type": "endDate", "startDate": "2026-12-01", "endDate": "2026-12-09" });
    let cases = [
        (with("/start", Value::Null), "start"),
        (with("/start/dateTime", json!("soon")), "start/dateTime"),
        (with("/start/timeZone", json!("Middle Earth Standard Time")), "start/timeZone"),
        (with("/end/dateTime", json!("2026-11-30T10:00:00")), "end"),
        (with("/end/dateTime", json!("2099-11-30T10:00:00")), "end"),
        (with("/isAllDay", json!(true)), "isAllDay"),
        (with("/isOnlineMeeting", json!("yes")), "isOnlineMeeting"),
        (with("/onlineMeetingProvider", json!("skypeForBusiness")), "onlineMeetingProvider"),
        (with("/onlineMeetingProvider", json!("unknownFutureValue")), "onlineMeetingProvider"),
        (
            with("/attendees", json!([{ "emailAddress": { "address": "no address" } }])),
            "attendees/emailAddress/address",
        ),
        (
            with(
                "/attendees",
                json!([{ "emailAddress": { "address": "a@b.example" }, "type": "boss" }]),
            ),
            "attendees/type",
        ),
        (with("/importance", json!("urgent")), "importance"),
        (with("/body", json!({ "contentType": "rtf", "content": "" })), "body"),
        (with("/attachments", json!([{ "name": "x" }])), "attachments"),
        (with("/colour", json!("red")), "colour"),
        (with("/transactionId", json!("")), "transactionId"),
        (with("/subject", json!("x".repeat(2000))), "subject"),
        (
            repeats(json!({ "type": "hourly", "interval": 1 }), ends()),
            "recurrence/pattern/type",
        ),
        (
            repeats(json!({ "type": "daily", "interval": 0 }), ends()),
            "recurrence/pattern/interval",
        ),
        (
            repeats(json!({ "type": "weekly", "interval": 1, "daysOfWeek": [] }), ends()),
            "recurrence/pattern/daysOfWeek",
        ),
        (
            repeats(json!({ "type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32 }), ends()),
            "recurrence/pattern/dayOfMonth",
        ),
        (
            repeats(
                daily(),
                json!({ "type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 1_000_000 }),
            ),
            "recurrence/range/numberOfOccurrences",
        ),
        (
            repeats(daily(), json!({ "type": "endDate", "startDate": "2026-12-01" })),
            "recurrence/range/endDate",
        ),
        (
            repeats(daily(), json!({ "type": "noEnd", "startDate": "2026-12-02" })),
            "recurrence",
        ),
        (
            repeats(
                daily(),
                json!({ "type": "endDate", "startDate": "2026-12-01", "endDate": "2026-11-01" }),
            ),
            "recurrence",
        ),
    ];
    for (body, target) in cases {
        let answer = server.call(&token, "POST", "/v1.0/me/events", Some(body.clone())).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some(target)), "{body}");
    }
    assert_eq!(server.get(&token, "/v1.0/me/events/$count").await.body, json!(0));
    assert_eq!(server.get(&token, "/v1.0/me/onlineMeetings").await.body["value"], json!([]));
    for query in [
        "",
        "startDateTime=2026-12-01T00:00:00Z",
        "startDateTime=2026-12-02T00:00:00Z&endDateTime=2026-12-01T00:00:00Z",
        "startDateTime=2026-12-02T00:00:00Z&endDateTime=2036-12-01T00:00:00Z",
    ] {
        assert_eq!(
            server.get(&token, &format!("/v1.0/me/calendarView?{query}")).await.error().0,
            400,
            "{query}"
        );
    }
}
