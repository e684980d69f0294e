//! Communication identities: their tokens connect, and stop connecting when revoked, deleted, expired, foreign or too narrow.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::applications::ApplicationDraft;
use app::exchange::BearerExchange;
use app::identities::parse_scopes;
use app::model::{CommunicationIdentity, IdentityKind};
use app::permissions::SETTINGS_READ_WRITE;
use app::ports::IdentityStore as _;
use app::tokens::{COMMUNICATION_AUDIENCE, GRAPH_AUDIENCE, SIGNAL_CLAIM, TEAMS_AUDIENCE};
use app::{AppError, Change, TokenError, TokenScope};
use base64::Engine as _;
use meeting::Identity;
use serde_json::{Value, json};
use support::{House, MINUTE, SECOND, as_member, with};

const VOIP: &[TokenScope] = &[TokenScope::Chat, TokenScope::Voip];

async fn guest(house: &House) -> CommunicationIdentity {
    house.app.create_identity().await.unwrap()
}

/// What one widely used client does: standard base64 with padding, then ASCII JSON.
fn payload_as_a_strict_client_reads_it(jwt: &str) -> Value {
    let mut payload = jwt.split('.').nth(1).unwrap().to_owned();
    payload.push_str(&"=".repeat((4 - payload.len() % 4) % 4));
    let bytes = base64::engine::general_purpose::STANDARD.decode(payload).unwrap();
    assert!(bytes.is_ascii());
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn a_guests_token_has_the_documented_claims_and_connects() {
    let house = House::new().await;
    let tenant = &house.dev.tenant;
    let identity = guest(&house).await;
    assert_eq!(identity.kind, IdentityKind::Guest);
    assert!(identity.id.starts_with(&format!("8:acs:{}_", tenant.resource_id)));
    assert_eq!((identity.id.matches(':').count(), identity.id.matches('_').count()), (2, 1));

    let issued = house.app.issue_token(&identity.id, VOIP, Some(60)).await.unwrap();
    let claims = payload_as_a_strict_client_reads_it(&issued.token);
    let now = house.app.now() / SECOND;
    assert_eq!(claims["skypeid"], identity.id[2..]);
    assert_eq!(claims["acsScope"], "chat,voip");
    assert_eq!(claims["resourceId"], tenant.resource_id.as_str());
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 3600)));
    assert_eq!(claims["csi"], now.to_string());
    assert_eq!(claims[SIGNAL_CLAIM], "ws://127.0.0.1:8080/signal");
    assert!(claims.get("scp").is_some() && claims.get("rgn").is_some() && claims.get("resourceLocation").is_some());
    assert_eq!(issued.expires, (now + 3600) * SECOND);

    let connected = house.app.connect_identity(&issued.token).await.unwrap();
    assert_eq!(connected.raw_id, identity.id);
    assert_eq!(
        connected.identity,
        Identity::Guest {
            resource: tenant.resource_id.clone()
        }
    );
    assert_eq!(connected.display_name, None);
    assert_eq!((connected.expires, connected.token_issued), (issued.expires, house.app.now()));
}

#[tokio::test]
async fn a_token_lives_between_an_hour_and_a_day() {
    let house = House::new().await;
    let identity = guest(&house).await;
    for minutes in [Some(60), Some(1440), None] {
        let issued = house.app.issue_token(&identity.id, VOIP, minutes).await.unwrap();
        let expected = house.app.now() / SECOND * SECOND + i64::from(minutes.unwrap_or(1440)) * MINUTE;
        assert_eq!(issued.expires, expected);
    }
    for minutes in [0, 59, 1441, u32::MAX] {
        let refused = house.app.issue_token(&identity.id, VOIP, Some(minutes)).await;
        assert!(matches!(
            refused,
            Err(AppError::InvalidArgument {
                field: "ExpiresInMinutes",
                ..
            })
        ));
    }
    let token = house.app.issue_token(&identity.id, VOIP, Some(60)).await.unwrap().token;
    house.pass(59 * MINUTE);
    assert!(house.app.connect_identity(&token).await.is_ok());
    house.pass(MINUTE);
    assert!(matches!(house.app.connect_identity(&token).await, Err(TokenError::Expired { .. })));
}

