//! What one participant can do to the others by asking too much.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use common::{Client, House, USUAL, browser_offer, connect, during, until};
use media::{MediaKind, Offer, OfferError, PeerId, PublicationId, RoomId};

fn fresh(sdp: &str) -> Offer {
    Offer {
        sdp: sdp.to_owned(),
        fresh: true,
    }
}

fn room() -> RoomId {
    RoomId("other".to_owned())
}

/// The dearest offer that is not refused unread.
fn dear_offer() -> String {
    let (_, mut sdp) = Client::new(PeerId(0), USUAL);
    for host in 0..250 {
        sdp += &format!("a=candidate:1 1 udp 2122260223 192.0.2.{host} 9 typ host\r\n");
    }
    while sdp.lines().count() < 4_000 {
        sdp += "a=x\r\n";
    }
    sdp
}

#[test]
fn a_flood_of_offers_stops_nobodys_sound() {
    let house = House::new();
    let mut anna = house.client("room", 1, USUAL);
    let mut ben = house.client("room", 2, USUAL);
    house.declare(&anna, 10, &[MediaKind::Microphone]);
    connect(&mut [&mut anna, &mut ben]);
    until("ben hears", &mut [&mut anna, &mut ben], |clients| {
        if clients[0].is_time() {
            clients[0].speak(30);
        }
        clients[1].total() > 10
    });
    let (over, answered, busy) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let (engine, offers) = (house.engine.clone(), [browser_offer(), dear_offer()]);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            // More than may wait, all the time, on several shards, too.
            let flood = async {
                let one = async |lane: u64| {
                    while !over.load(Ordering::Relaxed) {
                        let peer = PeerId(1_000 + lane);
                        match engine.offer(room(), peer, fresh(&offers[lane as usize % 2])).await {
                            Err(OfferError::Busy) => busy.fetch_add(1, Ordering::Relaxed),
                            _ => answered.fetch_add(1, Ordering::Relaxed),
                        };
                        for publication in 0..100 {
                            engine.set_open(peer, PublicationId(publication), true);
                        }
                        tokio::task::yield_now().await;
                    }
                };
                futures(240, one).await;
            };
            runtime.block_on(flood);
        });
        let (before, mut sent) = (ben.total(), 0);
        during(Duration::from_secs(3), &mut [&mut anna, &mut ben], |clients| {
            if clients[0].is_time() {
                clients[0].speak(30);
                sent += 1;
            }
        });
        let heard = ben.total() - before;
        over.store(true, Ordering::Relaxed);
        assert!(sent > 20 && heard * 10 >= sent * 9, "of {sent} packets {heard} were heard");
    });
    assert!(busy.load(Ordering::Relaxed) > 0, "it was no flood");
    assert!(answered.load(Ordering::Relaxed) > 0, "nobody was answered");
    assert!(
        house.offer("other", PeerId(3), &browser_offer(), true).is_ok(),
        "afterwards all is well"
    );
}

/// Runs so many at a time on this thread.
async fn futures<F: AsyncFn(u64)>(count: u64, one: F) {
    let mut all: Vec<_> = (0..count).map(|lane| Box::pin(one(lane))).collect();
    std::future::poll_fn(|context| {
        all.retain_mut(|future| future.as_mut().poll(context).is_pending());
        if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[tokio::test]
async fn beyond_its_bound_offers_are_refused_as_busy_and_the_others_are_answered() {
    let house = media_engine();
    let sdp = browser_offer();
    let mut asked: Vec<_> = (0..100)
        .map(|peer| Box::pin(house.offer(room(), PeerId(peer), fresh(&sdp))))
        .collect();
    let mut answers = Vec::new();
    std::future::poll_fn(|context| {
        asked.retain_mut(|offer| match offer.as_mut().poll(context) {
            Poll::Ready(answer) => {
                answers.push(answer.map(drop));
                false
            }
            Poll::Pending => true,
        });
        if asked.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    let busy = answers.iter().filter(|answer| **answer == Err(OfferError::Busy)).count();
    assert!(taken >= 64 && busy > 0 && taken + busy == 100, "{taken} taken, {busy} busy");
    assert!(house.offer(room(), PeerId(200), fresh(&sdp)).await.is_ok());
}

#[tokio::test]
async fn a_removed_peer_is_not_made_by_the_offer_it_overtook() {
    let house = media_engine();
    let sdp = browser_offer();
    for removed in [true, false] {
        let first = house.offer(room(), PeerId(1), fresh(&sdp));
        let second = house.offer(room(), PeerId(2), fresh(&sdp));
        let remove = async {
            if removed {
                house.remove(PeerId(2));
            }
        };
        let (first, second, ()) = tokio::join!(first, second, remove);
        assert!(first.is_ok());
        assert_eq!(second.map(drop), if removed { Err(OfferError::Removed) } else { Ok(()) });
        // Answered after the removal, so everything before is done.
        assert!(house.offer(room(), PeerId(3), fresh(&sdp)).await.is_ok());
        let begin = Instant::now();
        let expected = if removed { 2 } else { 3 };
        while house.stats().peers != expected {
            assert!(begin.elapsed() < common::PATIENCE, "{:?}", house.stats());
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_peer_has_one_offer_at_a_time() {
    let house = media_engine();
    let sdp = browser_offer();
    let offer = || house.offer(room(), PeerId(1), fresh(&sdp));
    let (first, second) = tokio::join!(offer(), offer());
    assert!(first.is_ok());
    assert_eq!(second.map(drop), Err(OfferError::Busy));
    assert!(offer().await.is_ok());
}

#[tokio::test]
async fn words_that_nobody_could_carry_out_make_nobody_wait() {
    let house = media_engine();
    let sdp = browser_offer();
    assert!(house.offer(room(), PeerId(1), fresh(&sdp)).await.is_ok());
    let begin = Instant::now();
    for round in 0..100_000u32 {
        house.set_open(PeerId(u64::from(round % 7)), PublicationId(round), true);
        house.subscribe(PeerId(1), Vec::new());
    }
    house.remove(PeerId(1));
    assert!(begin.elapsed() < Duration::from_secs(10));
    while house.stats().peers > 0 {
        assert!(begin.elapsed() < common::PATIENCE, "the removal was lost");
        tokio::task::yield_now().await;
    }
}

fn media_engine() -> media::Engine {
    let config = media::EngineConfig::new(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    media::Engine::start(config, Box::new(|_| {})).unwrap()
}
