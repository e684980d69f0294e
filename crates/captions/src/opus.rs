//! One voice as sound: Opus packets in order to 16 kHz mono.
//!
//! Owns the decoder's state. A short gap is concealed: the last packet of it from what the next one repeats of it, the others from what came before. A long gap
//! is left out; what comes late or twice is dropped.

use ropus::{Channels, DecodeMode};

/// Samples a second.
pub(crate) const RATE: u32 = 16_000;
/// The longest packet is 120 ms.
const LONGEST: usize = 1_920;
/// Packets that are concealed at most: what is longer is silence, not a guess.
const MOST_CONCEALED: u64 = 5;

/// The sound of one voice.
pub(crate) struct Decoder {
    decoder: ropus::Decoder,
    /// Stream and number of the last packet.
    last: Option<(u32, u64)>,
    /// Samples of the last packet: as long is a lost one taken to be.
    length: usize,
    buffer: Vec<i16>,
}

impl Decoder {
    /// Nothing when the decoder cannot be made, which is a defect.
    pub(crate) fn new() -> Option<Self> {
        let decoder = ropus::Decoder::new(RATE, Channels::Mono).ok()?;
        Some(Self {
            decoder,
            last: None,
            length: 0,
            buffer: vec![0; LONGEST],
        })
    }

    /// Decodes a packet behind what was lost before it; a packet that is no Opus adds nothing.
    pub(crate) fn decode(&mut self, stream: u32, sequence: u64, packet: &[u8], out: &mut Vec<i16>) {
        let lost = match self.last {
            Some((same, last)) if same == stream && sequence <= last => return,
            Some((same, last)) if same == stream => sequence.saturating_sub(last).saturating_sub(1),
            Some(_) | None => 0,
        };
        self.last = Some((stream, sequence));
        if packet.is_empty() {
            return;
        }
        if (1..=MOST_CONCEALED).contains(&lost) && self.length > 0 {
            for _ in 1..lost {
                self.append(&[], self.length, DecodeMode::Normal, out);
            }
            self.append(packet, self.length, DecodeMode::Fec, out);
        }
        if let Some(length) = self.append(packet, LONGEST, DecodeMode::Normal, out) {
            self.length = length;
        }
    }

    /// An empty packet stands for a lost one, of which as much is made up as there is room.
    fn append(&mut self, packet: &[u8], room: usize, mode: DecodeMode, out: &mut Vec<i16>) -> Option<usize> {
        let buffer = self.buffer.get_mut(..room)?;
        match self.decoder.decode(packet, buffer, mode) {
            Ok(samples) => {
                out.extend(buffer.get(..samples).unwrap_or_default());
                Some(samples)
            }
            Err(error) => {
                tracing::trace!(%error, "a packet of a voice could not be decoded");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ropus::{Application, Encoder};

    fn tone() -> Vec<Vec<u8>> {
        let mut encoder = Encoder::builder(16_000, Channels::Mono, Application::Voip).build().unwrap();
        (0..50)
            .map(|frame| {
                let samples: Vec<f32> = (0..320_i16)
                    .map(|at| (f32::from(at + frame * 320) * 440.0 * std::f32::consts::TAU / 16_000.0).sin() * 0.5)
                    .collect();
                let mut packet = vec![0; 400];
                let length = encoder.encode_float(&samples, &mut packet).unwrap();
                packet.truncate(length);
                packet
            })
            .collect()
    }

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64
    }

    #[test]
    fn a_voice_comes_out_as_long_and_as_loud_as_it_went_in() {
        let mut decoder = Decoder::new().unwrap();
        let mut sound = Vec::new();
        for (sequence, packet) in (0..).zip(tone()) {
            decoder.decode(7, sequence, &packet, &mut sound);
        }
        assert_eq!(sound.len(), 16_000);
        let amplitude = power(&sound[8_000..]).sqrt() / 32_768.0;
        assert!(
            (0.25..0.45).contains(&amplitude),
            "a sine of 0.5 has an effective value of 0.35, not {amplitude}"
        );
    }

    #[test]
    fn a_lost_packet_is_concealed_a_long_gap_left_out_and_a_late_packet_dropped() {
        let packets = tone();
        let mut decoder = Decoder::new().unwrap();
        let mut sound = Vec::new();
        for sequence in 0..20_u64 {
            decoder.decode(7, sequence, &packets[usize::try_from(sequence).unwrap()], &mut sound);
        }
        sound.clear();
        decoder.decode(7, 21, &packets[21], &mut sound);
        assert_eq!(sound.len(), 640, "packet 20 is concealed");
        assert!(power(&sound[..320]) > 1_000.0, "and not by silence");
        sound.clear();
        decoder.decode(7, 20, &packets[20], &mut sound);
        decoder.decode(7, 21, &packets[21], &mut sound);
        assert!(sound.is_empty(), "late and twice");
        decoder.decode(7, 1_000_000, &packets[22], &mut sound);
        assert_eq!(sound.len(), 320, "a gap of minutes is no minutes of guessing");
        sound.clear();
        decoder.decode(8, 3, &packets[23], &mut sound);
        assert_eq!(sound.len(), 320, "another stream counts anew");
    }

    #[test]
    fn noise_in_place_of_a_packet_harms_nobody() {
        let mut decoder = Decoder::new().unwrap();
        let mut sound = Vec::new();
        let mut state = 1_u32;
        for sequence in 0..2_000 {
            let junk: Vec<u8> = (0..sequence % 97)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state.to_be_bytes()[0]
                })
                .collect();
            decoder.decode(7, sequence, &junk, &mut sound);
            sound.clear();
        }
        decoder.decode(7, 5_000, &tone()[0], &mut sound);
        assert_eq!(sound.len(), 320);
    }
}
