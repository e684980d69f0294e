//! The media path of one call: str0m as the offering client, clips as cameras and microphones, counters as screens and ears.
//!
//! Owns one `Rtc` and its UDP socket in one task. Frames are sent by the clock of their clip; what the server sends is
//! depacketised and counted, not decoded. Not here: which publication a slot carries (`call`).

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, MediaKind as Sort, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use wire::{MediaKind, PublicationOffer};

use crate::clip::Clip;
use crate::error::CallingError;

/// Slots offered to receive in.
const AUDIO_SLOTS: usize = 5;
const VIDEO_SLOTS: usize = 9;
/// A sound that is heard as speech, in decibels below the loudest.
const SPEECH_LEVEL: i8 = -20;

/// What is sent in one medium.
#[derive(Debug, Clone)]
pub enum Source {
    /// A clip, over and over.
    Clip(Clip),
    /// A clip for some time, then silence for the same time, and so on: a person who talks now and then.
    Turns {
        /// What is said.
        clip: Clip,
        /// How long each turn lasts.
        each: Duration,
    },
    /// Opus silence.
    Silence,
}

/// What came in one slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SlotStats {
    /// Whole frames.
    pub frames: u64,
    /// Key frames among them (video).
    pub keyframes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Frames that do not follow the one before (something is missing).
    pub gaps: u64,
}

/// What came in all slots, by `a=mid`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReceiveStats {
    /// Whether the media path is up.
    pub connected: bool,
    /// Frames sent.
    pub frames_sent: u64,
    /// Key frames that the server asked for.
    pub keyframes_asked: u64,
    /// By slot.
    pub slots: BTreeMap<String, SlotStats>,
}

/// Counters shared between the media task and the call.
pub(crate) type SharedStats = Arc<Mutex<ReceiveStats>>;

/// What is asked of the media task.
pub(crate) enum MediaCommand {
    /// Begin to send, or stop (nothing).
    Send(MediaKind, Option<Source>),
}

/// An offered, not yet answered, media path.
pub(crate) struct Offered {
    pub(crate) sdp: String,
    pub(crate) publications: Vec<PublicationOffer>,
    media: Media,
    pending: SdpPendingOffer,
}

/// A media path.
pub(crate) struct Media {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    sends: Vec<(MediaKind, Mid)>,
    players: Vec<Player>,
    stats: SharedStats,
}

struct Player {
    kind: MediaKind,
    mid: Mid,
    source: Source,
    position: usize,
    /// Since the beginning, in the clip's time.
    played: Duration,
    due: Instant,
    seek_keyframe: bool,
}

impl Offered {
    /// Opens a socket on the address over which the server is reached and makes the offer of constant size.
    pub(crate) async fn new(ip: IpAddr, stats: SharedStats) -> Result<Self, CallingError> {
        let failed = |error: &dyn std::fmt::Display| CallingError::Media(error.to_string());
        let socket = UdpSocket::bind((ip, 0)).await.map_err(|error| failed(&error))?;
        let local = socket.local_addr().map_err(|error| failed(&error))?;
        let mut rtc = RtcConfig::new()
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.add_local_candidate(Candidate::host(local, "udp").map_err(|error| failed(&error))?);
        let mut change = rtc.sdp_api();
        let mut sends = Vec::new();
        for (kind, sort) in [
            (MediaKind::Microphone, Sort::Audio),
            (MediaKind::Camera, Sort::Video),
            (MediaKind::Screen, Sort::Video),
            (MediaKind::ScreenAudio, Sort::Audio),
        ] {
            sends.push((kind, change.add_media(sort, Direction::SendOnly, None, None, None)));
        }
        for sort in std::iter::repeat_n(Sort::Audio, AUDIO_SLOTS).chain(std::iter::repeat_n(Sort::Video, VIDEO_SLOTS)) {
            change.add_media(sort, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = change.apply().ok_or_else(|| failed(&"nothing to offer"))?;
        let publications = sends
            .iter()
            .map(|(kind, mid)| PublicationOffer {
                kind: *kind,
                mid: mid.to_string(),
            })
            .collect();
        let media = Media {
            rtc,
            socket,
            local,
            sends,
            players: Vec::new(),
            stats,
        };
        Ok(Self {
            sdp: offer.to_sdp_string(),
            publications,
            media,
            pending,
        })
    }

    /// Takes the server's answer.
    pub(crate) fn answered(mut self, sdp: &str) -> Result<Media, CallingError> {
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| CallingError::Media(error.to_string()))?;
        self.media
            .rtc
            .sdp_api()
            .accept_answer(self.pending, answer)
            .map_err(|error| CallingError::Media(error.to_string()))?;
        Ok(self.media)
    }
}

impl Media {
    /// Runs until the commands end or the path fails.
    pub(crate) async fn run(mut self, mut commands: mpsc::Receiver<MediaCommand>) {
        let mut buffer = vec![0u8; 2_048];
        loop {
            let next = match self.drain().await {
                Some(next) => self.players.iter().map(|player| player.due).fold(next, Instant::min),
                None => break,
            };
            let input = tokio::select! {
                command = commands.recv() => match command {
                    Some(MediaCommand::Send(kind, source)) => {
                        self.set_source(kind, source);
                        None
                    }
                    None => break,
                },
                received = self.socket.recv_from(&mut buffer) => received.ok(),
                () = tokio::time::sleep_until(next.into()) => None,
            };
            let now = Instant::now();
            let mut alive = true;
            if let Some((length, source)) = input {
                let contents = buffer.get(..length).unwrap_or_default();
                if let Ok(receive) = Receive::new(Protocol::Udp, source, self.local, contents)
                    && let Err(error) = self.rtc.handle_input(Input::Receive(now, receive))
                {
                    tracing::trace!(%error, "datagram dropped");
                }
            } else {
                alive = self.rtc.handle_input(Input::Timeout(now)).is_ok();
            }
            if !alive || self.drain().await.is_none() || !self.play(now).await {
                break;
            }
        }
        self.lock().connected = false;
    }

