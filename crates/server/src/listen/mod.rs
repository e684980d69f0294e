//! Listening: takes connections, speaks TLS and HTTP/1.1 on them, and lets them end.
//!
//! * Owns: every bound on connections and on the time that a client may take. A connection costs a place ([`places`]) for as
//!   long as its socket lives, also after it became a WebSocket; a request's head and body have a deadline ([`body`]), which
//!   a WebSocket no longer has: signalling watches those itself.
//! * A request runs in a task of its own ([`answer`]): a client that hangs up does not stop half way what it asked for, between a
//!   commit and what is told of it. Such a request keeps the place of its connection until it is done, and a stop waits for it.
//! * Not here: what is answered (the routes), which certificate is shown (`tls`).
//! * Invariant: a client that sends nothing, or sends slowly, keeps nobody else out. Kept by the tests of this module and by
//!   `tests/connections.rs`.

mod body;
mod files;
mod places;
mod socket;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{Request, StatusCode},
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use self::{
    places::{Place, Places},
    socket::Socket,
};
use crate::api::error::ApiError;

/// What is granted to connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at once, over all listeners. When there are this many, no more are accepted: they wait in the kernel's
    /// backlog until one ends.
    pub(crate) connections: usize,
    /// Connections at once from one source (an IPv4 address, or an IPv6 network of 64 bits). One more is closed at once.
    pub(crate) of_one_source: usize,
    /// TLS handshakes at once. One more waits for its turn, within its own handshake time.
    pub(crate) handshakes: usize,
    /// From the connection to the end of the TLS handshake; later, the connection is closed.
    pub(crate) handshake_time: Duration,
    /// From the connection, or the end of the answer before, to the end of a request's head; later, the connection is closed.
    /// This also bounds how long an idle connection is kept.
    pub(crate) head_time: Duration,
    /// Longest head of a request; a longer one is answered with 431.
    pub(crate) head_bytes: usize,
    /// From a request's head to the end of its body; later, the answer is 408 and the connection is closed.
    pub(crate) body_time: Duration,
    /// How long requests in flight may take once the server was asked to stop; then they are cut off.
    pub(crate) stop_time: Duration,
}

impl Default for Limits {
    /// A person in a meeting holds one connection, and some more while a page loads, so that an organisation of a few hundred
    /// people behind one address fits into its share; eight such sources fit into the whole, and one takes at most half of
    /// the handshakes.
    fn default() -> Self {
        Self {
            connections: 4096,
            of_one_source: 512,
            handshakes: 1024,
            handshake_time: Duration::from_secs(10),
            head_time: Duration::from_secs(10),
            head_bytes: 64 * 1024,
            body_time: Duration::from_secs(30),
            stop_time: Duration::from_secs(5),
        }
    }
}

/// What all listeners of the process share.
pub(crate) struct Door {
    limits: Limits,
    places: Arc<Places>,
    handshakes: Semaphore,
}

impl Door {
    /// Fewer connections are granted than `limits` says when the process may not open as many files.
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let connections = files::fitting(limits.connections);
        Arc::new(Self {
            limits,
            places: Places::new(connections, limits.of_one_source),
            handshakes: Semaphore::new(limits.handshakes),
        })
    }
}

/// Serves until `stopped` says so and the requests in flight are done.
pub(crate) async fn serve(
    door: Arc<Door>,
    mut listener: TcpListener,
    tls: Option<TlsAcceptor>,
    routes: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    // Never sent to: it is closed once nobody holds the sender, which every request in flight does.
    let (in_flight, mut all_done) = mpsc::channel::<Infallible>(1);
    loop {
        let (place, stream, peer) = tokio::select! {
            () = stop(&mut stopped) => break,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            next = next(&door.places, &mut listener) => next,
        };
        let Some(place) = door.places.take(place, peer.ip()) else {
            tracing::debug!("a connection was closed, its source has its share");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small frames of this connection may be late");
        }
        let connection = Connection {
            door: Arc::clone(&door),
            routes: routes.clone(),
            peer,
            place: Arc::new(place),
            in_flight: in_flight.clone(),
            stopped: stopped.clone(),
        };
        connections.spawn(connection.serve(stream, tls.clone()));
    }
    drop(listener);
    drop(in_flight);
    let rest = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
        // What is left belongs to clients that are gone.
        all_done.recv().await;
    };
    if tokio::time::timeout(door.limits.stop_time, rest).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

async fn stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "the task of a connection failed");
    }
}

/// The next connection, taken only when there is a place for it.
async fn next(places: &Places, listener: &mut TcpListener) -> (OwnedSemaphorePermit, tokio::net::TcpStream, SocketAddr) {
    let place = places.free().await;
    // Tries again by itself after errors, such as having no file descriptor left.
    let (stream, peer) = axum::serve::Listener::accept(listener).await;
    (place, stream, peer)
}

/// One connection and what it needs.
struct Connection {
    door: Arc<Door>,
    routes: Router,
    peer: SocketAddr,
    place: Arc<Place>,
    in_flight: mpsc::Sender<Infallible>,
    stopped: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(mut self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let socket = Socket::new(stream, Arc::clone(&self.place));
        let Some(tls) = tls else {
            return self.talk(socket).await;
        };
        let (door, mut stopped) = (Arc::clone(&self.door), self.stopped.clone());
        let handshake = tokio::time::timeout(door.limits.handshake_time, async {
            let _turn = door.handshakes.acquire().await;
            tls.accept(socket).await
        });
        tokio::select! {
            () = stop(&mut stopped) => {}
            done = handshake => match done {
                Ok(Ok(stream)) => self.talk(stream).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake timed out"),
            }
        }
    }

    async fn talk(&mut self, io: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let limits = self.door.limits;
        let (routes, peer) = (self.routes.clone(), self.peer);
        let (place, in_flight) = (Arc::clone(&self.place), self.in_flight.clone());
        let service = service_fn(move |request| {
            let held = (Arc::clone(&place), in_flight.clone());
            answer(routes.clone(), request, peer, limits.body_time, held)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_header_size(limits.head_bytes)
            .max_buf_size(limits.head_bytes)
            .serve_connection(TokioIo::new(io), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop(&mut self.stopped) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended");
        }
    }
}

/// Answers in a task of its own, which goes on when nobody waits for the answer any more. It ends by itself: handlers do not wait for clients,
/// except for the body, which has its deadline. `held` is kept until then.
async fn answer(
    routes: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    body_time: Duration,
    held: (Arc<Place>, mpsc::Sender<Infallible>),
) -> Result<Response, Infallible> {
    let (mut request, late) = body::timed(request, body_time);
    request.extensions_mut().insert(ConnectInfo(peer));
    let answering = tokio::spawn(async move {
        let response = routes.oneshot(request).await;
        drop(held);
        response
    });
    let response = match answering.await {
        Ok(response) => response?,
        Err(error) => {
            tracing::error!(%error, "a request failed outside of its handler");
            let message = "The server could not do it; try again, and tell the operator if it goes on.";
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message).into_response()
        }
    };
    Ok(late.answer_instead().unwrap_or(response))
}
