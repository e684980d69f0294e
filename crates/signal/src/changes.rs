//! Carries what the use cases changed into the live meetings (law 6: policy acts now; law 4: a removal sticks).

use app::Change;
use meeting::MeetingSettings;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{
    host::{HostHandle, HostInput},
    hub::Hub,
};

/// Follows until the use cases are gone.
pub(crate) async fn follow(hub: Hub, mut changes: Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::MeetingChanged { thread_id }) => {
                if let Some(host) = hub.live(&thread_id) {
                    refresh(&hub, host).await;
                }
            }
            Ok(Change::MeetingDeleted { thread_id }) => {
                if let Some(host) = hub.live(&thread_id) {
                    host.deliver(HostInput::Deleted);
                }
            }
            Ok(Change::IdentityRevoked { raw_id }) => hub.revoke(&raw_id),
            Ok(Change::SettingsChanged) => refresh_all(&hub).await,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "changes came faster than they were carried on; every meeting and socket is checked again"
                );
                refresh_all(&hub).await;
                // Every token is checked again when its socket comes back; sessions are resumed.
                hub.register().end_all(meeting::Refusal::SessionLost);
            }
            Err(RecvError::Closed) => return,
        }
    }
}

async fn refresh_all(hub: &Hub) {
    for host in hub.all_live() {
        refresh(hub, host).await;
    }
}

/// Gives the meeting the settings that are in the store now.
pub(crate) async fn refresh(hub: &Hub, host: HostHandle) {
    match hub.app().settings_of(&host.thread_id).await {
        Ok(settings) => host.deliver(HostInput::Settings(Box::<MeetingSettings>::new(settings))),
        Err(app::AppError::NotFound { .. }) => host.deliver(HostInput::Deleted),
        Err(error) => tracing::error!(%error, "the settings of a live meeting could not be read; it goes on with the old ones"),
    }
}
