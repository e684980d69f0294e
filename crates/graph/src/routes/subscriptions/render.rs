//! A subscription as a client reads it. The certificate is not given back.

use app::model::Subscription;
use serde_json::{Map, Value, json};

use crate::shape::time;

/// The object.
pub(super) fn subscription(subscription: &Subscription) -> Map<String, Value> {
    let object = json!({
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.application_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": null,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": time::format(subscription.expires),
        "creatorId": subscription.creator_id,
        "includeResourceData": subscription.encryption.is_some(),
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": null,
        "encryptionCertificateId": subscription.encryption.as_ref().map(|certificate| certificate.id.as_str()),
        "notificationUrlAppId": null,
    });
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
