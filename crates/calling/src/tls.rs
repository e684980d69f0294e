//! Reaching the server: plain TCP, or TLS with the system's authorities and those given in addition.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use crate::error::CallingError;

/// Which authorities may vouch for a server reached by `wss://`.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    extra: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// The system's authorities only.
    pub fn system() -> Self {
        Self::default()
    }

    /// Trusts these as well.
    ///
    /// # Errors
    /// [`CallingError::Authority`] when there is no certificate in the text.
    pub fn and_pem(mut self, pem: &[u8]) -> Result<Self, CallingError> {
        let before = self.extra.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.extra
                .push(certificate.map_err(|error| CallingError::Authority(error.to_string()))?);
        }
        if self.extra.len() == before {
            return Err(CallingError::Authority("no certificate in the file".to_owned()));
        }
        Ok(self)
    }

    fn connector(&self) -> Result<TlsConnector, CallingError> {
        let mut roots = rustls::RootCertStore::empty();
        // An authority of the system that cannot be read is no reason to refuse the others.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in &self.extra {
            roots
                .add(certificate.clone())
                .map_err(|error| CallingError::Authority(error.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| CallingError::Authority(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

/// A stream to the server.
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens a stream; also gives the local address, over which media will go too.
pub(crate) async fn open(url: &Url, trust: &Trust) -> Result<(Stream, IpAddr), CallingError> {
    let bad = |detail: &str| CallingError::Url {
        url: url.to_string(),
        detail: detail.to_owned(),
    };
    let failed = |error: std::io::Error| CallingError::Connect {
        url: url.to_string(),
        detail: error.to_string(),
    };
    let secure = match url.scheme() {
        "ws" => false,
        "wss" => true,
        _ => return Err(bad("the scheme must be ws or wss")),
    };
    let host = url.host_str().ok_or_else(|| bad("no host"))?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().ok_or_else(|| bad("no port"))?;
    let tcp = TcpStream::connect((host, port)).await.map_err(failed)?;
    tcp.set_nodelay(true).map_err(failed)?;
    let local = tcp.local_addr().map_err(failed)?.ip();
    if !secure {
        return Ok((Stream::Plain(tcp), local));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|error| bad(&error.to_string()))?;
    let stream = trust.connector()?.connect(name, tcp).await.map_err(failed)?;
    Ok((Stream::Tls(Box::new(stream)), local))
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
