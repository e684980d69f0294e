//! Opus: what the first byte tells (RFC 6716 §3.1), silence, and redundancy inside.

use crate::Malformed;
use crate::bytes::u8_at;

/// The longest packet: 120 ms, in samples of 48 kHz.
const LONGEST: u16 = 5_760;

/// Which of its coders made a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For speech; may carry redundancy.
    Silk,
    /// Both; may carry redundancy.
    Hybrid,
    /// For music and low delay.
    Celt,
}

/// What the beginning of a packet tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Toc {
    /// Which coder.
    pub mode: Mode,
    /// Two channels.
    pub stereo: bool,
    /// Frames inside, 1 to 48.
    pub frames: u8,
    /// Of the whole packet, in samples of 48 kHz, which is the unit of RTP timestamps of Opus; at most 5,760.
    pub samples: u16,
}

impl Toc {
    /// Reads the beginning of a payload.
    ///
    /// # Errors
    /// [`Malformed`] when it is empty, or says that it has no frame or more than 120 ms.
    pub fn parse(payload: &[u8]) -> Result<Self, Malformed> {
        let first = u8_at(payload, 0).ok_or(Malformed::Short)?;
        let frames = match first & 3 {
            0 => 1,
            1 | 2 => 2,
            _ => u8_at(payload, 1).ok_or(Malformed::Short)? & 0x3f,
        };
        let samples = u16::from(frames)
            .checked_mul(frame(first))
            .filter(|samples| (1..=LONGEST).contains(samples))
            .ok_or(Malformed::Count)?;
        Ok(Self {
            mode: match first >> 3 {
                0..=11 => Mode::Silk,
                12..=15 => Mode::Hybrid,
                _ => Mode::Celt,
            },
            stereo: first & 4 != 0,
            frames,
            samples,
        })
    }
}

/// Of one frame, in samples of 48 kHz (RFC 6716 §3.1, table 2).
fn frame(first: u8) -> u16 {
    match (first >> 3, first >> 3 & 3) {
        (0..=11, 3) => 2_880,
        (0..=11, 2) => 1_920,
        (0..=11, 1) => 960,
        (0..=11, _) => 480,
        (12..=15, 1 | 3) => 960,
        (12..=15, _) => 480,
        (_, place) => 120 << place,
    }
}

/// Whether a packet is silence that need not be played (DTX): its frames have no byte, or one, so it has at most two. By length alone.
#[must_use]
pub fn is_silence(payload: &[u8]) -> bool {
    (1..=2).contains(&payload.len())
}

/// Whether the frame carries the one before it again, coarser (in-band FEC, RFC 6716 §4.2.4). Decidable where the packet has one frame of SILK or of
/// both coders: its first bits, of even probability and so not coded, are for each channel one of voice for every 20 ms and then this one. Nothing for
/// packets of several frames, which browsers do not send.
#[must_use]
pub fn has_fec(payload: &[u8]) -> Option<bool> {
    let [first, bits, ..] = *payload else { return None };
    let toc = Toc::parse(payload).ok()?;
    match toc.mode {
        Mode::Celt => Some(false),
        Mode::Silk | Mode::Hybrid if first & 3 == 0 => {
            // Parts of 20 ms; a frame of 10 ms is one.
            let voices = u32::from((toc.samples / 960).max(1));
            let bit = |channel: u32| bits.checked_shr(7 - (channel * (voices + 1) + voices)).unwrap_or_default() & 1 == 1;
            Some(bit(0) || toc.stereo && bit(1))
        }
        Mode::Silk | Mode::Hybrid => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_those_of_the_table() {
        for (config, mode, samples) in [
            (0, Mode::Silk, 480),
            (1, Mode::Silk, 960),
            (6, Mode::Silk, 1_920),
            (11, Mode::Silk, 2_880),
            (12, Mode::Hybrid, 480),
            (13, Mode::Hybrid, 960),
            (14, Mode::Hybrid, 480),
            (15, Mode::Hybrid, 960),
            (16, Mode::Celt, 120),
            (21, Mode::Celt, 240),
            (26, Mode::Celt, 480),
            (31, Mode::Celt, 960),
        ] {
            let toc = Toc::parse(&[config << 3, 0]).unwrap();
            assert_eq!(
                (toc.mode, toc.samples, toc.frames, toc.stereo),
                (mode, samples, 1, false),
                "{config}"
            );
        }
    }

    #[test]
    fn a_packet_of_several_frames_is_as_long_as_they_are() {
        assert_eq!(
            Toc::parse(&[31 << 3 | 4 | 1]).map(|toc| (toc.samples, toc.stereo)),
            Ok((1_920, true))
        );
        assert_eq!(Toc::parse(&[31 << 3 | 1]).map(|toc| toc.stereo), Ok(false));
        assert_eq!(Toc::parse(&[31 << 3 | 2]).map(|toc| toc.frames), Ok(2));
        assert_eq!(Toc::parse(&[31 << 3 | 3, 0xc6]).map(|toc| toc.samples), Ok(5_760));
        assert_eq!(Toc::parse(&[31 << 3 | 3, 7]), Err(Malformed::Count), "140 ms");
        assert_eq!(Toc::parse(&[3 << 3 | 3, 63]), Err(Malformed::Count), "almost four seconds");
        assert_eq!(Toc::parse(&[31 << 3 | 3, 0]), Err(Malformed::Count), "no frame");
        assert_eq!(Toc::parse(&[31 << 3 | 3]), Err(Malformed::Short));
        assert_eq!(Toc::parse(&[]), Err(Malformed::Short));
    }

    #[test]
    fn silence_is_what_has_at_most_two_bytes() {
        assert!(is_silence(&[0x78]) && is_silence(&[0x78, 1]));
        assert!(!is_silence(&[]) && !is_silence(&[0x78, 1, 2]));
    }

    #[test]
    fn redundancy_is_the_bit_behind_those_of_voice() {
        let silk = |config: u8, stereo: u8, bits| has_fec(&[config << 3 | stereo << 2, bits, 0]);
        // 20 ms: voice, redundancy.
        assert_eq!((silk(9, 0, 0x40), silk(9, 0, 0x80)), (Some(true), Some(false)));
        // Stereo: the same of the second channel.
        assert_eq!(
            (silk(9, 1, 0x10), silk(9, 1, 0x20), silk(9, 0, 0x10)),
            (Some(true), Some(false), Some(false))
        );
        // 60 ms: three of voice.
        assert_eq!((silk(11, 0, 0x10), silk(11, 0, 0xe0)), (Some(true), Some(false)));
        assert_eq!((silk(11, 1, 0x01), silk(11, 1, 0xee)), (Some(true), Some(false)));
        // Both coders, 10 ms.
        assert_eq!((silk(12, 0, 0x40), silk(12, 0, 0x80)), (Some(true), Some(false)));
        assert_eq!(has_fec(&[31 << 3, 0xff, 0]), Some(false), "music has none");
        assert_eq!(has_fec(&[9 << 3 | 1, 0xff, 0]), None, "two frames");
        assert_eq!(has_fec(&[9 << 3]), None, "no frame");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..6)) {
            if let Ok(toc) = Toc::parse(&bytes) {
                prop_assert!((1..=48).contains(&toc.frames) && (120..=LONGEST).contains(&toc.samples));
            }
            let _ = has_fec(&bytes);
        }
    }
}
