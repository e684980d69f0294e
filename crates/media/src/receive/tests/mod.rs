//! The tests of receiving, and what they share: a session, a receiver with keys, and the client at its other end.
//!
//! `opening`: which datagrams are believed, and of whom they are. `repair`: retransmissions and what is asked for. `reports`: what is said to the client.
//! `oracle`: the receiver beside str0m's. `allocation`: what a packet costs of memory.

mod allocation;
mod limits;
mod opening;
mod oracle;
mod repair;
mod reports;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtp::rtcp::{self, Packet, XrBlock};
use rtp::{Fields, write_header};
use srtp::{Keys, Profile, Side};

use super::{Extensions, Incoming, MOST_MISSING, Named, Receiver, Speaker, Taken, missing};
use crate::peer::{LineInfo, Session};
use crate::routing::{Codec, Codecs, Layer, Line};
use crate::send::Formats;

const MS: Duration = Duration::from_millis(1);

/// The m-lines of the client: a voice and a camera that the description names, a camera in layers, a slot.
const VOICE: Line = Line(0);
const CAMERA: Line = Line(1);
const LAYERS: Line = Line(2);

/// Sources.
const SPEAKER: u32 = 11;
const LENS: u32 = 21;
const LENS_RTX: u32 = 22;
/// Of the layers; not named by the description.
const LOW: u32 = 31;
const LOW_RTX: u32 = 32;
const HIGH: u32 = 33;

/// Payload types.
const OPUS: u8 = 111;
const VP8: u8 = 96;
const RTX: u8 = 97;

/// Numbers of extensions.
const LEVEL: u8 = 1;
const TRANSPORT: u8 = 3;
const MID: u8 = 4;
const RID: u8 = 10;
const REPAIRED: u8 = 11;
const DESCRIPTOR: u8 = 12;
const TURNED: u8 = 13;
/// What names the lower layer.
const LOW_NAMED: &[(u8, &[u8])] = &[(MID, b"2"), (RID, b"l")];

fn session() -> Session {
    let line = |mid: &str, audio: bool, codecs: &[Codec]| LineInfo {
        audio,
        sends: true,
        codecs: codecs.iter().copied().collect::<Codecs>(),
        ..LineInfo::nothing(mid.into())
    };
    let named = |ssrc, rtx| vec![Named { ssrc, rtx }];
    Session {
        lines: vec![
            LineInfo {
                named: named(SPEAKER, None),
                ..line("0", true, &[Codec::Opus])
            },
            LineInfo {
                named: named(LENS, Some(LENS_RTX)),
                ..line("1", false, &[Codec::Vp8])
            },
            LineInfo {
                rids: vec!["l".into(), "h".into()],
                ..line("2", false, &[Codec::Vp8])
            },
            LineInfo {
                slot: true,
                sends: false,
                ..line("3", true, &[Codec::Opus])
            },
        ],
        formats: Formats::usual(),
        extensions: Extensions {
            mid: Some(MID),
            rid: Some(RID),
            repaired: Some(REPAIRED),
            level: Some(LEVEL),
            orientation: Some(TURNED),
            dependency: Some(DESCRIPTOR),
            transport: Some(TRANSPORT),
        },
        ..Session::default()
    }
}

/// A packet of the client, before it is sealed.
#[derive(Debug, Clone)]
struct Sent<'a> {
    ssrc: u32,
    payload_type: u8,
    index: u64,
    timestamp: u32,
    extensions: &'a [(u8, &'a [u8])],
    payload: &'a [u8],
}

/// A picture of the named camera.
fn picture(index: u64) -> Sent<'static> {
    Sent {
        ssrc: LENS,
        payload_type: VP8,
        index,
        timestamp: 3_000,
        extensions: &[],
        payload: b"picture",
    }
}

fn keys(side: Side) -> Keys {
    let material: Vec<u8> = (0..88).collect();
    Keys::derive(&material, Profile::AeadAes256Gcm, side).unwrap()
}

