//! What holds for every request of the identity API: headers, CORS, limits, and that no input makes it fail.

use crate::support::Server;
use axum::body::Body;
use http::Request;
use proptest::prelude::*;

#[tokio::test]
async fn every_answer_carries_the_request_id_a_correlation_and_the_versions() {
    let server = Server::start().await;
    for (method, target) in [
        ("POST", "/identities?api-version=ApiVersion.V9"),
        ("GET", "/identities"),
        ("POST", "/identities/x/y/z"),
    ] {
        let answer = server.signed(method, target, "").await;
        assert_eq!(
            answer.headers.get("x-ms-client-request-id").unwrap(),
            "11111111-2222-3333-4444-555555555555"
        );
        assert!(answer.headers.get("ms-cv").is_some());
        assert!(
            answer
                .headers
                .get("api-supported-versions")
                .unwrap()
                .to_str()
                .unwrap()
                .contains("2023-10-01")
        );
    }
}

#[tokio::test]
async fn each_part_names_its_own_versions_and_takes_any() {
    let server = Server::start().await;
    for (method, target, version) in [
        ("POST", "/identities?api-version=1", "2023-10-01"),
        ("POST", "/teamsUser/:exchangeAccessToken", "2022-06-01"),
        ("GET", "/rooms?api-version=ApiVersion.V2025_03_13", "2025-03-13"),
        ("GET", "//rooms?api-version=", "2024-04-15"),
        (
            "POST",
            "/networkTraversal/:issueRelayConfiguration?api-version=x",
            "2022-03-01-preview",
        ),
        ("POST", "/access/entra/:exchangeAccessToken", "2025-03-02-preview"),
        ("POST", "/access/teamsExtension/:exchangeAccessToken", "2025-06-30"),
    ] {
        let answer = server.signed(method, target, "").await;
        let versions = answer.headers.get("api-supported-versions").unwrap().to_str().unwrap();
        assert!(versions.contains(version), "{target}: {versions}");
    }
}

#[tokio::test]
async fn a_deletion_with_an_empty_json_body_and_a_length_is_one_and_answers_without_a_body() {
    let server = Server::start().await;
    let id = server.identity().await;
    let mut request = server.sign("DELETE", &format!("/identities/{id}"), "", &server.accounts.access_key);
    request.headers_mut().insert("content-length", http::HeaderValue::from_static("0"));
    let answer = server.send(request).await;
    assert_eq!((answer.status.as_u16(), answer.body), (204, serde_json::Value::Null));
    assert!(answer.headers.get("content-type").is_none());
}

