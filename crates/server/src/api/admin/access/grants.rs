//! `/api/admin/access/grants`: whom policies are granted to. A grantee is `global`, `groups/{id}` or `members/{id or sign-in name}`.

use app::model::{AccessGrant, Grantee};
use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use serde::{Deserialize, Serialize};

use super::{Api, ApiError, Listed, body, caller, time};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GrantBody {
    /// `global`, `group` or `member`.
    kind: &'static str,
    grantee_id: Option<String>,
    policy_id: String,
    rank: Option<i64>,
    created_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewGrant {
    policy_id: String,
    #[serde(default)]
    rank: Option<i64>,
}

impl From<AccessGrant> for GrantBody {
    fn from(grant: AccessGrant) -> Self {
        let (kind, grantee_id, rank) = match grant.grantee {
            Grantee::Global => ("global", None, None),
            Grantee::Group(id) => ("group", Some(id), Some(grant.rank)),
            Grantee::Member(id) => ("member", Some(id), None),
        };
        Self {
            kind,
            grantee_id,
            policy_id: grant.policy_id,
            rank,
            created_date_time: time(grant.created),
        }
    }
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/access/grants", routing::get(list))
        .route("/api/admin/access/grants/global", routing::put(put_global).delete(delete_global))
        .route("/api/admin/access/grants/{kind}/{id}", routing::put(put).delete(delete))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Listed<GrantBody>>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let grants = api.app.access_grants(&caller).await?;
    Ok(Json(Listed {
        value: grants.into_iter().map(GrantBody::from).collect(),
    }))
}

async fn put_global(
    State(api): State<Api>,
    headers: HeaderMap,
    grant: Result<Json<NewGrant>, JsonRejection>,
) -> Result<Json<GrantBody>, ApiError> {
    store(&api, &headers, Grantee::Global, grant).await
}

async fn put(
    State(api): State<Api>,
    headers: HeaderMap,
    Path((kind, id)): Path<(String, String)>,
    grant: Result<Json<NewGrant>, JsonRejection>,
) -> Result<Json<GrantBody>, ApiError> {
    store(&api, &headers, grantee(&kind, id)?, grant).await
}

async fn delete_global(State(api): State<Api>, headers: HeaderMap) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.revoke_access(&caller, Grantee::Global).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path((kind, id)): Path<(String, String)>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.revoke_access(&caller, grantee(&kind, id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn store(
    api: &Api,
    headers: &HeaderMap,
    grantee: Grantee,
    grant: Result<Json<NewGrant>, JsonRejection>,
) -> Result<Json<GrantBody>, ApiError> {
    let caller = caller(api, headers).await?;
    let grant = body(grant)?;
    let granted = api.app.grant_access(&caller, grantee, &grant.policy_id, grant.rank).await?;
    Ok(Json(granted.into()))
}

fn grantee(kind: &str, id: String) -> Result<Grantee, ApiError> {
    match kind {
        "members" => Ok(Grantee::Member(id)),
        "groups" => Ok(Grantee::Group(id)),
        _ => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "notFound",
            "Grants are under grants/global, grants/groups/{id} and grants/members/{id}.",
        )),
    }
}
