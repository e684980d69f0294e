//! From locators to meetings: every form finds it, what is wrong finds nothing, and guessing is slowed down.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::net::IpAddr;

use app::model::OnlineMeeting;
use app::permissions::MEETINGS_READ_WRITE_ALL;
use app::{Locator, MeetingDraft, ResolveError, links};
use meeting::PasscodeCheck;
use support::{House, MINUTE, OTHER_ORIGIN, as_application};

async fn scheduled(house: &House, passcode: bool) -> OnlineMeeting {
    let draft = MeetingDraft {
        passcode_required: Some(passcode),
        ..MeetingDraft::default()
    };
    house
        .app
        .schedule(&as_application(&[MEETINGS_READ_WRITE_ALL]), &house.anna().id, draft)
        .await
        .unwrap()
}

fn by_id(id: &str, passcode: Option<&str>) -> Locator {
    Locator::MeetingId {
        id: id.to_owned(),
        passcode: passcode.map(str::to_owned),
    }
}

fn link(link: String) -> Locator {
    Locator::Link { link }
}

fn source(last: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 0, 2, last]))
}

#[tokio::test]
async fn every_form_of_locator_finds_the_meeting() {
    let house = House::new().await;
    let meeting = scheduled(&house, true).await;
    let (id, passcode) = (meeting.join_meeting_id.clone(), meeting.passcode.clone().unwrap());
    let coordinates = house.app.coordinates(&meeting).unwrap();
    let spaced = format!(" {} {} ", &id[..4], &id[4..]);
    let table = [
        (link(house.app.join_url(&meeting).unwrap()), PasscodeCheck::NotRequired),
        (link(links::join_url(OTHER_ORIGIN, &coordinates)), PasscodeCheck::NotRequired),
        (
            link(links::short_join_url(OTHER_ORIGIN, &id, Some(&passcode))),
            PasscodeCheck::Correct,
        ),
        (by_id(&spaced, Some(&format!(" {passcode}"))), PasscodeCheck::Correct),
        (
            Locator::Coordinates {
                thread_id: coordinates.thread_id.clone(),
                organizer_id: coordinates.organizer_id.to_uppercase(),
                tenant_id: coordinates.tenant_id.clone(),
                message_id: "0".to_owned(),
            },
            PasscodeCheck::NotRequired,
        ),
    ];
    for (locator, passcode) in table {
        let resolved = house.app.resolve(&locator, None).await.unwrap();
        assert_eq!((&resolved.meeting, resolved.passcode), (&meeting, passcode));
        assert_eq!(resolved.settings, house.app.settings_of(&meeting.thread_id).await.unwrap());
    }
    let open = scheduled(&house, false).await;
    for passcode in [None, Some("whatever")] {
        let resolved = house.app.resolve(&by_id(&open.join_meeting_id, passcode), None).await.unwrap();
        assert_eq!(resolved.passcode, PasscodeCheck::NotRequired);
    }
}

#[tokio::test]
async fn an_unknown_meeting_id_and_a_wrong_passcode_get_the_same_answer() {
    let house = House::new().await;
    let meeting = scheduled(&house, true).await;
    let id = &meeting.join_meeting_id;
    let wrong = [
        by_id(id, Some("wrong")),
        by_id(id, None),
        by_id(id, Some("")),
        by_id("999999999999", meeting.passcode.as_deref()),
        by_id("no digits", None),
        link(links::short_join_url(OTHER_ORIGIN, id, None)),
        link(links::short_join_url(OTHER_ORIGIN, id, Some("wrong"))),
    ];
    for locator in wrong {
        assert!(matches!(
            house.app.resolve(&locator, None).await,
            Err(ResolveError::InvalidIdOrPasscode)
        ));
    }
}

#[tokio::test]
async fn a_link_that_contradicts_the_meeting_finds_nothing() {
    let house = House::new().await;
    let meeting = scheduled(&house, true).await;
    let good = house.app.coordinates(&meeting).unwrap();
    let other = house.ben().id;
    let contradictions = [
        links::Coordinates {
            organizer_id: other.clone(),
            ..good.clone()
        },
        links::Coordinates {
            tenant_id: other.clone(),
            ..good.clone()
        },
        links::Coordinates {
            thread_id: links::thread_id(&other),
            ..good.clone()
        },
    ];
    for coordinates in contradictions {
        let found = house.app.resolve(&link(links::join_url(OTHER_ORIGIN, &coordinates)), None).await;
        assert!(matches!(found, Err(ResolveError::NotFound)));
    }
    assert!(house.app.resolve(&link(links::join_url(OTHER_ORIGIN, &good)), None).await.is_ok());
    for text in ["", "https://example.org/", "https://x/l/meetup-join/19%3ameeting_x%40thread.v2/0"] {
        assert!(
            matches!(
                house.app.resolve(&link(text.to_owned()), None).await,
                Err(ResolveError::Malformed { .. })
            ),
            "{text}"
        );
    }
}

