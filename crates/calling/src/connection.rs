//! The WebSocket: requests that always settle, events handed to their calls, the heartbeat, the way back after a loss.
//!
//! Owns the socket in one task. Not here: what an event means (`call`). Every request settles: with its answer, by the time
//! limit, or when the socket it went over is lost. A call that does not take its events ([`EVENTS`] waiting) is ended, so
//! that one slow call cannot stop the others.
//!
//! A lost socket with calls on it is opened again with their tickets, within the server's time of grace ([`COME_BACK`]); the
//! server then tells each call its state anew. A call that is not taken back ends with the server's reason.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;
use wire::{ClientFrame, ClientInfo, Event, Hello, Outcome, Reply, Request, ResumeCall, ServerFrame, Welcome};

use crate::error::CallingError;
use crate::tls::{Stream, Trust, open};

/// Requests that may wait to be sent; a caller beyond that waits.
const REQUESTS: usize = 64;
/// Events of one call that may wait to be taken.
const EVENTS: usize = 1_024;
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// The server keeps a lost session for thirty seconds from when it notices, which may be before this side does.
const COME_BACK: Duration = Duration::from_secs(25);
/// Pause before the first attempt but one; each further one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// An answer; a join brings the events of its call along.
pub(crate) struct Settled {
    pub(crate) reply: Reply,
    pub(crate) events: Option<mpsc::Receiver<Event>>,
}

struct Asked {
    request: Request,
    answer: oneshot::Sender<Result<Settled, CallingError>>,
}

/// Where and as whom to connect.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) token: String,
    pub(crate) trust: Trust,
}

/// The handle of a connection; the socket closes when the last one is dropped.
#[derive(Clone)]
pub(crate) struct Connection {
    asked: mpsc::Sender<Asked>,
    online: watch::Receiver<bool>,
    pub(crate) local: IpAddr,
}

type Socket = WebSocketStream<Stream>;

