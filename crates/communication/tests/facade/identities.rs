//! Every operation of the identity API over a real store: how it succeeds and how it typically fails.

use crate::support::{ORIGIN, Server};
use app::TokenError;
use serde_json::{Value, json};

const VERSION: &str = "api-version=2023-10-01";

/// The claims of a token, read as strictly as the pickiest client does: standard base64 of ASCII.
fn claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    let payload = STANDARD_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    assert!(payload.is_ascii());
    serde_json::from_slice(&payload).unwrap()
}

#[tokio::test]
async fn an_empty_or_null_body_makes_an_identity_without_a_token() {
    let server = Server::start().await;
    for body in [
        "",
        "{}",
        r#"{"createTokenWithScopes":null,"expiresInMinutes":null}"#,
        r#"{"createTokenWithScopes":[],"new":1}"#,
    ] {
        let answer = server.signed("POST", "/identities?api-version=2023-10-01", body).await;
        assert_eq!(answer.status, 201, "{body}: {:?}", answer.body);
        let id = answer.body["identity"]["id"].as_str().unwrap();
        assert!(id.starts_with(&format!("8:acs:{}_", server.accounts.tenant.resource_id)), "{id}");
        assert_eq!((id.matches(':').count(), id.matches('_').count()), (2, 1));
        assert!(answer.body.get("accessToken").is_none());
    }
}

#[tokio::test]
async fn scopes_make_a_token_with_the_identity() {
    let server = Server::start().await;
    let body = r#"{"createTokenWithScopes":["chat","voip"],"expiresInMinutes":60}"#;
    let answer = server.signed("POST", "/identities?api-version=2023-10-01", body).await;
    assert_eq!(answer.status, 201);
    let token = &answer.body["accessToken"];
    let claims = claims(token["token"].as_str().unwrap());
    assert_eq!(
        format!("8:{}", claims["skypeid"].as_str().unwrap()),
        answer.body["identity"]["id"].as_str().unwrap()
    );
    assert_eq!(claims["acsScope"], "chat,voip");
    assert_eq!(claims["exp"], server.now() / 1_000_000 + 3600);
    assert_eq!(claims["anteroomSignal"], "ws://127.0.0.1:8080/signal");
    assert_eq!(token["expiresOn"], "2026-11-22T13:17:30Z");
}

