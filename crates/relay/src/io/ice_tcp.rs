//! ICE over TCP (RFC 6544, passive candidates): media in frames of RFC 4571, on the port number that media has over UDP.
//!
//! A connection becomes a link of the engine with its first frame, which has to be a binding request. Who that is from is the engine's to find out; whom it
//! does not answer is disconnected.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::places::Places;
use super::queue::Unit;
use super::stats::{Counters, Stats};
use super::talk::{BATCH, Ended, Talk};
use super::tcp::{accept, report, stop};
use super::{Limits, clock, stream};
use crate::frame::{Content, Framing};
use crate::gate::{Gate, Link, Transport};
use crate::turn::Now;

/// The way in for ICE over TCP. Clones are the same.
#[derive(Clone)]
pub struct IceTcp {
    shared: Arc<Shared>,
}

struct Shared {
    gate: Arc<dyn Gate>,
    media: Vec<SocketAddr>,
    limits: Limits,
    places: Arc<Places>,
    counters: Counters,
}

impl std::fmt::Debug for IceTcp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceTcp").field("stats", &self.stats()).finish()
    }
}

impl IceTcp {
    /// In front of an engine whose clients are told these addresses.
    pub fn new(media: Vec<SocketAddr>, gate: Arc<dyn Gate>, limits: Limits) -> Self {
        Self {
            shared: Arc::new(Shared {
                gate,
                media,
                limits,
                places: Places::new(limits.connections, limits.of_one_source),
                counters: Counters::default(),
            }),
        }
    }

    /// Serves until `stopped`; connections end with it.
    pub async fn serve(&self, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
        let shared = &self.shared;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = stop(&mut stopped) => return,
                Some(ended) = connections.join_next() => report(ended),
                (stream, remote, place) = accept(&listener, &shared.places, &shared.counters) => {
                    stream::prepare(&stream);
                    let Ok(local) = stream.local_addr() else { continue };
                    let ice = Ice {
                        remote,
                        local: shared.told(local),
                        shared: Arc::clone(shared),
                        link: None,
                        since: clock::now().at,
                        answered: None,
                        asked: 0,
                    };
                    let shared = Arc::clone(shared);
                    connections.spawn(async move {
                        let ended = stream::carry(stream, ice, Arc::new(Notify::new()), shared.limits, &shared.counters).await;
                        drop(place);
                        ended
                    });
                }
            }
        }
    }

    /// Counters since the start.
    pub fn stats(&self) -> Stats {
        self.shared.counters.read(0, self.shared.places.taken())
    }
}

impl Shared {
    /// The address that clients were told for the one they came to, which may be translated on the way.
    fn told(&self, local: SocketAddr) -> SocketAddr {
        let local = SocketAddr::new(local.ip().to_canonical(), local.port());
        let same_family = |media: &&SocketAddr| media.is_ipv4() == local.is_ipv4();
        let exact = self.media.iter().find(|media| **media == local);
        exact.or_else(|| self.media.iter().find(same_family)).copied().unwrap_or(local)
    }
}

/// One connection.
struct Ice {
    shared: Arc<Shared>,
    remote: SocketAddr,
    local: SocketAddr,
    link: Option<Link>,
    /// The connection, then the first request.
    since: Instant,
    /// When the engine last had something for the client. It answers every check of whom it knows.
    answered: Option<Instant>,
    /// Requests before that.
    asked: usize,
}

/// Requests of a client that the engine has not answered yet: it repeats them while it waits.
const MOST_ASKED: usize = 16;

impl Talk for Ice {
    const FRAMING: Framing = Framing::Lengths;

    fn take(&mut self, now: Now, message: &[u8], _: &mut Vec<Unit>) -> Result<(), Ended> {
        if self.answered.is_none() {
            if self.asked >= MOST_ASKED || !Content::is_binding_request(message) {
                return Err(Ended::Broken);
            }
            self.asked += 1;
        }
        let link = match &self.link {
            Some(link) => link,
            None => {
                let opened = self.shared.gate.open(Transport::Tcp, self.remote, self.local);
                self.since = now.at;
                self.link.insert(opened.map_err(|_| Ended::Engine)?)
            }
        };
        let taken = link.to_engine.send(Bytes::copy_from_slice(message));
        self.shared.counters.handed(message.len(), taken);
        Ok(())
    }

    fn poll_engine(&mut self, now: Now, context: &mut Context<'_>, out: &mut Vec<Unit>) -> Poll<Result<(), Ended>> {
        let Some(link) = &mut self.link else { return Poll::Pending };
        for taken in 0..BATCH {
            match link.from_engine.poll_recv(context) {
                Poll::Ready(Some(datagram)) => {
                    self.answered = Some(now.at);
                    if let Some(unit) = framed(&datagram) {
                        self.shared.counters.datagrams_out.add(1);
                        self.shared.counters.bytes_out.add(datagram.len());
                        out.push(unit);
                    } else {
                        self.shared.counters.dropped_out.add(1);
                    }
                }
                Poll::Ready(None) => return Poll::Ready(Err(Ended::Engine)),
                Poll::Pending if taken == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let limits = &self.shared.limits;
        Some(match (&self.link, self.answered) {
            (None, _) => self.since + limits.first_time,
            (Some(_), None) => self.since + limits.answer_time,
            (Some(_), Some(answered)) => answered + limits.idle_time,
        })
    }

    fn handle_timeout(&mut self, now: Now) -> Result<(), Ended> {
        if self.poll_timeout().is_none_or(|due| due > now.at) {
            return Ok(());
        }
        Err(if self.link.is_none() { Ended::Useless } else { Ended::Unknown })
    }
}

/// A datagram with its length in front; nothing when that does not fit.
fn framed(datagram: &[u8]) -> Option<Unit> {
    let length = u16::try_from(datagram.len()).ok()?;
    Some(Unit {
        bytes: [&length.to_be_bytes(), datagram].concat(),
        content: Content::of(datagram),
    })
}
