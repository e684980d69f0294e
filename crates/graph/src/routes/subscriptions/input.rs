//! A subscription as a client sends it. Annotations and server-set properties are passed over; a name that no subscription has, or one whose
//! meaning this server does not offer, is refused. Pure.

use app::Micros;
use serde_json::{Map, Value};

use crate::{error::GraphError, shape::time};

/// Set by the server.
const PASSED_OVER: [&str; 3] = ["id", "applicationId", "creatorId"];
/// Known, but not offered: refused unless they are null.
const NOT_OFFERED: [&str; 5] = [
    "notificationQueryOptions",
    "notificationUrlAppId",
    "vapidPublicKey",
    "webPushEncryptionP256dhPublicKey",
    "webPushEncryptionSecret",
];
/// Longest text of any property. A certificate is the longest; what is too long for its property is refused by name later.
const MAX_TEXT: usize = 32 * 1024;

/// What a client wants; `None` where it says nothing or null.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct SubscriptionInput {
    pub(super) resource: Option<String>,
    pub(super) change_type: Option<String>,
    pub(super) notification_url: Option<String>,
    pub(super) lifecycle_url: Option<String>,
    pub(super) client_state: Option<String>,
    pub(super) expires: Option<Micros>,
    pub(super) include_resource_data: bool,
    pub(super) encryption_certificate: Option<String>,
    pub(super) encryption_certificate_id: Option<String>,
}

impl SubscriptionInput {
    /// Reads the body of a request.
    pub(super) fn parse(body: &[u8]) -> Result<Self, GraphError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| GraphError::BadRequest(format!("The body must be one JSON object; reading it failed: {error}")))?;
        let Value::Object(members) = value else {
            return Err(GraphError::BadRequest("The body must be one JSON object".to_owned()));
        };
        Self::of(&members)
    }

    fn of(members: &Map<String, Value>) -> Result<Self, GraphError> {
        let mut input = Self::default();
        for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
            match name.as_str() {
                "resource" => input.resource = text(name, value)?,
                "changeType" => input.change_type = text(name, value)?,
                "notificationUrl" => input.notification_url = text(name, value)?,
                "lifecycleNotificationUrl" => input.lifecycle_url = text(name, value)?,
                "clientState" => input.client_state = text(name, value)?,
                "encryptionCertificate" => input.encryption_certificate = text(name, value)?,
                "encryptionCertificateId" => input.encryption_certificate_id = text(name, value)?,
                "expirationDateTime" => {
                    input.expires =
                        match text(name, value)? {
                            None => None,
                            Some(written) => Some(time::parse(&written).ok_or_else(|| {
                                GraphError::invalid(name, "expirationDateTime must be a time such as 2026-11-22T12:00:00Z")
                            })?),
                        }
                }
                "includeResourceData" => {
                    input.include_resource_data = match value {
                        Value::Null => false,
                        Value::Bool(wanted) => *wanted,
                        _ => return Err(GraphError::invalid(name, "includeResourceData must be true or false")),
                    }
                }
                "latestSupportedTlsVersion" => match text(name, value)?.as_deref() {
                    None | Some("v1_2" | "v1_3") => {}
                    Some(_) => {
                        return Err(GraphError::invalid(
                            name,
                            "latestSupportedTlsVersion must be v1_2 or v1_3; older versions are not spoken",
                        ));
                    }
                },
                known if PASSED_OVER.contains(&known) => {}
                known if NOT_OFFERED.contains(&known) => {
                    if !value.is_null() {
                        return Err(GraphError::invalid(name, format!("{name} is not offered by this server")));
                    }
                }
                _ => return Err(GraphError::invalid(name, format!("{name} is not a property of a subscription"))),
            }
        }
        Ok(input)
    }
}

fn text(name: &str, value: &Value) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.len() <= MAX_TEXT => Ok(Some(text.clone())),
        Value::String(_) => Err(GraphError::invalid(name, format!("{name} is too long"))),
        _ => Err(GraphError::invalid(name, format!("{name} must be a text"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(body: &Value) -> Result<SubscriptionInput, GraphError> {
        SubscriptionInput::parse(body.to_string().as_bytes())
    }

    #[test]
    fn every_property_is_read_and_null_says_nothing() {
        let input = parse(&json!({
            "@odata.type": "#microsoft.graph.subscription", "id": "x", "applicationId": null, "notificationQueryOptions": null,
            "resource": "r", "changeType": "updated", "notificationUrl": "https://a", "lifecycleNotificationUrl": "https://b",
            "clientState": "s", "expirationDateTime": "2026-11-22T12:00:00Z", "includeResourceData": true, "encryptionCertificate": "c",
            "encryptionCertificateId": "i", "latestSupportedTlsVersion": "v1_2",
        }))
        .unwrap();
        assert_eq!(
            (
                input.resource.as_deref(),
                input.lifecycle_url.as_deref(),
                input.include_resource_data
            ),
            (Some("r"), Some("https://b"), true)
        );
        assert!(input.expires.is_some());
        assert_eq!(parse(&json!({ "clientState": null })).unwrap(), SubscriptionInput::default());
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_name() {
        for (body, expected) in [
            (json!({ "resource": 1 }), "resource"),
            (json!({ "expirationDateTime": "soon" }), "expirationDateTime"),
            (json!({ "includeResourceData": "yes" }), "includeResourceData"),
            (json!({ "latestSupportedTlsVersion": "v1_0" }), "latestSupportedTlsVersion"),
            (json!({ "notificationUrlAppId": "x" }), "notificationUrlAppId"),
            (json!({ "notificationUri": "x" }), "notificationUri"),
            (json!({ "clientState": "x".repeat(MAX_TEXT + 1) }), "clientState"),
        ] {
            assert!(
                matches!(parse(&body), Err(GraphError::InvalidArgument { target, .. }) if target == expected),
                "{body}"
            );
        }
        for body in ["", "[]", "null", "{"] {
            assert!(matches!(SubscriptionInput::parse(body.as_bytes()), Err(GraphError::BadRequest(_))));
        }
    }
}
