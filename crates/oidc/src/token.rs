//! The token endpoint: five grants in, tokens or a JSON error out.

use app::sign_in::{
    ApplicationAnswer, ApplicationProof, CodeRedemption, OnBehalfOfRequest, Parameters, RefreshRequest, Refusal, SignInAnswer, SignInError,
    assertion_subject,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{
    Provider,
    origin::{Surroundings, check_tenant},
    parameters, refusal,
};

const READ_ONCE: &[&str] = &[
    "grant_type",
    "client_id",
    "client_secret",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "device_code",
    "assertion",
    "requested_token_use",
    "client_assertion",
    "client_assertion_type",
];
/// The device grant by its registered name; some clients call it `device_code`.
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The on-behalf-of grant.
pub(crate) const ON_BEHALF_OF_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The only kind of client assertion.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) async fn token(
    State(provider): State<Provider>,
    Path(tenant): Path<String>,
    surroundings: Surroundings,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match grant(&provider, &tenant, &surroundings, &headers, &body).await {
        Ok(answer) => ([(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")], Json(answer)).into_response(),
        Err(error) => refusal::json(&error, &provider.app, &surroundings),
    }
}

async fn grant(
    provider: &Provider,
    tenant: &str,
    surroundings: &Surroundings,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, SignInError> {
    check_tenant(&provider.app, tenant).await?;
    let form = parameters::read_form(headers, body)?;
    form.once(READ_ONCE)?;
    let grant_type = form.required("grant_type")?;
    let proof = read_proof(headers, &form)?;
    let origin = surroundings.origin.as_str();
    match grant_type {
        "authorization_code" => {
            let redemption = CodeRedemption {
                proof: &proof,
                code: form.required("code")?,
                redirect_uri: form.get("redirect_uri"),
                code_verifier: form.get("code_verifier"),
                scope: form.get("scope"),
                origin,
            };
            Ok(member_answer(&provider.app.redeem_authorization_code(redemption).await?))
        }
        "refresh_token" => {
            let request = RefreshRequest {
                proof: &proof,
                refresh_token: form.required("refresh_token")?,
                scope: form.get("scope"),
                origin,
            };
            Ok(member_answer(&provider.app.refresh(request).await?))
        }
        "client_credentials" => {
            let answer = provider
                .app
                .application_token(&proof, form.get("scope").unwrap_or_default(), origin)
                .await?;
            Ok(application_answer(&answer))
        }
        DEVICE_GRANT | "device_code" => {
            // Some clients send the code under both names.
            let code = form.get("device_code").or_else(|| form.get("code"));
            let code = code.ok_or(Refusal::MissingParameter("device_code"))?;
            Ok(member_answer(&provider.app.redeem_device_code(&proof, code, origin).await?))
        }
        ON_BEHALF_OF_GRANT => {
            if form.required("requested_token_use")? != "on_behalf_of" {
                return Err(Refusal::UnsupportedValue("requested_token_use").into());
            }
            let request = OnBehalfOfRequest {
                proof: &proof,
                assertion: form.required("assertion")?,
                scope: form.required("scope")?,
                origin,
            };
            Ok(member_answer(&provider.app.on_behalf_of(request).await?))
        }
        other => Err(Refusal::UnsupportedGrant(other.chars().take(64).collect()).into()),
    }
}

fn member_answer(answer: &SignInAnswer) -> Value {
    let client_info = json!({ "uid": answer.member_id, "utid": answer.tenant_id }).to_string();
    let mut body = json!({
        "token_type": "Bearer",
        "scope": answer.scope,
        "expires_in": answer.expires_in,
        "ext_expires_in": answer.expires_in,
        "access_token": answer.access_token,
        "client_info": URL_SAFE_NO_PAD.encode(client_info),
    });
    if let Some(members) = body.as_object_mut() {
        members.extend(answer.refresh_token.clone().map(|token| ("refresh_token".to_owned(), token.into())));
        members.extend(answer.id_token.clone().map(|token| ("id_token".to_owned(), token.into())));
    }
    body
}

fn application_answer(answer: &ApplicationAnswer) -> Value {
    json!({
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
        "ext_expires_in": answer.expires_in,
        "access_token": answer.access_token,
    })
}

/// The application of a request: from the body, by HTTP Basic with nothing or the same client id in the body, or by a signed
/// assertion.
pub(crate) fn read_proof(headers: &HeaderMap, form: &Parameters) -> Result<ApplicationProof, Refusal> {
    let assertion = match (form.get("client_assertion"), form.get("client_assertion_type")) {
        (None, None) => None,
        (None, Some(_)) => return Err(Refusal::MissingParameter("client_assertion")),
        (Some(_), None) => return Err(Refusal::MissingParameter("client_assertion_type")),
        (Some(assertion), Some(ASSERTION_TYPE)) => Some(assertion),
        (Some(_), Some(_)) => return Err(Refusal::UnsupportedValue("client_assertion_type")),
    };
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        let named = form.owned("client_id").or_else(|| assertion.and_then(assertion_subject));
        return Ok(ApplicationProof {
            client_id: named.ok_or(Refusal::MissingParameter("client_id"))?,
            secret: form.owned("client_secret"),
            assertion: assertion.map(str::to_owned),
        });
    };
    let basic = authorization
        .to_str()
        .ok()
        .and_then(read_basic)
        .ok_or(Refusal::ConflictingCredentials)?;
    let other = form
        .get("client_id")
        .is_some_and(|client_id| !client_id.eq_ignore_ascii_case(&basic.client_id));
    if other || form.get("client_secret").is_some() || assertion.is_some() {
        return Err(Refusal::ConflictingCredentials);
    }
    Ok(basic)
}

fn read_basic(authorization: &str) -> Option<ApplicationProof> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    Some(ApplicationProof {
        client_id: plain(client_id)?,
        secret: Some(plain(secret)?).filter(|secret| !secret.is_empty()),
        assertion: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_read_with_and_without_escapes() {
        for encoded in ["a-b:s_1", "a%2Db:s%5F1"] {
            let proof = read_basic(&format!("Basic {}", STANDARD.encode(encoded))).expect(encoded);
            assert_eq!((proof.client_id.as_str(), proof.secret.as_deref()), ("a-b", Some("s_1")));
        }
        for wrong in ["Bearer x", "Basic ???", "Basic", &format!("Basic {}", STANDARD.encode("nocolon"))] {
            assert!(read_basic(wrong).is_none(), "{wrong}");
        }
    }
}
