//! The thread that moves datagrams between participants and the kernel: one socket for each, one poll for all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Interest, Poll, Token};
use nix::sys::socket::{setsockopt, sockopt};
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSocketState};

use crate::lag::{Arrival, Lags};
use crate::link::{Link, Passed, Path};
use crate::participant::Participant;

/// One receive buffer: one datagram.
const BUFFER: usize = 2 << 10;
/// Between two turns of one participant that are caused by time.
const SHORTEST_WAIT: Duration = Duration::from_micros(100);
/// Kernel buffers of one participant.
const KERNEL_BUFFER: usize = 1 << 20;

/// A participant of a [`Driver`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantId(pub usize);

struct Entry {
    socket: mio::net::UdpSocket,
    state: UdpSocketState,
    participant: Participant,
    due: Instant,
    links: Option<Box<Links>>,
}

/// Bad paths of one participant.
struct Links {
    /// To it: from whom, and when the kernel had it, if it says so.
    down: Link<(SocketAddr, Option<(u64, Instant)>)>,
    /// From it: to whom.
    up: Link<SocketAddr>,
}

/// Drives participants.
pub struct Driver {
    poll: Poll,
    ready: Events,
    entries: Vec<Entry>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    buffers: Vec<u8>,
    unsent: u64,
    lags: Lags,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver")
            .field("participants", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl Driver {
    /// Without participants.
    ///
    /// # Errors
    /// When the system gives no poll.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            ready: Events::with_capacity(1_024),
            entries: Vec::new(),
            timers: BinaryHeap::new(),
            buffers: vec![0; BUFFER * BATCH_SIZE],
            unsent: 0,
            lags: Lags::default(),
        })
    }

    /// Opens a socket on this address and adds the participant that `make` makes behind it.
    ///
    /// # Errors
    /// When no socket can be opened.
    pub fn add(&mut self, ip: IpAddr, make: impl FnOnce(Instant, SocketAddr) -> Participant) -> io::Result<ParticipantId> {
        let domain = if ip.is_ipv4() {
            socket2::Domain::IPV4
        } else {
            socket2::Domain::IPV6
        };
        let socket = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
        socket.set_recv_buffer_size(KERNEL_BUFFER)?;
        socket.bind(&SocketAddr::new(ip, 0).into())?;
        let socket = std::net::UdpSocket::from(socket);
        let state = UdpSocketState::new((&socket).into())?;
        // Receivers elsewhere get every packet alone. Where a run of packets could be taken as a whole, the sender would be spared the work of cutting it.
        setsockopt(&socket, sockopt::UdpGroSegment, &false)?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        let mut socket = mio::net::UdpSocket::from_std(socket);
        let number = self.entries.len();
        self.poll.registry().register(&mut socket, Token(number), Interest::READABLE)?;
        let now = Instant::now();
        self.entries.push(Entry {
            socket,
            state,
            participant: make(now, local),
            due: now,
            links: None,
        });
        self.timers.push(Reverse((now, number)));
        Ok(ParticipantId(number))
    }

    /// A participant. After a change that has to be sent, its next turn is at once.
    pub fn get(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        let entry = self.entries.get_mut(id.0)?;
        entry.due = Instant::now();
        self.timers.push(Reverse((entry.due, id.0)));
        Some(&mut entry.participant)
    }

    /// From now on, what comes to a participant and what it sends goes over these paths. The seed makes it repeatable.
    pub fn impair(&mut self, id: ParticipantId, down: Path, up: Path, seed: u64) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            let (down, up) = (Link::new(down, seed), Link::new(up, !seed));
            entry.links = Some(Box::new(Links { down, up }));
        }
    }

    /// What became of the datagrams to a participant on its bad path.
    pub fn passed(&self, id: ParticipantId) -> Option<Passed> {
        self.entries.get(id.0)?.links.as_ref().map(|links| links.down.passed())
    }

    /// A participant, to look at.
    pub fn participant(&self, id: ParticipantId) -> Option<&Participant> {
        self.entries.get(id.0).map(|entry| &entry.participant)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many have a media path.
    pub fn connected(&self) -> usize {
        self.participants().filter(|one| one.connected().is_some()).count()
    }

    /// All of them.
    pub fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.entries.iter().map(|entry| &entry.participant)
    }

    /// Datagrams that the kernel did not take.
    pub fn unsent(&self) -> u64 {
        self.unsent
    }

    /// Every participant counts anew.
    pub fn begin_to_count(&mut self) {
        let now = Instant::now();
        for entry in &mut self.entries {
            entry.participant.begin_to_count(now);
        }
        self.unsent = 0;
    }

    /// Moves datagrams until `until`, or until `done` says so; looks each time something happened.
    ///
    /// # Errors
    /// When the system's poll fails.
    pub fn run(&mut self, until: Instant, mut done: impl FnMut(&Self) -> bool) -> io::Result<()> {
        while Instant::now() < until && !done(self) {
            self.timers();
            let next = self.timers.peek().map_or(until, |Reverse((at, _))| *at).min(until);
            let wait = next.saturating_duration_since(Instant::now()).min(Duration::from_millis(100));
            match self.poll.poll(&mut self.ready, Some(wait)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                outcome => outcome?,
            }
            let ready: Vec<usize> = self.ready.iter().map(|event| event.token().0).collect();
            for number in ready {
                self.receive(number);
            }
        }
        Ok(())
    }

    fn timers(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, number))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            // Others of the same participant that were passed over.
            if self.entries.get(number).is_some_and(|entry| entry.due <= now) {
                self.turn(now, number);
            }
        }
    }

    fn turn(&mut self, now: Instant, number: usize) {
        let Some(entry) = self.entries.get_mut(number) else { return };
        entry.arrive(now, &self.lags);
        let stamp = self.lags.stamp(wall());
        let due = entry.participant.turn(now, stamp);
        let outgoing = entry.participant.outgoing();
        if outgoing.len() > 0 {
            self.lags.leaves(stamp, wall());
        }
        for (destination, contents) in outgoing {
            match &mut entry.links {
                Some(links) => links.up.enter(now, &contents, destination),
                None => self.unsent += u64::from(!sent(&entry.state, &entry.socket, destination, &contents)),
            }
        }
        self.unsent += entry.leave(now);
        // Never at once again, so that the sockets are looked at in between.
        entry.due = entry.links_due().into_iter().fold(due, Instant::min).max(now + SHORTEST_WAIT);
        self.timers.push(Reverse((entry.due, number)));
    }

    fn receive(&mut self, number: usize) {
        let Some(entry) = self.entries.get_mut(number) else { return };
        let mut meta = [RecvMeta::default(); BATCH_SIZE];
        let mut dirty = false;
        loop {
            let mut slices: Vec<IoSliceMut<'_>> = self.buffers.chunks_mut(BUFFER).map(IoSliceMut::new).collect();
            let Ok(filled) = entry.state.recv((&entry.socket).into(), &mut slices, &mut meta) else {
                break;
            };
            let now = Instant::now();
            for (buffer, meta) in self.buffers.chunks_mut(BUFFER).zip(&meta).take(filled) {
                let arrived = meta.timestamp.and_then(|at| u64::try_from(at.as_nanos()).ok());
                let Some(bytes) = buffer.get_mut(..meta.len) else { continue };
                for datagram in bytes.chunks_mut(meta.stride.max(1)) {
                    match &mut entry.links {
                        Some(links) => links.down.enter(now, datagram, (meta.addr, arrived.map(|at| (at, now)))),
                        None => {
                            let arrived = arrived.map(|at| Arrival { at, lags: &self.lags });
                            dirty |= entry.participant.take(now, meta.addr, datagram, arrived);
                        }
                    }
                }
            }
            // The queue was empty; what comes now is an event of its own.
            if filled < BATCH_SIZE {
                break;
            }
        }
        if dirty || entry.links.is_some() {
            self.turn(Instant::now(), number);
        }
    }
}

