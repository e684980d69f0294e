//! Asking an address whether it wants notifications: it proves so by sending back a token that it was sent.
//!
//! Without this an application could have this server call an address that is not its own.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::AppError;
use crate::outbound::{OutboundError, OutboundRequest};
use crate::{App, ids};

/// The address has so long to answer.
const TIMEOUT_MS: u64 = 10_000;
/// Much longer than any token.
const MAX_ANSWER: usize = 4096;
/// Longest address.
const MAX_URL: usize = 2048;

/// Checks the form of an address.
pub(super) fn check(field: &'static str, url: &str) -> Result<(), AppError> {
    let parsed = url::Url::parse(url).ok().filter(|url| url.scheme() == "https" && url.has_host());
    match parsed {
        _ if url.len() > MAX_URL => Err(AppError::invalid(field, format!("it must not be longer than {MAX_URL} characters"))),
        None => Err(AppError::invalid(field, "it must be an absolute https URL")),
        Some(url) if url.fragment().is_some() => Err(AppError::invalid(field, "it must not have a fragment")),
        Some(_) => Ok(()),
    }
}

impl App {
    /// Sends the token and compares what comes back.
    pub(super) async fn shake_hands(&self, field: &'static str, url: &str) -> Result<(), AppError> {
        let token = format!("Validation: {} of request {}", ids::secret(self.random()), ids::guid(self.random()));
        let join = if url.contains('?') { '&' } else { '?' };
        let request = OutboundRequest {
            method: "POST",
            url: format!("{url}{join}validationToken={}", utf8_percent_encode(&token, NON_ALPHANUMERIC)),
            headers: vec![("content-type".to_owned(), "text/plain; charset=utf-8".to_owned())],
            body: Vec::new(),
            timeout_ms: TIMEOUT_MS,
            max_answer_bytes: MAX_ANSWER,
        };
        let refused = |reason: String| {
            let message = format!(
                "validation of the address failed: {reason}. It must answer the validation request with status 200, content type text/plain and \
                 the decoded validation token within 10 seconds"
            );
            AppError::invalid(field, message)
        };
        let answer = self.outbound().send(request).await.map_err(|error| {
            tracing::debug!(%error, "a notification address was refused");
            refused(told(&error).to_owned())
        })?;
        if answer.status != 200 {
            return Err(refused(format!("it answered with status {}", answer.status)));
        }
        let plain = answer
            .content_type
            .as_deref()
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("text/plain"));
        if !plain {
            return Err(refused("its answer is not text/plain".to_owned()));
        }
        if answer.body.trim_ascii() != token.as_bytes() {
            return Err(refused("its answer is not the token".to_owned()));
        }
        Ok(())
    }
}

/// What an application learns. One sentence for an address that is not public and for one that leads nowhere: the difference would tell which
/// names the operator's network has.
fn told(error: &OutboundError) -> &'static str {
    match error {
        OutboundError::Forbidden { .. } | OutboundError::Unreachable { .. } => "it cannot be reached, or is not public",
        OutboundError::TimedOut { .. } => "it did not answer in time",
        OutboundError::TooLong { .. } => "its answer is too long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_inside_and_one_that_leads_nowhere_are_told_alike() {
        let (url, reason) = ("https://intranet.example/".to_owned(), "r".to_owned());
        let (inside, nowhere) = (
            OutboundError::Forbidden {
                url: url.clone(),
                reason: reason.clone(),
            },
            OutboundError::Unreachable { url: url.clone(), reason },
        );
        assert_eq!(told(&inside), told(&nowhere));
        assert_ne!(told(&inside), told(&OutboundError::TimedOut { url }));
    }

    #[test]
    fn only_absolute_https_addresses_are_accepted() {
        for url in ["https://receiver.example/hook", "https://receiver.example:8443/hook?a=b"] {
            assert!(check("notificationUrl", url).is_ok(), "{url}");
        }
        for url in [
            "",
            "/hook",
            "http://receiver.example/",
            "ftp://receiver.example/",
            "https://",
            "https://h/#x",
        ] {
            assert!(check("notificationUrl", url).is_err(), "{url}");
        }
        assert!(check("notificationUrl", &format!("https://h/{}", "x".repeat(MAX_URL))).is_err());
    }
}
