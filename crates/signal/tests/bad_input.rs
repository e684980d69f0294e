//! Every kind of bad input gets its documented code, settles, and harms nobody else (laws 5 and 8).
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{House, hello, snapshot};
use wire::{ClientFrame, Locator, Outcome, RequestBody, ServerFrame};

async fn first_answer(house: &House, text: &str) -> wire::Refusal {
    let mut socket = house.socket().await;
    socket.send_text(text).await;
    socket.closed().await.expect("a reason")
}

#[tokio::test]
async fn a_socket_that_does_not_begin_with_hello_is_told_and_closed() {
    let house = House::open().await;
    for text in ["", "nonsense", "{}", "{\"type\":\"ping\"}", "{\"type\":\"hello\"}", "[]", "\u{0}"] {
        assert_eq!(first_answer(&house, text).await.name, "malformedFrame", "{text:?}");
    }
    let mut socket = house.socket().await;
    socket.send_binary(vec![1, 2, 3]).await;
    assert_eq!(socket.closed().await.expect("a reason").name, "malformedFrame");
}

#[tokio::test]
async fn another_protocol_version_is_refused() {
    let house = House::open().await;
    let ClientFrame::Hello(mut first) = hello("x", vec![]) else {
        unreachable!("hello gives a hello")
    };
    first.protocol = 99;
    assert_eq!(
        first_answer(&house, &wire::encode(&ClientFrame::Hello(first))).await.name,
        "unsupportedProtocol"
    );
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused_with_its_reason() {
    let house = House::open().await;
    let other = House::open().await;
    let (_, foreign) = other.guest().await;
    let (id, _) = house.guest().await;
    let chat_only = house
        .app
        .issue_token(&id, &[app::TokenScope::Chat], None)
        .await
        .expect("a token")
        .token;
    for (token, name) in [
        ("", "tokenInvalid"),
        ("a.b.c", "tokenInvalid"),
        (foreign.as_str(), "tokenInvalid"),
        (chat_only.as_str(), "scopeMissing"),
    ] {
        let refusal = house.connect_with(token, vec![]).await.err().expect("refused");
        assert_eq!(refusal.name, name, "{token}");
    }
    // Signed by this house, but meant for another resource.
    let now = house.app.now() / 1_000_000;
    let elsewhere = house.sign(serde_json::json!({
        "skypeid": "acs:11111111-1111-4111-8111-111111111111_22222222-2222-4222-8222-222222222222",
        "resourceId": "11111111-1111-4111-8111-111111111111",
        "acsScope": "voip",
        "iat": now,
        "exp": now + 3600,
    }));
    assert_eq!(
        house.connect_with(&elsewhere, vec![]).await.err().expect("refused").name,
        "tokenForeign"
    );
    let expired = house.member_token_for(0, -1);
    assert_eq!(
        house.connect_with(&expired, vec![]).await.err().expect("refused").name,
        "tokenExpired"
    );
    // The twins.
    let (_, good) = house.guest().await;
    house.connect(&good).await;
    house.connect(&house.member_token_for(0, 60)).await;
}

#[tokio::test]
async fn a_first_frame_far_over_the_limit_is_named_for_what_it_is() {
    let house = House::open().await;
    assert_eq!(
        first_answer(&house, &"x".repeat(wire::MAX_FRAME_BYTES * 2 + 1)).await.name,
        "frameTooLarge"
    );
}

#[tokio::test]
async fn a_frame_of_just_the_limit_is_read() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let frame = |name: usize| {
        let name = "x".repeat(name);
        format!("{{\"type\":\"request\",\"id\":1,\"request\":{{\"call\":\"{name}\",\"body\":{{\"type\":\"raiseHand\"}}}}}}")
    };
    let full = frame(wire::MAX_FRAME_BYTES - frame(0).len());
    assert_eq!(full.len(), wire::MAX_FRAME_BYTES);
    guest.send_text(&full).await;
    let ServerFrame::Response {
        id: 1,
        outcome: Outcome::Refused { refusal },
    } = guest.frame().await
    else {
        panic!("not read")
    };
    assert_eq!(refusal.name, "noSuchCall");
}

#[tokio::test]
async fn offers_in_a_flood_are_refused_and_the_meeting_goes_on() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let offer = || RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![],
        fresh: true,
    };
    let mut refused = 0;
    for _ in 0..20 {
        match anna.request(Some(&call), offer()).await {
            Outcome::Ok { .. } => {}
            Outcome::Refused { refusal } => {
                assert_eq!(refusal.name, "requestQueueFull");
                refused += 1;
            }
        }
    }
    assert!(refused >= 10, "{refused} of twenty offers in a row were refused");
    anna.ok(&call, RequestBody::Snapshot).await;
}

