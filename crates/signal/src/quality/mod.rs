//! The quality record: collects what the engine says of each session's media connections and has it written down.
//!
//! A task of its own, so that neither the engine's threads nor a meeting's task wait for a store: they put a word into a bounded queue. `book`: what is
//! watched and what is due (pure). `totals`: numbers over all sessions, for metrics. Not here: what a record says (`app::quality`), what is measured (the
//! engine).
//! Invariants: the engine's thread only tries to hand over; a reading that is dropped costs detail and no count; the word of a session's
//! beginning or end is never dropped.

mod book;
mod totals;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use app::{
    App,
    ports::StoreResult,
    quality::{QualityLeg, Reading},
};
use meeting::PersonKind;
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::JoinHandle,
    time::Instant,
};

use self::book::Book;
pub use self::totals::{Histogram, Totals};
use crate::media_plane::{EngineBinding, PeerId};

/// Words that wait. An engine reads all its connections at once, 2,000 by default. Full: a reading is dropped, anything else waits in a task.
const WAITING: usize = 4_096;
/// Records written in one transaction; 10 kB each.
const BATCH: usize = 64;
/// Words taken in one turn.
const AT_ONCE: usize = 512;
/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(1);
/// How long a stop waits for what the engine has yet to say.
const LAST_WORDS: Duration = Duration::from_millis(500);

enum Input {
    Opened {
        peer: PeerId,
        leg: Box<QualityLeg>,
    },
    Read {
        peer: PeerId,
        reading: Box<Reading>,
    },
    Withheld {
        peer: PeerId,
        slots: Vec<(String, bool)>,
    },
    Closed {
        peer: PeerId,
    },
    Ended {
        session: String,
    },
    Find {
        held_id: String,
        session: String,
        reply: oneshot::Sender<Option<PeerId>>,
    },
    Flush {
        done: oneshot::Sender<()>,
    },
}

/// Hands words to the task. Cheap to clone; the task ends with the last one.
#[derive(Clone)]
pub(crate) struct Recorder {
    inputs: mpsc::Sender<Input>,
    totals: Arc<Mutex<Totals>>,
    dropped: Arc<AtomicU64>,
    runtime: tokio::runtime::Handle,
}