/// A receiver whose handshake is through, and the client at its other end.
struct Pair {
    session: Session,
    receiver: Receiver,
    client: Keys,
    now: Instant,
    speaker: Speaker,
}

impl Pair {
    fn new() -> Self {
        let mut receiver = Receiver::default();
        receiver.open(Arc::new(keys(Side::Server)));
        Self {
            session: session(),
            receiver,
            client: keys(Side::Client),
            now: Instant::now(),
            speaker: Speaker {
                name: 99,
                round_trip: Some(50 * MS),
                time: None,
            },
        }
    }

    fn seal(&self, sent: &Sent<'_>) -> Vec<u8> {
        let mut datagram = vec![0; 1_500];
        let fields = Fields {
            payload_type: sent.payload_type,
            marker: true,
            sequence: (sent.index & 0xffff) as u16,
            timestamp: sent.timestamp,
            ssrc: sent.ssrc,
        };
        let header = write_header(&mut datagram, &fields, sent.extensions).unwrap();
        let end = header + sent.payload.len();
        datagram[header..end].copy_from_slice(sent.payload);
        self.sealed(datagram, header, end, sent.index)
    }

    fn sealed(&self, mut datagram: Vec<u8>, header: usize, end: usize, index: u64) -> Vec<u8> {
        datagram.truncate(end + self.client.sealer.tag());
        self.client.sealer.seal_rtp(&mut datagram, header, index).unwrap();
        datagram
    }

    fn take(&mut self, datagram: &[u8]) -> Option<Taken> {
        self.receiver.receive(self.now, &self.session, datagram)
    }

    /// The packet that comes of it, if one does.
    fn send(&mut self, sent: &Sent<'_>) -> Option<Incoming> {
        let datagram = self.seal(sent);
        match self.take(&datagram).unwrap() {
            Taken::Packet(packet) => Some(packet),
            Taken::Nothing => None,
            Taken::TooMany => panic!("too many"),
        }
    }

    /// A retransmission of this picture.
    fn again(&mut self, index: u64, original: u64, payload: &[u8]) -> Option<Incoming> {
        let repeated = [&(original & 0xffff).to_be_bytes()[6..], payload].concat();
        self.send(&Sent {
            ssrc: LENS_RTX,
            payload_type: RTX,
            payload: &repeated,
            ..picture(index)
        })
    }

    /// What is said to the client now, each message by itself.
    fn told(&mut self) -> Vec<Said> {
        let mut said = Vec::new();
        while self.receiver.is_due(self.now) {
            let mut out = [0; 1_100];
            let Some(length) = self.receiver.write(self.now, self.speaker, &mut out) else {
                continue;
            };
            said.extend(rtcp::packets(&out[..length]).map(|packet| match packet.unwrap() {
                Packet::ReceiverReport(report) => {
                    assert_eq!(report.ssrc, 99);
                    Said::Report(report.blocks.collect())
                }
                Packet::Nack(nack) => Said::Lost(nack.media, nack.lost().collect()),
                Packet::Pli(pli) => Said::Refresh(pli.media),
                Packet::Xr(extended) => Said::Time(extended.blocks().find_map(|block| match block {
                    XrBlock::Rrtr { ntp } => Some(ntp),
                    _ => None,
                })),
                Packet::TransportFeedback(feedback) => Said::Arrived(feedback.arrivals().map(|(number, _)| number).collect()),
                other => panic!("{other:?}"),
            }));
        }
        said
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Report(Vec<rtcp::Block>),
    Time(Option<u64>),
    Lost(u32, Vec<u16>),
    Refresh(u32),
    Arrived(Vec<u16>),
}

/// Of which publication a packet is.
fn place(packet: Option<Incoming>) -> Option<(Line, u8)> {
    packet.map(|packet| (packet.line, packet.layer.0))
}
