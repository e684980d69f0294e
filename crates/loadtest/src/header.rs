//! What can be read of a sealed packet: its header (RFC 3550 §5.1).

/// Of an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What it carries.
    pub payload_type: u8,
    /// Its number, without rounds.
    pub sequence: u16,
    /// Its stream.
    pub ssrc: u32,
    /// Bytes of it, contributing sources and extensions included.
    pub length: usize,
}

/// What a datagram is (RFC 7983, RFC 5761).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Media.
    Rtp,
    /// Reports.
    Rtcp,
    /// Of ICE, DTLS or anything else.
    Other,
}

/// By its first two bytes.
pub fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Other,
    }
}

impl Header {
    /// Nothing when it is cut.
    pub fn read(packet: &[u8]) -> Option<Self> {
        let fixed: &[u8; 12] = packet.first_chunk()?;
        let [first, second, sequence @ .., _, _, _, _, s0, s1, s2, s3] = fixed;
        let mut length = 12 + 4 * usize::from(first & 0x0f);
        if first & 0x10 != 0 {
            let words = packet.get(length + 2..)?.first_chunk::<2>()?;
            length += 4 + 4 * usize::from(u16::from_be_bytes(*words));
        }
        let [high, low] = *sequence;
        (length <= packet.len()).then_some(Self {
            payload_type: second & 0x7f,
            sequence: u16::from_be_bytes([high, low]),
            ssrc: u32::from_be_bytes([*s0, *s1, *s2, *s3]),
            length,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_their_extensions_and_cut_ones_are_not() {
        let plain = [0x80, 0xe0, 1, 2, 0, 0, 0, 9, 0xde, 0xad, 0xbe, 0xef, 7];
        let header = Header::read(&plain).unwrap();
        assert_eq!(
            (header.payload_type, header.sequence, header.ssrc, header.length),
            (96, 0x0102, 0xdead_beef, 12)
        );
        let extended = [&[0x91][..], &plain[1..12], &[0; 4], &[0xbe, 0xde, 0, 1], &[1; 4], &[7]].concat();
        assert_eq!(Header::read(&extended).unwrap().length, 12 + 4 + 4 + 4);
        for length in 0..24 {
            assert_eq!(Header::read(&extended[..length]), None, "{length}");
        }
        assert_eq!(
            (kind(&plain), kind(&[0x80, 200]), kind(&[0, 1]), kind(&[22, 254]), kind(&[])),
            (Kind::Rtp, Kind::Rtcp, Kind::Other, Kind::Other, Kind::Other)
        );
    }
}
