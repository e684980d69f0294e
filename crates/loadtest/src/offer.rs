//! The offer of a client of ours: what it sends, and a fixed pool of slots.

use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Direction, Frequency, MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::rtp::Extension;
use str0m::{Candidate, RtcConfig};

use crate::participant::{Participant, Send};

/// What one offers.
#[derive(Debug, Clone, Copy)]
pub struct Offering {
    /// A microphone.
    pub audio: bool,
    /// A camera: none, one layer, or three.
    pub video: Video,
    /// Slots for voices and for videos.
    pub slots: (usize, usize),
}

/// A camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Video {
    /// None.
    Off,
    /// 720p.
    Plain,
    /// 180p, 360p and 720p.
    Simulcast,
}

/// What was offered.
#[derive(Debug)]
pub struct Offered {
    /// For the server.
    pub sdp: String,
    /// The m-line of the microphone.
    pub audio: Option<Mid>,
    /// The m-line of the camera.
    pub video: Option<Mid>,
    /// What is sent once the answer is accepted.
    pub sends: Vec<Send>,
    pending: SdpPendingOffer,
}

/// The layers, from low to high: name, width, height, packets of a frame.
const LAYERS: [(&str, u16, u16, usize); 3] = [("q", 320, 180, 1), ("h", 640, 360, 2), ("f", 1_280, 720, 5)];

/// Opus and VP8, as the server forwards them. Without that by which a server estimates what a path takes: light receivers tell nothing of it, and no
/// server should pay for waiting for it.
pub fn codecs(config: RtcConfig) -> RtcConfig {
    let extensions = [
        (1, Extension::AudioLevel),
        (4, Extension::RtpMid),
        (10, Extension::RtpStreamId),
        (11, Extension::RepairedRtpStreamId),
        (13, Extension::VideoOrientation),
    ];
    let config = of_both_kinds(config).clear_extension_map();
    extensions
        .into_iter()
        .fold(config, |config, (id, extension)| config.set_extension(id, extension))
}

fn of_both_kinds(config: RtcConfig) -> RtcConfig {
    config.clear_codecs().enable_opus(true, false).enable_vp8(true)
}

/// What full receivers offer: estimation, and audio with earlier packets in it (RFC 2198), which str0m does not know: for it, that is Opus under another number.
pub fn full_codecs(config: RtcConfig) -> RtcConfig {
    let mut config = of_both_kinds(config);
    let (rate, channels) = (Frequency::FORTY_EIGHT_KHZ, Some(2));
    config
        .codec_config()
        .add_config(RED.into(), None, Codec::Opus, rate, channels, FormatParams::default());
    config
}

/// What audio with earlier packets is called by those who offer it; browsers call it so.
pub(crate) const RED: u8 = 63;

/// As it is written, and as str0m writes it.
fn red_lines() -> (String, String) {
    let written = format!("a=rtpmap:{RED} red/48000/2\r\na=fmtp:{RED} 111/111\r\n");
    (written, format!("a=rtpmap:{RED} opus/48000/2\r\n"))
}

impl Participant {
    /// Makes an offer.
    ///
    /// # Errors
    /// In words, when str0m refuses.
    pub fn offer(&mut self, offering: Offering) -> Result<Offered, String> {
        let candidate = Candidate::host(self.local(), "udp").map_err(|error| error.to_string())?;
        let rtc = self.rtc();
        rtc.add_local_candidate(candidate);
        let mut change = rtc.sdp_api();
        let mut sends = Vec::new();
        let audio = offering
            .audio
            .then(|| change.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None));
        sends.extend(audio.map(|mid| Send {
            mid,
            rid: None,
            video: None,
            payload_type: None,
        }));
        let layers = (offering.video == Video::Simulcast).then(|| {
            let mut simulcast = Simulcast::new();
            for (rid, ..) in LAYERS {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            simulcast
        });
        let video = (offering.video != Video::Off).then(|| change.add_media(MediaKind::Video, Direction::SendOnly, None, None, layers));
        if let Some(mid) = video {
            let all = LAYERS.into_iter().map(|(rid, width, height, packets)| Send {
                mid,
                rid: (offering.video == Video::Simulcast).then(|| rid.into()),
                video: Some((width, height, packets)),
                payload_type: None,
            });
            sends.extend(all.skip(if offering.video == Video::Simulcast { 0 } else { LAYERS.len() - 1 }));
        }
        let (voices, videos) = offering.slots;
        let kinds = std::iter::repeat_n(MediaKind::Audio, voices).chain(std::iter::repeat_n(MediaKind::Video, videos));
        for kind in kinds {
            change.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = change.apply().ok_or("nothing is offered")?;
        Ok(Offered {
            sdp: {
                let (red, opus) = red_lines();
                offer.to_sdp_string().replace(&opus, &red)
            },
            audio,
            video,
            sends,
            pending,
        })
    }

    /// Accepts the server's answer. Gives what can be sent.
    ///
    /// # Errors
    /// In words, when it is no answer to the offer.
    pub fn accept(&mut self, offered: Offered, answer: &str) -> Result<Vec<Send>, String> {
        let (red, opus) = red_lines();
        let fmtp = red.replace(&format!("a=rtpmap:{RED} red/48000/2\r\n"), "");
        let answer = answer.replace(&fmtp, "").replace(&format!("a=rtpmap:{RED} red/48000/2\r\n"), &opus);
        let answer = SdpAnswer::from_sdp_string(&answer).map_err(|error| error.to_string())?;
        let api = self.rtc().sdp_api();
        api.accept_answer(offered.pending, answer).map_err(|error| error.to_string())?;
        Ok(offered.sends)
    }

    /// Accepts what the server offers to send. Gives the answer.
    ///
    /// # Errors
    /// In words, when it is no usable offer.
    pub fn answer(&mut self, offer: &str) -> Result<String, String> {
        let candidate = Candidate::host(self.local(), "udp").map_err(|error| error.to_string())?;
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| error.to_string())?;
        let rtc = self.rtc();
        rtc.add_local_candidate(candidate);
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())?;
        Ok(answer.to_sdp_string())
    }
}
