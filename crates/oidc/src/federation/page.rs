//! The page after a sign-in through a provider that did not work: what happened, and three ways on.

use app::{
    App,
    sign_in::{Refusal, ResponseMode, ReturnAddress, SignInError},
};
use askama::Template;
use axum::response::Response;
use http::header;

use crate::{authorize::return_location, origin::Surroundings, pages, refusal::Occurrence};

/// Where somebody goes from here.
pub(crate) struct Failure<'a> {
    /// The same provider once more.
    pub(crate) again: String,
    /// The sign-in page.
    pub(crate) otherwise: String,
    /// The application.
    pub(crate) return_to: &'a ReturnAddress,
    /// Its name.
    pub(crate) application: &'a str,
}

#[derive(Template)]
#[template(path = "federation_failed.html")]
struct FailedPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    application: &'a str,
    message: &'a str,
    number: u32,
    timestamp: &'a str,
    trace_id: &'a str,
    again: &'a str,
    otherwise: &'a str,
    /// A link back with the error; none when the answer travels by form.
    back: Option<String>,
    /// The form's target and fields.
    action: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

/// The page.
pub(crate) fn failed(app: &App, surroundings: &Surroundings, error: &SignInError, failure: &Failure<'_>) -> Response {
    let nonce = pages::nonce();
    let occurrence = Occurrence::new(error, app, surroundings);
    let description = occurrence.description();
    let return_to = failure.return_to;
    let mut fields = vec![("error", occurrence.wire.error), ("error_description", description.as_str())];
    fields.extend(return_to.state.as_deref().map(|state| ("state", state)));
    let by_form = return_to.response_mode == ResponseMode::FormPost;
    let page = FailedPage {
        nonce: &nonce,
        organisation: &pages::organisation(app),
        application: failure.application,
        message: &occurrence.sentence,
        number: occurrence.wire.number,
        timestamp: &occurrence.timestamp,
        trace_id: &occurrence.trace_id,
        again: &failure.again,
        otherwise: &failure.otherwise,
        back: (!by_form).then(|| return_location(return_to, &fields)),
        action: &return_to.redirect_uri,
        fields,
    };
    let policy = format!("form-action {}", pages::destination(&return_to.redirect_uri));
    let mut response = pages::answer(occurrence.wire.status, page.render(), &nonce, &policy);
    if let Some(Refusal::Throttled { retry_after_seconds }) = error.refusal() {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
    response
}