#[tokio::test]
async fn who_guesses_passcodes_of_a_meeting_is_slowed_down_and_does_not_shut_others_out() {
    let house = House::new().await;
    let (meeting, other) = (scheduled(&house, true).await, scheduled(&house, true).await);
    let right = by_id(&meeting.join_meeting_id, meeting.passcode.as_deref());
    let mut throttled = 0;
    for number in 0..40u8 {
        let guess = by_id(&meeting.join_meeting_id, Some(&number.to_string()));
        match house.app.resolve(&guess, source(1)).await {
            Err(ResolveError::InvalidIdOrPasscode) => {}
            Err(ResolveError::Throttled { retry_after_s }) => {
                assert!((1..=61).contains(&retry_after_s));
                throttled += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(throttled, 20);
    // Even the right passcode does not help the attacker now, nor anybody of the same network.
    let refused = house.app.resolve(&right, source(1)).await;
    assert!(matches!(refused, Err(ResolveError::Throttled { .. })));
    assert!(house.app.resolve(&right, source(2)).await.is_ok());
    assert!(house.app.resolve(&right, None).await.is_ok());
    let elsewhere = by_id(&other.join_meeting_id, other.passcode.as_deref());
    assert!(house.app.resolve(&elsewhere, source(1)).await.is_ok());
    // The link is no guess and is never slowed down.
    let url = link(house.app.join_url(&meeting).unwrap());
    assert!(house.app.resolve(&url, source(1)).await.is_ok());
    house.pass(MINUTE);
    assert!(house.app.resolve(&right, source(1)).await.is_ok());
}

#[tokio::test]
async fn guessing_passcodes_of_one_meeting_from_everywhere_is_slowed_down_and_other_meetings_are_not() {
    let house = House::new().await;
    let (meeting, other) = (scheduled(&house, true).await, scheduled(&house, true).await);
    let guess = by_id(&meeting.join_meeting_id, Some("wrong"));
    for number in 0..600u16 {
        let [high, low] = number.to_be_bytes();
        let refused = house.app.resolve(&guess, Some(IpAddr::from([198, 51, high, low]))).await;
        assert!(matches!(refused, Err(ResolveError::InvalidIdOrPasscode)), "{number}: {refused:?}");
    }
    let right = by_id(&meeting.join_meeting_id, meeting.passcode.as_deref());
    let refused = house.app.resolve(&right, source(1)).await;
    assert!(matches!(refused, Err(ResolveError::Throttled { .. })));
    let elsewhere = by_id(&other.join_meeting_id, other.passcode.as_deref());
    assert!(house.app.resolve(&elsewhere, source(1)).await.is_ok());
    house.pass(MINUTE);
    assert!(house.app.resolve(&right, source(1)).await.is_ok());
}

#[tokio::test]
async fn guessing_meeting_ids_from_one_source_is_slowed_down_and_other_sources_are_not() {
    let house = House::new().await;
    let meeting = scheduled(&house, true).await;
    let right = by_id(&meeting.join_meeting_id, meeting.passcode.as_deref());
    for number in 0..50u64 {
        let guess = by_id(&format!("{}", 800_000_000_000 + number), None);
        assert!(matches!(
            house.app.resolve(&guess, source(1)).await,
            Err(ResolveError::InvalidIdOrPasscode)
        ));
    }
    assert!(matches!(
        house.app.resolve(&right, source(1)).await,
        Err(ResolveError::Throttled { .. })
    ));
    assert!(house.app.resolve(&right, source(2)).await.is_ok());
    house.pass(10 * MINUTE);
    assert!(house.app.resolve(&right, source(1)).await.is_ok());
}

#[tokio::test]
async fn joining_rightly_is_never_slowed_down() {
    let house = House::new().await;
    let meeting = scheduled(&house, true).await;
    let right = by_id(&meeting.join_meeting_id, meeting.passcode.as_deref());
    for _ in 0..200 {
        assert!(house.app.resolve(&right, source(1)).await.is_ok());
    }
}
