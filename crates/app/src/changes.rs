//! What changed, told to running meetings after it was committed (persist, then announce).

use crate::App;

/// How many changes a slow receiver may be behind. When it is further behind it gets `Lagged` and must re-read everything it holds.
pub const CAPACITY: usize = 1024;

/// Something changed; whoever holds a copy reads it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A meeting's facts or options, or the times and people of a room.
    MeetingChanged {
        /// Which; of a room, the key of its call.
        thread_id: String,
    },
    /// A meeting or room was deleted.
    MeetingDeleted {
        /// Which.
        thread_id: String,
    },
    /// Tokens of an identity were revoked, it was deleted, or a member was disabled.
    IdentityRevoked {
        /// Whose.
        raw_id: String,
    },
    /// An application was deleted, and with it every token that was issued through it.
    ApplicationDeleted {
        /// Which.
        client_id: String,
    },
    /// Tenant settings or the meeting policy; concerns every meeting.
    SettingsChanged,
}

impl App {
    /// Changes from now on. A receiver that is more than [`CAPACITY`] behind gets `RecvError::Lagged`: it must treat everything as changed.
    #[must_use]
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<Change> {
        self.inner.changes.subscribe()
    }

    /// Tells everybody; call it only after the commit.
    pub(crate) fn announce(&self, change: Change) {
        // An error only says that nobody listens.
        let _ = self.inner.changes.send(change);
    }
}
