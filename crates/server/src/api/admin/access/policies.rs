//! `/api/admin/access/policies`: application access policies.

use app::{access::AccessPolicyDraft, model::AccessPolicy};
use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use serde::{Deserialize, Serialize};

use super::{Api, ApiError, Listed, body, caller, nullable, time};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyBody {
    id: String,
    name: String,
    description: Option<String>,
    applications: Vec<String>,
    created_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PolicyPatch {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<String>>,
    #[serde(default)]
    applications: Option<Vec<String>>,
}

impl From<AccessPolicy> for PolicyBody {
    fn from(policy: AccessPolicy) -> Self {
        Self {
            id: policy.id,
            name: policy.name,
            description: policy.description,
            applications: policy.applications,
            created_date_time: time(policy.created),
        }
    }
}

impl From<PolicyPatch> for AccessPolicyDraft {
    fn from(patch: PolicyPatch) -> Self {
        Self {
            name: patch.name,
            description: patch.description,
            applications: patch.applications,
        }
    }
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/access/policies", routing::get(list).post(create))
        .route("/api/admin/access/policies/{id}", routing::get(get).patch(update).delete(delete))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Listed<PolicyBody>>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let policies = api.app.access_policies(&caller).await?;
    Ok(Json(Listed {
        value: policies.into_iter().map(PolicyBody::from).collect(),
    }))
}

async fn create(
    State(api): State<Api>,
    headers: HeaderMap,
    policy: Result<Json<PolicyPatch>, JsonRejection>,
) -> Result<(StatusCode, Json<PolicyBody>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let made = api.app.create_access_policy(&caller, body(policy)?.into()).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn get(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<PolicyBody>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(api.app.access_policy(&caller, &id).await?.into()))
}

async fn update(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    patch: Result<Json<PolicyPatch>, JsonRejection>,
) -> Result<Json<PolicyBody>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(api.app.update_access_policy(&caller, &id, body(patch)?.into()).await?.into()))
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.delete_access_policy(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
