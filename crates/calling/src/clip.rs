//! Recorded media to send: encoded frames with their durations, read from IVF (VP8) and Ogg (Opus).
//!
//! Owns the two small readers. Not here: packets and clocks (`media`). Input is a file somebody chose: nothing in it is trusted
//! to be in bounds.

use std::sync::Arc;
use std::time::Duration;

use crate::error::CallingError;

/// One encoded frame.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The encoded bytes.
    pub data: Arc<[u8]>,
    /// How long it lasts.
    pub duration: Duration,
    /// Whether decoding can begin here.
    pub keyframe: bool,
}

/// Frames to be sent in a loop; the first one is a key frame.
#[derive(Debug, Clone)]
pub struct Clip {
    /// The frames.
    pub frames: Arc<[Frame]>,
}

const MAX_FRAME_BYTES: usize = 1 << 20;

impl Clip {
    /// The test picture that comes with this crate: 320 x 180, 15 frames a second, VP8.
    ///
    /// # Errors
    /// Never for the file as committed; a test reads it.
    pub fn test_pattern() -> Result<Self, CallingError> {
        Self::from_ivf(include_bytes!("../assets/pattern.ivf"))
    }

    /// The test tone that comes with this crate: 440 Hz, Opus.
    ///
    /// # Errors
    /// Never for the file as committed; a test reads it.
    pub fn test_tone() -> Result<Self, CallingError> {
        Self::from_ogg_opus(include_bytes!("../assets/tone.ogg"))
    }

    /// Reads VP8 frames from an IVF file.
    ///
    /// # Errors
    /// [`CallingError::Clip`] when it is not one.
    pub fn from_ivf(bytes: &[u8]) -> Result<Self, CallingError> {
        let bad = |what: &str| CallingError::Clip(format!("IVF: {what}"));
        if bytes.get(..4) != Some(b"DKIF") || bytes.get(8..12) != Some(b"VP80") {
            return Err(bad("not a VP8 stream"));
        }
        let header = usize::from(u16::from_le_bytes(array(bytes, 6).ok_or_else(|| bad("cut header"))?));
        let rate = u32::from_le_bytes(array(bytes, 16).ok_or_else(|| bad("cut header"))?);
        let scale = u32::from_le_bytes(array(bytes, 20).ok_or_else(|| bad("cut header"))?);
        if rate == 0 || scale == 0 || rate / scale > 240 {
            return Err(bad("no usable frame rate"));
        }
        let duration = Duration::from_secs_f64(f64::from(scale) / f64::from(rate));
        let mut frames = Vec::new();
        let mut at = header;
        while let Some(length) = array(bytes, at).map(u32::from_le_bytes) {
            let start = at.saturating_add(12);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let data = bytes
                .get(start..start.saturating_add(length))
                .filter(|data| !data.is_empty() && data.len() <= MAX_FRAME_BYTES);
            let data = data.ok_or_else(|| bad("cut frame"))?;
            // The lowest bit of a VP8 frame is 0 for a key frame (RFC 6386 §9.1).
            let keyframe = data.first().is_some_and(|first| first & 1 == 0);
            frames.push(Frame {
                data: data.into(),
                duration,
                keyframe,
            });
            at = start.saturating_add(length);
        }
        Self::checked(frames).ok_or_else(|| bad("it does not begin with a key frame"))
    }

    /// Reads Opus packets from an Ogg file.
    ///
    /// # Errors
    /// [`CallingError::Clip`] when it is not one.
    pub fn from_ogg_opus(bytes: &[u8]) -> Result<Self, CallingError> {
        let bad = |what: &str| CallingError::Clip(format!("Ogg: {what}"));
        let packets = ogg_packets(bytes).ok_or_else(|| bad("broken page"))?;
        let mut packets = packets.into_iter();
        if !packets.next().is_some_and(|head| head.starts_with(b"OpusHead")) {
            return Err(bad("not an Opus stream"));
        }
        let frames = packets.skip(1).filter_map(|data| {
            let duration = opus_duration(&data)?;
            Some(Frame {
                data: data.into(),
                duration,
                keyframe: true,
            })
        });
        Self::checked(frames.collect()).ok_or_else(|| bad("no audio in it"))
    }

