//! Calendar events: from creation to cancellation, with their online meeting, in every zone.

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::{Answer, ORIGIN, Server, request};

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
    // The role that Ben was given stays when the event changes, and so does somebody who was invited to the meeting itself.
    let meeting_path = format!("/v1.0/me/onlineMeetings/{}", meeting["id"].as_str().unwrap());
    let participants = json!({ "participants": { "attendees": [
        { "upn": "ben.okafor@riverside.example", "role": "coorganizer" }, { "upn": "maria@example.org", "role": "attendee" },
        { "upn": "expert@example.org", "role": "attendee" },
    ] } });
    assert_eq!(server.call(&token, "PATCH", &meeting_path, Some(participants)).await.status, 200);
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
    assert_eq!(people(&meeting), ["ben.okafor@riverside.example", "expert@example.org"]);
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
async fn an_event_survives_the_deletion_of_its_meeting_and_can_become_online_later() {
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
        (&read.body["isOnlineMeeting"], &read.body["onlineMeeting"]),
        (&json!(true), &Value::Null)
    );
    let changed = server
        .call(
            &token,
            "PATCH",
            &path,
            Some(json!({ "subject": "Still here", "isOnlineMeeting": true })),
        )
        .await;
    assert_eq!(
        (changed.status.as_u16(), changed.text("/subject"), &changed.body["onlineMeeting"]),
        (200, "Still here", &Value::Null)
    );
    assert_eq!(server.call(&token, "DELETE", &path, None).await.status, 204);
}

