//! The ways to the media engine: a connectivity check (STUN, RFC 8489 and RFC 8445 §7) over UDP, over TCP, and through the relay.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::rand;
use calling::probe::{CheckNames, MediaAddress, RelayAddress};
use relay::{
    frame::{Cut, Framing},
    message::{Class, Key, Message, Method, Transaction, Writer, attribute, xor_address},
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
};

use super::report::Finding;

/// How long one exchange may take; over UDP it is begun again meanwhile.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 5 });
/// When an answer over UDP is taken for lost.
const AGAIN: Duration = Duration::from_millis(700);
/// Longest message.
const LONGEST: usize = 2_048;
/// Attributes of ICE (RFC 8445 §16.1).
const PRIORITY: u16 = 0x0024;
const ICE_CONTROLLING: u16 = 0x802A;
/// UDP, as REQUESTED-TRANSPORT names it (RFC 8656 §18.7).
const UDP: [u8; 4] = [17, 0, 0, 0];

/// Checks all ways that the server tells.
pub(super) async fn check(
    addresses: &[MediaAddress],
    names: &CheckNames,
    relays: &[RelayAddress],
    tls: &Arc<rustls::ClientConfig>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for MediaAddress { tcp, address } in addresses {
        let (name, advice) = if *tcp {
            ("media-tcp", "clients in networks without UDP need it: open TCP on the media port")
        } else {
            (
                "media-udp",
                "nearly all media goes this way: open UDP on the media port, in both directions",
            )
        };
        let checked = if *tcp {
            over_tcp(*address, names).await
        } else {
            over_udp(*address, names).await
        };
        findings.push(match checked {
            Ok(()) => Finding::ok(name, format!("{address} answers checks")),
            Err(error) => Finding::fail(name, format!("{address}: {error:#}"), advice),
        });
    }
    if !addresses.iter().any(|address| address.tcp) {
        findings.push(Finding::skip("media-tcp", "the server does not take media over TCP"));
    }
    if relays.is_empty() {
        findings.push(Finding::skip("relay", "not configured"));
    }
    let target = addresses.iter().find(|address| !address.tcp).map(|address| address.address);
    for relay in relays {
        let checked = match target {
            Some(target) => through(relay, target, names, tls).await,
            None => Err(anyhow::anyhow!("the server tells no address for it to relay to")),
        };
        findings.push(match checked {
            Ok(()) => Finding::ok("relay", format!("{} relays to the media engine", relay.url)),
            Err(error) => Finding::fail(
                "relay",
                format!("{}: {error:#}", relay.url),
                "clients in closed networks need it: open the relay's port, and check its address as clients see it",
            ),
        });
    }
    findings
}

fn transaction() -> anyhow::Result<Transaction> {
    let mut transaction = Transaction::default();
    rand::fill(&mut transaction).map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    Ok(transaction)
}

/// A check that does not nominate, so that nothing follows from it.
fn check_request(transaction: Transaction, names: &CheckNames) -> Vec<u8> {
    Writer::new(Class::Request, Method::Binding, transaction)
        .attribute(attribute::USERNAME, names.username.as_bytes())
        .number(PRIORITY, 0x6e00_01ff)
        .attribute(ICE_CONTROLLING, &[1; 8])
        .sign(&Key::short_term(&names.password))
        .fingerprint()
        .finish()
}

/// Whether this is the signed yes to that check.
fn is_answer(bytes: &[u8], transaction: Transaction, names: &CheckNames) -> bool {
    Message::parse(bytes).is_ok_and(|message| {
        message.transaction() == transaction
            && message.class() == Class::Success
            && message.is_signed_with(&Key::short_term(&names.password))
    })
}

async fn over_udp(address: SocketAddr, names: &CheckNames) -> anyhow::Result<()> {
    let way = Way::udp(address).await?;
    within(exchange_check(way, names)).await
}

async fn over_tcp(address: SocketAddr, names: &CheckNames) -> anyhow::Result<()> {
    let connect = async { TcpStream::connect(address).await.context("no connection") };
    let stream = within(connect).await?;
    within(exchange_check(Way::stream(stream, Framing::Lengths), names)).await
}

async fn exchange_check(mut way: Way, names: &CheckNames) -> anyhow::Result<()> {
    let transaction = transaction()?;
    let request = check_request(transaction, names);
    way.ask(&request, |bytes| is_answer(bytes, transaction, names).then_some(()))
        .await
        .context("no answer to a connectivity check")
}

