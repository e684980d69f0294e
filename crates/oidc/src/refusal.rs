//! Refusals on the wire: OAuth's error names, the numbers that client libraries and administrators know, HTTP statuses.
//!
//! One exhaustive match assigns them; a new refusal does not compile without its row.

use app::{
    App,
    sign_in::{Refusal, SignInError},
};
use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use uuid::Uuid;

use crate::origin::Surroundings;

/// How a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wire {
    /// OAuth's `error`.
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) number: u32,
    /// The finer reason, for clients that branch on it.
    pub(crate) suberror: Option<&'static str>,
    /// Status of a JSON answer or page.
    pub(crate) status: StatusCode,
}

/// The row of a refusal.
pub(crate) fn wire(refusal: &Refusal) -> Wire {
    let (error, number) = match refusal {
        Refusal::UnknownTenant(_) => ("invalid_tenant", 90002),
        Refusal::UnknownApplication(_) => ("unauthorized_client", 700_016),
        Refusal::RedirectNotRegistered { .. } => ("invalid_request", 50011),
        Refusal::MissingParameter(_) => ("invalid_request", 900_144),
        Refusal::MalformedParameter(_) => ("invalid_request", 9_000_411),
        Refusal::UnsupportedValue(_) => ("invalid_request", 9_002_313),
        Refusal::UnsupportedResponseType => ("unsupported_response_type", 700_054),
        Refusal::UnsupportedGrant(_) => ("unsupported_grant_type", 70003),
        Refusal::ProofKeyRequired => ("invalid_request", 9_002_325),
        Refusal::ProofKeyMismatch => ("invalid_grant", 50148),
        Refusal::PermissionNotGranted(_) => ("consent_required", 65001),
        Refusal::PermissionOfAnotherResource(_) => ("invalid_scope", 650_053),
        Refusal::SeveralResources => ("invalid_scope", 28000),
        Refusal::UnknownResource(_) => ("invalid_resource", 500_011),
        Refusal::DefaultScopeRequired(_) => ("invalid_scope", 1_002_012),
        Refusal::SecretMissing => ("invalid_client", 7_000_218),
        Refusal::SecretWrong(_) | Refusal::ConflictingCredentials => ("invalid_client", 7_000_215),
        Refusal::ApplicationIsPublic(_) => ("invalid_client", 700_025),
        Refusal::AssertionMalformed(_) => ("invalid_client", 50027),
        Refusal::AssertionKeyUnknown | Refusal::AssertionSignatureWrong => ("invalid_client", 700_027),
        Refusal::AssertionKeyOutOfTime | Refusal::AssertionOutOfTime => ("invalid_client", 700_024),
        Refusal::AssertionOfAnother => ("invalid_client", 700_021),
        Refusal::AssertionForAnother => ("invalid_client", 700_023),
        Refusal::UnknownGrant => ("invalid_grant", 70000),
        Refusal::GrantExpired => ("invalid_grant", 70008),
        Refusal::CodeReplayed => ("invalid_grant", 54005),
        Refusal::GrantRevoked => ("invalid_grant", 50173),
        Refusal::RefreshedTooOften => ("invalid_grant", 50196),
        Refusal::AccountDisabled => ("invalid_grant", 50057),
        Refusal::ConsentRequired(_) => ("consent_required", 65001),
        Refusal::ConsentDeclined => ("access_denied", 65004),
        Refusal::DeviceNotForApplication(_) => ("unauthorized_client", 70001),
        Refusal::AdministrationByDevice(_) => ("invalid_scope", 70011),
        Refusal::DevicePending => ("authorization_pending", 70016),
        Refusal::DeviceTooFast => ("slow_down", 70017),
        Refusal::DeviceDeclined => ("authorization_declined", 70018),
        Refusal::DeviceExpired => ("expired_token", 70019),
        Refusal::DeviceUnknown => ("bad_verification_code", 70020),
        Refusal::UserCodeUnknown => ("access_denied", 70021),
        Refusal::DeviceCodesExhausted { .. } => ("temporarily_unavailable", 90055),
        Refusal::OnBehalfOfRefused(_) => ("invalid_grant", 50013),
        Refusal::OnBehalfOfAnotherAudience => ("invalid_grant", 500_131),
        Refusal::OnBehalfOfItself => ("invalid_grant", 500_133),
        Refusal::OnBehalfOfApplication => ("invalid_grant", 500_132),
        Refusal::LoginRequired => ("login_required", 50058),
        Refusal::WrongCredentials => ("access_denied", 50126),
        Refusal::Throttled { .. } => ("access_denied", 50053),
        Refusal::StaleForm => ("invalid_request", 90014),
        Refusal::Federation(refusal) => crate::federation::row(refusal),
    };
    let suberror = match error {
        // Nothing is wrong with what the application holds for its member: it must not be thrown away.
        "invalid_grant" if keeps_tokens(refusal) => None,
        "invalid_grant" => Some("bad_token"),
        "consent_required" => Some("consent_required"),
        _ => None,
    };
    let status = match refusal {
        Refusal::Throttled { .. } | Refusal::DeviceCodesExhausted { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ if error == "invalid_client" => StatusCode::UNAUTHORIZED,
        _ if error == "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    Wire {
        error,
        number,
        suberror,
        status,
    }
}

fn keeps_tokens(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::ProofKeyMismatch
            | Refusal::OnBehalfOfRefused(_)
            | Refusal::OnBehalfOfAnotherAudience
            | Refusal::OnBehalfOfItself
            | Refusal::OnBehalfOfApplication
            | Refusal::RefreshedTooOften
    )
}

