//! `POST /v4/a`: gives the client an address of its own, to which events are pushed over its socket. Nothing is kept: the address only tells
//! pushes of one client apart and opens nothing.

use axum::{Json, extract::State};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{Facade, error::Refusal};

/// Name under which the client sends its address back at the handshake.
pub(super) const ADDRESS: &str = "address";

pub(crate) async fn run(State(facade): State<Facade>, headers: HeaderMap) -> Result<Json<Value>, Refusal> {
    super::person(&facade.app, &headers).await?;
    let origin = super::origin(&facade.app, &headers);
    let address = app::ids::guid(facade.app.random());
    let url = format!("{origin}{}", path(&address));
    // `socketio` has to end with a slash: the client asks for its next address, after it lost a connection, at that very text with `v4/a` behind it.
    // Until `ttl` (seconds) is over it registers again from time to time, with the token that it has then.
    Ok(Json(json!({
        "socketio": format!("{origin}/"), "surl": url, "url": url, "connectparams": { ADDRESS: address }, "ccid": address, "id": address,
        "ttl": "604800",
    })))
}

/// Where pushes to an address go.
pub(super) fn path(address: &str) -> String {
    format!("/v4/f/{address}/")
}
