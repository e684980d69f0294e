//! The order of codecs in an answer, which is what a browser sends by: as the client offered them.
//!
//! str0m answers with its own order, so that a client could ask for nothing. Here the formats of each m-line are put back into the order of the offer, and
//! what a client says of its sound (silence need not be sent) is said back to it, which is how it is agreed. Works on lines of text, like `sdp`.

/// What an m-line of an offer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Preference {
    formats: Vec<String>,
    /// Format parameters of Opus that are agreed by being repeated.
    opus: Vec<String>,
}

/// Parameters of Opus (RFC 7587 §6.1) that an answer repeats.
const REPEATED: [&str; 1] = ["usedtx"];

/// What the m-lines of an offer ask for, by their position.
pub(crate) fn preferences(offer: &str) -> Vec<Preference> {
    let mut preferences: Vec<Preference> = Vec::new();
    let mut opus = None;
    for line in offer.lines() {
        if let Some(formats) = formats(line) {
            opus = None;
            preferences.push(Preference {
                formats: formats.map(str::to_owned).collect(),
                opus: Vec::new(),
            });
        } else if let Some(preference) = preferences.last_mut() {
            if let Some((format, name)) = parameter(line, "a=rtpmap:")
                && name.to_ascii_lowercase().starts_with("opus/")
            {
                opus = Some(format);
            } else if let Some((format, values)) = parameter(line, "a=fmtp:")
                && opus == Some(format)
            {
                let repeated = values.split(';').map(str::trim).filter(|value| {
                    let name = value.split('=').next().unwrap_or_default();
                    REPEATED.contains(&name) && value.len() < 32
                });
                preference.opus = repeated.map(str::to_owned).collect();
            }
        }
    }
    preferences
}

/// Gives an answer the order of the offer.
pub(crate) fn prefer(answer: &str, preferences: &[Preference]) -> String {
    let mut sdp = String::with_capacity(answer.len() + 64);
    let mut preferences = preferences.iter();
    let mut current = None;
    let mut opus = None;
    for line in answer.lines() {
        if let Some(offered) = formats(line) {
            (current, opus) = (preferences.next(), None);
            let mut formats: Vec<&str> = offered.collect();
            let kept: usize = formats.iter().map(|format| format.len() + 1).sum();
            let place = |format: &str| current.and_then(|preference| preference.formats.iter().position(|other| other == format));
            // What was not offered under this number comes last, as it was.
            formats.sort_by_key(|format| place(format).unwrap_or(usize::MAX));
            sdp.push_str(
                line.trim_end()
                    .get(..line.trim_end().len().saturating_sub(kept))
                    .unwrap_or_default(),
            );
            for format in formats {
                sdp.push(' ');
                sdp.push_str(format);
            }
        } else {
            sdp.push_str(line);
            if let Some((format, name)) = parameter(line, "a=rtpmap:")
                && name.to_ascii_lowercase().starts_with("opus/")
            {
                opus = Some(format);
            }
            if let Some((format, values)) = parameter(line, "a=fmtp:")
                && opus == Some(format)
            {
                for value in current.into_iter().flat_map(|preference| &preference.opus) {
                    if !values.contains(value.as_str()) {
                        sdp.push(';');
                        sdp.push_str(value);
                    }
                }
            }
        }
        sdp.push_str("\r\n");
    }
    sdp
}

/// The formats of an m-line of media; nothing for other lines.
fn formats(line: &str) -> Option<impl Iterator<Item = &str>> {
    let rest = line.strip_prefix("m=")?;
    // The medium, the port and the protocol stand in front.
    Some(rest.split_whitespace().skip(3))
}

/// The format of an attribute and what is said of it.
fn parameter<'a>(line: &'a str, attribute: &str) -> Option<(&'a str, &'a str)> {
    line.trim_end().strip_prefix(attribute)?.split_once(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1; usedtx=1\r\n\
        a=rtpmap:63 red/48000/2\r\nm=video 9 UDP/TLS/RTP/SAVPF 45 46 96 97\r\na=rtpmap:45 AV1/90000\r\n";
    const ANSWER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n\
        m=video 9 UDP/TLS/RTP/SAVPF 96 97 39 45 46\r\na=rtpmap:96 VP8/90000\r\n";

    #[test]
    fn formats_come_in_the_order_of_the_offer_and_others_last() {
        let answer = prefer(ANSWER, &preferences(OFFER));
        let lines: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
        assert_eq!(
            lines,
            ["m=audio 9 UDP/TLS/RTP/SAVPF 63 111", "m=video 9 UDP/TLS/RTP/SAVPF 45 46 96 97 39"]
        );
    }

    #[test]
    fn silence_that_need_not_be_sent_is_agreed_with_who_offers_it_only() {
        assert!(prefer(ANSWER, &preferences(OFFER)).contains("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n"));
        let without = OFFER.replace("; usedtx=1", "");
        assert!(!prefer(ANSWER, &preferences(&without)).contains("usedtx"));
    }

    #[test]
    fn nothing_else_is_changed() {
        let same =
            "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=fmtp:111 x\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:3\r\n";
        assert_eq!(prefer(same, &preferences(same)), same);
        assert_eq!(prefer(same, &[]), same, "an answer with more m-lines than were offered");
    }

    #[test]
    fn text_that_is_no_description_does_no_harm() {
        for text in ["", "m=", "m=audio", "a=fmtp:", "a=rtpmap:1", "\n\n", "m=video 9 X é"] {
            let _ = prefer(text, &preferences(text));
        }
    }
}
