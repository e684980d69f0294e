//! One call: its phase, its people, its requests.
//!
//! A task (`task`) takes the server's events, keeps the [`View`] up to date, opens the media path on admission and asks for
//! every video it is shown. [`Call`] is the handle. Not here: frames and packets (`media`), the socket (`connection`).

mod task;
mod view;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use wire::{Event, Joined, MediaKind, Reply, Request, RequestBody, Role, Want};

pub use view::{Phase, View};

use crate::connection::Connection;
use crate::error::CallingError;
use crate::media::{MediaCommand, ReceiveStats, SharedStats, Source};

/// Events kept for [`Call::next_event`]; when nobody takes them, further ones are not kept (the view is always up to date).
const EVENTS: usize = 256;
/// Changes of what is sent that may wait.
const MEDIA: usize = 16;

/// A call. It goes on until it ends, is left, or this handle is dropped.
pub struct Call {
    id: String,
    session: String,
    connection: Connection,
    view: watch::Receiver<View>,
    events: mpsc::Receiver<Event>,
    publish: mpsc::Sender<MediaCommand>,
    stats: SharedStats,
}

impl Call {
    pub(crate) fn start(connection: Connection, joined: Joined, incoming: mpsc::Receiver<Event>) -> Self {
        let (changes, view) = watch::channel(View::joined(joined.waiting));
        let (forward, events) = mpsc::channel(EVENTS);
        let (publish, published) = mpsc::channel(MEDIA);
        let stats: SharedStats = Arc::new(Mutex::new(ReceiveStats::default()));
        let task = task::Task::new(connection.clone(), joined.call.clone(), changes, forward, Arc::clone(&stats));
        tokio::spawn(task.run(incoming, published));
        Self {
            id: joined.call,
            session: joined.session,
            connection,
            view,
            events,
            publish,
            stats,
        }
    }

    /// How the server names this call.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How the server names this session.
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Where the call stands.
    pub fn phase(&self) -> Phase {
        self.view.borrow().phase.clone()
    }

    /// Whether there is a connection to the server at the moment. A lost one comes back by itself, with the call on it; media
    /// flows on meanwhile, and what was asked on the lost connection fails with [`CallingError::Disconnected`].
    pub fn is_online(&self) -> bool {
        self.connection.is_online()
    }

    /// Everything known now.
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until the view satisfies the condition; gives it.
    ///
    /// # Errors
    /// [`CallingError::Ended`] when the call ended without it, [`CallingError::Disconnected`] when the connection did.
    pub async fn wait_for(&self, mut condition: impl FnMut(&View) -> bool) -> Result<View, CallingError> {
        let mut view = self.view.clone();
        let found = view
            .wait_for(|view| condition(view) || matches!(view.phase, Phase::Ended(_) | Phase::Lost))
            .await;
        let found = found.map_err(|_| CallingError::Ended)?.clone();
        match &found.phase {
            _ if condition(&found) => Ok(found),
            Phase::Lost => Err(CallingError::Disconnected("during the call".to_owned())),
            _ => Err(CallingError::Ended),
        }
    }

    /// Waits until this participant is in the meeting.
    ///
    /// # Errors
    /// As [`Call::wait_for`].
    pub async fn admitted(&self) -> Result<View, CallingError> {
        self.wait_for(|view| view.phase == Phase::InMeeting).await
    }

    /// The next event as the server sent it, nothing when the call is over.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Sends this in a medium from now on, or stops (nothing). Before admission it is kept and begins then.
    ///
    /// # Errors
    /// [`CallingError::Ended`] when the call is over.
    pub async fn publish(&self, kind: MediaKind, source: Option<Source>) -> Result<(), CallingError> {
        self.publish
            .send(MediaCommand::Send(kind, source))
            .await
            .map_err(|_| CallingError::Ended)
    }

    /// Counters of the media path.
    pub fn receive_stats(&self) -> ReceiveStats {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whole frames received of this publication in the slot that carries it now.
    pub fn frames_of(&self, publication: u32) -> u64 {
        let slots = &self.view.borrow().slots;
        let Some(slot) = slots.values().find(|slot| slot.publication == Some(publication)) else {
            return 0;
        };
        self.receive_stats().slots.get(&slot.mid).map_or(0, |stats| stats.frames)
    }

    /// Replaces the wishes for video; the default is everybody's at a moderate size.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn subscribe(&self, wants: Vec<Want>) -> Result<(), CallingError> {
        self.ask(RequestBody::Subscribe { wants }).await.map(drop)
    }

    /// Leaves, or ends the meeting for everybody.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn leave(&self, for_everyone: bool) -> Result<(), CallingError> {
        self.ask(RequestBody::Leave { for_everyone }).await.map(drop)
    }

    /// Lets people in from the lobby; empty for everybody. Gives how many came in.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn admit(&self, participants: Vec<String>) -> Result<u32, CallingError> {
        match self.ask(RequestBody::Admit { participants }).await? {
            Reply::Admitted { admitted, .. } => Ok(admitted),
            _ => Err(CallingError::Protocol("an admission was not answered as one".to_owned())),
        }
    }

    /// Turns people in the lobby away.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn reject(&self, participants: Vec<String>) -> Result<(), CallingError> {
        self.ask(RequestBody::Reject { participants }).await.map(drop)
    }

    /// Removes somebody.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn remove(&self, participant: String) -> Result<(), CallingError> {
        self.ask(RequestBody::RemoveParticipant { participant }).await.map(drop)
    }

    /// Mutes others; empty for everybody else.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn mute_others(&self, participants: Vec<String>) -> Result<(), CallingError> {
        self.ask(RequestBody::MuteParticipants { participants }).await.map(drop)
    }

    /// Changes somebody's role.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn set_role(&self, participant: String, role: Role) -> Result<(), CallingError> {
        self.ask(RequestBody::SetRole { participant, role }).await.map(drop)
    }

    /// Raises or lowers the own hand.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn raise_hand(&self, raised: bool) -> Result<(), CallingError> {
        let body = if raised {
            RequestBody::RaiseHand
        } else {
            RequestBody::LowerHands { participants: Vec::new() }
        };
        self.ask(body).await.map(drop)
    }

    /// Locks or unlocks the meeting.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn set_locked(&self, locked: bool) -> Result<(), CallingError> {
        self.ask(RequestBody::SetLocked { locked }).await.map(drop)
    }

    /// Asks anything of the protocol in this call.
    ///
    /// # Errors
    /// [`CallingError`].
    pub async fn ask(&self, body: RequestBody) -> Result<Reply, CallingError> {
        Ok(self
            .connection
            .ask(Request {
                call: Some(self.id.clone()),
                body,
            })
            .await?
            .reply)
    }
}
