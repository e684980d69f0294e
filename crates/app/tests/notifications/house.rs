//! A house whose way out leads to receivers that the test plays.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use app::model::{Notice, Notification, OnlineMeeting, Subscription};
use app::notify::{Delivery, MeetingCallEvent, NotificationShape, SubscribeError, SubscriptionDraft};
use app::outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
use app::permissions::MEETINGS_READ_WRITE_ALL;
use app::{Caller, MeetingDraft};
use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::support::{House, MINUTE};

pub(crate) const HOOK: &str = "https://receiver.example/hook";
pub(crate) const LIFE: &str = "https://receiver.example/life";

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    Good,
    /// With this status and no token.
    Status(u16),
    /// To a handshake with this status, this type, this change of the token.
    Handshake(u16, &'static str, &'static str),
    /// Not reached.
    Unreachable,
    /// Not allowed.
    Forbidden,
    /// Never; the caller gives up.
    Hangs,
}

/// Every receiver of a test.
pub(crate) struct Receivers {
    manners: Mutex<HashMap<String, Manner>>,
    received: Mutex<Vec<(String, Value)>>,
    pub(crate) handshakes: Mutex<Vec<String>>,
    tell: mpsc::Sender<String>,
}

impl Receivers {
    pub(crate) fn behave(&self, url: &str, manner: Manner) {
        self.manners.lock().unwrap().insert(url.to_owned(), manner);
    }

    /// Notifications that arrived (accepted or not) since the last look: where, and what.
    pub(crate) fn take(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.received.lock().unwrap())
    }

    /// What arrived at one place since the last look, item by item.
    pub(crate) fn items(&self, url: &str) -> Vec<Value> {
        self.take()
            .into_iter()
            .filter(|(place, _)| place == url)
            .flat_map(|(_, body)| body["items"].as_array().unwrap().clone())
            .collect()
    }
}

#[async_trait]
impl Outbound for Receivers {
    async fn check(&self, _url: &str) -> Result<(), OutboundError> {
        Ok(())
    }

    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let url = request.url.clone();
        let (place, query) = url.split_once('?').unwrap_or((&url, ""));
        let token = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("validationToken="))
            .map(|token| percent_decode_str(token).decode_utf8().unwrap().into_owned());
        let manner = self.manners.lock().unwrap().get(place).copied().unwrap_or(Manner::Good);
        match &token {
            Some(_) => {
                assert_eq!((request.method, request.timeout_ms), ("POST", 10_000));
                assert_eq!(request.headers[0].0, "content-type");
                assert!(request.headers[0].1.starts_with("text/plain") && request.body.is_empty());
                self.handshakes.lock().unwrap().push(place.to_owned());
            }
            None => {
                assert_eq!((request.method, request.timeout_ms), ("POST", 3_000));
                let body = serde_json::from_slice(&request.body).unwrap();
                self.received.lock().unwrap().push((place.to_owned(), body));
                drop(self.tell.try_send(place.to_owned()));
            }
        }
        let answer = |status, content_type: &str, body: String| {
            Ok(OutboundResponse {
                status,
                content_type: Some(content_type.to_owned()),
                body: body.into_bytes(),
            })
        };
        match manner {
            Manner::Good => answer(200, "text/plain; charset=utf-8", token.unwrap_or_default()),
            Manner::Status(status) => answer(status, "text/plain", token.unwrap_or_default()),
            Manner::Handshake(status, content_type, more) => answer(status, content_type, token.unwrap_or_default() + more),
            Manner::Unreachable => Err(OutboundError::Unreachable {
                url,
                reason: "no connection".to_owned(),
            }),
            Manner::Forbidden => Err(OutboundError::Forbidden {
                url,
                reason: "not public".to_owned(),
            }),
            Manner::Hangs => std::future::pending().await,
        }
    }
}

/// The facade's part, as plain as can be.
pub(crate) struct Plain;

impl NotificationShape for Plain {
    fn content(&self, _subscription: &Subscription, tenant_id: &str, notification: &Notification) -> Option<Value> {
        match &notification.notice {
            Notice::MeetingCall { event, .. } => Some(json!({ "tenant": tenant_id, "event": event })),
            Notice::Lifecycle(_) => None,
        }
    }

