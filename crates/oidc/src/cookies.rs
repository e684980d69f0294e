//! The two cookies of the sign-in page: the session of a member, and the one that binds a form to the browser it was shown in.
//!
//! Over TLS both carry the `__Host-` prefix, so that no other host or plain-HTTP page can set them. The form's token is a
//! digest of the second cookie: another site can neither read nor guess it. Both are `SameSite=Lax`: they come along in frames
//! of pages of the same site, for the silent requests of applications, and not from other sites, whose frames browsers give no
//! cookies anyway. What else an embedding page might do is refused where it could matter ([`embedding`]).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::origin::Surroundings;

const SESSION: &str = "anteroom-session";
const FORM: &str = "anteroom-form";

/// The secret of the session cookie.
pub(crate) fn session(headers: &HeaderMap, surroundings: &Surroundings) -> Option<String> {
    read(headers, &name(SESSION, surroundings))
}

/// Sets the session cookie; it ends with the browser, or with the session in the store.
pub(crate) fn set_session(surroundings: &Surroundings, secret: &str) -> Option<HeaderValue> {
    write(SESSION, secret, surroundings, "")
}

/// Removes the session cookie.
pub(crate) fn clear_session(surroundings: &Surroundings) -> Option<HeaderValue> {
    write(SESSION, "", surroundings, "; Max-Age=0")
}

/// The secret that binds forms to this browser: the one it has, or a fresh one with the cookie that sets it.
pub(crate) fn form_secret(headers: &HeaderMap, surroundings: &Surroundings) -> (String, Option<HeaderValue>) {
    if let Some(secret) = browser_secret(headers, surroundings) {
        return (secret, None);
    }
    let mut bytes = [0_u8; 32];
    let (first, second) = bytes.split_at_mut(16);
    first.copy_from_slice(Uuid::new_v4().as_bytes());
    second.copy_from_slice(Uuid::new_v4().as_bytes());
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    let cookie = write(FORM, &secret, surroundings, "");
    (secret, cookie)
}

/// The secret that this browser is recognised by, when it has one.
pub(crate) fn browser_secret(headers: &HeaderMap, surroundings: &Surroundings) -> Option<String> {
    read(headers, &name(FORM, surroundings)).filter(|secret| secret.len() == 43)
}

/// Whether a page of somebody loads this as a part of itself (frame, image), instead of a person going here. Browsers say so; where
/// nothing is said, it is a program with cookies of its own.
pub(crate) fn embedding(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination.as_bytes() != b"document")
}

/// The token that a form shown in this browser carries.
pub(crate) fn form_token(secret: &str) -> String {
    app::passwords::hash_secret(&format!("form:{secret}"))
}

/// Whether a form was shown in this browser.
pub(crate) fn form_token_fits(headers: &HeaderMap, surroundings: &Surroundings, token: Option<&str>) -> bool {
    let secret = read(headers, &name(FORM, surroundings));
    let (Some(secret), Some(token)) = (secret, token) else {
        return false;
    };
    form_token(&secret).as_bytes().ct_eq(token.as_bytes()).into()
}

/// The token of a form that only the member who is signed in when it is shown may send.
pub(crate) fn session_token(secret: &str, session_hash: &str) -> String {
    form_token(&format!("{secret}:{session_hash}"))
}

/// Whether a form was shown in this browser during this session.
pub(crate) fn session_token_fits(headers: &HeaderMap, surroundings: &Surroundings, session_hash: &str, token: Option<&str>) -> bool {
    let secret = read(headers, &name(FORM, surroundings));
    let (Some(secret), Some(token)) = (secret, token) else {
        return false;
    };
    session_token(&secret, session_hash).as_bytes().ct_eq(token.as_bytes()).into()
}

/// The proof that something (the code of a device) was entered in this browser.
pub(crate) fn entered_token(secret: &str, entered: &str) -> String {
    form_token(&format!("{secret}:entered:{entered}"))
}

/// Whether this was entered in this browser.
pub(crate) fn entered_token_fits(headers: &HeaderMap, surroundings: &Surroundings, entered: &str, token: Option<&str>) -> bool {
    let secret = read(headers, &name(FORM, surroundings));
    let (Some(secret), Some(token)) = (secret, token) else {
        return false;
    };
    entered_token(&secret, entered).as_bytes().ct_eq(token.as_bytes()).into()
}

fn name(base: &str, surroundings: &Surroundings) -> String {
    let prefix = if surroundings.is_secure() { "__Host-" } else { "" };
    format!("{prefix}{base}")
}

fn write(base: &str, value: &str, surroundings: &Surroundings, more: &str) -> Option<HeaderValue> {
    let secure = if surroundings.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", name(base, surroundings));
    HeaderValue::from_str(&cookie).ok()
}

fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(origin: &str) -> Surroundings {
        Surroundings {
            origin: origin.to_owned(),
            source: None,
            correlation_id: None,
        }
    }

    fn sent(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).expect("ascii"))])
    }

    #[test]
    fn over_tls_the_session_cookie_is_secure_and_bound_to_the_host() {
        let tls = set_session(&at("https://localhost"), "s").expect("ascii");
        assert_eq!(tls, "__Host-anteroom-session=s; Path=/; HttpOnly; SameSite=Lax; Secure");
        let plain = set_session(&at("http://127.0.0.1:8080"), "s").expect("ascii");
        assert_eq!(plain, "anteroom-session=s; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            session(&sent("a=b; anteroom-session=s"), &at("http://127.0.0.1")),
            Some("s".to_owned())
        );
        assert_eq!(session(&sent("a=b; anteroom-session=s"), &at("https://localhost")), None);
    }

    #[test]
    fn a_form_token_fits_the_browser_it_was_made_for_and_no_other() {
        let here = at("http://127.0.0.1:8080");
        let (secret, cookie) = form_secret(&HeaderMap::new(), &here);
        assert!(cookie.is_some());
        let token = form_token(&secret);
        assert!(form_token_fits(&sent(&format!("anteroom-form={secret}")), &here, Some(&token)));
        assert!(!form_token_fits(&sent(&format!("anteroom-form={secret}")), &here, None));
        assert!(!form_token_fits(
            &sent(&format!("anteroom-form={}", "a".repeat(43))),
            &here,
            Some(&token)
        ));
        assert!(!form_token_fits(&HeaderMap::new(), &here, Some(&token)));
        let (sent, bound) = (sent(&format!("anteroom-form={secret}")), session_token(&secret, "anna's"));
        assert!(session_token_fits(&sent, &here, "anna's", Some(&bound)));
        for (session, token) in [("ben's", bound.as_str()), ("anna's", token.as_str())] {
            assert!(!session_token_fits(&sent, &here, session, Some(token)));
        }
        assert_eq!(form_secret(&sent, &here), (secret, None));
    }
}
