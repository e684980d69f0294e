//! Carries what the use cases changed into the live meetings (law 6: policy acts now; law 4: a removal sticks).

use app::Change;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{host::HostInput, hub::Hub};

/// Follows for the life of the process. Never waits for the store or a meeting, so that a revocation is not held up: each
/// meeting reads its new settings itself.
pub(crate) async fn follow(hub: Hub, mut changes: Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::MeetingChanged { thread_id }) => {
                if let Some(host) = hub.live(&thread_id) {
                    host.deliver(HostInput::Refresh);
                }
            }
            Ok(Change::MeetingDeleted { thread_id }) => {
                if let Some(host) = hub.live(&thread_id) {
                    host.deliver(HostInput::Deleted);
                }
            }
            Ok(Change::IdentityRevoked { raw_id }) => hub.revoke(&raw_id),
            Ok(Change::ApplicationDeleted { client_id }) => hub.revoke_client(&client_id),
            Ok(Change::SettingsChanged) => refresh_all(&hub),
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "changes came faster than they were carried on; every meeting and socket is checked again"
                );
                refresh_all(&hub);
                // Every token is checked again when its socket comes back; sessions are resumed.
                hub.register().end_all(meeting::Refusal::SessionLost);
            }
            Err(RecvError::Closed) => return,
        }
    }
}

fn refresh_all(hub: &Hub) {
    for host in hub.all_live() {
        host.deliver(HostInput::Refresh);
    }
}
