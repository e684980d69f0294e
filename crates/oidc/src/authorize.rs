//! The authorization endpoint: goes on with a signed-in member, asks everybody else, and carries answers back.

use app::sign_in::{
    AuthorizationRefusal, AuthorizationRequest, Parameters, Prompt, Refusal, ResponseMode, ReturnAddress, Session, SignInError,
};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    Provider, consent, cookies, federation,
    origin::{Surroundings, check_tenant},
    pages, parameters,
    refusal::Occurrence,
};

/// `GET /{tenant}/oauth2/v2.0/authorize`
pub(crate) async fn from_query(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = parameters::read(query.unwrap_or_default().as_bytes());
    authorize(&provider, &tenant, &surroundings, &headers, parameters).await
}

/// `POST /{tenant}/oauth2/v2.0/authorize`: the same request in a form body.
pub(crate) async fn from_form(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    authorize(&provider, &tenant, &surroundings, &headers, parameters::read_form(&headers, &body)).await
}

async fn authorize(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    parameters: Result<Parameters, Refusal>,
) -> Response {
    let (request, parameters) = match read_request(provider, tenant, surroundings, parameters).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let session = match current_session(provider, surroundings, headers).await {
        Ok(session) => session,
        Err(error) => return refuse(provider, surroundings, &request.return_to, &error),
    };
    // In a page of somebody else only a silent request is answered, which tells its own application what it may know anyway.
    let session = session.filter(|_| request.prompt == Prompt::None || !cookies::embedding(headers));
    if let Some(session) = session.as_ref().filter(|session| request.accepts(session, provider.app.now())) {
        return go_on(provider, tenant, surroundings, headers, (&request, &parameters), session).await;
    }
    if request.prompt == Prompt::None {
        return refuse(provider, surroundings, &request.return_to, &Refusal::LoginRequired.into());
    }
    if let Some(response) = federation::go_directly(provider, tenant, surroundings, headers, &request, &parameters).await {
        return response;
    }
    let offered = session
        .filter(|session| request.offers(session, provider.app.now()))
        .map(|session| session.member);
    let view = pages::SignInView {
        user_name: request.login_hint.as_deref().unwrap_or_default(),
        error: None,
        signed_in: offered.as_ref(),
    };
    ask(provider, tenant, surroundings, headers, &request, &parameters, &view).await
}

/// Reads an authorization request; a refusal comes back as the response that tells it.
pub(crate) async fn read_request(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    parameters: Result<Parameters, Refusal>,
) -> Result<(AuthorizationRequest, Parameters), Response> {
    let on_page = |error: SignInError| pages::refused(&provider.app, surroundings, &error);
    check_tenant(&provider.app, tenant).await.map_err(on_page)?;
    let parameters = parameters.map_err(|refusal| on_page(refusal.into()))?;
    match provider.app.read_authorization_request(&parameters).await {
        Ok(request) => Ok((request, parameters)),
        Err(AuthorizationRefusal::OnPage(refusal)) => Err(on_page(refusal.into())),
        Err(AuthorizationRefusal::Unavailable(error)) => Err(on_page(error)),
        Err(AuthorizationRefusal::ToApplication(return_to, refusal)) => Err(refuse(provider, surroundings, &return_to, &refusal.into())),
    }
}

/// Who is signed in in this browser.
pub(crate) async fn current_session(
    provider: &Provider,
    surroundings: &Surroundings,
    headers: &HeaderMap,
) -> Result<Option<Session>, SignInError> {
    match cookies::session(headers, surroundings) {
        Some(secret) => provider.app.sign_in_session(&secret).await,
        None => Ok(None),
    }
}

