//! The engines of the node: a bounded number of processes, kept for a while between utterances.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::EngineConfig;
use crate::process::Process;
use crate::share::{Place, Share, Shares};
use crate::stats::Stats;

/// How long an engine waits for the next utterance before it ends.
const KEEP: Duration = Duration::from_secs(120);
/// After an engine that could not be started none is started for this long.
const REST: Duration = Duration::from_secs(30);

/// All engines.
pub(crate) struct Pool {
    engine: EngineConfig,
    shares: Arc<Shares>,
    waiting: Mutex<Waiting>,
    stats: Arc<Stats>,
}

#[derive(Default)]
struct Waiting {
    /// The most recently used one last. There are never more engines than places: a new one is started only when none waits.
    engines: Vec<(Process, Instant)>,
    not_before: Option<Instant>,
}

/// An engine for one utterance.
pub(crate) struct Lease {
    pub(crate) process: Process,
    place: Place,
}

impl Pool {
    pub(crate) fn new(engine: EngineConfig, stats: Arc<Stats>) -> Arc<Self> {
        let shares = Shares::new(engine.most);
        Arc::new(Self {
            engine,
            shares,
            waiting: Mutex::default(),
            stats,
        })
    }

    /// A share of the engines for a meeting.
    pub(crate) fn meeting(&self) -> Arc<Share> {
        self.shares.meeting()
    }

    /// An engine, when one is free or may be started, and the meeting's share has room. Does not wait: an utterance that is heard late is of little use.
    pub(crate) fn lease(&self, share: &Arc<Share>) -> Option<Lease> {
        let place = share.take()?;
        let now = Instant::now();
        let mut waiting = self.lock();
        while let Some((mut process, _)) = waiting.engines.pop() {
            if process.is_alive() && process.is_quiet() {
                return Some(Lease { process, place });
            }
            // It died, or spoke of an utterance that is over: nobody could tell its words from those of the next one.
            self.stats.engine_failure();
        }
        if waiting.not_before.is_some_and(|at| at > now) {
            return None;
        }
        match Process::start(&self.engine) {
            Ok(process) => Some(Lease { process, place }),
            Err(error) => {
                waiting.not_before = Some(now + REST);
                drop(waiting);
                self.stats.engine_failure();
                tracing::error!(%error, rest_s = REST.as_secs(), "an engine for captions could not be started");
                None
            }
        }
    }

    /// The engine answered and can hear another utterance, unless it goes on speaking of this one.
    pub(crate) fn give_back(self: &Arc<Self>, lease: Lease) {
        let Lease { mut process, place } = lease;
        if !process.is_quiet() {
            self.stats.engine_failure();
            tracing::warn!("an engine for captions spoke after its final words; it is ended");
            return;
        }
        self.lock().engines.push((process, Instant::now()));
        drop(place);
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(KEEP).await;
            if let Some(pool) = pool.upgrade() {
                pool.lock().engines.retain(|(_, since)| since.elapsed() < KEEP);
            }
        });
    }

    /// The engine failed and is ended. One that dies at once is not started again and again.
    pub(crate) fn failed(&self, lease: Lease) {
        self.stats.engine_failure();
        self.lock().not_before = Some(Instant::now() + REST / 10);
        tracing::warn!("an engine for captions ended or did not answer; its utterance is cut");
        drop(lease);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
