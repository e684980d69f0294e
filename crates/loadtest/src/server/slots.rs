//! One connection for each person, whose offer has what they send and slots for what they receive: our own engine.
//!
//! `join {room, person, sdp, audio?, video?}` (the m-lines of microphone and camera) is answered by `{sdp}`; `watch {person, videos, width, height}` by `{}`. Voices are
//! the server's choice.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use serde_json::json;

use super::lines::{Lines, text};
use super::{Person, Target, TargetError, Wanted};
use crate::driver::{Driver, ParticipantId};
use crate::offer::{Offered, Offering, Video, codecs, full_codecs};
use crate::participant::{Mode, Participant, Send};

/// What waits for an answer.
enum Waiting {
    Join(Person, ParticipantId, Box<Offered>),
    Watch,
}

struct Member {
    id: ParticipantId,
    person: Person,
    sends: Vec<Send>,
}

/// See the module.
pub(super) struct Slots {
    lines: Lines<Waiting>,
    own: IpAddr,
    mode: Mode,
    members: HashMap<u32, Member>,
}

impl Slots {
    pub(super) fn connect(listen: SocketAddr, own: IpAddr, mode: Mode) -> Result<Self, TargetError> {
        let lines = Lines::connect(listen)?;
        Ok(Self {
            lines,
            own,
            mode,
            members: HashMap::new(),
        })
    }
}

impl Target for Slots {
    fn enter(&mut self, driver: &mut Driver, person: &Person) -> Result<(), TargetError> {
        let codecs = if self.mode == Mode::Full { full_codecs } else { codecs };
        let make = |now, local| Participant::new(now, local, person.number, self.mode, codecs);
        let id = driver.add(self.own, make).map_err(TargetError::Socket)?;
        let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
        let slots = if person.role.receives { person.receives } else { (0, 0) };
        let video = match (person.role.video, person.layers) {
            (false, _) => Video::Off,
            (true, false) => Video::Plain,
            (true, true) => Video::Simulcast,
        };
        let offering = Offering {
            audio: person.role.audio,
            video,
            slots,
        };
        let offered = participant.offer(offering).map_err(TargetError::Connection)?;
        let request = json!({
            "room": person.room.to_string(), "person": person.number, "sdp": offered.sdp,
            "audio": offered.audio.map(|mid| mid.to_string()), "video": offered.video.map(|mid| mid.to_string()),
        });
        self.lines.ask("join", request, Waiting::Join(*person, id, Box::new(offered)))
    }

    fn watch(&mut self, _driver: &mut Driver, person: &Person, wanted: &Wanted) -> Result<(), TargetError> {
        let request = json!({"person": person.number, "videos": wanted.videos, "width": wanted.size.0, "height": wanted.size.1});
        self.lines.ask("watch", request, Waiting::Watch)
    }

    fn advance(&mut self, driver: &mut Driver) -> Result<(), TargetError> {
        while let Some((waiting, answer)) = self.lines.answer()? {
            let Waiting::Join(person, id, offered) = waiting else { continue };
            let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
            let sends = participant
                .accept(*offered, text(&answer, "sdp")?)
                .map_err(TargetError::Connection)?;
            self.members.insert(person.number, Member { id, person, sends });
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.lines.waiting()
    }

    fn sending(&self, person: u32) -> Option<(ParticipantId, &[Send])> {
        let member = self.members.get(&person)?;
        (!member.sends.is_empty()).then_some((member.id, &member.sends[..]))
    }

    fn receiving(&self, person: u32) -> Option<ParticipantId> {
        self.members
            .get(&person)
            .filter(|member| member.person.role.receives)
            .map(|member| member.id)
    }
}
