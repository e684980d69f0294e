//! Who is in which room, and what they send and receive.

use crate::pattern::{AUDIO_RATE, FRAME_RATE, LAYERS_RATE, VIDEO_RATE};
use crate::server::{Person, Wanted};

/// What one participant sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// A microphone: one packet each 20 ms.
    pub audio: bool,
    /// A camera: one frame each 33 ms.
    pub video: bool,
    /// Receives what others in the room send.
    pub receives: bool,
}

/// A kind of room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomShape {
    /// How many participants of which role; those who send come first.
    pub people: [(usize, Role); 3],
    /// Voices that one receiver gets at most.
    pub voices: usize,
    /// Videos that one receiver asks for at most.
    pub videos: usize,
    /// Cameras send three layers.
    pub layers: bool,
    /// Receivers ask for small videos.
    pub small: bool,
}

/// A load: rooms of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// As it is called on the command line and in tables.
    pub name: &'static str,
    /// What stands behind the name on the command line: rooms or receivers.
    pub count: usize,
    /// How many rooms.
    pub rooms: usize,
    /// What each is like.
    pub room: RoomShape,
    /// Those who only receive come while the others send, evenly over so many seconds.
    pub storm: Option<u64>,
}

/// Voices that are forwarded to one receiver: what our engine chooses, and as many as others are asked for, so that all carry the same load.
const VOICES: usize = 5;
/// Videos that are on one screen at most.
const VIDEOS: usize = 9;
/// Pixels of a video on a screen.
const LARGE: (u32, u32) = (1_280, 720);
const SMALL: (u32, u32) = (320, 180);

const NOBODY: (usize, Role) = (
    0,
    Role {
        audio: false,
        video: false,
        receives: false,
    },
);
const BOTH: Role = Role {
    audio: true,
    video: true,
    receives: true,
};
const SPEAKER: Role = Role {
    audio: true,
    video: true,
    receives: false,
};
const VOICE: Role = Role {
    audio: true,
    video: false,
    receives: true,
};
const MICROPHONE: Role = Role {
    audio: true,
    video: false,
    receives: false,
};
const LISTENER: Role = Role {
    audio: false,
    video: false,
    receives: true,
};

impl Shape {
    const fn new(name: &'static str, count: usize, rooms: usize, people: [(usize, Role); 3]) -> Self {
        let room = RoomShape {
            people,
            voices: VOICES,
            videos: VIDEOS,
            layers: false,
            small: false,
        };
        Self {
            name,
            count,
            rooms,
            room,
            storm: None,
        }
    }

    /// Two people in each of so many rooms.
    pub const fn pairs(rooms: usize) -> Self {
        Self::new("pairs", rooms, rooms, [(2, BOTH), NOBODY, NOBODY])
    }

    /// Two people in each of so many rooms, of whom one speaks and one listens.
    pub const fn calls(rooms: usize) -> Self {
        Self::new("calls", rooms, rooms, [(1, MICROPHONE), (1, LISTENER), NOBODY])
    }

    /// Ten people who all send and receive.
    pub const fn ten() -> Self {
        Self::new("ten", 10, 1, [(10, BOTH), NOBODY, NOBODY])
    }

    /// So many rooms of ten people who all send and receive.
    pub const fn tens(rooms: usize) -> Self {
        Self::new("tens", rooms, rooms, [(10, BOTH), NOBODY, NOBODY])
    }

    /// Fifty microphones, nine cameras among them, so many of the fifty receiving.
    pub const fn fifty(receivers: usize) -> Self {
        let silent = 41_usize.saturating_sub(receivers);
        Self::new("fifty", receivers, 1, [(9, SPEAKER), (receivers, VOICE), (silent, MICROPHONE)])
    }

    /// Nine cameras and so many who only receive them.
    pub const fn hall(receivers: usize) -> Self {
        Self::new("hall", receivers, 1, [(9, SPEAKER), (receivers, LISTENER), NOBODY])
    }

    /// Nine cameras with three layers each, and so many who only receive them, as small tiles.
    pub const fn grid(receivers: usize) -> Self {
        let mut shape = Self::hall(receivers);
        shape.name = "grid";
        shape.room.layers = true;
        shape.room.small = true;
        shape
    }

    /// One camera with three layers, so many who receive what their path carries.
    pub const fn layers(receivers: usize) -> Self {
        let mut shape = Self::webinar(receivers);
        shape.name = "layers";
        shape.room.layers = true;
        shape
    }

    /// One who sends, so many who receive.
    pub const fn webinar(receivers: usize) -> Self {
        Self::new("webinar", receivers, 1, [(1, SPEAKER), (receivers, LISTENER), NOBODY])
    }

    /// One microphone, so many who hear it.
    pub const fn audio(receivers: usize) -> Self {
        Self::new("audio", receivers, 1, [(1, MICROPHONE), (receivers, LISTENER), NOBODY])
    }

    /// A webinar to which so many come within ten seconds.
    pub const fn storm(receivers: usize) -> Self {
        let webinar = Self::webinar(receivers);
        Self {
            name: "storm",
            storm: Some(10),
            ..webinar
        }
    }