    fn body(&self, delivery: &Delivery<'_>) -> Value {
        let items: Vec<Value> = delivery
            .items
            .iter()
            .map(|item| {
                let encrypted = item.encrypted.as_ref().map(|encrypted| {
                    json!({
                        "data": encrypted.data, "signature": encrypted.data_signature, "key": encrypted.data_key,
                        "certificate": encrypted.certificate_id, "thumbprint": encrypted.certificate_thumbprint,
                    })
                });
                json!({ "id": item.notification.id, "notice": item.notification.notice, "encrypted": encrypted })
            })
            .collect();
        json!({ "subscription": delivery.subscription.id, "items": items, "tokens": delivery.validation_tokens })
    }
}

/// A house with an application that watches meetings of its first member.
pub(crate) struct Watching {
    pub(crate) house: House,
    pub(crate) receivers: Arc<Receivers>,
    /// Where something arrived.
    pub(crate) told: mpsc::Receiver<String>,
}

impl Watching {
    pub(crate) async fn new() -> Self {
        Self::over(House::new().await)
    }

    fn over(house: House) -> Self {
        let (tell, told) = mpsc::channel(1024);
        let receivers = Arc::new(Receivers {
            manners: Mutex::default(),
            received: Mutex::default(),
            handshakes: Mutex::default(),
            tell,
        });
        drop(house.app.clone().with_outbound(receivers.clone()));
        Self { house, receivers, told }
    }

    /// Another process over the same files.
    pub(crate) async fn restart(self) -> Self {
        Self::over(self.house.restart().await)
    }

    pub(crate) fn application(&self) -> Caller {
        Caller::Application {
            client_id: self.house.dev.application.client_id.clone(),
            roles: vec!["OnlineMeetings.Read.All".to_owned()],
        }
    }

    pub(crate) async fn meeting(&self) -> OnlineMeeting {
        let caller = Caller::Application {
            client_id: self.house.dev.application.client_id.clone(),
            roles: vec![MEETINGS_READ_WRITE_ALL.to_owned()],
        };
        let organizer = self.house.anna().id;
        self.house.app.schedule(&caller, &organizer, MeetingDraft::default()).await.unwrap()
    }

    /// An hour without lifecycle notifications.
    pub(crate) fn draft(&self, meeting: &OnlineMeeting) -> SubscriptionDraft {
        SubscriptionDraft {
            resource: "the meeting".to_owned(),
            join_url: self.house.app.join_url(meeting).unwrap(),
            change_type: "updated".to_owned(),
            notification_url: HOOK.to_owned(),
            lifecycle_url: None,
            client_state: Some("state".to_owned()),
            expires: self.house.app.now() + 60 * MINUTE,
            include_resource_data: false,
            encryption_certificate: None,
            encryption_certificate_id: None,
        }
    }

    /// A day with lifecycle notifications.
    pub(crate) fn long_draft(&self, meeting: &OnlineMeeting) -> SubscriptionDraft {
        SubscriptionDraft {
            lifecycle_url: Some(LIFE.to_owned()),
            expires: self.house.app.now() + 24 * 60 * MINUTE,
            ..self.draft(meeting)
        }
    }

    pub(crate) async fn subscribe(&self, draft: SubscriptionDraft) -> Result<Subscription, SubscribeError> {
        self.house.app.subscribe(&self.application(), draft).await
    }

    pub(crate) async fn happens(&self, meeting: &OnlineMeeting, event: MeetingCallEvent) {
        self.house.app.meeting_call_event(&meeting.thread_id, event).await.unwrap();
    }

    pub(crate) async fn deliver(&self) {
        self.house.app.deliver_due(Arc::new(Plain)).await.unwrap();
    }
}

/// The words for what happened, of notifications in their order.
pub(crate) fn words(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| match &item["notice"]["meetingCall"]["event"]["kind"] {
            Value::String(kind) => kind.clone(),
            _ => item["notice"]["lifecycle"].as_str().unwrap().to_owned(),
        })
        .collect()
}
