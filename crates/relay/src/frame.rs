//! Where one message ends and the next begins, in datagrams and in streams of bytes.
//!
//! Owns: ChannelData (RFC 8656 §12.4), what a stream of TURN messages looks like (§12.5: STUN messages and padded ChannelData behind one another), and
//! frames of two bytes of length (RFC 4571, for ICE over TCP). Not here: what is in a STUN message (`message`), sockets (`io`).
//!
//! Invariant: what a stream may announce is bounded before it is waited for, so a length is never a promise to keep memory.

/// Largest datagram that is taken from, or given to, a client. Media stays below 1500 bytes; a DTLS handshake may send a bit more.
pub const MAX_DATAGRAM: usize = 2048;
/// Largest TURN message in a stream: a datagram and what a Send indication puts around it.
pub const MAX_MESSAGE: usize = MAX_DATAGRAM + 256;
/// Channel number and length.
pub const CHANNEL_HEADER: usize = 4;
/// Length in front of a frame of RFC 4571.
pub const FRAME_HEADER: usize = 2;

/// Numbers that channels may have (RFC 8656 §12).
pub const CHANNELS: std::ops::RangeInclusive<u16> = 0x4000..=0x4FFF;

/// What travels in a TURN stream or datagram, told by its first bits (RFC 8656 §12.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Perhaps a STUN message; `Message::parse` tells.
    Stun(&'a [u8]),
    /// Data of a channel.
    Channel {
        /// Its number.
        number: u16,
        /// The data, without padding.
        data: &'a [u8],
    },
}

impl<'a> Packet<'a> {
    /// Tells a whole packet apart. Nothing for what is neither, or is shorter than it says. Bytes behind the data of a channel are padding.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        match bytes.first()? {
            0x00..=0x3F => Some(Self::Stun(bytes)),
            0x40..=0x4F => {
                let (&[n0, n1, l0, l1], data) = bytes.split_first_chunk::<CHANNEL_HEADER>()?;
                Some(Self::Channel {
                    number: u16::from_be_bytes([n0, n1]),
                    data: data.get(..usize::from(u16::from_be_bytes([l0, l1])))?,
                })
            }
            _ => None,
        }
    }
}

/// Writes ChannelData. In a stream it is padded to four bytes; a datagram needs none.
pub fn write_channel(out: &mut Vec<u8>, number: u16, data: &[u8], padded: bool) {
    let Ok(length) = u16::try_from(data.len()) else { return };
    out.extend(number.to_be_bytes());
    out.extend(length.to_be_bytes());
    out.extend(data);
    if padded {
        out.resize(out.len().next_multiple_of(4), 0);
    }
}

/// What the beginning of a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The first unit is `whole` bytes long and there; its content is `skip` bytes further in.
    Unit {
        /// Bytes to take out of the stream.
        whole: usize,
        /// Bytes of it in front of the content.
        skip: usize,
    },
    /// More bytes have to come.
    More,
    /// No such stream, or a unit longer than anything we take: the stream cannot be read any further.
    Broken,
}

/// How a stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// TURN messages behind one another.
    Turn,
    /// Frames with two bytes of length (RFC 4571).
    Lengths,
}

impl Framing {
    /// Looks at the beginning of a stream.
    pub fn cut(self, stream: &[u8]) -> Cut {
        match self {
            Self::Turn => turn(stream),
            Self::Lengths => lengths(stream),
        }
    }
}

