//! `PATCH /subscriptions/{id}`: move the end.

use super::{ONE, input::SubscriptionInput, refused, render};
use crate::{dispatch::Reply, error::GraphError, routes::Call};

pub(crate) async fn run(call: &Call<'_>, id: &str) -> Result<Reply, GraphError> {
    let input = SubscriptionInput::parse(call.body)?;
    let current = call.app.subscription(call.caller, id).await.map_err(refused)?;
    let differs = |wanted: &Option<String>, held: Option<&str>| wanted.as_deref().is_some_and(|wanted| Some(wanted) != held);
    let fixed = [
        ("resource", differs(&input.resource, Some(&current.resource))),
        ("changeType", differs(&input.change_type, Some(&current.change_type))),
        ("notificationUrl", differs(&input.notification_url, Some(&current.notification_url))),
        (
            "lifecycleNotificationUrl",
            differs(&input.lifecycle_url, current.lifecycle_url.as_deref()),
        ),
        ("clientState", differs(&input.client_state, current.client_state.as_deref())),
        (
            "encryptionCertificate",
            differs(
                &input.encryption_certificate,
                current.encryption.as_ref().map(|certificate| certificate.der.as_str()),
            ),
        ),
    ];
    if let Some((name, _)) = fixed.iter().find(|(_, differs)| *differs) {
        return Err(GraphError::invalid(
            *name,
            format!("{name} cannot be changed; delete the subscription and make another"),
        ));
    }
    let expires = input
        .expires
        .ok_or_else(|| GraphError::invalid("expirationDateTime", "expirationDateTime is required"))?;
    let renewed = call.app.renew_subscription(call.caller, id, Some(expires)).await.map_err(refused)?;
    Ok(Reply::ok(call.described(ONE, render::subscription(&renewed))))
}
