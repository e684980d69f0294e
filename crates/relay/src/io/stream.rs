//! Carries one talk over a stream of bytes: reads, cuts, hands on; queues, writes; watches the times.

use std::future::{pending, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::inbound::Inbound;
use super::queue::{Queue, Unit};
use super::stats::Counters;
use super::talk::{Ended, Talk};
use super::{Limits, clock};
use crate::budget::Bucket;

/// Unsent bytes that the kernel may hold: what waits there cannot be dropped any more.
const UNSENT: u32 = 16 * 1024;

/// Small datagrams leave at once, and no more is given to the kernel than it can send soon. A system that refuses either has later media, not less.
pub(super) fn prepare(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    for outcome in [socket.set_tcp_nodelay(true), socket.set_tcp_notsent_lowat(UNSENT)] {
        if let Err(error) = outcome {
            tracing::debug!(%error, "media over this connection may be late");
        }
    }
}

/// Carries a talk until it ends, and says why it did.
pub(super) async fn carry<T: Talk>(
    stream: impl AsyncRead + AsyncWrite,
    mut talk: T,
    end: Arc<Notify>,
    limits: Limits,
    counters: &Counters,
) -> Ended {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut flow = Flow::new::<T>(limits);
    let mut out: Vec<Unit> = Vec::new();
    loop {
        let now = clock::now();
        for unit in out.drain(..) {
            counters.dropped_out.add(flow.push(now.at, unit));
        }
        // What TLS still holds goes first: it cannot be dropped, so there shall be little of it.
        if flow.queue.chunk().is_empty() && !flow.unflushed {
            counters.dropped_out.add(flow.queue.fill(now.at));
        }
        let deadline = [talk.poll_timeout(), flow.deadline()].into_iter().flatten().min();
        tokio::select! {
            () = end.notified() => return Ended::Revoked,
            read = reader.read_buf(flow.inbound.space()), if flow.paused.is_none() => {
                match read {
                    Ok(0) | Err(_) => return Ended::Closed,
                    Ok(bytes) => {
                        let now = clock::now();
                        flow.read(now.at, bytes);
                        match flow.inbound.cut(now.at, |message| talk.take(now, message, &mut out)) {
                            Ok(0) => {}
                            Ok(_) => flow.heard = now.at,
                            Err(ended) => return ended,
                        }
                    }
                }
            }
            wrote = poll_fn(|context| poll_write(Pin::new(&mut writer), flow.queue.chunk(), flow.unflushed, context)) => match wrote {
                Ok(Wrote::Bytes(0)) | Err(_) => return Ended::Closed,
                Ok(Wrote::Bytes(bytes)) => {
                    flow.queue.wrote(bytes);
                    flow.moved = clock::now().at;
                    flow.unflushed = true;
                }
                Ok(Wrote::All) => {
                    flow.moved = clock::now().at;
                    flow.unflushed = false;
                }
            },
            taken = poll_fn(|context| talk.poll_engine(clock::now(), context, &mut out)) => {
                if let Err(ended) = taken {
                    return ended;
                }
            }
            () = at(deadline) => {
                let now = clock::now();
                if let Err(ended) = flow.handle_timeout(now.at).and_then(|()| talk.handle_timeout(now)) {
                    return ended;
                }
            }
        }
    }
}

pub(super) async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

/// What writing has done.
enum Wrote {
    Bytes(usize),
    /// Everything left our hands (TLS keeps what it could not send).
    All,
}

fn poll_write(writer: Pin<&mut impl AsyncWrite>, chunk: &[u8], unflushed: bool, context: &mut Context<'_>) -> Poll<io::Result<Wrote>> {
    if !chunk.is_empty() {
        writer.poll_write(context, chunk).map_ok(Wrote::Bytes)
    } else if unflushed {
        writer.poll_flush(context).map_ok(|()| Wrote::All)
    } else {
        Poll::Pending
    }
}

/// Both directions of one stream and their times.
struct Flow {
    limits: Limits,
    inbound: Inbound,
    queue: Queue,
    bytes: Option<Bucket>,
    /// Not read until then: the client sends too fast.
    paused: Option<Instant>,
    /// When the last whole message came.
    heard: Instant,
    /// When bytes last went out, or the first one began to wait.
    moved: Instant,
    /// Something was written and may still be on its way out of TLS.
    unflushed: bool,
}

impl Flow {
    fn new<T: Talk>(limits: Limits) -> Self {
        let now = clock::now().at;
        Self {
            limits,
            inbound: Inbound::new(T::FRAMING),
            queue: Queue::new(limits.queue_bytes, limits.media_age),
            bytes: None,
            paused: None,
            heard: now,
            moved: now,
            unflushed: false,
        }
    }

    fn push(&mut self, now: Instant, unit: Unit) -> usize {
        if self.queue.is_empty() && !self.unflushed {
            self.moved = now;
        }
        self.queue.push(now, unit)
    }

    fn read(&mut self, now: Instant, bytes: usize) {
        let rate = self.limits.bytes;
        let cost = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        let debt = self.bytes.get_or_insert_with(|| Bucket::new(rate, now)).owe(rate, now, cost);
        self.paused = debt.map(|debt| now + debt);
    }

    /// What is due, and why the stream ends then; nothing when it only goes on.
    fn dues(&self) -> impl Iterator<Item = (Instant, Option<Ended>)> {
        let after = |since: Option<Instant>, time: Duration, ended| since.map(|since| (since + time, Some(ended)));
        let waiting = (self.unflushed || !self.queue.is_empty()).then_some(self.moved);
        [
            after(self.inbound.waiting_since(), self.limits.message_time, Ended::Slow),
            after(Some(self.heard), self.limits.idle_time, Ended::Idle),
            after(waiting, self.limits.stall_time, Ended::Stalled),
            self.paused.map(|until| (until, None)),
        ]
        .into_iter()
        .flatten()
    }

    fn deadline(&self) -> Option<Instant> {
        self.dues().map(|(at, _)| at).min()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Ended> {
        if let Some(ended) = self.dues().find_map(|(at, ended)| ended.filter(|_| at <= now)) {
            return Err(ended);
        }
        self.paused = self.paused.filter(|until| *until > now);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
