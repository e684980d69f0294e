//! Streams through a pipe, with a clock that jumps to whatever is waited for.

use std::collections::VecDeque;

use tokio::io::{AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;

use super::*;
use crate::budget::Rate;
use crate::frame::{Content, Framing};
use crate::turn::Now;

const SECOND: Duration = Duration::from_secs(1);

/// Echoes, or says what it was told to say as soon as it is asked.
#[derive(Default)]
struct Echo {
    says: VecDeque<Vec<u8>>,
}

impl Talk for Echo {
    const FRAMING: Framing = Framing::Lengths;

    fn take(&mut self, _: Now, message: &[u8], out: &mut Vec<Unit>) -> Result<(), Ended> {
        out.push(Unit {
            bytes: message.to_vec(),
            content: Content::of(message),
        });
        Ok(())
    }

    fn poll_engine(&mut self, _: Now, _: &mut Context<'_>, out: &mut Vec<Unit>) -> Poll<Result<(), Ended>> {
        match self.says.pop_front() {
            None => Poll::Pending,
            Some(bytes) => {
                let content = Content::of(&bytes);
                out.push(Unit { bytes, content });
                Poll::Ready(Ok(()))
            }
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn handle_timeout(&mut self, _: Now) -> Result<(), Ended> {
        Ok(())
    }
}

struct Pipe {
    client: DuplexStream,
    carried: JoinHandle<Ended>,
    counters: Arc<Counters>,
}

fn limits() -> Limits {
    Limits {
        message_time: 10 * SECOND,
        idle_time: 60 * SECOND,
        stall_time: 20 * SECOND,
        ..Limits::relay()
    }
}

fn carried(limits: Limits, says: Vec<Vec<u8>>) -> Pipe {
    let (client, server) = tokio::io::duplex(1024);
    let counters = Arc::new(Counters::default());
    let carried = tokio::spawn({
        let (end, counters) = (Arc::new(Notify::new()), Arc::clone(&counters));
        let echo = Echo { says: says.into() };
        async move { carry(server, echo, end, limits, &counters).await }
    });
    Pipe { client, carried, counters }
}

async fn read(pipe: &mut Pipe, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    pipe.client.read_exact(&mut read).await.unwrap();
    read
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_a_byte_a_minute_is_disconnected_and_one_that_sends_whole_messages_is_not() {
    let start = tokio::time::Instant::now();
    let mut pipe = carried(limits(), Vec::new());
    pipe.client.write_all(&[0]).await.unwrap();
    assert_eq!(pipe.carried.await.unwrap(), Ended::Slow);
    assert_eq!(start.elapsed().as_secs(), 10);

    let mut pipe = carried(limits(), Vec::new());
    for _ in 0..10 {
        // A part of the next message comes along each time; its time begins with it.
        pipe.client.write_all(&[0, 1, 7, 0]).await.unwrap();
        assert_eq!(read(&mut pipe, 1).await, [7]);
        tokio::time::advance(9 * SECOND).await;
        pipe.client.write_all(&[1, 7]).await.unwrap();
        assert_eq!(read(&mut pipe, 1).await, [7]);
    }
    drop(pipe.client);
    assert_eq!(pipe.carried.await.unwrap(), Ended::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_silent_is_disconnected_after_its_last_message() {
    let mut pipe = carried(limits(), Vec::new());
    tokio::time::advance(50 * SECOND).await;
    pipe.client.write_all(&[0, 1, 7]).await.unwrap();
    read(&mut pipe, 1).await;
    let heard = tokio::time::Instant::now();
    assert_eq!(pipe.carried.await.unwrap(), Ended::Idle);
    assert_eq!(heard.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_announces_what_is_not_taken_is_disconnected_at_once() {
    let start = tokio::time::Instant::now();
    let mut pipe = carried(limits(), Vec::new());
    pipe.client.write_all(&[0xFF, 0xFF]).await.unwrap();
    assert_eq!(pipe.carried.await.unwrap(), Ended::Broken);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_nothing_is_disconnected_and_one_that_reads_late_is_not() {
    let says = || vec![vec![1; 100_000]];
    let pipe = carried(limits(), says());
    let start = tokio::time::Instant::now();
    assert_eq!(pipe.carried.await.unwrap(), Ended::Stalled);
    assert_eq!(start.elapsed().as_secs(), 20);

    let mut pipe = carried(limits(), says());
    for _ in 0..2 {
        tokio::time::sleep(19 * SECOND).await;
        read(&mut pipe, 50_000).await;
    }
    drop(pipe.client);
    assert_eq!(pipe.carried.await.unwrap(), Ended::Closed);
}

#[tokio::test(start_paused = true)]
async fn media_is_dropped_oldest_first_for_a_client_that_reads_slowly() {
    let says = (0..=255).map(|n| [vec![0x80], vec![n; 1000]].concat()).collect();
    let mut pipe = carried(
        Limits {
            queue_bytes: 10 * 1001,
            ..limits()
        },
        says,
    );
    // All is queued before anything is read.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let dropped = usize::try_from(pipe.counters.read(0, 0).dropped_out).unwrap();
    assert!(dropped > 200, "{dropped}");
    let mut came = Vec::new();
    for _ in 0..256 - dropped {
        came.push(read(&mut pipe, 1001).await[1]);
    }
    assert!(came.is_sorted(), "{came:?}");
    assert_eq!(came[came.len() - 10..], (246..=255).collect::<Vec<u8>>());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_too_fast_is_read_no_faster_than_its_rate() {
    let rate = Rate {
        per_second: 1000.0,
        burst: 1000.0,
    };
    let mut pipe = carried(Limits { bytes: rate, ..limits() }, Vec::new());
    let start = tokio::time::Instant::now();
    for _ in 0..110 {
        let message = [&100_u16.to_be_bytes()[..], &[0x80; 100]].concat();
        pipe.client.write_all(&message).await.unwrap();
        assert_eq!(read(&mut pipe, 100).await, [0x80; 100]);
    }
    // 11220 bytes, of which a thousand are free.
    assert!((9..=11).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_end_ends() {
    let (_client, server) = tokio::io::duplex(64);
    let end = Arc::new(Notify::new());
    end.notify_one();
    assert_eq!(
        carry(server, Echo::default(), end, limits(), &Counters::default()).await,
        Ended::Revoked
    );
}
