//! What waits for a socket. An event of the machine keeps the machine's shape until its turn comes: what the events of many receivers share
//! stays shared while they wait, and the work of translating is done by the socket's own task.

use meeting::{BreakoutRoom, Event};
use wire::{IceServer, ServerFrame, SlotBinding};

use crate::map;

/// Bytes that a frame has besides what grows with people and texts.
const AROUND: usize = 1_024;
/// Bytes of one participant, and of one raw id, on the wire; close enough for a bound.
const PARTICIPANT: usize = 512;
const ID: usize = 96;

/// What a snapshot says besides the machine's own words; only the receiver's host knows it.
#[derive(Default)]
pub(crate) struct OwnMedia {
    pub(crate) slots: Vec<SlotBinding>,
    pub(crate) ice_servers: Vec<IceServer>,
}

/// A frame.
pub(crate) enum Frame {
    /// As it is sent. What grows in these is bounded where it is made.
    Whole(Box<ServerFrame>),
    /// An event of the machine.
    Told {
        call: String,
        revision: u32,
        event: Box<Event>,
        /// For a snapshot.
        media: OwnMedia,
    },
}

impl Frame {
    /// As it is sent.
    pub(crate) fn into_wire(self) -> ServerFrame {
        match self {
            Self::Whole(frame) => *frame,
            Self::Told {
                call,
                revision,
                event,
                media,
            } => ServerFrame::Event {
                call,
                revision,
                event: map::event(*event, media),
            },
        }
    }

    /// Whether its sender would rather lose it than have a slow receiver end.
    pub(crate) fn is_lossy(&self) -> bool {
        matches!(self, Self::Told { event, .. } if matches!(&**event, Event::Data(message) if message.lossy))
    }

    /// About how many bytes it has when it is sent.
    pub(crate) fn weight(&self) -> usize {
        let growing = match self {
            Self::Whole(_) => 0,
            Self::Told { event, .. } => match &**event {
                Event::Data(message) => message.data.len(),
                Event::Typed(line) => line.text.len(),
                Event::Participants { upserted, left } => people(upserted.len()).saturating_add(people(left.len())),
                Event::Lobby { added, removed } => people(added.len()).saturating_add(people(removed.len())),
                Event::Snapshot { snapshot } => people(snapshot.participants.len())
                    .saturating_add(people(snapshot.lobby.len()))
                    .saturating_add(rooms(&snapshot.breakout.rooms)),
                Event::Breakout { breakout } => rooms(&breakout.rooms),
                Event::Diagnostics { diagnostics, .. } => diagnostics.len().saturating_mul(ID),
                Event::Waiting { .. }
                | Event::Own { .. }
                | Event::Meeting { .. }
                | Event::Speaking { .. }
                | Event::Reaction { .. }
                | Event::Caption(_)
                | Event::Broadcast { .. }
                | Event::TransferAsked { .. }
                | Event::Transfer { .. }
                | Event::Ended { .. } => 0,
            },
        };
        growing.saturating_add(AROUND)
    }
}

fn people(count: usize) -> usize {
    count.saturating_mul(PARTICIPANT)
}

fn rooms(rooms: &[BreakoutRoom]) -> usize {
    let of_room = |room: &BreakoutRoom| room.invitees.len().saturating_mul(ID).saturating_add(PARTICIPANT);
    rooms.iter().map(of_room).fold(0, usize::saturating_add)
}
