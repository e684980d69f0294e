//! Keeps the media of a client to ourselves: str0m negotiates everything else.
//!
//! What a client wants to receive is sent by our own egress (`send`), so str0m is shown an offer in which the client receives nothing, and its answer
//! is told of our streams before it goes out. What it publishes is received by our own ingress (`receive`), so str0m is not told its sources, of which it
//! would keep and report something. Works on lines of text: what these functions do not know passes through as it is.
//! Not here: reading an offer (`negotiate`), the streams themselves (`send`).

use std::fmt::Write as _;

use crate::receive::Named;

/// The streams that one receive slot is announced with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announced {
    /// SSRC of the media.
    pub(crate) ssrc: u32,
    /// SSRC of retransmissions.
    pub(crate) rtx: Option<u32>,
}

/// Directions of an m-line, as its offerer sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Section<'a> {
    text: &'a str,
    media: bool,
    sends: bool,
    receives: bool,
}

/// What str0m is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Withheld {
    /// The offer without what the client receives.
    pub(crate) sdp: String,
    /// Positions of the m-lines on which the client receives.
    pub(crate) slots: Vec<usize>,
    /// The sources that the offer names, of each m-line.
    pub(crate) named: Vec<Vec<Named>>,
}

/// Most sources of an m-line that are read; each takes time for every packet of an unknown source.
const MOST_NAMED: usize = 8;

/// Takes what the client receives out of its offer, and the sources of what it sends.
pub(crate) fn withhold(offer: &str) -> Withheld {
    let mut sections = sections(offer);
    let mut sdp = sections.next().unwrap_or_default().to_owned();
    let (mut slots, mut named) = (Vec::new(), Vec::new());
    for (position, section) in sections.map(Section::read).enumerate() {
        named.push(section.named());
        let kept = |line: &str| !line.starts_with("a=ssrc");
        if section.media && section.receives {
            slots.push(position);
            section.turned(&mut sdp, if section.sends { "a=sendonly" } else { "a=inactive" }, kept);
        } else {
            section
                .text
                .split_inclusive('\n')
                .filter(|line| kept(line))
                .for_each(|line| sdp.push_str(line));
        }
    }
    Withheld { sdp, slots, named }
}

/// Tells an answer of the streams that our egress sends: `of` gives those of the m-line at a position.
pub(crate) fn announce(answer: &str, cname: &str, of: impl Fn(usize) -> Option<Announced>) -> String {
    let mut sections = sections(answer);
    let mut sdp = sections.next().unwrap_or_default().to_owned();
    for (position, section) in sections.map(Section::read).enumerate() {
        let Some(Announced { ssrc, rtx }) = of(position) else {
            sdp.push_str(section.text);
            continue;
        };
        // In an answer it is this side that sends and receives. What str0m would name its own streams with goes.
        let kept = |line: &str| !line.starts_with("a=msid:") && !line.starts_with("a=ssrc");
        section.turned(&mut sdp, if section.receives { "a=sendrecv" } else { "a=sendonly" }, kept);
        let mut line = |text: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _ = write!(sdp, "{text}\r\n");
        };
        line(format_args!("a=msid:- {cname}-{position}"));
        if let Some(rtx) = rtx {
            line(format_args!("a=ssrc-group:FID {ssrc} {rtx}"));
        }
        for ssrc in [Some(ssrc), rtx].into_iter().flatten() {
            line(format_args!("a=ssrc:{ssrc} cname:{cname}"));
        }
    }
    sdp
}

/// The session part, then every m-line with its attributes.
fn sections(sdp: &str) -> impl Iterator<Item = &str> {
    let next_line = |text: &str| text.find("\nm=").map_or(text.len(), |at| at + 1);
    let session = if sdp.starts_with("m=") { 0 } else { next_line(sdp) };
    let (session, mut rest) = sdp.split_at(session);
    let lines = std::iter::from_fn(move || {
        let (section, after) = rest.split_at(next_line(rest));
        rest = after;
        (!section.is_empty()).then_some(section)
    });
    std::iter::once(session).chain(lines)
}

impl<'a> Section<'a> {
    fn read(text: &'a str) -> Self {
        let direction = text.lines().find_map(direction).unwrap_or((true, true));
        Self {
            text,
            media: text.starts_with("m=audio ") || text.starts_with("m=video "),
            sends: direction.0,
            receives: direction.1,
        }
    }

    /// The sources that it names (RFC 5576): each by itself, or with its retransmissions in a group.
    fn named(&self) -> Vec<Named> {
        let mut named: Vec<Named> = Vec::new();
        let groups = self.text.lines().filter_map(|line| line.strip_prefix("a=ssrc-group:FID "));
        for group in groups {
            let mut sources = group.split_whitespace().map_while(|ssrc| ssrc.parse().ok());
            if let (Some(ssrc), rtx @ Some(_)) = (sources.next(), sources.next()) {
                named.push(Named { ssrc, rtx });
            }
        }
        let sources = self.text.lines().filter_map(|line| line.strip_prefix("a=ssrc:"));
        for ssrc in sources.filter_map(|source| source.split_whitespace().next()?.parse().ok()) {
            if !named.iter().any(|named| named.ssrc == ssrc || named.rtx == Some(ssrc)) {
                named.push(Named { ssrc, rtx: None });
            }
            if named.len() >= MOST_NAMED {
                break;
            }
        }
        named.truncate(MOST_NAMED);
        named
    }

