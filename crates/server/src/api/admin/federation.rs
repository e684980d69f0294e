//! Upstream OpenID providers, for administrators: `/api/admin/federation/*`.
//!
//! The client secret is written here and never read: answers say only whether there is one. A PATCH holds only what changes; the parts of `rules` and
//! `rules.claims` are replaced one by one, `null` takes away what may be absent.

use app::sign_in::{FederatedIdentity, ProviderChange, ProviderDraft, ProviderRules, UpstreamProvider};
use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::{super::error::ApiError, Api, caller};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    id: String,
    name: String,
    issuer: String,
    client_id: String,
    has_client_secret: bool,
    rules: ProviderRules,
    enabled: bool,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Draft {
    name: String,
    issuer: String,
    client_id: String,
    #[serde(default)]
    client_secret: Option<String>,
    #[serde(default)]
    rules: ProviderRules,
    #[serde(default)]
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    client_id: Option<String>,
    #[serde(default, deserialize_with = "told")]
    client_secret: Option<Option<String>>,
    rules: Option<Map<String, Value>>,
    enabled: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    local_sign_in: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    member_id: String,
    subject: String,
    created_here: bool,
    linked: String,
    last_sign_in: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Subject {
    subject: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Paging {
    #[serde(default)]
    after: String,
    top: Option<u32>,
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/federation/settings", routing::get(settings).patch(change_settings))
        .route("/api/admin/federation/providers", routing::get(list).post(create))
        .route(
            "/api/admin/federation/providers/{id}",
            routing::get(get).patch(update).delete(delete),
        )
        .route("/api/admin/federation/providers/{id}/check", routing::post(check))
        .route("/api/admin/federation/providers/{id}/members", routing::get(members))
        .route(
            "/api/admin/federation/providers/{id}/members/{member}",
            routing::put(link).delete(unlink),
        )
}

async fn settings(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Settings>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let local_sign_in = api.app.local_sign_in(&caller).await?;
    Ok(Json(Settings { local_sign_in }))
}

async fn change_settings(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Json<Settings>, JsonRejection>,
) -> Result<Json<Settings>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(settings) = body.map_err(unreadable)?;
    api.app.set_local_sign_in(&caller, settings.local_sign_in).await?;
    Ok(Json(settings))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let providers = api.app.upstream_providers(&caller).await?;
    let shown: Vec<Provider> = providers
        .into_iter()
        .map(|provider| shown(&api, provider))
        .collect::<Result<_, _>>()?;
    Ok(Json(json!({ "providers": shown })))
}

async fn create(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Json<Draft>, JsonRejection>,
) -> Result<(StatusCode, Json<Provider>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(draft) = body.map_err(unreadable)?;
    let draft = ProviderDraft {
        name: draft.name,
        issuer: draft.issuer,
        client_id: draft.client_id,
        client_secret: draft.client_secret,
        rules: draft.rules,
        enabled: draft.enabled,
    };
    let provider = api.app.create_upstream_provider(&caller, draft).await?;
    Ok((StatusCode::CREATED, Json(shown(&api, provider)?)))
}

async fn get(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Provider>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(shown(&api, api.app.upstream_provider(&caller, &id).await?)?))
}

async fn update(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Json<Patch>, JsonRejection>,
) -> Result<Json<Provider>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(patch) = body.map_err(unreadable)?;
    let rules = match patch.rules {
        None => None,
        Some(changes) => Some(merge(&api.app.upstream_provider(&caller, &id).await?.rules, changes)?),
    };
    let change = ProviderChange {
        name: patch.name,
        client_id: patch.client_id,
        client_secret: patch.client_secret,
        rules,
        enabled: patch.enabled,
    };
    let provider = api.app.update_upstream_provider(&caller, &id, change).await?;
    Ok(Json(shown(&api, provider)?))
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.delete_upstream_provider(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let found = api.app.check_upstream_provider(&caller, &id).await?;
    Ok(Json(json!({
        "ok": found.problems.is_empty(),
        "problems": found.problems,
        "warnings": found.warnings,
        "passed": found.passed,
    })))
}

async fn members(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    paging: Result<Query<Paging>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Query(paging) = paging.map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "badRequest", error.body_text()))?;
    let top = paging.top.unwrap_or(app::sign_in::MOST_LINKS);
    let links = api.app.federated_members(&caller, &id, &paging.after, top).await?;
    let links: Vec<Link> = links.into_iter().map(shown_link).collect();
    Ok(Json(json!({ "members": links })))
}

async fn link(
    State(api): State<Api>,
    headers: HeaderMap,
    Path((id, member)): Path<(String, String)>,
    body: Result<Json<Subject>, JsonRejection>,
) -> Result<Json<Link>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(body) = body.map_err(unreadable)?;
    let identity = api.app.link_federated_member(&caller, &id, &member, &body.subject).await?;
    Ok(Json(shown_link(identity)))
}

async fn unlink(State(api): State<Api>, headers: HeaderMap, Path((id, member)): Path<(String, String)>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.unlink_federated_member(&caller, &id, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(api: &Api, provider: UpstreamProvider) -> Result<Provider, ApiError> {
    Ok(Provider {
        redirect_uris: api.app.upstream_redirect_uris(&provider.id)?,
        post_logout_redirect_uris: api.app.upstream_logout_uris(&provider.id)?,
        id: provider.id,
        name: provider.name,
        issuer: provider.issuer,
        client_id: provider.client_id,
        has_client_secret: provider.client_secret.is_some(),
        rules: provider.rules,
        enabled: provider.enabled,
    })
}

fn shown_link(identity: FederatedIdentity) -> Link {
    let time = |micros| jiff::Timestamp::from_microsecond(micros).unwrap_or_default().to_string();
    Link {
        member_id: identity.member_id,
        subject: identity.subject,
        created_here: identity.created_here,
        linked: time(identity.linked),
        last_sign_in: identity.last_sign_in.map(time),
    }
}

/// The old rules with the named parts replaced; of `claims` the named ones. Unknown names are refused when the whole is read.
fn merge(old: &ProviderRules, changes: Map<String, Value>) -> Result<ProviderRules, ApiError> {
    let bad = |message: String| ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", message);
    let mut whole = serde_json::to_value(old).map_err(|error| bad(error.to_string()))?;
    for (name, value) in changes {
        match (whole.get_mut(&name), value) {
            (Some(Value::Object(claims)), Value::Object(new)) if name == "claims" => claims.extend(new),
            (Some(old), value) => *old = value,
            (None, _) => return Err(bad(format!("there is no rule {name:?}"))),
        }
    }
    serde_json::from_value(whole).map_err(|error| bad(error.to_string()))
}

fn unreadable(error: JsonRejection) -> ApiError {
    ApiError::new(error.status(), "badRequest", error.body_text())
}

/// A member that is there, `null` or not, is told; one that is not there is not.
fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