/// Allocates at the relay, permits the engine, and sends a check to it through the relay.
async fn through(relay: &RelayAddress, target: SocketAddr, names: &CheckNames, tls: &Arc<rustls::ClientConfig>) -> anyhow::Result<()> {
    let way = within(open(&relay.url, tls)).await?;
    let mut turn = Turn {
        way,
        relay,
        realm: String::new(),
        nonce: Vec::new(),
    };
    within(turn.ask(Method::Allocate, |writer| writer.attribute(attribute::REQUESTED_TRANSPORT, &UDP)))
        .await
        .context("no allocation")?;
    within(turn.ask(Method::CreatePermission, |writer| {
        writer.address(attribute::XOR_PEER_ADDRESS, target)
    }))
    .await
    .context("the relay does not let us reach the media engine")?;
    let checked = within(turn.check(target, names))
        .await
        .context("the media engine does not answer through it");
    // Nobody waits for the end of the allocation; the relay keeps it for minutes otherwise.
    drop(within(turn.ask(Method::Refresh, |writer| writer.number(attribute::LIFETIME, 0))).await);
    checked
}

/// Opens the way that `turn:host:port?transport=…` or `turns:…` names (RFC 7065).
async fn open(url: &str, tls: &Arc<rustls::ClientConfig>) -> anyhow::Result<Way> {
    let (scheme, rest) = url.split_once(':').context("not the address of a relay")?;
    let (place, transport) = rest
        .split_once("?transport=")
        .unwrap_or((rest, if scheme == "turns" { "tcp" } else { "udp" }));
    let (host, port) = match place
        .rsplit_once(':')
        .filter(|(host, _)| !host.ends_with(':') && !place.ends_with(']'))
    {
        Some((host, port)) => (host, port.parse().context("no port")?),
        None => (place, if scheme == "turns" { 5349 } else { 3478 }),
    };
    let host = host.trim_matches(['[', ']']);
    match (scheme, transport) {
        ("turn", "udp") => {
            let address = tokio::net::lookup_host((host, port))
                .await?
                .next()
                .context("the name has no address")?;
            Way::udp(address).await
        }
        ("turn", "tcp") => {
            let stream = TcpStream::connect((host, port)).await.context("no connection")?;
            Ok(Way::stream(stream, Framing::Turn))
        }
        ("turns", "tcp") => {
            let stream = TcpStream::connect((host, port)).await.context("no connection")?;
            let name = ServerName::try_from(host.to_owned()).context("no name for TLS")?;
            let connector = tokio_rustls::TlsConnector::from(Arc::clone(tls));
            let stream = connector.connect(name, stream).await.context("TLS fails")?;
            Ok(Way::stream(stream, Framing::Turn))
        }
        _ => bail!("{scheme} over {transport} cannot be checked"),
    }
}

async fn within<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("nothing within {} s", PATIENCE.as_secs()),
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How messages travel.
enum Way {
    Datagrams(UdpSocket),
    Stream {
        stream: Box<dyn Stream>,
        framing: Framing,
        read: Vec<u8>,
    },
}

impl Way {
    async fn udp(address: SocketAddr) -> anyhow::Result<Self> {
        let any: SocketAddr = if address.is_ipv4() {
            (std::net::Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let socket = UdpSocket::bind(any).await.context("no UDP socket")?;
        socket.connect(address).await.context("no way there")?;
        Ok(Self::Datagrams(socket))
    }

    fn stream(stream: impl Stream + 'static, framing: Framing) -> Self {
        Self::Stream {
            stream: Box::new(stream),
            framing,
            read: Vec::new(),
        }
    }

    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Datagrams(socket) => drop(socket.send(message).await.context("cannot send")?),
            Self::Stream { stream, framing, .. } => {
                if *framing == Framing::Lengths {
                    let length = u16::try_from(message.len()).context("too long")?;
                    stream.write_all(&length.to_be_bytes()).await?;
                }
                stream.write_all(message).await?;
                stream.flush().await?;
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Datagrams(socket) => {
                let mut buffer = vec![0; LONGEST];
                let length = socket.recv(&mut buffer).await.context("nobody listens there")?;
                buffer.truncate(length);
                Ok(buffer)
            }
            Self::Stream { stream, framing, read } => loop {
                match framing.cut(read) {
                    Cut::Unit { whole, skip } => return Ok(read.drain(..whole).skip(skip).collect()),
                    Cut::More => {}
                    Cut::Broken => bail!("something else answers there"),
                }
                ensure!(stream.read_buf(read).await? > 0, "the connection was closed");
            },
        }
    }

    /// Sends until something comes that `wanted` takes; only datagrams are sent again.
    async fn ask<T>(&mut self, message: &[u8], wanted: impl Fn(&[u8]) -> Option<T>) -> anyhow::Result<T> {
        loop {
            self.send(message).await?;
            let again = match self {
                Self::Datagrams(_) => AGAIN,
                Self::Stream { .. } => PATIENCE,
            };
            let until = tokio::time::Instant::now() + again;
            while let Ok(received) = tokio::time::timeout_at(until, self.receive()).await {
                if let Some(found) = wanted(&received?) {
                    return Ok(found);
                }
            }
        }
    }
}

/// A client of a relay.
struct Turn<'a> {
    way: Way,
    relay: &'a RelayAddress,
    realm: String,
    nonce: Vec<u8>,
}