impl Recorder {
    /// Starts the task; must be called inside a runtime.
    pub(crate) fn start(app: App) -> Self {
        let (inputs, receiver) = mpsc::channel(WAITING);
        let totals = Arc::new(Mutex::new(Totals::default()));
        let task = Task {
            app,
            book: Book::default(),
            totals: Arc::clone(&totals),
            writing: None,
            flush: None,
        };
        tokio::spawn(task.run(receiver));
        Self {
            inputs,
            totals,
            dropped: Arc::default(),
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// A session makes a media connection.
    pub(crate) fn opened(&self, peer: PeerId, leg: QualityLeg) {
        self.hand(Input::Opened { peer, leg: Box::new(leg) });
    }

    /// The engine says how a connection does. Called on the engine's thread.
    pub(crate) fn read(&self, peer: PeerId, reading: Box<Reading>) {
        if self.inputs.try_send(Input::Read { peer, reading }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What these slots of a connection carry is withheld from now on, or not. Called on the engine's thread.
    pub(crate) fn slots(&self, peer: PeerId, bindings: &[EngineBinding]) {
        let slots = bindings.iter().map(|binding| {
            let paused = binding.withheld == Some(wire::Withheld::Paused);
            (binding.mid.clone(), paused && binding.publication.is_some())
        });
        self.hand(Input::Withheld {
            peer,
            slots: slots.collect(),
        });
    }

    /// A connection is taken down or was lost.
    pub(crate) fn closed(&self, peer: PeerId) {
        self.hand(Input::Closed { peer });
    }

    /// A session is over.
    pub(crate) fn ended(&self, session: &str) {
        self.hand(Input::Ended {
            session: session.to_owned(),
        });
    }

    /// The present connection of a session of a held call.
    pub(crate) async fn peer_of(&self, held_id: &str, session: &str) -> Option<PeerId> {
        let (reply, answer) = oneshot::channel();
        let find = Input::Find {
            held_id: held_id.to_owned(),
            session: session.to_owned(),
            reply,
        };
        self.inputs.send(find).await.ok()?;
        answer.await.ok()?
    }

    /// Resolves when everything that is known is written, or could not be.
    pub(crate) async fn flush(&self) {
        let (done, answer) = oneshot::channel();
        if self.inputs.send(Input::Flush { done }).await.is_ok() {
            drop(answer.await);
        }
    }

    /// Numbers over all sessions.
    pub(crate) fn totals(&self) -> Totals {
        Totals {
            readings_dropped: self.dropped.load(Ordering::Relaxed),
            ..self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    fn hand(&self, input: Input) {
        if let Err(TrySendError::Full(input)) = self.inputs.try_send(input) {
            let inputs = self.inputs.clone();
            self.runtime.spawn(async move { drop(inputs.send(input).await) });
        }
    }
}

/// What kind of person it is, as records say.
pub(crate) fn person_name(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Member => "member",
        PersonKind::Guest => "guest",
        PersonKind::Visitor => "visitor",
        PersonKind::Phone => "phone",
        PersonKind::Application => "application",
    }
}

/// A transaction that is under way, and whose records are in it.
type Writing = (Vec<String>, JoinHandle<StoreResult<()>>);

struct Task {
    app: App,
    book: Book,
    totals: Arc<Mutex<Totals>>,
    writing: Option<Writing>,
    /// Who waits for everything to be written, and until when last words are waited for.
    flush: Option<(oneshot::Sender<()>, Instant)>,
}

impl Task {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                taken = inputs.recv_many(&mut batch, AT_ONCE) => {
                    if taken == 0 {
                        return;
                    }
                    batch.drain(..).for_each(|input| self.take(input));
                }
                _ = look.tick(), if !self.book.is_idle() && self.flush.is_none() => {}
                () = flush_by(self.flush.as_ref()), if self.writing.is_none() => self.book.hurry(self.app.now()),
                (sessions, written) = done(&mut self.writing) => self.written(&sessions, written),
            }
            self.write();
            self.publish();
        }
    }

    fn take(&mut self, input: Input) {
        let now = self.app.now();
        match input {
            Input::Opened { peer, leg } => self.book.opened(now, peer, *leg),
            Input::Read { peer, reading } => self.book.read(now, peer, *reading),
            Input::Withheld { peer, slots } => self.book.withheld(now, peer, slots),
            Input::Closed { peer } => self.book.closed(now, peer),
            Input::Ended { session } => self.book.ended(now, &session),
            Input::Find { held_id, session, reply } => drop(reply.send(self.book.peer_of(&held_id, &session))),
            Input::Flush { done } => self.flush = Some((done, Instant::now() + LAST_WORDS)),
        }
    }

    fn written(&mut self, sessions: &[String], written: bool) {
        self.writing = None;
        self.book.settle(self.app.now(), sessions, written);
        // A stop does not wait for a store that fails.
        if !written && let Some((done, _)) = self.flush.take() {
            let _ = done.send(());
        }
    }

    /// Begins to write what is due, unless something is being written.
    fn write(&mut self) {
        let now = self.app.now();
        if self.flush.is_some() && !self.book.waits(now) {
            self.book.hurry(now);
        }
        if self.writing.is_some() {
            return;
        }
        let records = self.book.take_due(now, BATCH);
        if records.is_empty() {
            if !self.book.waits(now)
                && let Some((done, _)) = self.flush.take()
            {
                let _ = done.send(());
            }
            return;
        }
        let sessions = records.iter().map(|record| record.leg.session.clone()).collect();
        let app = self.app.clone();
        let task = tokio::spawn(async move { app.record_quality(&records).await });
        self.writing = Some((sessions, task));
    }

    fn publish(&self) {
        *self.totals.lock().unwrap_or_else(PoisonError::into_inner) = self.book.totals();
    }
}

/// Resolves when a transaction is through, with whether it succeeded; never when none is under way.
async fn done(writing: &mut Option<Writing>) -> (Vec<String>, bool) {
    let Some((sessions, task)) = writing else {
        return std::future::pending().await;
    };
    let written = match task.await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, records = sessions.len(), "records of quality could not be written; tried again soon");
            false
        }
        Err(error) => {
            tracing::error!(%error, "writing records of quality failed");
            false
        }
    };
    (std::mem::take(sessions), written)
}

/// Resolves when last words are waited for no longer.
async fn flush_by(flush: Option<&(oneshot::Sender<()>, Instant)>) {
    match flush {
        Some((_, by)) => tokio::time::sleep_until(*by).await,
        None => std::future::pending().await,
    }
}
