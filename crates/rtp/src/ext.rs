//! Values inside the extensions of a header. Each is read from the bytes of one extension and gives nothing when they are too few; bytes behind those
//! known are ignored, as newer versions of an extension may have some.

use core::ops::RangeInclusive;

use crate::bytes::{u8_at, u16_at, u24_at};

/// How loud the audio of a packet is (RFC 6464 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioLevel {
    /// Whether the sender takes it for speech.
    pub voice: bool,
    /// In −dBov: 0 is as loud as can be, 127 silence.
    pub level: u8,
}

impl AudioLevel {
    /// From the value of an extension.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let byte = u8_at(value, 0)?;
        Some(Self {
            voice: byte & 0x80 != 0,
            level: byte & 0x7f,
        })
    }

    /// The value of an extension; what is quieter than 127 is written as 127.
    #[must_use]
    pub fn write(self) -> [u8; 1] {
        [self.level.min(127) | if self.voice { 0x80 } else { 0 }]
    }
}

/// How the camera was held (3GPP TS 26.114 §7.4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoOrientation {
    /// The camera looks away from the user.
    pub back_camera: bool,
    /// The picture is mirrored.
    pub flipped: bool,
    /// Quarters of a turn, clockwise, that bring it upright: 0 to 3.
    pub quarters: u8,
}

impl VideoOrientation {
    /// From the value of an extension.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let byte = u8_at(value, 0)?;
        Some(Self {
            back_camera: byte & 8 != 0,
            flipped: byte & 4 != 0,
            quarters: byte & 3,
        })
    }

    /// The value of an extension; of the quarters what remains of whole turns.
    #[must_use]
    pub fn write(self) -> [u8; 1] {
        [u8::from(self.back_camera) << 3 | u8::from(self.flipped) << 2 | (self.quarters & 3)]
    }
}

/// The sequence number over all streams of a transport (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2).
#[must_use]
pub fn read_transport_sequence(value: &[u8]) -> Option<u16> {
    u16_at(value, 0)
}

/// The value of that extension.
#[must_use]
pub fn write_transport_sequence(sequence: u16) -> [u8; 2] {
    sequence.to_be_bytes()
}

/// When a packet was sent, in 2⁻¹⁸ seconds, wrapping after 64 s (abs-send-time of WebRTC).
#[must_use]
pub fn read_abs_send_time(value: &[u8]) -> Option<u32> {
    u24_at(value, 0)
}

/// The value of that extension: the lower 24 bits.
#[must_use]
pub fn write_abs_send_time(time: u32) -> [u8; 3] {
    let [_, time @ ..] = time.to_be_bytes();
    time
}

/// The time of abs-send-time from a time in the 64-bit format of NTP: six bits of seconds, 18 of fraction.
#[must_use]
pub fn abs_send_time(ntp: u64) -> u32 {
    let [.., a, b, c] = (ntp >> 14).to_be_bytes();
    u32::from_be_bytes([0, a, b, c])
}

/// Lengths that a name may have: what the one-byte and the two-byte form hold, and not nothing.
const NAME: RangeInclusive<usize> = 1..=255;

/// The name of a media section or of a layer: MID (RFC 9143 §15), RtpStreamId and RepairedRtpStreamId (RFC 8852 §3). Nothing when it is empty or has
/// something else than visible ASCII.
#[must_use]
pub fn read_name(value: &[u8]) -> Option<&str> {
    (NAME.contains(&value.len()) && value.iter().all(u8::is_ascii_graphic))
        .then(|| core::str::from_utf8(value).ok())
        .flatten()
}

/// The value of such an extension; the same conditions.
#[must_use]
pub fn write_name(name: &str) -> Option<&[u8]> {
    read_name(name.as_bytes()).map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_bits_lie_where_the_formats_say() {
        assert_eq!(AudioLevel::read(&[0xaf]), Some(AudioLevel { voice: true, level: 47 }));
        assert_eq!(AudioLevel::read(&[0x7f]), Some(AudioLevel { voice: false, level: 127 }));
        assert_eq!(
            VideoOrientation::read(&[0b0000_1001]),
            Some(VideoOrientation {
                back_camera: true,
                flipped: false,
                quarters: 1
            })
        );
        assert_eq!(
            VideoOrientation::read(&[0b0000_0110]).map(|o| (o.flipped, o.quarters)),
            Some((true, 2))
        );
        assert_eq!(read_transport_sequence(&[0x12, 0x34]), Some(0x1234));
        assert_eq!(read_abs_send_time(&[1, 2, 3]), Some(0x0001_0203));
        assert_eq!(read_name(b"f0"), Some("f0"));
    }

    #[test]
    fn what_a_field_cannot_hold_is_the_nearest_that_it_can() {
        assert_eq!(AudioLevel { voice: false, level: 200 }.write(), [127]);
        let orientation = VideoOrientation {
            back_camera: true,
            flipped: true,
            quarters: 7,
        };
        assert_eq!(orientation.write(), [0b1111]);
    }

    #[test]
    fn too_few_bytes_give_nothing() {
        assert_eq!(AudioLevel::read(&[]), None);
        assert_eq!(VideoOrientation::read(&[]), None);
        assert_eq!(read_transport_sequence(&[1]), None);
        assert_eq!(read_abs_send_time(&[1, 2]), None);
    }

    #[test]
    fn names_are_visible_ascii() {
        for name in [&b""[..], b"a b", b"\xff", "é".as_bytes(), b"a\0", &[b'a'; 256]] {
            assert_eq!(read_name(name), None, "{name:?}");
        }
        assert_eq!(write_name("audio-0"), Some(&b"audio-0"[..]));
        assert_eq!(write_name(""), None);
    }

    #[test]
    fn the_send_time_is_six_bits_of_seconds_and_eighteen_of_fraction() {
        // 65.5 s: one whole turn of 64 s, then 1.5 s.
        assert_eq!(abs_send_time(65 << 32 | 1 << 31), 3 << 17);
        assert_eq!(abs_send_time((63 << 32) | 0xffff_ffff), 0x00ff_ffff);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(voice: bool, level in 0..=127_u8, back_camera: bool, flipped: bool, quarters in 0..4_u8, sequence: u16, time in 0..1_u32 << 24, name in "[!-~]{1,255}") {
            let level = AudioLevel { voice, level };
            prop_assert_eq!(AudioLevel::read(&level.write()), Some(level));
            let orientation = VideoOrientation { back_camera, flipped, quarters };
            prop_assert_eq!(VideoOrientation::read(&orientation.write()), Some(orientation));
            prop_assert_eq!(read_transport_sequence(&write_transport_sequence(sequence)), Some(sequence));
            prop_assert_eq!(read_abs_send_time(&write_abs_send_time(time)), Some(time));
            prop_assert_eq!(write_name(&name).and_then(read_name), Some(name.as_str()));
        }
    }
}