#[test]
fn scopes_are_read_by_their_exact_names() {
    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let all = names(&["chat", "chat.join", "chat.join.limited", "voip", "voip.join", "voip"]);
    assert_eq!(parse_scopes(&all).unwrap().len(), 5);
    for bad in [names(&[]), names(&["Voip"]), names(&["voip", "everything"])] {
        assert!(matches!(parse_scopes(&bad), Err(AppError::InvalidArgument { field: "Scopes", .. })));
    }
}

#[tokio::test]
async fn calling_needs_a_scope_for_it() {
    let house = House::new().await;
    let identity = guest(&house).await;
    for (scopes, connects) in [
        (&[TokenScope::Voip][..], true),
        (&[TokenScope::VoipJoin][..], true),
        (&[TokenScope::Chat, TokenScope::ChatJoin, TokenScope::ChatJoinLimited][..], false),
    ] {
        let token = house.app.issue_token(&identity.id, scopes, None).await.unwrap().token;
        match house.app.connect_identity(&token).await {
            Ok(_) => assert!(connects),
            Err(error) => assert!(!connects && matches!(error, TokenError::MissingScope { .. }), "{error:?}"),
        }
    }
    assert!(matches!(
        house.app.issue_token(&identity.id, &[], None).await,
        Err(AppError::InvalidArgument { .. })
    ));
}

#[tokio::test]
async fn revoked_tokens_stop_counting_and_tokens_issued_afterwards_count_even_in_the_same_moment() {
    let house = House::new().await;
    let (identity, bystander) = (guest(&house).await, guest(&house).await);
    let mut changes = house.app.changes();
    let before = house.app.issue_token(&identity.id, VOIP, None).await.unwrap().token;
    let other = house.app.issue_token(&bystander.id, VOIP, None).await.unwrap().token;
    house.app.revoke_tokens(&identity.id).await.unwrap();
    let after = house.app.issue_token(&identity.id, VOIP, None).await.unwrap().token;

    assert_eq!(
        changes.try_recv().unwrap(),
        Change::IdentityRevoked {
            raw_id: identity.id.clone()
        }
    );
    assert!(matches!(house.app.connect_identity(&before).await, Err(TokenError::Revoked)));
    assert!(house.app.connect_identity(&after).await.is_ok());
    assert!(house.app.connect_identity(&other).await.is_ok());
    let house = house.restart().await;
    assert!(matches!(house.app.connect_identity(&before).await, Err(TokenError::Revoked)));
    assert!(house.app.connect_identity(&after).await.is_ok());
}

