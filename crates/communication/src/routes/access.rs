//! `POST /access/entra/:exchangeAccessToken` and `POST /access/teamsExtension/:exchangeAccessToken`: the bearer token of a member for a
//! communication token, as the common client exchanges it by itself. The body says nothing.

use app::{App, exchange::BearerExchange};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{error::Refusal, routes::token_body};

pub(crate) async fn run(app: &App, exchange: BearerExchange, token: &str) -> Result<Response, Refusal> {
    let (raw_id, issued) = app.exchange_bearer(token, exchange).await.map_err(Refusal::of_bearer)?;
    // Who asks is known only now.
    app.spend_own_exchange(&raw_id)?;
    let body = json!({ "identity": { "id": raw_id }, "accessToken": token_body(&issued)? });
    Ok(axum::Json(body).into_response())
}
