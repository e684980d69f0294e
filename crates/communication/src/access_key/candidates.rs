//! The forms under which published clients sign one and the same request. All are equal in meaning, so any may match.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// Targets: as received, percent-decoded as a whole, and with the query written as a form (a space becomes `+`).
pub(super) fn targets(raw: &str) -> Vec<Vec<u8>> {
    let mut targets = vec![raw.as_bytes().to_vec()];
    let mut add = |target: Vec<u8>| {
        if !targets.contains(&target) {
            targets.push(target);
        }
    };
    add(percent_decode_str(raw).collect());
    if let Some((path, query)) = raw.split_once('?') {
        let form: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form_urlencoded::parse(query.as_bytes()))
            .finish();
        add(format!("{path}?{form}").into_bytes());
    }
    targets
}

/// Hosts: as received, with the slash that some clients leave on, and the authorities under which the server is known.
pub(super) fn hosts(received: &str, authorities: &[String]) -> Vec<String> {
    let mut hosts = Vec::new();
    for host in std::iter::once(received).chain(authorities.iter().map(String::as_str)) {
        for form in [host.to_owned(), format!("{host}/")] {
            if !hosts.contains(&form) {
                hosts.push(form);
            }
        }
    }
    hosts
}
