//! TURN over TCP and TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use relay::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::aws_lc_rs};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::client::{Client, Stream, binding_request};
use crate::{House, media, until, within};

/// A certificate for "localhost" and whom to trust for it.
fn certificate() -> (TlsAcceptor, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

async fn serve(house: &House, tls: Option<TlsAcceptor>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (relay, stopped) = (house.relay.clone(), house.stop.subscribe());
    tokio::spawn(async move { relay.serve_tcp(listener, tls, stopped).await });
    address
}

async fn over_tcp(house: &House, relay: SocketAddr, participant: &str) -> Client<Stream<TcpStream>> {
    let stream = TcpStream::connect(relay).await.unwrap();
    Client::new(Stream::over(stream), house.credential(participant))
}

async fn over_tls(house: &House, relay: SocketAddr, connector: &TlsConnector, participant: &str) -> Client<Stream<TlsStream<TcpStream>>> {
    let stream = TcpStream::connect(relay).await.unwrap();
    let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    Client::new(Stream::over(stream), house.credential(participant))
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    within(stream.read(&mut [0; 64])).await.is_ok_and(|bytes| bytes == 0)
}

#[tokio::test]
async fn a_client_reaches_the_engine_over_tcp_and_over_tls() {
    let house = House::new();
    let (acceptor, connector) = certificate();
    let plain = serve(&house, None).await;
    let secure = serve(&house, Some(acceptor)).await;
    let mut plain = over_tcp(&house, plain, "p").await;
    let mut secure = over_tls(&house, secure, &connector, "q").await;
    let relayed = [plain.allocate().await.unwrap().relayed, secure.allocate().await.unwrap().relayed];
    assert!(relayed[0].is_some() && relayed[1].is_some() && relayed[0] != relayed[1]);
    assert_eq!(
        (plain.bind(0x4000, media()).await, secure.bind(0x4000, media()).await),
        (None, None)
    );
    // Lengths that need padding and lengths that do not, and many at once.
    for length in 1..60 {
        plain.send_channel(0x4000, &vec![1; length]).await;
        secure.send_channel(0x4000, &vec![2; length]).await;
    }
    for length in 1..60 {
        assert_eq!(plain.data().await, Some((Some(0x4000), vec![1; length])));
        assert_eq!(secure.data().await, Some((Some(0x4000), vec![2; length])));
    }
    assert_eq!(house.relay.stats().connections, 2);
}

#[tokio::test]
async fn a_connection_that_is_closed_takes_its_allocation_with_it() {
    let house = House::new();
    let mut client = over_tcp(&house, serve(&house, None).await, "p").await;
    client.allocate().await.unwrap();
    client.permit(media()).await;
    client.send_to(media(), &binding_request()).await;
    client.data().await.unwrap();
    assert_eq!(house.relay.stats().allocations, 1);
    drop(client);
    until("everything is gone", || {
        let stats = house.relay.stats();
        (stats.allocations, stats.connections, house.engine.closed()) == (0, 0, 1)
    })
    .await;
}

#[tokio::test]
async fn a_connection_outlives_its_allocation_and_the_next_one_has_links_of_its_own() {
    let house = House::new();
    let mut client = over_tcp(&house, serve(&house, None).await, "p").await;
    for round in 0..2 {
        let relayed = client.allocate().await.unwrap().relayed.unwrap();
        client.bind(0x4000, media()).await;
        client.send_channel(0x4000, b"x").await;
        client.data().await.unwrap();
        assert_eq!(house.engine.opened.lock().unwrap()[round].1, relayed);
        assert_eq!(client.refresh(0).await.unwrap().code, None);
        until("the link is closed", || house.engine.closed() == round + 1).await;
    }
    assert_eq!(house.relay.stats().connections, 1);
}

#[tokio::test]
async fn a_revoked_participant_is_disconnected_and_others_are_not() {
    let house = House::new();
    let relay = serve(&house, None).await;
    let (mut revoked, mut other) = (over_tcp(&house, relay, "p").await, over_tcp(&house, relay, "q").await);
    revoked.allocate().await.unwrap();
    other.allocate().await.unwrap();
    house.relay.revoke("p");
    assert!(is_closed(&mut revoked.way.0).await);
    assert_eq!(other.refresh(600).await.unwrap().code, None);
    assert_eq!(over_tcp(&house, relay, "p").await.allocate().await.unwrap().code, Some(401));
}

#[tokio::test]
async fn a_source_has_its_share_of_connections() {
    let house = House::with(Limits {
        of_one_source: 2,
        ..Limits::relay()
    });
    let relay = serve(&house, None).await;
    let mut held = [over_tcp(&house, relay, "p").await, over_tcp(&house, relay, "q").await];
    for client in &mut held {
        assert_eq!(client.allocate().await.unwrap().code, None);
    }
    assert!(is_closed(&mut TcpStream::connect(relay).await.unwrap()).await);
    assert_eq!(house.relay.stats().connections_refused, 1);
    let [first, _second] = held;
    drop(first);
    until("its place is free", || house.relay.stats().connections == 1).await;
    assert_eq!(over_tcp(&house, relay, "p").await.allocate().await.unwrap().code, None);
}

#[tokio::test]
async fn who_connects_for_nothing_is_disconnected_and_who_allocates_is_not() {
    let house = House::with(Limits {
        first_time: Duration::from_millis(300),
        handshake_time: Duration::from_millis(300),
        ..Limits::relay()
    });
    let (acceptor, _) = certificate();
    let (plain, secure) = (serve(&house, None).await, serve(&house, Some(acceptor)).await);
    let mut client = over_tcp(&house, plain, "p").await;
    assert_eq!(client.allocate().await.unwrap().code, None);
    for relay in [plain, secure] {
        assert!(is_closed(&mut TcpStream::connect(relay).await.unwrap()).await);
    }
    // The other's time began earlier.
    assert_eq!(client.refresh(600).await.unwrap().code, None);
    // Without its allocation the connection is for nothing again.
    assert_eq!(client.refresh(0).await.unwrap().code, None);
    assert!(is_closed(&mut client.way.0).await);
}

#[tokio::test]
async fn streams_of_another_kind_are_closed_at_once() {
    let house = House::new();
    let relay = serve(&house, None).await;
    for junk in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x00, 0x01, 0xFF, 0xFC], &[0x40, 0, 0xFF, 0xFF]] {
        let mut stream = TcpStream::connect(relay).await.unwrap();
        stream.write_all(junk).await.unwrap();
        // With bytes unread, the close may arrive as a reset.
        assert_eq!(within(stream.read(&mut [0; 64])).await.unwrap_or(0), 0, "{junk:?}");
    }
}
