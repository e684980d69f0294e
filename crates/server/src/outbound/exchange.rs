//! One request and its answer, over a connection of its own to an address that was judged.

use std::{pin::Pin, sync::Arc};

use app::outbound::{OutboundError, OutboundRequest, OutboundResponse};
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Request, header};
use hyper::body::Body as _;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::{net::TcpStream, task::JoinSet};
use url::{Host, Position};

use super::target::{Target, shown};

/// Longest status line with headers.
const MAX_HEAD: usize = 32 * 1024;
/// What a caller may not set: it would contradict what this module sets.
const OWN_HEADERS: [HeaderName; 5] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::USER_AGENT,
];

/// Carries the request out.
pub(super) async fn run(
    target: &Target,
    tls: &Arc<rustls::ClientConfig>,
    request: &OutboundRequest,
) -> Result<OutboundResponse, OutboundError> {
    let failed = |reason: String| OutboundError::Unreachable {
        url: shown(&request.url),
        reason,
    };
    let stream = connect(target).await.map_err(&failed)?;
    if !target.secure {
        return exchange(TokioIo::new(stream), target, request).await;
    }
    let name = server_name(target).map_err(&failed)?;
    let stream = tokio_rustls::TlsConnector::from(Arc::clone(tls))
        .connect(name, stream)
        .await
        .map_err(|error| failed(format!("TLS failed: {error}")))?;
    exchange(TokioIo::new(stream), target, request).await
}

async fn connect(target: &Target) -> Result<TcpStream, String> {
    let mut last = "it has no address".to_owned();
    for address in &target.addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = format!("no connection: {}", error.kind()),
        }
    }
    Err(last)
}

fn server_name(target: &Target) -> Result<ServerName<'static>, String> {
    match target.url.host() {
        Some(Host::Domain(name)) => {
            ServerName::try_from(name.to_owned()).map_err(|_| "its name is none that a certificate can have".to_owned())
        }
        Some(Host::Ipv4(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::V4(address).into())),
        Some(Host::Ipv6(address)) => Ok(ServerName::IpAddress(std::net::IpAddr::V6(address).into())),
        None => Err("it names no host".to_owned()),
    }
}

async fn exchange<I>(io: I, target: &Target, request: &OutboundRequest) -> Result<OutboundResponse, OutboundError>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let failed = |reason: String| OutboundError::Unreachable {
        url: shown(&request.url),
        reason,
    };
    let broken = |error: hyper::Error| failed(format!("the exchange broke off: {error}"));
    let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(io)
        .await
        .map_err(broken)?;
    // The connection ends with this set, however this function ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender
        .send_request(outgoing(target, request).map_err(failed)?)
        .await
        .map_err(broken)?;
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let status = response.status().as_u16();
    let body = read(response.into_body(), request.max_answer_bytes)
        .await
        .map_err(broken)?
        .ok_or_else(|| OutboundError::TooLong { url: shown(&request.url) })?;
    Ok(OutboundResponse {
        status,
        content_type,
        body,
    })
}

fn outgoing(target: &Target, request: &OutboundRequest) -> Result<Request<Body>, String> {
    let host = &target.url[Position::BeforeHost..Position::AfterPort];
    let path = &target.url[Position::BeforePath..Position::AfterQuery];
    let mut built = Request::builder()
        .method(request.method)
        .uri(path)
        .header(header::HOST, host)
        .header(header::USER_AGENT, concat!("anteroom/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .body(Body::from(request.body.clone()))
        .map_err(|error| format!("the request cannot be written: {error}"))?;
    for (name, value) in &request.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str())) else {
            return Err("a header cannot be written".to_owned());
        };
        if !OWN_HEADERS.contains(&name) {
            built.headers_mut().append(name, value);
        }
    }
    Ok(built)
}

/// The body, or nothing when it is longer than `most`: then the rest is not read.
async fn read(mut body: hyper::body::Incoming, most: usize) -> Result<Option<Vec<u8>>, hyper::Error> {
    let mut read = Vec::new();
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data: Bytes = frame?.into_data().unwrap_or_default();
        if read.len().saturating_add(data.len()) > most {
            return Ok(None);
        }
        read.extend_from_slice(&data);
    }
    Ok(Some(read))
}
