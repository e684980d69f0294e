//! The WebSocket: requests that always settle, events handed to their calls, the heartbeat.
//!
//! Owns the socket in one task. Not here: what an event means (`call`). Every request settles: with its answer, by the time
//! limit, or when the connection ends. A call that does not take its events ([`EVENTS`] waiting) is ended, so that one slow
//! call cannot stop the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;
use wire::{ClientFrame, Event, Hello, Outcome, Reply, Request, ServerFrame, Welcome};

use crate::error::CallingError;
use crate::tls::{Stream, Trust, open};

/// Requests that may wait to be sent; a caller beyond that waits.
const REQUESTS: usize = 64;
/// Events of one call that may wait to be taken.
const EVENTS: usize = 1_024;
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// An answer; a join brings the events of its call along.
pub(crate) struct Settled {
    pub(crate) reply: Reply,
    pub(crate) events: Option<mpsc::Receiver<Event>>,
}

struct Asked {
    request: Request,
    answer: oneshot::Sender<Result<Settled, CallingError>>,
}

/// The handle of a connection; the socket closes when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Connection {
    asked: mpsc::Sender<Asked>,
    pub(crate) local: IpAddr,
}

impl Connection {
    pub(crate) async fn open(url: &Url, hello: Hello, trust: &Trust) -> Result<(Self, Welcome), CallingError> {
        timeout(ANSWER_WITHIN, Self::greet(url, hello, trust))
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    async fn greet(url: &Url, hello: Hello, trust: &Trust) -> Result<(Self, Welcome), CallingError> {
        let failed = |detail: String| CallingError::Connect {
            url: url.to_string(),
            detail,
        };
        let (stream, local) = open(url, trust).await?;
        let mut limits = WebSocketConfig::default();
        limits.max_message_size = Some(wire::MAX_FRAME_BYTES);
        limits.max_frame_size = Some(wire::MAX_FRAME_BYTES);
        let opened = tokio_tungstenite::client_async_with_config(url.as_str(), stream, Some(limits)).await;
        let (mut socket, _) = opened.map_err(|error| failed(error.to_string()))?;
        send(&mut socket, &ClientFrame::Hello(hello)).await?;
        loop {
            match receive(&mut socket).await? {
                ServerFrame::Welcome(welcome) => {
                    let (asked, requests) = mpsc::channel(REQUESTS);
                    let heartbeat = Duration::from_millis(u64::from(welcome.heartbeat_ms.max(1_000)));
                    tokio::spawn(
                        Line {
                            socket,
                            requests,
                            heartbeat,
                            open: HashMap::new(),
                            calls: HashMap::new(),
                            next: 0,
                        }
                        .run(),
                    );
                    return Ok((Self { asked, local }, welcome));
                }
                ServerFrame::Closing { refusal } => return Err(refusal.into()),
                ServerFrame::Pong => {}
                ServerFrame::Response { .. } | ServerFrame::Event { .. } => {
                    return Err(CallingError::Protocol("the first frame was no welcome".to_owned()));
                }
            }
        }
    }

    pub(crate) async fn ask(&self, request: Request) -> Result<Settled, CallingError> {
        let (answer, settled) = oneshot::channel();
        let gone = || CallingError::Disconnected("it was closed".to_owned());
        self.asked.send(Asked { request, answer }).await.map_err(|_| gone())?;
        match timeout(ANSWER_WITHIN, settled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(late()),
        }
    }
}

fn late() -> CallingError {
    CallingError::Timeout {
        seconds: ANSWER_WITHIN.as_secs(),
    }
}

struct Line {
    socket: WebSocketStream<Stream>,
    requests: mpsc::Receiver<Asked>,
    heartbeat: Duration,
    open: HashMap<u32, oneshot::Sender<Result<Settled, CallingError>>>,
    calls: HashMap<String, mpsc::Sender<Event>>,
    next: u32,
}

impl Line {
    async fn run(mut self) {
        let ended = match self.talk().await {
            Ok(()) => CallingError::Disconnected("it was closed".to_owned()),
            Err(error) => error,
        };
        tracing::debug!(error = %ended, "signalling ended");
        for (_, answer) in self.open.drain() {
            // Whoever asked may no longer wait.
            let _ = answer.send(Err(ended.clone()));
        }
        let _ = self.socket.close(None).await;
    }

    async fn talk(&mut self) -> Result<(), CallingError> {
        let mut heard = Instant::now();
        let mut spoke = Instant::now();
        loop {
            let next = (spoke + self.heartbeat).min(heard + self.heartbeat * 2);
            tokio::select! {
                asked = self.requests.recv() => {
                    let Some(Asked { request, answer }) = asked else { return Ok(()) };
                    self.next = self.next.wrapping_add(1);
                    self.open.retain(|_, answer| !answer.is_closed());
                    self.open.insert(self.next, answer);
                    send(&mut self.socket, &ClientFrame::Request { id: self.next, request }).await?;
                    spoke = Instant::now();
                }
                frame = receive(&mut self.socket) => {
                    heard = Instant::now();
                    self.take(frame?)?;
                }
                () = sleep_until(next) => {
                    if heard.elapsed() >= self.heartbeat * 2 {
                        return Err(CallingError::Disconnected("the server fell silent".to_owned()));
                    }
                    send(&mut self.socket, &ClientFrame::Ping).await?;
                    spoke = Instant::now();
                }
            }
        }
    }

    fn take(&mut self, frame: ServerFrame) -> Result<(), CallingError> {
        match frame {
            ServerFrame::Response { id, outcome } => {
                let settled = match outcome {
                    Outcome::Refused { refusal } => Err(refusal.into()),
                    Outcome::Ok { reply } => {
                        let events = if let Reply::Joined(joined) = &reply {
                            let (sender, events) = mpsc::channel(EVENTS);
                            self.calls.insert(joined.call.clone(), sender);
                            Some(events)
                        } else {
                            None
                        };
                        Ok(Settled { reply, events })
                    }
                };
                if let Some(answer) = self.open.remove(&id) {
                    // Whoever asked may no longer wait.
                    let _ = answer.send(settled);
                }
            }
            ServerFrame::Event { call, event, .. } => {
                let last = matches!(event, Event::Ended { .. });
                if let Some(events) = self.calls.get(&call)
                    && (events.try_send(event).is_err() || last)
                {
                    self.calls.remove(&call);
                }
            }
            ServerFrame::Closing { refusal } => return Err(refusal.into()),
            ServerFrame::Pong => {}
            ServerFrame::Welcome(_) => return Err(CallingError::Protocol("a second welcome".to_owned())),
        }
        Ok(())
    }
}

async fn send(socket: &mut WebSocketStream<Stream>, frame: &ClientFrame) -> Result<(), CallingError> {
    socket
        .send(Message::text(wire::encode(frame)))
        .await
        .map_err(|error| CallingError::Disconnected(error.to_string()))
}

/// The next frame. Nothing is lost when this is given up half way (it waits only on the stream).
async fn receive(socket: &mut WebSocketStream<Stream>) -> Result<ServerFrame, CallingError> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return wire::decode_server(&text).map_err(|error| CallingError::Protocol(error.to_string())),
            Some(Ok(Message::Binary(_))) => return Err(CallingError::Protocol("a binary frame".to_owned())),
            Some(Ok(Message::Close(_))) | None => return Err(CallingError::Disconnected("the server closed it".to_owned())),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(CallingError::Disconnected(error.to_string())),
        }
    }
}
