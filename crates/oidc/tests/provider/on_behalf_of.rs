//! An application that a member called acts on behalf of that member.

use app::applications::ApplicationPatch;
use app::model::{Application, ExposedScope};
use http::StatusCode;
use serde_json::Value;

use crate::house::{Answer, Browser, House, claims};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

struct Chain {
    house: House,
    /// What the member signs in to; calls `front`.
    page: (Application, String),
    /// Called by members, calls `records` or Graph.
    front: (Application, String),
    /// Called by `front`.
    records: (Application, String),
}

fn exposing(name: &str) -> ApplicationPatch {
    ApplicationPatch {
        exposed_scopes: Some(vec![ExposedScope {
            name: name.to_owned(),
            description: "Use it as you".to_owned(),
        }]),
        ..ApplicationPatch::default()
    }
}

impl Chain {
    /// Everything is registered and consented to.
    async fn new() -> Self {
        let house = House::new().await;
        let records = house.third_party(exposing("Records.Read")).await;
        let mut front = house.third_party(exposing("access_as_user")).await;
        let change = ApplicationPatch {
            delegated_permissions: Some(vec!["User.Read".to_owned(), format!("api://{}/Records.Read", records.0.client_id)]),
            ..ApplicationPatch::default()
        };
        let administrator = house.administrator();
        front.0 = house
            .app
            .change_application(&administrator, &front.0.client_id, change)
            .await
            .unwrap();
        let change = ApplicationPatch {
            delegated_permissions: Some(vec!["OnlineMeetings.Read".to_owned()]),
            ..ApplicationPatch::default()
        };
        house
            .app
            .change_application(&administrator, &records.0.client_id, change)
            .await
            .unwrap();
        let calls = ApplicationPatch {
            delegated_permissions: Some(vec![format!("api://{}/access_as_user", front.0.client_id)]),
            ..ApplicationPatch::default()
        };
        let page = house.third_party(calls).await;
        for application in [&page.0, &front.0, &records.0] {
            house.app.consent_for_tenant(&administrator, &application.client_id).await.unwrap();
        }
        Self {
            house,
            page,
            front,
            records,
        }
    }

    /// Anna's token for the front's own API.
    async fn member_token(&self) -> String {
        self.member_token_of(&self.page).await
    }

