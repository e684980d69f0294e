//! Who is in which room, and what they send and receive.

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
    /// How many participants of which role.
    pub people: [(usize, Role); 3],
    /// Videos that one receiver asks for at most.
    pub videos: usize,
}

/// A load: rooms of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// As it is called on the command line and in tables.
    pub name: &'static str,
    /// How many rooms.
    pub rooms: usize,
    /// What each is like.
    pub room: RoomShape,
}

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
const LISTENER: Role = Role {
    audio: false,
    video: false,
    receives: true,
};

impl Shape {
    /// Two people in each of so many rooms.
    pub const fn pairs(rooms: usize) -> Self {
        Self {
            name: "1:1",
            rooms,
            room: RoomShape {
                people: [(2, BOTH), NOBODY, NOBODY],
                videos: 9,
            },
        }
    }

    /// Ten people who all send and receive.
    pub const fn ten() -> Self {
        Self {
            name: "ten",
            rooms: 1,
            room: RoomShape {
                people: [(10, BOTH), NOBODY, NOBODY],
                videos: 9,
            },
        }
    }

    /// Fifty microphones, nine cameras among them, so many of the fifty receiving.
    pub const fn fifty(receivers: usize) -> Self {
        Self {
            name: "50 with 9 videos",
            rooms: 1,
            room: RoomShape {
                people: [
                    (9, SPEAKER),
                    (receivers, VOICE),
                    (
                        41_usize.saturating_sub(receivers),
                        Role {
                            audio: true,
                            video: false,
                            receives: false,
                        },
                    ),
                ],
                videos: 9,
            },
        }
    }

    /// One who sends, so many who receive.
    pub const fn webinar(receivers: usize) -> Self {
        Self {
            name: "webinar",
            rooms: 1,
            room: RoomShape {
                people: [(1, SPEAKER), (receivers, LISTENER), NOBODY],
                videos: 1,
            },
        }
    }

    /// Packets that publishers send each second, in all rooms.
    pub fn packets_in(&self) -> u64 {
        let of = |(count, role): &(usize, Role)| {
            *count as u64 * (u64::from(role.audio) * super::pattern::AUDIO_RATE + u64::from(role.video) * super::pattern::VIDEO_RATE)
        };
        self.rooms as u64 * self.room.people.iter().map(of).sum::<u64>()
    }

    /// Packets that receivers should get each second when everything that is sent is forwarded, up to the videos asked for.
    pub fn packets_out(&self, voices: usize) -> u64 {
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
            let heard = others(audio, role.audio).min(voices) as u64;
            let seen = others(video, role.video).min(self.room.videos) as u64;
            *count as u64 * (heard * super::pattern::AUDIO_RATE + seen * super::pattern::VIDEO_RATE)
        };
        self.rooms as u64 * self.room.people.iter().map(of).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_offer_what_their_names_say() {
        assert_eq!(
            (Shape::webinar(200).packets_in(), Shape::webinar(200).packets_out(5)),
            (200, 40_000)
        );
        assert_eq!((Shape::pairs(50).packets_in(), Shape::pairs(50).packets_out(5)), (20_000, 20_000));
        assert_eq!(Shape::ten().packets_in(), 2_000);
        // Nine voices and nine videos without a limit on voices, five voices with one.
        assert_eq!((Shape::ten().packets_out(9), Shape::ten().packets_out(5)), (18_000, 16_000));
        assert_eq!(Shape::fifty(10).packets_in(), 50 * 50 + 9 * 150);
    }
}
