//! Captions over real sockets, with a recogniser that says what the test wants: who is listened to, and who is told.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::speech::{Ear, Heard, HeardSink, Speech, SpeechLanguages, VoicePacket};
use app::transcripts::TranscriptStore as _;
use common::{Asked, Client, House, snapshot, waits};
use signal::media_plane::PeerId;
use wire::{Event, MediaKind, PublicationOffer, RequestBody};

/// Writes down what it hears; says what it is told to.
#[derive(Clone, Default)]
struct Listener {
    packets: Arc<Mutex<Vec<VoicePacket>>>,
    sink: Arc<Mutex<Option<HeardSink>>>,
}

impl Speech for Listener {
    fn languages(&self) -> SpeechLanguages {
        SpeechLanguages {
            spoken: vec!["en-us".to_owned()],
            translated: Vec::new(),
        }
    }

    fn listen(&self, language: &str, sink: HeardSink) -> Arc<dyn Ear> {
        assert_eq!(language, "en-us");
        *self.sink.lock().expect("no test panics inside") = Some(sink);
        Arc::new(self.clone())
    }
}

impl Ear for Listener {
    fn hear(&self, packet: VoicePacket) {
        self.packets.lock().expect("no test panics inside").push(packet);
    }
}

impl Listener {
    fn say(&self, speaker: &str, text: &str, is_final: bool) {
        let sink = self.sink.lock().expect("no test panics inside").clone().expect("somebody listens");
        sink(Heard {
            speaker: speaker.into(),
            is_final,
            text: text.to_owned(),
            translations: BTreeMap::new(),
            began_ms_ago: 500,
        });
    }
}

fn offer() -> RequestBody {
    RequestBody::OfferMedia {
        sdp: "offer".to_owned(),
        publications: vec![PublicationOffer {
            kind: MediaKind::Microphone,
            mid: "0".to_owned(),
        }],
        fresh: true,
    }
}

fn start() -> RequestBody {
    RequestBody::StartCaptions { spoken_language: None }
}

fn caption(event: Event) -> Option<wire::Caption> {
    match event {
        Event::Caption { caption } => Some(caption),
        _ => None,
    }
}

fn offered(house: &House) -> PeerId {
    let asked = house.plane.asked();
    let mut peers = asked.iter().filter_map(|asked| match asked {
        Asked::Offer(peer) => Some(*peer),
        _ => None,
    });
    peers.next_back().expect("somebody offered")
}

/// Anna organizes and is inside.
async fn organizer(house: &House) -> (Client, String, wire::Locator) {
    let meeting = house.schedule().await;
    let locator = house.link(&meeting);
    let mut anna = house.connect(&house.member_token(0).await).await;
    let call = anna.join(locator.clone(), "ignored").await.expect("the organizer joins").call;
    anna.until(snapshot).await;
    (anna, call, locator)
}

