//! Subscriptions over HTTP: shapes, refusals, and notifications as a subscriber reads them.

use std::sync::{Arc, Mutex};

use app::notify::{MeetingCallEvent, NotificationShape as _, RemovedReason, RosterChange};
use app::outbound::{Outbound, OutboundError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};

use crate::support::{Answer, Server};

const PATH: &str = "/v1.0/subscriptions";

/// A receiver that agrees to everything and remembers what it was told.
#[derive(Default)]
struct Agreeing(Mutex<Vec<Value>>);

#[async_trait::async_trait]
impl Outbound for Agreeing {
    async fn check(&self, _url: &str) -> Result<(), OutboundError> {
        Ok(())
    }

    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let token = request.url.split_once("validationToken=").map(|(_, token)| token);
        let body = match token {
            Some(token) => percent_encoding::percent_decode_str(token).collect(),
            None => {
                self.0.lock().unwrap().push(serde_json::from_slice(&request.body).unwrap());
                Vec::new()
            }
        };
        Ok(OutboundResponse {
            status: 200,
            content_type: Some("text/plain".to_owned()),
            body,
        })
    }
}

struct Subscribing {
    server: Server,
    receiver: Arc<Agreeing>,
    token: String,
    meeting: Answer,
}

impl Subscribing {
    async fn start() -> Self {
        let server = Server::start().await;
        let receiver = Arc::new(Agreeing::default());
        drop(server.app.clone().with_outbound(receiver.clone()));
        Self {
            token: server.application(&["OnlineMeetings.Read.All"]),
            meeting: server.schedule(json!({ "subject": "Visit" })).await,
            server,
            receiver,
        }
    }

    fn resource(&self) -> String {
        let link = percent_encoding::utf8_percent_encode(self.meeting.text("/joinWebUrl"), percent_encoding::NON_ALPHANUMERIC);
        format!("communications/onlineMeetings(joinWebUrl='{link}')/meetingCallEvents")
    }

    fn body(&self) -> Value {
        json!({
            "changeType": "updated", "notificationUrl": "https://receiver.example/hook", "resource": self.resource(),
            "expirationDateTime": "2026-11-22T13:17:30.0000000Z", "clientState": "state",
        })
    }

    async fn post(&self, body: Value) -> Answer {
        self.server.call(&self.token, "POST", PATH, Some(body)).await
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut body = self.body();
        body[name] = value;
        body
    }
}

#[tokio::test]
async fn a_subscription_is_made_read_listed_renewed_and_deleted() {
    let subscribing = Subscribing::start().await;
    let (server, token) = (&subscribing.server, subscribing.token.as_str());
    let made = subscribing.post(subscribing.body()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.text("/@odata.context").ends_with("/v1.0/$metadata#subscriptions/$entity"));
    assert_eq!(
        (made.text("/resource"), made.text("/clientState"), made.text("/changeType")),
        (subscribing.resource().as_str(), "state", "updated")
    );
    assert_eq!(made.text("/expirationDateTime"), "2026-11-22T13:17:30Z");
    assert_eq!(made.text("/applicationId"), server.accounts.application.client_id);
    assert_eq!(made.text("/creatorId"), server.accounts.application.object_id);
    let path = format!("{PATH}/{}", made.text("/id"));
    assert_eq!(made.headers.get("location").unwrap(), &format!("{}{path}", crate::support::ORIGIN));
    assert_eq!(server.get(token, &path).await.body, made.body);
    let listed = server.get(token, PATH).await;
    assert_eq!(listed.body["value"].as_array().unwrap().len(), 1);
    assert_eq!(listed.body["value"][0]["id"], made.body["id"]);

    let draft = path.replace("/v1.0/", "/beta/");
    assert_eq!(server.get(token, &draft).await.text("/id"), made.text("/id"));

    let renewal = json!({ "expirationDateTime": "2026-11-22T13:10:00Z", "clientState": "state" });
    let renewed = server.call(token, "PATCH", &path, Some(renewal)).await;
    assert_eq!(
        (renewed.status.as_u16(), renewed.text("/expirationDateTime")),
        (200, "2026-11-22T13:10:00Z")
    );
    assert_eq!(server.call(token, "POST", &format!("{path}/reauthorize"), None).await.status, 204);
    assert_eq!(server.call(token, "DELETE", &path, None).await.status, 204);
    for (method, body) in [
        ("GET", None),
        ("PATCH", Some(json!({ "expirationDateTime": "2026-11-22T13:10:00Z" }))),
        ("DELETE", None),
    ] {
        assert_eq!(
            server.call(token, method, &path, body).await.error(),
            (404, "ResourceNotFound", None)
        );
    }
}

