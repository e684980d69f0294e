//! The mouth of a meeting's task: what can be put into it from sockets, the media engine and the use cases.

use app::Source;
use meeting::{JoinPath, MeetingSettings, ParticipantId, Person, Refusal, Role};
use tokio::sync::{mpsc, oneshot};
use wire::RequestBody;

use crate::{media_plane::MediaEvent, outbox::Outbox};

/// Inputs that wait for a busy meeting. Full means: requests are refused with `requestQueueFull`; that somebody begins to speak
/// or dominates is dropped; a peer whose slots could not be told has to offer again; everything else waits in a task of its own.
pub(crate) const QUEUE: usize = 1024;

/// Somebody wants in.
pub(crate) struct Join {
    pub(crate) request: u32,
    pub(crate) person: Person,
    pub(crate) path: JoinPath,
    pub(crate) muted: bool,
    /// What the list of a room said of the person a moment ago; nothing for the other kinds of call.
    pub(crate) listing: Option<Listing>,
    pub(crate) source: Option<Source>,
    /// The application that the person's token ends with.
    pub(crate) client_id: Option<String>,
    pub(crate) outbox: Outbox,
    /// For whoever makes a call to people by this join.
    pub(crate) start: Option<super::ringing::Start>,
    /// The call's name when it is joined or waiting; a refusal otherwise.
    pub(crate) reply: oneshot::Sender<Result<String, JoinError>>,
}

/// What a room says of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Nothing: not listed.
    role: Option<Role>,
    opens: app::Micros,
    closes: app::Micros,
}

impl Listing {
    /// Of this person in the room that the settings are of, if it is a room.
    pub(crate) fn of(settings: &MeetingSettings, person: &ParticipantId) -> Option<Self> {
        settings.room.as_ref().map(|room| Self {
            role: room.people.get(&person.0).copied(),
            opens: room.opens,
            closes: room.closes,
        })
    }
}

/// Why a join gave no call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinError {
    /// Refused by the one door.
    Refused(Refusal),
    /// The held meeting ended while the request was on its way; ask for a new one.
    Retired,
}

/// A socket brings a call back.
pub(crate) struct Resume {
    pub(crate) call: String,
    pub(crate) ticket: String,
    pub(crate) person: String,
    /// The application that the token of the new socket ends with.
    pub(crate) client_id: Option<String>,
    pub(crate) outbox: Outbox,
    pub(crate) reply: oneshot::Sender<Result<String, Refusal>>,
}

/// Everything a meeting's task is told.
pub(crate) enum HostInput {
    Join(Box<Join>),
    Request {
        call: String,
        id: u32,
        body: RequestBody,
        outbox: Outbox,
    },
    SocketLost {
        call: String,
        outbox: Outbox,
    },
    Resume(Resume),
    /// The `welcome` that names the resumed call is on its way: tell the state now.
    Replay {
        call: String,
    },
    Media(MediaEvent),
    /// The engine answered (or refused) the offer of a request.
    Offered(Box<super::media::Offered>),
    /// The settings changed, or what the main meeting says of its breakout rooms: read them again.
    Refresh,
    /// To a breakout room: something is said to all rooms.
    Broadcast {
        participant: ParticipantId,
        display_name: String,
        text: String,
    },
    /// Something about calls to people.
    Call(super::ringing::CallInput),
    /// The recogniser understood something.
    Heard(app::speech::Heard),
    Deleted,
    Revoked {
        person: String,
    },
    /// The tokens of an application count no more.
    ClientRevoked {
        client_id: String,
    },
    Stop,
}

/// Cheap to clone; outlives the task, which then reads nothing any more.
#[derive(Clone)]
pub(crate) struct HostHandle {
    pub(crate) thread_id: String,
    pub(crate) inputs: mpsc::Sender<HostInput>,
}

impl HostHandle {
    pub(crate) fn is_closed(&self) -> bool {
        self.inputs.is_closed()
    }

    /// Whether both lead to the same task.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.inputs.same_channel(&other.inputs)
    }

    /// Puts a request; the task answers it through the session's outbox.
    pub(crate) fn request(&self, call: String, id: u32, body: RequestBody, outbox: Outbox) -> Result<(), Refusal> {
        self.inputs
            .try_send(HostInput::Request { call, id, body, outbox })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => Refusal::RequestQueueFull,
                mpsc::error::TrySendError::Closed(_) => Refusal::NoSuchCall,
            })
    }

    pub(crate) async fn join(&self, join: Join, answer: oneshot::Receiver<Result<String, JoinError>>) -> Result<String, JoinError> {
        if self.inputs.send(HostInput::Join(Box::new(join))).await.is_err() {
            return Err(JoinError::Retired);
        }
        answer.await.unwrap_or(Err(JoinError::Retired))
    }

    pub(crate) async fn resume(&self, resume: Resume, answer: oneshot::Receiver<Result<String, Refusal>>) -> Result<String, Refusal> {
        if self.inputs.send(HostInput::Resume(resume)).await.is_err() {
            return Err(Refusal::NoSuchCall);
        }
        answer.await.unwrap_or(Err(Refusal::NoSuchCall))
    }

    pub(crate) async fn replay(&self, call: String) {
        // A task that is gone has told its sessions how it ended.
        drop(self.inputs.send(HostInput::Replay { call }).await);
    }

    /// Must not be lost, so it waits for room in a task of its own when the queue is full.
    pub(crate) fn socket_lost(&self, call: String, outbox: Outbox) {
        self.deliver(HostInput::SocketLost { call, outbox });
    }

    /// Delivers something that must not be lost and whose sender cannot wait.
    pub(crate) fn deliver(&self, input: HostInput) {
        if let Err(mpsc::error::TrySendError::Full(input)) = self.inputs.try_send(input) {
            let inputs = self.inputs.clone();
            tokio::spawn(async move { drop(inputs.send(input).await) });
        }
    }
}
