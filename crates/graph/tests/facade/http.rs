//! What holds for every request: ids, CORS, limits, and that no input makes the facade fail.

use crate::support::{ORIGIN, SECURE_ORIGIN, Server, request};
use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use serde_json::json;

#[tokio::test]
async fn unknown_paths_and_verbs_are_refused_in_json() {
    let server = Server::start().await;
    for path in ["/v1.0", "/v1.0/", "/v1.0/me/messages", "/v1.0/me/onlineMeetings/a/b/c"] {
        assert_eq!(
            server.get(&server.organizer(), path).await.error(),
            (404, "ResourceNotFound", None),
            "{path}"
        );
    }
    let answer = server
        .call(&server.organizer(), "PUT", "/v1.0/me/onlineMeetings", Some(json!({})))
        .await;
    assert_eq!(answer.error(), (405, "Request_BadRequest", None));
    assert_eq!(answer.headers.get("allow").unwrap(), "GET, POST");
}

#[tokio::test]
async fn the_clients_request_id_is_given_back() {
    let server = Server::start().await;
    let named = request(&server.organizer(), "GET", "/v1.0/me/nothing")
        .header("client-request-id", "abc-1")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(named).await;
    assert_eq!(answer.error().0, 404);
    assert_eq!(answer.headers.get("client-request-id").unwrap(), "abc-1");
    assert_ne!(answer.headers.get("request-id").unwrap(), "abc-1");
}

#[tokio::test]
async fn addresses_follow_a_known_origin_and_never_a_foreign_one() {
    let server = Server::start().await;
    let context = async |host: &str| {
        let mut request = request(&server.organizer(), "GET", "/v1.0/me").body(Body::empty()).unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        server.send(request).await.text("/@odata.context").to_owned()
    };
    assert!(context("127.0.0.1:8080").await.starts_with(ORIGIN));
    assert!(context("LOCALHOST:8443").await.starts_with(SECURE_ORIGIN));
    assert!(context("evil.example").await.starts_with(ORIGIN));
}

#[tokio::test]
async fn an_oversized_body_is_refused_and_a_large_one_is_read() {
    let server = Server::start().await;
    let send = |length: usize| {
        let body = format!("{{}}{}", " ".repeat(length - 2));
        server.send(
            request(&server.organizer(), "POST", "/v1.0/me/onlineMeetings")
                .body(Body::from(body))
                .unwrap(),
        )
    };
    assert_eq!(send(1024 * 1024).await.status, 201);
    assert_eq!(send(1024 * 1024 + 1).await.error(), (413, "RequestEntityTooLarge", None));
}

#[tokio::test]
async fn a_preflight_needs_no_token_and_refusals_carry_the_cors_headers() {
    let server = Server::start().await;
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/v1.0/me/onlineMeetings")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type,client-request-id,sdkversion,prefer,consistencylevel",
        )
        .body(Body::empty())
        .unwrap();
    let answer = server.send(preflight).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.headers.get("access-control-allow-origin").unwrap(), "*");
    assert!(
        answer
            .headers
            .get("access-control-allow-headers")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("sdkversion")
    );
    assert!(
        answer
            .headers
            .get("access-control-allow-methods")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("PATCH")
    );

    let refused = Request::builder()
        .uri("/v1.0/me")
        .header("origin", "https://app.example")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(refused).await;
    assert_eq!(answer.error().0, 401);
    assert_eq!(answer.headers.get("access-control-allow-origin").unwrap(), "*");
    assert!(
        answer
            .headers
            .get("access-control-expose-headers")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("request-id")
    );
}

#[test]
fn no_request_makes_the_facade_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let token = server.organizer();
    let methods = prop_oneof![Just("POST"), Just("GET"), Just("DELETE"), Just("PATCH"), Just("HEAD")];
    let paths = prop_oneof![
        "/[!-~]{0,60}",
        "/(me|users/[a-z0-9%@]{0,12})/onlineMeetings(/[!-~]{0,40})?",
        "/me/onlineMeetings\\?(\\$filter|%24filter|\\$top|\\$skip|\\$select)=[!-~]{0,60}",
        "/me/onlineMeetings\\?\\$filter=JoinWebUrl%20eq%20'[!-&(-~]{0,60}'",
        "/users\\?(\\$filter|\\$search|\\$orderby|\\$expand)=(displayName|%20|eq|and|not|startswith|[(),'%22:a-z]){0,20}",
        "/me/onlineMeetings/x/(attendanceReports|recordings|getVirtualAppointmentJoinWebUrl)[!-~]{0,30}",
        "/\\$batch",
    ];
    let bodies = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        r#"\{"(subject|startDateTime|endDateTime|participants|lobbyBypassSettings|broadcastSettings)":[\[\]"a-z,0-9{}:TZ-]{0,60}\}"#
            .prop_map(String::into_bytes),
        r#"\{"requests":\[(\{"id":"[a-c]","method":"(GET|POST)","url":"[!#-\[\]-~]{0,30}","dependsOn":\["[a-c]"\]\},?){0,3}\]\}"#
            .prop_map(String::into_bytes),
        (-999_999i64..999_999).prop_map(|year| {
            json!({ "startDateTime": format!("{year:07}-01-01T00:00:00Z"), "endDateTime": "9999-12-30T00:00:00Z" })
                .to_string()
                .into_bytes()
        }),
    ];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&(methods, paths, bodies), |(method, path, body)| {
            let target = format!("/v1.0{path}");
            if target.parse::<http::Uri>().is_err() {
                return Ok(());
            }
            let answer = runtime.block_on(server.send(request(&token, method, &target).body(Body::from(body)).unwrap()));
            prop_assert!(!answer.status.is_server_error(), "{method} {target}: {answer:?}");
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_refused_token_says_which_check_failed() {
    let server = Server::start().await;
    for (token, finer) in [("nonsense", "MalformedToken"), ("e30.e30.e30", "MalformedToken")] {
        let answer = server.get(token, "/v1.0/me").await;
        assert_eq!(answer.error(), (401, "InvalidAuthenticationToken", None));
        assert_eq!(answer.text("/error/innerError/code"), finer);
    }
}

#[tokio::test]
async fn a_head_request_is_answered_as_a_get() {
    let server = Server::start().await;
    let answer = server.call(&server.organizer(), "HEAD", "/v1.0/me", None).await;
    assert_eq!(answer.status, 200);
    let answer = server.call(&server.organizer(), "HEAD", "/v1.0/me/nothing", None).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn an_options_request_needs_no_token() {
    let server = Server::start().await;
    let bare = Request::builder()
        .method("OPTIONS")
        .uri("/v1.0/me/onlineMeetings")
        .body(Body::empty())
        .unwrap();
    assert!(server.send(bare).await.status.is_success());
}
