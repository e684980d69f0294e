//! `POST /identities/{id}/:issueAccessToken`: a token for an identity.

use app::App;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::{
    body,
    error::Refusal,
    routes::{guest_of_this_resource, token_body},
};

pub(crate) async fn run(app: &App, id: &str, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let scopes = body::scopes(members, "scopes", "Scopes")?.ok_or_else(|| {
        Refusal::validation(
            "Scopes",
            "scopes must name at least one of: chat, chat.join, chat.join.limited, voip, voip.join",
        )
    })?;
    let minutes = body::minutes(members)?;
    guest_of_this_resource(app, id)?;
    let issued = app.issue_token(id, &scopes, minutes).await?;
    Ok(axum::Json(token_body(&issued)?).into_response())
}
