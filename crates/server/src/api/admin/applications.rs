//! Registered applications: `/api/admin/applications`, their secrets and certificates, and consent for the whole tenant.
//!
//! A change names what changes; an unknown name is refused. The value of a secret is in the answer that makes it and in no other.

use app::{
    Micros,
    applications::{ApplicationDraft, ApplicationPatch, NewKey, NewSecret},
    model::{Application, ApplicationKey, ApplicationSecret, ExposedScope},
    sign_in::hexadecimal,
};
use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{super::error::ApiError, Api, caller};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create {
    display_name: String,
    #[serde(default)]
    public: bool,
    redirect_uris: Option<Vec<String>>,
    application_permissions: Option<Vec<String>>,
    delegated_permissions: Option<Vec<String>>,
    exposed_scopes: Option<Vec<Scope>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    display_name: Option<String>,
    redirect_uris: Option<Vec<String>>,
    application_permissions: Option<Vec<String>>,
    delegated_permissions: Option<Vec<String>>,
    exposed_scopes: Option<Vec<Scope>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scope {
    name: String,
    #[serde(default)]
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct SecretRequest {
    name: String,
    expires_in_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CertificateRequest {
    #[serde(default)]
    name: String,
    pem: String,
}

type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/applications", routing::get(list).post(create))
        .route("/api/admin/applications/{id}", routing::get(get).patch(change).delete(delete))
        .route("/api/admin/applications/{id}/secrets", routing::post(add_secret))
        .route("/api/admin/applications/{id}/secrets/{secret}", routing::delete(remove_secret))
        .route("/api/admin/applications/{id}/certificates", routing::post(add_certificate))
        .route(
            "/api/admin/applications/{id}/certificates/{certificate}",
            routing::delete(remove_certificate),
        )
        .route("/api/admin/applications/{id}/consent", routing::post(consent).delete(withdraw))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let applications = api.app.registered_applications(&caller).await?;
    Ok(Json(json!({ "applications": applications.iter().map(shown).collect::<Vec<_>>() })))
}

async fn create(State(api): State<Api>, headers: HeaderMap, body: Body<Create>) -> Result<(StatusCode, Json<Value>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let body = read(body)?;
    let draft = ApplicationDraft {
        display_name: body.display_name,
        public: body.public,
        rest: ApplicationPatch {
            display_name: None,
            redirect_uris: body.redirect_uris,
            application_permissions: body.application_permissions,
            delegated_permissions: body.delegated_permissions,
            exposed_scopes: body.exposed_scopes.map(scopes),
        },
    };
    let application = api.app.register_application(&caller, draft).await?;
    Ok((StatusCode::CREATED, Json(shown(&application))))
}

async fn get(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(shown(&api.app.registered_application(&caller, &id).await?)))
}

async fn change(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>, body: Body<Change>) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let body = read(body)?;
    let patch = ApplicationPatch {
        display_name: body.display_name,
        redirect_uris: body.redirect_uris,
        application_permissions: body.application_permissions,
        delegated_permissions: body.delegated_permissions,
        exposed_scopes: body.exposed_scopes.map(scopes),
    };
    Ok(Json(shown(&api.app.change_application(&caller, &id, patch).await?)))
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.delete_application(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_secret(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body<SecretRequest>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let body = read(body)?;
    let new = NewSecret {
        name: body.name,
        expires_in_days: body.expires_in_days,
    };
    let (secret, value) = api.app.add_application_secret(&caller, &id, new).await?;
    let mut answer = shown_secret(&secret);
    if let Some(members) = answer.as_object_mut() {
        members.insert("secret".to_owned(), value.into());
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn remove_secret(
    State(api): State<Api>,
    headers: HeaderMap,
    Path((id, secret)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.remove_application_secret(&caller, &id, &secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_certificate(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body<CertificateRequest>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let body = read(body)?;
    let new = NewKey {
        name: body.name,
        pem: body.pem,
    };
    let key = api.app.add_application_key(&caller, &id, new).await?;
    Ok((StatusCode::CREATED, Json(shown_key(&key))))
}

async fn remove_certificate(
    State(api): State<Api>,
    headers: HeaderMap,
    Path((id, certificate)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.remove_application_key(&caller, &id, &certificate).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn consent(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(shown(&api.app.consent_for_tenant(&caller, &id).await?)))
}

async fn withdraw(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(shown(&api.app.withdraw_consent(&caller, &id).await?)))
}

fn read<T>(body: Body<T>) -> Result<T, ApiError> {
    let Json(body) = body.map_err(|error| ApiError::new(error.status(), "badRequest", error.body_text()))?;
    Ok(body)
}

fn scopes(scopes: Vec<Scope>) -> Vec<ExposedScope> {
    let exposed = scopes.into_iter().map(|scope| ExposedScope {
        name: scope.name,
        description: scope.description,
    });
    exposed.collect()
}

fn shown(application: &Application) -> Value {
    let exposed = application.exposed_scopes.iter().map(|scope| Scope {
        name: scope.name.clone(),
        description: scope.description.clone(),
    });
    json!({
        "clientId": application.client_id,
        "objectId": application.object_id,
        "displayName": application.display_name,
        "public": application.public,
        "redirectUris": application.redirect_uris,
        "applicationPermissions": application.application_permissions,
        "delegatedPermissions": application.delegated_permissions,
        "exposedScopes": exposed.collect::<Vec<_>>(),
        "tenantConsent": application.tenant_consent,
        "secrets": application.secrets.iter().map(shown_secret).collect::<Vec<_>>(),
        "certificates": application.keys.iter().map(shown_key).collect::<Vec<_>>(),
    })
}

fn shown_secret(secret: &ApplicationSecret) -> Value {
    json!({
        "id": secret.id,
        "name": secret.name,
        "hint": secret.hint,
        "created": time(secret.created),
        "expires": secret.expires.map(time),
    })
}

fn shown_key(key: &ApplicationKey) -> Value {
    let thumbprint = |known: &Option<String>| {
        let bytes = known.as_deref().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        bytes.map(|bytes| hexadecimal(&bytes))
    };
    json!({
        "id": key.id,
        "name": key.name,
        "thumbprint": thumbprint(&key.sha1),
        "sha256Thumbprint": thumbprint(&key.sha256),
        "validFrom": key.valid_from.map(time),
        "created": time(key.created),
        "expires": key.expires.map(time),
    })
}

/// RFC 3339, UTC. What the calendar cannot write (a certificate may say anything) is its first moment.
fn time(micros: Micros) -> String {
    jiff::Timestamp::from_microsecond(micros).unwrap_or_default().to_string()
}
