//! One connection for each person, described by parameters: servers that leave session descriptions to others (mediasoup, and the bare forwarder).
//!
//! `connect {room, person, ufrag, pwd, fingerprint}` is answered by `{ufrag, pwd, fingerprint, address}` of the server, which answers ICE and lets the person
//! begin DTLS; `publish {person, kind, ssrc, rtx?, payload_type, clock_rate}` and `watch {person, voices, videos}` by `{}`. Fingerprints are written as in a
//! session description (`sha-256 AB:CD:…`).

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use serde_json::{Value, json};
use str0m::config::Fingerprint;
use str0m::media::{MediaKind, Mid};
use str0m::rtp::Ssrc;
use str0m::{Candidate, IceCreds};

use super::lines::{Lines, text};
use super::{Person, Target, TargetError, Wanted};
use crate::driver::{Driver, ParticipantId};
use crate::offer::codecs;
use crate::participant::{Mode, Participant, Send};

/// Payload types of str0m, which these servers are told.
const OPUS: u8 = 111;
const VP8: u8 = 96;
/// Width, height and packets of a frame.
const CAMERA: (u16, u16, usize) = (1_280, 720, 5);

/// What waits for an answer.
enum Waiting {
    Connect(Person, ParticipantId),
    Other,
}

/// See the module.
pub(super) struct Parameters {
    lines: Lines<Waiting>,
    own: IpAddr,
    mode: Mode,
    members: HashMap<u32, (ParticipantId, Person, Vec<Send>)>,
}

impl Parameters {
    pub(super) fn connect(listen: SocketAddr, own: IpAddr, mode: Mode) -> Result<Self, TargetError> {
        let lines = Lines::connect(listen)?;
        Ok(Self {
            lines,
            own,
            mode,
            members: HashMap::new(),
        })
    }

    /// The server's side is known: declares what is sent, here and there.
    fn connected(&mut self, driver: &mut Driver, person: Person, id: ParticipantId, answer: &Value) -> Result<(), TargetError> {
        let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
        prepare(participant, answer)?;
        let mut sends = Vec::new();
        let base = person.number * 4;
        if person.role.audio {
            sends.push(declare(participant, "a", MediaKind::Audio, base, None));
            let request = json!({"person": person.number, "kind": "audio", "ssrc": base, "payload_type": OPUS, "clock_rate": 48_000});
            self.lines.ask("publish", request, Waiting::Other)?;
        }
        if person.role.video {
            sends.push(declare(participant, "v", MediaKind::Video, base + 1, Some(base + 2)));
            let request = json!({"person": person.number, "kind": "video", "ssrc": base + 1, "rtx": base + 2, "payload_type": VP8, "clock_rate": 90_000});
            self.lines.ask("publish", request, Waiting::Other)?;
        }
        self.members.insert(person.number, (id, person, sends));
        Ok(())
    }
}

/// Tells str0m who the server is.
fn prepare(participant: &mut Participant, answer: &Value) -> Result<(), TargetError> {
    let address: SocketAddr = text(answer, "address")?.parse().map_err(|_| TargetError::Answer("address"))?;
    let fingerprint: Fingerprint = text(answer, "fingerprint")?
        .parse()
        .map_err(|_| TargetError::Answer("fingerprint"))?;
    let credentials = IceCreds {
        ufrag: text(answer, "ufrag")?.to_owned(),
        pass: text(answer, "pwd")?.to_owned(),
    };
    let candidate = Candidate::host(address, "udp").map_err(|error| TargetError::Connection(error.to_string()))?;
    let rtc = participant.rtc();
    rtc.add_remote_candidate(candidate);
    let mut api = rtc.direct_api();
    api.set_remote_ice_credentials(credentials);
    api.set_remote_fingerprint(fingerprint);
    api.start_dtls(true).map_err(|error| TargetError::Connection(error.to_string()))
}

fn declare(participant: &mut Participant, mid: &str, kind: MediaKind, ssrc: u32, rtx: Option<u32>) -> Send {
    let mid: Mid = mid.into();
    let mut api = participant.rtc().direct_api();
    api.declare_media(mid, kind);
    api.declare_stream_tx(Ssrc::from(ssrc), rtx.map(Ssrc::from), mid, None);
    let video = kind == MediaKind::Video;
    Send {
        mid,
        rid: None,
        video: video.then_some(CAMERA),
        payload_type: Some(if video { VP8 } else { OPUS }.into()),
    }
}

impl Target for Parameters {
    fn enter(&mut self, driver: &mut Driver, person: &Person) -> Result<(), TargetError> {
        let make = |now, local| Participant::new(now, local, person.number, self.mode, codecs);
        let id = driver.add(self.own, make).map_err(TargetError::Socket)?;
        let participant = driver.get(id).ok_or(TargetError::Answer("participant"))?;
        let candidate = Candidate::host(participant.local(), "udp").map_err(|error| TargetError::Connection(error.to_string()))?;
        let rtc = participant.rtc();
        rtc.add_local_candidate(candidate);
        let mut api = rtc.direct_api();
        api.set_ice_controlling(true);
        let (credentials, fingerprint) = (api.local_ice_credentials(), api.local_dtls_fingerprint().to_string());
        let request = json!({
            "room": person.room, "person": person.number,
            "ufrag": credentials.ufrag, "pwd": credentials.pass, "fingerprint": fingerprint,
        });
        self.lines.ask("connect", request, Waiting::Connect(*person, id))
    }

    fn watch(&mut self, _driver: &mut Driver, person: &Person, wanted: &Wanted) -> Result<(), TargetError> {
        let request = json!({"person": person.number, "voices": wanted.voices, "videos": wanted.videos});
        self.lines.ask("watch", request, Waiting::Other)
    }

    fn advance(&mut self, driver: &mut Driver) -> Result<(), TargetError> {
        while let Some((waiting, answer)) = self.lines.answer()? {
            if let Waiting::Connect(person, id) = waiting {
                self.connected(driver, person, id, &answer)?;
            }
        }
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.lines.waiting()
    }

    fn sending(&self, person: u32) -> Option<(ParticipantId, &[Send])> {
        let (id, _, sends) = self.members.get(&person)?;
        (!sends.is_empty()).then_some((*id, &sends[..]))
    }

    fn receiving(&self, person: u32) -> Option<ParticipantId> {
        let (id, person, _) = self.members.get(&person)?;
        person.role.receives.then_some(*id)
    }
}
