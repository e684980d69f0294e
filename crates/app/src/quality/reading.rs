//! What the media engine says of one media connection, as this crate knows it. Plain values.

use std::time::Duration;

/// How a connection's datagrams travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
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

impl Carrier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Udp, Self::Tcp, Self::Relay];

    /// Its name in records, metrics and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Relay => "relay",
        }
    }

    /// The carrier of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|carrier| carrier.name() == name)
    }
}

/// Packets in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flow {
    /// Packets of media.
    pub packets: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// Packets that were lost on the way.
    pub lost: u64,
}

impl Flow {
    /// What came since `before`; nothing where a count went back, because what it counted is gone.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(before.packets),
            bytes: self.bytes.saturating_sub(before.bytes),
            lost: self.lost.saturating_sub(before.lost),
        }
    }

    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            packets: self.packets.saturating_add(other.packets),
            bytes: self.bytes.saturating_add(other.bytes),
            lost: self.lost.saturating_add(other.lost),
        }
    }

    /// The part of the packets that was lost, 0 to 1; nothing when there were none. `packets` counts those that were sent.
    #[must_use]
    pub fn loss_when_sent(self) -> Option<f64> {
        share(self.lost, self.packets)
    }

    /// The same where `packets` counts those that arrived.
    #[must_use]
    pub fn loss_when_received(self) -> Option<f64> {
        share(self.lost, self.packets.saturating_add(self.lost))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people to look at")]
fn share(lost: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| (lost as f64 / all as f64).min(1.0))
}

/// The videos that a connection receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pictures {
    /// Videos that are sent to it now.
    pub shown: u32,
    /// Videos that it wants and that are not sent now, since its path would not carry them.
    pub withheld: u32,
    /// For how long, since the connection began, at least one was withheld.
    pub withheld_for: Duration,
    /// Width and height of the largest one that is sent now; nothing when none is, or its size is not known.
    pub largest: Option<(u32, u32)>,
}

/// How one media connection does. Counts are since it began.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// How it travels now.
    pub carrier: Carrier,
    /// The round trip in the client's last report.
    pub round_trip: Option<Duration>,
    /// What the path to the client is believed to carry, bits a second.
    pub estimate: Option<u64>,
    /// What the client sends us. `packets` are those that arrived.
    pub received: Flow,
    /// What we send it. `packets` are those that left.
    pub sent: Flow,
    /// Packets that were sent again because the client asked for them.
    pub repaired: u64,
    /// Packets that were not sent because the client could not take so much.
    pub dropped: u64,
    /// The videos that it receives.
    pub pictures: Pictures,
}
