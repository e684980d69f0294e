//! One WebSocket: hello, requests in, frames out, heartbeat, end.
//!
//! Owns: which calls belong to this socket. Not here: what a request means (`host`, `meeting`), who the caller is (`app`).
//! Invariants: the first frame is `hello`; every request that carries a readable id gets exactly one response; a request that
//! cannot be read is refused when its id can, and every other unreadable frame ends the socket with its reason; a call that another identity owns is unknown here.

mod calling;

use std::{collections::HashMap, net::IpAddr, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use meeting::Refusal;
use tokio::time::Instant;
use wire::{ClientFrame, DecodeError, Hello, Outcome, RequestBody, ServerFrame, Welcome};

use crate::{
    host::{HostHandle, HostInput},
    hub::{Hub, Identity},
    map,
    outbox::{Inbox, Outbox},
    pace::Pace,
    register::Place,
};

/// How long a socket may stay silent before its first frame.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);
/// The client says something at least this often.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A socket that was silent this long is given up; its sessions may be resumed.
const SILENCE: Duration = Duration::from_secs(35);
/// The server asks for a sign of life this often. Browsers answer by themselves, also for a page in the background whose own timers
/// they hold back to one a minute.
const PING: Duration = Duration::from_secs(15);
/// A connection outlives its token by so much: credentials commonly make a new token only once the old one has ended, and bring it then.
const RENEW_WITHIN: app::Micros = 30_000_000;
/// Frames that a client may send at once, and how often after that; more wait in the socket.
const BURST: u32 = 60;
const EVERY: Duration = Duration::from_millis(50);
/// How long the last frames may take to leave when the server closes.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves one socket until it ends.
pub(crate) async fn serve(socket: WebSocket, hub: Hub, source: Option<IpAddr>) {
    let (mut writer, mut reader) = socket.split();
    let (outbox, frames) = Outbox::new();
    let (identity, hello, place) = match enter(&mut reader, &hub, &outbox).await {
        Ok(entered) => entered,
        Err(refusal) => {
            say_and_close(&mut writer, refusal).await;
            return;
        }
    };
    let mut connection = Connection {
        hub: hub.clone(),
        identity,
        source,
        outbox: outbox.clone(),
        calls: HashMap::new(),
    };
    connection.welcome(hello).await;
    place.open();
    hub.ring_again(connection.identity.id(), &outbox);
    let writing = tokio::spawn(write(writer, frames, outbox.clone()));
    connection.read(reader).await;
    connection.leave_sessions_behind();
    drop(place);
    outbox.end(Refusal::SessionLost);
    // What is queued may still leave, but a peer that hardly reads does not keep the task.
    drop(tokio::time::timeout(FAREWELL * 3, writing).await);
}

/// Hello, and the connection's place in the register. The token is checked again once the connection is registered: a
/// revocation in between would have found no socket to end.
async fn enter(reader: &mut SplitStream<WebSocket>, hub: &Hub, outbox: &Outbox) -> Result<(Identity, Hello, Place), Refusal> {
    let (identity, hello) = {
        let _waiting = hub.register().stranger()?;
        greet(reader, hub).await?
    };
    let place = hub.register().enter(identity.id(), identity.client_id.as_deref(), outbox)?;
    hub.identify(&hello.token).await?;
    Ok((identity, hello, place))
}

async fn greet(reader: &mut SplitStream<WebSocket>, hub: &Hub) -> Result<(Identity, Hello), Refusal> {
    let first = tokio::time::timeout(HELLO_TIMEOUT, reader.next())
        .await
        .map_err(|_| Refusal::MalformedFrame)?;
    let text = match first {
        Some(Ok(Message::Text(text))) => text,
        Some(Err(error)) => return Err(broken(&error)),
        Some(Ok(_)) | None => return Err(Refusal::MalformedFrame),
    };
    let hello = match wire::decode_client(&text) {
        Ok(ClientFrame::Hello(hello)) => hello,
        Ok(ClientFrame::Request { .. } | ClientFrame::Ping) => return Err(Refusal::MalformedFrame),
        Err(DecodeError::TooLarge { .. }) => return Err(Refusal::FrameTooLarge),
        Err(DecodeError::Malformed { .. }) => return Err(Refusal::MalformedFrame),
    };
    if hello.protocol != wire::PROTOCOL_VERSION {
        return Err(Refusal::UnsupportedProtocol);
    }
    let identity = hub.identify(&hello.token).await?;
    Ok((identity, hello))
}

/// Over the socket's own limit a frame is not even read; anything else is a socket that broke. The library below names the
/// difference in words only (`bad_input.rs` would notice other words).
fn broken(error: &axum::Error) -> Refusal {
    match error.to_string().contains("too long") {
        true => Refusal::FrameTooLarge,
        false => Refusal::SessionLost,
    }
}

async fn say_and_close(writer: &mut SplitSink<WebSocket, Message>, refusal: Refusal) {
    let frame = ServerFrame::Closing {
        refusal: map::refusal(refusal),
    };
    // The peer may be gone already; nothing is owed to it then.
    drop(tokio::time::timeout(FAREWELL, writer.send(Message::Text(wire::encode(&frame).into()))).await);
    drop(tokio::time::timeout(FAREWELL, writer.close()).await);
}

async fn write(mut writer: SplitSink<WebSocket, Message>, mut frames: Inbox, outbox: Outbox) {
    let mut next_ping = Instant::now() + PING;
    loop {
        let message = tokio::select! {
            biased;
            frame = frames.recv() => frame.map(|frame| Message::Text(wire::encode(&frame).into())),
            () = outbox.ended() => None,
            () = tokio::time::sleep_until(next_ping) => {
                next_ping = Instant::now() + PING;
                Some(Message::Ping(Vec::new().into()))
            }
        };
        let Some(message) = message else { break };
        let sent = tokio::select! {
            sent = writer.send(message) => sent.is_ok(),
            // A socket that does not take the frame holds the farewell back no longer than this.
            () = async { outbox.ended().await; tokio::time::sleep(FAREWELL).await } => false,
        };
        if !sent {
            outbox.end(Refusal::SessionLost);
            return;
        }
    }
    if let Some(refusal) = outbox.reason() {
        let frame = ServerFrame::Closing {
            refusal: map::refusal(refusal),
        };
        drop(tokio::time::timeout(FAREWELL, writer.send(Message::Text(wire::encode(&frame).into()))).await);
    }
    drop(tokio::time::timeout(FAREWELL, writer.close()).await);
}

struct Connection {
    hub: Hub,
    identity: Identity,
    source: Option<IpAddr>,
    outbox: Outbox,
    calls: HashMap<String, HostHandle>,
}

impl Connection {
    async fn welcome(&mut self, hello: Hello) {
        let (mut resumed, mut lost, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
        for resume in hello.resume {
            let back = match resumed.len() < Hub::MOST_CALLS {
                true => self.hub.resume(&self.identity, &resume, &self.outbox).await,
                false => Err(Refusal::TooManyConnections),
            };
            match back {
                Ok((host, resume_ticket)) => {
                    self.calls.insert(resume.call.clone(), host.clone());
                    hosts.push((host, resume.call.clone()));
                    resumed.push(wire::ResumedCall {
                        call: resume.call,
                        resume_ticket,
                    });
                }
                Err(refusal) => lost.push(wire::LostCall {
                    call: resume.call,
                    refusal: map::refusal(refusal),
                }),
            }
        }
        self.outbox.send(ServerFrame::Welcome(Welcome {
            protocol: wire::PROTOCOL_VERSION,
            id: self.identity.id().to_owned(),
            display_name: self.identity.display_name(),
            kind: map::person_kind(&self.identity.person),
            ice_servers: Vec::new(),
            heartbeat_ms: u32::try_from(HEARTBEAT.as_millis()).unwrap_or(10_000),
            resumed,
            lost,
        }));
        // Only after `welcome` may events of the resumed calls travel.
        for (host, call) in hosts {
            host.replay(call).await;
        }
    }

    async fn read(&mut self, mut reader: SplitStream<WebSocket>) {
        let mut silence = Instant::now() + SILENCE;
        let mut pace = Pace::new(BURST, EVERY, Instant::now());
        loop {
            let message = tokio::select! {
                biased;
                () = self.outbox.ended() => return,
                message = reader.next() => message,
                () = tokio::time::sleep_until(silence) => {
                    self.outbox.end(Refusal::SessionLost);
                    return;
                }
                () = self.hub.sleep_until(Some(self.identity.expires.saturating_add(RENEW_WITHIN))) => {
                    self.outbox.end(Refusal::TokenExpired);
                    return;
                }
            };
            silence = Instant::now() + SILENCE;
            let wait = pace.take(Instant::now());
            if !wait.is_zero() {
                tokio::select! {
                    () = self.outbox.ended() => return,
                    () = tokio::time::sleep(wait) => {}
                }
            }
            match message {
                Some(Ok(Message::Text(text))) => self.frame(&text).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_))) => return self.outbox.end(Refusal::MalformedFrame),
                Some(Err(error)) => return self.outbox.end(broken(&error)),
                Some(Ok(Message::Close(_))) | None => return,
            }
        }
    }

    async fn frame(&mut self, text: &str) {
        match wire::decode_client(text) {
            Ok(ClientFrame::Ping) => {
                self.outbox.send(ServerFrame::Pong);
            }
            Ok(ClientFrame::Request { id, request }) => self.request(id, request).await,
            Ok(ClientFrame::Hello(_)) => self.outbox.end(Refusal::MalformedFrame),
            Err(DecodeError::TooLarge { .. }) => self.outbox.end(Refusal::FrameTooLarge),
            Err(DecodeError::Malformed { request: Some(id), .. }) => {
                self.refuse(id, Refusal::UnknownMessage);
            }
            Err(DecodeError::Malformed { request: None, .. }) => self.outbox.end(Refusal::MalformedFrame),
        }
    }

    async fn request(&mut self, id: u32, request: wire::Request) {
        if let RequestBody::RefreshToken { token } = &request.body {
            let done = self.refresh(token).await.map(|()| wire::Reply::Done);
            return self.settle(id, done);
        }
        // The time in which a newer token may come is for what runs already.
        let begins = matches!(request.body, RequestBody::Join { .. } | RequestBody::StartCall { .. });
        if begins && self.hub.app().now() >= self.identity.expires {
            return self.refuse(id, Refusal::TokenExpired);
        }
        if let RequestBody::SubmitSurvey { session, ratings } = request.body {
            let kept = self.hub.submit_survey(&self.identity, &session, ratings).await;
            return self.settle(id, kept.map(|survey| wire::Reply::Survey { id: survey }));
        }
        if let RequestBody::Join {
            locator,
            display_name,
            muted,
        } = request.body
        {
            // Calls that are over no longer count.
            self.calls.retain(|call, _| self.hub.has_call(call));
            match self.join_by(self.join(id, display_name, muted), locator).await {
                Ok((call, host)) => {
                    self.calls.insert(call, host);
                }
                Err(refusal) => self.refuse(id, refusal),
            }
            return;
        }
        match request.body {
            RequestBody::StartCall {
                ref display_name, muted, ..
            } => {
                self.calls.retain(|call, _| self.hub.has_call(call));
                let joining = self.join(id, display_name.clone(), muted);
                match self.start_call(joining, request.body).await {
                    Ok((call, host)) => {
                        self.calls.insert(call, host);
                    }
                    Err(refusal) => self.refuse(id, refusal),
                }
                return;
            }
            RequestBody::RejectIncoming { id: incoming } => return self.decline(id, &incoming),
            _ => {}
        }
        if let Err(refusal) = self.may_ask(&request.body) {
            return self.refuse(id, refusal);
        }
        let host = request
            .call
            .as_ref()
            .and_then(|call| self.calls.get(call).map(|host| (call.clone(), host)));
        let Some((call, host)) = host else {
            return self.refuse(id, Refusal::NoSuchCall);
        };
        if let Err(refusal) = host.request(call, id, request.body, self.outbox.clone()) {
            self.refuse(id, refusal);
        }
    }

    /// A newer token of the same person through the same application keeps the connection longer and says whether calls may be begun; it
    /// changes nothing else, and the register, which revocations go by, stays right. A shorter one does not take back what the first one gave.
    async fn refresh(&mut self, token: &str) -> Result<(), Refusal> {
        let renewed = self.hub.identify(token).await?;
        if renewed.id() != self.identity.id() || renewed.client_id != self.identity.client_id {
            return Err(Refusal::TokenOfSomebodyElse);
        }
        if renewed.expires >= self.identity.expires {
            self.identity.expires = renewed.expires;
            self.identity.may_start = renewed.may_start;
        }
        Ok(())
    }

    fn join(&self, request: u32, display_name: Option<String>, muted: bool) -> crate::hub::Joining {
        crate::hub::Joining {
            identity: self.identity.clone(),
            source: self.source,
            outbox: self.outbox.clone(),
            request,
            display_name,
            muted,
            open: self.calls.len(),
        }
    }

    /// Answers a request that the connection itself carries out.
    fn settle(&self, id: u32, result: Result<wire::Reply, Refusal>) {
        match result {
            Ok(reply) => {
                self.outbox.send(ServerFrame::Response {
                    id,
                    outcome: Outcome::Ok { reply },
                });
            }
            Err(refusal) => self.refuse(id, refusal),
        }
    }

    fn refuse(&self, id: u32, refusal: Refusal) {
        self.outbox.send(ServerFrame::Response {
            id,
            outcome: Outcome::Refused {
                refusal: map::refusal(refusal),
            },
        });
    }

    /// The socket is gone, the sessions are not: their meetings wait for a resume.
    fn leave_sessions_behind(&mut self) {
        let revoked = self.outbox.reason() == Some(Refusal::TokenRevoked);
        for (call, host) in self.calls.drain() {
            // A join that overtook the revocation on its way to the meeting must not leave a ghost behind.
            if revoked {
                host.deliver(HostInput::Revoked {
                    person: self.identity.id().to_owned(),
                });
            }
            host.socket_lost(call, self.outbox.clone());
        }
    }
}
