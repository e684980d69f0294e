//! What fuzzing has seen is seen again by every test run (`fuzz/replay.rs`).

#[path = "../../../fuzz/replay.rs"]
mod replay;

use media::fuzz::{TARGETS, run};
use replay::corpus;
use rtp::demux::{Kind, kind};
use str0m::ice::StunMessage;

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    replay::keeps_the_invariants(&TARGETS.map(|(name, _)| name), run);
}

/// The seeds of a connection are what they are named for, or they would seed nothing.
#[test]
fn seeds_of_a_connection_are_read() {
    for target in ["media_ingress", "media_redact"] {
        let seed = |name: &str| std::fs::read(corpus().join(target).join(name)).unwrap();
        let check = seed("check");
        let check = StunMessage::parse(&check).unwrap();
        assert!(check.is_binding_request());
        // The name is one of an engine with one shard.
        assert!(check.split_username().unwrap().0.starts_with("00"), "{check:?}");
        assert!(StunMessage::parse(&seed("answer")).unwrap().is_successful_binding_response());
        for (name, expected) in [
            ("dtls-hello", Kind::Dtls),
            ("rtp-voice", Kind::Rtp),
            ("rtcp-report", Kind::Rtcp),
            ("relay-channel", Kind::TurnChannel),
        ] {
            assert_eq!(kind(&seed(name)), expected, "{name}");
        }
    }
}

#[test]
fn every_corpus_and_every_fuzz_target_of_this_crate_is_known_here() {
    replay::are_all(&TARGETS.map(|(name, _)| name), "media_");
}

#[test]
fn arbitrary_bytes_keep_the_invariants() {
    use proptest::prelude::*;
    proptest!(|(bytes in prop::collection::vec(any::<u8>(), 0..200))| {
        for (name, _) in TARGETS {
            run(name, &bytes);
        }
    });
}
