//! The shard's UDP socket: receives in batches, sends runs of equal datagrams with one call.
//!
//! Owns the socket and its receive buffers. Not here: to whom a datagram belongs (`table`), what is sent when (`egress`).

use std::cell::Cell;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use super::batch::{self, Group};
use super::egress::Way;
use crate::api::{EngineConfig, EngineError};
use crate::facts::SocketFacts;

/// Kernel buffers: a burst of key frames to hundreds of receivers must fit. The system may grant less.
const KERNEL_BUFFER_BYTES: usize = 4 << 20;
/// One receive buffer; the kernel may hand over many datagrams of one sender in it.
const BUFFER_BYTES: usize = 64 << 10;
/// Receive buffers, filled in one call. More would be touched now and then, and save little.
const BATCH: usize = if BATCH_SIZE < 8 { BATCH_SIZE } else { 8 };

/// One received datagram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Datagram<'a> {
    pub(crate) source: SocketAddr,
    /// The local address it was sent to, where the system tells.
    pub(crate) local: Option<IpAddr>,
    pub(crate) contents: &'a [u8],
}

/// The socket.
pub(crate) struct Socket {
    pub(crate) io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    /// A run was refused: datagrams go one by one from then on.
    alone: Cell<bool>,
}

/// Receive buffers; apart from the socket, so that a batch can be handled while the socket sends.
pub(crate) struct Buffers {
    bytes: Vec<u8>,
    meta: [RecvMeta; BATCH],
    filled: usize,
}

impl Socket {
    /// So many sockets on one port; the kernel spreads clients over them.
    pub(crate) fn bind(config: &EngineConfig, count: usize) -> Result<Vec<Self>, EngineError> {
        let bind = config.bind;
        Self::open_all(bind, count).map_err(|source| EngineError::Bind { bind, source })
    }

    fn open_all(mut bind: SocketAddr, count: usize) -> io::Result<Vec<Self>> {
        let alone = Self::open(bind, false)?;
        if count <= 1 {
            return Ok(vec![alone]);
        }
        // Sharing a port is a wish that all who share it must have, so another program's port would be shared, too: the first socket has shown
        // that nobody has it.
        bind.set_port(alone.local.port());
        drop(alone);
        (0..count).map(|_| Self::open(bind, true)).collect()
    }

    fn open(bind: SocketAddr, shared: bool) -> io::Result<Self> {
        let domain = if bind.is_ipv4() {
            socket2::Domain::IPV4
        } else {
            socket2::Domain::IPV6
        };
        let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
        if bind.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        if shared {
            socket.set_reuse_port(true)?;
        }
        for outcome in [
            socket.set_recv_buffer_size(KERNEL_BUFFER_BYTES),
            socket.set_send_buffer_size(KERNEL_BUFFER_BYTES),
        ] {
            if let Err(error) = outcome {
                tracing::warn!(%error, "the system grants no larger UDP buffers");
            }
        }
        socket.bind(&bind.into())?;
        let socket = std::net::UdpSocket::from(socket);
        let state = UdpSocketState::new((&socket).into())?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        Ok(Self {
            io: mio::net::UdpSocket::from_std(socket),
            state,
            local,
            alone: Cell::new(false),
        })
    }

    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The addresses that clients are told.
    pub(crate) fn candidates(&self, advertise: &[IpAddr]) -> Vec<SocketAddr> {
        let port = self.local.port();
        if !advertise.is_empty() {
            return advertise.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        }
        let ip = match self.local.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        vec![SocketAddr::new(ip, port)]
    }

    /// Receives one batch. False when that was all: a batch that is not full has emptied the socket, and what comes later is an event of its own.
    pub(crate) fn receive(&self, buffers: &mut Buffers) -> io::Result<bool> {
        let mut places = buffers.bytes.chunks_mut(BUFFER_BYTES);
        let mut slices: [IoSliceMut<'_>; BATCH] = std::array::from_fn(|_| IoSliceMut::new(places.next().unwrap_or_default()));
        buffers.filled = 0;
        match self.state.recv((&self.io).into(), &mut slices, &mut buffers.meta) {
            Ok(filled) => {
                buffers.filled = filled;
                Ok(filled == BATCH)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What the system grants it, but for sharing its port.
    pub(crate) fn facts(&self) -> io::Result<SocketFacts> {
        let socket = socket2::SockRef::from(&self.io);
        Ok(SocketFacts {
            longest_run: self.longest_run(),
            longest_batch: self.state.gro_segments().max(1),
            wanted_buffer: KERNEL_BUFFER_BYTES,
            receive_buffer: socket.recv_buffer_size()?,
            send_buffer: socket.send_buffer_size()?,
            shares_port: false,
        })
    }

    /// Most datagrams that one call can send to one receiver.
    pub(crate) fn longest_run(&self) -> usize {
        if self.alone.get() {
            return 1;
        }
        self.state.max_gso_segments().max(1)
    }

    /// As a socket of IPv6 names an address of IPv4.
    fn mapped(&self, destination: SocketAddr) -> SocketAddr {
        match (self.local.ip(), destination.ip()) {
            (IpAddr::V6(_), IpAddr::V4(ip)) => SocketAddr::new(ip.to_ipv6_mapped().into(), destination.port()),
            _ => destination,
        }
    }
}

impl Way for Socket {
    fn send_group<'a>(&self, group: Group, runs: impl Iterator<Item = (SocketAddr, &'a [u8])>) -> io::Result<usize> {
        let v6 = self.local.is_ipv6();
        let runs = runs.map(|(to, contents)| (self.mapped(to), contents));
        batch::send(self.io.as_raw_fd(), v6, group, runs)
    }

    fn send_one(&self, destination: SocketAddr, local: Option<IpAddr>, datagram: &[u8]) -> io::Result<()> {
        self.state.try_send(
            (&self.io).into(),
            &Transmit {
                destination: self.mapped(destination),
                ecn: None,
                contents: datagram,
                segment_size: None,
                src_ip: local,
            },
        )
    }

    fn refuses_runs(&self, error: &io::Error) {
        if !self.alone.replace(true) {
            tracing::warn!(%error, "the network card takes no runs of datagrams (GSO); they go one by one, which costs more processor time");
        }
    }
}

impl Buffers {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; BUFFER_BYTES * BATCH],
            meta: [RecvMeta::default(); BATCH],
            filled: 0,
        }
    }

    /// The datagrams of the last batch.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.bytes
            .chunks(BUFFER_BYTES)
            .zip(&self.meta)
            .take(self.filled)
            .flat_map(|(buffer, meta)| {
                let source = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
                let local = meta.dst_ip.map(|ip| ip.to_canonical());
                let filled = buffer.get(..meta.len).unwrap_or_default();
                filled
                    .chunks(meta.stride.max(1))
                    .map(move |contents| Datagram { source, local, contents })
            })
    }
}
