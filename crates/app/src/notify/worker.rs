//! The loop that empties the lines: wakes when something was written or is due, keeps the order within a line, and lets no subscriber delay another.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::{lifetime, shape::NotificationShape};
use crate::App;
use crate::error::AppError;
use crate::model::QueueKey;

/// Lines that are served at once. More wait; each takes 3 seconds at most.
const AT_ONCE: usize = 64;
/// Of these, lines of one application: slow ones of one leave room for the others.
const AT_ONCE_OF_ONE: usize = 8;
/// The longest sleep: a clock that was set is noticed after it.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// After a fault of the store.
const AFTER_FAULT: Duration = Duration::from_secs(2);
/// How long deliveries that run may finish when the server stops; what does not is sent again after the next start.
const GRACE: Duration = Duration::from_secs(3);

impl App {
    /// Delivers until `stop` says so (or its sender is gone). What was not delivered then is delivered after the next start.
    pub async fn run_deliveries(&self, shape: Arc<dyn NotificationShape>, mut stop: watch::Receiver<bool>) {
        let mut worker = Worker::new(self, shape);
        while !*stop.borrow_and_update() {
            let sleep = match worker.start_due().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    tracing::warn!(%error, "notifications wait: the store failed");
                    AFTER_FAULT
                }
            };
            tokio::select! {
                () = self.inner.notifier.wake.notified() => {}
                failed = worker.finish_one() => {
                    if failed {
                        tokio::time::sleep(AFTER_FAULT).await;
                    }
                }
                () = tokio::time::sleep(sleep) => {}
                changed = stop.changed() => {
                    if changed.is_err() {
                        break;
                    }
                }
            }
        }
        let finishing = async { while worker.running.join_next().await.is_some() {} };
        drop(tokio::time::timeout(GRACE, finishing).await);
    }

    /// Delivers everything that is due now, once, as [`App::run_deliveries`] does all the time.
    ///
    /// # Errors
    /// The store failed.
    pub async fn deliver_due(&self, shape: Arc<dyn NotificationShape>) -> Result<(), AppError> {
        let mut worker = Worker::new(self, shape);
        loop {
            worker.start_due().await?;
            if worker.running.is_empty() {
                return Ok(());
            }
            if worker.finish_one().await {
                return Ok(());
            }
        }
    }
}

struct Worker {
    app: App,
    shape: Arc<dyn NotificationShape>,
    running: JoinSet<Result<(), AppError>>,
    /// What runs: the line and its application.
    busy: HashMap<Id, (QueueKey, String)>,
}

impl Worker {
    fn new(app: &App, shape: Arc<dyn NotificationShape>) -> Self {
        Self {
            app: app.clone(),
            shape,
            running: JoinSet::new(),
            busy: HashMap::new(),
        }
    }

    /// Starts what is due as far as there is room; says how long there is nothing more to start unless something ends or comes.
    async fn start_due(&mut self) -> Result<Duration, AppError> {
        self.app.end_expired_subscriptions().await?;
        self.app.remind_subscribers().await?;
        let now = self.app.now();
        // Lines that are served are still due: twice as many as may run leave enough that are not.
        let top = u32::try_from(AT_ONCE_OF_ONE * 2).unwrap_or(u32::MAX);
        for queue in self.app.store().due_queues(now, top).await? {
            if self.busy.len() >= AT_ONCE {
                break;
            }
            let of_one = self
                .busy
                .values()
                .filter(|(_, application)| *application == queue.application_id)
                .count();
            if of_one >= AT_ONCE_OF_ONE || self.busy.values().any(|(key, _)| *key == queue.key) {
                continue;
            }
            let (app, shape) = (self.app.clone(), Arc::clone(&self.shape));
            let (key, application) = (queue.key.clone(), queue.application_id.clone());
            let handle = self.running.spawn(async move { app.try_to_deliver(&*shape, &queue).await });
            self.busy.insert(handle.id(), (key, application));
        }
        let next = self.app.store().next_notification_work(now, lifetime::REMIND_AHEAD).await?;
        let sleep = next.and_then(|next| u64::try_from(next.saturating_sub(now)).ok());
        Ok(sleep.map_or(LONGEST_SLEEP, Duration::from_micros).min(LONGEST_SLEEP))
    }

    /// Waits for a delivery to end; says whether it ended in a fault of ours. Never ends while nothing runs.
    async fn finish_one(&mut self) -> bool {
        let Some(ended) = self.running.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let (id, fault) = match ended {
            Ok((id, Ok(()))) => (id, None),
            Ok((id, Err(error))) => (id, Some(error.to_string())),
            Err(error) => (error.id(), Some(error.to_string())),
        };
        self.busy.remove(&id);
        if let Some(fault) = &fault {
            tracing::error!(
                fault,
                "a notification could not be delivered for a fault of this server; it is tried again"
            );
        }
        fault.is_some()
    }
}