fn turn(stream: &[u8]) -> Cut {
    let Some(&[first, _, l0, l1]) = stream.first_chunk::<4>() else {
        // The first byte alone says enough about a stream of another kind.
        return match stream.first() {
            Some(0x50..) => Cut::Broken,
            _ => Cut::More,
        };
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let whole = match first {
        0x00..=0x3F if length % 4 == 0 => crate::message::HEADER + length,
        0x40..=0x4F => CHANNEL_HEADER + length.next_multiple_of(4),
        _ => return Cut::Broken,
    };
    unit(stream, whole, 0, MAX_MESSAGE)
}

fn lengths(stream: &[u8]) -> Cut {
    let Some(&[l0, l1]) = stream.first_chunk::<FRAME_HEADER>() else {
        return Cut::More;
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if length == 0 {
        // Nothing that ICE knows is empty.
        return Cut::Broken;
    }
    unit(stream, FRAME_HEADER + length, FRAME_HEADER, FRAME_HEADER + MAX_DATAGRAM)
}

fn unit(stream: &[u8], whole: usize, skip: usize, most: usize) -> Cut {
    if whole > most {
        Cut::Broken
    } else if stream.len() < whole {
        Cut::More
    } else {
        Cut::Unit { whole, skip }
    }
}

/// What a datagram of media carries, told by its first byte (RFC 7983).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// STUN, DTLS: a connection stands or falls with it.
    Control,
    /// RTP, RTCP: late is worth as little as lost.
    Media,
}

impl Content {
    /// Of a datagram.
    pub fn of(datagram: &[u8]) -> Self {
        match datagram.first() {
            Some(128..=191) => Self::Media,
            _ => Self::Control,
        }
    }

    /// Whether it is a request of STUN for a binding, with which ICE begins.
    pub fn is_binding_request(datagram: &[u8]) -> bool {
        matches!(datagram, [0x00, 0x01, _, _, 0x21, 0x12, 0xA4, 0x42, ..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Class, Message, Method, Writer};

    /// Cuts a stream that arrives in pieces.
    fn cut_all(framing: Framing, pieces: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
        let (mut stream, mut units) = (Vec::new(), Vec::new());
        for piece in pieces {
            stream.extend(*piece);
            loop {
                match framing.cut(&stream) {
                    Cut::Unit { whole, skip } => {
                        units.push(stream[skip..whole].to_vec());
                        stream.drain(..whole);
                    }
                    Cut::More => break,
                    Cut::Broken => return (units, true),
                }
            }
        }
        (units, false)
    }

    #[test]
    fn lengths_beyond_what_is_taken_break_a_stream_before_anything_is_kept() {
        for (framing, longest, longer) in [
            (Framing::Lengths, MAX_DATAGRAM.to_be_bytes(), (MAX_DATAGRAM + 1).to_be_bytes()),
            (Framing::Lengths, 1_usize.to_be_bytes(), 0_usize.to_be_bytes()),
        ] {
            assert_eq!(framing.cut(&longest[6..]), Cut::More);
            assert_eq!(framing.cut(&longer[6..]), Cut::Broken);
        }
        assert_eq!(Framing::Turn.cut(&[0, 1, 0x08, 0x00]), Cut::More);
        assert_eq!(Framing::Turn.cut(&[0, 1, 0xFF, 0xFC]), Cut::Broken);
        assert_eq!(Framing::Turn.cut(&[0, 1, 0x00, 0x03]), Cut::Broken);
        assert_eq!(Framing::Turn.cut(&[0x40, 0, 0x08, 0x00]), Cut::More);
        assert_eq!(Framing::Turn.cut(&[0x4F, 0, 0xFF, 0xFF]), Cut::Broken);
    }

    #[test]
    fn a_stream_of_another_kind_is_told_by_its_first_byte() {
        for other in [&b"GET / HTTP/1.1"[..], &[0x16, 3, 1, 2], &[0x80]] {
            let (units, broken) = cut_all(Framing::Turn, &[other]);
            // A TLS record begins like a STUN type; its length gives it away.
            assert!(units.is_empty() && (broken || other[0] == 0x16), "{other:?}");
        }
        assert_eq!(Framing::Turn.cut(&[]), Cut::More);
        assert_eq!(Framing::Turn.cut(&[0x00]), Cut::More);
    }

    #[test]
    fn channel_data_is_padded_in_streams_only() {
        let (mut stream, mut datagram) = (Vec::new(), Vec::new());
        write_channel(&mut stream, 0x4001, b"hello", true);
        write_channel(&mut datagram, 0x4001, b"hello", false);
        assert_eq!((stream.len(), datagram.len()), (12, 9));
        let same = Some(Packet::Channel {
            number: 0x4001,
            data: b"hello",
        });
        assert_eq!(Packet::of(&stream), same);
        assert_eq!(Packet::of(&datagram), same);
        assert_eq!(Packet::of(&datagram[..8]), None);
        assert_eq!(Packet::of(&[0x50, 0, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn units_come_out_of_a_stream_as_they_went_in_however_it_is_cut_on_the_way(
            contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 1..8),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
            turn in any::<bool>(),
        ) {
            let mut stream = Vec::new();
            for content in &contents {
                if turn {
                    write_channel(&mut stream, 0x4000, content, true);
                } else {
                    stream.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
                    stream.extend(content);
                }
            }
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).chain([0, stream.len()]).collect();
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            let (units, broken) = cut_all(if turn { Framing::Turn } else { Framing::Lengths }, &pieces);
            prop_assert!(!broken);
            let units: Vec<Vec<u8>> = units.into_iter().map(|unit| match Packet::of(&unit) {
                Some(Packet::Channel { data, .. }) if turn => data.to_vec(),
                _ => unit,
            }).collect();
            prop_assert_eq!(units, contents);
        }

        #[test]
        fn stun_messages_and_channel_data_follow_one_another(data in proptest::collection::vec(any::<u8>(), 0..100)) {
            let message = Writer::new(Class::Request, Method::Refresh, [3; 12]).attribute(0x8022, &data).finish();
            let mut stream = message.clone();
            write_channel(&mut stream, 0x4FFF, &data, true);
            stream.extend(&message);
            let (units, broken) = cut_all(Framing::Turn, &[&stream]);
            prop_assert!(!broken);
            prop_assert_eq!(units.len(), 3);
            prop_assert!(Message::parse(&units[0]).is_ok() && Message::parse(&units[2]).is_ok());
            prop_assert_eq!(Packet::of(&units[1]), Some(Packet::Channel { number: 0x4FFF, data: &data }));
        }

        #[test]
        fn arbitrary_streams_end_and_never_give_more_than_came(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            crate::fuzz::stream(&bytes);
        }
    }
}
