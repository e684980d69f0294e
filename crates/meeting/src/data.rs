//! Data channels and diagnostics: what clients tell each other through the meeting. The machine says who may be told and how often; it
//! does not look into the bytes.
//!
//! Bounds: a message has [`MAX_DATA`] bytes as base64, a channel number is below [`CHANNELS`], a person sends [`BURST`] messages at once and
//! one each [`EVERY`] after that, and what a person and all together send is bounded in bytes for each receiver (`fan_out`). Beyond: refused,
//! except a lossy message, which is dropped. The text of a message is shared by all who get it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::changes::Said;
use crate::fan_out::{cost, share_of_data, share_of_people};
use crate::pace::Pace;
use crate::{Event, Meeting, Micros, ParticipantId, Refusal};

/// Length of the base64 of one message: 32 KiB of bytes.
pub const MAX_DATA: usize = 43_692;
/// Channel numbers are below this.
pub const CHANNELS: u32 = 65_536;
/// Diagnostics in one request; there are fewer names.
pub const MAX_DIAGNOSTICS: usize = 64;
/// Diagnostics are passed on while at most this many are inside; beyond that everybody telling everybody is too much, and none is.
pub const MAX_DIAGNOSED: usize = 20;
/// Names of diagnostics that clients may tell, of the network and of media. Others are refused: that somebody speaks while muted is nobody
/// else's business, and whether a connection to the server is lost is said by the server (`Participant::reconnecting`).
const DIAGNOSTIC_NAMES: [&str; 18] = [
    "networkReconnect",
    "networkReceiveQuality",
    "networkSendQuality",
    "noNetwork",
    "networkRelaysNotReachable",
    "noSpeakerDevicesEnumerated",
    "noMicrophoneDevicesEnumerated",
    "cameraFreeze",
    "cameraStartFailed",
    "cameraStartTimedOut",
    "capturerStartFailed",
    "microphoneNotFunctioning",
    "microphoneMuteUnexpectedly",
    "cameraStoppedUnexpectedly",
    "capturerStoppedUnexpectedly",
    "screenshareRecordingDisabled",
    "microphonePermissionDenied",
    "cameraPermissionDenied",
];
const BURST: i64 = 60;
const EVERY: Micros = 25_000;
const DIAGNOSTICS_BURST: i64 = 20;
const DIAGNOSTICS_EVERY: Micros = 500_000;

/// A message of a data channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMessage {
    /// The sender.
    pub participant: ParticipantId,
    /// Channel number, chosen by the sending application.
    pub channel: u32,
    /// Number of the message in this channel of this sender.
    pub sequence: u32,
    /// Whether it may be dropped when a receiver is slow.
    pub lossy: bool,
    /// The bytes, base64; the machine does not look inside.
    pub data: Arc<str>,
}

/// One diagnostic value of a participant's client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Name of the diagnostic.
    pub name: String,
    /// 1 or 0 for a flag; 1, 2 or 3 for a quality.
    pub value: u32,
    /// Whether it is a flag (otherwise a quality).
    pub is_flag: bool,
}

/// How fast each person sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Senders(BTreeMap<ParticipantId, Sender>);

#[derive(Debug, Clone)]
struct Sender {
    data: Pace,
    bytes: Pace,
    /// People whom everybody is told anew about.
    people: Pace,
    diagnostics: Pace,
}

impl Senders {
    pub(crate) fn forget(&mut self, id: &ParticipantId) {
        self.0.remove(id);
    }

    /// Takes so many people from somebody's share.
    pub(crate) fn may_retell(&mut self, id: &ParticipantId, now: Micros, people: i64) -> bool {
        self.of(id).people.try_take_many(now, people)
    }

    fn of(&mut self, id: &ParticipantId) -> &mut Sender {
        self.0.entry(id.clone()).or_insert_with(|| Sender {
            data: Pace::new(BURST, EVERY),
            bytes: share_of_data(),
            people: share_of_people(),
            diagnostics: Pace::new(DIAGNOSTICS_BURST, DIAGNOSTICS_EVERY),
        })
    }
}

impl Meeting {
    /// Answers `Command::SendData`; empty targets mean everybody else. Who is named and has left in the meantime misses it.
    pub(crate) fn send_data(&mut self, now: Micros, message: DataMessage, targets: Vec<ParticipantId>) -> Result<(), Refusal> {
        if message.data.len() > MAX_DATA || message.channel >= CHANNELS {
            return Err(Refusal::InvalidArgument);
        }
        let mut to: BTreeSet<ParticipantId> = match targets.is_empty() {
            true => self.roster.ids().into_iter().collect(),
            false => targets.into_iter().filter(|id| self.roster.get(id).is_some()).collect(),
        };
        to.remove(&message.participant);
        let cost = cost(message.data.len(), to.len());
        let sender = self.senders.of(&message.participant);
        // The sender's own share first, so that who sends too much uses up nothing of the others'.
        let passes = sender.data.try_take(now) && sender.bytes.try_take_many(now, cost) && self.fan_out.data.try_take_many(now, cost);
        if !passes {
            return if message.lossy { Ok(()) } else { Err(Refusal::TooFast) };
        }
        self.changes.said.push(Said {
            to: Some(to),
            event: Event::Data(message),
        });
        Ok(())
    }

    /// Answers `Command::PublishDiagnostics`. In a meeting of more than [`MAX_DIAGNOSED`] people nobody hears of it.
    pub(crate) fn publish_diagnostics(&mut self, now: Micros, by: &ParticipantId, diagnostics: Vec<Diagnostic>) -> Result<(), Refusal> {
        let well_formed = |one: &Diagnostic| {
            let named = DIAGNOSTIC_NAMES.contains(&one.name.as_str());
            let valued = if one.is_flag {
                one.value <= 1
            } else {
                (1..=3).contains(&one.value)
            };
            named && valued
        };
        if diagnostics.is_empty() || diagnostics.len() > MAX_DIAGNOSTICS || !diagnostics.iter().all(well_formed) {
            return Err(Refusal::InvalidArgument);
        }
        let session = self.roster.get(by).ok_or(Refusal::NoSuchCall)?.session.clone();
        if !self.senders.of(by).diagnostics.try_take(now) {
            return Err(Refusal::TooFast);
        }
        if self.roster.len() > MAX_DIAGNOSED {
            return Ok(());
        }
        let to = self.roster.ids().into_iter().filter(|id| id != by).collect();
        self.changes.said.push(Said {
            to: Some(to),
            event: Event::Diagnostics {
                participant: by.clone(),
                session,
                diagnostics,
            },
        });
        Ok(())
    }
}