/// Shows the sign-in page for a request.
pub(crate) async fn ask(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    request: &AuthorizationRequest,
    parameters: &Parameters,
    view: &pages::SignInView<'_>,
) -> Response {
    let ways = match provider.app.sign_in_ways().await {
        Ok(ways) => ways,
        Err(error) => return pages::refused(&provider.app, surroundings, &error),
    };
    let (secret, cookie) = cookies::form_secret(headers, surroundings);
    let pairs = parameters.pairs().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = parameters::write(pairs);
    let action = format!("/{tenant}/oauth2/v2.0/sign-in?{query}");
    let start = |id: &str| format!("/{tenant}/oauth2/v2.0/federated/{id}/start?{query}");
    let choices = pages::Choices {
        passwords: ways.passwords,
        providers: ways
            .providers
            .iter()
            .map(|choice| (choice.name.clone(), start(&choice.id)))
            .collect(),
    };
    let mut response = pages::sign_in(&provider.app, surroundings, request, &action, &secret, view, &choices);
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Goes on with a member who is signed in: asks for consent where it lacks, else sends the browser back.
pub(crate) async fn go_on(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    (request, parameters): (&AuthorizationRequest, &Parameters),
    session: &Session,
) -> Response {
    if !request.wants_code {
        return carry(provider, surroundings, &request.return_to, &[]);
    }
    let missing = provider
        .app
        .missing_consent(&session.member, &request.application, &request.scopes)
        .await;
    let asked = match missing {
        Err(error) => return refuse(provider, surroundings, &request.return_to, &error),
        Ok(_) if request.prompt == Prompt::Consent => request.scopes.consentable(),
        Ok(missing) => missing,
    };
    if asked.is_empty() {
        return answer_with_code(provider, surroundings, request, session).await;
    }
    if request.prompt == Prompt::None {
        let refusal = Refusal::ConsentRequired(request.application.client_id.clone());
        return refuse(provider, surroundings, &request.return_to, &refusal.into());
    }
    consent::ask(
        provider,
        tenant,
        surroundings,
        headers,
        (request, parameters),
        &consent::View { session, asked: &asked },
    )
    .await
}

/// Issues a code and sends the browser back with it.
pub(crate) async fn answer_with_code(
    provider: &Provider,
    surroundings: &Surroundings,
    request: &AuthorizationRequest,
    session: &Session,
) -> Response {
    match provider.app.issue_authorization_code(request, session).await {
        Ok(code) => carry(provider, surroundings, &request.return_to, &[("code", &code)]),
        Err(error) => refuse(provider, surroundings, &request.return_to, &error),
    }
}

/// Tells the application why its request goes no further.
pub(crate) fn refuse(provider: &Provider, surroundings: &Surroundings, return_to: &ReturnAddress, error: &SignInError) -> Response {
    let occurrence = Occurrence::new(error, &provider.app, surroundings);
    let description = occurrence.description();
    let mut fields = vec![("error", occurrence.wire.error), ("error_description", description.as_str())];
    fields.extend(occurrence.wire.suberror.map(|suberror| ("suberror", suberror)));
    carry(provider, surroundings, return_to, &fields)
}

fn carry(provider: &Provider, surroundings: &Surroundings, return_to: &ReturnAddress, fields: &[(&str, &str)]) -> Response {
    let mut fields = fields.to_vec();
    fields.extend(return_to.state.as_deref().map(|state| ("state", state)));
    if return_to.response_mode == ResponseMode::FormPost {
        return pages::form_post(&return_to.redirect_uri, &fields);
    }
    let Ok(location) = HeaderValue::from_str(&return_location(return_to, &fields)) else {
        return pages::refused(&provider.app, surroundings, &Refusal::UnsupportedValue("redirect_uri").into());
    };
    let no_store = HeaderValue::from_static("no-store");
    (
        StatusCode::SEE_OTHER,
        [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)],
    )
        .into_response()
}

/// The address that carries an answer in its query or fragment.
pub(crate) fn return_location(return_to: &ReturnAddress, fields: &[(&str, &str)]) -> String {
    let written = parameters::write(fields.iter().copied());
    let uri = &return_to.redirect_uri;
    match return_to.response_mode {
        _ if written.is_empty() => uri.clone(),
        ResponseMode::Fragment => format!("{uri}#{written}"),
        ResponseMode::Query | ResponseMode::FormPost if uri.contains('?') => format!("{uri}&{written}"),
        ResponseMode::Query | ResponseMode::FormPost => format!("{uri}?{written}"),
    }
}
