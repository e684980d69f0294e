//! The voices of one meeting: decoded, cut into utterances, handed to their speakers' tasks.
//!
//! Invariants: at most [`SPEAKERS`] voices are followed, who has been silent for longest gives way; a fault in decoding ends one voice.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use app::speech::{HeardSink, VoicePacket};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::opus::{Decoder, RATE};
use crate::pool::Pool;
use crate::share::Share;
use crate::speaker::{Hearing, PIECES, Piece};
use crate::stats::Stats;
use crate::voice::{Detector, FRAME, Step};

/// Voices followed at once in one meeting; the next one takes the place of whoever was silent for longest.
const SPEAKERS: usize = 64;
/// Half a second of sound: as often an engine is told, and so as often partial results come at most.
const PIECE: usize = RATE as usize / 2;
/// A microphone that sends nothing for this long is silent.
const GAP: Duration = Duration::from_millis(600);
/// How often gaps are looked for.
const TICK: Duration = Duration::from_millis(200);
/// A voice that was not heard for this long is forgotten.
const FORGET: Duration = Duration::from_secs(30);
/// Places in a speaker's queue that are kept for the end of an utterance and the beginning of the next.
const KEPT: usize = 2;

/// One meeting that is listened to.
pub(crate) struct Room {
    language: String,
    pool: Arc<Pool>,
    share: Arc<Share>,
    sink: HeardSink,
    stats: Arc<Stats>,
    voices: BTreeMap<Arc<str>, Voice>,
}

struct Voice {
    decoder: Decoder,
    detector: Detector,
    /// Decoded, not yet a frame.
    rest: Vec<i16>,
    /// Of the utterance, not yet handed on.
    piece: Vec<i16>,
    /// Whether the utterance is being handed on.
    speaking: bool,
    heard_at: Instant,
    pieces: mpsc::Sender<Piece>,
}

impl Room {
    pub(crate) fn new(language: String, pool: Arc<Pool>, share: Arc<Share>, sink: HeardSink, stats: Arc<Stats>) -> Self {
        Self {
            language,
            pool,
            share,
            sink,
            stats,
            voices: BTreeMap::new(),
        }
    }

    /// Runs until nobody listens any more.
    pub(crate) async fn run(mut self, mut packets: mpsc::Receiver<VoicePacket>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                packet = packets.recv() => match packet {
                    Some(packet) => self.hear(&packet),
                    None => return,
                },
                _ = tick.tick() => self.look_for_gaps(),
            }
        }
    }

    fn hear(&mut self, packet: &VoicePacket) {
        if !self.voices.contains_key(&packet.speaker) {
            self.make_room();
            let Some(voice) = self.voice(Arc::clone(&packet.speaker)) else {
                return;
            };
            self.voices.insert(Arc::clone(&packet.speaker), voice);
        }
        let Some(voice) = self.voices.get_mut(&packet.speaker) else {
            return;
        };
        voice.heard_at = Instant::now();
        let stats = &self.stats;
        if catch_unwind(AssertUnwindSafe(|| voice.take(packet, stats))).is_err() {
            tracing::error!("a voice could not be decoded because of a defect; it begins anew");
            self.voices.remove(&packet.speaker);
        }
    }

    fn voice(&self, speaker: Arc<str>) -> Option<Voice> {
        let (pieces, receiver) = mpsc::channel(PIECES);
        let hearing = Hearing {
            speaker,
            language: self.language.clone(),
            pool: Arc::clone(&self.pool),
            share: Arc::clone(&self.share),
            sink: Arc::clone(&self.sink),
            stats: Arc::clone(&self.stats),
        };
        let decoder = Decoder::new()?;
        tokio::spawn(hearing.run(receiver));
        Some(Voice {
            decoder,
            detector: Detector::default(),
            rest: Vec::new(),
            piece: Vec::new(),
            speaking: false,
            heard_at: Instant::now(),
            pieces,
        })
    }

    fn make_room(&mut self) {
        if self.voices.len() < SPEAKERS {
            return;
        }
        let longest = self
            .voices
            .iter()
            .min_by_key(|(_, voice)| voice.heard_at)
            .map(|(speaker, _)| Arc::clone(speaker));
        if let Some(speaker) = longest {
            self.voices.remove(&speaker);
        }
    }

    fn look_for_gaps(&mut self) {
        let stats = &self.stats;
        self.voices.retain(|_, voice| {
            let silent = voice.heard_at.elapsed();
            if silent >= GAP && voice.detector.stop() {
                voice.rest.clear();
                voice.end(stats);
            }
            silent < FORGET
        });
    }
}

impl Voice {
    fn take(&mut self, packet: &VoicePacket, stats: &Stats) {
        self.decoder.decode(packet.stream, packet.sequence, &packet.opus, &mut self.rest);
        let sound = std::mem::take(&mut self.rest);
        let mut frames = sound.chunks_exact(FRAME);
        for frame in &mut frames {
            match self.detector.frame(frame) {
                Step::Silence => {}
                Step::Begins => {
                    self.begin(stats);
                    self.piece = self.detector.before();
                }
                Step::GoesOn => {
                    self.piece.extend_from_slice(frame);
                    if self.piece.len() >= PIECE {
                        self.hand_on(stats);
                    }
                }
                Step::Ends => self.end(stats),
            }
        }
        self.rest = frames.remainder().to_vec();
    }

    /// An utterance whose beginning finds no place is not heard at all; one that began always finds place for its end.
    fn begin(&mut self, stats: &Stats) {
        self.speaking = self.pieces.capacity() > KEPT + 1 && self.pieces.try_send(Piece::Begin(Instant::now())).is_ok();
        if !self.speaking {
            stats.utterance_unheard();
        }
    }

    fn hand_on(&mut self, stats: &Stats) {
        let piece = std::mem::take(&mut self.piece);
        if self.speaking && (self.pieces.capacity() <= KEPT || self.pieces.try_send(Piece::Sound(piece)).is_err()) {
            stats.sound_dropped();
        }
    }

    fn end(&mut self, stats: &Stats) {
        self.hand_on(stats);
        if std::mem::take(&mut self.speaking) {
            // There is place: it was kept.
            drop(self.pieces.try_send(Piece::End));
        }
    }
}