#[tokio::test]
async fn doubled_slashes_and_escaped_verbs_reach_the_same_operation() {
    let server = Server::start().await;
    let id = server.identity().await;
    for target in [
        format!("//identities/{id}/:issueAccessToken?api-version=2023-10-01"),
        format!("/identities/{id}/%3AissueAccessToken"),
        format!("/identities/{}/:issueAccessToken", id.replace("%3A", ":")),
        format!("/identities/{id}//:issueAccessToken/"),
    ] {
        let answer = server.signed("POST", &target, r#"{"scopes":["chat"]}"#).await;
        assert_eq!(answer.status, 200, "{target}: {:?}", answer.body);
    }
    assert_eq!(server.signed("POST", "//identities", "").await.status, 201);
    assert_eq!(server.signed("POST", "/identities/", "").await.status, 201);
}

#[tokio::test]
async fn unknown_paths_and_verbs_are_refused_in_json() {
    let server = Server::start().await;
    assert_eq!(
        server.signed("POST", "/identities/a/:other", "").await.error(),
        (404, "NotFound", None)
    );
    let answer = server.signed("GET", "/identities", "").await;
    assert_eq!(answer.error(), (405, "MethodNotAllowed", None));
    assert_eq!(answer.headers.get("allow").unwrap(), "POST");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let server = Server::start().await;
    let padded = |length: usize| format!("{{}}{}", " ".repeat(length - 2));
    assert_eq!(server.signed("POST", "/identities", &padded(64 * 1024)).await.status, 201);
    assert_eq!(
        server.signed("POST", "/identities", &padded(64 * 1024 + 1)).await.error(),
        (413, "RequestEntityTooLarge", None)
    );
}

#[tokio::test]
async fn a_preflight_needs_no_credential_and_refusals_carry_the_cors_headers() {
    let server = Server::start().await;
    let preflight = Request::builder()
        .method("OPTIONS")
        .uri("/identities?api-version=2023-10-01")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,x-ms-content-sha256,x-ms-date")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(preflight).await;
    assert!(answer.status.is_success());
    assert_eq!(answer.headers.get("access-control-allow-origin").unwrap(), "*");
    assert_eq!(
        answer.headers.get("access-control-allow-headers").unwrap(),
        "authorization,x-ms-content-sha256,x-ms-date"
    );
    assert!(
        answer
            .headers
            .get("access-control-allow-methods")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("DELETE")
    );
    assert!(answer.headers.get("access-control-max-age").is_some());

    let refused = Request::builder()
        .method("POST")
        .uri("/identities")
        .header("origin", "https://app.example")
        .body(Body::empty())
        .unwrap();
    let answer = server.send(refused).await;
    assert_eq!(answer.error(), (401, "Unauthorized", None));
    assert_eq!(answer.headers.get("access-control-allow-origin").unwrap(), "*");
    let exposed = answer.headers.get("access-control-expose-headers").unwrap().to_str().unwrap();
    for name in [
        "x-ms-error-code",
        "retry-after",
        "retry-after-ms",
        "x-ms-retry-after-ms",
        "x-ms-client-request-id",
        "ms-cv",
        "location",
        "repeatability-result",
    ] {
        assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name} in {exposed}");
    }
}

#[test]
fn no_request_makes_the_facade_fail() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let methods = prop_oneof![Just("POST"), Just("GET"), Just("DELETE"), Just("PATCH"), Just("HEAD")];
    let tails = prop_oneof![
        "[!-~]{0,60}",
        "/8%3Aacs%3A[!-~]{0,30}/:(issueAccessToken|revokeAccessTokens)",
        "/8:acs:[a-z_:%]{0,30}",
        "/participants\\?skipToken=[-_0-9a-zA-Z%]{0,30}",
        "(\\?skipToken=-?[0-9]{0,20}_[0-9]{15,19})?",
    ];
    let bodies = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        r#"\{"(scopes|createTokenWithScopes)":[\[\]"a-z,0-9{}:]{0,30},"expiresInMinutes":[-0-9.eE"a-z]{0,20}\}"#
            .prop_map(String::into_bytes),
        r#"\{"(validFrom|validUntil|participants|pstnDialOutEnabled)":("-?[0-9]{4,6}-[01][0-9]-[0-3][0-9]T00:00:00Z"|\{"8:[a-z:0-9]{0,20}":(null|\{"role":"[A-Z]?"\})\}|-?[0-9]{1,20}),"ttl":-?[0-9]{1,12}\}"#
            .prop_map(String::into_bytes),
    ];
    let roots = prop_oneof![
        Just("/identities"),
        Just("/teamsUser"),
        Just("//identities"),
        Just("/rooms"),
        Just("/rooms/99199690362660524"),
        Just("/networkTraversal/:issueRelayConfiguration"),
        Just("/access/entra/:exchangeAccessToken"),
    ];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(
            &(methods, roots, tails, bodies, any::<bool>()),
            |(method, root, tail, body, signed)| {
                let target = format!("{root}{tail}");
                let text = String::from_utf8_lossy(&body).into_owned();
                if target.parse::<http::Uri>().is_err() {
                    return Ok(());
                }
                let request = if signed {
                    server.sign(method, &target, &text, &server.accounts.access_key)
                } else {
                    Request::builder().method(method).uri(&target).body(Body::from(body)).unwrap()
                };
                let answer = runtime.block_on(server.send(request));
                prop_assert!(!answer.status.is_server_error(), "{method} {target}: {answer:?}");
                Ok(())
            },
        )
        .unwrap();
}
