//! One sign-in through a provider in the browser's eyes: sent there, come back, and on to the application.
//!
//! The browser is recognised by the cookie that also binds our forms to it (`SameSite=Lax`: it comes along when the provider sends the browser back by
//! GET). A failure is a page that says what happened and leads on: again, another way, or back to the application with the error.

use app::sign_in::{
    AuthorizationRequest, FederatedBeginning, FederationRefusal, Parameters, Prompt, Refusal, ReturnedAttempt, SignInError,
};
use axum::{
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::page::{self, Failure};
use crate::{
    Provider,
    authorize::{go_on, read_request, refuse},
    cookies,
    origin::{Surroundings, check_tenant},
    pages, parameters,
    sign_in::leave_previous,
};

/// `GET /{tenant}/oauth2/v2.0/federated/{id}/start?{authorization request}`: the buttons of the sign-in page.
pub(crate) async fn start(
    State(provider): State<Provider>,
    Path((tenant, id)): Path<(String, String)>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let asked = parameters::read(query.unwrap_or_default().as_bytes());
    match read_request(&provider, &tenant, &surroundings, asked).await {
        Err(response) => response,
        Ok((request, _)) if request.prompt == Prompt::None => {
            refuse(&provider, &surroundings, &request.return_to, &Refusal::LoginRequired.into())
        }
        Ok((request, asked)) => begin(&provider, &tenant, &surroundings, &headers, &request, &asked, &id).await,
    }
}

/// Goes to a provider without a page when the request leaves no choice.
pub(crate) async fn go_directly(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    asked: &Parameters,
) -> Option<Response> {
    if request.prompt == Prompt::SelectAccount {
        return None;
    }
    // A store that fails is told by the page that follows.
    let ways = provider.app.sign_in_ways().await.ok()?;
    let choice = ways.direct(asked.get("domain_hint"), request.login_hint.as_deref())?;
    Some(begin(provider, tenant, surroundings, headers, request, asked, &choice.id).await)
}

async fn begin(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    asked: &Parameters,
    id: &str,
) -> Response {
    let (browser_secret, cookie) = cookies::form_secret(headers, surroundings);
    let query = parameters::write(asked.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let beginning = FederatedBeginning {
        provider_id: id,
        request,
        query: &query,
        tenant,
        origin: &surroundings.origin,
        browser_secret: &browser_secret,
        source: surroundings.source,
    };
    let location = match provider.app.begin_federated_sign_in(beginning).await {
        Ok(location) => location,
        Err(error) => return failed(provider, tenant, surroundings, request, asked, id, &error),
    };
    let Ok(location) = HeaderValue::from_str(&location) else {
        return pages::refused(
            &provider.app,
            surroundings,
            &Refusal::from(FederationRefusal::UnknownProvider).into(),
        );
    };
    let mut response = (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location), (header::CACHE_CONTROL, NO_STORE)],
    )
        .into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// `GET /{tenant}/oauth2/v2.0/federated/{id}`: the provider sends the browser back.
pub(crate) async fn callback(
    State(provider): State<Provider>,
    Path((tenant, id)): Path<(String, String)>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let on_page = |error: SignInError| pages::refused(&provider.app, &surroundings, &error);
    let checked = check_tenant(&provider.app, &tenant).await;
    let answer = match checked.and_then(|()| Ok(parameters::read(query.unwrap_or_default().as_bytes())?)) {
        Ok(answer) => answer,
        Err(error) => return on_page(error),
    };
    let browser_secret = cookies::browser_secret(&headers, &surroundings);
    let taken = provider
        .app
        .take_federated_attempt(&id, answer.get("state"), browser_secret.as_deref());
    let returned = match taken.await {
        Ok(returned) => returned,
        Err(error) => return on_page(error),
    };
    let asked = parameters::read(returned.attempt.query.as_bytes());
    let (request, asked) = match read_request(&provider, &returned.attempt.tenant, &surroundings, asked).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    finish(&provider, &surroundings, &headers, &request, &asked, &returned, &answer).await
}

async fn finish(
    provider: &Provider,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    asked: &Parameters,
    returned: &ReturnedAttempt,
    answer: &Parameters,
) -> Response {
    let (session, secret) = match provider.app.finish_federated_sign_in(returned, answer).await {
        Ok(opened) => opened,
        // The person decided: there is nothing to explain to them.
        Err(error) if matches!(error.refusal(), Some(Refusal::Federation(FederationRefusal::Cancelled { .. }))) => {
            return refuse(provider, surroundings, &request.return_to, &error);
        }
        Err(error) => {
            let attempt = &returned.attempt;
            return failed(
                provider,
                &attempt.tenant,
                surroundings,
                request,
                asked,
                &attempt.provider_id,
                &error,
            );
        }
    };
    leave_previous(provider, surroundings, headers, &session.member.id).await;
    let mut response = go_on(
        provider,
        &returned.attempt.tenant,
        surroundings,
        headers,
        (request, asked),
        &session,
    )
    .await;
    if let Some(cookie) = cookies::set_session(surroundings, &secret) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn failed(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    request: &AuthorizationRequest,
    asked: &Parameters,
    id: &str,
    error: &SignInError,
) -> Response {
    let pairs = || asked.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let hints = ["prompt", "login_hint", "domain_hint"];
    let without_hints = pairs().filter(|(name, _)| !hints.contains(name));
    let choosing = parameters::write(without_hints.chain([("prompt", "select_account")]));
    let failure = Failure {
        again: format!("/{tenant}/oauth2/v2.0/federated/{id}/start?{}", parameters::write(pairs())),
        otherwise: format!("/{tenant}/oauth2/v2.0/authorize?{choosing}"),
        return_to: &request.return_to,
        application: &request.application.display_name,
    };
    page::failed(&provider.app, surroundings, error, &failure)
}

pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
