//! Whether a session's socket is there just now.

use crate::Micros;

/// State of a session's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    /// It is there.
    Live,
    /// It is gone and may come back until then.
    Lost { until: Micros },
}

impl Connection {
    pub(crate) fn is_live(self) -> bool {
        self == Self::Live
    }

    /// When the time of grace ends.
    pub(crate) fn deadline(self) -> Option<Micros> {
        match self {
            Self::Live => None,
            Self::Lost { until } => Some(until),
        }
    }
}
