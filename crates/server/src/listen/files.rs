//! Every connection is an open file: asks the system for as many as the connections need.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files for everything but connections: the store, listeners, media, logs.
const OTHERS: usize = 256;

/// How many of the wanted connections can be open at once, after the process raised its own limit as far as it may.
pub(crate) fn fitting(wanted: usize) -> usize {
    let needed = wanted.saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    // No number means no limit.
    let enough = |files: Option<u64>| files.is_none_or(|files| usize::try_from(files).unwrap_or(usize::MAX) >= needed);
    if enough(limit.current) {
        return wanted;
    }
    let current = if enough(limit.maximum) {
        u64::try_from(needed).ok()
    } else {
        limit.maximum
    };
    let raised = setrlimit(Resource::Nofile, Rlimit { current, ..limit });
    let files = if raised.is_ok() { current } else { limit.current };
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    let fitting = files.saturating_sub(OTHERS).clamp(1, wanted);
    if fitting < wanted {
        tracing::warn!(
            connections = fitting,
            wanted,
            "the limit of open files allows fewer connections; raise it"
        );
    }
    fitting
}