#[tokio::test]
async fn an_unreadable_request_is_answered_and_the_socket_lives_on() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    guest
        .send_text("{\"type\":\"request\",\"id\":7,\"request\":{\"call\":null,\"body\":{\"type\":\"dance\"}}}")
        .await;
    let ServerFrame::Response {
        id: 7,
        outcome: Outcome::Refused { refusal },
    } = guest.frame().await
    else {
        panic!("no answer to request 7")
    };
    assert_eq!(refusal.name, "unknownMessage");
    guest.send(&ClientFrame::Ping).await;
    assert_eq!(guest.frame().await, ServerFrame::Pong);
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_socket_with_a_reason() {
    let house = House::open().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    guest.send_text(&"x".repeat(wire::MAX_FRAME_BYTES + 1)).await;
    assert_eq!(guest.closed().await.expect("a reason").name, "frameTooLarge");
}

#[tokio::test]
async fn every_way_to_miss_a_meeting_has_its_code() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let link = |link: &str| Locator::Link { link: link.to_owned() };
    let by_id = |id: &str, passcode: &str| Locator::MeetingId {
        meeting_id: id.to_owned(),
        passcode: Some(passcode.to_owned()),
    };
    let passcode = meeting.passcode.clone().expect("a passcode");
    for (locator, name) in [
        (link("https://elsewhere.example/"), "meetingNotFound"),
        (link("not a link"), "meetingNotFound"),
        (by_id("000000000000", &passcode), "meetingIdOrPasscodeInvalid"),
        (by_id(&meeting.join_meeting_id, "wrong"), "meetingIdOrPasscodeInvalid"),
        (Locator::Room { room_id: "1".to_owned() }, "roomNotFound"),
        (
            Locator::Group {
                group_id: "ours".to_owned(),
            },
            "groupIdInvalid",
        ),
    ] {
        let refusal = guest.join(locator.clone(), "Maria").await.expect_err("no meeting");
        assert_eq!(refusal.name, name, "{locator:?}");
    }
    let right = by_id(&meeting.join_meeting_id, &passcode);
    assert!(guest.join(right, "Maria").await.expect("the right passcode").waiting);
}

#[tokio::test]
async fn guessing_passcodes_is_throttled() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let wrong = Locator::MeetingId {
        meeting_id: meeting.join_meeting_id.clone(),
        passcode: Some("wrong".to_owned()),
    };
    let mut throttled = false;
    for _ in 0..40 {
        let refusal = guest.join(wrong.clone(), "Maria").await.expect_err("wrong");
        throttled |= refusal.name == "tooManyAttempts";
    }
    assert!(throttled, "forty guesses in a row were all tried");
}

#[tokio::test]
async fn a_bad_offer_is_refused_and_the_next_one_answered() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    anna.until(snapshot).await;
    let offer = |sdp: &str| RequestBody::OfferMedia {
        sdp: sdp.to_owned(),
        publications: vec![],
        fresh: false,
    };
    assert_eq!(anna.refused(&call, offer("bad")).await.name, "mediaRefused");
    anna.ok(&call, offer("good")).await;
}

#[tokio::test]
async fn a_call_of_somebody_else_is_unknown() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(house.link(&meeting), "").await.expect("joined").call;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    assert_eq!(
        guest.refused(&call, RequestBody::Leave { for_everyone: true }).await.name,
        "noSuchCall"
    );
}

#[tokio::test]
async fn policy_and_expiry_refuse_over_the_wire_with_their_names() {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let (_, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let administrator = app::Caller::Member {
        member: house.accounts.members[2].member.clone(),
        scopes: vec!["Settings.ReadWrite.All".to_owned()],
        client_id: house.accounts.tenant.meet_client_id.clone(),
    };
    let open = meeting::MeetingPolicy::default();
    let closed = meeting::MeetingPolicy {
        allow_anonymous_users_to_join_meeting: false,
        ..open.clone()
    };
    let blocked = meeting::MeetingPolicy {
        blocked_anonymous_join_client_types: vec![meeting::AnonymousClientType::Acs],
        ..open.clone()
    };
    for (policy, name) in [(closed, "anonymousJoinDisabledByPolicy"), (blocked, "clientKindBlocked")] {
        house
            .app
            .update_settings(&administrator, None, Some(policy))
            .await
            .expect("changed");
        assert_eq!(guest.join(house.link(&meeting), "Maria").await.expect_err(name).name, name);
    }
    house.app.update_settings(&administrator, None, Some(open)).await.expect("changed");
    assert!(guest.join(house.link(&meeting), "Maria").await.expect("open again").waiting);

    const YEAR_US: i64 = 365 * 24 * 3600 * 1_000_000;
    house.clock.set_forward(2 * YEAR_US);
    let (_, token) = house.guest().await;
    let mut late = house.connect(&token).await;
    assert_eq!(
        late.join(house.link(&meeting), "Maria").await.expect_err("expired").name,
        "meetingExpired"
    );
}
