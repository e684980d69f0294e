//! What clients read before they send anybody here: the provider's description, its keys, its place in the world.
//!
//! Every address has the origin of the request, because clients compare the issuer with the authority they were given.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use serde_json::json;

use crate::{
    Provider,
    origin::{Surroundings, check_tenant},
    refusal,
    token::{DEVICE_GRANT, ON_BEHALF_OF_GRANT},
};

/// `/{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) async fn configuration(State(provider): State<Provider>, Path(tenant): Path<String>, surroundings: Surroundings) -> Response {
    describe(&provider, &tenant, &surroundings).await
}

/// `/v2.0/.well-known/openid-configuration` and `/.well-known/openid-configuration`: for an authority without a path.
pub(crate) async fn configuration_of_origin(State(provider): State<Provider>, surroundings: Surroundings) -> Response {
    let tenant = provider
        .app
        .tenant()
        .map_or_else(|_| "common".to_owned(), |tenant| tenant.id.clone());
    describe(&provider, &tenant, &surroundings).await
}

async fn describe(provider: &Provider, tenant: &str, surroundings: &Surroundings) -> Response {
    if let Err(error) = check_tenant(&provider.app, tenant).await {
        return refusal::json(&error, &provider.app, surroundings);
    }
    let base = format!("{}/{tenant}", surroundings.origin);
    let document = json!({
        "issuer": provider.app.issuer(&surroundings.origin),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "userinfo_endpoint": format!("{}/oidc/userinfo", surroundings.origin),
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials", DEVICE_GRANT, ON_BEHALF_OF_GRANT
        ],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "nonce", "name", "preferred_username", "email", "given_name",
            "family_name", "oid", "tid", "ver", "uti"
        ],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
    });
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(document)).into_response()
}

/// `/{tenant}/discovery/v2.0/keys`
pub(crate) async fn keys(State(provider): State<Provider>, Path(tenant): Path<String>, surroundings: Surroundings) -> Response {
    if let Err(error) = check_tenant(&provider.app, &tenant).await {
        return refusal::json(&error, &provider.app, &surroundings);
    }
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        Json(json!({ "keys": provider.app.signer().jwks() })),
    )
        .into_response()
}

/// `/common/discovery/instance`: answers for this server only.
pub(crate) async fn instance(State(provider): State<Provider>, surroundings: Surroundings) -> Response {
    let Ok(tenant) = provider.app.tenant() else {
        return refusal::json(
            &app::sign_in::Refusal::UnknownTenant("common".to_owned()).into(),
            &provider.app,
            &surroundings,
        );
    };
    let host = surroundings
        .origin
        .split_once("://")
        .map_or(surroundings.origin.as_str(), |(_, host)| host);
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let aliases = if bare == host { vec![host] } else { vec![host, bare] };
    let document = json!({
        "tenant_discovery_endpoint": format!("{}/{}/v2.0/.well-known/openid-configuration", surroundings.origin, tenant.id),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": aliases }],
    });
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(document)).into_response()
}
