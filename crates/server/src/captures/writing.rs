//! One capture while it runs: headers from the engine into a file, until one of its ends.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use media::capture::{HeaderTap, pcap};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::limit::Rate;

/// Most of a file.
pub(super) const MOST_BYTES: u64 = 50 * 1024 * 1024;
/// Records that wait to be written. Full: the newest is dropped and counted.
const WAITING: usize = 4_096;
/// Records taken at once.
const AT_ONCE: usize = 512;
/// Bytes that are written at once.
const CHUNK: usize = 64 * 1024;

/// Why a capture ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ended {
    /// Its time was over.
    Time,
    /// Its file was full.
    Size,
    /// Somebody stopped it.
    Stopped,
    /// The media connection is gone.
    Connection,
    /// The file could not be written.
    Failed,
}

/// How far a capture is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) headers: u64,
    pub(crate) bytes: u64,
    /// Headers beyond the rate or the queue.
    pub(crate) dropped: u64,
    pub(crate) ended: Option<Ended>,
}

/// What the tap and the writer share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    progress: Mutex<Progress>,
    dropped: AtomicU64,
    rate: Rate,
}

impl Shared {
    pub(super) fn progress(&self) -> Progress {
        Progress {
            dropped: self.dropped.load(Ordering::Relaxed),
            ..*self.progress.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    fn set(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Takes headers on the engine's thread.
pub(super) fn tap(shared: &Arc<Shared>) -> (HeaderTap, mpsc::Receiver<Vec<u8>>) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let shared = Arc::clone(shared);
    let tap = HeaderTap(Arc::new(move |captured| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let taken = shared.rate.takes(now.as_secs()) && {
            let mut record = Vec::with_capacity(64 + captured.kept.len());
            pcap::record(&mut record, now, &captured);
            sender.try_send(record).is_ok()
        };
        if !taken {
            shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }));
    (tap, receiver)
}

/// Makes the file, which only its owner can read.
pub(super) fn create(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&pcap::file_header())?;
    Ok(file)
}

/// Writes what comes until the first of its ends.
pub(super) async fn run(
    file: File,
    shared: Arc<Shared>,
    mut records: mpsc::Receiver<Vec<u8>>,
    time: Duration,
    mut stop: watch::Receiver<bool>,
) -> Ended {
    let until = Instant::now() + time;
    let mut writer = Writer {
        file: Some(file),
        buffer: Vec::with_capacity(CHUNK),
        written: pcap::file_header().len() as u64,
    };
    shared.set(|progress| progress.bytes = writer.written);
    let mut batch = Vec::new();
    let ended = loop {
        tokio::select! {
            taken = records.recv_many(&mut batch, AT_ONCE) => {
                if taken == 0 {
                    break Ended::Connection;
                }
                let mut headers = 0;
                let full = batch.drain(..).any(|record| {
                    let fits = writer.take(&record);
                    headers += u64::from(fits);
                    !fits
                });
                shared.set(|progress| {
                    progress.headers += headers;
                    progress.bytes = writer.total();
                });
                if full {
                    break Ended::Size;
                }
                if writer.buffer.len() >= CHUNK && !writer.flush().await {
                    break Ended::Failed;
                }
            }
            () = tokio::time::sleep_until(until) => break Ended::Time,
            () = asked(&mut stop) => break Ended::Stopped,
        }
    };
    let ended = if writer.flush().await { ended } else { Ended::Failed };
    shared.set(|progress| progress.ended = Some(ended));
    ended
}

/// Resolves when somebody asks for the end; nobody left who could is one, too.
async fn asked(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

struct Writer {
    /// Gone once it failed.
    file: Option<File>,
    buffer: Vec<u8>,
    written: u64,
}

impl Writer {
    fn total(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// False when the file is full.
    fn take(&mut self, record: &[u8]) -> bool {
        let fits = self.total() + record.len() as u64 <= MOST_BYTES;
        if fits {
            self.buffer.extend_from_slice(record);
        }
        fits
    }

    /// Writes what waits, on a thread that may block.
    async fn flush(&mut self) -> bool {
        let Some(mut file) = self.file.take() else { return false };
        let buffer = std::mem::take(&mut self.buffer);
        self.written += buffer.len() as u64;
        let written = tokio::task::spawn_blocking(move || file.write_all(&buffer).map(|()| file)).await;
        match written {
            Ok(Ok(file)) => {
                self.file = Some(file);
                true
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a capture could not be written");
                false
            }
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use media::capture::Captured;

    use super::*;

    fn captured(kept: &[u8]) -> Captured<'_> {
        Captured {
            incoming: true,
            local: "192.0.2.1:40000".parse().expect("an address"),
            remote: "198.51.100.7:50000".parse().expect("an address"),
            kept,
            length: 1_200,
        }
    }

    async fn ended(
        shared: &Arc<Shared>,
        records: mpsc::Receiver<Vec<u8>>,
        path: &Path,
        time: Duration,
        stop: watch::Receiver<bool>,
    ) -> (Ended, Vec<u8>) {
        let file = create(path).expect("a file");
        let ended = run(file, Arc::clone(shared), records, time, stop).await;
        let bytes = std::fs::read(path).expect("it is there");
        let progress = shared.progress();
        assert_eq!((progress.bytes, progress.ended), (bytes.len() as u64, Some(ended)));
        (ended, bytes)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_is_tapped_is_in_the_file_when_the_connection_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = Arc::<Shared>::default();
        let (tap, records) = tap(&shared);
        let (_stop, stopped) = watch::channel(false);
        for _ in 0..3 {
            (tap.0)(captured(&[0x90, 0x6F, 1, 2]));
        }
        drop(tap);
        let (ended, bytes) = ended(&shared, records, &folder.path().join("a"), LONG, stopped).await;
        assert_eq!((ended, bytes.len()), (Ended::Connection, 24 + 3 * 48));
        assert_eq!((shared.progress().headers, shared.progress().dropped), (3, 0));
    }

    #[tokio::test]
    async fn time_and_a_word_end_it_while_the_connection_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = Arc::<Shared>::default();
        let (tap, records) = tap(&shared);
        let (stop, stopped) = watch::channel(false);
        assert_eq!(
            ended(&shared, records, &folder.path().join("a"), Duration::ZERO, stopped.clone())
                .await
                .0,
            Ended::Time
        );
        drop(tap);
        let (_tap, records) = super::tap(&shared);
        stop.send_replace(true);
        assert_eq!(
            ended(&shared, records, &folder.path().join("b"), LONG, stopped).await.0,
            Ended::Stopped
        );
    }

    #[tokio::test]
    async fn a_file_that_is_full_ends_it_and_is_no_longer_than_it_may_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = Arc::<Shared>::default();
        let (sender, records) = mpsc::channel(WAITING);
        let (_stop, stopped) = watch::channel(false);
        let record = vec![7; 1024 * 1024];
        let sending = tokio::spawn(async move { while sender.send(record.clone()).await.is_ok() {} });
        let (ended, bytes) = ended(&shared, records, &folder.path().join("a"), LONG, stopped).await;
        sending.await.expect("it ends");
        assert_eq!(ended, Ended::Size);
        assert!(
            bytes.len() as u64 <= MOST_BYTES && bytes.len() as u64 > MOST_BYTES - 2 * 1024 * 1024,
            "{}",
            bytes.len()
        );
    }

    #[tokio::test]
    async fn a_full_queue_drops_and_counts() {
        let shared = Arc::<Shared>::default();
        let (tap, _records) = tap(&shared);
        for _ in 0..WAITING + 10 {
            (tap.0)(captured(&[0x90]));
        }
        assert_eq!(shared.progress().dropped, 10);
    }

    #[test]
    fn a_file_is_its_owners_alone_and_never_taken_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        drop(create(&path).expect("a file"));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("it is there").permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert!(create(&path).is_err());
    }
}
