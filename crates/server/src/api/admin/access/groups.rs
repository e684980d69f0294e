//! `/api/admin/access/groups`: groups of members.

use app::model::{Group, Member};
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
struct GroupBody {
    id: String,
    display_name: String,
    description: Option<String>,
    created_date_time: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberBody {
    id: String,
    display_name: String,
    user_principal_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewGroup {
    display_name: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GroupPatch {
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<String>>,
}

impl From<Group> for GroupBody {
    fn from(group: Group) -> Self {
        Self {
            id: group.id,
            display_name: group.display_name,
            description: group.description,
            created_date_time: time(group.created),
        }
    }
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            display_name: member.display_name,
            user_principal_name: member.user_principal_name,
        }
    }
}

pub(super) fn router() -> Router<Api> {
    Router::new()
        .route("/api/admin/access/groups", routing::get(list).post(create))
        .route("/api/admin/access/groups/{id}", routing::get(get).patch(update).delete(delete))
        .route("/api/admin/access/groups/{id}/members", routing::get(members))
        .route("/api/admin/access/groups/{id}/members/{member}", routing::put(add).delete(remove))
}

async fn list(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Listed<GroupBody>>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let value = api.app.groups(&caller).await?.into_iter().map(GroupBody::from).collect();
    Ok(Json(Listed { value }))
}

async fn create(
    State(api): State<Api>,
    headers: HeaderMap,
    group: Result<Json<NewGroup>, JsonRejection>,
) -> Result<(StatusCode, Json<GroupBody>), ApiError> {
    let caller = caller(&api, &headers).await?;
    let group = body(group)?;
    let made = api.app.create_group(&caller, &group.display_name, group.description).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn get(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<GroupBody>, ApiError> {
    let caller = caller(&api, &headers).await?;
    Ok(Json(api.app.group(&caller, &id).await?.into()))
}

async fn update(
    State(api): State<Api>,
    headers: HeaderMap,
    Path(id): Path<String>,
    patch: Result<Json<GroupPatch>, JsonRejection>,
) -> Result<Json<GroupBody>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let patch = body(patch)?;
    let group = api
        .app
        .update_group(&caller, &id, patch.display_name.as_deref(), patch.description)
        .await?;
    Ok(Json(group.into()))
}

async fn delete(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.delete_group(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn members(State(api): State<Api>, headers: HeaderMap, Path(id): Path<String>) -> Result<Json<Listed<MemberBody>>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let members = api.app.group_members(&caller, &id).await?;
    Ok(Json(Listed {
        value: members.into_iter().map(MemberBody::from).collect(),
    }))
}

async fn add(State(api): State<Api>, headers: HeaderMap, Path((id, member)): Path<(String, String)>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.add_group_member(&caller, &id, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(api): State<Api>, headers: HeaderMap, Path((id, member)): Path<(String, String)>) -> Result<StatusCode, ApiError> {
    let caller = caller(&api, &headers).await?;
    api.app.remove_group_member(&caller, &id, &member).await?;
    Ok(StatusCode::NO_CONTENT)
}
