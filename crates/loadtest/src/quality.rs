//! What somebody would hear and see of the packets that came, in a simple model of a player. Pure: time is an argument.
//!
//! Both are played [`PLAYOUT`] after the moment at which they would have come on the fastest path seen so far, as a player does that has learned how late
//! things come. **Audio**: each packet is 20 ms. One that is not there when it is to be played is concealed, unless a packet that came in time repeats it (RFC
//! 2198); both shares are given. **Video**: a frame can be shown when all its packets are there and the frame before it could be
//! shown, or when it is a key frame; if that is later than when it was to be played, it is shown then. A key frame behind a gap is waited with until it is to be
//! played, as browsers do: what is missing before it may still come. A picture that stands for longer than 183 ms (at 30 frames a
//! second, as browsers count it: the usual distance and 150 ms) is frozen for that time. After 300 ms without a frame the player asks for a key frame.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use str0m::rtp::Vp8Descriptor;

/// How long a player waits for what is late: time for one request for a lost packet, and for another one 105 ms after it on a short path.
pub const PLAYOUT: Duration = Duration::from_millis(150);
/// A picture that stands longer is frozen.
const FREEZE: Duration = Duration::from_millis(183);
/// RTP ticks of one packet of audio, and of a second of audio and of video.
const TICKS: u32 = 960;
const AUDIO_CLOCK: u32 = 48_000;
const VIDEO_CLOCK: u32 = 90_000;
/// A player that could show nothing for so long asks for a key frame, and again after as long.
const ASK_AFTER: Duration = Duration::from_millis(300);
/// Frames that are kept while they are incomplete; older ones are given up.
const FRAMES: usize = 90;

/// What a player of one stream of audio had.
#[derive(Debug, Default)]
pub struct AudioQuality {
    /// Arrival of each packet that came, by its place in the stream; the judged part is removed.
    arrived: BTreeMap<i64, Instant>,
    /// Arrival of the first packet that repeats it.
    repeated: BTreeMap<i64, Instant>,
    clock: Clock,
    next: i64,
    pieces: u64,
    missing: u64,
    concealed: u64,
}

/// What a player of one stream of video had.
#[derive(Debug, Default)]
pub struct VideoQuality {
    packets: BTreeMap<u64, Part>,
    shown: Option<Shown>,
    clock: Clock,
    began: Option<Instant>,
    frames: u64,
    frozen: Duration,
    asked: Option<Instant>,
}

/// The last frame that was shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    last: u64,
    picture: u16,
    ready: Instant,
    at: Instant,
}

/// When things are to be played: RTP time, and the local time of its zero on the fastest path seen so far.
#[derive(Debug, Default)]
struct Clock {
    first: Option<u32>,
    base: Option<Instant>,
}

/// A frame that is whole and can be decoded.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// Its last packet.
    last: u64,
    picture: u16,
    ticks: i64,
    /// The one before it was shown; otherwise it is a key frame behind a gap.
    follows: bool,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    ticks: i64,
    picture: u16,
    starts: bool,
    keyframe: bool,
    marker: bool,
}

/// Both, added up over streams.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quality {
    /// Pieces of 20 ms that were due.
    pub pieces: u64,
    /// Of these, not there in time.
    pub missing: u64,
    /// Of these, not repeated in time either.
    pub concealed: u64,
    /// Frames that were shown.
    pub frames: u64,
    /// How long pictures stood still.
    pub frozen: Duration,
    /// How long video was watched.
    pub watched: Duration,
}

impl Clock {
    /// A packet came. Gives its RTP time from the first one.
    fn came(&mut self, now: Instant, timestamp: u32, rate: u32) -> i64 {
        let ticks = self.ticks(timestamp);
        let at_zero = now.checked_sub(Self::span(ticks, rate));
        self.base = self.base.into_iter().chain(at_zero.filter(|_| ticks >= 0)).min();
        ticks
    }

