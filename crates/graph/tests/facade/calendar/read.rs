//! Times in every zone; lists that are filtered, ordered and paged.

use axum::body::Body;
use serde_json::json;

use super::{WRITE, create, id_of, visit};
use crate::support::{ORIGIN, Server, request};

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
