//! Ways to the media engine for networks that do not let UDP through: ICE over TCP on media's own port number, and the embedded relay.
//!
//! Owns their sockets, the secret that relay credentials are made with (made at every start, kept nowhere), and the binding of their gate to the
//! engine's. Not here: the protocols (`relay`), who may have a credential (`signal`), relays that the operator runs (`operator_relay`).

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use anyhow::{Context as _, anyhow};
use aws_lc_rs::rand;
use relay::{
    IceTcp, Limits, Relay,
    credentials::{Credential, Secret},
    gate::{Busy, Gate, Inlet, Link, Transport},
    turn::Config,
};
use signal::media_plane::IceServer;
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{cli::TurnArgs, media_plane::IceServers};

/// Life of a relay credential. Clients ask for another one before it ends; it ends with the visit in any case.
const CREDENTIAL_S: u32 = 3600;
/// How often a number for UDP and TCP is looked for that is free for both.
const TRIES: usize = 32;

/// The sockets, before they are served.
pub(crate) struct Doors {
    media: TcpListener,
    turn: Option<TurnDoors>,
}

struct TurnDoors {
    udp: UdpSocket,
    tcp: TcpListener,
    tls: TcpListener,
}

/// The ways of a running node. Clones are the same.
#[derive(Clone)]
pub(crate) struct Ways {
    tcp: IceTcp,
    turn: Option<Turn>,
}

#[derive(Clone)]
struct Turn {
    relay: Relay,
    secret: Secret,
    urls: Vec<String>,
}

impl Doors {
    /// Opens the relay's sockets beside `media`, which listens on media's number.
    pub(crate) async fn open(media: TcpListener, args: &TurnArgs) -> anyhow::Result<Self> {
        let turn = if args.no_turn {
            None
        } else {
            let (udp, tcp) = pair(args.turn).await?;
            let tls = TcpListener::bind(args.turn_tls)
                .await
                .with_context(|| format!("cannot listen on --turn-tls {}", args.turn_tls))?;
            Some(TurnDoors { udp, tcp, tls })
        };
        Ok(Self { media, turn })
    }

    /// Serves them until `stopped`. The tasks that come back end then.
    pub(crate) fn serve(
        self,
        engine: &media::Engine,
        tls: TlsAcceptor,
        stopped: &watch::Receiver<bool>,
    ) -> anyhow::Result<(Ways, JoinSet<()>)> {
        let told = vec![told(engine.local_addr())];
        let gate: Arc<dyn Gate> = Arc::new(EngineGate(engine.gate()));
        let tcp = IceTcp::new(told.clone(), Arc::clone(&gate), Limits::ice_tcp());
        let mut tasks = JoinSet::new();
        tasks.spawn({
            let (tcp, stopped) = (tcp.clone(), stopped.clone());
            async move { tcp.serve(self.media, stopped).await }
        });
        let turn = match self.turn {
            None => None,
            Some(doors) => Some(doors.serve(told, gate, tls, stopped, &mut tasks)?),
        };
        Ok((Ways { tcp, turn }, tasks))
    }
}

impl TurnDoors {
    fn serve(
        self,
        media: Vec<SocketAddr>,
        gate: Arc<dyn Gate>,
        tls: TlsAcceptor,
        stopped: &watch::Receiver<bool>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Turn> {
        let (plain, secure) = (told(self.udp.local_addr()?), told(self.tls.local_addr()?));
        let secret = Secret::new(&random()?);
        let relay = Relay::new(Config::new(media), secret.clone(), random()?, gate, Limits::relay());
        let (udp, tcp, tls_too) = (relay.clone(), relay.clone(), relay.clone());
        let stops = [(); 3].map(|()| stopped.clone());
        let [stop_udp, stop_tcp, stop_tls] = stops;
        tasks.spawn(async move { udp.serve_udp(self.udp, stop_udp).await });
        tasks.spawn(async move { tcp.serve_tcp(self.tcp, None, stop_tcp).await });
        tasks.spawn(async move { tls_too.serve_tcp(self.tls, Some(tls), stop_tls).await });
        Ok(Turn {
            relay,
            secret,
            urls: vec![
                format!("turn:{plain}?transport=udp"),
                format!("turn:{plain}?transport=tcp"),
                format!("turns:{secure}?transport=tcp"),
            ],
        })
    }
}

impl IceServers for Ways {
    fn ice_servers(&self, visit: &str) -> Vec<IceServer> {
        let Some(turn) = &self.turn else { return Vec::new() };
        let now_s = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        match Credential::issue(&turn.secret, visit, now_s, CREDENTIAL_S.into()) {
            Ok(credential) => vec![IceServer {
                urls: turn.urls.clone(),
                username: Some(credential.username),
                credential: Some(credential.password),
                lifetime_s: Some(CREDENTIAL_S),
            }],
            Err(error) => {
                tracing::error!(%error, "a participant has no relay");
                Vec::new()
            }
        }
    }

