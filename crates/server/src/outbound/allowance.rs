//! What the operator allows beyond public HTTPS: names, addresses and networks. Pure.

use std::{net::IpAddr, str::FromStr};

/// One allowed name, address or network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// A host name, whatever address it has.
    Name(String),
    /// Every address with these first bits.
    Network(IpAddr, u8),
}

/// What an operator wrote that is neither a name nor a network.
#[derive(Debug, thiserror::Error)]
#[error("{0} is no host name, IP address or network such as 10.0.0.0/8; give it without scheme and port")]
pub(crate) struct NotAllowable(String);

impl FromStr for Allowed {
    type Err = NotAllowable;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NotAllowable(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| refused())?)),
            None => (text, None),
        };
        if let Ok(address) = address.trim_matches(['[', ']']).parse::<IpAddr>() {
            let most = width(address);
            let bits = bits.unwrap_or(most);
            return if bits <= most {
                Ok(Self::Network(address, bits))
            } else {
                Err(refused())
            };
        }
        // The parser for URLs knows what a host is, and writes it as it will write those of targets.
        match url::Host::parse(text) {
            Ok(url::Host::Domain(name)) if bits.is_none() => Ok(Self::Name(bare(&name).to_owned())),
            _ => Err(refused()),
        }
    }
}

/// Everything that is allowed; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Allowance(pub(crate) Vec<Allowed>);

impl Allowance {
    /// Whether this name is allowed at every address.
    pub(super) fn name(&self, name: &str) -> bool {
        let wanted = bare(name);
        self.0
            .iter()
            .any(|allowed| matches!(allowed, Allowed::Name(name) if name.eq_ignore_ascii_case(wanted)))
    }

    /// Whether this address is allowed.
    pub(super) fn address(&self, address: IpAddr) -> bool {
        self.0.iter().any(
            |allowed| matches!(allowed, Allowed::Network(network, bits) if within(address.to_canonical(), network.to_canonical(), *bits)),
        )
    }
}

/// A name without the dot at its end.
fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    // As 128 bits from the left, so that one shift serves both families.
    let left = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let differing = left(address) ^ left(network);
    width(address) == width(network) && differing.leading_zeros() >= u32::from(bits.min(width(network)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(texts: &[&str]) -> Allowance {
        Allowance(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn addresses_are_allowed_by_network_and_no_others() {
        let allowance = allowance(&["127.0.0.1", "10.1.0.0/16", "fd00::/8", "[::1]"]);
        for address in ["127.0.0.1", "10.1.255.255", "fd12::1", "::1", "::ffff:127.0.0.1"] {
            assert!(allowance.address(address.parse().unwrap()), "{address}");
        }
        for address in ["127.0.0.2", "10.2.0.0", "fe80::1", "::2", "::ffff:127.0.0.2", "7f00:1::"] {
            assert!(!allowance.address(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn names_are_allowed_whole_and_in_any_letter_case() {
        let allowance = allowance(&["Receiver.internal"]);
        assert!(allowance.name("receiver.internal") && allowance.name("RECEIVER.internal."));
        for name in ["internal", "x.receiver.internal", "receiver.internal.example", ""] {
            assert!(!allowance.name(name), "{name}");
        }
    }

    #[test]
    fn everything_of_a_family_can_be_allowed_and_the_other_is_not() {
        let allowance = allowance(&["0.0.0.0/0"]);
        assert!(allowance.address("169.254.169.254".parse().unwrap()));
        assert!(!allowance.address("::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_name_and_no_network_is_refused() {
        for text in [
            "",
            "http://localhost",
            "localhost:8080",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/x",
            "name/8",
            "a b",
            "*",
        ] {
            let outcome = text.parse::<Allowed>();
            // An asterisk is a character that a host name may have in a URL, but it allows no more than that name.
            assert!(outcome.is_err() || outcome.unwrap() == Allowed::Name("*".to_owned()), "{text}");
        }
    }
}
