//! `PATCH /api/admin/members/{id}`: lets a member in or keeps them out, for administrators. Reading members is the Graph facade's.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::HeaderMap,
    routing,
};
use serde::{Deserialize, Serialize};

use super::{super::error::ApiError, Api, caller};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    user_principal_name: String,
    display_name: String,
    enabled: bool,
    administrator: bool,
}

pub(super) fn router() -> Router<Api> {
    Router::new().route("/api/admin/members/{id}", routing::patch(patch))
}

async fn patch(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Json<Patch>, JsonRejection>,
) -> Result<Json<Shown>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Json(patch) = body.map_err(|error: JsonRejection| ApiError::new(error.status(), "badRequest", error.body_text()))?;
    let member = api.app.set_member_enabled(&caller, &id, patch.enabled).await?;
    Ok(Json(Shown {
        id: member.id,
        user_principal_name: member.user_principal_name,
        display_name: member.display_name,
        enabled: member.enabled,
        administrator: member.administrator,
    }))
}
