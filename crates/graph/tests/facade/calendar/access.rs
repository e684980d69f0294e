//! Whose calendar it is, and its addresses.

use serde_json::json;

use super::{WRITE, create, id_of, visit};
use crate::support::Server;

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
