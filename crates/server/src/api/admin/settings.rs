//! `GET` and `PATCH /api/admin/settings`: tenant switches and the global meeting policy, for administrators.
//!
//! A PATCH holds only what changes; an unknown or misspelt name is refused, so that nobody believes a switch was thrown.

use axum::{
    Json, Router,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use meeting::{MeetingPolicy, TenantSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{super::error::ApiError, Api, caller};

#[derive(Serialize)]
struct Settings {
    tenant: TenantSettings,
    policy: MeetingPolicy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    #[serde(default)]
    tenant: Map<String, Value>,
    #[serde(default)]
    policy: Map<String, Value>,
}

pub(super) fn router() -> Router<Api> {
    Router::new().route("/api/admin/settings", routing::get(get).patch(patch))
}

async fn get(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Settings>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let (tenant, policy) = api.app.settings(&caller).await?;
    Ok(Json(Settings { tenant, policy }))
}

async fn patch(State(api): State<Api>, headers: HeaderMap, body: Result<Json<Patch>, JsonRejection>) -> Result<Json<Settings>, ApiError> {
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
