//! The SDK against a real WebSocket and the real media engine: two participants see and hear one another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod house;

use std::time::Duration;

use calling::bot::{BotNews, BotOptions};
use calling::{Call, CallingError, Client, Clip, Phase, Source, Trust};
use house::{House, number};
use tokio::time::{interval, timeout};
use wire::{Locator, MediaKind};

const PATIENCE: Duration = Duration::from_secs(30);

async fn join(house: &House, name: &str) -> Result<Call, CallingError> {
    let client = Client::connect_to(&house.url(), "good", &Trust::system()).await?;
    client
        .join(
            Locator::Link {
                link: "https://example.org/l".to_owned(),
            },
            Some(name.to_owned()),
            false,
        )
        .await
}

/// Looks until it is so.
async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let looking = async {
        let mut tick = interval(Duration::from_millis(10));
        while !condition() {
            tick.tick().await;
        }
    };
    assert!(timeout(PATIENCE, looking).await.is_ok(), "never happened: {what}");
}

async fn publish_all(call: &Call) {
    call.publish(MediaKind::Camera, Some(Source::Clip(Clip::test_pattern().unwrap())))
        .await
        .unwrap();
    call.publish(MediaKind::Microphone, Some(Source::Clip(Clip::test_tone().unwrap())))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_participants_receive_one_another() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    publish_all(&anna).await;
    publish_all(&ben).await;
    for (call, other) in [(&anna, 2), (&ben, 1)] {
        until("frames of the other", || {
            call.frames_of(number(other, MediaKind::Camera)) > 20 && call.frames_of(number(other, MediaKind::Microphone)) > 50
        })
        .await;
        let view = call.view();
        let camera = view
            .slots
            .values()
            .find(|slot| slot.publication == Some(number(other, MediaKind::Camera)))
            .unwrap();
        let stats = call.receive_stats().slots[&camera.mid];
        assert!(stats.keyframes > 0 && stats.gaps == 0, "{stats:?}");
        assert_eq!(view.participants.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_camera_is_no_longer_received_and_a_started_one_is_again() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    publish_all(&anna).await;
    let camera = number(1, MediaKind::Camera);
    until("video flows", || ben.frames_of(camera) > 10).await;
    anna.publish(MediaKind::Camera, None).await.unwrap();
    ben.wait_for(|view| !view.slots.values().any(|slot| slot.publication == Some(camera)))
        .await
        .unwrap();
    anna.publish(MediaKind::Camera, Some(Source::Clip(Clip::test_pattern().unwrap())))
        .await
        .unwrap();
    until("video flows again", || ben.frames_of(camera) > 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_has_no_media_path_until_admitted() {
    let house = House::open(true).await;
    let anna = join(&house, "Anna").await.unwrap();
    publish_all(&anna).await;
    anna.wait_for(|view| matches!(view.phase, Phase::Waiting { .. })).await.unwrap();
    assert_eq!((house.engine.stats().peers, anna.view().participants.len()), (0, 0));
    house.admit_all();
    anna.admitted().await.unwrap();
    until("what was published while waiting is sent", || anna.receive_stats().frames_sent > 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_media_path_is_opened_again() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    publish_all(&anna).await;
    let camera = number(1, MediaKind::Camera);
    until("video flows", || ben.frames_of(camera) > 10).await;
    house.lose_media();
    ben.wait_for(|view| view.slots.is_empty()).await.unwrap();
    let before = ben.receive_stats().slots.values().map(|slot| slot.frames).sum::<u64>();
    until("video flows again", || {
        let now = ben.receive_stats().slots.values().map(|slot| slot.frames).sum::<u64>();
        ben.frames_of(camera) > 0 && now > before + 20
    })
    .await;
}

#[tokio::test]
async fn refusals_say_why() {
    let house = House::open(false).await;
    let refused = |error: CallingError| match error {
        CallingError::Refused(refusal) => refusal.name,
        other => panic!("{other}"),
    };
    let error = Client::connect_to(&house.url(), "bad", &Trust::system()).await.err().unwrap();
    assert_eq!(refused(error), "badToken");
    assert_eq!(refused(join(&house, "Mallory").await.err().unwrap()), "notAllowed");
    assert!(join(&house, "Anna").await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_that_names_it() {
    let error = Client::connect_to("ws://127.0.0.1:1/signal", "good", &Trust::system())
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    let error = Client::connect_to("http://127.0.0.1/", "good", &Trust::system())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, CallingError::Url { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_call_is_left_and_an_ended_one_says_why() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    anna.wait_for(|view| view.participants.len() == 2).await.unwrap();
    drop(ben);
    anna.wait_for(|view| view.participants.len() == 1).await.unwrap();
    house.end();
    let view = anna.wait_for(|view| matches!(view.phase, Phase::Ended(_))).await.unwrap();
    assert!(matches!(view.phase, Phase::Ended(reason) if reason.name == "meetingEnded"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bot_waits_sends_and_leaves_after_its_time() {
    let house = House::open(true).await;
    let options = BotOptions {
        link: "https://example.org/l".to_owned(),
        name: "Bot".to_owned(),
        token: "good".to_owned(),
        signal_url: Some(house.url()),
        video: true,
        audio: true,
        duration: Some(Duration::from_secs(2)),
        trust: Trust::system(),
    };
    let mut news = Vec::new();
    let run = calling::bot::run(options, std::future::pending(), |item| {
        if item == BotNews::Waiting {
            house.admit_all();
        }
        news.push(item);
    });
    let report = timeout(PATIENCE, run).await.unwrap().unwrap();
    assert!(report.ended.is_none() && report.stats.frames_sent > 20, "{report:?}");
    assert_eq!(news, [BotNews::Waiting, BotNews::InMeeting]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_comes_back_with_the_call_and_media_flows_on_meanwhile() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    publish_all(&anna).await;
    let camera = number(1, MediaKind::Camera);
    until("video flows", || ben.frames_of(camera) > 10).await;
    // Twice, because the ticket is another one then.
    for round in ["+", "++"] {
        let peers = house.engine.stats().peers;
        house.cut();
        until("both notice", || !anna.is_online() && !ben.is_online()).await;
        let before = ben.frames_of(camera);
        until("video flows meanwhile", || ben.frames_of(camera) > before + 10).await;
        assert!(ben.phase() == Phase::InMeeting && !ben.is_online());
        house.mend(false);
        until("both are back", || anna.is_online() && ben.is_online()).await;
        assert_eq!(house.tickets(), [format!("ticket{round}"), format!("ticket{round}")]);
        assert_eq!(house.engine.stats().peers, peers, "the media path is kept");
    }
    // What happens now is told over the new connection.
    drop(anna);
    ben.wait_for(|view| view.participants.len() == 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_without_a_connection_is_told_when_it_is_back() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    let ben = join(&house, "Ben").await.unwrap();
    anna.admitted().await.unwrap();
    ben.wait_for(|view| view.participants.len() == 2).await.unwrap();
    house.cut();
    until("both notice", || !anna.is_online() && !ben.is_online()).await;
    publish_all(&anna).await;
    house.mend(false);
    until("video flows", || ben.frames_of(number(1, MediaKind::Camera)) > 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_the_server_has_lost_ends_with_its_reason() {
    let house = House::open(false).await;
    let anna = join(&house, "Anna").await.unwrap();
    anna.admitted().await.unwrap();
    house.cut();
    house.mend(true);
    let view = anna.wait_for(|view| matches!(view.phase, Phase::Ended(_))).await.unwrap();
    assert!(matches!(view.phase, Phase::Ended(reason) if reason.name == "noSuchCall"));
}