#[tokio::test]
async fn a_refused_creation_says_which_field_is_wrong() {
    let server = Server::start().await;
    for (body, target) in [
        (r#"{"createTokenWithScopes":["video"]}"#, "CreateTokenWithScopes"),
        (r#"{"createTokenWithScopes":["voip"],"expiresInMinutes":59}"#, "ExpiresInMinutes"),
        (r#"{"createTokenWithScopes":["voip"],"expiresInMinutes":1441}"#, "ExpiresInMinutes"),
    ] {
        let answer = server.signed("POST", "/identities?api-version=2023-10-01", body).await;
        assert_eq!(answer.error(), (400, "ValidationError", Some(target)), "{body}");
    }
    let answer = server.signed("POST", "/identities", "{").await;
    assert_eq!(answer.error(), (400, "BadRequest", None));
}

#[tokio::test]
async fn tokens_are_issued_for_a_known_identity_with_scopes_only() {
    let server = Server::start().await;
    let id = server.identity().await;
    let issue = format!("/identities/{id}/:issueAccessToken?{VERSION}");
    for minutes in [
        "",
        r#","expiresInMinutes":60"#,
        r#","expiresInMinutes":1440"#,
        r#","expiresInMinutes":null"#,
    ] {
        let answer = server.signed("POST", &issue, &format!(r#"{{"scopes":["voip"]{minutes}}}"#)).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        assert_eq!(claims(answer.body["token"].as_str().unwrap())["acsScope"], "voip");
    }
    for body in ["", r#"{"scopes":null}"#, r#"{"scopes":[]}"#, r#"{"scopes":["x"]}"#] {
        assert_eq!(
            server.signed("POST", &issue, body).await.error(),
            (400, "ValidationError", Some("Scopes")),
            "{body}"
        );
    }
    let short = server.signed("POST", &issue, r#"{"scopes":["voip"],"expiresInMinutes":59}"#).await;
    assert_eq!(short.error(), (400, "ValidationError", Some("ExpiresInMinutes")));
    let resource = &server.accounts.tenant.resource_id;
    for unknown in [
        format!("8:acs:{resource}_nobody"),
        "8:acs:other_user".to_owned(),
        "8:teamsvisitor:x".to_owned(),
        "x".to_owned(),
    ] {
        let answer = server
            .signed(
                "POST",
                &format!("/identities/{unknown}/:issueAccessToken"),
                r#"{"scopes":["voip"]}"#,
            )
            .await;
        assert_eq!(answer.error(), (404, "IdentityNotFound", None), "{unknown}");
    }
}

#[tokio::test]
async fn a_revoked_token_stops_working_and_a_later_one_works() {
    let server = Server::start().await;
    let id = server.identity().await;
    let issue = format!("/identities/{id}/:issueAccessToken?{VERSION}");
    let token = server.signed("POST", &issue, r#"{"scopes":["voip"]}"#).await.body["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(server.app.connect_identity(&token).await.is_ok());
    let answer = server
        .signed("POST", &format!("/identities/{id}/:revokeAccessTokens?{VERSION}"), "")
        .await;
    assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    assert!(matches!(server.app.connect_identity(&token).await, Err(TokenError::Revoked)));
    let later = server.signed("POST", &issue, r#"{"scopes":["voip"]}"#).await.body["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(server.app.connect_identity(&later).await.is_ok());
    let unknown = format!(
        "/identities/8%3Aacs%3A{}_nobody/:revokeAccessTokens",
        server.accounts.tenant.resource_id
    );
    assert_eq!(server.signed("POST", &unknown, "").await.error(), (404, "IdentityNotFound", None));
}

#[tokio::test]
async fn a_deleted_identity_is_gone_and_deleting_it_again_is_no_error() {
    let server = Server::start().await;
    let id = server.identity().await;
    let issue = format!("/identities/{id}/:issueAccessToken");
    let token = server.signed("POST", &issue, r#"{"scopes":["voip"]}"#).await.body["token"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..2 {
        let answer = server.signed("DELETE", &format!("/identities/{id}?{VERSION}"), "").await;
        assert_eq!((answer.status.as_u16(), answer.body), (204, Value::Null));
    }
    assert_eq!(
        server.signed("POST", &issue, r#"{"scopes":["voip"]}"#).await.error(),
        (404, "IdentityNotFound", None)
    );
    assert!(matches!(
        server.app.connect_identity(&token).await,
        Err(TokenError::IdentityDeleted)
    ));
    assert_eq!(
        server.signed("DELETE", "/identities/8:acs:elsewhere_x", "").await.error(),
        (404, "IdentityNotFound", None)
    );
}

#[tokio::test]
async fn a_member_exchanges_the_own_token_and_nobody_elses() {
    let server = Server::start().await;
    let anna = &server.accounts.members[0].member;
    let client = &server.accounts.application.client_id;
    let member_claims = json!({ "oid": anna.id, "azp": client, "scp": "Teams.ManageCalls Teams.ManageChats" });
    let token = server.token("https://auth.msft.communication.azure.com", &member_claims);
    let exchange = |token: &str, app_id: &str, user_id: &str| json!({ "token": token, "appId": app_id, "userId": user_id }).to_string();
    let path = "/teamsUser/:exchangeAccessToken?api-version=2023-10-01";

    let answer = server.signed("POST", path, &exchange(&token, client, &anna.id)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(
        claims(answer.body["token"].as_str().unwrap())["skypeid"],
        format!("orgid:{}", anna.id)
    );

    let ben = &server.accounts.members[1].member.id;
    assert_eq!(
        server.signed("POST", path, &exchange(&token, client, ben)).await.error(),
        (401, "InvalidAccessToken", None)
    );
    assert_eq!(
        server.signed("POST", path, &exchange("no token", client, &anna.id)).await.error(),
        (401, "InvalidAccessToken", None)
    );
    assert_eq!(
        server.signed("POST", path, &exchange(&token, "app", &anna.id)).await.error(),
        (400, "ValidationError", Some("appId"))
    );
    assert_eq!(
        server.signed("POST", path, "{}").await.error(),
        (400, "ValidationError", Some("token"))
    );
}

#[tokio::test]
async fn what_is_not_signed_by_the_resource_is_refused() {
    let server = Server::start().await;
    let target = "/identities?api-version=2023-10-01";
    assert_eq!(server.signed("POST", target, "").await.status, 201);

    let mut unsigned = server.sign("POST", target, "", &server.accounts.access_key);
    unsigned.headers_mut().remove("authorization");
    assert_eq!(server.send(unsigned).await.error(), (401, "Unauthorized", None));

    let foreign = server.sign("POST", target, "", "c2VjcmV0LWtleS1mb3ItdGVzdC0xMjM0NTY3ODkwYWJjZA==");
    assert_eq!(server.send(foreign).await.error(), (401, "Unauthorized", None));

    let late = server.sign("POST", target, "", &server.accounts.access_key);
    server.advance_minutes(16);
    let answer = server.send(late).await;
    assert_eq!(answer.error(), (401, "Unauthorized", None));
    assert!(answer.headers.get("www-authenticate").is_none() && answer.headers.get("retry-after").is_none());
}

#[tokio::test]
async fn a_bearer_token_needs_the_permission_and_the_audience() {
    let server = Server::start().await;
    let client = &server.accounts.application.client_id;
    let audience = "https://communication.azure.com";
    let request = |token: &str| Server::bearer("POST", "/identities?api-version=2023-10-01", "", token);

    let good = server.token(audience, &json!({ "azp": client, "roles": ["Communication.Manage.All"] }));
    assert_eq!(server.send(request(&good)).await.status, 201);
    let without = server.token(audience, &json!({ "azp": client, "roles": ["OnlineMeetings.Read.All"] }));
    assert_eq!(server.send(request(&without)).await.error(), (403, "Forbidden", None));
    let elsewhere = server.token(
        "00000003-0000-0000-c000-000000000000",
        &json!({ "azp": client, "roles": ["Communication.Manage.All"] }),
    );
    assert_eq!(server.send(request(&elsewhere)).await.error(), (401, "Unauthorized", None));
    let member = |number: usize, scopes: &str| {
        let claims = json!({ "azp": client, "oid": server.accounts.members[number].member.id, "scp": scopes });
        request(&server.token(audience, &claims))
    };
    let (organizer, administrator) = (0, 2);
    assert_eq!(server.send(member(administrator, "Communication.Manage.All")).await.status, 201);
    for (number, scopes) in [(administrator, "User.Read"), (organizer, "Communication.Manage.All")] {
        assert_eq!(server.send(member(number, scopes)).await.error(), (403, "Forbidden", None));
    }
    assert_eq!(server.send(request("x.y.z")).await.error(), (401, "Unauthorized", None));
    assert!(ORIGIN.starts_with("http"));
}
