//! What the operating system lets the media socket do; for diagnosis, without a running engine.

use std::net::SocketAddr;

use crate::api::{EngineConfig, EngineError};
use crate::shard::Socket;

/// What a media socket gets of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketFacts {
    /// Datagrams that one call can send to one receiver (GSO); 1 when the system cannot.
    pub longest_run: usize,
    /// Datagrams of one sender that one receive can bring (GRO); 1 when the system cannot.
    pub longest_batch: usize,
    /// Bytes of kernel buffer that are asked for, for each direction.
    pub wanted_buffer: usize,
    /// Bytes that were granted for receiving.
    pub receive_buffer: usize,
    /// Bytes that were granted for sending.
    pub send_buffer: usize,
    /// Whether several shards can share a port.
    pub shares_port: bool,
}

impl SocketFacts {
    /// Opens media sockets on a free port of this address, looks at them and closes them.
    ///
    /// # Errors
    /// [`EngineError::Bind`] when not even one can be opened.
    pub fn of(bind: SocketAddr) -> Result<Self, EngineError> {
        let bind = SocketAddr::new(bind.ip(), 0);
        let config = EngineConfig::new(bind);
        let shares_port = Socket::bind(&config, 2).is_ok();
        let socket = Socket::bind(&config, 1)?.pop();
        let socket = socket.ok_or(EngineError::Shards(0))?;
        let facts = socket.facts().map_err(|source| EngineError::Bind { bind, source })?;
        Ok(Self { shares_port, ..facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_on_loopback_can_be_looked_at() {
        let facts = SocketFacts::of(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a socket");
        assert!(facts.longest_run >= 1 && facts.longest_batch >= 1, "{facts:?}");
        assert!(facts.receive_buffer > 0 && facts.send_buffer > 0, "{facts:?}");
    }

    #[test]
    fn an_address_that_is_not_ours_is_an_error() {
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 0));
        assert!(matches!(SocketFacts::of(elsewhere), Err(EngineError::Bind { .. })));
    }
}