    async fn member_token_of(&self, (application, secret): &(Application, String)) -> String {
        let scope = format!("openid offline_access api://{}/access_as_user", self.front.0.client_id);
        let back = Browser::new()
            .sign_in(&self.house, &self.house.request_of(application, &scope))
            .await;
        let answer = self.house.redeem_of(application, secret, &back.returned()["code"]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn exchange(&self, (application, secret): &(Application, String), assertion: &str, scope: &str) -> Answer {
        let form = [
            ("grant_type", GRANT),
            ("requested_token_use", "on_behalf_of"),
            ("client_id", &application.client_id),
            ("client_secret", secret),
            ("assertion", assertion),
            ("scope", scope),
        ];
        self.house.token(&form, None).await
    }

    fn anna(&self) -> &str {
        &self.house.accounts.members[0].member.id
    }
}

#[tokio::test]
async fn a_members_token_for_an_applications_api_opens_that_api_only() {
    let chain = Chain::new().await;
    let token = chain.member_token().await;
    let read = claims(&Value::from(token.as_str()));
    assert_eq!(
        (&read["aud"], &read["scp"]),
        (&chain.front.0.client_id.as_str().into(), &"access_as_user openid".into())
    );
    assert_eq!(read["oid"], chain.anna());
    assert!(chain.house.app.verify_bearer(&token).await.is_err());
    assert!(chain.house.app.connect_identity(&token).await.is_err());
}

#[tokio::test]
async fn the_member_stays_the_same_along_the_chain() {
    let chain = Chain::new().await;
    let graph = chain
        .exchange(
            &chain.front,
            &chain.member_token().await,
            "openid offline_access https://graph.microsoft.com/.default",
        )
        .await;
    assert_eq!(graph.status, StatusCode::OK, "{graph:?}");
    let graph = graph.json();
    let caller = chain
        .house
        .app
        .verify_bearer(graph["access_token"].as_str().unwrap())
        .await
        .unwrap();
    assert!(
        matches!(&caller, app::Caller::Member { member, scopes, client_id } if member.id == chain.anna()
            && scopes.contains(&"User.Read".to_owned()) && *client_id == chain.front.0.client_id)
    );
    assert!(graph["client_info"].is_string() && graph["id_token"].is_string());
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", chain.front.0.client_id.as_str()),
        ("client_secret", chain.front.1.as_str()),
        ("refresh_token", graph["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(chain.house.token(&form, None).await.status, StatusCode::OK);

    let scope = format!("api://{}/Records.Read", chain.records.0.client_id);
    let second = chain.exchange(&chain.front, &chain.member_token().await, &scope).await.json();
    let third = chain
        .exchange(&chain.records, second["access_token"].as_str().unwrap(), "OnlineMeetings.Read")
        .await;
    assert_eq!(third.status, StatusCode::OK, "{third:?}");
    let third = claims(&third.json()["access_token"]);
    assert_eq!(
        (&third["oid"], &third["azp"]),
        (&chain.anna().into(), &chain.records.0.client_id.as_str().into())
    );
}

#[tokio::test]
async fn what_was_not_issued_to_be_sent_here_is_refused() {
    let chain = Chain::new().await;
    let token = chain.member_token().await;
    let refused = async |caller: &(Application, String), assertion: &str, number: u64| {
        let answer = chain.exchange(caller, assertion, "User.Read").await;
        assert_eq!(answer.error(), ("invalid_grant".to_owned(), number), "{assertion:.40}");
    };
    // Somebody else's API, and Graph's own token.
    refused(&chain.records, &token, 500_131).await;
    let house = &chain.house;
    let graph = house.redeem(&house.code().await).await.json();
    refused(&chain.front, graph["access_token"].as_str().unwrap(), 500_131).await;
    // An identity token has the right audience and gives no right.
    let back = Browser::new()
        .sign_in(house, &house.request_of(&chain.front.0, "openid User.Read"))
        .await;
    let own = house
        .redeem_of(&chain.front.0, &chain.front.1, &back.returned()["code"])
        .await
        .json();
    refused(&chain.front, own["id_token"].as_str().unwrap(), 50013).await;
    // An application's own token for the API.
    let scope = format!("{}/.default", chain.front.0.client_id);
    let form = [("grant_type", "client_credentials"), ("scope", scope.as_str())];
    let basic = (chain.records.0.client_id.as_str(), chain.records.1.as_str());
    let answer = house.token(&form, Some(basic)).await.json();
    assert_eq!(claims(&answer["access_token"])["roles"], serde_json::json!([]));
    refused(&chain.front, answer["access_token"].as_str().unwrap(), 500_132).await;
    for garbage in ["x", "a.b.c", &format!("{token}x")] {
        refused(&chain.front, garbage, 50013).await;
    }
    // Another tenant's server signs with another key.
    let elsewhere = Chain::new().await;
    refused(&chain.front, &elsewhere.member_token().await, 50013).await;
    assert_eq!(chain.exchange(&chain.front, &token, "User.Read").await.status, StatusCode::OK);
    house.turn_clock(3600);
    refused(&chain.front, &token, 50013).await;
}

#[tokio::test]
async fn consent_registration_and_proof_are_needed_as_everywhere() {
    let chain = Chain::new().await;
    let token = chain.member_token().await;
    let house = &chain.house;
    assert_eq!(chain.exchange(&chain.front, &token, "OnlineMeetings.Read").await.error().1, 65001);
    let wrong = (chain.front.0.clone(), "wrong".to_owned());
    assert_eq!(chain.exchange(&wrong, &token, "User.Read").await.error().1, 7_000_215);
    let form = [
        ("grant_type", GRANT),
        ("requested_token_use", "on_behalf_of"),
        ("client_id", house.web_client()),
        ("assertion", &token),
        ("scope", "User.Read"),
    ];
    assert_eq!(
        house.token(&form, None).await.error().1,
        700_025,
        "a public application cannot prove that it is the one"
    );
    house
        .app
        .withdraw_consent(&house.administrator(), &chain.front.0.client_id)
        .await
        .unwrap();
    let refused = chain.exchange(&chain.front, &token, "User.Read").await;
    assert_eq!(refused.error(), ("invalid_grant".to_owned(), 65001));
    assert_eq!(
        refused.json()["suberror"],
        "consent_required",
        "so that the front sends the member to consent"
    );
}

#[tokio::test]
async fn a_revoked_member_and_a_deleted_application_end_the_chain() {
    let chain = Chain::new().await;
    let scope = format!("api://{}/Records.Read", chain.records.0.client_id);
    let first = chain.member_token().await;
    let second = chain.exchange(&chain.front, &first, &scope).await.json();
    let second = second["access_token"].as_str().unwrap();
    let house = &chain.house;
    house
        .app
        .delete_application(&house.administrator(), &chain.front.0.client_id)
        .await
        .unwrap();
    let refused = chain.exchange(&chain.records, second, "OnlineMeetings.Read").await;
    assert_eq!(refused.error(), ("invalid_grant".to_owned(), 50013));
    let chain = Chain::new().await;
    let first = chain.member_token().await;
    chain.house.app.revoke_member(chain.anna()).await.unwrap();
    assert_eq!(chain.exchange(&chain.front, &first, "User.Read").await.error().1, 50013);
}

#[tokio::test]
async fn an_application_does_not_act_on_behalf_of_its_own_caller() {
    let chain = Chain::new().await;
    let own = chain.member_token_of(&chain.front).await;
    let refused = chain.exchange(&chain.front, &own, "User.Read").await;
    assert_eq!(refused.error(), ("invalid_grant".to_owned(), 500_133));
    assert!(refused.json().get("suberror").is_none(), "nothing is wrong with what it holds");
    // Nor with a token that it got on behalf of the member for its own API.
    let scope = format!("api://{}/access_as_user", chain.front.0.client_id);
    let again = chain.exchange(&chain.front, &chain.member_token().await, &scope).await.json();
    let refused = chain
        .exchange(&chain.front, again["access_token"].as_str().unwrap(), "User.Read")
        .await;
    assert_eq!(refused.error().1, 500_133);
    let called = chain.exchange(&chain.front, &chain.member_token().await, "User.Read").await;
    assert_eq!(called.status, StatusCode::OK, "{called:?}");
}

#[tokio::test]
async fn a_refresh_token_needs_the_request_and_the_consent() {
    let chain = Chain::new().await;
    let (house, token) = (&chain.house, chain.member_token().await);
    let ask = async |scope: &str| chain.exchange(&chain.front, &token, scope).await.json();
    assert!(ask("User.Read").await.get("refresh_token").is_none(), "not asked for");
    assert!(ask("User.Read offline_access").await["refresh_token"].is_string());
    // The member consents to the permission alone.
    house
        .app
        .withdraw_consent(&house.administrator(), &chain.front.0.client_id)
        .await
        .unwrap();
    let consent = async |scope: &str| {
        let mut browser = Browser::new();
        let page = browser.sign_in(house, &house.request_of(&chain.front.0, scope)).await;
        browser.consent(house, &page, "accept").await
    };
    consent("User.Read").await;
    let answer = ask("openid profile offline_access User.Read").await;
    assert!(
        answer["access_token"].is_string() && answer.get("refresh_token").is_none() && answer.get("id_token").is_none(),
        "{answer}"
    );
    assert_eq!(
        (&answer["scope"], &claims(&answer["access_token"])["scp"]),
        (&"User.Read".into(), &"User.Read".into())
    );
    consent("User.Read offline_access openid").await;
    let answer = ask("openid profile offline_access User.Read").await;
    assert!(answer["refresh_token"].is_string() && answer["id_token"].is_string());
    assert!(
        claims(&answer["id_token"]).get("name").is_none(),
        "the profile was not consented to"
    );
}

#[tokio::test]
async fn nothing_in_a_chain_outlives_the_sign_in_by_more_than_thirty_days() {
    const DAY: i64 = 24 * 3600;
    let chain = Chain::new().await;
    let house = &chain.house;
    let refresh = async |(application, secret): &(Application, String), token: &str, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", application.client_id.as_str()),
            ("client_secret", secret),
            ("refresh_token", token),
            ("scope", scope),
        ];
        house.token(&form, None).await
    };
    let signed_in = house.app.now() / 1_000_000;
    let scope = format!("openid offline_access api://{}/access_as_user", chain.front.0.client_id);
    let back = Browser::new().sign_in(house, &house.request_of(&chain.page.0, &scope)).await;
    let first = house.redeem_of(&chain.page.0, &chain.page.1, &back.returned()["code"]).await.json();
    house.turn_clock(20 * DAY);
    let first = refresh(&chain.page, first["refresh_token"].as_str().unwrap(), "").await.json();
    let acted = chain
        .exchange(
            &chain.front,
            first["access_token"].as_str().unwrap(),
            "openid offline_access User.Read",
        )
        .await
        .json();
    assert_eq!(claims(&acted["id_token"])["auth_time"], signed_in, "the sign-in is as old as it is");
    house.turn_clock(10 * DAY - 60);
    let acted = refresh(&chain.front, acted["refresh_token"].as_str().unwrap(), "").await;
    assert_eq!(acted.status, StatusCode::OK, "{acted:?}");
    house.turn_clock(60);
    let late = refresh(&chain.front, acted.json()["refresh_token"].as_str().unwrap(), "").await;
    assert_eq!(late.error(), ("invalid_grant".to_owned(), 70008));
}