    /// The RTP time from the first packet.
    fn ticks(&mut self, timestamp: u32) -> i64 {
        let first = *self.first.get_or_insert(timestamp);
        // Differences of RTP time go around; half the range on either side is far more than any player waits.
        i64::from(timestamp.wrapping_sub(first).cast_signed())
    }

    /// When this RTP time is to be played.
    fn played(&self, ticks: i64, rate: u32) -> Option<Instant> {
        Some(self.base? + Self::span(ticks, rate) + PLAYOUT)
    }

    fn span(ticks: i64, rate: u32) -> Duration {
        let ticks = u64::try_from(ticks).unwrap_or_default();
        Duration::from_nanos(ticks * 1_000_000_000 / u64::from(rate.max(1)))
    }
}

impl AudioQuality {
    /// A packet came that repeats one of before.
    pub fn repeat(&mut self, now: Instant, timestamp: u32) {
        let place = self.clock.ticks(timestamp) / i64::from(TICKS);
        if place >= self.next {
            self.repeated.entry(place).or_insert(now);
        }
    }

    /// A packet came.
    pub fn take(&mut self, now: Instant, timestamp: u32) {
        let place = self.clock.came(now, timestamp, AUDIO_CLOCK) / i64::from(TICKS);
        if place >= self.next {
            self.arrived.entry(place).or_insert(now);
        }
        self.judge(now);
    }

    /// Judges every piece whose time has come.
    fn judge(&mut self, now: Instant) {
        while let Some(played) = self
            .clock
            .played(self.next * i64::from(TICKS), AUDIO_CLOCK)
            .filter(|played| *played <= now)
        {
            let in_time = |at: Option<Instant>| at.is_some_and(|at| at <= played);
            let own = in_time(self.arrived.remove(&self.next));
            let again = in_time(self.repeated.remove(&self.next));
            self.pieces += 1;
            self.missing += u64::from(!own);
            self.concealed += u64::from(!own && !again);
            self.next += 1;
        }
    }
}

impl VideoQuality {
    /// A packet came; `sequence` without going around.
    pub fn take(&mut self, now: Instant, sequence: u64, timestamp: u32, marker: bool, payload: &[u8]) {
        let ticks = self.clock.came(now, timestamp, VIDEO_CLOCK);
        let Ok(descriptor) = Vp8Descriptor::parse(payload) else { return };
        let Some(picture) = descriptor.picture_id() else { return };
        // First what came before it and has had its time.
        self.advance(now, false);
        if self.shown.is_some_and(|shown| sequence <= shown.last) {
            return;
        }
        let keyframe = descriptor.starts_keyframe(payload);
        // The start of a frame: the start of its first (and here only) partition.
        let starts = payload.first().is_some_and(|first| first & 0x10 != 0);
        self.packets.insert(
            sequence,
            Part {
                ticks,
                picture,
                starts,
                keyframe,
                marker,
            },
        );
        self.advance(now, true);
        while self.packets.len() > FRAMES * 5 {
            self.packets.pop_first();
        }
    }

    /// Shows what can be shown now; `came` when a packet has just come, with which it became whole.
    fn advance(&mut self, now: Instant, came: bool) {
        let mut skipped = None;
        while let Some(frame) = self.showable() {
            let due = self.clock.played(frame.ticks, VIDEO_CLOCK).unwrap_or(now);
            if !frame.follows && self.shown.is_some() && due > now {
                return;
            }
            let ready = if came { now } else { *skipped.get_or_insert(due) };
            self.show(ready, frame);
        }
    }

    /// Counts anew from here. What stands, and whether nothing was shown yet, counts from now on.
    pub fn begin_to_count(&mut self, now: Instant) {
        (self.frames, self.frozen, self.began) = (0, Duration::ZERO, Some(now));
    }

    /// Since when the same picture, or none, has been there.
    fn standing_since(&self) -> Option<Instant> {
        self.shown.map(|shown| shown.at).max(self.began)
    }