#[tokio::test]
async fn every_spelling_of_the_resource_is_the_same_meeting() {
    let subscribing = Subscribing::start().await;
    let link = subscribing.meeting.text("/joinWebUrl").to_owned();
    let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    for resource in [
        format!(
            "/communications/onlineMeetings(joinWebUrl='{}')/meetingCallEvents",
            encode(&encode(&link))
        ),
        format!("/communications/onlineMeetings/?$filter=JoinWebUrl eq '{link}'"),
        format!("/communications/onlineMeetings/?$filter=JoinWebUrl eq '{}'", encode(&link)),
        format!("communications/onlineMeetings(joinWebUrl='{link}')/meetingCallEvents"),
    ] {
        let made = subscribing.post(subscribing.with("resource", json!(resource))).await;
        assert_eq!(made.status, 201, "{resource}: {}", made.body);
        assert_eq!(made.text("/resource"), resource);
        let second = subscribing.post(subscribing.body()).await;
        assert_eq!(second.error(), (409, "nameAlreadyExists", None));
        assert!(second.text("/error/message").contains(made.text("/id")));
        let path = format!("{PATH}/{}", made.text("/id"));
        assert_eq!(subscribing.server.call(&subscribing.token, "DELETE", &path, None).await.status, 204);
    }
}

#[tokio::test]
async fn what_is_missing_or_wrong_is_named() {
    let subscribing = Subscribing::start().await;
    for name in ["changeType", "notificationUrl", "resource", "expirationDateTime"] {
        let answer = subscribing.post(subscribing.with(name, Value::Null)).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some(name)));
    }
    for (name, value) in [
        ("resource", json!("users/x/messages")),
        ("changeType", json!("created")),
        ("notificationUrl", json!("http://receiver.example/hook")),
        ("expirationDateTime", json!("2026-11-22T12:00:00Z")),
        ("expirationDateTime", json!("2026-11-26T12:00:00Z")),
        ("clientState", json!("x".repeat(129))),
        ("clientStates", json!("x")),
    ] {
        let answer = subscribing.post(subscribing.with(name, value)).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some(name)));
    }
    let long = subscribing
        .post(subscribing.with("expirationDateTime", json!("2026-11-23T12:00:00Z")))
        .await;
    assert_eq!(long.error(), (400, "InvalidArgument", Some("lifecycleNotificationUrl")));
    let unknown = subscribing.resource().replace("meeting%5F", "meeting%5Fx");
    let nowhere = subscribing.post(subscribing.with("resource", json!(unknown))).await;
    assert_eq!(nowhere.error(), (404, "NotFound", None));
    assert_eq!(subscribing.post(subscribing.body()).await.status, 201);
}

#[tokio::test]
async fn members_and_applications_without_permission_are_refused_and_verbs_are_named() {
    let subscribing = Subscribing::start().await;
    let server = &subscribing.server;
    for token in [server.organizer(), server.application(&["User.Read.All"])] {
        let answer = server.call(&token, "POST", PATH, Some(subscribing.body())).await;
        assert_eq!(answer.error(), (403, "Forbidden", None));
    }
    assert_eq!(server.get(&server.organizer(), PATH).await.error(), (403, "Forbidden", None));
    for (method, target, allow) in [
        ("PUT", PATH.to_owned(), "GET, POST"),
        ("PUT", format!("{PATH}/x"), "GET, PATCH, DELETE"),
        ("GET", format!("{PATH}/x/reauthorize"), "POST"),
    ] {
        let answer = server.call(&subscribing.token, method, &target, None).await;
        assert_eq!(answer.error(), (405, "Request_BadRequest", None));
        assert_eq!(answer.headers.get("allow").unwrap(), allow);
    }
    let answer = server.get(&subscribing.token, &format!("{PATH}/x/y")).await;
    assert_eq!(answer.error(), (404, "ResourceNotFound", None));
}

#[tokio::test]
async fn only_the_end_can_be_changed() {
    let subscribing = Subscribing::start().await;
    let made = subscribing.post(subscribing.body()).await;
    let path = format!("{PATH}/{}", made.text("/id"));
    for (name, value) in [
        ("notificationUrl", "https://elsewhere.example/"),
        ("clientState", "other"),
        ("resource", "other"),
        ("changeType", "created"),
        ("lifecycleNotificationUrl", "https://elsewhere.example/"),
    ] {
        let body = json!({ "expirationDateTime": "2026-11-22T13:10:00Z", name: value });
        let answer = subscribing.server.call(&subscribing.token, "PATCH", &path, Some(body)).await;
        assert_eq!(answer.error(), (400, "InvalidArgument", Some(name)));
    }
    let answer = subscribing.server.call(&subscribing.token, "PATCH", &path, Some(json!({}))).await;
    assert_eq!(answer.error(), (400, "InvalidArgument", Some("expirationDateTime")));
    assert_eq!(subscribing.server.get(&subscribing.token, &path).await.body, made.body);
}

