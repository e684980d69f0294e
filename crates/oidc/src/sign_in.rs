//! The form of the sign-in page. Its address carries the authorization request, which is validated anew.

use app::sign_in::{Parameters, PasswordAttempt, Refusal, SignInError};
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::{HeaderMap, header};

use crate::{
    Provider,
    authorize::{ask, current_session, go_on, read_request},
    cookies,
    origin::Surroundings,
    pages::SignInView,
    parameters,
};

/// `POST /{tenant}/oauth2/v2.0/sign-in`
pub(crate) async fn sign_in(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let asked = parameters::read(query.unwrap_or_default().as_bytes());
    let (request, asked) = match read_request(&provider, &tenant, &surroundings, asked).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let form = parameters::read_form(&headers, &body).unwrap_or_default();
    let ask_again = async |error: &SignInError| {
        let view = SignInView {
            user_name: form.get("username").unwrap_or_default(),
            error: Some(error),
            signed_in: None,
        };
        ask(&provider, &tenant, &surroundings, &headers, &request, &asked, &view).await
    };
    if !cookies::form_token_fits(&headers, &surroundings, form.get("csrf")) {
        return ask_again(&Refusal::StaleForm.into()).await;
    }
    if form.get("continue").is_some() {
        return match current_session(&provider, &surroundings, &headers).await {
            // Only where the page offers it: elsewhere the person is to sign in anew.
            Ok(Some(session)) if request.offers(&session, provider.app.now()) => {
                go_on(&provider, &tenant, &surroundings, &headers, (&request, &asked), &session).await
            }
            Ok(_) => ask_again(&Refusal::StaleForm.into()).await,
            Err(error) => ask_again(&error).await,
        };
    }
    match provider.app.sign_in(&provider.throttle, attempt(&form, &surroundings)).await {
        Err(error) => ask_again(&error).await,
        Ok((session, secret)) => {
            leave_previous(&provider, &surroundings, &headers, &session.member.id).await;
            let mut response = go_on(&provider, &tenant, &surroundings, &headers, (&request, &asked), &session).await;
            if let Some(cookie) = cookies::set_session(&surroundings, &secret) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    }
}

fn attempt<'a>(form: &'a Parameters, surroundings: &Surroundings) -> PasswordAttempt<'a> {
    PasswordAttempt {
        user_name: form.get("username").unwrap_or_default(),
        password: form.get("password").unwrap_or_default(),
        source: surroundings.source,
    }
}

/// Another member was signed in in this browser: their session ends, since its cookie is about to be replaced.
pub(crate) async fn leave_previous(provider: &Provider, surroundings: &Surroundings, headers: &HeaderMap, member_id: &str) {
    let Some(secret) = cookies::session(headers, surroundings) else {
        return;
    };
    let ended = match provider.app.sign_in_session(&secret).await {
        Ok(Some(previous)) if previous.member.id != member_id => provider.app.sign_out(&secret).await,
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::error!(%error, "the previous session of this browser could not be ended; it expires by itself");
    }
}
