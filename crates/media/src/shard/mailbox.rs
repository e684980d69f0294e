//! What shards and links hand to a shard: one box for what may be lost, one for what may not and is rare, and one for what strangers may fill: links.
//!
//! Nothing is shared: whatever goes from one thread to another goes as a value. Media of a turn goes in one parcel; a full box drops it, as a full
//! socket would. Owns the boxes. Not here: what a parcel causes (`slices`, `ingress`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;

use super::links::Far;
use crate::api::PeerId;
use crate::peer::Inbound;
use crate::routing::{Declaration, Layer, Line, RoomKey};

/// Parcels of media that wait for one shard; each is what one turn of another one brought.
const MEDIA_PARCELS: usize = 1_024;
/// Datagrams of links that wait for one shard, and of one link among them.
const LINKED: usize = 2_048;
const OF_ONE_LINK: usize = 128;
/// Words that wait for one shard. All of a node's people coming and going in one turn are fewer; a shard that is this far behind is stuck, and what it is
/// not told then makes no difference.
const WORDS: usize = 65_536;

/// A shard of this engine, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShardId(pub(crate) u8);

/// What may be lost.
#[derive(Debug)]
pub(crate) enum Media {
    /// Came to the socket of another shard.
    Datagrams(ShardId, Datagrams),
    /// Packets of publishers on another shard, each with the room as it is called here.
    Packets(Vec<(RoomKey, PeerId, Inbound)>),
}

/// What may not be lost.
#[derive(Debug)]
pub(crate) enum Control {
    /// The sender has a room of that name, called so there.
    Opened { name: crate::api::RoomId, key: RoomKey },
    /// Answer to it: this one has it, too.
    Here { room: RoomKey, key: RoomKey },
    /// A peer of the sender publishes this, and nothing else.
    Declared {
        room: RoomKey,
        peer: PeerId,
        declarations: Vec<Declaration>,
    },
    /// A peer of the sender has left.
    Left { room: RoomKey, peer: PeerId },
    /// The sender has nobody in the room any more.
    Closed { room: RoomKey },
    /// Somebody at the sender receives this video, or nobody any more.
    Watch {
        room: RoomKey,
        peer: PeerId,
        line: Line,
        watched: bool,
    },
    /// The packets since the last key frame of a video that the receiver of this begins to receive.
    Recent {
        room: RoomKey,
        peer: PeerId,
        packets: Vec<Inbound>,
    },
    /// Somebody at the sender needs a key frame.
    Keyframe {
        room: RoomKey,
        peer: PeerId,
        line: Line,
        layer: Layer,
    },
    /// What comes from this address belongs to the sender.
    Learned(SocketAddr),
    /// It does no longer.
    Forgotten(SocketAddr),
}

/// Datagrams behind one another.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {
    bytes: Vec<u8>,
    parts: Vec<(SocketAddr, Option<IpAddr>, usize)>,
}

impl Datagrams {
    pub(crate) fn push(&mut self, source: SocketAddr, local: Option<IpAddr>, contents: &[u8]) {
        self.bytes.extend_from_slice(contents);
        self.parts.push((source, local, contents.len()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SocketAddr, Option<IpAddr>, &[u8])> {
        let mut rest = self.bytes.as_slice();
        self.parts.iter().filter_map(move |(source, local, length)| {
            let (contents, after) = rest.split_at_checked(*length)?;
            rest = after;
            Some((*source, *local, contents))
        })
    }
}

/// Where parcels for one shard are put.
#[derive(Clone)]
pub(crate) struct Door {
    control: SyncSender<(ShardId, Control)>,
    media: SyncSender<Media>,
    linked: SyncSender<(Arc<Far>, Bytes)>,
    waker: Arc<mio::Waker>,
}

/// Where a shard finds its parcels.
pub(crate) struct Mailbox {
    pub(crate) control: Receiver<(ShardId, Control)>,
    pub(crate) media: Receiver<Media>,
    pub(crate) linked: Receiver<(Arc<Far>, Bytes)>,
}

impl Door {
    pub(crate) fn new(waker: Arc<mio::Waker>) -> (Self, Mailbox) {
        let (control, its_control) = sync_channel(WORDS);
        let (media, its_media) = sync_channel(MEDIA_PARCELS);
        let (linked, its_linked) = sync_channel(LINKED);
        let mailbox = Mailbox {
            control: its_control,
            media: its_media,
            linked: its_linked,
        };
        let door = Self {
            control,
            media,
            linked,
            waker,
        };
        (door, mailbox)
    }

    /// Hands over media and wakes the shard. False when it was dropped.
    pub(crate) fn media(&self, media: Media) -> bool {
        let taken = self.media.try_send(media).is_ok();
        self.wake();
        taken
    }

    /// Hands over a datagram of a link and wakes the shard. False when it was dropped: too many wait, of this link or of all.
    pub(crate) fn linked(&self, far: &Arc<Far>, datagram: Bytes) -> bool {
        if !far.enter(OF_ONE_LINK) {
            return false;
        }
        let taken = self.linked.try_send((Arc::clone(far), datagram)).is_ok();
        if taken {
            self.wake();
        } else {
            far.leave();
        }
        taken
    }

    /// Hands over a word and wakes the shard. One that is gone needs no words.
    pub(crate) fn control(&self, from: ShardId, control: Control) {
        if let Err(error) = self.control.try_send((from, control)) {
            tracing::error!(%error, "a shard does not listen");
        }
        self.wake();
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::debug!(%error, "a shard could not be woken; it will look by itself");
        }
    }
}

/// The doors of all shards.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) own: ShardId,
    pub(crate) doors: Arc<[Door]>,
}

impl Post {
    pub(crate) fn tell(&self, to: ShardId, control: Control) {
        if let Some(door) = self.doors.get(usize::from(to.0)) {
            door.control(self.own, control);
        }
    }

    /// All shards but this one.
    pub(crate) fn others(&self) -> impl Iterator<Item = ShardId> + use<> {
        let (own, count) = (self.own, self.doors.len());
        (0..u8::try_from(count).unwrap_or(u8::MAX))
            .map(ShardId)
            .filter(move |id| *id != own)
    }

    /// False when it was dropped.
    pub(crate) fn media(&self, to: ShardId, media: Media) -> bool {
        self.doors.get(usize::from(to.0)).is_some_and(|door| door.media(media))
    }
}
