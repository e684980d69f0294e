//! Under which names the server is reached, in the forms that its parts need.

use std::net::{IpAddr, SocketAddr};

/// Under which names the server is reached.
pub(crate) struct Origins {
    pub(crate) http: String,
    pub(crate) https: String,
    others: Vec<String>,
}

impl Origins {
    pub(crate) fn new(http: SocketAddr, https: SocketAddr) -> Self {
        let (http_port, https_port) = (http.port(), https.port());
        // A loopback page is a secure context for browsers under its address as under its name.
        let named = |ip: IpAddr| {
            if ip.is_unspecified() {
                "127.0.0.1".to_owned()
            } else {
                SocketAddr::new(ip, 0).to_string().trim_end_matches(":0").to_owned()
            }
        };
        let secure = if https.ip().is_loopback() || https.ip().is_unspecified() {
            "localhost".to_owned()
        } else {
            named(https.ip())
        };
        Self {
            http: format!("http://{}:{http_port}", named(http.ip())),
            https: format!("https://{secure}:{https_port}"),
            others: vec![format!("http://localhost:{http_port}"), format!("https://127.0.0.1:{https_port}")],
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        [&self.http, &self.https].into_iter().chain(&self.others).cloned().collect()
    }

    /// Host and port of each origin: what a signed request may have named as its host.
    pub(crate) fn authorities(&self) -> Vec<String> {
        self.all()
            .iter()
            .filter_map(|origin| origin.split_once("://").map(|(_, authority)| authority.to_owned()))
            .collect()
    }

    /// Where signalling is reached: on the loopback HTTP origin, which no browser warns about.
    pub(crate) fn signal_url(&self) -> String {
        format!("{}/signal", socket(&self.http))
    }

    /// Each origin as a WebSocket names it.
    pub(crate) fn sockets(&self) -> Vec<String> {
        self.all().iter().map(|origin| socket(origin)).collect()
    }
}

fn socket(origin: &str) -> String {
    origin.replacen("http", "ws", 1)
}
