//! Two connections for each person who sends and receives: one offered by the person, with what they send, and one offered by the server, with the feeds
//! that they asked for (a video room of Janus).
//!
//! `publish {room, person, sdp, audio?, video?}` is answered by `{sdp}`; `watch {room, person, voices, videos}` by `{sdp}`, an offer, whose answer goes into
//! `answer {person, sdp}`, answered by `{}`.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use serde_json::json;

use super::lines::{Lines, text};
use super::{Person, Target, TargetError, Wanted};
use crate::driver::{Driver, ParticipantId};
use crate::offer::{Offered, Offering, Video, codecs};
use crate::participant::{Mode, Participant, Send};

/// What waits for an answer.
enum Waiting {
    Publish(Person, ParticipantId, Box<Offered>),
    Watch(Person),
    Answer(Person, ParticipantId),
}

/// See the module.
pub(super) struct Feeds {
    lines: Lines<Waiting>,
    own: IpAddr,
    mode: Mode,
    sending: HashMap<u32, (ParticipantId, Vec<Send>)>,
    receiving: HashMap<u32, ParticipantId>,
}

impl Feeds {
    pub(super) fn connect(listen: SocketAddr, own: IpAddr, mode: Mode) -> Result<Self, TargetError> {
        let lines = Lines::connect(listen)?;
        Ok(Self {
            lines,
            own,
            mode,
            sending: HashMap::new(),
            receiving: HashMap::new(),
        })
    }

    fn add(&self, driver: &mut Driver, person: &Person) -> Result<ParticipantId, TargetError> {
        let make = |now, local| Participant::new(now, local, person.number, self.mode, codecs);
        driver.add(self.own, make).map_err(TargetError::Socket)
    }

    /// Answers the server's offer of what is received.
    fn offered(&mut self, driver: &mut Driver, person: Person, offer: &str) -> Result<(), TargetError> {
        let id = self.add(driver, &person)?;
        let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
        let sdp = participant.answer(offer).map_err(TargetError::Connection)?;
        let request = json!({"person": person.number, "sdp": sdp});
        self.lines.ask("answer", request, Waiting::Answer(person, id))
    }
}

impl Target for Feeds {
    fn enter(&mut self, driver: &mut Driver, person: &Person) -> Result<(), TargetError> {
        if !person.role.audio && !person.role.video {
            return Ok(());
        }
        let id = self.add(driver, person)?;
        let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
        let video = if person.role.video { Video::Plain } else { Video::Off };
        let offering = Offering {
            audio: person.role.audio,
            video,
            slots: (0, 0),
        };
        let offered = participant.offer(offering).map_err(TargetError::Connection)?;
        let request = json!({
            "room": person.room, "person": person.number, "sdp": offered.sdp,
            "audio": offered.audio.map(|mid| mid.to_string()), "video": offered.video.map(|mid| mid.to_string()),
        });
        self.lines.ask("publish", request, Waiting::Publish(*person, id, Box::new(offered)))
    }

    fn watch(&mut self, _driver: &mut Driver, person: &Person, wanted: &Wanted) -> Result<(), TargetError> {
        let request = json!({"room": person.room, "person": person.number, "voices": wanted.voices, "videos": wanted.videos});
        self.lines.ask("watch", request, Waiting::Watch(*person))
    }

    fn advance(&mut self, driver: &mut Driver) -> Result<(), TargetError> {
        while let Some((waiting, answer)) = self.lines.answer()? {
            match waiting {
                Waiting::Publish(person, id, offered) => {
                    let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
                    let sends = participant
                        .accept(*offered, text(&answer, "sdp")?)
                        .map_err(TargetError::Connection)?;
                    self.sending.insert(person.number, (id, sends));
                }
                Waiting::Watch(person) => self.offered(driver, person, text(&answer, "sdp")?)?,
                Waiting::Answer(person, id) => {
                    self.receiving.insert(person.number, id);
                }
            }
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.lines.waiting()
    }

    fn sending(&self, person: u32) -> Option<(ParticipantId, &[Send])> {
        self.sending.get(&person).map(|(id, sends)| (*id, &sends[..]))
    }

    fn receiving(&self, person: u32) -> Option<ParticipantId> {
        self.receiving.get(&person).copied()
    }
}
