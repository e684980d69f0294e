//! Form encoding, read strictly and written so that every reader agrees.

use app::sign_in::{Parameters, Refusal};
use http::{HeaderMap, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

/// A space is `%20`, never `+`: both kinds of decoder read it back the same.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Reads a query string or a form body. Text that is not UTF-8 after decoding is refused: it could not be given back
/// byte for byte.
pub(crate) fn read(encoded: &[u8]) -> Result<Parameters, Refusal> {
    let pairs = encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default()).ok_or_else(|| Refusal::MalformedParameter("?".to_owned()))?;
        let value = decode(halves.next().unwrap_or_default()).ok_or_else(|| Refusal::MalformedParameter(name.clone()))?;
        Ok::<_, Refusal>((name, value))
    });
    Ok(Parameters::new(pairs.collect::<Result<_, _>>()?))
}

/// Reads a form body, which must say that it is one.
pub(crate) fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        read(body)
    } else {
        Err(Refusal::UnsupportedValue(
            "Content-Type (it must be application/x-www-form-urlencoded)",
        ))
    }
}

/// Writes pairs for a query, a fragment or a form body.
pub(crate) fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED)));
    pairs.collect::<Vec<_>>().join("&")
}

fn decode(encoded: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_back_byte_for_byte() {
        let state = "eyJpZCI6IjEifQ==|a b+c&d=e?f#g/é\u{1F512}~'\"<>";
        let written = write([("state", state), ("nonce", "")]);
        let read = read(written.as_bytes()).expect("readable");
        assert_eq!(read.get("state"), Some(state));
        assert_eq!(read.get("nonce"), None);
        assert_eq!(
            write(read.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            written
        );
    }

    #[test]
    fn both_spellings_of_a_space_are_read() {
        let read = read(b"scope=openid+profile%20email&&x").expect("readable");
        assert_eq!(read.get("scope"), Some("openid profile email"));
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_by_name() {
        assert!(matches!(read(b"state=%ff"), Err(Refusal::MalformedParameter(name)) if name == "state"));
    }
}
