//! The directory: filters, searches, orders, pages and counts.

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::{Answer, ORIGIN, Server, request};

async fn eventual(server: &Server, token: &str, target: &str) -> Answer {
    let request = request(token, "GET", target).header("consistencylevel", "eventual");
    server.send(request.body(Body::empty()).unwrap()).await
}

fn names(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let people = answer.body["value"].as_array().unwrap();
    people.iter().map(|person| person["givenName"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn members_are_filtered_by_what_they_are() {
    let server = Server::start().await;
    let token = server.application(&["User.Read.All"]);
    for (filter, found) in [
        ("startswith(displayName,'an')", vec!["Anna"]),
        ("userPrincipalName eq 'BEN.OKAFOR@riverside.example'", vec!["Ben"]),
        ("mail eq 'nobody@riverside.example'", vec![]),
        ("givenName in ('Ben','Clara') and accountEnabled eq true", vec!["Ben", "Clara"]),
        ("not (surname eq 'Berg') and endswith(mail,'.example')", vec!["Ben", "Clara"]),
        ("userType eq 'Guest'", vec![]),
    ] {
        let target = format!("/v1.0/users?$filter={}", filter.replace(' ', "%20"));
        assert_eq!(names(&server.get(&token, &target).await), found, "{filter}");
    }
    for filter in ["shoeSize%20eq%2043", "displayName", "startswith(displayName,'a'"] {
        let answer = server.get(&token, &format!("/v1.0/users?$filter={filter}")).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some("$filter")), "{filter}");
    }
}

#[tokio::test]
async fn members_are_ordered_and_paged_with_absolute_links() {
    let server = Server::start().await;
    let token = server.application(&["User.Read.All"]);
    let sorted = server
        .get(&token, "/v1.0/users?$orderby=givenName%20desc&$select=givenName&$top=2&$count=true")
        .await;
    assert_eq!((names(&sorted), &sorted.body["@odata.count"]), (vec!["Clara", "Ben"], &json!(3)));
    let next = sorted.text("/@odata.nextLink").strip_prefix(ORIGIN).unwrap();
    let rest = server.get(&token, next).await;
    assert_eq!((names(&rest), rest.body.get("@odata.nextLink")), (vec!["Anna"], None));
    assert_eq!(rest.body["value"][0].as_object().unwrap().len(), 2);
    assert_eq!(
        server.get(&token, "/v1.0/users?$orderby=shoeSize").await.error(),
        (400, "InvalidArgument", Some("$orderby"))
    );
}

#[tokio::test]
async fn searches_and_bare_counts_need_their_header() {
    let server = Server::start().await;
    let token = server.application(&["User.Read.All"]);
    let search = "/v1.0/users?$search=%22displayName:berg%22%20OR%20%22mail:ben%22";
    assert_eq!(names(&eventual(&server, &token, search).await), ["Anna", "Ben"]);
    for target in [search, "/v1.0/users/$count"] {
        assert_eq!(
            server.get(&token, target).await.error(),
            (400, "InvalidArgument", Some("ConsistencyLevel")),
            "{target}"
        );
    }
    assert_eq!(
        eventual(&server, &token, "/v1.0/users?$search=berg").await.error(),
        (400, "InvalidArgument", Some("$search"))
    );
    let count = eventual(&server, &token, "/v1.0/users/$count?$filter=startswith(givenName,'b')").await;
    assert_eq!((count.status.as_u16(), &count.body), (200, &json!(1)));
    assert_eq!(count.headers.get("content-type").unwrap(), "text/plain");
    assert_eq!(eventual(&server, &token, "/v1.0/users/$count").await.body, json!(3));
    let stranger = server.member(0, "User.Read");
    assert_eq!(
        eventual(&server, &stranger, "/v1.0/users/$count").await.error(),
        (403, "Forbidden", None)
    );
}

#[tokio::test]
async fn the_basic_permission_shows_name_and_addresses_only() {
    let server = Server::start().await;
    let ben = format!("/v1.0/users/{}", server.id(1));
    let basic = server.get(&server.member(0, "User.ReadBasic.All"), &ben).await;
    let full = server.get(&server.member(0, "User.Read.All"), &ben).await;
    assert_eq!(
        (basic.text("/displayName"), basic.text("/mail")),
        (full.text("/displayName"), full.text("/mail"))
    );
    assert!(full.body["jobTitle"].is_string());
    assert_eq!((&basic.body["jobTitle"], &basic.body["businessPhones"]), (&Value::Null, &json!([])));
    let asked = format!("{ben}?$select=accountEnabled,department");
    let basic = server.get(&server.member(0, "User.ReadBasic.All"), &asked).await;
    assert_eq!(
        (&basic.body["accountEnabled"], &basic.body["department"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        server
            .get(&server.member(0, "User.ReadBasic.All"), "/v1.0/users?$filter=jobTitle%20eq%20'x'")
            .await
            .error(),
        (400, "InvalidArgument", Some("$filter"))
    );
}
