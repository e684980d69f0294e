//! A look at the ways to a server's media engine: joins a call of its own, waits for the media path, and tells where else media is taken.
//!
//! For diagnosis. The addresses and names come from the answer to an offer that nobody means to fulfil: whoever holds them can make connectivity checks
//! (ICE, RFC 8445 §7) by every way, for as long as the [`Probe`] lives. Not here: the checks.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use wire::{Locator, Reply, RequestBody};

use crate::call::Call;
use crate::client::Client;
use crate::error::CallingError;
use crate::tls::Trust;

/// Between two looks at whether the media path is up.
const LOOK: Duration = Duration::from_millis(20);
/// What the probe calls itself in ICE.
const UFRAG: &str = "doct";

/// An offer of one voice that is never sent. Its fingerprint is nobody's, so no handshake can follow.
const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:doct\r\na=ice-pwd:nobodyfulfilsthisofferofours\r\n\
a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n\
a=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";

/// Somewhere media is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaAddress {
    /// Over TCP (RFC 6544), else over UDP.
    pub tcp: bool,
    /// Where.
    pub address: SocketAddr,
}

/// What a connectivity check needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckNames {
    /// USERNAME of the check.
    pub username: String,
    /// The password that it is signed with.
    pub password: String,
}

/// A relay, and the credential for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayAddress {
    /// `turn:…` or `turns:…`.
    pub url: String,
    /// Long-term credential (RFC 8489 §9.2).
    pub username: String,
    /// Its password.
    pub password: String,
}

/// A call that is held for looking around. Dropping it leaves the call.
pub struct Probe {
    call: Call,
    /// How long the media path of a usual client took to come up; nothing when it did not.
    pub connected_in: Option<Duration>,
    /// Where media is taken.
    pub addresses: Vec<MediaAddress>,
    /// For checks of these addresses.
    pub names: CheckNames,
    /// Relays in front of them.
    pub relays: Vec<RelayAddress>,
}

impl Probe {
    /// Joins the group call of that GUID, which should be nobody else's, and waits so long for the media path.
    ///
    /// # Errors
    /// [`CallingError`] when the server does not let the token join, or answers with nothing that can be looked at.
    pub async fn open(token: &str, trust: &Trust, group: &str, patience: Duration) -> Result<Self, CallingError> {
        let client = Client::connect(token, trust).await?;
        let locator = Locator::Group {
            group_id: group.to_owned(),
        };
        let call = client.join(locator, Some("Doctor".to_owned()), true).await?;
        call.admitted().await?;
        let begun = Instant::now();
        let connected_in = loop {
            if call.receive_stats().connected {
                break Some(begun.elapsed());
            }
            if begun.elapsed() >= patience {
                break None;
            }
            tokio::time::sleep(LOOK).await;
        };
        let relays = relays(&call).await?;
        let offer = RequestBody::OfferMedia {
            sdp: OFFER.to_owned(),
            publications: Vec::new(),
            fresh: true,
        };
        let Reply::Media(answer) = call.ask(offer).await? else {
            return Err(CallingError::Protocol("an offer was not answered with a description".to_owned()));
        };
        let missing = || CallingError::Protocol("a description without an ICE name or password".to_owned());
        let names = CheckNames {
            username: format!("{}:{UFRAG}", value(&answer.sdp, "a=ice-ufrag:").ok_or_else(missing)?),
            password: value(&answer.sdp, "a=ice-pwd:").ok_or_else(missing)?.to_owned(),
        };
        Ok(Self {
            call,
            connected_in,
            addresses: addresses(&answer.sdp),
            names,
            relays,
        })
    }

    /// Leaves the call.
    ///
    /// # Errors
    /// [`CallingError`] when the server could not be told; it will notice.
    pub async fn close(self) -> Result<(), CallingError> {
        self.call.leave(false).await
    }
}

async fn relays(call: &Call) -> Result<Vec<RelayAddress>, CallingError> {
    let Reply::IceServers { ice_servers } = call.ask(RequestBody::RenewIceServers).await? else {
        return Err(CallingError::Protocol("no relays were told".to_owned()));
    };
    let relays = ice_servers.into_iter().flat_map(|server| {
        let credential = server.username.zip(server.credential);
        server.urls.into_iter().filter_map(move |url| {
            let (username, password) = credential.clone()?;
            Some(RelayAddress { url, username, password })
        })
    });
    Ok(relays.collect())
}

fn value<'a>(sdp: &'a str, name: &str) -> Option<&'a str> {
    sdp.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// The host candidates of a description (RFC 8839 §5.1). Names instead of addresses are left out; a server has none.
fn addresses(sdp: &str) -> Vec<MediaAddress> {
    let mut found: Vec<MediaAddress> = Vec::new();
    for line in sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[_, component, transport, _, ip, port, ..] = words.as_slice() else {
            continue;
        };
        let (Ok(ip), Ok(port)) = (ip.parse(), port.parse()) else { continue };
        let address = MediaAddress {
            tcp: transport.eq_ignore_ascii_case("tcp"),
            address: SocketAddr::new(ip, port),
        };
        if component == "1" && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_read_from_an_answer() {
        let sdp = "a=ice-ufrag:00abcd\r\na=ice-pwd:secret\r\n\
            a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host\r\na=candidate:2 1 TCP 1 192.0.2.7 40000 typ host tcptype passive\r\n\
            a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host\r\na=candidate:3 2 udp 1 192.0.2.7 40001 typ host\r\n\
            a=candidate:4 1 udp 1 somewhere.local 40001 typ host\r\na=candidate:nonsense\r\n";
        let address: SocketAddr = "192.0.2.7:40000".parse().expect("an address");
        assert_eq!(
            addresses(sdp),
            [MediaAddress { tcp: false, address }, MediaAddress { tcp: true, address }]
        );
        assert_eq!(
            (value(sdp, "a=ice-ufrag:"), value(sdp, "a=ice-pwd:")),
            (Some("00abcd"), Some("secret"))
        );
        assert_eq!(value(sdp, "a=fingerprint:"), None);
    }
}