#[tokio::test]
async fn a_deleted_identity_connects_no_more_and_gets_no_tokens() {
    let house = House::new().await;
    let identity = guest(&house).await;
    let token = house.app.issue_token(&identity.id, VOIP, None).await.unwrap().token;
    let mut changes = house.app.changes();
    house.app.delete_identity(&identity.id).await.unwrap();
    assert_eq!(
        changes.try_recv().unwrap(),
        Change::IdentityRevoked {
            raw_id: identity.id.clone()
        }
    );
    assert!(matches!(house.app.connect_identity(&token).await, Err(TokenError::IdentityDeleted)));
    assert!(matches!(
        house.app.issue_token(&identity.id, VOIP, None).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(matches!(
        house.app.revoke_tokens(&identity.id).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(matches!(
        house.app.delete_identity(&identity.id).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(matches!(
        house.app.delete_identity("8:acs:unknown").await,
        Err(AppError::NotFound { .. })
    ));
    assert!(changes.try_recv().is_err(), "what failed is not announced");
}

#[tokio::test]
async fn a_token_of_another_resource_or_of_an_unknown_identity_is_refused() {
    let house = House::new().await;
    let identity = guest(&house).await;
    let token = house.app.issue_token(&identity.id, VOIP, None).await.unwrap().token;
    let claims = payload_as_a_strict_client_reads_it(&token);
    assert!(house.app.connect_identity(&house.sign(&claims)).await.is_ok());
    let foreign = house.sign(&with(claims.clone(), "resourceId", json!("another")));
    assert!(matches!(
        house.app.connect_identity(&foreign).await,
        Err(TokenError::ForeignResource)
    ));
    let unknown = house.sign(&with(claims.clone(), "skypeid", json!("acs:x_y")));
    assert!(matches!(
        house.app.connect_identity(&unknown).await,
        Err(TokenError::UnknownSubject)
    ));
    let nobody = house.sign(&with(claims, "skypeid", Value::Null));
    assert!(matches!(house.app.connect_identity(&nobody).await, Err(TokenError::Malformed)));
    let elsewhere = House::new().await;
    assert!(matches!(elsewhere.app.connect_identity(&token).await, Err(TokenError::UnknownKey)));
}

#[tokio::test]
async fn a_visitor_of_our_own_page_gets_a_fresh_identity_each_time() {
    let house = House::new().await;
    let (first, token) = house.app.visitor_token().await.unwrap();
    let (second, _) = house.app.visitor_token().await.unwrap();
    assert_ne!(first, second);
    let connected = house.app.connect_identity(&token.token).await.unwrap();
    assert_eq!((connected.raw_id, connected.identity), (first.clone(), Identity::Visitor));
    assert!(first.starts_with("8:teamsvisitor:"));
    assert!(
        house.store.identity(&first).await.unwrap().is_none(),
        "who only asks leaves nothing behind"
    );
}

#[tokio::test]
async fn a_visitor_can_be_revoked_and_deleted_and_others_are_not() {
    let house = House::new().await;
    let (revoked, revoked_token) = house.app.visitor_token().await.unwrap();
    let (deleted, deleted_token) = house.app.visitor_token().await.unwrap();
    let (_, other_token) = house.app.visitor_token().await.unwrap();
    for token in [&revoked_token, &deleted_token, &other_token] {
        assert!(house.app.connect_identity(&token.token).await.is_ok());
    }
    house.app.revoke_tokens(&revoked).await.unwrap();
    house.app.delete_identity(&deleted).await.unwrap();
    assert!(matches!(
        house.app.connect_identity(&revoked_token.token).await,
        Err(TokenError::Revoked)
    ));
    assert!(matches!(
        house.app.connect_identity(&deleted_token.token).await,
        Err(TokenError::IdentityDeleted)
    ));
    assert!(house.app.connect_identity(&other_token.token).await.is_ok());
    assert!(matches!(
        house.app.revoke_tokens("8:teamsvisitor:made-up").await,
        Err(AppError::NotFound { .. })
    ));
}

#[tokio::test]
async fn a_member_connects_with_the_access_token_that_may_manage_calls() {
    let house = House::new().await;
    let anna = house.anna();
    let good = house.member_claims(&anna, "User.Read Teams.ManageCalls");
    let connected = house.app.connect_identity(&house.sign(&good)).await.unwrap();
    assert_eq!(connected.raw_id, anna.raw_id());
    assert_eq!(
        connected.identity,
        Identity::Member {
            oid: anna.id.clone(),
            guest_of_tenant: false
        }
    );
    assert_eq!(connected.display_name.as_deref(), Some("Anna Berg"));
    let refused = |claims: Value| {
        let (app, jwt) = (house.app.clone(), house.sign(&claims));
        async move { app.connect_identity(&jwt).await.unwrap_err() }
    };
    assert!(matches!(
        refused(house.member_claims(&anna, "User.Read")).await,
        TokenError::MissingScope { .. }
    ));
    assert!(matches!(
        refused(with(good.clone(), "aud", json!("a client id"))).await,
        TokenError::WrongAudience { .. }
    ));
    assert!(matches!(
        refused(with(good, "tid", json!("other"))).await,
        TokenError::ForeignTenant
    ));
    let application = house.application_claims(GRAPH_AUDIENCE, &["User.Read.All"]);
    assert!(matches!(refused(application).await, TokenError::MissingScope { .. }));
    house.app.revoke_member(&anna.id).await.unwrap();
    assert!(matches!(
        refused(house.member_claims(&anna, "Teams.ManageCalls")).await,
        TokenError::Revoked
    ));
}

#[tokio::test]
async fn a_members_token_is_exchanged_for_as_long_and_as_much_as_it_holds() {
    let house = House::new().await;
    let (anna, client) = (house.anna(), house.dev.tenant.meet_client_id.clone());
    let claims = house.member_claims(&anna, "Teams.ManageCalls Teams.ManageChats");
    for audience in [GRAPH_AUDIENCE, TEAMS_AUDIENCE] {
        let token = house.sign(&with(claims.clone(), "aud", json!(audience)));
        let issued = house
            .app
            .exchange_for_member(&token, &client.to_uppercase(), &anna.id)
            .await
            .unwrap();
        assert_eq!(issued.expires / SECOND, claims["exp"].as_i64().unwrap());
        let connected = house.app.connect_identity(&issued.token).await.unwrap();
        assert_eq!(
            (connected.raw_id.as_str(), connected.display_name.as_deref()),
            (anna.raw_id().as_str(), Some("Anna Berg"))
        );
        assert_eq!(connected.scopes, ["chat", "voip"]);
    }
    let token = house.sign(&claims);
    let exchange = |token: String, app_id: String, user_id: String| {
        let app = house.app.clone();
        async move { app.exchange_for_member(&token, &app_id, &user_id).await.unwrap_err() }
    };
    let malformed = exchange(token.clone(), "x".into(), anna.id.clone()).await;
    assert!(matches!(malformed, AppError::InvalidArgument { field: "appId", .. }));
    let malformed = exchange(token.clone(), client.clone(), "x".into()).await;
    assert!(matches!(malformed, AppError::InvalidArgument { field: "userId", .. }));
    let other_member = exchange(token.clone(), client.clone(), house.ben().id).await;
    assert!(matches!(other_member, AppError::Token(TokenError::UnknownSubject)));
    let other_client = exchange(token.clone(), house.dev.application.client_id.clone(), anna.id.clone()).await;
    assert!(matches!(other_client, AppError::Token(TokenError::UnknownSubject)));
    let too_narrow = exchange(house.member_token(&anna, "User.Read"), client.clone(), anna.id.clone()).await;
    assert!(matches!(too_narrow, AppError::Token(TokenError::MissingScope { .. })));
    let wrong_audience = house.sign(&with(claims.clone(), "aud", json!(COMMUNICATION_AUDIENCE)));
    let wrong_audience = exchange(wrong_audience, client.clone(), anna.id.clone()).await;
    assert!(matches!(wrong_audience, AppError::Token(TokenError::WrongAudience { .. })));
    let garbage = exchange("x".into(), client.clone(), anna.id.clone()).await;
    assert!(matches!(garbage, AppError::Token(TokenError::Malformed)));
    // Revoking the member revokes what was exchanged.
    let exchanged = house.app.exchange_for_member(&token, &client, &anna.id).await.unwrap();
    house.app.revoke_member(&anna.id).await.unwrap();
    assert!(matches!(
        house.app.connect_identity(&exchanged.token).await,
        Err(TokenError::Revoked)
    ));
}

#[tokio::test]
async fn the_token_of_the_meeting_page_gives_one_for_its_members_chats_and_nothing_else() {
    let house = House::new().await;
    let anna = house.anna();
    let claims = house.member_claims(&anna, "User.Read Teams.ManageCalls Teams.ManageChats");
    let (raw_id, issued) = house.app.chat_token_for_member(&house.sign(&claims)).await.unwrap();
    assert_eq!(raw_id, anna.raw_id());
    assert_eq!(issued.expires / SECOND, claims["exp"].as_i64().unwrap());
    let caller = house.app.chat_caller(&issued.token).await.unwrap();
    assert_eq!(
        (caller.raw_id.as_str(), caller.access, caller.display_name.as_deref()),
        (raw_id.as_str(), app::chat::ChatAccess::Limited, Some("Anna Berg"))
    );
    // No call is joined with it.
    let call = house.app.connect_identity(&issued.token).await;
    assert!(matches!(call, Err(TokenError::MissingScope { .. })), "{call:?}");

    let refused = |claims: Value| {
        let (app, jwt) = (house.app.clone(), house.sign(&claims));
        async move {
            match app.chat_token_for_member(&jwt).await {
                Err(AppError::Token(error)) => error,
                other => panic!("{other:?}"),
            }
        }
    };
    assert!(matches!(
        refused(house.member_claims(&anna, "Teams.ManageCalls")).await,
        TokenError::MissingScope { .. }
    ));
    assert!(matches!(
        refused(house.application_claims(GRAPH_AUDIENCE, &["User.Read.All"])).await,
        TokenError::MissingScope { .. }
    ));
    assert!(matches!(
        refused(with(claims, "aud", json!(COMMUNICATION_AUDIENCE))).await,
        TokenError::WrongAudience { .. }
    ));
    house.app.revoke_member(&anna.id).await.unwrap();
    assert!(matches!(house.app.chat_caller(&issued.token).await, Err(TokenError::Revoked)));
}

#[tokio::test]
async fn what_was_exchanged_through_an_application_ends_when_that_is_deleted_and_the_rest_does_not() {
    let house = House::new().await;
    let (anna, administrator) = (house.anna(), as_member(&house.clara(), &[SETTINGS_READ_WRITE]));
    let draft = || ApplicationDraft {
        display_name: "Rota".to_owned(),
        ..ApplicationDraft::default()
    };
    let rota = house.app.register_application(&administrator, draft()).await.unwrap().client_id;
    let kept = house.app.register_application(&administrator, draft()).await.unwrap().client_id;
    let exchange = async |client: &str| {
        let claims = with(
            house.member_claims(&anna, "Teams.ManageCalls Teams.ManageChats"),
            "azp",
            json!(client),
        );
        let app_token = house.sign(&claims);
        let by_application = house.app.exchange_for_member(&app_token, client, &anna.id).await.unwrap();
        let bearer = house.sign(&with(claims, "aud", json!(TEAMS_AUDIENCE)));
        let (_, by_bearer) = house.app.exchange_bearer(&bearer, BearerExchange::TeamsExtension).await.unwrap();
        [by_application.token, by_bearer.token]
    };
    let [first, second] = exchange(&rota).await;
    let connected = house.app.connect_identity(&first).await.unwrap();
    assert_eq!(connected.client_id.as_deref(), Some(rota.as_str()));
    assert_eq!(payload_as_a_strict_client_reads_it(&first)["anteroomClient"], json!(rota));
    let web_app = house.dev.tenant.meet_client_id.clone();
    let lasting = [exchange(&kept).await, exchange(&web_app).await].concat();
    let mut changes = house.app.changes();
    house.app.delete_application(&administrator, &rota).await.unwrap();
    assert_eq!(changes.try_recv(), Ok(Change::ApplicationDeleted { client_id: rota }));
    for token in [first, second] {
        assert!(matches!(house.app.connect_identity(&token).await, Err(TokenError::UnknownSubject)));
        assert!(matches!(house.app.chat_caller(&token).await, Err(TokenError::UnknownSubject)));
    }
    for token in lasting {
        house.app.connect_identity(&token).await.unwrap();
        house.app.chat_caller(&token).await.unwrap();
    }
}
