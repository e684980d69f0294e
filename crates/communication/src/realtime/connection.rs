//! One socket from its opening to its end: heartbeats, acknowledgements, pushes.
//!
//! * Not here: who may open it (`routes`), what frames look like (`frame`), what is pushed to whom (`fan_out`).
//! * Invariants: an echoed heartbeat is never answered; every event that asks for it is acknowledged; whatever ends the socket does so within a
//!   second, also while a client takes nothing.

use std::time::Duration;

use app::App;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use tokio::time::{Instant, interval_at, sleep_until, timeout};

use super::{
    connections::{End, Place, ended},
    frame::{self, Received},
};

/// How often the server asks whether the client is there. The client counts itself disconnected after [`CLOSE_S`] without a word, so that two
/// heartbeats may be late.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Told in the handshake: a heartbeat comes at least this often.
pub(crate) const HEARTBEAT_S: u32 = 25;
/// Told in the handshake, and held to here: who says nothing for so long is gone.
pub(crate) const CLOSE_S: u32 = 60;
/// How long a client may take to accept one frame.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the goodbye may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// What a client may say of its own accord between two heartbeats, answers to pushes aside. It pings every 40 s; more than this is a defect or an
/// attack, and ends the socket.
const MOST_WORDS: u32 = 120;

/// Serves one socket until it ends.
pub(crate) async fn serve(mut socket: WebSocket, mut place: Place, app: App) {
    let end = Conversation::new(&place, &app).run(&mut socket, &mut place, &app).await;
    tracing::debug!(reason = ?end, "a real-time connection ended");
    let Some(end) = end else { return };
    let close = CloseFrame {
        code: match end {
            End::Revoked | End::Expired => close_code::POLICY,
            End::Unwell | End::Displaced | End::Missed => close_code::AGAIN,
            End::Stopping => close_code::AWAY,
        },
        reason: "".into(),
    };
    drop(timeout(FAREWELL, socket.send(Message::Close(Some(close)))).await);
    drop(place);
}

struct Conversation {
    expiry: Instant,
    silence: Instant,
    number: u64,
    /// Pushes that were not answered yet.
    unanswered: u64,
    words: u32,
}

enum Step {
    Push(std::sync::Arc<str>),
    Heard(String),
    Heartbeat,
    /// The client has shown a newer token.
    Extended,
    Nothing,
    /// The client went, or the server ends it for a reason.
    Over(Option<End>),
}

impl Conversation {
    fn new(place: &Place, app: &App) -> Self {
        Self {
            expiry: expiry(place, app),
            silence: silence(),
            number: 0,
            unanswered: 0,
            words: 0,
        }
    }

    /// Why the server ends it; nothing when the client went.
    async fn run(mut self, socket: &mut WebSocket, place: &mut Place, app: &App) -> Option<End> {
        let path = place.path.clone();
        let mut heartbeats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        for greeting in [frame::CONNECT, frame::CONNECTED] {
            if let Err(end) = say(socket, place, greeting.to_owned()).await {
                return end;
            }
        }
        loop {
            let step = tokio::select! {
                biased;
                end = ended(&mut place.end) => Step::Over(Some(end)),
                Ok(()) = place.expires.changed() => Step::Extended,
                () = sleep_until(self.expiry) => Step::Over(Some(End::Expired)),
                () = sleep_until(self.silence) => Step::Over(Some(End::Unwell)),
                _ = heartbeats.tick() => Step::Heartbeat,
                message = socket.recv() => heard(message),
                push = place.pushes.recv() => push.map_or(Step::Over(Some(End::Missed)), Step::Push),
            };
            let answer = match step {
                Step::Over(end) => return end,
                Step::Heartbeat => {
                    self.words = 0;
                    Some(frame::HEARTBEAT.to_owned())
                }
                Step::Push(body) => {
                    self.number = self.number.wrapping_add(1);
                    self.unanswered = self.unanswered.saturating_add(1);
                    Some(frame::push(self.number, &path, &body))
                }
                Step::Heard(text) => match self.answer(&text) {
                    Ok(answer) => answer,
                    Err(end) => return end,
                },
                Step::Extended => {
                    self.expiry = expiry(place, app);
                    None
                }
                Step::Nothing => None,
            };
            if let Some(answer) = answer
                && let Err(end) = say(socket, place, answer).await
            {
                return end;
            }
        }
    }

    fn answer(&mut self, text: &str) -> Result<Option<String>, Option<End>> {
        self.silence = silence();
        let received = frame::read(text).map_err(|_| Some(End::Unwell))?;
        if received == Received::Reply && self.unanswered > 0 {
            self.unanswered -= 1;
            return Ok(None);
        }
        self.words = self.words.saturating_add(1);
        if self.words > MOST_WORDS {
            return Err(Some(End::Unwell));
        }
        match received {
            Received::Goodbye => Err(None),
            Received::Event { ack: Some(number), name } => Ok(Some(frame::acknowledge(number, &name))),
            Received::Event { ack: None, .. } | Received::Heartbeat | Received::Reply | Received::Other => Ok(None),
        }
    }
}

fn expiry(place: &Place, app: &App) -> Instant {
    let left = place.expires.borrow().saturating_sub(app.now());
    Instant::now() + Duration::from_micros(u64::try_from(left).unwrap_or(0))
}

fn silence() -> Instant {
    Instant::now() + Duration::from_secs(u64::from(CLOSE_S))
}

fn heard(message: Option<Result<Message, axum::Error>>) -> Step {
    match message {
        Some(Ok(Message::Text(text))) => Step::Heard(text.to_string()),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Step::Nothing,
        Some(Ok(Message::Binary(_))) => Step::Over(Some(End::Unwell)),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Step::Over(None),
    }
}

/// Sends a frame, unless the socket has to end meanwhile.
async fn say(socket: &mut WebSocket, place: &mut Place, text: String) -> Result<(), Option<End>> {
    tokio::select! {
        biased;
        end = ended(&mut place.end) => Err(Some(end)),
        sent = timeout(PATIENCE, socket.send(Message::Text(text.into()))) => match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(End::Unwell)),
        },
    }
}
