//! Permissions and channels (RFC 8656 §9, §10 and §12): with whom an allocation may exchange data.
//!
//! Both are only ever given for addresses of the engine, which also bounds how many there are.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::answer::{Answer, Code};
use super::{Office, Session};
use crate::frame::CHANNELS;
use crate::message::{Family, Message, Writer, attribute, xor_address};

/// Life of a permission (RFC 8656 §9).
const PERMISSION: Duration = Duration::from_secs(300);
/// Life of a channel (RFC 8656 §12).
const CHANNEL: Duration = Duration::from_secs(600);

/// What an allocation may do.
#[derive(Debug, Default)]
pub(super) struct Permits {
    /// The engine's addresses with a permitted IP, and when that ends. At most one for each.
    permissions: Vec<(SocketAddr, Instant)>,
    /// At most one for each address of the engine.
    channels: Vec<Channel>,
}

#[derive(Debug)]
struct Channel {
    number: u16,
    peer: SocketAddr,
    ends: Instant,
}

impl Permits {
    /// Whether data may be exchanged with this address.
    pub(super) fn allow(&self, now: Instant, peer: SocketAddr) -> bool {
        self.permissions.iter().any(|(permitted, ends)| *permitted == peer && *ends > now)
    }

    /// The channel to this peer.
    pub(super) fn channel_to(&self, now: Instant, peer: SocketAddr) -> Option<u16> {
        let channel = self.channels.iter().find(|channel| channel.peer == peer && channel.ends > now)?;
        Some(channel.number)
    }

    /// The peer of this channel.
    pub(super) fn peer_of(&self, now: Instant, number: u16) -> Option<SocketAddr> {
        let channel = self
            .channels
            .iter()
            .find(|channel| channel.number == number && channel.ends > now)?;
        Some(channel.peer)
    }

    /// A permission is for an IP (RFC 8656 §9); what it opens are the engine's addresses with that IP.
    fn permit(&mut self, now: Instant, office: &Office, peer: SocketAddr) {
        self.permissions
            .retain(|(permitted, ends)| permitted.ip() != peer.ip() && *ends > now);
        let opened = office.config.media.iter().filter(|media| media.ip() == peer.ip());
        self.permissions.extend(opened.map(|media| (*media, now + PERMISSION)));
    }

    /// Binds, or keeps bound; false when number or peer is bound to another (RFC 8656 §12.2).
    fn bind(&mut self, now: Instant, number: u16, peer: SocketAddr) -> bool {
        self.channels.retain(|channel| channel.ends > now);
        if self.channels.iter().any(|other| (other.number == number) != (other.peer == peer)) {
            return false;
        }
        self.channels.retain(|other| other.number != number);
        self.channels.push(Channel {
            number,
            peer,
            ends: now + CHANNEL,
        });
        true
    }
}

/// The address, if data may ever go there from an allocation of this family. `to_port` asks for the very address, not only its IP.
fn checked(office: &Office, relayed: SocketAddr, peer: SocketAddr, to_port: bool) -> Result<SocketAddr, Code> {
    if Family::of(peer.ip()) != Family::of(relayed.ip()) {
        return Err(Code::PeerAddressFamilyMismatch);
    }
    let known = if to_port {
        office.is_media(peer)
    } else {
        office.config.media.iter().any(|media| media.ip() == peer.ip())
    };
    if known { Ok(peer) } else { Err(Code::Forbidden) }
}

impl Session {
    /// All peers of the request, or none (RFC 8656 §10.2).
    pub(super) fn create_permission(
        &mut self,
        now: Instant,
        office: &Office,
        answer: Answer<'_>,
        message: &Message<'_>,
    ) -> Result<Writer, Code> {
        let allocation = self.allocation.as_mut().ok_or(Code::AllocationMismatch)?;
        let peers: Vec<SocketAddr> = message
            .attributes()
            .filter(|attribute| attribute.kind == attribute::XOR_PEER_ADDRESS)
            .map(|attribute| {
                let peer = xor_address(attribute.value, &message.transaction()).ok_or(Code::BadRequest)?;
                checked(office, allocation.relayed, peer, false)
            })
            .collect::<Result<_, _>>()?;
        if peers.is_empty() {
            return Err(Code::BadRequest);
        }
        for peer in peers {
            allocation.permits.permit(now, office, peer);
        }
        Ok(answer.success())
    }

    /// Binds a channel, with the permission that belongs to it.
    pub(super) fn channel_bind(
        &mut self,
        now: Instant,
        office: &Office,
        answer: Answer<'_>,
        message: &Message<'_>,
    ) -> Result<Writer, Code> {
        let allocation = self.allocation.as_mut().ok_or(Code::AllocationMismatch)?;
        let [n0, n1, _, _] = message.get_exact(attribute::CHANNEL_NUMBER).ok_or(Code::BadRequest)?;
        let number = u16::from_be_bytes([n0, n1]);
        if !CHANNELS.contains(&number) {
            return Err(Code::BadRequest);
        }
        let peer = crate::message::peer_address(message).ok_or(Code::BadRequest)?;
        let peer = checked(office, allocation.relayed, peer, true)?;
        if !allocation.permits.bind(now, number, peer) {
            return Err(Code::BadRequest);
        }
        allocation.permits.permit(now, office, peer);
        Ok(answer.success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;
    use crate::turn::Config;

    #[test]
    fn what_is_renewed_takes_no_more_room() {
        let media: Vec<SocketAddr> = ["192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"]
            .map(|media| media.parse().unwrap())
            .into();
        let start = Instant::now();
        let office = Office::new(Config::new(media.clone()), Secret::new(b"s"), [0; 32], start);
        let mut permits = Permits::default();
        for second in 0..100 {
            let now = start + Duration::from_secs(second);
            for (number, peer) in (0x4000..).zip(&media) {
                permits.permit(now, &office, *peer);
                assert!(permits.bind(now, number, *peer));
            }
        }
        assert_eq!((permits.permissions.len(), permits.channels.len()), (3, 3));
        let last = start + Duration::from_secs(99);
        assert!(
            media
                .iter()
                .all(|media| permits.allow(last + PERMISSION - Duration::from_secs(1), *media))
        );
    }
}
