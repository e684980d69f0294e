//! A subscriber's HTTPS endpoint with an authority of its own.

use std::{
    collections::VecDeque,
    convert::Infallible,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::{Body, to_bytes};
use hyper::{Request, Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

/// The endpoint.
pub(crate) struct Receiver {
    port: u16,
    authority: PathBuf,
    inner: Arc<Inner>,
    notifications: mpsc::Receiver<Value>,
    _folder: tempfile::TempDir,
}

struct Inner {
    connections: AtomicUsize,
    /// What the next requests are answered with, before anything else.
    statuses: Mutex<VecDeque<(u16, Option<String>)>>,
    tell: mpsc::Sender<Value>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("receiver-ca.pem");
        let config = certificates(&authority);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, notifications) = mpsc::channel(64);
        let inner = Arc::new(Inner {
            connections: AtomicUsize::new(0),
            statuses: Mutex::default(),
            tell,
        });
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let serving = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, Ordering::SeqCst);
                let (acceptor, inner) = (acceptor.clone(), Arc::clone(&serving));
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| answer(Arc::clone(&inner), request));
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Self {
            port,
            authority,
            inner,
            notifications,
            _folder: folder,
        }
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/hook", self.port)
    }

    pub(crate) fn authority(&self) -> &str {
        self.authority.to_str().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }

    /// Answers the next request with this status, and a `Location` if there is one.
    pub(crate) fn answer_next(&self, status: u16, location: Option<String>) {
        self.inner.statuses.lock().unwrap().push_back((status, location));
    }

    /// The next notification that comes.
    pub(crate) async fn next(&mut self) -> Value {
        tokio::time::timeout(super::house::PATIENCE, self.notifications.recv())
            .await
            .expect("a notification in time")
            .unwrap()
    }
}

async fn answer(inner: Arc<Inner>, request: Request<hyper::body::Incoming>) -> Result<Response<Body>, Infallible> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let token = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "validationToken")
        .map(|(_, token)| token.into_owned());
    let body = to_bytes(Body::new(request.into_body()), usize::MAX).await.unwrap();
    if token.is_none() {
        inner.tell.send(serde_json::from_slice(&body).unwrap()).await.unwrap();
    }
    let (status, location) = inner.statuses.lock().unwrap().pop_front().unwrap_or((200, None));
    let mut response = Response::builder().status(status).header("content-type", "text/plain");
    if let Some(location) = location {
        response = response.header("location", location);
    }
    Ok(response.body(Body::from(token.unwrap_or_default())).unwrap())
}

/// Makes an authority, writes its certificate to `path`, and a certificate for the loopback names.
fn certificates(path: &std::path::Path) -> rustls::ServerConfig {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(path, authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let leaf_key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])
        .unwrap()
        .signed_by(&leaf_key, &issuer)
        .unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .unwrap()
}