/// The row of a store or signer that did not answer.
const UNAVAILABLE: Wire = Wire {
    error: "temporarily_unavailable",
    number: 90033,
    suberror: None,
    status: StatusCode::SERVICE_UNAVAILABLE,
};
const UNAVAILABLE_SENTENCE: &str = "Sign-in is not available at the moment. Try again shortly.";

/// One occurrence of a refusal: its row, its sentence, and what support needs to find it.
#[derive(Debug, Clone)]
pub(crate) struct Occurrence {
    pub(crate) wire: Wire,
    pub(crate) sentence: String,
    pub(crate) trace_id: String,
    pub(crate) correlation_id: String,
    pub(crate) timestamp: String,
}

impl Occurrence {
    /// Names an error and logs it, once.
    pub(crate) fn new(error: &SignInError, app: &App, surroundings: &Surroundings) -> Self {
        let trace_id = Uuid::new_v4().to_string();
        let (wire, sentence) = match error {
            SignInError::Refused(refusal) => (wire(refusal), refusal.to_string()),
            SignInError::Unavailable(_) => (UNAVAILABLE, UNAVAILABLE_SENTENCE.to_owned()),
        };
        match error {
            // The sentence can hold what a stranger typed; number and trace id are enough to find the case.
            SignInError::Refused(_) => tracing::debug!(trace_id, number = wire.number, error = wire.error, "sign-in request refused"),
            SignInError::Unavailable(cause) => tracing::error!(trace_id, cause, "sign-in is not available"),
        }
        Self {
            wire,
            sentence,
            correlation_id: surroundings.correlation_id.clone().unwrap_or_else(|| trace_id.clone()),
            trace_id,
            timestamp: timestamp(app.now()),
        }
    }

    /// The `error_description`.
    pub(crate) fn description(&self) -> String {
        format!(
            "AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.wire.number, self.sentence, self.trace_id, self.correlation_id, self.timestamp
        )
    }
}

/// The JSON answer of the token endpoint and of discovery.
pub(crate) fn json(error: &SignInError, app: &App, surroundings: &Surroundings) -> Response {
    let occurrence = Occurrence::new(error, app, surroundings);
    // At the authorization endpoint consent is asked for by its own error, in an answer to a grant by the suberror.
    let name = match occurrence.wire.error {
        "consent_required" => "invalid_grant",
        name => name,
    };
    let mut body = json!({
        "error": name,
        "error_description": occurrence.description(),
        "error_codes": [occurrence.wire.number],
        "timestamp": occurrence.timestamp,
        "trace_id": occurrence.trace_id,
        "correlation_id": occurrence.correlation_id,
    });
    if let (Some(suberror), Some(members)) = (occurrence.wire.suberror, body.as_object_mut()) {
        members.insert("suberror".to_owned(), suberror.into());
    }
    let mut response = (occurrence.wire.status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    match occurrence.wire.status {
        StatusCode::UNAUTHORIZED => {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\""),
            );
        }
        StatusCode::TOO_MANY_REQUESTS => {
            if let Some(Refusal::DeviceCodesExhausted { retry_after_seconds }) = error.refusal() {
                response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
            }
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        _ => {}
    }
    response
}

fn timestamp(now: app::Micros) -> String {
    let time = jiff::Timestamp::from_microsecond(now).unwrap_or_default();
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_grants_tell_the_client_to_drop_its_token_and_a_wrong_proof_key_does_not() {
        assert_eq!(wire(&Refusal::GrantRevoked).suberror, Some("bad_token"));
        assert_eq!(wire(&Refusal::ProofKeyMismatch).suberror, None);
    }

    #[test]
    fn a_wrong_secret_is_unauthorized_and_a_missing_parameter_is_not() {
        assert_eq!(wire(&Refusal::SecretWrong(String::new())).status, StatusCode::UNAUTHORIZED);
        assert_eq!(wire(&Refusal::MissingParameter("code")).status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn the_time_is_written_as_clients_print_it() {
        assert_eq!(timestamp(1_795_000_000_000_000), "2026-11-18 11:06:40Z");
    }
}
