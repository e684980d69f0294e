//! Real exchanges with a small server on loopback.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use app::outbound::{Outbound as _, OutboundError, OutboundRequest};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};

use super::*;
use crate::tls;

/// Listens on loopback, answers each connection with the same bytes, and tells what it was asked.
struct Answering {
    address: SocketAddr,
    asked: mpsc::Receiver<String>,
}

impl Answering {
    async fn plain(answer: impl Into<Vec<u8>>) -> Self {
        Self::start("127.0.0.1", answer.into(), None).await
    }

    async fn start(address: &str, answer: Vec<u8>, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &tls {
                    None => serve(stream, &answer, &tell).await,
                    Some(config) => {
                        if let Ok(stream) = tokio_rustls::TlsAcceptor::from(Arc::clone(config)).accept(stream).await {
                            serve(stream, &answer, &tell).await;
                        }
                    }
                }
            }
        });
        Self { address, asked }
    }

    fn url(&self, scheme: &str, host: &str) -> String {
        format!("{scheme}://{host}:{}/hook?a=b", self.address.port())
    }
}

async fn serve(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, answer: &[u8], tell: &mpsc::Sender<String>) {
    let mut asked = vec![0; 8192];
    let length = stream.read(&mut asked).await.unwrap();
    asked.truncate(length);
    tell.send(String::from_utf8(asked).unwrap()).await.unwrap();
    drop(stream.write_all(answer).await);
    drop(stream.shutdown().await);
}

fn way_out(allowed: &[&str], authority: Option<&Path>) -> WayOut {
    WayOut::new(allowed.iter().map(|text| text.parse().unwrap()).collect(), authority).unwrap()
}

fn post(url: String) -> OutboundRequest {
    OutboundRequest {
        method: "POST",
        url,
        headers: vec![
            ("content-type".to_owned(), "text/plain".to_owned()),
            ("Host".to_owned(), "elsewhere".to_owned()),
        ],
        body: b"hello".to_vec(),
        timeout_ms: 5000,
        max_answer_bytes: 10,
    }
}

#[tokio::test]
async fn an_exchange_names_the_host_of_the_url_and_gives_the_answer() {
    let mut server = Answering::plain("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n0123456789").await;
    let url = server.url("http", "127.0.0.1");
    let answer = way_out(&["127.0.0.1"], None).send(post(url)).await.unwrap();
    assert_eq!(
        (answer.status, answer.content_type.as_deref(), answer.body.as_slice()),
        (200, Some("text/plain"), b"0123456789".as_slice())
    );
    let asked = server.asked.recv().await.unwrap();
    assert!(asked.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{asked}");
    assert!(
        asked.contains(&format!("\r\nhost: 127.0.0.1:{}\r\n", server.address.port())),
        "{asked}"
    );
    assert!(
        !asked.contains("elsewhere") && asked.contains("\r\ncontent-type: text/plain\r\n"),
        "{asked}"
    );
    assert!(asked.contains("\r\ncontent-length: 5\r\n"), "{asked}");
}

#[tokio::test]
async fn without_an_allowance_nothing_on_this_machine_is_even_connected_to() {
    let mut server = Answering::plain("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let (closed, open) = (way_out(&[], None), way_out(&["127.0.0.1"], None));
    for host in ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"] {
        let outcome = closed.send(post(server.url("https", host))).await;
        assert!(matches!(outcome, Err(OutboundError::Forbidden { .. })), "{host}: {outcome:?}");
        assert!(closed.check(&server.url("https", host)).await.is_err(), "{host}");
    }
    assert_eq!(open.send(post(server.url("http", "127.0.0.1"))).await.unwrap().status, 200);
    server.asked.recv().await.unwrap();
    assert!(server.asked.try_recv().is_err(), "one request only came through");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let mut inner = Answering::plain("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let redirect = format!(
        "HTTP/1.1 307 x\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        inner.url("http", "127.0.0.1")
    );
    let outer = Answering::plain(redirect).await;
    let answer = way_out(&["127.0.0.1"], None)
        .send(post(outer.url("http", "127.0.0.1")))
        .await
        .unwrap();
    assert_eq!(answer.status, 307);
    assert!(inner.asked.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_given_up_with_and_without_a_length() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789X".to_owned(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789X\r\n0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(100_000)),
    ] {
        let server = Answering::plain(answer).await;
        let outcome = way_out(&["127.0.0.1"], None).send(post(server.url("http", "127.0.0.1"))).await;
        assert!(matches!(outcome, Err(OutboundError::TooLong { .. })), "{outcome:?}");
    }
}

#[tokio::test]
async fn endless_headers_and_silence_end_in_time() {
    let endless = Answering::plain(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEADER_SENT))).await;
    let outcome = way_out(&["127.0.0.1"], None).send(post(endless.url("http", "127.0.0.1"))).await;
    assert!(matches!(outcome, Err(OutboundError::Unreachable { .. })), "{outcome:?}");

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut request = post(format!("http://{}/", silent.local_addr().unwrap()));
    request.timeout_ms = 50;
    let outcome = way_out(&["127.0.0.1"], None).send(request).await;
    assert!(matches!(outcome, Err(OutboundError::TimedOut { .. })), "{outcome:?}");
}

/// More than any head may have.
const MAX_HEADER_SENT: usize = 200_000;

#[tokio::test]
async fn a_target_is_trusted_by_its_authority_and_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let local = tls::local(folder.path()).unwrap();
    let authority: PathBuf = local.ca_certificate;
    let answer = b"HTTP/1.1 204 x\r\n\r\n".to_vec();
    let server = Answering::start("127.0.0.1", answer.clone(), Some(Arc::clone(&local.config))).await;
    let allowed = ["127.0.0.0/8", "::1"];
    let trusting = way_out(&allowed, Some(&authority));
    for host in ["localhost", "127.0.0.1"] {
        assert_eq!(trusting.send(post(server.url("https", host))).await.unwrap().status, 204, "{host}");
    }
    let foreign = way_out(&allowed, None).send(post(server.url("https", "localhost"))).await;
    assert!(matches!(foreign, Err(OutboundError::Unreachable { .. })), "{foreign:?}");
    // The certificate is for 127.0.0.1 and localhost.
    let elsewhere = Answering::start("127.0.0.2", answer, Some(local.config)).await;
    let other_name = trusting.send(post(elsewhere.url("https", "127.0.0.2"))).await;
    assert!(matches!(other_name, Err(OutboundError::Unreachable { .. })), "{other_name:?}");
}

#[tokio::test]
async fn what_was_judged_is_connected_to_and_its_name_is_not_asked_for_again() {
    let mut server = Answering::plain("HTTP/1.1 204 x\r\n\r\n").await;
    let request = post("http://rebound.invalid/hook".to_owned());
    let target = Target {
        url: request.url.parse().unwrap(),
        secure: false,
        addresses: vec![server.address],
    };
    let answer = exchange::run(&target, &way_out(&[], None).tls, &request).await.unwrap();
    assert_eq!(answer.status, 204);
    assert!(server.asked.recv().await.unwrap().contains("\r\nhost: rebound.invalid\r\n"));
}
