//! Builds str0m instances and answers offers.
//!
//! Owns what this engine supports: Opus, plain and with redundancy; VP8, VP9, H.264 and AV1 with retransmission; the header extensions it reads or writes;
//! ICE-lite with the DTLS passive side. VP8 first, unless the client prefers another one (`preference`). Not here: packets (`receive`, `send`), what
//! str0m need not know (`sdp` keeps it from it).

use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::SdpOffer;
use str0m::config::DtlsCert;
use str0m::format::{Codec as StrCodec, CodecConfig, FormatParams};
use str0m::media::{Frequency, MediaKind as StrKind, Mid, Rid};
use str0m::net::TcpType;
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, IceCreds, Rtc, RtcConfig};

use super::preference::{Preference, prefer, preferences};
use super::reader;
use super::sdp::{Withheld, withhold};
use crate::receive::{Extensions, Named};
use crate::routing::{Codec, Codecs, Line, MAX_LAYERS};
use crate::send::{Format, Formats};

/// Most m-lines of an offer; each costs memory and time for every packet.
const MAX_LINES: usize = 64;
/// Most lines of text and most candidates; a browser's offer of eighteen m-lines has under 2,000 of the one, and a few of the
/// other, which this side does not even need (it learns addresses from checks).
const MAX_TEXT_LINES: usize = 4_096;
const MAX_CANDIDATES: usize = 256;
/// Longest session description.
const MAX_SDP_BYTES: usize = 128 * 1024;

/// One m-line of the negotiated session.
#[derive(Debug, Clone)]
pub(crate) struct LineInfo {
    pub(crate) mid: Mid,
    pub(crate) audio: bool,
    /// Whether the client receives on it: it is a slot.
    pub(crate) slot: bool,
    /// Simulcast layers from low to high.
    pub(crate) rids: Vec<Rid>,
    /// Whether the client sends on it.
    pub(crate) sends: bool,
    /// What can be sent on it.
    pub(crate) codecs: Codecs,
    /// The sources that the description names.
    pub(crate) named: Vec<Named>,
}

impl LineInfo {
    /// An m-line that is no media (a data channel) keeps its position but is nothing to this engine.
    pub(crate) fn nothing(mid: Mid) -> Self {
        Self {
            mid,
            audio: false,
            slot: false,
            rids: Vec::new(),
            sends: false,
            codecs: Codecs::default(),
            named: Vec::new(),
        }
    }
}

/// What an offer led to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    pub(crate) lines: Vec<LineInfo>,
    /// As this client numbers what it receives and sends.
    pub(crate) formats: Formats,
    /// As it numbers the extensions of what it sends.
    pub(crate) extensions: Extensions,
    /// What it can receive.
    pub(crate) plays: Codecs,
}

impl Session {
    /// The slots of one sort.
    pub(crate) fn slots(&self, audio: bool) -> Vec<Line> {
        let slots = self.lines.iter().enumerate().filter(|(_, info)| info.slot && info.audio == audio);
        slots.filter_map(|(index, _)| u16::try_from(index).ok().map(Line)).collect()
    }

    /// The m-line of this name.
    pub(crate) fn line(&self, mid: &str) -> Option<Line> {
        let index = self.lines.iter().position(|info| &*info.mid == mid)?;
        u16::try_from(index).ok().map(Line)
    }

    /// Whether the offer keeps every m-line where it is; new ones may follow.
    pub(crate) fn is_kept_by(&self, Parsed { offer, .. }: &Parsed) -> bool {
        let kept = self
            .lines
            .iter()
            .zip(&offer.media_lines)
            .filter(|(own, line)| own.mid == line.mid());
        kept.count() == self.lines.len()
    }

    /// The m-line of which the description says that this source, or its retransmissions, is on it. Layers are known by their names only.
    pub(crate) fn named(&self, ssrc: u32) -> Option<Line> {
        let is_here = |info: &LineInfo| info.named.iter().any(|named| named.ssrc == ssrc || named.rtx == Some(ssrc));
        let index = self.lines.iter().position(|info| info.rids.is_empty() && is_here(info))?;
        u16::try_from(index).ok().map(Line)
    }

    /// The m-line at this position.
    pub(crate) fn info(&self, line: Line) -> Option<&LineInfo> {
        self.lines.get(usize::from(line.0))
    }
}

/// What clients are told of where to send.
#[derive(Debug, Clone)]
pub(crate) struct Candidates {
    pub(crate) addresses: Vec<SocketAddr>,
    /// Whether TCP is taken there, too.
    pub(crate) tcp: bool,
}

