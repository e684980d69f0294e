//! The packaged engine on Debian's own test recordings, and what happens with engines that fail.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::sync::Arc;
use std::time::Duration;

use app::speech::{Heard, Speech as _, VoicePacket};
use captions::{Captioner, EngineConfig};
use ropus::{Application, Channels, Encoder};
use tokio::sync::mpsc;

const DATA: &str = "/usr/share/pocketsphinx/test/data";

/// Recorded sound as the packets of a browser: 20 ms each, silence before and after.
fn packets(samples: &[i16]) -> Vec<Vec<u8>> {
    let silence = [0_i16; 16_000];
    let sound = [&silence[..], samples, &silence[..]].concat();
    let mut encoder = Encoder::builder(16_000, Channels::Mono, Application::Voip)
        .build()
        .expect("an encoder");
    let encode = |frame: &[i16]| {
        let mut packet = vec![0; 1_000];
        let length = encoder.encode(frame, &mut packet).expect("encodes");
        packet.truncate(length);
        packet
    };
    sound.chunks_exact(320).map(encode).collect()
}

fn recorded(name: &str) -> Vec<i16> {
    let bytes = std::fs::read(format!("{DATA}/{name}")).unwrap_or_else(|error| panic!("install pocketsphinx-testdata for {name}: {error}"));
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

struct House {
    captioner: Arc<Captioner>,
    heard: mpsc::Receiver<Heard>,
    ear: Arc<dyn app::speech::Ear>,
}

fn listen(engine: EngineConfig) -> House {
    meeting(Arc::new(Captioner::new(engine).expect("the engine is configured")))
}

/// A meeting that shares its engines with the others of this captioner.
fn meeting(captioner: Arc<Captioner>) -> House {
    let (sender, heard) = mpsc::channel(1_000);
    let ear = captioner.listen("en-us", Arc::new(move |heard| drop(sender.try_send(heard))));
    House { captioner, heard, ear }
}

impl House {
    /// Sends as fast as the queue takes it.
    async fn say(&self, speaker: &str, packets: &[Vec<u8>]) {
        for (sequence, opus) in (0_u64..).zip(packets) {
            self.ear.hear(VoicePacket {
                speaker: speaker.into(),
                stream: 7,
                sequence,
                opus: opus.clone(),
            });
            if sequence % 50 == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until that many utterances found no engine.
    async fn unheard(&self, wanted: u64) {
        let counted = async {
            while self.captioner.stats().utterances_unheard < wanted {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), counted)
            .await
            .expect("they are counted");
    }

    async fn next(&mut self) -> Heard {
        tokio::time::timeout(Duration::from_secs(30), self.heard.recv())
            .await
            .expect("something is heard in time")
            .expect("the sink lives")
    }

    async fn utterance(&mut self, speaker: &str) -> (Vec<String>, String) {
        let mut partial = Vec::new();
        loop {
            let heard = self.next().await;
            if &*heard.speaker != speaker {
                continue;
            }
            if heard.is_final {
                return (partial, heard.text);
            }
            partial.push(heard.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_packaged_engine_hears_the_words_of_a_voice_first_partly_then_finally() {
    EngineConfig::pocketsphinx()
        .check()
        .await
        .expect("the packaged engine is installed");
    let mut house = listen(EngineConfig::pocketsphinx());
    house.say("ada", &packets(&recorded("goforward.raw"))).await;
    let (partial, last) = house.utterance("ada").await;
    assert_eq!(last, "go forward ten meters");
    assert!(
        partial.len() >= 2 && partial.iter().any(|text| text.starts_with("go forward")),
        "{partial:?}"
    );
    assert_eq!(house.captioner.stats().utterances, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_voices_at_once_are_heard_apart() {
    let mut house = listen(EngineConfig::pocketsphinx());
    let (go, something) = (packets(&recorded("goforward.raw")), packets(&recorded("something.raw")));
    tokio::join!(house.say("ada", &go), house.say("bob", &something));
    let mut finals = Vec::new();
    while finals.len() < 2 {
        let heard = house.next().await;
        if heard.is_final {
            finals.push((heard.speaker.to_string(), heard.text));
        }
    }
    finals.sort();
    assert_eq!(finals[0], ("ada".to_owned(), "go forward ten meters".to_owned()));
    assert_eq!(finals[1].0, "bob");
    assert!(finals[1].1.contains("do something"), "{finals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_says_nothing_and_starts_no_engine() {
    let mut house = listen(engine("touch /nonexistent/started; cat >/dev/null"));
    house.say("ada", &packets(&vec![0; 48_000])).await;
    let nothing = tokio::time::timeout(Duration::from_secs(1), house.heard.recv()).await;
    assert!(nothing.is_err(), "{nothing:?}");
    assert_eq!(house.captioner.stats(), captions::CaptionStats::default());
}

/// An engine of the tests: a line of shell.
fn engine(script: &str) -> EngineConfig {
    EngineConfig::external(["/bin/sh", "-c", script].map(str::to_owned).to_vec(), vec!["en-us".to_owned()])
}

/// A second of a tone: loud enough to be taken for a voice.
fn tone() -> Vec<i16> {
    (0..16_000_i32).map(|at| if at % 80 < 40 { 6_000 } else { -6_000 }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_dies_in_the_middle_closes_what_it_began() {
    let mut house = listen(engine(
        r#"read begin; read audio; echo '{"type":"partial","text":"half a"}'; exec sleep 0.2"#,
    ));
    house.say("ada", &packets(&tone())).await;
    assert_eq!(house.utterance("ada").await, (vec!["half a".to_owned()], "half a".to_owned()));
    assert_eq!(house.captioner.stats().engine_failures, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_says_nonsense_is_ended_and_harms_nobody() {
    let mut house = listen(engine("read begin; echo nonsense; cat >/dev/null"));
    house.say("ada", &packets(&tone())).await;
    let failed = async {
        while house.captioner.stats().engine_failures == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), failed)
        .await
        .expect("the engine is given up");
    assert!(house.heard.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_does_not_exist_costs_captions_only() {
    let house = listen(EngineConfig::external(
        vec!["/nonexistent/engine".to_owned()],
        vec!["en-us".to_owned()],
    ));
    house.say("ada", &packets(&tone())).await;
    house.unheard(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn translations_of_an_engine_come_along() {
    let script =
        r#"while read line; do case "$line" in *end*) echo '{"type":"final","text":"go","translations":{"de":"los"}}';; esac; done"#;
    let mut house = listen(engine(script));
    house.say("ada", &packets(&tone())).await;
    let heard = house.next().await;
    assert_eq!((heard.is_final, heard.text.as_str()), (true, "go"));
    assert_eq!(heard.translations.get("de").map(String::as_str), Some("los"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_utterance_beyond_the_engines_is_counted_as_unheard() {
    let mut config = engine(r#"while read line; do case "$line" in *end*) sleep 1; echo '{"type":"final","text":"slow"}';; esac; done"#);
    config.most = 1;
    let mut house = listen(config);
    let sound = packets(&tone());
    tokio::join!(house.say("ada", &sound), house.say("bob", &sound));
    let heard = house.next().await;
    assert!(heard.is_final);
    assert_eq!(house.captioner.stats().utterances_unheard, 1);
}

#[tokio::test]
async fn an_engine_without_command_or_language_is_refused() {
    assert!(Captioner::new(EngineConfig::external(Vec::new(), vec!["en-us".to_owned()])).is_err());
    assert!(Captioner::new(EngineConfig::external(vec!["engine".to_owned()], Vec::new())).is_err());
    let named = |program: &str| Captioner::new(EngineConfig::external(vec![program.to_owned()], vec!["en-us".to_owned()]));
    assert!(named("./engine").is_err() && named("bin/engine").is_err() && named("engine").is_ok());
    assert!(
        EngineConfig::external(vec!["/nonexistent/engine".to_owned()], vec!["en-us".to_owned()])
            .check()
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_noisy_meeting_leaves_engines_to_another_one() {
    let mut config =
        engine(r#"while read line; do case "$line" in *'"end"'*) sleep 3; echo '{"type":"final","text":"slow"}';; esac; done"#);
    config.most = 4;
    let noisy = listen(config);
    let mut other = meeting(Arc::clone(&noisy.captioner));
    let sound = packets(&tone());
    tokio::join!(
        noisy.say("ada", &sound),
        noisy.say("bob", &sound),
        noisy.say("cleo", &sound),
        noisy.say("dan", &sound)
    );
    noisy.unheard(2).await;
    other.say("eve", &sound).await;
    assert_eq!(other.utterance("eve").await.1, "slow");
    assert_eq!(noisy.captioner.stats().utterances_unheard, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_gets_nothing_of_the_servers_environment_but_what_it_needs_to_run() {
    assert!(
        std::env::var_os("CARGO_MANIFEST_DIR").is_some(),
        "whoever runs this test has the variable"
    );
    let script = r#"while read line; do case "$line" in *'"end"'*) echo "{\"type\":\"final\",\"text\":\"${CARGO_MANIFEST_DIR-nothing} $PWD ${PATH:+path}\"}";; esac; done"#;
    let mut house = listen(engine(script));
    house.say("ada", &packets(&tone())).await;
    assert_eq!(house.utterance("ada").await.1, "nothing / path");
}

/// An engine that says its number, and more than it was asked for in the same breath.
fn chatty(numbered: bool) -> EngineConfig {
    let number = if numbered { r#","utterance":'$n'"# } else { "" };
    let mut config = engine(&format!(
        r#"while read line; do case "$line" in
        *'"begin"'*) n=${{line##*:}}; n=${{n%\}}}};;
        *'"end"'*) printf '%s\n%s\n' '{{"type":"final","text":"engine '$$'"{number}}}' '{{"type":"partial","text":"secret"{number}}}';;
        esac; done"#
    ));
    config.most = 1;
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_engine_says_too_late_is_nobody_elses() {
    for numbered in [false, true] {
        let mut first = listen(chatty(numbered));
        let mut second = meeting(Arc::clone(&first.captioner));
        let sound = packets(&tone());
        first.say("ada", &sound).await;
        let (_, one) = first.utterance("ada").await;
        second.say("bob", &sound).await;
        let (partial, other) = second.utterance("bob").await;
        assert_eq!(partial, Vec::<String>::new(), "words of another meeting");
        // Whoever names the utterance can be understood; whoever does not is started anew.
        assert_eq!(one == other, numbered, "{one}, {other}");
        assert!(one.starts_with("engine ") && other.starts_with("engine "));
    }
}
