//! `POST /identities`: a new identity, with a token when scopes are named.

use app::App;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{body, error::Refusal, routes::token_body};

/// Everything is checked before the identity is made, so that a refused request leaves nothing behind.
pub(crate) async fn run(app: &App, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let scopes = body::scopes(members, "createTokenWithScopes", "CreateTokenWithScopes")?;
    let minutes = body::minutes(members)?;
    let identity = app.create_identity().await?;
    let mut answer = json!({ "identity": { "id": identity.id } });
    if let Some(scopes) = scopes {
        let token = token_body(&app.issue_token(&identity.id, &scopes, minutes).await?)?;
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("accessToken".to_owned(), token);
        }
    }
    Ok((StatusCode::CREATED, axum::Json(answer)).into_response())
}
