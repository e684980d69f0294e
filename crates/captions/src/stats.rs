//! Counters of what was heard and what was not.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the start, for metrics and tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaptionStats {
    /// Utterances that an engine heard to their end.
    pub utterances: u64,
    /// Utterances that nobody heard because all engines were busy or none could be started.
    pub utterances_unheard: u64,
    /// Packets dropped because a meeting's queue was full.
    pub packets_dropped: u64,
    /// Half seconds of sound dropped because an engine was too slow.
    pub sound_dropped: u64,
    /// Engines that could not be started, died or did not answer in time.
    pub engine_failures: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Stats {
    utterances: AtomicU64,
    utterances_unheard: AtomicU64,
    packets_dropped: AtomicU64,
    sound_dropped: AtomicU64,
    engine_failures: AtomicU64,
}

/// Counts one; says so in the log at the first, the second, the fourth …: loss is known without filling the log.
fn count(counter: &AtomicU64, what: &'static str) {
    let total = counter.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    if total.is_power_of_two() {
        tracing::warn!(total, what, "captions lose sound");
    }
}

impl Stats {
    pub(crate) fn utterance(&self) {
        self.utterances.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn utterance_unheard(&self) {
        count(&self.utterances_unheard, "utterances without an engine");
    }

    pub(crate) fn packet_dropped(&self) {
        count(&self.packets_dropped, "packets beyond the queue of a meeting");
    }

    pub(crate) fn sound_dropped(&self) {
        count(&self.sound_dropped, "sound beyond the queue of an engine");
    }

    pub(crate) fn engine_failure(&self) {
        self.engine_failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> CaptionStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CaptionStats {
            utterances: read(&self.utterances),
            utterances_unheard: read(&self.utterances_unheard),
            packets_dropped: read(&self.packets_dropped),
            sound_dropped: read(&self.sound_dropped),
            engine_failures: read(&self.engine_failures),
        }
    }
}
