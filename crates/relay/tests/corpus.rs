//! What fuzzing has seen is seen again by every test run (`fuzz/replay.rs`).

#[path = "../../../fuzz/replay.rs"]
mod replay;

use relay::fuzz::{TARGETS, run};

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    replay::keeps_the_invariants(&TARGETS.map(|(name, _)| name), run);
}

#[test]
fn every_corpus_and_every_fuzz_target_of_this_crate_is_known_here() {
    replay::are_all(&TARGETS.map(|(name, _)| name), "relay_");
}
