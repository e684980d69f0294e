//! Which IP addresses are public. Pure.
//!
//! Whatever is not known to be a public unicast address counts as special: an address block that is assigned for something new later must be
//! opened here, not found by an attacker first. Addresses that carry another one inside (mapped, translated, tunnelled) are as special as
//! what they carry.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not public; nothing for a public one.
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => special_v4(address),
        IpAddr::V6(address) => special_v6(address),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("this network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [100, 64..=127, ..] => Some("shared by a carrier"),
        [127, ..] => Some("loopback"),
        [169, 254, ..] => Some("link-local"),
        [192, 0, 0, _] => Some("assigned to protocols"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("for documentation"),
        [192, 88, 99, _] => Some("a tunnel relay"),
        [198, 18..=19, ..] => Some("for benchmarks"),
        [224..=239, ..] => Some("multicast"),
        [255, 255, 255, 255] => Some("broadcast"),
        [240..=255, ..] => Some("reserved"),
        _ => None,
    }
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        special_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        // Mapped, translated by SIIT, compatible, and translated by NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x0100, 0, 0, 0, ..] => Some("discarded"),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfec0..=0xfeff, ..] => Some("private"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        // Teredo, benchmarks, identifiers that are no addresses.
        [0x2001, 0..=0x1ff, ..] => Some("assigned to protocols"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("for documentation"),
        // 6to4; then ISATAP under any prefix.
        [0x2002, high, low, ..] => inner(high, low),
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, high, low] => inner(high, low),
        [0x2000..=0x3fff, ..] => None,
        _ => Some("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_special(text: &str) -> bool {
        special(text.parse().unwrap()).is_some()
    }

    /// First and last address of each block, each with its neighbours outside, where those are public.
    #[test]
    fn every_special_block_of_version_4_is_refused_and_its_public_neighbours_are_not() {
        for (inside, outside) in [
            (["0.0.0.0", "0.255.255.255"], ["1.0.0.0", "1.1.1.1"]),
            (["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
            (["100.64.0.0", "100.127.255.255"], ["100.63.255.255", "100.128.0.0"]),
            (["127.0.0.1", "127.255.255.255"], ["126.255.255.255", "128.0.0.0"]),
            (["169.254.0.0", "169.254.169.254"], ["169.253.255.255", "169.255.0.0"]),
            (["172.16.0.0", "172.31.255.255"], ["172.15.255.255", "172.32.0.0"]),
            (["192.0.0.0", "192.0.0.255"], ["191.255.255.255", "192.0.1.0"]),
            (["192.0.2.0", "192.0.2.255"], ["192.0.1.255", "192.0.3.0"]),
            (["192.88.99.0", "192.88.99.255"], ["192.88.98.255", "192.88.100.0"]),
            (["192.168.0.0", "192.168.255.255"], ["192.167.255.255", "192.169.0.0"]),
            (["198.18.0.0", "198.19.255.255"], ["198.17.255.255", "198.20.0.0"]),
            (["198.51.100.0", "198.51.100.255"], ["198.51.99.255", "198.51.101.0"]),
            (["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
            (["224.0.0.0", "239.255.255.255"], ["223.255.255.255", "8.8.8.8"]),
            (["240.0.0.0", "255.255.255.255"], ["223.255.255.255", "8.8.4.4"]),
        ] {
            for address in inside {
                assert!(is_special(address), "{address}");
            }
            for address in outside {
                assert!(!is_special(address), "{address}");
            }
        }
    }

    #[test]
    fn every_special_block_of_version_6_is_refused_and_public_ones_are_not() {
        for address in [
            "::",
            "::1",
            "100::1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:1ff::1",
            "2001:db8::1",
            "3fff::1",
            "3fff:fff::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
            "5f00::1",
            "1::1",
        ] {
            assert!(is_special(address), "{address}");
        }
        for address in ["2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "2001:200::1", "3ffe::1"] {
            assert!(!is_special(address), "{address}");
        }
    }

    #[test]
    fn an_address_that_carries_another_is_as_special_as_what_it_carries() {
        for (special, public) in [
            ("::ffff:10.0.0.1", "::ffff:8.8.8.8"),
            ("::ffff:169.254.169.254", "::ffff:1.1.1.1"),
            ("::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"),
            ("::127.0.0.1", "::8.8.8.8"),
            ("64:ff9b::192.168.0.1", "64:ff9b::8.8.8.8"),
            ("2002:7f00:1::1", "2002:808:808::1"),
            ("2002:a9fe:a9fe::", "2002:101:101::"),
            ("2606:4700::5efe:10.0.0.1", "2606:4700::5efe:8.8.8.8"),
            ("2606:4700::200:5efe:127.0.0.1", "2606:4700::200:5efe:8.8.8.8"),
        ] {
            assert!(is_special(special), "{special}");
            assert!(!is_special(public), "{public}");
        }
    }
}
