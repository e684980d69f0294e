//! `GET /api/config`: what the web application needs to know before anybody has signed in.

use axum::{Json, extract::State, http::HeaderMap};
use serde::Serialize;

use super::{Api, error::ApiError};
use crate::origin::RequestScheme;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebConfig {
    tenant_id: String,
    meet_client_id: String,
    /// Under the origin that the page itself was loaded from, so that sign-in stays same-origin.
    authority: String,
    organisation: String,
}

pub(crate) async fn get(State(api): State<Api>, scheme: RequestScheme, headers: HeaderMap) -> Result<Json<WebConfig>, ApiError> {
    let tenant = api.app.tenant()?;
    let origin = scheme.origin(&headers, &api.app);
    Ok(Json(WebConfig {
        tenant_id: tenant.id.clone(),
        meet_client_id: tenant.meet_client_id.clone(),
        authority: format!("{origin}/{}/v2.0", tenant.id),
        organisation: tenant.display_name.clone(),
    }))
}
