//! The engine against a real browser: its offer is understood, its simulcast is forwarded and decoded again, a larger wish
//! brings a larger picture. The browser is the oracle. Needs Debian's chromium.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::House;
use common::page::Page;
use media::{Event, PeerId, PublicationId};

#[test]
fn the_offer_of_a_browser_is_answered_line_by_line() {
    let house = House::new();
    let offer = include_str!("fixtures/chromium-offer.sdp");
    // Browsers hide their addresses behind names that only they can resolve.
    let hidden =
        "a=candidate:1 1 udp 2113937151 6b1cf14e-2d6e-4a8e-9d55-0c7b0a2f1d11.local 50000 typ host generation 0 network-cost 999\r\n";
    let offer = offer.replacen("a=ice-ufrag", &format!("{hidden}a=ice-ufrag"), 1);
    let answer = house.offer("room", PeerId(1), &offer, true).unwrap();
    let lines = |sdp: &str| sdp.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(lines(&answer), lines(&offer));
    assert!(
        !answer.lines().any(|line| line.starts_with("m=") && line.contains(" 0 UDP")),
        "no line is rejected: {answer}"
    );
    assert!(answer.contains("a=simulcast:recv q;h;f"), "{answer}");
    assert_eq!(answer.matches("a=sendonly").count(), 14, "five and nine slots");
    let codecs: BTreeSet<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' ')?.1.split('/').next())
        .collect();
    let forwarded = ["AV1", "H264", "VP8", "VP9", "opus", "red", "rtx"];
    assert_eq!(codecs, BTreeSet::from(forwarded), "all that can be forwarded, and nothing else");
    let descriptor = "#dependency-descriptor-rtp-header-extension";
    assert_eq!(answer.matches(descriptor).count(), 11, "for each video");
    let baseline = |line: &&str| line.starts_with("a=fmtp:") && line.contains("profile-level-id");
    let profiles: BTreeSet<&str> = answer.lines().filter(baseline).map(|line| &line[line.len() - 6..]).collect();
    assert_eq!(profiles, BTreeSet::from(["42e01f"]), "what all browsers have of H.264");
    assert!(
        answer
            .lines()
            .filter(|line| line.contains("profile-level-id"))
            .all(|line| line.contains("packetization-mode=1")),
        "{answer}"
    );
}

#[test]
fn a_browser_sends_what_it_prefers_and_by_itself_vp8_and_plain_opus() {
    let house = House::new();
    let offer = include_str!("fixtures/chromium-offer.sdp");
    let first = |answer: &str, medium: &str| {
        let line = answer.lines().find(|line| line.starts_with(medium)).unwrap().to_owned();
        let format = line.split(' ').nth(3).unwrap().to_owned();
        let map = answer
            .lines()
            .find_map(|line| line.strip_prefix(&format!("a=rtpmap:{format} ")))
            .unwrap();
        map.split('/').next().unwrap().to_owned()
    };
    let answer = house.offer("room", PeerId(1), offer, true).unwrap();
    assert_eq!(
        (first(&answer, "m=video"), first(&answer, "m=audio")),
        ("VP8".to_owned(), "opus".to_owned())
    );
    for (formats, codec) in [("45 46", "AV1"), ("98 99", "VP9"), ("108 109", "H264")] {
        // As a browser writes what a page prefers: the same formats in another order.
        let preferred = offer
            .replace("SAVPF 96 97 ", &format!("SAVPF {formats} 96 97 "))
            .replace(&format!(" {formats} 114"), " 114");
        let answer = house.offer("room", PeerId(1), &preferred, true).unwrap();
        assert_eq!(first(&answer, "m=video"), codec);
    }
    let redundant = offer
        .replace("SAVPF 111 63 ", "SAVPF 63 111 ")
        .replace("useinbandfec=1", "useinbandfec=1;usedtx=1");
    let answer = house.offer("room", PeerId(1), &redundant, true).unwrap();
    assert_eq!(first(&answer, "m=audio"), "red");
    assert!(answer.contains("useinbandfec=1;usedtx=1"), "{answer}");
}

