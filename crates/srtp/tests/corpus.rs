//! What fuzzing has seen is seen again by every test run: the files of `fuzz/corpus/<target>/` at the root of the repository.

use std::collections::BTreeSet;
use std::path::PathBuf;

use srtp::SrtpError;
use srtp::fuzz::{Case, TARGETS, run, sides};

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
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (folder, end) in [("corpus", ""), ("fuzz_targets", ".rs")] {
        let found: BTreeSet<String> = std::fs::read_dir(corpus().parent().unwrap().join(folder))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| Some(name.strip_suffix(end)?.to_owned()))
            .filter(|name| name.starts_with("srtp_"))
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