#[tokio::test]
async fn a_list_has_pages() {
    let subscribing = Subscribing::start().await;
    let server = &subscribing.server;
    subscribing.post(subscribing.body()).await;
    for _ in 0..2 {
        let meeting = server.schedule(json!({})).await;
        let resource = format!(
            "/communications/onlineMeetings/?$filter=JoinWebUrl eq '{}'",
            meeting.text("/joinWebUrl")
        );
        assert_eq!(subscribing.post(subscribing.with("resource", json!(resource))).await.status, 201);
    }
    let mut target = format!("{PATH}?$top=2");
    let mut sizes = Vec::new();
    loop {
        let page = server.get(&subscribing.token, &target).await;
        sizes.push(page.body["value"].as_array().unwrap().len());
        let Some(next) = page.body["@odata.nextLink"].as_str() else { break };
        target = next.strip_prefix(crate::support::ORIGIN).unwrap().to_owned();
    }
    assert_eq!(sizes, [2, 1]);
}

#[tokio::test]
async fn a_notification_has_the_published_shape_and_names_nobody() {
    let subscribing = Subscribing::start().await;
    let made = subscribing.post(subscribing.body()).await;
    let thread = subscribing.meeting.text("/chatInfo/threadId");
    let event = MeetingCallEvent::RosterUpdated {
        changes: vec![RosterChange {
            raw_id: "8:acs:x".to_owned(),
            display_name: "Maria".to_owned(),
            member_id: None,
            in_lobby: false,
            removed: None,
        }],
    };
    subscribing.server.app.meeting_call_event(thread, event).await.unwrap();
    subscribing
        .server
        .app
        .deliver_due(Arc::new(graph::NotificationWriter))
        .await
        .unwrap();
    let [body] = std::mem::take(&mut *subscribing.receiver.0.lock().unwrap()).try_into().unwrap();
    let item = &body["value"][0];
    assert_eq!(item["subscriptionId"], made.body["id"]);
    assert_eq!(item["subscriptionExpirationDateTime"], made.body["expirationDateTime"]);
    assert_eq!(
        (&item["clientState"], &item["changeType"], &item["tenantId"], &item["resource"]),
        (
            &json!("state"),
            &json!("updated"),
            &json!(subscribing.server.accounts.tenant.id),
            &json!(subscribing.resource())
        )
    );
    assert_eq!(item["resourceData"]["@odata.type"], "#microsoft.graph.callevent");
    assert_eq!(item["resourceData"]["id"], item["id"]);
    assert!(
        item["resourceData"]["@odata.id"]
            .as_str()
            .unwrap()
            .starts_with(&subscribing.resource())
    );
    assert!(body.get("validationTokens").is_none() && item.get("encryptedContent").is_none());
    assert!(!body.to_string().contains("Maria"));
}

#[test]
fn the_content_says_who_came_and_went() {
    let subscription = app::model::Subscription {
        id: "s".to_owned(),
        application_id: "a".to_owned(),
        creator_id: "c".to_owned(),
        resource: "/r".to_owned(),
        thread_id: "t".to_owned(),
        organizer_id: "o".to_owned(),
        change_type: "updated".to_owned(),
        notification_url: String::new(),
        lifecycle_url: None,
        client_state: None,
        encryption: None,
        created: 0,
        expires: 0,
        reminded: None,
        removed: None,
    };
    let content = |event: MeetingCallEvent| {
        let notification = app::model::Notification {
            id: "n".to_owned(),
            notice: app::model::Notice::MeetingCall {
                event,
                at: 1_795_349_850_000_000,
            },
            created: 0,
        };
        graph::NotificationWriter.content(&subscription, "tenant", &notification).unwrap()
    };
    let change = |raw_id: &str, member_id: Option<&str>, removed| RosterChange {
        raw_id: raw_id.to_owned(),
        display_name: "Maria".to_owned(),
        member_id: member_id.map(str::to_owned),
        in_lobby: true,
        removed,
    };
    assert_eq!(
        content(MeetingCallEvent::CallStarted),
        json!({
            "@odata.type": "#microsoft.graph.callevent", "@odata.id": "r/n", "id": "n", "eventType": "callStarted", "callEventType": "callStarted",
            "eventDateTime": "2026-11-22T12:17:30Z",
        })
    );
    assert_eq!(content(MeetingCallEvent::CallEnded)["eventType"], "callEnded");
    let roster = content(MeetingCallEvent::RosterUpdated {
        changes: vec![
            change("8:orgid:m", Some("m"), None),
            change("8:acs:x", None, Some(RemovedReason::Denied)),
            change("8:teamsvisitor:y", None, Some(RemovedReason::Left)),
        ],
    });
    assert_eq!(
        roster["participants@delta"],
        json!([
            {
                "id": "8:orgid:m", "isInLobby": true,
                "info": { "identity": { "user": { "id": "m", "displayName": "Maria", "tenantId": "tenant" } } },
            },
            {
                "id": "8:acs:x", "isInLobby": true, "removedState": { "reason": "denied" },
                "info": { "identity": { "azureCommunicationServicesUser": { "id": "8:acs:x", "displayName": "Maria" } } },
            },
            {
                "id": "8:teamsvisitor:y", "isInLobby": true, "removedState": { "reason": "left" },
                "info": { "identity": { "guest": { "id": "8:teamsvisitor:y", "displayName": "Maria" } } },
            },
        ])
    );
}
