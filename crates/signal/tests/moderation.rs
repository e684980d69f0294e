//! Reactions, spotlight and media access over real sockets: who hears what, and which gates the media plane is told to close.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use common::{Asked, Client, House, snapshot, waits};
use wire::{AccessKind, Event, MediaKind, Outcome, PublicationOffer, Reaction, RequestBody};

/// Anna organizes; Maria is a guest who was admitted, and Jose one who waits.
struct Scene {
    house: House,
    anna: Client,
    anna_call: String,
    maria: Client,
    maria_call: String,
    maria_id: String,
    jose: Client,
    jose_call: String,
    jose_id: String,
}

async fn scene() -> Scene {
    let house = House::open().await;
    let meeting = house.schedule().await;
    let mut anna = house.connect(&house.member_token(0).await).await;
    let anna_call = anna.join(house.link(&meeting), "").await.expect("the organizer joins").call;
    anna.until(snapshot).await;
    let (maria_id, token) = house.guest().await;
    let mut maria = house.connect(&token).await;
    let maria_call = maria.join(house.link(&meeting), "Maria").await.expect("waits").call;
    anna.until(waits).await;
    let participants = vec![maria_id.clone()];
    anna.ok(&anna_call, RequestBody::Admit { participants }).await;
    maria.until(snapshot).await;
    let (jose_id, token) = house.guest().await;
    let mut jose = house.connect(&token).await;
    let jose_call = jose.join(house.link(&meeting), "Jose").await.expect("waits").call;
    anna.until(waits).await;
    Scene {
        house,
        anna,
        anna_call,
        maria,
        maria_call,
        maria_id,
        jose,
        jose_call,
        jose_id,
    }
}

fn reaction(event: Event) -> Option<(String, Reaction)> {
    match event {
        Event::Reaction { participant, reaction } => Some((participant, reaction)),
        _ => None,
    }
}

/// The roster's entry of somebody, as soon as it fits.
async fn sees(client: &mut Client, id: &str, fits: impl Fn(&wire::Participant) -> bool) {
    client
        .until(|event| match event {
            Event::Participants { upserted, .. } => upserted.into_iter().find(|one| one.id == id && fits(one)),
            _ => None,
        })
        .await;
}

fn publication(kind: MediaKind, active: bool) -> RequestBody {
    RequestBody::SetPublication {
        kind,
        active,
        width: 640,
        height: 360,
    }
}

#[tokio::test]
async fn a_reaction_reaches_those_inside_and_its_sender_and_nothing_of_it_those_who_wait() {
    let mut scene = scene().await;
    let body = RequestBody::React { reaction: Reaction::Heart };
    scene.maria.ok(&scene.maria_call, body.clone()).await;
    assert_eq!(scene.anna.until(reaction).await, (scene.maria_id.clone(), Reaction::Heart));
    assert_eq!(scene.maria.until(reaction).await, (scene.maria_id.clone(), Reaction::Heart));
    assert_eq!(scene.jose.refused(&scene.jose_call, body.clone()).await.name, "notAdmitted");
    assert!(!scene.jose.raw.join("\n").contains("reaction"), "who waits hears nothing");
    // However slow the machine is, a hundred do not pass.
    for _ in 0..100 {
        if let Outcome::Refused { refusal } = scene.maria.request(Some(&scene.maria_call), body.clone()).await {
            assert_eq!(refusal.name, "tooFast");
            return;
        }
    }
    panic!("all passed");
}

#[tokio::test]
async fn the_spotlight_is_told_with_places_and_refused_to_a_guest() {
    let mut scene = scene().await;
    let maria = scene.maria_id.clone();
    let lit = |participants: Vec<String>| RequestBody::StartSpotlight { participants };
    assert_eq!(
        scene.maria.refused(&scene.maria_call, lit(Vec::new())).await.name,
        "roleForbidsSpotlight"
    );
    scene.anna.ok(&scene.anna_call, lit(Vec::new())).await;
    scene.anna.ok(&scene.anna_call, lit(vec![maria.clone()])).await;
    sees(&mut scene.maria, &maria, |one| one.spotlight == Some(2)).await;
    let participants = vec![scene.jose_id.clone()];
    assert_eq!(
        scene.anna.refused(&scene.anna_call, lit(participants)).await.name,
        "unknownParticipant"
    );
    scene
        .anna
        .ok(&scene.anna_call, RequestBody::StopSpotlight { participants: Vec::new() })
        .await;
    sees(&mut scene.maria, &maria, |one| one.spotlight == Some(1)).await;
    scene
        .maria
        .ok(&scene.maria_call, RequestBody::StopSpotlight { participants: Vec::new() })
        .await;
    sees(&mut scene.anna, &maria, |one| one.spotlight.is_none()).await;
}

#[tokio::test]
async fn what_is_forbidden_is_closed_in_the_media_plane_and_stays_closed_whatever_the_client_sends() {
    let mut scene = scene().await;
    let offer = RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![
            PublicationOffer {
                kind: MediaKind::Microphone,
                mid: "0".to_owned(),
            },
            PublicationOffer {
                kind: MediaKind::Camera,
                mid: "1".to_owned(),
            },
        ],
        fresh: true,
    };
    scene.maria.ok(&scene.maria_call, offer).await;
    for kind in [MediaKind::Microphone, MediaKind::Camera] {
        scene.maria.ok(&scene.maria_call, publication(kind, true)).await;
    }
    for (kind, medium, name) in [
        (AccessKind::Audio, MediaKind::Microphone, "microphoneForbiddenByOther"),
        (AccessKind::Video, MediaKind::Camera, "cameraForbiddenByOther"),
    ] {
        let change = |participants: Vec<String>, permitted| RequestBody::SetMediaAccess {
            kind,
            participants,
            permitted,
        };
        let refusal = scene.maria.refused(&scene.maria_call, change(Vec::new(), false)).await;
        assert_eq!((refusal.code, refusal.sub_code), (403, 46502));
        let before = scene.house.plane.asked().len();
        scene.anna.ok(&scene.anna_call, change(vec![scene.maria_id.clone()], false)).await;
        let closed = || scene.house.plane.asked().split_off(before);
        assert!(
            closed().iter().any(|asked| matches!(asked, Asked::SetOpen(_, _, false))),
            "{:?}",
            closed()
        );
        let before = scene.house.plane.asked().len();
        let refusal = scene.maria.refused(&scene.maria_call, publication(medium, true)).await;
        assert_eq!((refusal.code, refusal.name.as_str()), (403, name));
        assert_eq!(scene.house.plane.asked().len(), before, "nothing is opened");
        scene.anna.ok(&scene.anna_call, change(Vec::new(), true)).await;
        scene.maria.ok(&scene.maria_call, publication(medium, true)).await;
        assert!(
            scene.house.plane.asked()[before..]
                .iter()
                .any(|asked| matches!(asked, Asked::SetOpen(_, _, true)))
        );
    }
    let organizer = scene.house.accounts.members[0].member.raw_id();
    let change = RequestBody::SetMediaAccess {
        kind: AccessKind::Audio,
        participants: vec![organizer],
        permitted: false,
    };
    let refusal = scene.anna.refused(&scene.anna_call, change).await;
    assert_eq!((refusal.code, refusal.sub_code), (403, 46504));
}
