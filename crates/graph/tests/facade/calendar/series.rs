//! Series, their occurrences and what is changed of one.

use serde_json::json;

use super::{WRITE, create, id_of, times, visit, weekly};
use crate::support::Server;

#[tokio::test]
async fn a_view_shows_the_occurrences_of_a_series_at_the_same_time_of_day_across_a_clock_change() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let series = create(&server, weekly(json!({ "type": "endDate", "endDate": "2026-11-10" }))).await;
    assert_eq!(series.text("/type"), "seriesMaster");
    assert_eq!(series.text("/recurrence/range/recurrenceTimeZone"), "Europe/Berlin");
    create(&server, visit()).await;
    let view = "/v1.0/me/calendarView?startDateTime=2026-10-21T00:00:00Z&endDateTime=2026-12-31T00:00:00Z";
    let listed = server.get(&token, view).await;
    assert_eq!(
        times(&listed),
        [
            "2026-10-27T08:00:00.0000000",
            "2026-11-03T08:00:00.0000000",
            "2026-11-10T08:00:00.0000000",
            "2026-12-01T08:00:00.0000000"
        ]
    );
    assert_eq!(listed.text("/value/0/type"), "occurrence");
    assert_eq!(listed.text("/value/0/seriesMasterId"), id_of(&series));
    let before = "/v1.0/me/calendarView?startDateTime=2026-10-20T07:30:00Z&endDateTime=2026-10-20T08:00:00Z";
    assert_eq!(
        times(&server.get(&token, before).await),
        Vec::<String>::new(),
        "it ended at half past seven UTC"
    );
    let during = "/v1.0/me/calendarView?startDateTime=2026-10-20T07:29:00Z&endDateTime=2026-10-20T08:00:00Z";
    assert_eq!(times(&server.get(&token, during).await), ["2026-10-20T07:00:00.0000000"]);
    // One occurrence is read and cancelled by its id; the others stay.
    let occurrence = format!("/v1.0/me/events/{}", listed.text("/value/1/id"));
    assert_eq!(
        server.get(&token, &occurrence).await.text("/start/dateTime"),
        "2026-11-03T08:00:00.0000000"
    );
    assert_eq!(server.call(&token, "DELETE", &occurrence, None).await.status, 204);
    assert_eq!(server.get(&token, &occurrence).await.error().0, 404);
    let path = format!("/v1.0/me/events/{}", id_of(&series));
    assert_eq!(
        server
            .get(&token, &format!("{path}/instances?endDateTime=2027-01-01"))
            .await
            .error(),
        (400, "InvalidArgument", Some("startDateTime"))
    );
    let instances = format!("{path}/instances?startDateTime=2026-10-01&endDateTime=2027-01-01T00:00:00%2B01:00");
    assert_eq!(
        times(&server.get(&token, &instances).await),
        [
            "2026-10-20T07:00:00.0000000",
            "2026-10-27T08:00:00.0000000",
            "2026-11-10T08:00:00.0000000"
        ]
    );
    let master = server.get(&token, &format!("{path}?$select=id,cancelledOccurrences")).await;
    assert_eq!(master.body["cancelledOccurrences"].as_array().unwrap().len(), 1);
    let beyond = format!("/v1.0/me/events/{}.20261104", id_of(&series));
    assert_eq!(server.get(&token, &beyond).await.error().0, 404, "no occurrence on a Wednesday");
}

#[tokio::test]
async fn one_occurrence_is_changed_and_shown_as_an_exception_until_the_series_has_another_pattern() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let mut body = weekly(json!({ "type": "endDate", "endDate": "2026-11-10" }));
    body["attendees"] = visit()["attendees"].clone();
    let series = create(&server, body).await;
    let path = format!("/v1.0/me/events/{}", id_of(&series));
    let one = format!("{path}.20261103");
    let patch = json!({
        "subject": "Round, long", "body": { "contentType": "html", "content": "<b>Slides</b>" },
        "start": { "dateTime": "2026-11-04T13:00:00", "timeZone": "UTC" }, "end": { "dateTime": "2026-11-04T15:00:00", "timeZone": "UTC" },
        "location": { "displayName": "Hall" }, "importance": "high", "isOnlineMeeting": false, "recurrence": null,
        "attendees": series.body["attendees"], "type": "occurrence",
    });
    let changed = server.call(&token, "PATCH", &one, Some(patch)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    for (pointer, expected) in [
        ("/type", "exception"),
        ("/seriesMasterId", id_of(&series).as_str()),
        ("/subject", "Round, long"),
        ("/bodyPreview", "Slides"),
        ("/body/contentType", "html"),
        ("/start/dateTime", "2026-11-04T13:00:00.0000000"),
        ("/end/dateTime", "2026-11-04T15:00:00.0000000"),
        ("/originalStart", "2026-11-03T08:00:00Z"),
        ("/location/displayName", "Hall"),
        ("/importance", "high"),
    ] {
        assert_eq!(changed.text(pointer), expected, "{pointer}");
    }
    assert_eq!(server.get(&token, &one).await.body["subject"], changed.body["subject"]);
    let master = server.get(&token, &path).await;
    assert_eq!(
        (master.text("/subject"), master.text("/importance"), master.text("/type")),
        ("Round", "normal", "seriesMaster")
    );
    let bounds = "startDateTime=2026-10-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z";
    for list in [format!("/v1.0/me/calendarView?{bounds}"), format!("{path}/instances?{bounds}")] {
        let listed = server.get(&token, &list).await;
        assert_eq!(
            times(&listed),
            [
                "2026-10-20T07:00:00.0000000",
                "2026-10-27T08:00:00.0000000",
                "2026-11-04T13:00:00.0000000",
                "2026-11-10T08:00:00.0000000"
            ]
        );
        let filter = "type%20eq%20'exception'%20and%20subject%20eq%20'Round,%20long'";
        let filtered = server.get(&token, &format!("{list}&$filter={filter}")).await;
        assert_eq!(times(&filtered), ["2026-11-04T13:00:00.0000000"]);
    }
    for (patch, target) in [
        (json!({ "attendees": [] }), "attendees"),
        (json!({ "isOnlineMeeting": true }), "isOnlineMeeting"),
        (json!({ "recurrence": series.body["recurrence"] }), "recurrence"),
        (json!({ "start": { "dateTime": "2026-11-04T16:00:00", "timeZone": "UTC" } }), "end"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        let refused = server.call(&token, "PATCH", &one, Some(patch)).await;
        assert_eq!(refused.error(), (400, "InvalidArgument", Some(target)));
    }
    let nowhere = server
        .call(&token, "PATCH", &format!("{path}.20261104"), Some(json!({ "subject": "x" })))
        .await;
    assert_eq!(nowhere.error(), (404, "ErrorItemNotFound", None));
    let other = json!({ "recurrence": {
        "pattern": { "type": "weekly", "interval": 1, "daysOfWeek": ["tuesday", "friday"] },
        "range": { "type": "endDate", "startDate": "2026-10-20", "endDate": "2026-11-10" },
    } });
    assert_eq!(server.call(&token, "PATCH", &path, Some(other)).await.status, 200);
    let forgotten = server.get(&token, &one).await;
    assert_eq!((forgotten.text("/type"), forgotten.text("/subject")), ("occurrence", "Round"));
}
