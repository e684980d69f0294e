//! The device flow: the endpoint at which a device begins, and the pages on which a member types its code and decides.
//!
//! Whoever is not signed in is sent to the authorization endpoint for the members' own web app with `response_type=none`,
//! which signs in by whatever means this tenant has and comes back here; the code travels as `state`, with a proof that it was
//! entered in this browser. A code that came in a link only fills the form in: nothing happens before the member has sent that
//! form, compared the code, read everything that is asked for, and said yes.

use app::sign_in::{DEVICE_SECONDS, POLL_SECONDS, Parameters, Refusal, Session, SignInError, WaitingDevice};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    Provider,
    authorize::current_session,
    cookies,
    device_pages::{self, CodeView},
    origin::{Surroundings, check_tenant},
    parameters, refusal,
    token::read_proof,
};

const READ_ONCE: &[&str] = &["client_id", "client_secret", "scope", "client_assertion", "client_assertion_type"];

/// `POST /{tenant}/oauth2/v2.0/devicecode`
pub(crate) async fn begin(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match begin_device(&provider, &tenant, &surroundings, &headers, &body).await {
        Ok(answer) => ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response(),
        Err(error) => refusal::json(&error, &provider.app, &surroundings),
    }
}

async fn begin_device(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, SignInError> {
    check_tenant(&provider.app, tenant).await?;
    let form = parameters::read_form(headers, body)?;
    form.once(READ_ONCE)?;
    let proof = read_proof(headers, &form)?;
    let begun = provider
        .app
        .begin_device(&proof, form.required("scope")?, surroundings.source)
        .await?;
    let uri = format!("{}/device", surroundings.origin);
    let message = format!("To sign in, open {uri} in a browser and enter the code {}.", begun.user_code);
    Ok(json!({
        "user_code": begun.user_code,
        "device_code": begun.device_code,
        "verification_uri": uri,
        "expires_in": DEVICE_SECONDS,
        "interval": POLL_SECONDS,
        "message": message,
    }))
}

/// `GET /device`
pub(crate) async fn page(
    State(provider): State<Provider>,
    surroundings: Surroundings,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = parameters::read(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let visit = Visit::new(&provider, &surroundings, &headers).await;
    let (code, entered) = query.get("state").map(|state| visit.read_state(state)).unwrap_or_default();
    // Only who entered the code in this browser and came back from signing in goes on at once; a link of somebody else asks first.
    match &visit.session {
        Ok(Some(_)) if entered => visit.go_on(code).await,
        _ => visit.ask_for_code(query.get("user_code").unwrap_or(code), None),
    }
}

/// `POST /device`: the code was typed.
pub(crate) async fn typed(State(provider): State<Provider>, surroundings: Surroundings, headers: HeaderMap, body: Bytes) -> Response {
    let form = parameters::read_form(&headers, &body).unwrap_or_default();
    let visit = Visit::new(&provider, &surroundings, &headers).await;
    let code = form.get("user_code").unwrap_or_default();
    if !cookies::form_token_fits(&headers, &surroundings, form.get("csrf")) {
        return visit.ask_for_code(code, Some(&Refusal::StaleForm.into()));
    }
    visit.go_on(code).await
}

/// `POST /device/decision`: the member said yes or no.
pub(crate) async fn decide(State(provider): State<Provider>, surroundings: Surroundings, headers: HeaderMap, body: Bytes) -> Response {
    let form = parameters::read_form(&headers, &body).unwrap_or_default();
    let visit = Visit::new(&provider, &surroundings, &headers).await;
    let code = form.get("user_code").unwrap_or_default();
    match visit.decide(&form, code).await {
        Ok((device, approved)) => device_pages::done(&provider.app, &device.application.display_name, approved),
        Err(error) => visit.ask_for_code(code, Some(&error)),
    }
}

/// One request for a page, and who is signed in in its browser.
struct Visit<'a> {
    provider: &'a Provider,
    surroundings: &'a Surroundings,
    headers: &'a HeaderMap,
    session: Result<Option<Session>, SignInError>,
}

impl<'a> Visit<'a> {
    async fn new(provider: &'a Provider, surroundings: &'a Surroundings, headers: &'a HeaderMap) -> Self {
        Self {
            provider,
            surroundings,
            headers,
            session: current_session(provider, surroundings, headers).await,
        }
    }

    /// From a typed code to the confirmation page, by way of signing in when nobody is signed in.
    async fn go_on(&self, code: &str) -> Response {
        let session = match &self.session {
            Ok(session) => session.as_ref(),
            Err(error) => return self.ask_for_code(code, Some(error)),
        };
        let found = self.provider.app.waiting_device(code, session, self.surroundings.source).await;
        match (found, session) {
            (Err(error), _) => self.ask_for_code(code, Some(&error)),
            (Ok(device), None) => self.sign_in(&device),
            (Ok(device), Some(session)) => match self.confirm(&device, session).await {
                Ok(page) => page,
                Err(error) => self.ask_for_code(code, Some(&error)),
            },
        }
    }

    async fn confirm(&self, device: &WaitingDevice, session: &Session) -> Result<Response, SignInError> {
        let app = &self.provider.app;
        // All of it, whatever was consented to before: the device is not the one on which that was.
        let permissions = app.explain_permissions(&device.scopes.consentable()).await?;
        let (secret, cookie) = cookies::form_secret(self.headers, self.surroundings);
        let csrf = cookies::session_token(&secret, &session.session_hash);
        let other = self.sign_in_address(device, &secret, Some("login"));
        let page = device_pages::confirm(app, device, session, &permissions, (&csrf, &other));
        Ok(with_cookie(page, cookie))
    }

    async fn decide(&self, form: &Parameters, code: &str) -> Result<(WaitingDevice, bool), SignInError> {
        let session = match &self.session {
            Ok(session) => session.as_ref(),
            Err(error) => return Err(SignInError::Unavailable(error.to_string())),
        };
        let fits =
            |session: &&Session| cookies::session_token_fits(self.headers, self.surroundings, &session.session_hash, form.get("csrf"));
        let session = session.filter(fits).ok_or(Refusal::StaleForm)?;
        let app = &self.provider.app;
        let device = app.waiting_device(code, Some(session), self.surroundings.source).await?;
        let approved = form.get("decision") == Some("accept");
        app.decide_device(&device, session, approved).await?;
        Ok((device, approved))
    }

    fn ask_for_code(&self, code: &str, error: Option<&SignInError>) -> Response {
        let (secret, cookie) = cookies::form_secret(self.headers, self.surroundings);
        let view = CodeView {
            code,
            csrf: &cookies::form_token(&secret),
            error,
        };
        with_cookie(device_pages::code(&self.provider.app, self.surroundings, &view), cookie)
    }

    fn sign_in(&self, device: &WaitingDevice) -> Response {
        let (secret, cookie) = cookies::form_secret(self.headers, self.surroundings);
        let address = self.sign_in_address(device, &secret, None);
        match HeaderValue::from_str(&address) {
            Ok(location) => {
                let no_store = HeaderValue::from_static("no-store");
                let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, no_store)];
                with_cookie((StatusCode::SEE_OTHER, headers).into_response(), cookie)
            }
            Err(_) => self.ask_for_code("", Some(&Refusal::UserCodeUnknown.into())),
        }
    }

    /// The code of a `state`, and whether it was entered in this browser.
    fn read_state<'q>(&self, state: &'q str) -> (&'q str, bool) {
        let (code, token) = state.split_once('.').unwrap_or((state, ""));
        (
            code,
            cookies::entered_token_fits(self.headers, self.surroundings, code, Some(token)),
        )
    }

    fn sign_in_address(&self, device: &WaitingDevice, secret: &str, prompt: Option<&str>) -> String {
        let state = format!("{}.{}", device.user_code, cookies::entered_token(secret, &device.user_code));
        let client_id = self
            .provider
            .app
            .tenant()
            .map_or_else(|_| String::new(), |tenant| tenant.meet_client_id.clone());
        let redirect_uri = format!("{}/device", self.surroundings.origin);
        let mut pairs = vec![
            ("client_id", client_id.as_str()),
            ("response_type", "none"),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", "openid"),
            ("state", state.as_str()),
        ];
        pairs.extend(prompt.map(|prompt| ("prompt", prompt)));
        format!("/common/oauth2/v2.0/authorize?{}", parameters::write(pairs))
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
