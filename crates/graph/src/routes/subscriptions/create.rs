//! `POST /subscriptions`: watch a meeting.

use app::notify::SubscriptionDraft;

use super::{ONE, input::SubscriptionInput, not_subscribed, render, watched};
use crate::{dispatch::Reply, error::GraphError, routes::Call};

pub(crate) async fn run(call: &Call<'_>) -> Result<Reply, GraphError> {
    let mut input = SubscriptionInput::parse(call.body)?;
    let required = |name: &str, value: Option<String>| value.ok_or_else(|| GraphError::invalid(name, format!("{name} is required")));
    let resource = required("resource", input.resource.take())?;
    let draft = SubscriptionDraft {
        join_url: watched::join_url(&resource)?,
        resource,
        change_type: required("changeType", input.change_type.take())?,
        notification_url: required("notificationUrl", input.notification_url.take())?,
        lifecycle_url: input.lifecycle_url,
        client_state: input.client_state,
        expires: input
            .expires
            .ok_or_else(|| GraphError::invalid("expirationDateTime", "expirationDateTime is required"))?,
        include_resource_data: input.include_resource_data,
        encryption_certificate: input.encryption_certificate,
        encryption_certificate_id: input.encryption_certificate_id,
    };
    let made = call.app.subscribe(call.caller, draft).await.map_err(not_subscribed)?;
    let location = format!("{}/subscriptions/{}", call.context.base(), made.id);
    Ok(Reply::created(call.described(ONE, render::subscription(&made))).at(location))
}
