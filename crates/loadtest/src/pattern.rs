//! The packets of a publisher at real rates: Opus of about 40 kbit/s, VP8 of about 1.4 Mbit/s at 30 frames a second, a key frame every two seconds.
//!
//! Contents are no pictures: a valid payload descriptor and frame header, then a stamp ([`stamp`]) and filling. A server that looks at frames
//! (key frames, sizes, picture numbers) finds what it looks for.

use std::time::Duration;

/// Packets of a microphone each second.
pub const AUDIO_RATE: u64 = 50;
/// Packets of a camera each second: 30 frames of five.
pub const VIDEO_RATE: u64 = 150;
/// Frames of a camera each second; the lowest layer has one packet in each.
pub const FRAME_RATE: u64 = 30;
/// Packets of a camera with three layers each second: one, two and five in each frame.
pub const LAYERS_RATE: u64 = 8 * FRAME_RATE;
/// Bytes of an audio packet.
const AUDIO_BYTES: usize = 100;
/// Bytes of a video packet, of one of the lowest layer (144 kbit/s), and packets of a frame.
const VIDEO_BYTES: usize = 1_150;
const SMALL_BYTES: usize = 600;
/// Pictures up to this width are of the lowest layer.
const SMALL_WIDTH: u16 = 320;
const FRAME_PACKETS: usize = 5;
/// Frames from one key frame to the next.
const KEYFRAME_EVERY: u32 = 60;
/// Between two frames, and two audio packets.
const FRAME_EVERY: Duration = Duration::from_nanos(33_333_333);
const AUDIO_EVERY: Duration = Duration::from_millis(20);
/// Where the stamp stands in a payload: behind six bytes of descriptor and ten of a key frame's header.
const STAMP_AT: usize = 16;
/// RTP clock ticks between two frames, and two audio packets.
const VIDEO_TICKS: u32 = 3_000;
const AUDIO_TICKS: u32 = 960;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it is due, from the beginning of the stream.
    pub due: Duration,
    /// RTP timestamp, from zero.
    pub timestamp: u32,
    /// The last one of its frame.
    pub marker: bool,
    /// Of a key frame.
    pub keyframe: bool,
    /// Without the time, which is put in when it is sent ([`stamp`]).
    pub payload: Vec<u8>,
}

/// An endless stream of packets.
#[derive(Debug)]
pub enum Source {
    /// A microphone.
    Audio {
        /// The packet that comes next.
        next: u32,
    },
    /// A camera.
    Video(Camera),
}

/// An endless camera.
#[derive(Debug)]
pub struct Camera {
    width: u16,
    height: u16,
    packets: usize,
    frame: u32,
    part: usize,
    keyframe: bool,
    wanted: bool,
}

impl Source {
    /// A microphone.
    pub fn audio() -> Self {
        Self::Audio { next: 0 }
    }

    /// A camera. The layer is the width of its pictures, `packets` how many make a frame (simulcast layers are smaller).
    pub fn video(width: u16, height: u16, packets: usize) -> Self {
        Self::Video(Camera {
            width,
            height,
            packets: packets.clamp(1, FRAME_PACKETS),
            frame: 0,
            part: 0,
            keyframe: true,
            wanted: false,
        })
    }

    /// When the next packet is due, from the beginning of the stream.
    pub fn due(&self) -> Duration {
        match self {
            Self::Audio { next } => AUDIO_EVERY * *next,
            Self::Video(camera) => FRAME_EVERY * camera.frame,
        }
    }

    /// The next frame is a key frame, as an encoder would do it when it is asked for one.
    pub fn ask_keyframe(&mut self) {
        if let Self::Video(camera) = self {
            camera.wanted = true;
        }
    }

    /// Takes the next packet.
    pub fn take(&mut self) -> Packet {
        let due = self.due();
        match self {
            Self::Audio { next } => {
                let number = *next;
                *next = next.wrapping_add(1);
                Packet {
                    due,
                    timestamp: number.wrapping_mul(AUDIO_TICKS),
                    marker: number == 0,
                    keyframe: false,
                    payload: vec![0xfc; AUDIO_BYTES],
                }
            }
            Self::Video(camera) => camera.take(due),
        }
    }
}

