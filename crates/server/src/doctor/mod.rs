//! `anteroom doctor`: looks at a running server as its clients see it, at the machine, and at the data directory; says what is wrong and what to do.
//!
//! The media path is checked by a real join: with the resource's connection string the doctor makes an identity, joins a group call of its own (a random
//! GUID, so nobody else is in it), waits until ICE and DTLS are through, and then makes connectivity checks over every way that the server tells. A bare
//! request to the media port would prove nothing, since the engine answers only those whom it told its names. Afterwards the call is left and the identity
//! deleted. Nothing else is changed anywhere.
//!
//! One file a subject; `report` has the words. Exit code 0: nothing failed; 1: something did. See `docs/operations/doctor.md`.

mod data;
mod identity;
mod machine;
mod report;
mod ways;
mod web;

use std::{process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use calling::{Trust, probe::Probe};
use serde_json::Value;

use self::{
    identity::{ConnectionString, Visitor},
    report::{Finding, Report},
};
use crate::{
    cli::DoctorArgs,
    http_client::{self, Answer, Asked, Origin},
};

/// How long the media path of a client may take to come up.
const MEDIA: Duration = Duration::from_secs(10);
/// Longer than this a client is kept waiting noticeably.
const SLOW: Duration = Duration::from_secs(2);

/// Checks what the arguments let it and prints what was found.
pub(crate) async fn run(args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let report = check(args).await?;
    say(&if json { report.json() } else { report.text() });
    Ok(if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(args: DoctorArgs) -> anyhow::Result<Report> {
    let asked = Patient::of(args)?;
    let mut checks = Vec::new();
    if let Some(server) = &asked.server {
        checks.extend(web::check(server).await);
        if checks.iter().all(|finding: &Finding| finding.status != report::Status::Fail) {
            checks.push(web::sign_in(server).await);
            checks.extend(media(server, asked.key.as_ref()).await);
        }
        for issuer in &asked.providers {
            checks.push(web::upstream(issuer, server).await);
        }
    }
    if let Some(data) = &asked.data {
        checks.push(data::check(data).await);
    }
    checks.extend(tokio::task::spawn_blocking(machine::check).await?);
    Ok(Report { checks })
}

/// What is looked at.
struct Patient {
    server: Option<Server>,
    key: Option<ConnectionString>,
    data: Option<std::path::PathBuf>,
    providers: Vec<String>,
}

impl Patient {
    /// Arguments come before what the ready file says.
    fn of(args: DoctorArgs) -> anyhow::Result<Self> {
        let ready: Value = match &args.ready_file {
            None => Value::Null,
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the ready file {}", path.display()))?;
                serde_json::from_str(&text).with_context(|| format!("{} is no ready file", path.display()))?
            }
        };
        let said = |name: &str| ready.get(name).and_then(Value::as_str).map(str::to_owned);
        let key = args.connection_string.or_else(|| said("connectionString"));
        let key = key.map(|text| ConnectionString::parse(&text)).transpose()?;
        let url = args
            .url
            .or_else(|| said("origin"))
            .or_else(|| key.as_ref().map(|key| key.endpoint().to_owned()));
        let ca = args.ca.or_else(|| said("caCertificate").map(Into::into));
        let server = url.map(|url| Server::new(&url, ca.as_deref())).transpose()?;
        Ok(Self {
            server,
            key,
            data: args.data,
            providers: args.provider,
        })
    }
}

/// A server that is asked.
struct Server {
    origin: Origin,
    /// What follows the origin in its URL.
    path: String,
    tls: Arc<rustls::ClientConfig>,
    trust: Trust,
}

impl Server {
    fn new(url: &str, ca: Option<&std::path::Path>) -> anyhow::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        // A certificate of the system that cannot be read is as good as none.
        for certificate in rustls_native_certs::load_native_certs().certs {
            drop(roots.add(certificate));
        }
        let mut trust = Trust::system();
        if let Some(path) = ca {
            http_client::trust(&mut roots, path)?;
            trust = trust.and_pem(&std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?)?;
        }
        Self::trusting(url, http_client::client_config(roots)?, trust)
    }

    fn trusting(url: &str, tls: Arc<rustls::ClientConfig>, trust: Trust) -> anyhow::Result<Self> {
        let parsed = url::Url::parse(url).with_context(|| format!("{url} is not an address"))?;
        Ok(Self {
            origin: Origin::of(url)?,
            path: parsed.path().to_owned(),
            tls,
            trust,
        })
    }

    /// Another server under the same trust.
    fn elsewhere(&self, url: &str) -> anyhow::Result<Self> {
        Self::trusting(url, Arc::clone(&self.tls), self.trust.clone())
    }

    /// Its origin, as it is written.
    fn url(&self) -> String {
        let scheme = if self.origin.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    fn authority(&self) -> String {
        self.origin.authority()
    }

    fn is_secure(&self) -> bool {
        self.origin.secure
    }

    async fn ask(&self, asked: Asked) -> anyhow::Result<Answer> {
        http_client::ask(&self.origin, asked, &self.tls).await
    }

    async fn json(&self, asked: Asked) -> anyhow::Result<Value> {
        let path = asked.path.clone();
        let answer = self.ask(asked).await.with_context(|| path.clone())?;
        anyhow::ensure!(
            answer.status.is_success(),
            "{path} answers {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>()
        );
        serde_json::from_slice(&answer.body).with_context(|| format!("{path} does not answer with JSON"))
    }
}

/// Joins a call of its own and looks at all ways to the media engine.
async fn media(server: &Server, key: Option<&ConnectionString>) -> Vec<Finding> {
    let Some(key) = key else {
        let why = "a join needs the resource's connection string: --connection-string, ANTEROOM_CONNECTION_STRING or --ready-file";
        return vec![Finding::skip("join", why)];
    };
    let visitor = match Visitor::make(server, key).await {
        Ok(visitor) => visitor,
        Err(error) => {
            let advice = "check the connection string; the resource makes no identities";
            return vec![Finding::fail("join", format!("{error:#}"), advice)];
        }
    };
    let mut findings = ways(server, &visitor).await;
    if let Err(error) = visitor.delete(server, key).await {
        findings.push(Finding::warn(
            "cleanup",
            format!("the doctor's identity could not be deleted: {error:#}"),
            "its token ends within the hour",
        ));
    }
    findings
}

async fn ways(server: &Server, visitor: &Visitor) -> Vec<Finding> {
    let group = match guid() {
        Ok(group) => group,
        Err(error) => return vec![Finding::fail("join", format!("{error:#}"), "the machine is broken")],
    };
    let probe = match Probe::open(&visitor.token, &server.trust, &group, MEDIA).await {
        Ok(probe) => probe,
        Err(error) => {
            let advice = "signalling is a WebSocket (/signal); what stands in front of the server must let it through, and the address in tokens must be reachable";
            return vec![Finding::fail("join", error.to_string(), advice)];
        }
    };
    let mut findings = vec![Finding::ok("join", "a visitor can sign in and join"), connected(probe.connected_in)];
    findings.extend(self::ways::check(&probe.addresses, &probe.names, &probe.relays, &server.tls).await);
    if let Err(error) = probe.close().await {
        tracing::debug!(%error, "the doctor's call could not be left in order");
    }
    findings
}

fn connected(took: Option<Duration>) -> Finding {
    const NAME: &str = "media";
    match took {
        None => Finding::fail(
            NAME,
            format!("no media path within {} s", MEDIA.as_secs()),
            "media would not flow: see the lines below for the ways that work; behind address translation the server must advertise its outer address",
        ),
        Some(took) if took > SLOW => Finding::warn(
            NAME,
            format!("the media path came up after {} ms", took.as_millis()),
            "packets are lost on the way, or the server is busy",
        ),
        Some(took) => Finding::ok(NAME, format!("ICE and DTLS through UDP in {} ms", took.as_millis())),
    }
}

/// A name for a call that nobody else has.
fn guid() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
    Ok(format!(
        "{}-{}-4{}-8{}-{}",
        part(0..8),
        part(8..12),
        part(13..16),
        part(17..20),
        part(20..32)
    ))
}

#[expect(clippy::print_stdout, reason = "the command's own output, for the person who runs it")]
fn say(text: &str) {
    print!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_of_a_doctor_is_named_by_a_new_guid_each_time() {
        let (one, other) = (guid().expect("randomness"), guid().expect("randomness"));
        assert_ne!(one, other);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!((&one[14..15], &one[19..20]), ("4", "8"));
    }
}
