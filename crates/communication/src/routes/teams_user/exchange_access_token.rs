//! `POST /teamsUser/:exchangeAccessToken`: a communication token for a member who is signed in.

use app::App;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::{body, error::Refusal, routes::token_body};

pub(crate) async fn run(app: &App, members: &Map<String, Value>) -> Result<Response, Refusal> {
    let (token, app_id, user_id) = (
        body::text(members, "token")?,
        body::text(members, "appId")?,
        body::text(members, "userId")?,
    );
    let issued = app.exchange_for_member(token, app_id, user_id).await?;
    Ok(axum::Json(token_body(&issued)?).into_response())
}
