//! Proof key for code exchange (RFC 7636), method S256: the one who redeems the code is the one who asked for it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

/// Whether a text can be an S256 challenge: SHA-256 in base64url without padding.
pub(crate) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Whether the verifier belongs to the challenge; the comparison takes a constant time.
pub(crate) fn verifies(verifier: &str, challenge: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && sha256_base64url(verifier).as_bytes().ct_eq(challenge.as_bytes()).into()
}

/// SHA-256 in base64url without padding.
pub(crate) fn sha256_base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_pair_of_rfc_7636_appendix_b_verifies_and_another_verifier_does_not() {
        assert!(is_challenge(CHALLENGE));
        assert!(verifies(VERIFIER, CHALLENGE));
        assert!(!verifies(&VERIFIER.replace('d', "e"), CHALLENGE));
    }

    #[test]
    fn every_unreserved_character_may_occur_and_no_other() {
        let unreserved = format!("{}.~-_", "a".repeat(43));
        assert!(verifies(&unreserved, &sha256_base64url(&unreserved)));
        let reserved = format!("{}+/", "a".repeat(43));
        assert!(!verifies(&reserved, &sha256_base64url(&reserved)));
    }

    #[test]
    fn a_verifier_of_wrong_length_is_refused_though_its_digest_fits() {
        for verifier in ["a".repeat(42), "a".repeat(129)] {
            assert!(!verifies(&verifier, &sha256_base64url(&verifier)));
        }
    }

    #[test]
    fn a_plain_text_is_no_challenge() {
        assert!(!is_challenge("challenge"));
        assert!(!is_challenge(&format!("{CHALLENGE}=")));
    }
}