/// A fresh instance that answers on these addresses.
pub(crate) fn build(now: Instant, credentials: IceCreds, certificate: &DtlsCert, candidates: &Candidates) -> Rtc {
    let mut extensions = ExtensionMap::empty();
    for (id, extension) in [
        (1, Extension::AudioLevel),
        (3, Extension::TransportSequenceNumber),
        (4, Extension::RtpMid),
        (10, Extension::RtpStreamId),
        (11, Extension::RepairedRtpStreamId),
        (12, reader::dependency()),
        (13, Extension::VideoOrientation),
    ] {
        extensions.set(id, extension);
    }
    let mut config = RtcConfig::new()
        .set_local_ice_credentials(credentials)
        .set_crypto_provider(srtp::tap::provider())
        .set_dtls_cert(certificate.clone())
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_stats_interval(None)
        .clear_codecs()
        .set_extension_map(extensions);
    codecs(config.codec_config());
    let mut rtc = config.build(now);
    let udp = candidates.addresses.iter().map(|address| Candidate::host(*address, "udp"));
    let passive = |address: &SocketAddr| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
    let tcp = candidates.addresses.iter().filter(|_| candidates.tcp).map(passive);
    for candidate in udp.chain(tcp) {
        match candidate {
            Ok(candidate) => {
                rtc.add_local_candidate(candidate);
            }
            Err(error) => tracing::debug!(%error, "an advertised address cannot be a candidate and is left out"),
        }
    }
    rtc
}

/// The codecs, the usual one of each kind first. Of VP9 and H.264 the profile that all browsers have in common.
fn codecs(config: &mut CodecConfig) {
    config.enable_opus(true, true);
    config.enable_vp8(true);
    let vp9 = FormatParams {
        profile_id: Some(0),
        ..FormatParams::default()
    };
    config.add_config(98.into(), Some(99.into()), StrCodec::Vp9, Frequency::NINETY_KHZ, None, vp9);
    config.add_h264(108.into(), Some(109.into()), true, 0x42e01f);
    config.enable_av1(true);
}

/// An offer that was read.
pub(crate) struct Parsed {
    /// Without what the client receives.
    offer: SdpOffer,
    /// Positions of the m-lines on which it receives.
    slots: Vec<usize>,
    /// The sources that it names, of each m-line.
    named: Vec<Vec<Named>>,
    preferences: Vec<Preference>,
    /// As the client is called in ICE. Everything is bundled, so the first name is the one.
    pub(super) client: Option<IceCreds>,
}

impl Parsed {
    /// Reads an offer. What is too large is refused before it is read.
    pub(crate) fn read(sdp: &str) -> Result<Self, String> {
        if sdp.len() > MAX_SDP_BYTES {
            return Err(format!("it is longer than {MAX_SDP_BYTES} bytes"));
        }
        if sdp.lines().count() > MAX_TEXT_LINES {
            return Err(format!("it has more than {MAX_TEXT_LINES} lines"));
        }
        if sdp.lines().filter(|line| line.starts_with("a=candidate:")).count() > MAX_CANDIDATES {
            return Err(format!("it has more than {MAX_CANDIDATES} candidates"));
        }
        let preferences = preferences(sdp);
        let client = client(sdp);
        let Withheld { sdp, slots, named } = withhold(sdp);
        let offer = SdpOffer::from_sdp_string(&sdp).map_err(|error| error.to_string())?;
        if offer.media_lines.len() > MAX_LINES {
            return Err(format!("it has more than {MAX_LINES} m-lines"));
        }
        Ok(Self {
            offer,
            slots,
            named,
            preferences,
            client,
        })
    }
}

fn client(sdp: &str) -> Option<IceCreds> {
    let value = |name: &str| sdp.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let (ufrag, pass) = (value("a=ice-ufrag:")?, value("a=ice-pwd:")?);
    // Longer ones are not allowed (RFC 8839 §5.4).
    (ufrag.len() <= 256 && pass.len() <= 256).then(|| IceCreds {
        ufrag: ufrag.to_owned(),
        pass: pass.to_owned(),
    })
}

/// Applies an offer; gives the answer, in which our streams are not named yet, and what the session looks like now.
pub(crate) fn answer(rtc: &mut Rtc, parsed: Parsed) -> Result<(String, Session), String> {
    let Parsed {
        offer,
        slots,
        named,
        preferences,
        client: _,
    } = parsed;
    let mids: Vec<Mid> = offer.media_lines.iter().map(|line| line.mid()).collect();
    let before = rtc.direct_api().local_ice_credentials().ufrag;
    let answer = rtc
        .sdp_api()
        .accept_offer(offer)
        .map_err(|error| error.to_string())?
        .to_sdp_string();
    let answer = prefer(&keep_place(rtc, &before, answer), &preferences);
    let session = describe(rtc, &mids, &slots, named, &answer);
    Ok((answer, session))
}

