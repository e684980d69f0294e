//! `GET /chat/config/realTimeNotifications`: where the other requests go.

use axum::{Json, extract::State};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{Facade, error::Refusal};

pub(crate) async fn run(State(facade): State<Facade>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    super::bearer(&facade.app, &headers).await?;
    let origin = super::origin(&facade.app, &headers);
    // Another type of cloud makes the client name itself as a test application.
    Ok(Json(
        json!({ "trouterServiceUrl": origin, "registrarServiceUrl": origin, "cloudType": "public" }),
    ))
}
