//! Which paths are pages, and what every other path answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use axum::{
    body::Body,
    http::{Method, Request},
};
use house::{House, client::Answer};

async fn ask(house: &House, method: Method, path: &str, accept: Option<&str>) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("origin", "https://elsewhere.example");
    if let Some(accept) = accept {
        request = request.header("accept", accept);
    }
    house.http().send(request.body(Body::empty()).unwrap()).await
}

const BROWSER: Option<&str> = Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

#[tokio::test]
async fn pages_are_for_those_who_read_html() {
    let house = House::start().await;
    for path in [
        "/",
        "/admin",
        "/join",
        "/meet/123?p=abc",
        "/meetings/x%3D",
        "/l/meetup-join/19%3ameeting_x%40thread.v2/0",
    ] {
        for accept in [BROWSER, Some("*/*"), None] {
            let page = ask(&house, Method::GET, path, accept).await;
            assert!(page.header("content-type").starts_with("text/html"), "{path} {accept:?}");
            assert_eq!(page.status, 200);
        }
        let head = ask(&house, Method::HEAD, path, BROWSER).await;
        assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""), "{path}");
    }
    for path in ["/admin", "/meet/123"] {
        assert_eq!(
            ask(&house, Method::GET, path, Some("application/json")).await.refused(404),
            "notFound"
        );
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = ask(&house, method, path, BROWSER).await;
            assert_eq!(answer.refused(405), "methodNotAllowed");
            assert_eq!(answer.header("allow"), "GET, HEAD");
        }
    }
}

#[tokio::test]
async fn what_no_api_serves_is_not_found_and_any_page_can_read_that() {
    let house = House::start().await;
    for path in [
        "/Rooms",
        "/networktraversal/x",
        "/ACCESS/entra/assignments",
        "/calling/callConnections",
        "/beta/me",
        "/health/nothing",
        "/signal/more",
        "/assets/nothing.js",
        "/some-tenant/oauth2/v2.0/nothing",
        "/some-tenant/v2.0/nothing",
    ] {
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let answer = ask(&house, method.clone(), path, BROWSER).await;
            assert_eq!(answer.refused(404), "notFound", "{method} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{method} {path}");
        }
    }
    let preflight = Request::options("/calling/callConnections")
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization");
    let preflight = house.http().send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-methods"), "PATCH");
    assert_eq!(preflight.header("access-control-allow-headers"), "authorization");
}
