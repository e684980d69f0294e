//! What came on the one port, by the first bytes of a datagram (RFC 7983 §7, RFC 5761 §4).

/// Whose a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A message of STUN or TURN.
    Stun,
    /// Data in a channel of TURN.
    TurnChannel,
    /// A record of DTLS.
    Dtls,
    /// RTP, sealed or not.
    Rtp,
    /// RTCP, sealed or not.
    Rtcp,
    /// Nobody's: drop it.
    Unknown,
}

/// By its first two bytes. Payload types 64 to 95 are not negotiated where RTP and RTCP share a port, which is what tells the two apart.
#[must_use]
pub fn kind(datagram: &[u8]) -> Kind {
    match datagram {
        [0..=3, ..] => Kind::Stun,
        [20..=63, ..] => Kind::Dtls,
        [64..=79, ..] => Kind::TurnChannel,
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_rfc_7983_and_rfc_5761_are_told_apart_at_their_borders() {
        for (first, kinds) in [
            (0, [Kind::Stun; 4]),
            (3, [Kind::Stun; 4]),
            (4, [Kind::Unknown; 4]),
            (19, [Kind::Unknown; 4]),
            (20, [Kind::Dtls; 4]),
            (63, [Kind::Dtls; 4]),
            (64, [Kind::TurnChannel; 4]),
            (79, [Kind::TurnChannel; 4]),
            (80, [Kind::Unknown; 4]),
            (127, [Kind::Unknown; 4]),
            (128, [Kind::Rtp, Kind::Rtcp, Kind::Rtcp, Kind::Rtp]),
            (191, [Kind::Rtp, Kind::Rtcp, Kind::Rtcp, Kind::Rtp]),
            (192, [Kind::Unknown; 4]),
            (255, [Kind::Unknown; 4]),
        ] {
            for (second, expected) in [191, 192, 223, 224].into_iter().zip(kinds) {
                assert_eq!(kind(&[first, second]), expected, "{first} {second}");
            }
        }
    }

    #[test]
    fn a_datagram_too_short_to_tell_is_nobodys() {
        assert_eq!(kind(&[]), Kind::Unknown);
        assert_eq!(kind(&[0x80]), Kind::Unknown);
        assert_eq!(kind(&[0x16]), Kind::Dtls);
    }
}