    /// Whether the player asks for a key frame now, since it has shown nothing for long.
    pub fn asks_keyframe(&mut self, now: Instant) -> bool {
        self.advance(now, false);
        if self.showable().is_some() {
            // A key frame waits for its time.
            return false;
        }
        let since = self.shown.map(|shown| shown.ready).into_iter().chain(self.asked).max();
        let asks = since.is_none_or(|at| now.saturating_duration_since(at) > ASK_AFTER);
        if asks {
            self.asked = Some(now);
        }
        asks
    }

    /// The next frame that is whole and can be decoded.
    fn showable(&self) -> Option<Frame> {
        let mut whole: Option<(u64, Part)> = None;
        let mut expected = None;
        for (sequence, part) in &self.packets {
            if part.starts {
                whole = Some((*sequence, *part));
            } else if expected != Some(*sequence) {
                whole = None;
            }
            expected = Some(sequence + 1);
            let Some((from, start)) = whole.filter(|_| part.marker) else {
                continue;
            };
            let follows = self
                .shown
                .is_some_and(|shown| from == shown.last + 1 && start.picture == shown.picture.wrapping_add(1) & 0x7fff);
            if start.keyframe || follows {
                return Some(Frame {
                    last: *sequence,
                    picture: part.picture,
                    ticks: part.ticks,
                    follows,
                });
            }
            whole = None;
        }
        None
    }

    fn show(&mut self, ready: Instant, frame: Frame) {
        let Frame { last, picture, ticks, .. } = frame;
        let at = self.clock.played(ticks, VIDEO_CLOCK).map_or(ready, |played| played.max(ready));
        let before = self.standing_since();
        self.began.get_or_insert(at);
        let shown = Shown { last, picture, ready, at };
        self.shown = Some(shown);
        if let Some(before) = before {
            let stood = at.saturating_duration_since(before);
            if stood > FREEZE {
                self.frozen += stood;
            }
        }
        self.frames += 1;
        self.packets = self.packets.split_off(&(last + 1));
    }
}

impl Quality {
    /// Adds a stream of audio.
    pub fn add_audio(&mut self, audio: &AudioQuality) {
        self.pieces += audio.pieces;
        self.missing += audio.missing;
        self.concealed += audio.concealed;
    }

    /// Adds a stream of video; what stands still now counts up to `now`.
    pub fn add_video(&mut self, video: &VideoQuality, now: Instant) {
        let Some(began) = video.began else { return };
        self.frames += video.frames;
        let standing = video
            .standing_since()
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.frozen += video.frozen + if standing > FREEZE { standing } else { Duration::ZERO };
        self.watched += now.saturating_duration_since(began);
    }