/// A restart of ICE gives the peer another name. It has to begin as the one before: with the position of the shard, by which a new path is found.
fn keep_place(rtc: &mut Rtc, before: &str, answer: String) -> String {
    let IceCreds { ufrag: fresh, pass } = rtc.direct_api().local_ice_credentials();
    let Some(place) = before.get(..2).filter(|_| fresh != before) else {
        return answer;
    };
    let ufrag = format!("{place}{fresh}");
    let line = |name: &str| format!("a=ice-ufrag:{name}\r\n");
    let answer = answer.replace(&line(&fresh), &line(&ufrag));
    rtc.direct_api().set_local_ice_credentials(IceCreds { ufrag, pass });
    answer
}

fn describe(rtc: &Rtc, mids: &[Mid], slots: &[usize], named: Vec<Vec<Named>>, answer: &str) -> Session {
    let mut session = Session::default();
    session.formats.audio_level = extension(answer, Extension::AudioLevel.as_uri());
    session.formats.video_orientation = extension(answer, Extension::VideoOrientation.as_uri());
    session.formats.dependency = extension(answer, reader::DEPENDENCY);
    session.formats.transport = transport(answer);
    session.extensions = Extensions {
        mid: extension(answer, Extension::RtpMid.as_uri()),
        rid: extension(answer, Extension::RtpStreamId.as_uri()),
        repaired: extension(answer, Extension::RepairedRtpStreamId.as_uri()),
        level: session.formats.audio_level,
        orientation: session.formats.video_orientation,
        dependency: session.formats.dependency,
        transport: session.formats.transport,
    };
    let mut plays = Vec::new();
    let named = named.into_iter().chain(std::iter::repeat_with(Vec::new));
    for ((position, mid), named) in mids.iter().enumerate().zip(named) {
        let Some(media) = rtc.media(*mid) else {
            session.lines.push(LineInfo::nothing(*mid));
            continue;
        };
        let rids = match media.rids_rx() {
            str0m::media::Rids::Specific(rids) => rids.iter().take(MAX_LAYERS).copied().collect(),
            _ => Vec::new(),
        };
        let slot = !media.stopped() && slots.contains(&position);
        let mut sent = Vec::new();
        for param in rtc.codec_config().params() {
            let Some(codec) = codec(param.spec().codec).filter(|_| media.remote_pts().contains(&param.pt())) else {
                continue;
            };
            let format = |payload_type, rtx| Format { payload_type, rtx };
            let rtx = param.resend().map(|format| *format);
            session.formats.set(codec, format(*param.pt(), rtx));
            sent.push(codec);
            if let Some(red) = param.red() {
                session.formats.set(Codec::Red, format(*red, None));
                sent.push(Codec::Red);
            }
        }
        session.lines.push(LineInfo {
            mid: *mid,
            audio: media.kind() == StrKind::Audio,
            slot,
            rids,
            sends: !media.stopped() && media.direction().is_receiving(),
            codecs: sent.iter().copied().collect(),
            named,
        });
        plays.extend(sent.into_iter().filter(|_| slot));
    }
    session.plays = plays.into_iter().collect();
    session
}

fn codec(codec: StrCodec) -> Option<Codec> {
    match codec {
        StrCodec::Opus => Some(Codec::Opus),
        StrCodec::Vp8 => Some(Codec::Vp8),
        StrCodec::Vp9 => Some(Codec::Vp9),
        StrCodec::H264 => Some(Codec::H264),
        StrCodec::Av1 => Some(Codec::Av1),
        _ => None,
    }
}

/// The number of transport-wide numbers, where the client tells what came by them.
fn transport(answer: &str) -> Option<u8> {
    let told = answer
        .lines()
        .any(|line| line.starts_with("a=rtcp-fb:") && line.trim_end().ends_with(" transport-cc"));
    extension(answer, Extension::TransportSequenceNumber.as_uri()).filter(|_| told)
}

/// The number that an answer gives an extension.
fn extension(answer: &str, uri: &str) -> Option<u8> {
    let ids = answer.lines().filter_map(|line| line.strip_prefix("a=extmap:")?.split_once(' '));
    ids.filter(|(_, what)| what.split_whitespace().next() == Some(uri))
        .find_map(|(id, _)| id.split('/').next()?.parse().ok())
}