#[tokio::test]
async fn voices_of_those_inside_go_to_the_recogniser_and_its_words_to_those_who_asked() {
    let house = House::open().await;
    let listener = Listener::default();
    let _same = house.app.clone().with_speech(Arc::new(listener.clone()));
    let (mut anna, anna_call, locator) = organizer(&house).await;
    anna.ok(&anna_call, offer()).await;
    let anna_peer = offered(&house);
    assert!(
        !house.plane.speak(anna_peer, 1, b"before"),
        "nobody listens before somebody wants captions"
    );

    let (guest_id, token) = house.guest().await;
    let mut guest = house.connect(&token).await;
    let guest_call = guest.join(locator, "Maria").await.expect("the guest may wait").call;
    anna.until(waits).await;
    anna.ok(&anna_call, start()).await;
    assert!(
        house.plane.speak(anna_peer, 2, b"after"),
        "whoever had a media path already is tapped"
    );
    assert_eq!(guest.refused(&guest_call, start()).await.name, "notAdmitted");

    // Words are told to whoever asked, and nothing of them to whoever waits.
    listener.say(&listener.packets.lock().expect("unharmed")[0].speaker.clone(), "good", false);
    let told = anna.until(caption).await;
    assert_eq!((told.text.as_str(), told.is_final, told.utterance), ("good", false, 1));
    assert_eq!(told.display_name, house.accounts.members[0].member.display_name);
    guest.ok(&guest_call, RequestBody::Snapshot).await;
    assert!(!guest.raw.iter().any(|frame| frame.contains("good")), "{:?}", guest.raw);

    // Admitted, the guest is listened to as soon as there is a media path, and may read.
    let participants = vec![guest_id.clone()];
    anna.ok(&anna_call, RequestBody::Admit { participants }).await;
    guest.until(snapshot).await;
    guest.ok(&guest_call, offer()).await;
    let guest_peer = offered(&house);
    assert!(house.plane.speak(guest_peer, 7, b"voice"));
    let heard = listener.packets.lock().expect("unharmed").last().cloned().expect("a packet");
    assert_eq!(
        (&*heard.speaker, heard.sequence, heard.opus.as_slice()),
        (guest_id.as_str(), 7, b"voice".as_slice())
    );
    guest.ok(&guest_call, start()).await;
    listener.say(&guest_id, "good morning", true);
    for reader in [&mut anna, &mut guest] {
        let told = reader.until(caption).await;
        assert_eq!(
            (told.participant, told.text.as_str(), told.is_final),
            (guest_id.clone(), "good morning", true)
        );
    }

    // The last one who stops ends it.
    anna.ok(&anna_call, RequestBody::StopCaptions).await;
    assert!(house.plane.speak(guest_peer, 8, b"voice"));
    guest.ok(&guest_call, RequestBody::StopCaptions).await;
    assert!(
        house.plane.speak(guest_peer, 9, b"voice"),
        "for a moment somebody may want them again"
    );
    house.clock.set_forward(6_000_000);
    guest.ok(&guest_call, RequestBody::Snapshot).await;
    assert!(!house.plane.speak(guest_peer, 10, b"voice") && !house.plane.speak(anna_peer, 10, b"voice"));
}

#[tokio::test]
async fn without_a_recogniser_captions_are_refused_and_nobody_is_tapped() {
    let house = House::open().await;
    let (mut anna, call, _) = organizer(&house).await;
    anna.ok(&call, offer()).await;
    assert_eq!(anna.refused(&call, start()).await.name, "captionsNotServed");
    assert!(!house.plane.asked().iter().any(|asked| matches!(asked, Asked::Tap(..))));
}

#[tokio::test]
async fn what_is_said_is_written_down_while_the_transcription_runs_and_before_anybody_is_told() {
    let house = House::open().await;
    let listener = Listener::default();
    let _same = house.app.clone().with_speech(Arc::new(listener.clone()));
    let (mut anna, call, locator) = organizer(&house).await;
    let wire::Locator::Coordinates { thread_id, .. } = locator else {
        panic!("a meeting by its coordinates");
    };
    anna.ok(&call, start()).await;
    anna.ok(&call, RequestBody::SetTranscription { active: true }).await;
    let speaker = anna.welcome.as_ref().expect("welcome").id.clone();
    // Begun half a second ago, before the transcription.
    listener.say(&speaker, "early", true);
    anna.until(|event| caption(event).filter(|caption| caption.text == "early")).await;
    house.clock.set_forward(1_000_000);
    listener.say(&speaker, "good", false);
    listener.say(&speaker, "good morning", true);
    let told = anna.until(|event| caption(event).filter(|caption| caption.is_final)).await;
    let store = house.store().await;
    let transcripts = store.transcripts(&thread_id).await.expect("a store");
    let lines = store.transcript_lines(&thread_id, &transcripts[0].held_id).await.expect("a store");
    let kept: Vec<(&str, &str)> = lines.iter().map(|line| (line.raw_id.as_str(), line.text.as_str())).collect();
    assert_eq!(kept, [(speaker.as_str(), "good morning")]);
    assert!(lines[0].ended >= lines[0].began + 500_000 && told.text == "good morning");
    anna.ok(&call, RequestBody::SetTranscription { active: false }).await;
    listener.say(&speaker, "unheard", true);
    anna.until(|event| caption(event).filter(|caption| caption.text == "unheard")).await;
    assert_eq!(
        store
            .transcript_lines(&thread_id, &transcripts[0].held_id)
            .await
            .expect("a store")
            .len(),
        1
    );
}
