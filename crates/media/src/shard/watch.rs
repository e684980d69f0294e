//! Hands the headers of a peer's datagrams to whoever captures them. Without a capture this costs a look at an empty place.

use std::net::SocketAddr;

use super::{Out, guarded};
use crate::capture::HeaderTap;

/// Somebody watches what is sent to an address.
pub(super) struct Watch<'a> {
    tap: &'a HeaderTap,
    local: SocketAddr,
    remote: SocketAddr,
}

impl Watch<'_> {
    pub(super) fn leaves(&self, datagram: &[u8]) {
        // A fault of a tap is not the peer's.
        let _ = guarded(|| self.tap.take(false, self.local, self.remote, datagram));
    }
}

impl<'a> Out<'a> {
    /// Whoever watches what is sent to the peer there.
    pub(super) fn watch(&self, remote: SocketAddr) -> Option<Watch<'a>> {
        let tap = self.capture?;
        let own = self.socket.local_addr();
        Some(Watch {
            tap,
            local: SocketAddr::new(self.local.unwrap_or(own.ip()), own.port()),
            remote,
        })
    }
}

/// Something came from a peer.
pub(super) fn came(tap: Option<&HeaderTap>, local: SocketAddr, remote: SocketAddr, datagram: &[u8]) {
    if let Some(tap) = tap {
        let _ = guarded(|| tap.take(true, local, remote, datagram));
    }
}
