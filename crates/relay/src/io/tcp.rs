//! TURN over TCP and TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::places::{Place, Places};
use super::stats::Counters;
use super::talk::{Ended, Turn};
use super::{Relay, Shared, clock, stream};
use crate::turn::{Client, Wire};

/// A system that cannot take connections, for want of files perhaps, is asked again after this time.
const ACCEPT_AGAIN: std::time::Duration = std::time::Duration::from_millis(100);

/// Waits until `stopped` says so; its sender being gone is a stop too.
pub(super) async fn stop(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// The next connection that there is a place for.
pub(super) async fn accept(listener: &TcpListener, places: &Arc<Places>, counters: &Counters) -> (TcpStream, SocketAddr, Place) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => match places.take(address.ip()) {
                Some(place) => return (stream, SocketAddr::new(address.ip().to_canonical(), address.port()), place),
                None => counters.connections_refused.add(1),
            },
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

impl Relay {
    /// Serves TURN over TCP, or over TLS with `tls`, until `stopped`; connections end with it.
    pub async fn serve_tcp(&self, listener: TcpListener, tls: Option<TlsAcceptor>, mut stopped: watch::Receiver<bool>) {
        let shared = &self.shared;
        let handshakes = Arc::new(Semaphore::new(shared.limits.handshakes));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = stop(&mut stopped) => return,
                Some(ended) = connections.join_next() => report(ended),
                (stream, address, place) = accept(&listener, &shared.places, &shared.counters) => {
                    stream::prepare(&stream);
                    let (shared, tls, handshakes) = (Arc::clone(shared), tls.clone(), Arc::clone(&handshakes));
                    connections.spawn(async move {
                        let ended = match tls {
                            None => talk(shared, stream, Client { wire: Wire::Tcp, address }).await,
                            Some(tls) => secured(shared, stream, tls, &handshakes, address).await,
                        };
                        drop(place);
                        ended
                    });
                }
            }
        }
    }
}

async fn secured(shared: Arc<Shared>, stream: TcpStream, tls: TlsAcceptor, handshakes: &Semaphore, address: SocketAddr) -> Ended {
    let handshake = tokio::time::timeout(shared.limits.handshake_time, async {
        let _turn = handshakes.acquire().await;
        tls.accept(stream).await
    });
    match handshake.await {
        Ok(Ok(stream)) => talk(shared, stream, Client { wire: Wire::Tls, address }).await,
        Ok(Err(_)) => Ended::Broken,
        Err(_) => Ended::Useless,
    }
}

async fn talk(shared: Arc<Shared>, io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite, client: Client) -> Ended {
    let turn = Turn::new(Arc::clone(&shared), client, clock::now().at);
    let end = turn.end();
    stream::carry(io, turn, end, shared.limits, &shared.counters).await
}

/// A task that ended, well or not.
pub(super) fn report(ended: Result<Ended, tokio::task::JoinError>) {
    match ended {
        Ok(reason) => tracing::debug!(%reason, "a connection ended"),
        Err(error) => tracing::error!(%error, "the task of a connection failed"),
    }
}
