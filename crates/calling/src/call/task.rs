//! The task of a call: events in, media path up, wishes and publications told to the server.

use std::collections::HashMap;

use tokio::sync::{mpsc, watch};
use wire::{Event, MediaKind, Reply, Request, RequestBody, Want};

use super::{Phase, View};
use crate::connection::Connection;
use crate::error::CallingError;
use crate::media::{MediaCommand, Offered, SharedStats, Source};

const MEDIA: usize = 16;
/// What the synthetic sources look like to others.
const WIDTH: u32 = 320;
const HEIGHT: u32 = 180;

pub(super) struct Task {
    connection: Connection,
    call: String,
    view: watch::Sender<View>,
    events: mpsc::Sender<Event>,
    stats: SharedStats,
    sources: HashMap<MediaKind, Source>,
    media: Option<mpsc::Sender<MediaCommand>>,
    wants: Vec<Want>,
    /// What the server could not be told, because the connection was lost: whether a medium is sent.
    untold: HashMap<MediaKind, bool>,
}

impl Task {
    pub(super) fn new(
        connection: Connection,
        call: String,
        view: watch::Sender<View>,
        events: mpsc::Sender<Event>,
        stats: SharedStats,
    ) -> Self {
        Self {
            connection,
            call,
            view,
            events,
            stats,
            sources: HashMap::new(),
            media: None,
            wants: Vec::new(),
            untold: HashMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut incoming: mpsc::Receiver<Event>, mut published: mpsc::Receiver<MediaCommand>) {
        loop {
            let outcome = tokio::select! {
                event = incoming.recv() => match event {
                    Some(event) => self.event(event).await,
                    None => break,
                },
                command = published.recv() => match command {
                    Some(MediaCommand::Send(kind, source)) => self.publish(kind, source).await,
                    // The handle was dropped: leave, so that nobody sees a ghost.
                    None => {
                        let _ = self.ask(RequestBody::Leave { for_everyone: false }).await;
                        break;
                    }
                },
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "a step of the call failed");
            }
            if matches!(self.view.borrow().phase, Phase::Ended(_)) {
                return;
            }
        }
        self.view.send_if_modified(|view| {
            let over = matches!(view.phase, Phase::Ended(_));
            if !over {
                view.phase = Phase::Lost;
            }
            !over
        });
    }

    async fn event(&mut self, event: Event) -> Result<(), CallingError> {
        self.view.send_modify(|view| view.apply(&event));
        let (starts, lost) = (matches!(event, Event::Snapshot { .. }), matches!(event, Event::MediaLost));
        // Nobody may be taking events; the view has it all the same.
        let _ = self.events.try_send(event);
        if lost || self.media.as_ref().is_some_and(mpsc::Sender::is_closed) {
            self.media = None;
        }
        if self.view.borrow().phase != Phase::InMeeting {
            return Ok(());
        }
        if (starts || lost) && self.media.is_none() {
            self.open_media().await?;
        } else if starts {
            // Told anew after a lost connection: the media path is kept, and what was not told is told now.
            self.wants.clear();
            for (kind, active) in std::mem::take(&mut self.untold) {
                self.tell(kind, active).await?;
            }
        }
        self.watch_everybody().await
    }

    async fn open_media(&mut self) -> Result<(), CallingError> {
        let offered = Offered::new(self.connection.local, std::sync::Arc::clone(&self.stats)).await?;
        let body = RequestBody::OfferMedia {
            sdp: offered.sdp.clone(),
            publications: offered.publications.clone(),
            fresh: true,
        };
        let Reply::Media(answer) = self.ask(body).await? else {
            return Err(CallingError::Protocol("an offer was not answered with a description".to_owned()));
        };
        let media = offered.answered(&answer.sdp)?;
        let (commands, queue) = mpsc::channel(MEDIA);
        tokio::spawn(media.run(queue));
        self.media = Some(commands);
        self.wants.clear();
        self.untold.clear();
        for (kind, source) in self.sources.clone() {
            self.send(kind, Some(source)).await?;
        }
        Ok(())
    }

    async fn publish(&mut self, kind: MediaKind, source: Option<Source>) -> Result<(), CallingError> {
        match &source {
            Some(source) => self.sources.insert(kind, source.clone()),
            None => self.sources.remove(&kind),
        };
        self.send(kind, source).await
    }

    async fn send(&mut self, kind: MediaKind, source: Option<Source>) -> Result<(), CallingError> {
        let Some(media) = &self.media else { return Ok(()) };
        let active = source.is_some();
        media
            .send(MediaCommand::Send(kind, source))
            .await
            .map_err(|_| CallingError::Media("the media path is gone".to_owned()))?;
        self.tell(kind, active).await
    }

    async fn tell(&mut self, kind: MediaKind, active: bool) -> Result<(), CallingError> {
        let (width, height) = if matches!(kind, MediaKind::Camera | MediaKind::Screen) {
            (WIDTH, HEIGHT)
        } else {
            (0, 0)
        };
        let told = self.ask(RequestBody::SetPublication {
            kind,
            active,
            width,
            height,
        });
        let told = told.await.map(drop);
        if matches!(told, Err(CallingError::Disconnected(_) | CallingError::Timeout { .. })) {
            self.untold.insert(kind, active);
        } else {
            self.untold.remove(&kind);
        }
        told
    }

    /// Asks for every video there is.
    async fn watch_everybody(&mut self) -> Result<(), CallingError> {
        let wants = self.view.borrow().wants();
        if wants == self.wants || self.media.is_none() {
            return Ok(());
        }
        self.wants.clone_from(&wants);
        let asked = self.ask(RequestBody::Subscribe { wants }).await.map(drop);
        if asked.is_err() {
            self.wants.clear();
        }
        asked
    }

    async fn ask(&self, body: RequestBody) -> Result<Reply, CallingError> {
        Ok(self
            .connection
            .ask(Request {
                call: Some(self.call.clone()),
                body,
            })
            .await?
            .reply)
    }
}
