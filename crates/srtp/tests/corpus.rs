//! What fuzzing has seen is seen again by every test run (`fuzz/replay.rs`).

#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::corpus;
use srtp::SrtpError;
use srtp::fuzz::{Case, TARGETS, run, sides};

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    replay::keeps_the_invariants(&TARGETS.map(|(name, _)| name), run);
}

/// Seeds that were sealed under the keys of the target open, or they would seed nothing; with one bit changed they do not.
#[test]
fn seeds_that_were_sealed_are_opened() {
    for profile in ["cm", "gcm-128", "gcm-256"] {
        for (kind, is_rtp) in [("opus", true), ("vp8", true), ("receiver-report", false)] {
            let name = format!("sealed-{kind}-{profile}");
            let seed = std::fs::read(corpus().join("srtp_open").join(&name)).unwrap();
            let case = Case::read(&seed).unwrap();
            let [client, server] = sides(case.profile);
            let open = |mut packet: Vec<u8>| {
                if is_rtp {
                    server
                        .opener
                        .open_rtp(&mut packet, case.header, case.index())
                        .map(|payload| payload.len())
                } else {
                    server.opener.open_rtcp(&mut packet).map(|opened| opened.length)
                }
            };
            let tag = if is_rtp {
                case.header + client.sealer.tag()
            } else {
                client.sealer.rtcp_overhead()
            };
            assert_eq!(open(case.datagram.to_vec()), Ok(case.datagram.len() - tag), "{name}");
            let mut changed = case.datagram.to_vec();
            changed[5] ^= 1;
            assert_eq!(open(changed), Err(SrtpError::Forged), "{name}");
        }
    }
}

#[test]
fn every_corpus_and_every_fuzz_target_of_this_crate_is_known_here() {
    replay::are_all(&TARGETS.map(|(name, _)| name), "srtp_");
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
