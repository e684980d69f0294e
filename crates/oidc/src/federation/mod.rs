//! Sign-in through upstream providers, as browsers meet it: routes, redirects, the page after a failure.
//!
//! * Not here: what is checked and who somebody is (`app::sign_in`'s federation); the buttons on the sign-in page (`crate::pages`).

mod flow;
mod page;
mod refusal;
mod signed_out;

use axum::{Router, routing::get};

use crate::Provider;

pub(crate) use flow::go_directly;
pub(crate) use refusal::row;
pub(crate) use signed_out::upstream;

/// The routes.
pub(crate) fn routes() -> Router<Provider> {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/federated/{provider}", get(flow::callback))
        .route("/{tenant}/oauth2/v2.0/federated/{provider}/start", get(flow::start))
        .route("/{tenant}/oauth2/v2.0/federated/{provider}/signed-out", get(signed_out::signed_out))
}
