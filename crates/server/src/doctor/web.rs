//! The server as its clients reach it: HTTPS, its certificate, its clock, its sign-in.

use std::time::Duration;

use axum::http::{Method, StatusCode, header};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use x509_cert::{Certificate, der::Decode as _};

use super::{Server, report::Finding};
use crate::http_client::{Answer, Asked};

/// Tokens are refused from clocks that differ by minutes; seconds are already a sign of a clock that nobody sets.
const FAIR_SKEW: Duration = Duration::from_secs(5);
const POOR_SKEW: Duration = Duration::from_secs(60);
/// A certificate that ends sooner should have been renewed.
const RENEW_DAYS: i64 = 14;

/// Whether the server answers, and what that tells. Nothing more can be checked unless the first finding is good.
pub(super) async fn check(server: &Server) -> Vec<Finding> {
    let begun = Timestamp::now();
    let answer = match server.ask(Asked::get("/health/ready")).await {
        Ok(answer) => answer,
        Err(error) => return vec![unreachable(server, &error)],
    };
    let took = Timestamp::now().duration_since(begun).unsigned_abs();
    let ready = if answer.status == StatusCode::OK {
        Finding::ok(
            "https",
            format!("{} answers and is ready, in {} ms", server.url(), took.as_millis()),
        )
    } else {
        let why = String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>();
        Finding::fail(
            "https",
            format!("{} answers {}: {why}", server.url(), answer.status),
            "look at the server's log",
        )
    };
    vec![
        ready,
        certificate(server.is_secure(), answer.certificates.first(), Timestamp::now()),
        clock(&answer, begun, took),
    ]
}

/// What stands in the way, as far as the error says.
fn unreachable(server: &Server, error: &anyhow::Error) -> Finding {
    let found = format!("{error:#}");
    let tls = error.chain().find_map(|cause| {
        let io = cause.downcast_ref::<std::io::Error>()?;
        io.get_ref()?.downcast_ref::<rustls::Error>()
    });
    match tls {
        Some(rustls::Error::InvalidCertificate(reason)) => Finding::fail("certificate", found, certificate_advice(reason)),
        Some(_) => Finding::fail(
            "certificate",
            found,
            "TLS fails before the certificate is seen; is it another server that answers there?",
        ),
        None => Finding::fail(
            "https",
            found,
            format!(
                "check that the server runs, that {} is its address, and that no firewall is in between",
                server.url()
            ),
        ),
    }
}

fn certificate_advice(reason: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Bad;
    match reason {
        Bad::Expired | Bad::ExpiredContext { .. } => "the certificate has ended; renew it".to_owned(),
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => "the certificate is not valid yet; check both clocks".to_owned(),
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => {
            "the certificate is for another name; use a name that it has, or one for this name".to_owned()
        }
        Bad::UnknownIssuer => {
            "nobody here trusts who signed it: give the authority with --ca, or send the whole chain from the server".to_owned()
        }
        _ => "clients will refuse it, too; put another certificate in its place".to_owned(),
    }
}

/// The certificate was accepted; whether it will be for long.
fn certificate(secure: bool, certificate: Option<&CertificateDer<'_>>, now: Timestamp) -> Finding {
    const NAME: &str = "certificate";
    if !secure {
        return Finding::skip(NAME, "the address is plain http; people's browsers take that on loopback only");
    }
    let ends = certificate.and_then(|certificate| {
        let certificate = Certificate::from_der(certificate).ok()?;
        let not_after = certificate.tbs_certificate().validity().not_after;
        Timestamp::from_second(i64::try_from(not_after.to_unix_duration().as_secs()).ok()?).ok()
    });
    let Some(ends) = ends else {
        return Finding::warn(
            NAME,
            "it is trusted, but its end cannot be read",
            "put a usual certificate in its place",
        );
    };
    let days = ends.duration_since(now).as_hours() / 24;
    let found = format!("trusted, good for {days} days");
    if days >= RENEW_DAYS {
        Finding::ok(NAME, found)
    } else {
        Finding::warn(NAME, found, "renew it; is the renewal running?")
    }
}

/// The server's clock against ours, in the middle of the question and its answer.
fn clock(answer: &Answer, asked: Timestamp, took: Duration) -> Finding {
    const NAME: &str = "clock";
    let date = answer.headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) else {
        return Finding::warn(NAME, "the server does not say its time", "is something else answering for it?");
    };
    // The header has whole seconds, cut off.
    let theirs = date.timestamp().as_millisecond().saturating_add(500);
    let ours = asked
        .as_millisecond()
        .saturating_add(i64::try_from(took.as_millis() / 2).unwrap_or(0));
    judge_clock(theirs.saturating_sub(ours))
}

