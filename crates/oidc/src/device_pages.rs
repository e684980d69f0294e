//! The pages of the device flow: type the code, compare and decide, done.

use app::{
    App,
    applications::ExplainedPermission,
    sign_in::{Refusal, Session, SignInError, WaitingDevice},
};
use askama::Template;
use axum::response::Response;
use http::{StatusCode, header};

use crate::{origin::Surroundings, pages, refusal::Occurrence};

/// What the page for the code shows.
pub(crate) struct CodeView<'a> {
    pub(crate) code: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) error: Option<&'a SignInError>,
}

#[derive(Template)]
#[template(path = "device_code.html")]
struct CodePage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    csrf: &'a str,
    code: &'a str,
    message: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "device_confirm.html")]
struct ConfirmPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    application: &'a str,
    code: &'a str,
    member: &'a str,
    user_name: &'a str,
    permissions: &'a [ExplainedPermission],
    csrf: &'a str,
    other: &'a str,
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    application: &'a str,
    approved: bool,
}

/// Asks for the code that the device shows.
pub(crate) fn code(app: &App, surroundings: &Surroundings, view: &CodeView<'_>) -> Response {
    let nonce = pages::nonce();
    let occurrence = view.error.map(|error| Occurrence::new(error, app, surroundings));
    let page = CodePage {
        nonce: &nonce,
        organisation: &pages::organisation(app),
        csrf: view.csrf,
        code: view.code.get(..32).unwrap_or(view.code),
        message: occurrence.as_ref().map(|occurrence| occurrence.sentence.as_str()),
    };
    let status = occurrence.as_ref().map_or(StatusCode::OK, |occurrence| occurrence.wire.status);
    // The form's answer may send the browser to the sign-in page, which is ours.
    let mut response = pages::answer(status, page.render(), &nonce, "form-action 'self'");
    if let Some(Refusal::Throttled { retry_after_seconds }) = view.error.and_then(SignInError::refusal) {
        response.headers_mut().insert(header::RETRY_AFTER, (*retry_after_seconds).into());
    }
    response
}

/// Names application, code and member, and asks; `form` is the form's token and the address for another account.
pub(crate) fn confirm(
    app: &App,
    device: &WaitingDevice,
    session: &Session,
    permissions: &[ExplainedPermission],
    (csrf, other): (&str, &str),
) -> Response {
    let nonce = pages::nonce();
    let page = ConfirmPage {
        nonce: &nonce,
        organisation: &pages::organisation(app),
        application: &device.application.display_name,
        code: &device.user_code,
        member: &session.member.display_name,
        user_name: &session.member.user_principal_name,
        permissions,
        csrf,
        other,
    };
    pages::answer(StatusCode::OK, page.render(), &nonce, "form-action 'self'")
}

/// Says that the device goes on by itself, or that it does not.
pub(crate) fn done(app: &App, application: &str, approved: bool) -> Response {
    let nonce = pages::nonce();
    let page = DonePage {
        nonce: &nonce,
        organisation: &pages::organisation(app),
        application,
        approved,
    };
    pages::answer(StatusCode::OK, page.render(), &nonce, "form-action 'none'")
}