#[tokio::test]
async fn the_same_transaction_id_gives_the_same_event_until_it_is_cancelled() {
    let server = Server::start().await;
    let mut body = visit();
    body["transactionId"] = json!("retry-1");
    let first = create(&server, body.clone()).await;
    let again = create(&server, body.clone()).await;
    assert_eq!(first.body, again.body);
    body["transactionId"] = json!("retry-2");
    assert_ne!(id_of(&create(&server, body.clone()).await), id_of(&first));
    let count = server.get(&server.member(0, WRITE), "/v1.0/me/events/$count").await;
    assert_eq!(count.body, json!(2));
    let path = format!("/v1.0/me/events/{}", id_of(&first));
    server.call(&server.member(0, WRITE), "DELETE", &path, None).await;
    body["transactionId"] = json!("retry-1");
    assert_ne!(id_of(&create(&server, body).await), id_of(&first));
}

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
    assert_eq!(
        server
            .call(&token, "PATCH", &occurrence, Some(json!({ "subject": "x" })))
            .await
            .error(),
        (400, "InvalidArgument", Some("id"))
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
async fn times_are_shown_in_the_zone_that_the_client_prefers() {
    let server = Server::start().await;
    let event = create(&server, visit()).await;
    let ask = |zone: &'static str| {
        let request = request(&server.member(0, WRITE), "GET", &format!("/v1.0/me/events/{}", id_of(&event)))
            .header("prefer", format!("outlook.timezone=\"{zone}\", include-unknown-enum-members"))
            .body(Body::empty())
            .unwrap();
        server.send(request)
    };
    let pacific = ask("Pacific Standard Time").await;
    assert_eq!(
        pacific.body["start"],
        json!({ "dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "Pacific Standard Time" })
    );
    let applied: Vec<_> = pacific
        .headers
        .get_all("preference-applied")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert_eq!(
        applied,
        ["outlook.timezone=\"Pacific Standard Time\"", "include-unknown-enum-members"]
    );
    assert_eq!(ask("Asia/Tokyo").await.text("/start/dateTime"), "2026-12-01T17:00:00.0000000");
    assert_eq!(ask("Middle Earth").await.error(), (400, "InvalidArgument", Some("Prefer")));
    let mut days = visit();
    days["isAllDay"] = json!(true);
    days["start"] = json!({ "dateTime": "2026-12-24T00:00:00", "timeZone": "Asia/Tokyo" });
    days["end"] = json!({ "dateTime": "2026-12-25", "timeZone": "Asia/Tokyo" });
    let days = create(&server, days).await;
    assert_eq!(
        days.text("/start/dateTime"),
        "2026-12-24T00:00:00.0000000",
        "a day is the same day everywhere"
    );
}

#[tokio::test]
async fn lists_are_filtered_ordered_counted_and_paged() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    for (subject, day, online) in [("Alpha", 3, false), ("beta", 1, true), ("Gamma", 2, false)] {
        let mut body = visit();
        body["subject"] = json!(subject);
        body["isOnlineMeeting"] = json!(online);
        body["start"] = json!({ "dateTime": format!("2026-12-0{day}T09:00:00"), "timeZone": "UTC" });
        body["end"] = json!({ "dateTime": format!("2026-12-0{day}T10:00:00"), "timeZone": "UTC" });
        create(&server, body).await;
    }
    let subjects = |query: &'static str| {
        let token = token.clone();
        let server = &server;
        async move {
            let answer = server.get(&token, &format!("/v1.0/me/calendar/events?{query}")).await;
            let list = answer.body["value"]
                .as_array()
                .unwrap_or_else(|| panic!("{query}: {}", answer.body))
                .clone();
            list.iter()
                .map(|event| event["subject"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(subjects("").await, ["beta", "Gamma", "Alpha"]);
    assert_eq!(subjects("$orderby=subject%20desc").await, ["Gamma", "beta", "Alpha"]);
    assert_eq!(subjects("$orderby=start/dateTime%20desc&$top=2").await, ["Alpha", "Gamma"]);
    assert_eq!(
        subjects("$filter=start/dateTime%20ge%20'2026-12-02T09:00:00Z'").await,
        ["Gamma", "Alpha"]
    );
    assert_eq!(
        subjects("$filter=start/dateTime%20gt%20'2026-12-02T10:00:00%2B01:00'").await,
        ["Alpha"]
    );
    assert_eq!(subjects("$filter=isOnlineMeeting%20eq%20true").await, ["beta"]);
    assert_eq!(
        subjects("$filter=startswith(subject,'ga')%20or%20subject%20eq%20'Alpha'").await,
        ["Gamma", "Alpha"]
    );
    for (query, target) in [
        ("$filter=attendees%20eq%20'x'", "$filter"),
        ("$filter=start/dateTime%20ge%20'soon'", "$filter"),
        ("$orderby=body", "$orderby"),
        ("$search=%22x%22", "$search"),
        ("$expand=attachments", "$expand"),
    ] {
        let answer = server.get(&token, &format!("/v1.0/me/events?{query}")).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some(target)), "{query}");
    }
    let first = server.get(&token, "/v1.0/me/events?$top=2&$count=true&$select=subject").await;
    assert_eq!(
        (first.body["@odata.count"].as_u64(), first.body["value"].as_array().unwrap().len()),
        (Some(3), 2)
    );
    assert!(first.body["value"][0].get("body").is_none() && first.body["value"][0]["id"].is_string());
    let next = first.text("/@odata.nextLink").strip_prefix(ORIGIN).unwrap().to_owned();
    let second = server.get(&token, &next).await;
    assert_eq!(
        (second.text("/value/0/subject"), second.body.get("@odata.nextLink")),
        ("Alpha", None)
    );
    // A view keeps its bounds from page to page.
    let view = server
        .get(
            &token,
            "/v1.0/me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-03T00:00:00Z&$top=1",
        )
        .await;
    let next = view.text("/@odata.nextLink").strip_prefix(ORIGIN).unwrap().to_owned();
    let second = server.get(&token, &next).await;
    assert_eq!(
        (second.text("/value/0/subject"), second.body.get("@odata.nextLink")),
        ("Gamma", None)
    );
}

#[tokio::test]
async fn a_change_of_another_revision_is_refused() {
    let server = Server::start().await;
    let event = create(&server, visit()).await;
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let patch = |tag: String, subject: &str| {
        let request = request(&server.member(0, WRITE), "PATCH", &path)
            .header("if-match", tag)
            .body(Body::from(json!({ "subject": subject }).to_string()))
            .unwrap();
        server.send(request)
    };
    let old = event.text("/@odata.etag").to_owned();
    let changed = patch(old.clone(), "one").await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.text("/changeKey"), event.text("/changeKey"));
    assert_eq!(patch(old.clone(), "two").await.error(), (412, "ErrorIrresolvableConflict", None));
    assert_eq!(patch("\"nonsense\"".to_owned(), "two").await.error().0, 412);
    assert_eq!(patch("*".to_owned(), "three").await.status, 200);
    let delete = request(&server.member(0, WRITE), "DELETE", &path)
        .header("if-match", old)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(delete).await.error().0, 412);
    assert_eq!(server.get(&server.member(0, WRITE), &path).await.text("/subject"), "three");
}