fn judge_clock(ahead_ms: i64) -> Finding {
    const NAME: &str = "clock";
    let differs = Duration::from_millis(ahead_ms.unsigned_abs());
    let found = format!(
        "the server's clock is {:.1} s {} this one",
        differs.as_secs_f64(),
        if ahead_ms < 0 { "behind" } else { "ahead of" }
    );
    let advice = "set both by NTP (chronyd, systemd-timesyncd); tokens and signatures are refused when clocks differ";
    if differs < FAIR_SKEW {
        Finding::ok(NAME, "both clocks agree to within seconds")
    } else if differs < POOR_SKEW {
        Finding::warn(NAME, found, advice)
    } else {
        Finding::fail(NAME, found, advice)
    }
}

/// Whether members can sign in: the description of the provider, and its keys.
pub(super) async fn sign_in(server: &Server) -> Finding {
    const NAME: &str = "sign-in";
    const ADVICE: &str = "members cannot sign in; look at the server's log, and at what stands in front of the server";
    let found = async {
        let config = server.json(Asked::get("/api/config")).await?;
        let tenant = text(&config, "tenantId")?;
        let description = server
            .json(Asked::get(&format!("/{tenant}/v2.0/.well-known/openid-configuration")))
            .await?;
        let issuer = text(&description, "issuer")?;
        if !issuer.starts_with(&server.url()) {
            anyhow::bail!("the provider calls itself {issuer}, which does not begin with {}", server.url());
        }
        let keys_at = text(&description, "jwks_uri")?;
        let path = keys_at.strip_prefix(&server.url()).unwrap_or_default();
        let keys = server.json(Asked::get(path)).await?;
        let keys = keys.get("keys").and_then(Value::as_array).map_or(0, Vec::len);
        anyhow::ensure!(keys > 0, "the provider has no keys");
        Ok::<_, anyhow::Error>(format!("{issuer} describes itself and has {keys} keys"))
    };
    match found.await {
        Ok(found) => Finding::ok(NAME, found),
        Err(error) => Finding::fail(NAME, format!("{error:#}"), ADVICE),
    }
}

/// An upstream provider, as the server reads it.
pub(super) async fn upstream(issuer: &str, server: &Server) -> Finding {
    const NAME: &str = "upstream-provider";
    let found = async {
        let other = server.elsewhere(issuer)?;
        let path = format!("{}/.well-known/openid-configuration", other.path.trim_end_matches('/'));
        let description = other.json(Asked::new(Method::GET, &path)).await?;
        let said = text(&description, "issuer")?;
        anyhow::ensure!(said == issuer, "it calls itself {said}, which is not what it is known by here");
        text(&description, "authorization_endpoint")?;
        text(&description, "token_endpoint")?;
        Ok::<_, anyhow::Error>(format!("{issuer} describes itself"))
    };
    match found.await {
        Ok(found) => Finding::ok(NAME, found),
        Err(error) => Finding::fail(
            NAME,
            format!("{issuer}: {error:#}"),
            "members from there cannot sign in; check the issuer and that the server may call it",
        ),
    }
}

fn text<'a>(from: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    from.get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| anyhow::anyhow!("the answer has no {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::Status;

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        let status = |ahead_ms| judge_clock(ahead_ms).status;
        assert_eq!([status(0), status(-4_000), status(4_900)], [Status::Ok; 3]);
        assert_eq!([status(5_000), status(-59_000)], [Status::Warn; 2]);
        assert_eq!([status(60_000), status(-3_600_000)], [Status::Fail; 2]);
        assert!(judge_clock(-7_300).found.contains("7.3 s behind"));
    }

    #[test]
    fn a_certificate_is_looked_at_for_its_end() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(2026, 12, 1);
        let own = params.self_signed(&key).expect("a certificate");
        let at = |day: &str| format!("{day}T00:00:00Z").parse::<Timestamp>().expect("a time");
        let judged = |day: &str| certificate(true, Some(own.der()), at(day));
        assert_eq!(judged("2026-11-01").status, Status::Ok);
        assert!(judged("2026-11-01").found.contains("30 days"));
        assert_eq!(judged("2026-11-20").status, Status::Warn);
        assert_eq!(
            certificate(true, Some(&CertificateDer::from(vec![1, 2, 3])), at("2026-11-20")).status,
            Status::Warn
        );
        assert_eq!(certificate(false, None, at("2026-11-20")).status, Status::Skip);
    }
}
