//! How a media connection does, for the record of a session.

use std::time::Duration;

use crate::api::PublicationId;

/// How a peer's datagrams travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carrier {
    /// Nothing has come yet.
    #[default]
    None,
    /// UDP, straight.
    Udp,
    /// TCP, straight.
    Tcp,
    /// By the relay.
    Relay,
}

/// Packets in one direction, since the connection began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// Packets of media.
    pub packets: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Packets that were lost on the way: as the client reports, and as their numbers show of what it sends.
    pub lost: u64,
}

impl std::ops::AddAssign for Flow {
    fn add_assign(&mut self, other: Self) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.lost += other.lost;
    }
}

/// A video as it is being sent to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Which of its layers, be they streams of their own or layers of one; 0 is the lowest.
    pub rank: u8,
    /// Width and height, where the packets say so.
    pub size: Option<(u32, u32)>,
}

/// One receive slot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlotQuality {
    /// `a=mid` of its m-line.
    pub mid: String,
    /// What it carries, if anything.
    pub publication: Option<PublicationId>,
    /// Packets sent in it, and how many of them the client says were lost.
    pub sent: Flow,
    /// Share of packets lost in the client's last report, 0 to 255 of 256.
    pub lost_lately: u8,
    /// Jitter in the client's last report.
    pub jitter: Duration,
    /// The video that is sent in it now, if one is.
    pub picture: Option<Picture>,
}

/// How one media connection does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quality {
    /// How it travels now.
    pub carrier: Carrier,
    /// The round trip in the client's last report.
    pub round_trip: Option<Duration>,
    /// What the path to the client is believed to carry, bits a second; nothing when that is not estimated.
    pub estimate: Option<u64>,
    /// What the client sends us.
    pub received: Flow,
    /// What we send it, all slots together.
    pub sent: Flow,
    /// Packets that were sent again because the client asked for them.
    pub repaired: u64,
    /// Packets that were not sent because the client could not take so much.
    pub dropped: u64,
    /// Its slots that were ever used.
    pub slots: Vec<SlotQuality>,
}
