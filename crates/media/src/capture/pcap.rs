//! The file format of captures (pcap, nanoseconds, raw IP), with headers of IP and UDP that we make up so that tools know what they see.
//!
//! The checksum of UDP is zero: none, in IPv4; in IPv6 tools may remark on it. Datagrams that came over TCP or by a relay are written as UDP, too, between
//! the addresses that the engine sees.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Captured;

/// Little-endian, nanoseconds.
const MAGIC: u32 = 0xA1B2_3C4D;
/// A packet begins with its IP header, version 4 or 6.
const LINKTYPE_RAW: u32 = 101;
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;

/// The beginning of a file.
pub fn file_header() -> [u8; 24] {
    let mut header = [0; 24];
    let fields = [MAGIC, 2 | 4 << 16, 0, 0, 65_535, LINKTYPE_RAW];
    for (place, field) in header.chunks_exact_mut(4).zip(fields) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    header
}

/// Appends a record. `at` is since the Unix epoch.
pub fn record(out: &mut Vec<u8>, at: Duration, captured: &Captured<'_>) {
    let (source, destination) = if captured.incoming {
        (captured.remote, captured.local)
    } else {
        (captured.local, captured.remote)
    };
    let start = out.len();
    out.extend([0; 16]);
    ip(out, source, destination, captured.length + UDP_HEADER);
    for field in [source.port(), destination.port(), short(captured.length + UDP_HEADER), 0] {
        out.extend(field.to_be_bytes());
    }
    let headers = out.len() - start - 16;
    out.extend(captured.kept);
    let fields = [
        u32::try_from(at.as_secs()).unwrap_or(u32::MAX),
        at.subsec_nanos(),
        long(headers + captured.kept.len()),
        long(headers + captured.length),
    ];
    for (place, field) in out.iter_mut().skip(start).zip(fields.into_iter().flat_map(u32::to_le_bytes)) {
        *place = field;
    }
}

fn ip(out: &mut Vec<u8>, source: SocketAddr, destination: SocketAddr, length: usize) {
    match (source.ip().to_canonical(), destination.ip().to_canonical()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, UDP, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            put(&mut header, 2, &short(length + 20).to_be_bytes());
            put(&mut header, 12, &source.octets());
            put(&mut header, 16, &destination.octets());
            let sum = checksum(&header);
            put(&mut header, 10, &sum.to_be_bytes());
            out.extend(header);
        }
        (source, destination) => {
            let octets = |ip: IpAddr| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                IpAddr::V6(ip) => ip.octets(),
            };
            out.extend([0x60, 0, 0, 0]);
            out.extend(short(length).to_be_bytes());
            out.extend([UDP, 64]);
            out.extend(octets(source));
            out.extend(octets(destination));
        }
    }
}

fn put(header: &mut [u8], at: usize, bytes: &[u8]) {
    for (place, byte) in header.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

/// The Internet checksum (RFC 1071) of a header whose own checksum is zero.
fn checksum(header: &[u8; 20]) -> u16 {
    let words = header.chunks_exact(2).map(|pair| match pair {
        [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    });
    let sum: u32 = words.sum();
    let folded = (sum & 0xFFFF) + (sum >> 16);
    !short(((folded & 0xFFFF) + (folded >> 16)) as usize)
}

fn short(value: usize) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn long(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Duration = Duration::new(1_795_000_000, 123_456_789);

    fn written(local: &str, remote: &str, incoming: bool) -> Vec<u8> {
        let captured = Captured {
            incoming,
            local: local.parse().expect("an address"),
            remote: remote.parse().expect("an address"),
            kept: &[0x90, 0x6F, 1, 2],
            length: 1_100,
        };
        let mut out = Vec::new();
        record(&mut out, AT, &captured);
        out
    }

    fn le(bytes: &[u8]) -> u32 {
        u32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    #[test]
    fn a_record_is_stamped_to_the_nanosecond_and_says_what_was_left_out() {
        let out = written("192.0.2.1:40000", "198.51.100.7:50000", true);
        assert_eq!((le(&out[0..4]), le(&out[4..8])), (1_795_000_000, 123_456_789));
        assert_eq!((le(&out[8..12]), le(&out[12..16])), (32, 1_128));
        assert_eq!(out.len(), 16 + 32);
    }

    #[test]
    fn a_datagram_goes_from_who_sent_it_to_whom_it_was_sent() {
        let incoming = written("192.0.2.1:40000", "198.51.100.7:50000", true);
        let ip = &incoming[16..36];
        assert_eq!((ip[0], ip[9]), (0x45, 17));
        assert_eq!((&ip[12..16], &ip[16..20]), (&[198, 51, 100, 7][..], &[192, 0, 2, 1][..]));
        assert_eq!(u16::from_be_bytes([ip[2], ip[3]]), 1_128);
        let sum: u32 = ip.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF, "the checksum is right");
        assert_eq!(incoming[36..44], [0xC3, 0x50, 0x9C, 0x40, 0x04, 0x54, 0, 0]);
        assert_eq!(incoming[44..], [0x90, 0x6F, 1, 2]);
        let outgoing = written("192.0.2.1:40000", "198.51.100.7:50000", false);
        assert_eq!(
            (&outgoing[28..32], &outgoing[32..36]),
            (&[192, 0, 2, 1][..], &[198, 51, 100, 7][..])
        );
    }

    #[test]
    fn addresses_of_both_families_are_written() {
        let six = written("[2001:db8::1]:40000", "[2001:db8::2]:50000", true);
        assert_eq!((six[16] >> 4, six[22], six.len()), (6, 17, 16 + 40 + 8 + 4));
        assert_eq!(u16::from_be_bytes([six[20], six[21]]), 1_108);
        let mapped = written("[::ffff:192.0.2.1]:40000", "198.51.100.7:50000", true);
        assert_eq!(mapped, written("192.0.2.1:40000", "198.51.100.7:50000", true));
    }

    #[test]
    fn a_file_begins_with_its_format() {
        let header = file_header();
        assert_eq!(
            (le(&header[0..4]), le(&header[16..20]), le(&header[20..24])),
            (0xA1B2_3C4D, 65_535, 101)
        );
        assert_eq!((&header[4..6], &header[6..8]), (&[2, 0][..], &[4, 0][..]));
    }
}