    fn set_source(&mut self, kind: MediaKind, source: Option<Source>) {
        self.players.retain(|player| player.kind != kind);
        let mid = self.sends.iter().find(|(other, _)| *other == kind).map(|(_, mid)| *mid);
        if let (Some(source), Some(mid)) = (source, mid) {
            let now = Instant::now();
            self.players.push(Player {
                kind,
                mid,
                source,
                position: 0,
                played: Duration::ZERO,
                due: now,
                seek_keyframe: false,
            });
        }
    }

    /// Sends the frames whose time has come. False when the path failed.
    async fn play(&mut self, now: Instant) -> bool {
        let connected = self.lock().connected;
        for index in 0..self.players.len() {
            while let Some(player) = self.players.get_mut(index)
                && player.due <= now
            {
                let Some(step) = player.step() else { break };
                if now.saturating_duration_since(player.due) > Duration::from_secs(1) {
                    // The machine slept: go on from now instead of sending a burst.
                    player.due = now;
                }
                if !connected {
                    continue;
                }
                let (kind, mid) = (player.kind, player.mid);
                if self.write(now, kind, mid, step) {
                    self.lock().frames_sent += 1;
                }
                if self.drain().await.is_none() {
                    return false;
                }
            }
        }
        true
    }

    fn write(&mut self, now: Instant, kind: MediaKind, mid: Mid, step: Step) -> bool {
        let audio = matches!(kind, MediaKind::Microphone | MediaKind::ScreenAudio);
        let codec = if audio { Codec::Opus } else { Codec::Vp8 };
        let Some(mut writer) = self.rtc.writer(mid) else { return false };
        let Some(pt) = writer
            .payload_params()
            .find(|param| param.spec().codec == codec)
            .map(|param| param.pt())
        else {
            return false;
        };
        if audio {
            writer = writer.audio_level(if step.speech { SPEECH_LEVEL } else { -127 }, step.speech);
        }
        let clock = if audio { Frequency::FORTY_EIGHT_KHZ } else { Frequency::NINETY_KHZ };
        let time = MediaTime::from(step.at).rebase(clock);
        match writer.write(pt, now, time, step.data) {
            Ok(()) => self.rtc.handle_input(Input::Timeout(now)).is_ok(),
            Err(error) => {
                tracing::debug!(%error, "frame not sent");
                false
            }
        }
    }

    /// Sends what is to be sent and takes what happened. Nothing when the path is gone.
    async fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => return self.rtc.is_alive().then_some(at),
                Ok(Output::Transmit(transmit)) => {
                    if let Err(error) = self.socket.send_to(&transmit.contents, transmit.destination).await {
                        tracing::trace!(%error, "datagram not sent");
                    }
                }
                Ok(Output::Event(event)) => self.event(event),
                Err(error) => {
                    tracing::debug!(%error, "media path failed");
                    return None;
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Connected => self.lock().connected = true,
            Event::KeyframeRequest(request) => {
                self.lock().keyframes_asked += 1;
                for player in self.players.iter_mut().filter(|player| player.mid == request.mid) {
                    player.seek_keyframe = true;
                }
            }
            Event::MediaData(data) => {
                let keyframe = matches!(&data.codec_extra, str0m::format::CodecExtra::Vp8(extra) if extra.is_keyframe);
                let mut stats = self.lock();
                let slot = stats.slots.entry(data.mid.to_string()).or_default();
                slot.frames += 1;
                slot.keyframes += u64::from(keyframe);
                slot.bytes += data.data.len() as u64;
                slot.gaps += u64::from(!data.contiguous);
            }
            _ => {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, ReceiveStats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Step {
    data: Arc<[u8]>,
    at: Duration,
    speech: bool,
}

/// Opus silence of 20 ms.
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

impl Player {
    /// The next frame; moves on by its duration.
    fn step(&mut self) -> Option<Step> {
        let silence = || (Arc::<[u8]>::from(SILENCE.as_slice()), Duration::from_millis(20), false);
        let (data, duration, speech) = match &self.source {
            Source::Silence => silence(),
            Source::Turns { each, .. } if self.played.as_millis().checked_div(each.as_millis()).unwrap_or(0) % 2 == 1 => silence(),
            Source::Clip(clip) | Source::Turns { clip, .. } => {
                if std::mem::take(&mut self.seek_keyframe) {
                    self.position = clip.next_keyframe(self.position);
                }
                let frame = clip.frame(self.position)?;
                self.position = self.position.wrapping_add(1);
                (Arc::clone(&frame.data), frame.duration, true)
            }
        };
        let at = self.played;
        self.played += duration;
        self.due += duration;
        Some(Step { data, at, speech })
    }
}
