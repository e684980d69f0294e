//! What the fuzzers and the test that replays their corpus run: every reader of this crate over arbitrary bytes, and every writer over what was read.
//! They panic when an invariant does not hold, so they belong to no product path. How they are run: docs/fuzzing.md.

mod codec;
mod dependency;
mod header;
mod rtcp;

/// Takes any bytes; panics when what it checks does not hold.
pub type Target = fn(&[u8]);

/// Every target by the name of its corpus.
pub const TARGETS: [(&str, Target); 11] = [
    ("rtp_header", header::header),
    ("rtp_extension_values", header::extension_values),
    ("rtp_rtcp", rtcp::compound),
    ("rtp_transport_feedback", rtcp::transport_feedback),
    ("rtp_vp8", codec::vp8),
    ("rtp_vp9", codec::vp9),
    ("rtp_h264", codec::h264),
    ("rtp_av1", codec::av1),
    ("rtp_opus", codec::opus),
    ("rtp_red", codec::red),
    ("rtp_dependency", dependency::descriptor),
];

/// Runs the target of this name.
///
/// # Panics
/// When there is none, and when what the target checks does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    assert!(target.is_some(), "no target is named {name}");
    if let Some((_, target)) = target {
        target(bytes);
    }
}
