//! Data through an allocation: Send and Data indications (RFC 8656 §11), ChannelData (§12.4 to §12.7).
//!
//! Nothing here is answered: what is not allowed is dropped.

use std::net::SocketAddr;
use std::time::Instant;

use super::{Session, Step, Wire};
use crate::frame::{MAX_DATAGRAM, write_channel};
use crate::message::{Class, Message, Method, Writer, attribute, peer_address};

impl Session {
    /// The client's data for the peer of a channel.
    pub(super) fn channel_data<'a>(&self, now: Instant, number: u16, data: &'a [u8]) -> Step<'a> {
        let Some(allocation) = self.allocation.as_ref().filter(|allocation| allocation.ends > now) else {
            return Step::Nothing;
        };
        match allocation.permits.peer_of(now, number) {
            Some(to) if allocation.permits.allow(now, to) => relay(to, data),
            _ => Step::Nothing,
        }
    }

    /// The client's data for a peer that it names.
    pub(super) fn send_indication<'a>(&self, now: Instant, message: &Message<'a>) -> Step<'a> {
        let Some(allocation) = self.allocation.as_ref().filter(|allocation| allocation.ends > now) else {
            return Step::Nothing;
        };
        if message.method() != Some(Method::Send) || !super::answer::unknown_attributes(message).is_empty() {
            return Step::Nothing;
        }
        match (peer_address(message), message.get(attribute::DATA)) {
            (Some(to), Some(data)) if allocation.permits.allow(now, to) => relay(to, data),
            _ => Step::Nothing,
        }
    }

    /// Wraps a datagram of the engine for the client: in ChannelData when the sender has a channel, in a Data indication otherwise. False, and nothing
    /// written, when there is no permission for the sender.
    pub fn wrap(&mut self, now: Instant, from: SocketAddr, datagram: &[u8], out: &mut Vec<u8>) -> bool {
        let Some(allocation) = self.allocation.as_mut().filter(|allocation| allocation.ends > now) else {
            return false;
        };
        if datagram.len() > MAX_DATAGRAM || !allocation.permits.allow(now, from) {
            return false;
        }
        match allocation.permits.channel_to(now, from) {
            Some(number) => write_channel(out, number, datagram, self.client.wire != Wire::Udp),
            None => {
                let indication = Writer::new(Class::Indication, Method::Data, allocation.next_indication())
                    .address(attribute::XOR_PEER_ADDRESS, from)
                    .attribute(attribute::DATA, datagram);
                out.extend(indication.finish());
            }
        }
        true
    }
}

fn relay(to: SocketAddr, datagram: &[u8]) -> Step<'_> {
    if datagram.is_empty() || datagram.len() > MAX_DATAGRAM {
        Step::Nothing
    } else {
        Step::Relay { to, datagram }
    }
}
