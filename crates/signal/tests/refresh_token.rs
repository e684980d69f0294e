//! A newer token during a connection: who may bring it, what it changes, what it does not.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Client, House, snapshot};
use wire::{ClientFrame, Locator, Outcome, Refusal, Reply, RequestBody, ServerFrame};

const SECOND: i64 = 1_000_000;
/// Past the end of a token that lives a minute, and past the time in which a newer one may come.
const PAST: i64 = 91 * SECOND;

async fn refresh(client: &mut Client, token: &str) -> Result<(), Refusal> {
    let body = RequestBody::RefreshToken { token: token.to_owned() };
    match client.request(None, body).await {
        Outcome::Ok { reply: Reply::Done } => Ok(()),
        Outcome::Ok { reply } => panic!("another answer: {reply:?}"),
        Outcome::Refused { refusal } => Err(refusal),
    }
}

/// Whether the socket answers; otherwise why it closed.
async fn lives(client: &mut Client) -> Result<(), Option<Refusal>> {
    client.send(&ClientFrame::Ping).await;
    loop {
        match client.try_frame().await {
            Some(ServerFrame::Pong) => return Ok(()),
            Some(ServerFrame::Closing { refusal }) => return Err(Some(refusal)),
            Some(_) => {}
            None => return Err(None),
        }
    }
}

#[tokio::test]
async fn a_call_outlives_its_first_token_when_a_newer_one_was_brought() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token_for(0, 60)).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    refresh(&mut anna, &house.member_token_for(0, 3_600)).await.expect("refreshed");
    house.clock.set_forward(PAST);
    lives(&mut anna).await.expect("the connection goes on");
    lives(&mut anna).await.expect("and on");
    anna.ok(&call, RequestBody::Snapshot).await;
    // The newer one ends it too.
    house.clock.set_forward(3_600 * SECOND + PAST);
    let _ = lives(&mut anna).await;
    assert_eq!(anna.closed().await.map(|reason| reason.name).as_deref(), Some("tokenExpired"));
}

#[tokio::test]
async fn without_a_newer_token_the_connection_ends_with_the_first() {
    let house = House::open().await;
    let mut anna = house.connect(&house.member_token_for(0, 60)).await;
    house.clock.set_forward(PAST);
    let _ = lives(&mut anna).await;
    assert_eq!(anna.closed().await.map(|reason| reason.name).as_deref(), Some("tokenExpired"));
}

#[tokio::test]
async fn a_newer_token_may_come_within_half_a_minute_after_the_end_of_the_old_one() {
    let house = House::open().await;
    let mut anna = house.connect(&house.member_token_for(0, 60)).await;
    house.clock.set_forward(80 * SECOND);
    lives(&mut anna).await.expect("still there");
    let expired = refresh(&mut anna, &house.member_token_for(0, -20)).await;
    assert_eq!(expired.expect_err("an ended one is no newer one").name, "tokenExpired");
    refresh(&mut anna, &house.member_token_for(0, 3_600)).await.expect("refreshed");
    house.clock.set_forward(PAST);
    lives(&mut anna).await.expect("the connection goes on");
    lives(&mut anna).await.expect("and on");
}

#[tokio::test]
async fn a_token_of_somebody_else_or_of_another_application_is_refused_and_the_connection_stays_as_it_was() {
    let house = House::open().await;
    let mut anna = house.connect(&house.member_token_for(0, 60)).await;
    let refused = refresh(&mut anna, &house.member_token_for(1, 3_600))
        .await
        .expect_err("another person");
    assert_eq!((refused.name.as_str(), refused.code), ("tokenOfSomebodyElse", 403));
    let (_, guest) = house.guest().await;
    assert_eq!(
        refresh(&mut anna, &guest).await.expect_err("another kind of person").name,
        "tokenOfSomebodyElse"
    );
    let other = house.accounts.application.client_id.clone();
    let refused = refresh(&mut anna, &house.member_token_through(0, &other, 3_600)).await;
    assert_eq!(refused.expect_err("another application").name, "tokenOfSomebodyElse");
    lives(&mut anna).await.expect("nothing was lost");
    house.clock.set_forward(PAST);
    let _ = lives(&mut anna).await;
    assert_eq!(anna.closed().await.map(|reason| reason.name).as_deref(), Some("tokenExpired"));
}