#[tokio::test]
async fn a_calendar_is_its_owners_and_an_application_needs_the_permission_and_no_policy() {
    let server = Server::start().await;
    let event = create(&server, visit()).await;
    let anna = format!("/v1.0/users/{}", server.id(0));
    let one = format!("{anna}/events/{}", id_of(&event));
    for token in [
        server.member(1, WRITE),
        server.member(0, "OnlineMeetings.ReadWrite"),
        server.application(&["OnlineMeetings.Read.All"]),
    ] {
        for path in [
            format!("{anna}/events"),
            one.clone(),
            format!("{anna}/calendar"),
            format!("{one}/iCalendar"),
        ] {
            assert_eq!(server.get(&token, &path).await.error(), (403, "ErrorAccessDenied", None), "{path}");
        }
    }
    let reader = server.member(0, "Calendars.Read");
    assert_eq!(server.get(&reader, &one).await.status, 200);
    let body = || Some(visit());
    assert_eq!(
        server.call(&reader, "POST", "/v1.0/me/events", body()).await.error(),
        (403, "ErrorAccessDenied", None)
    );
    assert_eq!(server.call(&reader, "DELETE", &one, None).await.error().0, 403);
    // Ben's own calendar does not have Anna's event.
    let ben = server.member(1, WRITE);
    assert_eq!(server.get(&ben, &format!("/v1.0/me/events/{}", id_of(&event))).await.error().0, 404);
    let program = server.application(&["Calendars.ReadWrite"]);
    assert_eq!(server.get(&program, "/v1.0/me/events").await.error(), (400, "BadRequest", None));
    let by_name = "/v1.0/users/anna.berg%40riverside.example/events";
    let made = server.call(&program, "POST", by_name, body()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.headers.get("location").unwrap().to_str().unwrap().ends_with(made.text("/id")));
    let nobody = "/v1.0/users/00000000-0000-4000-8000-000000000000/events";
    assert_eq!(server.get(&program, nobody).await.error(), (404, "Request_ResourceNotFound", None));
}

#[tokio::test]
async fn a_member_has_one_calendar_under_three_addresses() {
    let server = Server::start().await;
    let token = server.member(0, WRITE);
    let list = server.get(&token, "/v1.0/me/calendars").await;
    let id = list.text("/value/0/id").to_owned();
    assert_eq!(list.body["value"].as_array().unwrap().len(), 1);
    let calendar = server.get(&token, "/v1.0/me/calendar").await;
    assert_eq!(calendar.text("/id"), id);
    assert_eq!(calendar.body["allowedOnlineMeetingProviders"], json!(["teamsForBusiness"]));
    assert_eq!(calendar.text("/defaultOnlineMeetingProvider"), "teamsForBusiness");
    assert_eq!(server.get(&token, &format!("/v1.0/me/calendars/{id}")).await.status, 200);
    let made = server
        .call(&token, "POST", &format!("/v1.0/me/calendars/{id}/events"), Some(visit()))
        .await;
    assert_eq!(made.status, 201);
    for path in [
        "me/events".to_owned(),
        "me/calendar/events".to_owned(),
        format!("me/calendars/{id}/events"),
    ] {
        assert_eq!(
            server.get(&token, &format!("/v1.0/{path}")).await.text("/value/0/id"),
            id_of(&made),
            "{path}"
        );
    }
    assert_eq!(
        server
            .get(&token, &format!("/v1.0/me/events/{}/calendar", id_of(&made)))
            .await
            .text("/id"),
        id
    );
    assert_eq!(
        server.get(&token, "/v1.0/me/calendars/other/events").await.error(),
        (404, "ErrorItemNotFound", None)
    );
    let made = server
        .call(&token, "POST", "/v1.0/me/calendars", Some(json!({ "name": "x" })))
        .await;
    assert_eq!((made.error().0, made.headers.get("allow").unwrap().to_str().unwrap()), (405, "GET"));
}

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
