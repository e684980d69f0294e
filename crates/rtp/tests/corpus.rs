//! What fuzzing has seen is seen again by every test run (`fuzz/replay.rs`).

#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::corpus;
use rtp::fuzz::{TARGETS, run};

#[test]
fn every_input_of_the_corpus_keeps_the_invariants() {
    replay::keeps_the_invariants(&TARGETS.map(|(name, _)| name), run);
}

/// The seeds that look like a browser's are what they are named for, or they would seed nothing.
#[test]
fn seeds_of_browsers_are_read() {
    let seed = |target: &str, name: &str| std::fs::read(corpus().join(target).join(name)).unwrap();
    let packet = seed("rtp_header", "chromium-opus");
    let header = rtp::Header::parse(&packet).unwrap();
    let level = header.extension(1).and_then(rtp::ext::AudioLevel::read);
    assert_eq!(level, Some(rtp::ext::AudioLevel { voice: true, level: 47 }));
    assert_eq!(header.extension(4).and_then(rtp::ext::read_transport_sequence), Some(9));
    assert_eq!(rtp::codec::opus::Toc::parse(header.payload()).map(|toc| toc.samples), Ok(960));

    let packet = seed("rtp_header", "chromium-vp8-simulcast");
    let header = rtp::Header::parse(&packet).unwrap();
    assert_eq!(header.extension(10).and_then(rtp::ext::read_name), Some("f"));
    let descriptor = rtp::codec::vp8::Descriptor::parse(header.payload()).unwrap();
    assert!(descriptor.key_frame && descriptor.size.is_some());

    let packet = seed("rtp_header", "chromium-av1-two-byte");
    let header = rtp::Header::parse(&packet).unwrap();
    let value = header.extension(12).unwrap();
    assert_eq!(
        rtp::dependency::Mandatory::read(value).map(|fields| fields.frame_number),
        Some(0x0102)
    );
    assert!(rtp::codec::av1::Payload::parse(header.payload()).unwrap().starts_key_frame());

    for (name, targets) in [("chromium-three-temporal", 3), ("two-by-two-layers", 4)] {
        let pair = seed("rtp_dependency", name);
        let (first, second) = pair[1..].split_at(usize::from(pair[0]));
        let key = rtp::dependency::Descriptor::parse(first, None).unwrap();
        let structure = key.structure.unwrap();
        assert_eq!(structure.targets(), targets, "{name}");
        assert!(rtp::dependency::Descriptor::parse(second, Some(&structure)).is_ok(), "{name}");
    }
    let size = |name| {
        rtp::codec::h264::Payload::parse(&seed("rtp_h264", name))
            .unwrap()
            .size()
            .map(|size| (size.width, size.height))
    };
    assert_eq!(size("chromium-key-frame"), Some((320, 180)));
    assert_eq!(size("parameter-set-high-fields"), Some((1_920, 1_080)));
    assert!(size("parameter-set-444").is_some());
    assert!(
        rtp::codec::vp9::Descriptor::parse(&seed("rtp_vp9", "chromium-key-frame-svc"))
            .unwrap()
            .starts_key_frame()
    );
    assert_eq!(
        rtp::codec::red::blocks(&seed("rtp_red", "chromium-one-redundant")).unwrap().count(),
        2
    );
}

#[test]
fn every_corpus_and_every_fuzz_target_of_this_crate_is_known_here() {
    replay::are_all(&TARGETS.map(|(name, _)| name), "rtp_");
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

#[test]
#[should_panic(expected = "no target is named nobody")]
fn a_name_that_nobody_has_is_refused() {
    run("nobody", &[]);
}
