//! One small HTTP/1.1 request on a connection of its own, for the commands that talk to a server.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::net::TcpStream;

/// Whole exchange.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Longest answer that is read.
const MOST: usize = 64 * 1024;

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) secure: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// Scheme, host and port of a link.
    pub(crate) fn of(link: &str) -> anyhow::Result<Self> {
        let uri: axum::http::Uri = link.parse().with_context(|| format!("{link} is not a link"))?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => bail!("{link} is not an http or https link"),
        };
        let host = uri.host().context("the link names no host")?.to_owned();
        Ok(Self {
            secure,
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            host,
        })
    }

    /// Host and port as they are written in a URL: a default port is left out.
    pub(crate) fn authority(&self) -> String {
        let default = if self.secure { 443 } else { 80 };
        if self.port == default {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// A request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    /// JSON, or nothing.
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// What the server showed, its own first; none over plain http.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

/// Trust for TLS connections: the given authority (PEM), and nothing else.
pub(crate) fn tls(ca: Option<&Path>) -> anyhow::Result<Arc<rustls::ClientConfig>> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(path) = ca {
        trust(&mut roots, path)?;
    }
    client_config(roots)
}

/// Adds the authorities of a PEM file.
pub(crate) fn trust(roots: &mut rustls::RootCertStore, path: &Path) -> anyhow::Result<()> {
    for certificate in CertificateDer::pem_file_iter(path).with_context(|| format!("cannot read {}", path.display()))? {
        roots.add(certificate.with_context(|| format!("{} is not a PEM certificate", path.display()))?)?;
    }
    Ok(())
}

/// A client without a certificate of its own that trusts these authorities.
pub(crate) fn client_config(roots: rustls::RootCertStore) -> anyhow::Result<Arc<rustls::ClientConfig>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(Arc::new(config.with_no_client_auth()))
}

/// POSTs nothing to `path` and gives the JSON answer of a 200.
pub(crate) async fn post(origin: &Origin, path: &str, tls: Arc<rustls::ClientConfig>) -> anyhow::Result<serde_json::Value> {
    let asked = Asked {
        body: "{}".to_owned(),
        ..Asked::new(Method::POST, path)
    };
    let Answer { status, body, .. } = ask(origin, asked, &tls).await?;
    if !status.is_success() {
        bail!("the server answered {status}: {}", String::from_utf8_lossy(&body));
    }
    serde_json::from_slice(&body).context("the server's answer is not JSON; does the link lead to an Anteroom server?")
}

/// Makes one request.
pub(crate) async fn ask(origin: &Origin, asked: Asked, tls: &Arc<rustls::ClientConfig>) -> anyhow::Result<Answer> {
    tokio::time::timeout(TIMEOUT, exchange(origin, asked, tls))
        .await
        .context("the server did not answer in time")?
}

async fn exchange(origin: &Origin, asked: Asked, tls: &Arc<rustls::ClientConfig>) -> anyhow::Result<Answer> {
    let host = origin.host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, origin.port))
        .await
        .with_context(|| format!("cannot reach {}:{}", origin.host, origin.port))?;
    if !origin.secure {
        return request(TokioIo::new(stream), origin, asked).await;
    }
    let name = ServerName::try_from(host.to_owned()).context("the host is no name for TLS")?;
    let stream = tokio_rustls::TlsConnector::from(Arc::clone(tls))
        .connect(name, stream)
        .await
        .context("TLS failed; give the authority's certificate with --ca")?;
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificates = shown.iter().map(|certificate| certificate.clone().into_owned()).collect();
    let answer = request(TokioIo::new(stream), origin, asked).await?;
    Ok(Answer { certificates, ..answer })
}

async fn request<I>(io: I, origin: &Origin, asked: Asked) -> anyhow::Result<Answer>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection ended");
        }
    });
    let mut request = Request::builder()
        .method(asked.method)
        .uri(&asked.path)
        .header(header::HOST, origin.authority());
    if !asked.body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in &asked.headers {
        request = request.header(name, value);
    }
    let (parts, body) = sender.send_request(request.body(Body::from(asked.body))?).await?.into_parts();
    Ok(Answer {
        status: parts.status,
        headers: parts.headers,
        body: to_bytes(Body::new(body), MOST).await?.to_vec(),
        certificates: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_a_link_is_read_with_its_default_port() {
        let origin = Origin::of("https://meet.example/l/meetup-join/19%3ameeting_x/0?context=%7b%7d").expect("a link");
        assert_eq!(
            origin,
            Origin {
                secure: true,
                host: "meet.example".to_owned(),
                port: 443
            }
        );
        assert_eq!(origin.authority(), "meet.example");
        let local = Origin::of("http://127.0.0.1:8080/meet/1").expect("a link");
        assert_eq!((local.port, local.authority().as_str()), (8080, "127.0.0.1:8080"));
        assert!(Origin::of("ftp://meet.example/").is_err());
        assert!(Origin::of("not a link").is_err());
    }
}
