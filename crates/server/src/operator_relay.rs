//! The relays (TURN) that the operator runs, from the command line.

use anyhow::bail;
use app::Relay;

/// URLs of relays in one configuration; clients try them all, so more would only slow them down.
const MAX_URLS: usize = 16;
/// Schemes of RFC 7064 and RFC 7065.
const SCHEMES: [&str; 4] = ["stun:", "stuns:", "turn:", "turns:"];

/// The relays, or nothing when none is named. Their secret is needed when one is.
pub(crate) fn from_arguments(urls: &[String], secret: Option<&str>) -> anyhow::Result<Option<Relay>> {
    let secret = secret.filter(|secret| !secret.is_empty());
    let secret = match (urls, secret) {
        ([], None) => return Ok(None),
        ([], Some(_)) => bail!("--relay-secret is given, but no --relay-url: name the relay that shares the secret"),
        (_, None) => {
            bail!("--relay-url needs --relay-secret (or ANTEROOM_RELAY_SECRET): the secret that the relay checks credentials with")
        }
        (_, Some(secret)) => secret,
    };
    if urls.len() > MAX_URLS {
        bail!("--relay-url can be given {MAX_URLS} times at most");
    }
    for url in urls {
        let place = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme));
        let good =
            place.is_some_and(|place| !place.is_empty() && !place.starts_with('/') && place.bytes().all(|byte| byte.is_ascii_graphic()));
        if !good {
            bail!("--relay-url {url}: write stun:HOST[:PORT], turn:HOST[:PORT][?transport=udp|tcp] or turns:HOST[:PORT]");
        }
    }
    Ok(Some(Relay {
        urls: urls.to_vec(),
        secret: secret.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(urls: &[&str], secret: Option<&str>) -> anyhow::Result<Option<Relay>> {
        let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
        from_arguments(&urls, secret)
    }

    #[test]
    fn a_relay_is_its_urls_and_its_secret_and_none_is_none() {
        let relay = read(&["stun:relay.example", "turn:[::1]:3478?transport=udp"], Some("s")).expect("a relay");
        assert_eq!(relay.map(|relay| (relay.urls.len(), relay.secret)), Some((2, "s".to_owned())));
        assert_eq!(read(&[], None).expect("none"), None);
    }

    #[test]
    fn half_a_relay_and_a_url_of_another_kind_are_refused() {
        for (urls, secret) in [
            (&["turn:relay.example"][..], None),
            (&["turn:relay.example"], Some("")),
            (&[], Some("s")),
            (&["relay.example"], Some("s")),
            (&["https://relay.example"], Some("s")),
            (&["turn://relay.example"], Some("s")),
            (&["turn:"], Some("s")),
            (&["turn:relay example"], Some("s")),
        ] {
            assert!(read(urls, secret).is_err(), "{urls:?}");
        }
    }
}
