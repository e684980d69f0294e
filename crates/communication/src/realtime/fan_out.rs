//! Carries chat events to the sockets of their recipients, and revocations to the sockets that they end.

use std::sync::Arc;

use app::{Change, chat::ChatEvent};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    connections::{Connections, End},
    push,
};

/// Runs for the life of the application. Waits for nothing but news: a socket that is slow is ended, never waited for.
pub(crate) async fn run(connections: Connections, mut events: Receiver<Arc<ChatEvent>>, mut changes: Receiver<Change>) {
    loop {
        tokio::select! {
            biased;
            change = changes.recv() => match change {
                Ok(Change::IdentityRevoked { raw_id }) => connections.end(&raw_id, End::Revoked),
                Ok(Change::ApplicationDeleted { client_id }) => connections.end_client(&client_id, End::Revoked),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "changes came faster than they were carried on; every real-time connection shows its token again");
                    connections.end_all(End::Missed);
                }
                Err(RecvError::Closed) => return,
            },
            event = events.recv() => match event {
                Ok(event) => tell(&connections, &event),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "chat events came faster than they were carried on; clients connect again and list what they missed");
                    connections.end_all(End::Missed);
                }
                Err(RecvError::Closed) => return,
            },
        }
    }
}

fn tell(connections: &Connections, event: &ChatEvent) {
    for recipient in event.recipients.iter().filter(|recipient| connections.has(recipient)) {
        if let Some(body) = push::body(event, recipient) {
            connections.tell(recipient, &Arc::from(body));
        }
    }
}