#[tokio::test]
async fn a_token_that_no_longer_counts_is_refused_with_its_reason() {
    let house = House::open().await;
    let (guest_id, first) = house.guest().await;
    house.app.revoke_tokens(&guest_id).await.expect("revoked");
    house.clock.set_forward(5 * SECOND);
    let token = house
        .app
        .issue_token(&guest_id, &[app::TokenScope::Voip], None)
        .await
        .expect("a token");
    let mut maria = house.connect(&token.token).await;
    assert_eq!(refresh(&mut maria, &first).await.expect_err("revoked before").name, "tokenRevoked");
    assert_eq!(refresh(&mut maria, "no token").await.expect_err("no token").name, "tokenInvalid");
    let mut anna = house.connect(&house.member_token_for(0, 3_600)).await;
    let expired = refresh(&mut anna, &house.member_token_for(0, -60)).await;
    assert_eq!(expired.expect_err("expired").name, "tokenExpired");
    // The twin, and nobody was disconnected by any of it.
    refresh(&mut maria, &token.token).await.expect("the same token is good");
    lives(&mut anna).await.expect("still there");
}

#[tokio::test]
async fn a_shorter_token_takes_nothing_back() {
    let house = House::open().await;
    let mut anna = house.connect(&house.member_token_for(0, 3_600)).await;
    refresh(&mut anna, &house.member_token_for(0, 60)).await.expect("refreshed");
    house.clock.set_forward(PAST);
    lives(&mut anna).await.expect("the first token is still good");
    lives(&mut anna).await.expect("and again");
}

#[tokio::test]
async fn a_refreshed_connection_still_ends_with_a_revocation() {
    let house = House::open().await;
    let (guest_id, token) = house.guest().await;
    let mut maria = house.connect(&token).await;
    refresh(&mut maria, &token).await.expect("refreshed");
    house.app.revoke_tokens(&guest_id).await.expect("revoked");
    assert_eq!(maria.closed().await.map(|reason| reason.name).as_deref(), Some("tokenRevoked"));
}

/// A guest's token that may begin calls, or one that may join them only.
async fn guest_token(house: &House, id: &str, scope: app::TokenScope) -> String {
    let token = house.app.issue_token(id, &[scope], None).await;
    token.expect("a token").token
}

fn group(id: &str) -> Locator {
    Locator::Group { group_id: id.to_owned() }
}

#[tokio::test]
async fn a_newer_token_says_whether_calls_may_be_begun() {
    const FIRST: &str = "29228d3e-040e-4656-a70e-890ab4e173e5";
    const SECOND_ONE: &str = "29228d3e-040e-4656-a70e-890ab4e173e6";
    const THIRD: &str = "29228d3e-040e-4656-a70e-890ab4e173e7";
    let house = House::open().await;
    let (id, may) = house.guest().await;
    let mut maria = house.connect(&may).await;
    maria.join(group(FIRST), "").await.expect("may begin it");
    house.clock.set_forward(5 * SECOND);
    let may_not = guest_token(&house, &id, app::TokenScope::VoipJoin).await;
    refresh(&mut maria, &may_not).await.expect("refreshed");
    let refused = maria.join(group(SECOND_ONE), "").await.expect_err("no longer");
    assert_eq!(refused.name, "scopeForbidsStarting");
    // The older one is shorter: it does not give the right back.
    refresh(&mut maria, &may).await.expect("still good");
    assert_eq!(
        maria.join(group(SECOND_ONE), "").await.expect_err("the newer one counts").name,
        "scopeForbidsStarting"
    );
    house.clock.set_forward(5 * SECOND);
    let may = guest_token(&house, &id, app::TokenScope::Voip).await;
    refresh(&mut maria, &may).await.expect("refreshed");
    maria.join(group(THIRD), "").await.expect("may again");
}

#[tokio::test]
async fn in_the_half_minute_after_its_token_a_connection_begins_nothing_new() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let (bo, _) = house.guest().await;
    let start = || RequestBody::StartCall {
        participants: vec![bo.clone()],
        display_name: None,
        muted: false,
        custom_context: std::collections::BTreeMap::new(),
    };
    let mut anna = house.connect(&house.member_token_for(0, 60)).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    house.clock.set_forward(80 * SECOND);
    anna.ok(&call, RequestBody::Snapshot).await;
    let refused = anna.join(house.link(&meeting), "").await.expect_err("too late");
    assert_eq!(refused.name, "tokenExpired");
    assert!(matches!(anna.request(None, start()).await, Outcome::Refused { refusal } if refusal.name == "tokenExpired"));
    refresh(&mut anna, &house.member_token_for(0, 3_600)).await.expect("refreshed");
    anna.join(house.link(&meeting), "").await.expect("in time");
    assert!(matches!(anna.request(None, start()).await, Outcome::Ok { .. }));
}
