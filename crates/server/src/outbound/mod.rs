//! The way out: implements `app::outbound` over HTTP/1.1 and TLS, so that nobody can make this server call what it should not.
//!
//! * Owns: judging targets ([`target`], [`address`], [`allowance`]), connecting to the very address that was judged, one exchange.
//! * Not here: who is called and when (`app::notify`, `app::sign_in`).
//! * Invariants, kept by the tests beside each part: no redirect is followed; a name is resolved once per request, all of its addresses are
//!   judged and one of them is connected to; time and size of an exchange are bounded, its connection ends with it.

mod address;
mod allowance;
mod exchange;
mod target;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

use app::outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
use async_trait::async_trait;

pub(crate) use allowance::{Allowance, Allowed};
use target::{Target, shown};

use crate::http_client;

/// Judging alone, which may wait for name servers.
const JUDGING: Duration = Duration::from_secs(5);

/// Calls others.
pub(crate) struct WayOut {
    allowance: Allowance,
    tls: Arc<rustls::ClientConfig>,
}

impl WayOut {
    /// Trusts the authorities of the operating system and those in `authority` (PEM).
    pub(crate) fn new(allowed: Vec<Allowed>, authority: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "an authority of the operating system could not be read; targets that need it will not be called");
        }
        roots.add_parsable_certificates(system.certs);
        if let Some(path) = authority {
            http_client::trust(&mut roots, path)?;
        }
        Ok(Self {
            allowance: Allowance(allowed),
            tls: http_client::client_config(roots)?,
        })
    }
}

#[async_trait]
impl Outbound for WayOut {
    async fn check(&self, url: &str) -> Result<(), OutboundError> {
        within(JUDGING, url, Target::judge(url, &self.allowance)).await.map(drop)
    }

    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let all = async {
            let target = Target::judge(&request.url, &self.allowance).await?;
            exchange::run(&target, &self.tls, &request).await
        };
        within(Duration::from_millis(request.timeout_ms), &request.url, all).await
    }
}

async fn within<T>(limit: Duration, url: &str, work: impl Future<Output = Result<T, OutboundError>>) -> Result<T, OutboundError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(OutboundError::TimedOut { url: shown(url) }))
}