impl Camera {
    fn take(&mut self, due: Duration) -> Packet {
        if self.part == 0 {
            self.keyframe = self.frame.is_multiple_of(KEYFRAME_EVERY) || std::mem::take(&mut self.wanted);
        }
        let packet = Packet {
            due,
            timestamp: self.frame.wrapping_mul(VIDEO_TICKS),
            marker: self.part + 1 == self.packets,
            keyframe: self.keyframe,
            payload: payload(self.frame, self.part == 0, self.keyframe, self.width, self.height),
        };
        self.part += 1;
        if packet.marker {
            self.part = 0;
            self.frame = self.frame.wrapping_add(1);
        }
        packet
    }
}

/// A part of a VP8 frame (RFC 7741 §4.2, RFC 6386 §9.1).
fn payload(frame: u32, first: bool, keyframe: bool, width: u16, height: u16) -> Vec<u8> {
    let [_, _, high, low] = frame.to_be_bytes();
    // Extended, start of the partition; picture number of 15 bits, number of the base layer, the base layer itself.
    let mut payload = vec![if first { 0x90 } else { 0x80 }, 0xe0, 0x80 | (high & 0x7f), low, low, 0];
    if first {
        // Three bytes of frame tag, whose lowest bit says that it is no key frame.
        payload.extend([u8::from(!keyframe), 0, 0]);
        if keyframe {
            payload.extend([0x9d, 0x01, 0x2a]);
            payload.extend(width.to_le_bytes());
            payload.extend(height.to_le_bytes());
        }
    }
    payload.resize(if width <= SMALL_WIDTH { SMALL_BYTES } else { VIDEO_BYTES }, 0x55);
    payload
}

/// Puts a time (nanoseconds of the machine's clock) into a payload. Payloads too short for it stay as they are.
pub fn stamp(payload: &mut [u8], nanoseconds: u64) {
    if let Some(place) = payload.get_mut(STAMP_AT..).and_then(|rest| rest.first_chunk_mut::<8>()) {
        *place = nanoseconds.to_be_bytes();
    }
}

/// The time in a payload.
pub fn stamped(payload: &[u8]) -> Option<u64> {
    let place = payload.get(STAMP_AT..)?.first_chunk::<8>()?;
    Some(u64::from_be_bytes(*place))
}

#[cfg(test)]
mod tests {
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    /// What a source sends before this time.
    fn until(source: &mut Source, end: Duration) -> Vec<Packet> {
        std::iter::from_fn(|| (source.due() < end).then(|| source.take())).collect()
    }

    #[test]
    fn a_second_has_as_many_packets_as_the_rates_say() {
        assert_eq!(until(&mut Source::audio(), Duration::from_secs(1)).len() as u64, AUDIO_RATE);
        let video = until(&mut Source::video(1_280, 720, 5), Duration::from_millis(999));
        assert_eq!(video.len() as u64, VIDEO_RATE);
    }

    #[test]
    fn frames_are_read_as_what_they_say() {
        let mut source = Source::video(1_280, 720, 5);
        for number in 0..305 {
            let packet = source.take();
            let descriptor = Vp8Descriptor::parse(&packet.payload).unwrap();
            assert_eq!(descriptor.picture_id(), Some(u16::try_from(number / 5).unwrap()));
            assert_eq!(descriptor.starts_keyframe(&packet.payload), number % 300 == 0, "{number}");
            assert_eq!(packet.keyframe, number % 300 < 5);
            assert_eq!(packet.marker, number % 5 == 4);
        }
    }

    #[test]
    fn a_key_frame_that_was_asked_for_is_the_next_frame_and_the_only_one() {
        let mut source = Source::video(1_280, 720, 5);
        let before: Vec<bool> = (0..7).map(|_| source.take().keyframe).collect();
        assert_eq!(before, [true, true, true, true, true, false, false]);
        source.ask_keyframe();
        let after: Vec<bool> = (0..10).map(|_| source.take().keyframe).collect();
        assert_eq!(after, [false, false, false, true, true, true, true, true, false, false]);
    }

    #[test]
    fn a_stamp_is_read_back_and_hurts_no_header() {
        let mut packet = Source::video(320, 180, 1).take().payload;
        let before = packet.clone();
        stamp(&mut packet, 1_234_567_890_123);
        assert_eq!(stamped(&packet), Some(1_234_567_890_123));
        assert_eq!(
            (&packet[..STAMP_AT], &packet[STAMP_AT + 8..]),
            (&before[..STAMP_AT], &before[STAMP_AT + 8..])
        );
        assert_eq!(stamped(&[0; 20]), None);
    }
}