    /// Writes it with another direction, and of its other lines those that are `kept`.
    fn turned(&self, sdp: &mut String, to: &str, kept: impl Fn(&str) -> bool) {
        for line in self.text.lines().filter(|line| direction(line).is_none() && kept(line)) {
            sdp.push_str(line);
            sdp.push_str("\r\n");
        }
        sdp.push_str(to);
        sdp.push_str("\r\n");
    }
}

/// Whether the offerer of this line sends and receives.
fn direction(line: &str) -> Option<(bool, bool)> {
    match line.trim_end() {
        "a=sendrecv" => Some((true, true)),
        "a=sendonly" => Some((true, false)),
        "a=recvonly" => Some((false, true)),
        "a=inactive" => Some((false, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\ns=-\r\na=group:BUNDLE 0 1 2 3\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=recvonly\r\na=rtpmap:96 VP8/90000\r\n\
        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:3\r\n";

    #[test]
    fn what_the_client_receives_is_withheld_and_nothing_else_is_changed() {
        let withheld = withhold(OFFER);
        assert_eq!(withheld.slots, [1, 2], "an m-line without a direction sends and receives");
        let changed = OFFER
            .replace("a=recvonly\r\na=rtpmap:96 VP8/90000\r\n", "a=rtpmap:96 VP8/90000\r\na=inactive\r\n")
            .replace("a=mid:2\r\n", "a=mid:2\r\na=sendonly\r\n");
        assert_eq!(withheld.sdp, changed);
    }

    #[test]
    fn an_offer_in_which_nothing_is_received_passes_as_it_is() {
        let offer = OFFER
            .replace("recvonly", "sendonly")
            .replace("a=mid:2\r\n", "a=mid:2\r\na=inactive\r\n");
        assert_eq!(
            withhold(&offer),
            Withheld {
                sdp: offer,
                slots: Vec::new(),
                named: vec![Vec::new(); 4],
            }
        );
    }

    #[test]
    fn the_sources_that_an_offer_names_are_read_and_withheld() {
        let lines = [
            "a=ssrc-group:FID 5 6\r\na=ssrc:5 cname:c\r\na=ssrc:5 msid:x y\r\na=ssrc:6 cname:c\r\na=ssrc:7 cname:c\r\n",
            "a=ssrc:8 cname:c\r\na=ssrc-group:FID x\r\na=ssrc:9999999999 cname:c\r\n",
            "a=ssrc:",
        ];
        let mut offer = OFFER.to_owned();
        for (line, mid) in lines.iter().zip(["a=mid:0\r\n", "a=mid:1\r\n", "a=mid:2\r\n"]) {
            offer = offer.replace(mid, &format!("{mid}{line}\r\n"));
        }
        let Withheld { sdp, slots, named } = withhold(&offer);
        assert!(!sdp.contains("a=ssrc") && sdp.contains("a=mid:2"));
        assert_eq!(slots, [1, 2]);
        let by_itself = |ssrc| Named { ssrc, rtx: None };
        let pair = Named { ssrc: 5, rtx: Some(6) };
        assert_eq!(named, [vec![pair, by_itself(7)], vec![by_itself(8)], Vec::new(), Vec::new()]);
        let many: String = (1..100).map(|ssrc| format!("a=ssrc:{ssrc} cname:c\r\n")).collect();
        assert_eq!(withhold(&format!("m=audio 9\r\n{many}")).named[0].len(), MOST_NAMED);
    }

    #[test]
    fn an_answer_names_the_streams_of_its_slots() {
        let answer = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=recvonly\r\nm=video 9 X 96\r\na=inactive\r\na=mid:1\r\na=msid:x y\r\n";
        let announced = Announced { ssrc: 5, rtx: Some(6) };
        let named = announce(answer, "c", |position| (position == 1).then_some(announced));
        let expected = "v=0\r\nm=audio 9 X 111\r\na=mid:0\r\na=recvonly\r\nm=video 9 X 96\r\na=mid:1\r\na=sendonly\r\na=msid:- c-1\r\n\
            a=ssrc-group:FID 5 6\r\na=ssrc:5 cname:c\r\na=ssrc:6 cname:c\r\n";
        assert_eq!(named, expected);
    }

    #[test]
    fn text_that_is_no_description_comes_through() {
        for text in ["", "m=", "m=audio 9", "\n\n", "v=0", "v=0\nm=video 9\nm=video 9"] {
            assert_eq!(sections(text).collect::<String>(), text);
        }
    }
}
