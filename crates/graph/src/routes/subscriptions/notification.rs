//! Notifications as subscribers of this API read them. Pure.

use app::model::{Lifecycle, Notice, Notification, Subscription};
use app::notify::{Delivery, DeliveryItem, MeetingCallEvent, NotificationShape, RemovedReason, RosterChange};
use serde_json::{Map, Value, json};

use crate::shape::time;

const CALL_EVENT: &str = "#microsoft.graph.callevent";

/// Writes notifications in the shape of this API.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotificationWriter;

impl NotificationShape for NotificationWriter {
    fn content(&self, subscription: &Subscription, tenant_id: &str, notification: &Notification) -> Option<Value> {
        let Notice::MeetingCall { event, at } = &notification.notice else {
            return None;
        };
        let (name, changes) = match event {
            MeetingCallEvent::CallStarted => ("callStarted", None),
            MeetingCallEvent::CallEnded => ("callEnded", None),
            MeetingCallEvent::RosterUpdated { changes } => ("rosterUpdated", Some(changes)),
        };
        let mut content = resource_data(subscription, notification);
        // The documents say eventType, the models callEventType: readers of either find theirs.
        content.insert("eventType".to_owned(), name.into());
        content.insert("callEventType".to_owned(), name.into());
        content.insert("eventDateTime".to_owned(), time::format(*at).into());
        if let Some(changes) = changes {
            let participants = changes.iter().map(|change| participant(change, tenant_id)).collect();
            content.insert("participants@delta".to_owned(), Value::Array(participants));
        }
        Some(Value::Object(content))
    }

    fn body(&self, delivery: &Delivery<'_>) -> Value {
        let value: Vec<Value> = delivery.items.iter().map(|item| one(delivery, item)).collect();
        let mut body = json!({ "value": value });
        if let (false, Some(members)) = (delivery.validation_tokens.is_empty(), body.as_object_mut()) {
            members.insert("validationTokens".to_owned(), json!(delivery.validation_tokens));
        }
        body
    }
}

fn one(delivery: &Delivery<'_>, item: &DeliveryItem<'_>) -> Value {
    let subscription = delivery.subscription;
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    set("id", item.notification.id.as_str().into());
    set("subscriptionId", subscription.id.as_str().into());
    set("subscriptionExpirationDateTime", time::format(subscription.expires).into());
    set("clientState", subscription.client_state.as_deref().into());
    set("tenantId", delivery.tenant_id.into());
    match &item.notification.notice {
        Notice::MeetingCall { .. } => {
            set("changeType", subscription.change_type.as_str().into());
            set("resource", resource(subscription).into());
            set("resourceData", Value::Object(resource_data(subscription, item.notification)));
        }
        Notice::Lifecycle(lifecycle) => {
            set("resource", resource(subscription).into());
            set("lifecycleEvent", lifecycle_name(*lifecycle).into());
        }
    }
    if let Some(encrypted) = &item.encrypted {
        set(
            "encryptedContent",
            json!({
                "data": encrypted.data,
                "dataSignature": encrypted.data_signature,
                "dataKey": encrypted.data_key,
                "encryptionCertificateId": encrypted.certificate_id,
                "encryptionCertificateThumbprint": encrypted.certificate_thumbprint,
            }),
        );
    }
    Value::Object(members)
}

fn resource(subscription: &Subscription) -> &str {
    subscription.resource.trim().trim_start_matches('/')
}

/// What every notification of an event says, encrypted or not: nothing about persons.
fn resource_data(subscription: &Subscription, notification: &Notification) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("@odata.type".to_owned(), CALL_EVENT.into());
    members.insert(
        "@odata.id".to_owned(),
        format!("{}/{}", resource(subscription), notification.id).into(),
    );
    members.insert("id".to_owned(), notification.id.as_str().into());
    members
}

fn participant(change: &RosterChange, tenant_id: &str) -> Value {
    let identity = match &change.member_id {
        Some(id) => json!({ "user": { "id": id, "displayName": change.display_name, "tenantId": tenant_id } }),
        None if change.raw_id.starts_with("8:acs:") => {
            json!({ "azureCommunicationServicesUser": { "id": change.raw_id, "displayName": change.display_name } })
        }
        None => json!({ "guest": { "id": change.raw_id, "displayName": change.display_name } }),
    };
    let mut participant = json!({ "id": change.raw_id, "info": { "identity": identity }, "isInLobby": change.in_lobby });
    if let (Some(reason), Some(members)) = (change.removed, participant.as_object_mut()) {
        members.insert("removedState".to_owned(), json!({ "reason": removed_name(reason) }));
    }
    participant
}

const fn lifecycle_name(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Missed => "missed",
        Lifecycle::Removed => "subscriptionRemoved",
        Lifecycle::ReauthorizationRequired => "reauthorizationRequired",
    }
}

const fn removed_name(reason: RemovedReason) -> &'static str {
    match reason {
        RemovedReason::Left => "left",
        RemovedReason::Removed => "removed",
        RemovedReason::Denied => "denied",
        RemovedReason::MeetingEnded => "meetingEnded",
    }
}