    fn end(&self, visit: &str) {
        if let Some(turn) = &self.turn {
            turn.relay.revoke(visit);
        }
    }
}

impl Ways {
    /// Name, kind, help and value of every number.
    pub(crate) fn numbers(&self) -> Vec<(&'static str, &'static str, &'static str, u64)> {
        let tcp = self.tcp.stats();
        let turn = self.turn.as_ref().map(|turn| turn.relay.stats()).unwrap_or_default();
        let (gauge, counter) = ("gauge", "counter");
        vec![
            (
                "anteroom_media_tcp_connections",
                gauge,
                "Clients whose media come over TCP now",
                tcp.connections,
            ),
            (
                "anteroom_media_tcp_refused_total",
                counter,
                "Connections without a place",
                tcp.connections_refused,
            ),
            (
                "anteroom_media_tcp_datagrams_in_total",
                counter,
                "Datagrams received over TCP",
                tcp.datagrams_in,
            ),
            (
                "anteroom_media_tcp_datagrams_out_total",
                counter,
                "Datagrams sent over TCP",
                tcp.datagrams_out,
            ),
            (
                "anteroom_media_tcp_dropped_total",
                counter,
                "Datagrams that a client read too slowly",
                tcp.dropped_out,
            ),
            ("anteroom_relay_allocations", gauge, "Allocations held now", turn.allocations),
            (
                "anteroom_relay_connections",
                gauge,
                "Connections to the relay now",
                turn.connections,
            ),
            (
                "anteroom_relay_refused_total",
                counter,
                "Connections without a place",
                turn.connections_refused,
            ),
            (
                "anteroom_relay_unanswered_total",
                counter,
                "Requests beyond the share of their source",
                turn.requests_unanswered,
            ),
            (
                "anteroom_relay_datagrams_in_total",
                counter,
                "Datagrams relayed to the engine",
                turn.datagrams_in,
            ),
            (
                "anteroom_relay_datagrams_out_total",
                counter,
                "Datagrams relayed to clients",
                turn.datagrams_out,
            ),
            (
                "anteroom_relay_bytes_in_total",
                counter,
                "Bytes relayed to the engine",
                turn.bytes_in,
            ),
            (
                "anteroom_relay_bytes_out_total",
                counter,
                "Bytes relayed to clients",
                turn.bytes_out,
            ),
            (
                "anteroom_relay_dropped_total",
                counter,
                "Datagrams that were not relayed",
                turn.dropped_in.saturating_add(turn.dropped_out),
            ),
        ]
    }
}

/// A free number for media over UDP and TCP: the listener, whose number `start` is given. A number that is taken for UDP is tried again when any will do.
pub(crate) async fn beside<T>(
    bind: SocketAddr,
    start: impl Fn(SocketAddr) -> Result<T, media::EngineError>,
) -> anyhow::Result<(TcpListener, T)> {
    let mut tries = 0;
    loop {
        let listener = TcpListener::bind(bind)
            .await
            .with_context(|| format!("cannot listen for media on TCP {bind}; --media names another address"))?;
        tries += 1;
        match start(listener.local_addr()?) {
            Ok(started) => return Ok((listener, started)),
            Err(media::EngineError::Bind { .. }) if bind.port() == 0 && tries < TRIES => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// UDP and TCP on one number.
async fn pair(bind: SocketAddr) -> anyhow::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        let tcp = TcpListener::bind(bind)
            .await
            .with_context(|| format!("cannot listen on --turn {bind}"))?;
        tries += 1;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(_) if bind.port() == 0 && tries < TRIES => {}
            Err(error) => return Err(error).with_context(|| format!("cannot receive on --turn {bind}")),
        }
    }
}

/// The address that clients on this machine use for a socket; as the engine tells its own.
fn told(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, local.port())
}

