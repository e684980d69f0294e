//! `GET` and `PATCH /api/admin/settings`: tenant switches and the global meeting policy, for administrators.
//!
//! A PATCH holds only what changes; an unknown or misspelt name is refused, so that nobody believes a switch was thrown.

use app::Caller;
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
};
use meeting::{MeetingPolicy, TenantSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Api, error::ApiError};

#[derive(Serialize)]
pub(crate) struct Settings {
    tenant: TenantSettings,
    policy: MeetingPolicy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Patch {
    #[serde(default)]
    tenant: Map<String, Value>,
    #[serde(default)]
    policy: Map<String, Value>,
}

pub(crate) async fn get(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Settings>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let (tenant, policy) = api.app.settings(&caller).await?;
    Ok(Json(Settings { tenant, policy }))
}

pub(crate) async fn patch(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Json<Patch>, JsonRejection>,
) -> Result<Json<Settings>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let (tenant, policy) = api.app.settings(&caller).await?;
    let Json(patch) = body.map_err(|error| ApiError::new(error.status(), "badRequest", error.body_text()))?;
    let tenant = merge(&tenant, patch.tenant)?;
    let policy = merge(&policy, patch.policy)?;
    let (tenant, policy) = api.app.update_settings(&caller, Some(tenant), Some(policy)).await?;
    Ok(Json(Settings { tenant, policy }))
}

/// The old value with the named members replaced.
fn merge<T: Serialize + DeserializeOwned>(old: &T, changes: Map<String, Value>) -> Result<T, ApiError> {
    let bad = |message: String| ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", message);
    let Ok(Value::Object(mut members)) = serde_json::to_value(old) else {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The settings could not be read.",
        ));
    };
    for (name, value) in changes {
        if !members.contains_key(&name) {
            return Err(bad(format!(
                "there is no setting {name:?}; known are {}",
                members.keys().cloned().collect::<Vec<_>>().join(", ")
            )));
        }
        members.insert(name, value);
    }
    serde_json::from_value(Value::Object(members)).map_err(|error| bad(error.to_string()))
}

async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "Sign in and send the access token as `Authorization: Bearer …`.",
            )
        })?;
    Ok(api.app.verify_bearer(token).await?)
}
