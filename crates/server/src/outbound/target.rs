//! Judging where a request would go: the form of the URL, then every address of its name.

use std::net::{IpAddr, SocketAddr};

use app::outbound::OutboundError;
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{Allowance, address::special};

/// Longest URL that is looked at.
const MAX_URL: usize = 4096;
/// So many addresses of a name are tried; all of them are judged.
const TRIED: usize = 4;
/// The lowest port that needs no privilege to listen on.
const FIRST_UNPRIVILEGED: u16 = 1024;

/// A target that may be called.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) secure: bool,
    /// The very addresses that were judged; nothing else is connected to.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Target {
    /// Judges a URL, resolving its name.
    pub(super) async fn judge(text: &str, allowance: &Allowance) -> Result<Self, OutboundError> {
        let refused = |reason: &str| OutboundError::Forbidden {
            url: shown(text),
            reason: reason.to_owned(),
        };
        let url = parse(text).map_err(refused)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(refused("it names no host"));
        };
        let (addresses, name_allowed) = match host {
            Host::Ipv4(address) => (vec![SocketAddr::new(IpAddr::V4(address), port)], false),
            Host::Ipv6(address) => (vec![SocketAddr::new(IpAddr::V6(address), port)], false),
            Host::Domain(name) => (resolve(text, name, port).await?, allowance.name(name)),
        };
        let allowed = |address: &SocketAddr| name_allowed || allowance.address(address.ip());
        // One special address among public ones is enough: the next request might meet it.
        if let Some(kind) = addresses
            .iter()
            .filter(|address| !allowed(address))
            .find_map(|address| special(address.ip()))
        {
            tracing::debug!(kind, "an outbound request was refused for its address");
            return Err(refused("it leads to an address that is not public"));
        }
        let trusted = addresses.iter().all(allowed);
        let secure = url.scheme() == "https";
        if !secure && !trusted {
            return Err(refused("only https is called"));
        }
        // Below 1024 live services of other protocols (mail, directories, file shares) that can be talked into something by a crafted request;
        // what an unprivileged program serves for itself lies above.
        if port != 443 && port < FIRST_UNPRIVILEGED && !trusted {
            return Err(refused("only port 443 and ports from 1024 on are called"));
        }
        Ok(Self {
            url,
            secure,
            addresses: addresses.into_iter().take(TRIED).collect(),
        })
    }
}

/// A URL as it may stand in messages and logs: without userinfo, query and fragment, which can hold secrets, and not longer than can be read.
pub(super) fn shown(text: &str) -> String {
    let bare = text.split(['?', '#']).next().unwrap_or_default();
    let bare = match (bare.split_once("://"), bare.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => bare.to_owned(),
    };
    bare.chars().filter(|character| !character.is_control()).take(200).collect()
}

fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > MAX_URL {
        return Err("it is too long");
    }
    let url = Url::parse(text).map_err(|_| "it is no absolute URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only https is called");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it holds a user name or password");
    }
    Ok(url)
}

/// A lookup occupies a thread until the system's resolver gives up, also when nobody waits for it any more: so many at once leave most of the
/// runtime's threads to others. A further one waits, and its request may run out of time.
static LOOKUPS: Semaphore = Semaphore::const_new(128);

async fn resolve(text: &str, name: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
    let nowhere = || OutboundError::Unreachable {
        url: shown(text),
        reason: "its name leads nowhere".to_owned(),
    };
    let turn = LOOKUPS.acquire().await.map_err(|_| nowhere())?;
    let name = name.to_owned();
    let lookup = tokio::spawn(async move {
        let _turn = turn;
        tokio::net::lookup_host((name, port)).await.map(Iterator::collect)
    });
    match lookup.await {
        Ok(Ok(found)) if !Vec::is_empty(&found) => Ok(found),
        _ => Err(nowhere()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn judge(url: &str, allowed: &[&str]) -> Result<Target, OutboundError> {
        Target::judge(url, &Allowance(allowed.iter().map(|text| text.parse().unwrap()).collect())).await
    }

    async fn refused(url: &str) -> String {
        match judge(url, &[]).await {
            Err(OutboundError::Forbidden { reason, .. }) => reason,
            outcome => panic!("{url}: {outcome:?}"),
        }
    }

    #[tokio::test]
    async fn public_addresses_are_called_over_https_at_their_very_address() {
        for (url, address) in [
            ("https://8.8.8.8/x?y=z", "8.8.8.8:443"),
            ("https://8.8.8.8:8443/", "8.8.8.8:8443"),
            ("https://[2606:4700::1111]/", "[2606:4700::1111]:443"),
        ] {
            let target = judge(url, &[]).await.unwrap();
            assert_eq!(
                (target.secure, target.addresses.as_slice()),
                (true, [address.parse().unwrap()].as_slice()),
                "{url}"
            );
        }
    }

    #[tokio::test]
    async fn every_spelling_of_an_address_that_is_not_public_is_refused() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0177.0.0.1",
            "2130706433",
            "0",
            "169.254.169.254",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
        ] {
            assert_eq!(
                refused(&format!("https://{host}/")).await,
                "it leads to an address that is not public",
                "{host}"
            );
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_its_addresses() {
        for name in ["localhost", "LOCALHOST"] {
            assert_eq!(
                refused(&format!("https://{name}:8443/")).await,
                "it leads to an address that is not public"
            );
            assert!(judge(&format!("https://{name}:8443/"), &["localhost"]).await.is_ok(), "{name}");
        }
        assert!(judge("https://localhost:8443/", &["127.0.0.0/8", "::1"]).await.is_ok());
        assert!(judge("https://localhost:8443/", &["other"]).await.is_err());
    }

    #[tokio::test]
    async fn plain_http_and_low_ports_are_for_what_the_operator_allowed() {
        assert_eq!(refused("http://8.8.8.8/").await, "only https is called");
        assert_eq!(
            refused("https://8.8.8.8:25/").await,
            "only port 443 and ports from 1024 on are called"
        );
        for url in ["http://127.0.0.1/", "http://127.0.0.1:25/", "https://127.0.0.1:636/"] {
            assert!(judge(url, &["127.0.0.1"]).await.is_ok(), "{url}");
            assert!(judge(url, &["127.0.0.2"]).await.is_err(), "{url}");
        }
        assert!(judge("http://8.8.8.8/", &["8.8.8.8"]).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_no_web_address_is_refused() {
        for url in [
            "",
            "/relative",
            "ftp://8.8.8.8/",
            "file:///etc/passwd",
            "gopher://8.8.8.8/",
            "https://",
            "https://user@8.8.8.8/",
            "https://user:secret@8.8.8.8/",
            "https://:secret@8.8.8.8/",
        ] {
            refused(url).await;
        }
        refused(&format!("https://8.8.8.8/{}", "x".repeat(MAX_URL))).await;
        assert!(judge(&format!("https://8.8.8.8/{}", "x".repeat(4000)), &[]).await.is_ok());
    }

    #[test]
    fn what_is_shown_of_a_url_holds_no_secret() {
        assert_eq!(shown("https://user:secret@host/path?token=secret#secret"), "https://host/path");
        assert_eq!(shown("https://host/path"), "https://host/path");
    }
}
