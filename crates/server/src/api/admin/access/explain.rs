//! `GET /api/admin/access/explain?application=&organizer=`: whether an application may act for an organizer, and which grant decides.

use app::access::AccessRule;
use axum::{
    Json, Router,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    routing,
};
use serde::{Deserialize, Serialize};

use super::{Api, ApiError, caller};

#[derive(Deserialize)]
struct Question {
    /// Client id.
    application: String,
    /// Object id or sign-in name.
    organizer: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    id: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    allowed: bool,
    /// `member`, `group`, `global` or `none`.
    rule: &'static str,
    group: Option<Named>,
    policy: Option<Named>,
    reason: String,
}

pub(super) fn router() -> Router<Api> {
    Router::new().route("/api/admin/access/explain", routing::get(explain))
}

async fn explain(
    State(api): State<Api>,
    headers: HeaderMap,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<Json<Answer>, ApiError> {
    let caller = caller(&api, &headers).await?;
    let Query(question) = question.map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "invalidArgument", error.body_text()))?;
    let decision = api
        .app
        .explain_application_access(&caller, &question.application, &question.organizer)
        .await?;
    let reason = decision.reason();
    let (rule, group) = match decision.rule {
        AccessRule::Member => ("member", None),
        AccessRule::Group(group) => (
            "group",
            Some(Named {
                id: group.id,
                name: group.display_name,
            }),
        ),
        AccessRule::Global => ("global", None),
        AccessRule::NoGrant => ("none", None),
    };
    Ok(Json(Answer {
        allowed: decision.allowed,
        rule,
        group,
        policy: decision.policy.map(|policy| Named {
            id: policy.id,
            name: policy.name,
        }),
        reason,
    }))
}