impl Entry {
    /// Hands over what has arrived over a bad path.
    fn arrive(&mut self, now: Instant, lags: &Lags) {
        let Some(links) = &mut self.links else { return };
        while let Some((mut datagram, (from, arrived))) = links.down.take(now) {
            // The time on the bad path belongs to the time under way.
            let arrived = arrived.map(|(at, since)| Arrival {
                at: at + u64::try_from((now - since).as_nanos()).unwrap_or_default(),
                lags,
            });
            self.participant.take(now, from, &mut datagram, arrived);
        }
    }

    /// Sends what has come to the end of a bad path. Gives what the kernel did not take.
    fn leave(&mut self, now: Instant) -> u64 {
        let Some(links) = &mut self.links else { return 0 };
        let mut unsent = 0;
        while let Some((contents, destination)) = links.up.take(now) {
            unsent += u64::from(!sent(&self.state, &self.socket, destination, &contents));
        }
        unsent
    }

    /// When something comes to the end of a bad path.
    fn links_due(&self) -> Option<Instant> {
        let links = self.links.as_ref()?;
        links.down.due().into_iter().chain(links.up.due()).min()
    }
}

/// Whether the kernel took it.
fn sent(state: &UdpSocketState, socket: &mio::net::UdpSocket, destination: SocketAddr, contents: &[u8]) -> bool {
    let transmit = Transmit {
        destination,
        ecn: None,
        contents,
        segment_size: None,
        src_ip: None,
    };
    state.try_send(socket.into(), &transmit).is_ok()
}

/// Nanoseconds of the machine's clock: what the kernel's receive times are in.
fn wall() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
