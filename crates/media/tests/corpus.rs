//! What fuzzing has seen is seen again by every test run: the files of `fuzz/corpus/<target>/` at the root of the repository.

use std::collections::BTreeSet;
use std::path::PathBuf;

use media::fuzz::{TARGETS, run};
use rtp::demux::{Kind, kind};
use str0m::ice::StunMessage;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    for (name, _) in TARGETS {
        let mut inputs = 0;
        for entry in std::fs::read_dir(corpus().join(name)).unwrap_or_else(|error| panic!("no corpus of {name}: {error}")) {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let kept = std::panic::catch_unwind(|| run(name, &bytes));
            assert!(kept.is_ok(), "{}", path.display());
            inputs += 1;
        }
        assert!(inputs > 2, "{name} has {inputs} inputs");
    }
}

/// The seeds of a connection are what they are named for, or they would seed nothing.
#[test]
fn seeds_of_a_connection_are_read() {
    for (target, _) in TARGETS {
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
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (folder, end) in [("corpus", ""), ("fuzz_targets", ".rs")] {
        let found: BTreeSet<String> = std::fs::read_dir(corpus().parent().unwrap().join(folder))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(end)?.to_owned()))
            .filter(|name| name.starts_with("media_"))
            .collect();
        assert_eq!(found, known, "{folder}");
    }
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
