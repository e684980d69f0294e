//! The pages: sign-in, refusal, signed out, and the form that carries an answer by `form_post`. Consent and device code have
//! their pages beside their handlers.
//!
//! Rendered here, complete: one answer without script, font, image or style from anywhere else. A fresh nonce per answer
//! lets exactly our own style (and, for `form_post`, one line of script) run.

use app::{
    App,
    model::Member,
    sign_in::{AuthorizationRequest, SignInError},
};
use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use url::Url;
use uuid::Uuid;

use crate::{
    cookies,
    origin::Surroundings,
    refusal::{Occurrence, Wire},
};

/// The member whose session can be continued.
struct SignedIn<'a> {
    display_name: &'a str,
    user_name: &'a str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    application: &'a str,
    action: &'a str,
    csrf: &'a str,
    user_name: &'a str,
    message: Option<&'a str>,
    /// The message is about what was typed.
    wrong: bool,
    signed_in: Option<SignedIn<'a>>,
    choices: &'a Choices,
}

/// What the sign-in page offers.
pub(crate) struct Choices {
    /// The form for user name and password; otherwise it is there for administrators, folded away.
    pub(crate) passwords: bool,
    /// Name and address of each provider.
    pub(crate) providers: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    message: &'a str,
    number: u32,
    timestamp: &'a str,
    trace_id: &'a str,
    advice: &'a str,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    nonce: &'a str,
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

/// What the sign-in page shows beside its form.
#[derive(Default)]
pub(crate) struct SignInView<'a> {
    /// What was typed, or what the application expects.
    pub(crate) user_name: &'a str,
    /// Why the last attempt did not succeed.
    pub(crate) error: Option<&'a SignInError>,
    /// Who may go on without a password.
    pub(crate) signed_in: Option<&'a Member>,
}

/// The sign-in page for a request; `action` is where its form goes, `form_secret` what binds it to this browser.
pub(crate) fn sign_in(
    app: &App,
    surroundings: &Surroundings,
    request: &AuthorizationRequest,
    action: &str,
    form_secret: &str,
    view: &SignInView<'_>,
    choices: &Choices,
) -> Response {
    let nonce = nonce();
    let occurrence = view.error.map(|error| Occurrence::new(error, app, surroundings));
    let page = SignInPage {
        nonce: &nonce,
        organisation: &organisation(app),
        application: &request.application.display_name,
        action,
        csrf: &cookies::form_token(form_secret),
        user_name: view.user_name,
        message: occurrence.as_ref().map(|occurrence| occurrence.sentence.as_str()),
        wrong: view.error.and_then(SignInError::refusal) == Some(&app::sign_in::Refusal::WrongCredentials),
        signed_in: view.signed_in.map(|member| SignedIn {
            display_name: &member.display_name,
            user_name: &member.user_principal_name,
        }),
        choices,
    };
    let status = occurrence.as_ref().map_or(StatusCode::OK, |occurrence| occurrence.wire.status);
    // The form's answer redirects to the application, and browsers hold redirects of a form to `form-action`.
    let policy = format!("form-action 'self' {}", destination(&request.return_to.redirect_uri));
    let mut response = answer(status, page.render(), &nonce, &policy);
    if let Some(app::sign_in::Refusal::Throttled { retry_after_seconds }) = view.error.and_then(SignInError::refusal) {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
    response
}

/// The page that explains a refusal which may not travel to a redirect address.
pub(crate) fn refused(app: &App, surroundings: &Surroundings, error: &SignInError) -> Response {
    let nonce = nonce();
    let occurrence = Occurrence::new(error, app, surroundings);
    let page = RefusedPage {
        nonce: &nonce,
        organisation: &organisation(app),
        message: &occurrence.sentence,
        number: occurrence.wire.number,
        timestamp: &occurrence.timestamp,
        trace_id: &occurrence.trace_id,
        advice: advice(&occurrence.wire),
    };
    answer(occurrence.wire.status, page.render(), &nonce, "form-action 'none'")
}

/// The page after signing out.
pub(crate) fn signed_out(app: &App) -> Response {
    let nonce = nonce();
    let page = SignedOutPage {
        nonce: &nonce,
        organisation: &organisation(app),
    };
    answer(StatusCode::OK, page.render(), &nonce, "form-action 'none'")
}

/// The page that posts an answer to the application.
pub(crate) fn form_post(redirect_uri: &str, fields: &[(&str, &str)]) -> Response {
    let nonce = nonce();
    let page = FormPostPage {
        nonce: &nonce,
        action: redirect_uri,
        fields: fields.to_vec(),
    };
    let policy = format!("script-src 'nonce-{nonce}'; form-action {}", destination(redirect_uri));
    answer(StatusCode::OK, page.render(), &nonce, &policy)
}

fn advice(wire: &Wire) -> &'static str {
    match wire.status {
        StatusCode::SERVICE_UNAVAILABLE => "Nothing was lost. Open the application again in a moment.",
        _ => {
            "This is a matter between the application and this organisation. Tell whoever runs the application, and give them the code and the trace id."
        }
    }
}

pub(crate) fn organisation(app: &App) -> String {
    app.tenant()
        .map_or_else(|_| "Anteroom".to_owned(), |tenant| tenant.display_name.clone())
}

pub(crate) fn nonce() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The origin of a redirect address as a content security policy writes it; the scheme alone when it has no host.
pub(crate) fn destination(redirect_uri: &str) -> String {
    match Url::parse(redirect_uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

/// A rendered page with the headers that all pages have.
pub(crate) fn answer(status: StatusCode, page: askama::Result<String>, nonce: &str, policy: &str) -> Response {
    let Ok(page) = page else {
        tracing::error!("a page of the sign-in facade could not be rendered");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = format!("default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'; {policy}");
    let mut response = (status, Html(page)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in FIXED_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const FIXED_HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: browsers would then send `Origin: null` with the form.
    (header::REFERRER_POLICY, "same-origin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_origin_that_a_form_may_lead_to() {
        assert_eq!(destination("https://app.example.org:8443/auth?x=1"), "https://app.example.org:8443");
        assert_eq!(destination("http://localhost:3000"), "http://localhost:3000");
        assert_eq!(destination("com.example.app://auth"), "com.example.app:");
    }
}