fn random() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| anyhow!("the system has no randomness"))?;
    Ok(bytes)
}

/// The engine's gate as the relay knows it.
struct EngineGate(media::Gate);

struct EngineInlet(media::Inlet);

impl Gate for EngineGate {
    fn open(&self, transport: Transport, remote: SocketAddr, local: SocketAddr) -> Result<Link, Busy> {
        let transport = match transport {
            Transport::Tcp => media::Transport::Tcp,
            Transport::Relay => media::Transport::Relay,
        };
        let (inlet, from_engine) = self.0.open(transport, remote, local).ok_or(Busy)?;
        Ok(Link {
            to_engine: Box::new(EngineInlet(inlet)),
            from_engine,
        })
    }
}

impl Inlet for EngineInlet {
    fn send(&self, datagram: bytes::Bytes) -> bool {
        self.0.send(datagram)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn any() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    fn taken(bind: SocketAddr) -> media::EngineError {
        media::EngineError::Bind {
            bind,
            source: std::io::ErrorKind::AddrInUse.into(),
        }
    }

    #[tokio::test]
    async fn the_relay_has_one_number_for_udp_and_tcp() {
        let (udp, tcp) = pair(any()).await.expect("a number");
        assert_eq!(udp.local_addr().expect("an address"), tcp.local_addr().expect("an address"));
        // It is taken now.
        assert!(pair(udp.local_addr().expect("an address")).await.is_err());
    }

    #[tokio::test]
    async fn media_over_tcp_is_on_the_number_of_media_and_another_is_tried_only_when_any_will_do() {
        let tries = AtomicUsize::new(0);
        let second = |bind: SocketAddr| match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Err(taken(bind)),
            _ => Ok(bind),
        };
        let (listener, started) = beside(any(), second).await.expect("a number");
        assert_eq!(listener.local_addr().expect("an address"), started);
        assert_eq!(tries.load(Ordering::SeqCst), 2);

        let free = std::net::UdpSocket::bind(any())
            .and_then(|socket| socket.local_addr())
            .expect("a number");
        let tries = AtomicUsize::new(0);
        let never = |bind: SocketAddr| {
            tries.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>(taken(bind))
        };
        assert!(beside(free, never).await.is_err());
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_visit_has_credentials_for_every_way_to_the_relay_and_a_node_without_one_gives_none() {
        for no_turn in [false, true] {
            let config = media::EngineConfig::new(any());
            let (listener, engine) = beside(any(), |bind| {
                let config = media::EngineConfig { bind, ..config.clone() };
                media::Engine::start(config, Box::new(|_| ()))
            })
            .await
            .expect("an engine");
            let args = TurnArgs {
                turn: any(),
                turn_tls: any(),
                no_turn,
            };
            let folder = tempfile::tempdir().expect("a folder");
            let tls = crate::tls::local(folder.path()).expect("a certificate").without_protocols();
            let (stop, stopped) = watch::channel(false);
            let doors = Doors::open(listener, &args).await.expect("sockets");
            let (ways, serving) = doors.serve(&engine, tls.into(), &stopped).expect("ways");
            let servers = ways.ice_servers("visit");
            assert_eq!(servers.is_empty(), no_turn);
            for server in servers {
                let schemes: Vec<_> = server
                    .urls
                    .iter()
                    .filter_map(|url| url.split_once(':'))
                    .map(|(scheme, _)| scheme)
                    .collect();
                assert_eq!(schemes, ["turn", "turn", "turns"]);
                assert_eq!(server.lifetime_s, Some(CREDENTIAL_S));
                assert!(server.username.is_some_and(|name| name.ends_with(":visit")) && server.credential.is_some());
            }
            ways.end("visit");
            stop.send_replace(true);
            serving.join_all().await;
            tokio::task::spawn_blocking(move || engine.stop()).await.expect("it stops");
        }
    }
}