impl Address {
    /// Opens a socket and says hello.
    async fn greet(&self, resume: Vec<ResumeCall>) -> Result<(Socket, IpAddr, Welcome), CallingError> {
        timeout(ANSWER_WITHIN, self.greet_slowly(resume))
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    async fn greet_slowly(&self, resume: Vec<ResumeCall>) -> Result<(Socket, IpAddr, Welcome), CallingError> {
        let url = &self.url;
        let failed = |detail: String| CallingError::Connect {
            url: url.to_string(),
            detail,
        };
        let hello = Hello {
            protocol: wire::PROTOCOL_VERSION,
            token: self.token.clone(),
            client: ClientInfo {
                name: "anteroom-calling-native".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            resume,
        };
        let (stream, local) = open(url, &self.trust).await?;
        let mut limits = WebSocketConfig::default();
        limits.max_message_size = Some(wire::MAX_FRAME_BYTES);
        limits.max_frame_size = Some(wire::MAX_FRAME_BYTES);
        let opened = tokio_tungstenite::client_async_with_config(url.as_str(), stream, Some(limits)).await;
        let (mut socket, _) = opened.map_err(|error| failed(error.to_string()))?;
        send(&mut socket, &ClientFrame::Hello(hello)).await?;
        loop {
            match receive(&mut socket).await? {
                ServerFrame::Welcome(welcome) => return Ok((socket, local, welcome)),
                ServerFrame::Closing { refusal } => return Err(refusal.into()),
                ServerFrame::Pong | ServerFrame::Incoming { .. } | ServerFrame::IncomingEnded { .. } => {}
                ServerFrame::Response { .. } | ServerFrame::Event { .. } => {
                    return Err(CallingError::Protocol("the first frame was no welcome".to_owned()));
                }
            }
        }
    }
}

impl Connection {
    pub(crate) async fn open(address: Address) -> Result<(Self, Welcome), CallingError> {
        let (socket, local, welcome) = address.greet(Vec::new()).await?;
        let (asked, requests) = mpsc::channel(REQUESTS);
        let (tell_online, online) = watch::channel(true);
        let line = Line {
            address,
            socket,
            requests,
            heartbeat: heartbeat(&welcome),
            open: HashMap::new(),
            calls: HashMap::new(),
            next: 0,
            online: tell_online,
        };
        tokio::spawn(line.run());
        Ok((Self { asked, online, local }, welcome))
    }

    /// Whether there is a socket at the moment.
    pub(crate) fn is_online(&self) -> bool {
        *self.online.borrow()
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

fn heartbeat(welcome: &Welcome) -> Duration {
    Duration::from_millis(u64::from(welcome.heartbeat_ms.max(1_000)))
}

/// Whether a new socket may help.
fn may_come_back(error: &CallingError) -> bool {
    match error {
        // Named reasons are final, but for the one with which the server asks its clients to come back.
        CallingError::Refused(refusal) => refusal.name == "sessionLost",
        CallingError::Disconnected(_) | CallingError::Connect { .. } | CallingError::Timeout { .. } => true,
        _ => false,
    }
}

fn late() -> CallingError {
    CallingError::Timeout {
        seconds: ANSWER_WITHIN.as_secs(),
    }
}

/// A call of this connection.
struct Held {
    events: mpsc::Sender<Event>,
    ticket: String,
}

struct Line {
    address: Address,
    socket: Socket,
    requests: mpsc::Receiver<Asked>,
    heartbeat: Duration,
    open: HashMap<u32, oneshot::Sender<Result<Settled, CallingError>>>,
    calls: HashMap<String, Held>,
    next: u32,
    online: watch::Sender<bool>,
}

impl Line {
    async fn run(mut self) {
        let ended = loop {
            let Err(error) = self.talk().await else {
                break CallingError::Disconnected("it was closed".to_owned());
            };
            tracing::debug!(%error, "the signalling socket is lost");
            self.online.send_replace(false);
            self.settle_all(&error);
            self.calls.retain(|_, held| !held.events.is_closed());
            if self.calls.is_empty() || !may_come_back(&error) {
                break error;
            }
            if let Err(error) = self.come_back().await {
                break error;
            }
            self.online.send_replace(true);
        };
        tracing::debug!(error = %ended, "signalling ended");
        self.settle_all(&ended);
        if let CallingError::Refused(reason) = ended {
            for (_, held) in self.calls.drain() {
                // A call that takes no events ends all the same, with its channel.
                let _ = held.events.try_send(Event::Ended { reason: (*reason).clone() });
            }
        }
        let _ = self.socket.close(None).await;
    }

    /// Whether what was asked has been done is not known; the state that is told anew will show it.
    fn settle_all(&mut self, error: &CallingError) {
        for (_, answer) in self.open.drain() {
            // Whoever asked may no longer wait.
            let _ = answer.send(Err(error.clone()));
        }
    }

    /// Opens a new socket and brings the calls back, with pauses that grow, until the time of grace is over.
    async fn come_back(&mut self) -> Result<(), CallingError> {
        let until = Instant::now() + COME_BACK;
        let mut pause = Duration::ZERO;
        loop {
            let resume = self.calls.iter().map(|(call, held)| ResumeCall {
                call: call.clone(),
                ticket: held.ticket.clone(),
            });
            let resume = resume.collect();
            let greeted = timeout_at(until, async {
                sleep(pause).await;
                self.address.greet(resume).await
            });
            match greeted
                .await
                .unwrap_or_else(|_| Err(CallingError::Disconnected("it did not come back in time".to_owned())))
            {
                Ok((socket, _, welcome)) => {
                    self.socket = socket;
                    self.heartbeat = heartbeat(&welcome);
                    self.taken_back(welcome);
                    return Ok(());
                }
                Err(error) if !may_come_back(&error) || Instant::now() >= until => return Err(error),
                Err(error) => tracing::debug!(%error, "no way back yet"),
            }
            pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        }
    }

    /// Keeps the calls that are back, with their new tickets, and ends the others.
    fn taken_back(&mut self, welcome: Welcome) {
        for resumed in welcome.resumed {
            if let Some(held) = self.calls.get_mut(&resumed.call) {
                held.ticket = resumed.resume_ticket;
            }
        }
        for lost in welcome.lost {
            if let Some(held) = self.calls.remove(&lost.call) {
                // A call that takes no events ends all the same, with its channel.
                let _ = held.events.try_send(Event::Ended { reason: lost.refusal });
            }
        }
    }

    async fn talk(&mut self) -> Result<(), CallingError> {
        let mut heard = Instant::now();
        let mut spoke = Instant::now();
        loop {
            let next = (spoke + self.heartbeat).min(heard + self.heartbeat * 2);
            tokio::select! {
                asked = self.requests.recv() => {
                    let Some(Asked { request, answer }) = asked else { return Ok(()) };
                    // Given up while there was no socket.
                    if answer.is_closed() {
                        continue;
                    }
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
                            let held = Held {
                                events: sender,
                                ticket: joined.resume_ticket.clone(),
                            };
                            self.calls.insert(joined.call.clone(), held);
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
                if let Some(held) = self.calls.get(&call)
                    && (held.events.try_send(event).is_err() || last)
                {
                    self.calls.remove(&call);
                }
            }
            ServerFrame::Closing { refusal } => return Err(refusal.into()),
            // A bot answers no calls.
            ServerFrame::Pong | ServerFrame::Incoming { .. } | ServerFrame::IncomingEnded { .. } => {}
            ServerFrame::Welcome(_) => return Err(CallingError::Protocol("a second welcome".to_owned())),
        }
        Ok(())
    }
}

async fn send(socket: &mut Socket, frame: &ClientFrame) -> Result<(), CallingError> {
    socket
        .send(Message::text(wire::encode(frame)))
        .await
        .map_err(|error| CallingError::Disconnected(error.to_string()))
}

/// The next frame. Nothing is lost when this is given up half way (it waits only on the stream).
async fn receive(socket: &mut Socket) -> Result<ServerFrame, CallingError> {
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