    /// From its name, `webinar:200`. Without a number the usual one. None when there is no such shape.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, count) = match text.split_once(':') {
            Some((name, count)) => (name, Some(count.parse().ok().filter(|count| *count > 0)?)),
            None => (text, None),
        };
        Some(match name {
            "pairs" => Self::pairs(count.unwrap_or(50)),
            "calls" => Self::calls(count.unwrap_or(100)),
            "ten" => Self::ten(),
            "tens" => Self::tens(count.unwrap_or(5)),
            "fifty" => Self::fifty(count.unwrap_or(10)),
            "hall" => Self::hall(count.unwrap_or(50)),
            "grid" => Self::grid(count.unwrap_or(300)),
            "layers" => Self::layers(count.unwrap_or(10)),
            "webinar" => Self::webinar(count.unwrap_or(200)),
            "audio" => Self::audio(count.unwrap_or(1_000)),
            "storm" => Self::storm(count.unwrap_or(100)),
            _ => return None,
        })
    }

    /// Everybody, numbered from 1, room by room.
    pub fn people(&self) -> Vec<Person> {
        let in_room = || self.room.people.iter().flat_map(|(count, role)| std::iter::repeat_n(*role, *count));
        let everybody = (0..self.rooms).flat_map(|room| in_room().map(move |role| (room, role)));
        let receives = (self.room.voices, self.room.videos);
        (1..)
            .zip(everybody)
            .map(|(number, (room, role))| Person {
                number,
                room,
                role,
                receives: (receives.0, receives.1.min(self.most_videos())),
                layers: self.room.layers,
            })
            .collect()
    }

    /// Cameras in one room.
    fn most_videos(&self) -> usize {
        self.room
            .people
            .iter()
            .filter(|(_, role)| role.video)
            .map(|(count, _)| *count)
            .sum()
    }

    /// What somebody receives of the others in their room: the first so many.
    pub fn wanted(&self, people: &[Person], person: &Person) -> Wanted {
        let others = || {
            people
                .iter()
                .filter(|other| other.room == person.room && other.number != person.number)
        };
        Wanted {
            voices: others()
                .filter(|other| other.role.audio)
                .map(|other| other.number)
                .take(self.room.voices)
                .collect(),
            videos: others()
                .filter(|other| other.role.video)
                .map(|other| other.number)
                .take(self.room.videos)
                .collect(),
            size: if self.room.small { SMALL } else { LARGE },
        }
    }

    /// Packets that one camera sends each second.
    fn sent(&self) -> u64 {
        if self.room.layers { LAYERS_RATE } else { VIDEO_RATE }
    }

    /// Those of them that one receiver gets.
    fn seen(&self) -> u64 {
        if self.room.small { FRAME_RATE } else { VIDEO_RATE }
    }

    /// Packets that publishers send each second, in all rooms.
    pub fn packets_in(&self) -> u64 {
        let of = |(count, role): &(usize, Role)| *count as u64 * (u64::from(role.audio) * AUDIO_RATE + u64::from(role.video) * self.sent());
        self.rooms as u64 * self.room.people.iter().map(of).sum::<u64>()
    }

    /// Packets that receivers should get each second.
    pub fn packets_out(&self) -> u64 {
        let sends = |pick: fn(&Role) -> bool| {
            self.room
                .people
                .iter()
                .filter(|(_, role)| pick(role))
                .map(|(count, _)| *count)
                .sum::<usize>()
        };
        let (audio, video) = (sends(|role| role.audio), sends(|role| role.video));
        let of = |(count, role): &(usize, Role)| {
            if !role.receives {
                return 0;
            }
            let others = |all: usize, own: bool| all.saturating_sub(usize::from(own));
            let heard = others(audio, role.audio).min(self.room.voices) as u64;
            let seen = others(video, role.video).min(self.room.videos) as u64;
            *count as u64 * (heard * AUDIO_RATE + seen * self.seen())
        };
        self.rooms as u64 * self.room.people.iter().map(of).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_offer_what_their_names_say() {
        let rates = |shape: Shape| (shape.packets_in(), shape.packets_out());
        assert_eq!(rates(Shape::webinar(200)), (200, 40_000));
        assert_eq!(rates(Shape::pairs(50)), (20_000, 20_000));
        // Five voices of nine, and nine videos.
        assert_eq!(rates(Shape::ten()), (2_000, 16_000));
        assert_eq!(rates(Shape::tens(3)), (6_000, 48_000));
        assert_eq!(rates(Shape::fifty(10)), (50 * 50 + 9 * 150, 16_000));
        assert_eq!(rates(Shape::calls(100)), (5_000, 5_000));
        assert_eq!(rates(Shape::audio(1_000)), (50, 50_000));
        assert_eq!(rates(Shape::hall(100)), (1_800, 160_000));
        assert_eq!(rates(Shape::grid(100)), (9 * (50 + 240), 100 * (5 * 50 + 9 * 30)));
    }

    #[test]
    fn shapes_are_found_by_name_and_others_are_not() {
        assert_eq!(Shape::parse("webinar:7"), Some(Shape::webinar(7)));
        assert_eq!(Shape::parse("ten"), Some(Shape::ten()));
        assert_eq!(Shape::parse("storm"), Some(Shape::storm(100)));
        for text in ["", "webinar:", "webinar:0", "webinar:x", "seminar:7"] {
            assert_eq!(Shape::parse(text), None, "{text}");
        }
    }

    #[test]
    fn everybody_wants_what_the_rates_count() {
        for shape in [Shape::pairs(3), Shape::ten(), Shape::fifty(10), Shape::webinar(20), Shape::calls(4)] {
            let people = shape.people();
            let of = |person: &Person| {
                let wanted = shape.wanted(&people, person);
                wanted.voices.len() as u64 * AUDIO_RATE + wanted.videos.len() as u64 * VIDEO_RATE
            };
            let rate: u64 = people.iter().filter(|person| person.role.receives).map(of).sum();
            assert_eq!(rate, shape.packets_out(), "{}", shape.name);
            assert!(
                people
                    .iter()
                    .all(|person| !shape.wanted(&people, person).videos.contains(&person.number))
            );
        }
    }
}