    /// Adds those of somebody else.
    pub fn add(&mut self, other: &Self) {
        self.pieces += other.pieces;
        self.missing += other.missing;
        self.concealed += other.concealed;
        self.frames += other.frames;
        self.frozen += other.frozen;
        self.watched += other.watched;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Source;

    const PIECE: Duration = Duration::from_millis(20);

    /// Plays packets of audio, each with so many of those before it: which do not come, and which come so many milliseconds late.
    fn heard(depth: u32, lost: &[u32], late: &[(u32, u64)]) -> (u64, u64, u64) {
        let start = Instant::now();
        let mut arrivals: Vec<(Instant, u32)> = (0..100)
            .filter(|number| !lost.contains(number))
            .map(|number| {
                let late = late.iter().find(|(which, _)| *which == number).map_or(0, |(_, by)| *by);
                (start + PIECE * number + Duration::from_millis(late), number)
            })
            .collect();
        arrivals.sort();
        let mut quality = AudioQuality::default();
        let timestamp = |number: u32| number.wrapping_mul(TICKS).wrapping_add(u32::MAX - 10_000);
        for (at, number) in arrivals {
            for before in 1..=depth.min(number) {
                quality.repeat(at, timestamp(number - before));
            }
            quality.take(at, timestamp(number));
        }
        (quality.pieces, quality.missing, quality.concealed)
    }

    #[test]
    fn audio_that_comes_in_time_is_played_and_a_lost_one_where_it_is_repeated() {
        // The last 150 ms are not due yet.
        let all = 100 - 8;
        assert_eq!(heard(0, &[], &[]), (all, 0, 0));
        assert_eq!(heard(0, &[], &[(40, 140)]), (all, 0, 0));
        assert_eq!(heard(0, &[40], &[]), (all, 1, 1), "nobody repeats it");
        assert_eq!(heard(1, &[40], &[]), (all, 1, 0));
        assert_eq!(heard(1, &[40, 41], &[]), (all, 2, 1));
        assert_eq!(heard(2, &[40, 41], &[]), (all, 2, 0));
        assert_eq!(heard(0, &[], &[(40, 160)]), (all, 1, 1));
        // Repeated by one that is late itself: in time for itself, too late for the one before.
        assert_eq!(heard(1, &[40], &[(41, 140)]), (all, 1, 1));
    }

    /// Plays four seconds of video: which packets do not come, or come so many milliseconds late.
    fn seen(lost: impl Fn(u64) -> bool, late: impl Fn(u64) -> u64) -> Quality {
        let start = Instant::now();
        let mut source = Source::video(1_280, 720, 5);
        let mut arrivals = Vec::new();
        for number in 0..600 {
            let packet = source.take();
            if !lost(number) {
                arrivals.push((start + packet.due + Duration::from_millis(late(number)), number, packet));
            }
        }
        arrivals.sort_by_key(|(at, number, _)| (*at, *number));
        let mut video = VideoQuality::default();
        for (at, number, packet) in arrivals {
            video.take(at, 70_000 + number, packet.timestamp, packet.marker, &packet.payload);
        }
        let mut quality = Quality::default();
        quality.add_video(&video, start + Duration::from_secs(4));
        quality
    }

    #[test]
    fn video_that_comes_whole_is_shown_whole() {
        let quality = seen(|_| false, |_| 0);
        assert_eq!((quality.frames, quality.frozen), (120, Duration::ZERO));
        assert!(quality.watched > Duration::from_millis(3_800));
    }

    #[test]
    fn a_player_that_shows_nothing_asks_for_a_key_frame_now_and_then() {
        let (start, mut source, mut video) = (Instant::now(), Source::video(1_280, 720, 5), VideoQuality::default());
        for number in 0..5 {
            let packet = source.take();
            video.take(start, number, packet.timestamp, packet.marker, &packet.payload);
        }
        let asks: Vec<bool> = [100, 290, 310, 400, 600, 620]
            .map(|after| video.asks_keyframe(start + Duration::from_millis(after)))
            .to_vec();
        assert_eq!(asks, [false, false, true, false, false, true]);
    }

    #[test]
    fn a_lost_packet_freezes_until_the_next_key_frame_and_a_repaired_one_does_not() {
        // Frame 30 of 120; the next key frame is frame 60.
        let quality = seen(|number| number == 152, |_| 0);
        assert_eq!(quality.frames, 90);
        assert!(
            (Duration::from_millis(950)..Duration::from_millis(1_100)).contains(&quality.frozen),
            "{quality:?}"
        );
        let repaired = seen(|_| false, |number| if number == 152 { 280 } else { 0 });
        assert_eq!((repaired.frames, repaired.frozen), (120, Duration::ZERO));
        // The last packet of the frame before a key frame.
        let before = seen(|_| false, |number| if number == 299 { 120 } else { 0 });
        assert_eq!((before.frames, before.frozen), (120, Duration::ZERO));
        let too_late = seen(|_| false, |number| if number == 299 { 220 } else { 0 });
        assert_eq!(too_late.frames, 119, "the key frame was shown");
        let late = seen(|_| false, |number| if number == 152 { 400 } else { 0 });
        assert_eq!(late.frames, 120);
        assert!(
            (Duration::from_millis(250)..Duration::from_millis(350)).contains(&late.frozen),
            "{late:?}"
        );
    }
}
