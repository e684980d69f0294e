//! Captures of the headers of one session's packets, for support. What is kept of a packet is decided in the engine (`media::capture`), who may ask in
//! `app::quality`.
//!
//! Owns the files, in a folder of the data directory; a restart forgets and deletes them. Bounded: a capture lasts [`MOST_SECONDS`] and has 50 MB at most,
//! [`MOST_RUNNING`] run at a time, [`MOST_KEPT`] files are kept, for [`KEPT`].

mod limit;
mod writing;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use aws_lc_rs::rand;
use media::{Engine, PeerId};
use signal::Hub;
use tokio::sync::watch;

use self::writing::Shared;
pub(crate) use self::writing::{Ended, Progress};

/// How long a capture may last.
pub(crate) const MOST_SECONDS: u32 = 300;
/// Captures at a time; each costs the engine's thread a little.
const MOST_RUNNING: usize = 4;
/// Files. Full: nothing new is begun until one is deleted.
const MOST_KEPT: usize = 20;
/// How long a file is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// What a capture is of, and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Info {
    pub(crate) id: String,
    pub(crate) call: String,
    pub(crate) session: String,
    pub(crate) started: SystemTime,
    pub(crate) seconds: u32,
    pub(crate) progress: Progress,
}

/// Why a capture is not begun, or not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaptureError {
    #[error("The session has no media connection now, so there is nothing to capture.")]
    NotConnected,
    #[error("A capture of this session runs already; stop it first.")]
    Running,
    #[error("Too many captures run or are kept; delete some first.")]
    TooMany,
    #[error("There is no such capture.")]
    Unknown,
    #[error("The capture still runs; stop it first.")]
    NotOver,
    #[error("the file of a capture: {0}")]
    File(#[from] std::io::Error),
}

/// All captures. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Captures(Arc<Inner>);

struct Inner {
    engine: Engine,
    hub: Hub,
    folder: PathBuf,
    entries: Mutex<BTreeMap<String, Entry>>,
}

struct Entry {
    info: Info,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    /// Says when the file is whole.
    over: watch::Receiver<bool>,
}

impl Entry {
    fn info(&self) -> Info {
        Info {
            progress: self.shared.progress(),
            ..self.info.clone()
        }
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }
}

impl Captures {
    /// Empties the folder of what an earlier run left there.
    pub(crate) fn open(engine: Engine, hub: Hub, folder: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        for file in std::fs::read_dir(&folder)?.flatten() {
            if file.path().extension().is_some_and(|extension| extension == "pcap") {
                std::fs::remove_file(file.path())?;
            }
        }
        Ok(Self(Arc::new(Inner {
            engine,
            hub,
            folder,
            entries: Mutex::default(),
        })))
    }

    /// Begins to capture the present media connection of a session.
    pub(crate) async fn start(&self, call: &str, session: &str, seconds: u32) -> Result<Info, CaptureError> {
        let peer = self.0.hub.peer_of(call, session).await.ok_or(CaptureError::NotConnected)?;
        let peer = PeerId(peer.0);
        let id = name().ok_or_else(|| std::io::Error::other("the system has no randomness"))?;
        let (stop, stopped) = watch::channel(false);
        let (whole, over) = watch::channel(false);
        let shared = Arc::<Shared>::default();
        let info = Info {
            id: id.clone(),
            call: call.to_owned(),
            session: session.to_owned(),
            started: SystemTime::now(),
            seconds: seconds.clamp(1, MOST_SECONDS),
            progress: Progress::default(),
        };
        let path = self.path(&id);
        {
            let mut entries = self.entries();
            let running = || entries.values().filter(|entry| !entry.is_over());
            if running().any(|entry| entry.info.session == session) {
                return Err(CaptureError::Running);
            }
            if running().count() >= MOST_RUNNING || entries.len() >= MOST_KEPT {
                return Err(CaptureError::TooMany);
            }
            let entry = Entry {
                info: info.clone(),
                shared: Arc::clone(&shared),
                stop,
                over,
            };
            entries.insert(id.clone(), entry);
        }
        let file = match tokio::task::spawn_blocking(move || writing::create(&path)).await {
            Ok(Ok(file)) => file,
            failed => {
                self.entries().remove(&id);
                return Err(CaptureError::File(failed.map_or_else(std::io::Error::other, |file| {
                    file.err().unwrap_or_else(|| std::io::Error::other("not made"))
                })));
            }
        };
        let (tap, records) = writing::tap(&shared);
        self.0.engine.capture(peer, Some(tap));
        let engine = self.0.engine.clone();
        let time = Duration::from_secs(info.seconds.into());
        tokio::spawn(async move {
            let ended = writing::run(file, shared, records, time, stopped).await;
            engine.capture(peer, None);
            whole.send_replace(true);
            tracing::info!(?ended, "a capture is over");
        });
        Ok(info)
    }

    /// All of them.
    pub(crate) fn list(&self) -> Vec<Info> {
        self.entries().values().map(Entry::info).collect()
    }

    /// One of them.
    pub(crate) fn info(&self, id: &str) -> Result<Info, CaptureError> {
        self.entries().get(id).map(Entry::info).ok_or(CaptureError::Unknown)
    }

    /// Ends it, if it runs, and waits for its file to be whole.
    pub(crate) async fn stop(&self, id: &str) -> Result<Info, CaptureError> {
        let mut over = {
            let entries = self.entries();
            let entry = entries.get(id).ok_or(CaptureError::Unknown)?;
            entry.stop.send_replace(true);
            entry.over.clone()
        };
        // A writer that is gone is over, too.
        drop(over.wait_for(|over| *over).await);
        self.info(id)
    }

    /// The file of one that is over: 50 MB at most.
    pub(crate) async fn read(&self, id: &str) -> Result<Vec<u8>, CaptureError> {
        if !self.entries().get(id).ok_or(CaptureError::Unknown)?.is_over() {
            return Err(CaptureError::NotOver);
        }
        Ok(tokio::fs::read(self.path(id)).await?)
    }

    /// Ends it, if it runs, and deletes its file.
    pub(crate) async fn delete(&self, id: &str) -> Result<(), CaptureError> {
        self.stop(id).await?;
        match tokio::fs::remove_file(self.path(id)).await {
            // Somebody was faster.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            outcome => outcome?,
        }
        self.entries().remove(id);
        Ok(())
    }

    /// Deletes what was kept long enough.
    pub(crate) async fn sweep(&self) -> Result<(), CaptureError> {
        let old = |entry: &Entry| entry.is_over() && entry.info.started.elapsed().is_ok_and(|age| age > KEPT);
        let ids: Vec<String> = self
            .entries()
            .iter()
            .filter(|(_, entry)| old(entry))
            .map(|(id, _)| id.clone())
            .collect();
        let mut outcome = Ok(());
        for id in ids {
            // One that cannot be deleted keeps no others.
            outcome = outcome.and(self.delete(&id).await);
        }
        outcome
    }

    fn path(&self, id: &str) -> PathBuf {
        path_in(&self.0.folder, id)
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names are ours, and looked up before they become part of a path.
fn path_in(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.pcap"))
}

/// A name that cannot be guessed.
fn name() -> Option<String> {
    let mut bytes = [0_u8; 12];
    rand::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