#[test]
fn a_browser_decodes_what_another_connection_of_it_sends() {
    let Some(page) = Page::open("") else { return };
    page.receive(2, 320, 180);
    page.until("frames are decoded and a tone is heard", |page| {
        page.number("2.frames") > 20.0 && page.number("2.energy") > 0.000_1
    });
    page.until("the small wish brings a small picture", |page| page.number("2.height") == 180.0);
    page.wish(2, 1280, 720, 0);
    page.until("the large wish brings the large picture", |page| page.number("2.height") == 720.0);
    let frames = page.number("2.frames");
    page.until("and it goes on", |page| page.number("2.frames") > frames + 20.0);
    // Nothing is sent to the first one, so no report of its own says so.
    let round_trip = |page: &Page| {
        let of_first = page.house.events().into_iter().rev().find_map(|event| match event {
            Event::Quality { peer: PeerId(1), quality } => Some(quality),
            _ => None,
        });
        of_first.filter(|quality| quality.sent.packets == 0)?.round_trip
    };
    page.until("who only publishes tells how far away it is", |page| round_trip(page).is_some());
    assert!(round_trip(&page).unwrap() < Duration::from_secs(1));
}

#[test]
fn who_comes_shortly_after_another_one_sees_a_picture_without_another_key_frame() {
    let Some(page) = Page::open("") else { return };
    for peer in [2, 3] {
        page.wait(peer);
    }
    page.until("both are there", |page| {
        (2..4).all(|peer| page.text(&format!("{peer}.state")) == "connected")
    });
    // From here on only pictures are forwarded, and counted.
    page.house.engine.set_open(PeerId(1), PublicationId(10), false);
    page.until("it is quiet", |page| {
        let before = page.house.engine.stats().packets_forwarded;
        std::thread::sleep(Duration::from_millis(200));
        page.house.engine.stats().packets_forwarded == before
    });
    // A camera makes key frames of its own while it starts. The first one is to begin with one that was asked for, and is young when the second one comes.
    let begin = |page: &Page| {
        page.house.engine.subscribe(PeerId(2), Vec::new());
        for open in [false, true] {
            page.house.engine.set_open(PeerId(1), PublicationId(11), open);
        }
        let before = page.house.engine.stats();
        page.wish(2, 320, 180, 0);
        page.until("the first one is sent pictures", |page| {
            page.house.engine.stats().packets_forwarded > before.packets_forwarded
        });
        page.house.engine.stats().keyframe_requests > before.keyframe_requests
    };
    page.until("the first one begins with a key frame that was asked for", begin);
    let asked = page.house.engine.stats().keyframe_requests;
    page.wish(3, 320, 180, 0);
    page.until("the second one decodes it", |page| page.number("3.frames") > 0.0);
    assert_eq!(page.house.engine.stats().keyframe_requests, asked, "nobody was asked for it");
}

/// Two receivers of a stream in spatial layers: each has its own size, at once.
fn layered(codec: &str, mode: &str) {
    let Some(page) = Page::open(&format!("?codec={codec}&mode={mode}&width=960&height=540")) else {
        return;
    };
    page.receive(2, 240, 135);
    page.receive(3, 960, 540);
    page.until("the browser sends it so", |page| page.text("1.mode") == mode);
    page.until("both decode it", |page| {
        (2..4).all(|peer| page.number(&format!("{peer}.frames")) > 20.0)
    });
    page.until("each in its size", |page| {
        page.number("2.height") == 136.0 && page.number("3.height") == 540.0
    });
    assert!(page.text("2.codec").ends_with(codec), "{}", page.text("2.codec"));
    let (small, large) = (page.number("2.bytes"), page.number("3.bytes"));
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| {
        page.number("2.frames") > frames.0 + 40.0 && page.number("3.frames") > frames.1 + 40.0
    });
    let (small, large) = (page.number("2.bytes") - small, page.number("3.bytes") - large);
    assert!(small * 3.0 < large, "the small one is sent less: {small} and {large} bytes");
    page.wish(2, 960, 540, 0);
    page.wish(3, 240, 135, 0);
    page.until("they change their places", |page| {
        page.number("2.height") == 540.0 && page.number("3.height") == 136.0
    });
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| {
        page.number("2.frames") > frames.0 + 40.0 && page.number("3.frames") > frames.1 + 40.0
    });
}

#[test]
fn vp9_in_spatial_layers_reaches_each_receiver_in_its_size() {
    layered("VP9", "L3T3_KEY");
}