impl Turn<'_> {
    /// Asks, and again with the realm and nonce that the relay names (RFC 8489 §9.2.4).
    async fn ask(&mut self, method: Method, attributes: impl Fn(Writer) -> Writer) -> anyhow::Result<()> {
        for _ in 0..3 {
            let transaction = transaction()?;
            let mut writer = attributes(Writer::new(Class::Request, method, transaction));
            if !self.nonce.is_empty() {
                let key = Key::long_term(self.relay.username.as_bytes(), &self.realm, &self.relay.password);
                writer = writer
                    .attribute(attribute::USERNAME, self.relay.username.as_bytes())
                    .attribute(attribute::REALM, self.realm.as_bytes())
                    .attribute(attribute::NONCE, &self.nonce)
                    .sign(&key);
            }
            let request = writer.fingerprint().finish();
            let own = |bytes: &[u8]| {
                let message = Message::parse(bytes).ok().filter(|message| message.transaction() == transaction);
                message.map(|_| bytes.to_vec())
            };
            let answer = self.way.ask(&request, own).await?;
            let answer = Message::parse(&answer).context("an answer that cannot be read")?;
            match answer.error_code() {
                None => return Ok(()),
                Some(401 | 438) => {
                    let text = |kind| answer.get(kind).map(|value| String::from_utf8_lossy(value).into_owned());
                    self.realm = text(attribute::REALM).unwrap_or_else(|| self.realm.clone());
                    self.nonce = answer.get(attribute::NONCE).unwrap_or_default().to_vec();
                }
                Some(code) => bail!("refused with {code}"),
            }
        }
        bail!("the credential is refused")
    }

    /// Sends a check to the engine and waits for the answer, both wrapped for the relay.
    async fn check(&mut self, target: SocketAddr, names: &CheckNames) -> anyhow::Result<()> {
        let transaction = transaction()?;
        let wrapped = Writer::new(Class::Indication, Method::Send, self::transaction()?)
            .address(attribute::XOR_PEER_ADDRESS, target)
            .attribute(attribute::DATA, &check_request(transaction, names))
            .finish();
        let answers = |bytes: &[u8]| {
            let message = Message::parse(bytes).ok()?;
            let from = message
                .get(attribute::XOR_PEER_ADDRESS)
                .and_then(|value| xor_address(value, &message.transaction()));
            let data = message.get(attribute::DATA)?;
            (from == Some(target) && is_answer(data, transaction, names)).then_some(())
        };
        self.way.ask(&wrapped, answers).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> CheckNames {
        CheckNames {
            username: "00server:doct".to_owned(),
            password: "a password of the server".to_owned(),
        }
    }

    /// Answers checks as the engine does, signed with this password.
    async fn engine(password: &'static str) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let address = socket.local_addr().expect("an address");
        tokio::spawn(async move {
            let mut buffer = [0; LONGEST];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let message = Message::parse(&buffer[..length]).expect("a check");
                let answer = Writer::new(Class::Success, Method::Binding, message.transaction())
                    .sign(&Key::short_term(password))
                    .finish();
                drop(socket.send_to(&answer, from).await);
            }
        });
        address
    }

    #[tokio::test]
    async fn an_engine_that_answers_is_reached() {
        let address = engine("a password of the server").await;
        over_udp(address, &names()).await.expect("it answers");
    }

    #[tokio::test]
    async fn an_answer_of_somebody_else_is_none_and_silence_is_a_failure() {
        let somebody = engine("another password").await;
        let silent = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        for address in [somebody, silent.local_addr().expect("an address")] {
            let error = over_udp(address, &names()).await.expect_err("nobody we know");
            assert!(format!("{error:#}").contains("nothing within"), "{error:#}");
        }
    }

    #[tokio::test]
    async fn a_port_that_nobody_has_open_fails_over_tcp_with_the_right_line() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let tls = crate::http_client::client_config(rustls::RootCertStore::empty()).expect("a configuration");
        let findings = check(&[MediaAddress { tcp: true, address }], &names(), &[], &tls).await;
        let lines: Vec<_> = findings.iter().map(|finding| (finding.check, finding.status)).collect();
        use crate::doctor::report::Status;
        assert_eq!(lines, [("media-tcp", Status::Fail), ("relay", Status::Skip)]);
        assert!(findings[0].advice.contains("open TCP"), "{findings:?}");
    }

    #[tokio::test]
    async fn the_address_of_a_relay_is_read_in_all_its_forms() {
        let tls = crate::http_client::client_config(rustls::RootCertStore::empty()).expect("a configuration");
        for url in [
            "turn:127.0.0.1:3478",
            "turn:127.0.0.1",
            "turn:[::1]:3478?transport=udp",
            "turn:localhost:3478?transport=udp",
        ] {
            assert!(matches!(open(url, &tls).await, Ok(Way::Datagrams(_))), "{url}");
        }
        for url in ["", "turn", "stun:127.0.0.1", "turn:127.0.0.1:many", "turn:127.0.0.1?transport=sctp"] {
            assert!(open(url, &tls).await.is_err(), "{url}");
        }
    }
}