    fn checked(frames: Vec<Frame>) -> Option<Self> {
        frames.first()?.keyframe.then(|| Self { frames: frames.into() })
    }

    /// The frame at this position of the endless loop.
    pub(crate) fn frame(&self, position: usize) -> Option<&Frame> {
        self.frames.get(position.checked_rem(self.frames.len())?)
    }

    /// The next position at which decoding can begin.
    pub(crate) fn next_keyframe(&self, position: usize) -> usize {
        let next = (position..position.saturating_add(self.frames.len())).find(|at| self.frame(*at).is_some_and(|frame| frame.keyframe));
        next.unwrap_or(0)
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Puts the packets of a one-stream Ogg file together (RFC 3533: pages of segments; a segment below 255 bytes ends a packet).
fn ogg_packets(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut packets = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes.get(at..at + 4) != Some(b"OggS") {
            return None;
        }
        let segments = usize::from(*bytes.get(at + 26)?);
        let table = bytes.get(at + 27..at + 27 + segments)?;
        at += 27 + segments;
        for length in table {
            open.extend_from_slice(bytes.get(at..at + usize::from(*length))?);
            at += usize::from(*length);
            if *length < 255 {
                packets.push(std::mem::take(&mut open));
            }
        }
    }
    Some(packets)
}

/// How long an Opus packet lasts, by its first byte (RFC 6716 §3.1) and the number of frames in it.
fn opus_duration(packet: &[u8]) -> Option<Duration> {
    let first = *packet.first()?;
    let config = first >> 3;
    let frame_us: u32 = match config {
        0..12 => *[10_000, 20_000, 40_000, 60_000].get(usize::from(config % 4))?,
        12..16 => *[10_000, 20_000].get(usize::from(config % 2))?,
        _ => *[2_500, 5_000, 10_000, 20_000].get(usize::from(config % 4))?,
    };
    let frames = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(*packet.get(1)? & 0x3f),
    };
    Some(Duration::from_micros(u64::from(frame_us * frames))).filter(|duration| !duration.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_picture_can_be_read_and_begins_with_a_key_frame() {
        let clip = Clip::test_pattern().unwrap();
        assert_eq!(clip.frames.len(), 30);
        assert!(clip.frames[0].keyframe && !clip.frames[1].keyframe);
        assert_eq!(clip.frames[0].duration.as_millis(), 66);
    }

    #[test]
    fn the_test_tone_can_be_read() {
        let clip = Clip::test_tone().unwrap();
        let total: Duration = clip.frames.iter().map(|frame| frame.duration).sum();
        assert!((1_900..2_200).contains(&total.as_millis()), "{total:?}");
        assert!(clip.frames.iter().all(|frame| frame.duration.as_millis() == 20));
    }

    #[test]
    fn cut_files_are_errors_and_not_faults() {
        let (ivf, ogg) = (include_bytes!("../assets/pattern.ivf"), include_bytes!("../assets/tone.ogg"));
        assert!(Clip::from_ivf(&ivf[..ivf.len() - 5]).is_err());
        assert!(Clip::from_ogg_opus(&ogg[..ogg.len() - 5]).is_err());
        for length in 0..200 {
            assert!(Clip::from_ivf(&ivf[..length.min(40)]).is_err());
            assert!(Clip::from_ogg_opus(&ogg[..length]).is_err());
        }
    }

    #[test]
    fn after_a_request_the_next_key_frame_is_found_around_the_end_of_the_loop() {
        let clip = Clip::test_pattern().unwrap();
        let second = (1..30).find(|at| clip.frames[*at].keyframe).unwrap();
        assert_eq!(clip.next_keyframe(1), second);
        assert_eq!(clip.next_keyframe(second + 1), 30);
    }
}