#[test]
fn vp9_in_layers_that_depend_on_each_other_in_every_picture_does_so_too() {
    layered("VP9", "L3T3");
}

#[test]
fn av1_in_spatial_layers_reaches_each_receiver_in_its_size() {
    layered("AV1", "L3T3_KEY");
}

/// Two receivers of a stream in temporal layers: one takes all pictures, the other no more than it asks for.
fn in_time(codec: &str, mode: &str) {
    let Some(page) = Page::open(&format!("?codec={codec}&mode={mode}&width=320&height=180")) else {
        return;
    };
    page.receive(2, 320, 180);
    page.receive(3, 320, 180);
    page.until("the browser sends it so", |page| page.text("1.mode") == mode);
    page.until("both decode it", |page| {
        (2..4).all(|peer| page.number(&format!("{peer}.frames")) > 20.0)
    });
    assert!(page.text("2.codec").ends_with(codec), "{}", page.text("2.codec"));
    page.wish(3, 320, 180, 6);
    page.until("one gets fewer", |page| {
        page.number("2.fps") > 14.0 && (1.0..9.0).contains(&page.number("3.fps"))
    });
    let frames = (page.number("2.frames"), page.number("3.frames"));
    page.until("and it goes on", |page| page.number("3.frames") > frames.1 + 30.0);
    let (all, fewer) = (page.number("2.frames") - frames.0, page.number("3.frames") - frames.1);
    assert!(fewer * 2.0 < all, "{fewer} of {all}");
    page.wish(3, 320, 180, 0);
    page.until("and all of them when it asks for no less", |page| page.number("3.fps") > 14.0);
}

#[test]
fn av1_in_temporal_layers_reaches_each_receiver_at_its_pace() {
    in_time("AV1", "L1T3");
}

#[test]
fn vp8_in_temporal_layers_reaches_each_receiver_at_its_pace() {
    in_time("VP8", "L1T3");
}

#[test]
fn h264_and_redundant_sound_are_decoded() {
    let Some(page) = Page::open("?codec=H264&red=1&width=640&height=360") else {
        return;
    };
    page.receive(2, 320, 180);
    page.until("the sound is heard", |page| {
        page.number("2.energy") > 0.000_1 && page.number("2.audio") > 100.0
    });
    // A plain packet of this tone has 80 bytes.
    let each = page.number("2.audioBytes") / page.number("2.audio");
    assert!(each > 120.0, "each packet has the one before in it, too: {each} bytes");
    page.until("frames are decoded", |page| page.number("2.frames") > 20.0);
    assert_eq!(page.text("2.codec"), "video/H264");
}

#[test]
fn twenty_five_receivers_see_the_picture_and_who_asks_for_none_gets_none() {
    const IDLE: u64 = 27;
    let receivers = || 2..IDLE;
    let Some(page) = Page::open("?width=640&height=360&audios=1&videos=1") else {
        return;
    };
    page.wait(IDLE);
    for peer in receivers() {
        page.receive(peer, 320, 180);
    }
    let frames = |page: &Page, peer: u64| page.number(&format!("{peer}.frames"));
    let seeing = |page: &Page| {
        receivers()
            .filter(|peer| frames(page, *peer) > 0.0 && page.number(&format!("{peer}.height")) == 180.0)
            .count()
    };
    page.until("everybody has a picture of the size that was asked for", |page| seeing(page) == 25);
    let before = receivers().map(|peer| frames(&page, peer)).collect::<Vec<_>>();
    page.until("and it moves on for every one of them", |page| {
        receivers().zip(&before).all(|(peer, before)| frames(page, peer) > before + 20.0)
    });
    let keys = |peer| page.number(&format!("{peer}.keys"));
    assert!(
        receivers().all(|peer| frames(&page, peer) > keys(peer) + 10.0),
        "these are pictures that depend on earlier ones"
    );
    page.until("who asks for no picture is there and hears", |page| {
        page.text(&format!("{IDLE}.state")) == "connected" && page.number(&format!("{IDLE}.heard")) > 100.0
    });
    assert_eq!(page.text(&format!("{IDLE}.pictures")), "0", "but is sent none");
    let seen = page.number("2.pictures");
    assert!(seen > 10_000.0, "as the others are: {seen} bytes");
}
