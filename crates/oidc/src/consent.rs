//! The consent page: names the application and what it asks for; the member says yes or no.
//!
//! As with the sign-in page, the address of the form carries the authorization request, which is validated anew. The form's
//! token is bound to the session that was current when the page was shown, so that nobody consents for somebody else who
//! signed in in this browser meanwhile.

use app::{
    applications::ExplainedPermission,
    sign_in::{AuthorizationRequest, Parameters, Refusal, Session},
};
use askama::Template;
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::{HeaderMap, StatusCode, header};

use crate::{
    Provider,
    authorize::{answer_with_code, current_session, read_request, refuse},
    cookies,
    origin::Surroundings,
    pages, parameters,
};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'a> {
    nonce: &'a str,
    organisation: &'a str,
    application: &'a str,
    member: &'a str,
    user_name: &'a str,
    action: &'a str,
    csrf: &'a str,
    permissions: &'a [ExplainedPermission],
}

/// Who is asked, and for what.
pub(crate) struct View<'a> {
    pub(crate) session: &'a Session,
    /// In the spelling of the registration.
    pub(crate) asked: &'a [String],
}

/// Shows the consent page for a request.
pub(crate) async fn ask(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    (request, parameters): (&AuthorizationRequest, &Parameters),
    view: &View<'_>,
) -> Response {
    let permissions = match provider.app.explain_permissions(view.asked).await {
        Ok(permissions) => permissions,
        Err(error) => return refuse(provider, surroundings, &request.return_to, &error),
    };
    let (secret, cookie) = cookies::form_secret(headers, surroundings);
    let pairs = parameters.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let nonce = pages::nonce();
    let page = ConsentPage {
        nonce: &nonce,
        organisation: &pages::organisation(&provider.app),
        application: &request.application.display_name,
        member: &view.session.member.display_name,
        user_name: &view.session.member.user_principal_name,
        action: &format!("/{tenant}/oauth2/v2.0/consent?{}", parameters::write(pairs)),
        csrf: &cookies::session_token(&secret, &view.session.session_hash),
        permissions: &permissions,
    };
    let policy = format!("form-action 'self' {}", pages::destination(&request.return_to.redirect_uri));
    let mut response = pages::answer(StatusCode::OK, page.render(), &nonce, &policy);
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `POST /{tenant}/oauth2/v2.0/consent`
pub(crate) async fn decide(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let asked = parameters::read(query.unwrap_or_default().as_bytes());
    let (request, _) = match read_request(&provider, &tenant, &surroundings, asked).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let form = parameters::read_form(&headers, &body).unwrap_or_default();
    let session = match current_session(&provider, &surroundings, &headers).await {
        Ok(session) => session,
        Err(error) => return refuse(&provider, &surroundings, &request.return_to, &error),
    };
    let fits = |session: &Session| {
        cookies::session_token_fits(&headers, &surroundings, &session.session_hash, form.get("csrf"))
            && request.accepts_after_consent(session, provider.app.now())
    };
    let Some(session) = session.filter(fits) else {
        return pages::refused(&provider.app, &surroundings, &Refusal::StaleForm.into());
    };
    if form.get("decision") != Some("accept") {
        return refuse(&provider, &surroundings, &request.return_to, &Refusal::ConsentDeclined.into());
    }
    match provider
        .app
        .grant_consent(&session.member, &request.application, &request.scopes)
        .await
    {
        Ok(()) => answer_with_code(&provider, &surroundings, &request, &session).await,
        Err(error) => refuse(&provider, &surroundings, &request.return_to, &error),
    }
}
