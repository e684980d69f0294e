//! Who gets a subscription, and what is refused.

use app::access::AccessStore as _;
use app::notify::{SubscribeError, SubscriptionDraft};
use app::{AppError, Caller};

use crate::house::{HOOK, LIFE, Manner, Watching};
use crate::support::{MINUTE, SECOND, as_member};

/// Says what an attempt came to, short enough for a table: `ok`, or the kind of refusal with its field.
async fn verdict(watching: &Watching, draft: SubscriptionDraft) -> String {
    told(watching.subscribe(draft).await)
}

fn told<T>(outcome: Result<T, SubscribeError>) -> String {
    match outcome {
        Ok(_) => "ok".to_owned(),
        Err(SubscribeError::App(AppError::InvalidArgument { field, message })) => {
            assert!(message.len() > 10, "{message}");
            field.to_owned()
        }
        Err(SubscribeError::App(AppError::Forbidden { .. })) => "forbidden".to_owned(),
        Err(SubscribeError::App(AppError::NotFound { what })) => format!("no {what}"),
        Err(SubscribeError::Exists { .. }) => "exists".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn both_addresses_must_send_the_token_back() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    for manner in [
        Manner::Status(202),
        Manner::Status(404),
        Manner::Status(307),
        Manner::Handshake(200, "text/html", ""),
        Manner::Handshake(200, "application/json", ""),
        Manner::Handshake(200, "text/plain", "x"),
        Manner::Unreachable,
        Manner::Forbidden,
    ] {
        for (place, field) in [(HOOK, "notificationUrl"), (LIFE, "lifecycleNotificationUrl")] {
            watching.receivers.behave(place, manner);
            assert_eq!(verdict(&watching, watching.long_draft(&meeting)).await, field, "{manner:?}");
            watching.receivers.behave(place, Manner::Good);
        }
    }
    assert!(
        watching
            .house
            .app
            .subscriptions(&watching.application(), 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
    watching
        .receivers
        .behave(HOOK, Manner::Handshake(200, "Text/Plain;charset=utf-8", "\r\n"));
    let made = watching.subscribe(watching.long_draft(&meeting)).await.unwrap();
    assert_eq!(
        watching.house.app.subscriptions(&watching.application(), 0, 10).await.unwrap(),
        [made]
    );
}

#[tokio::test]
async fn what_is_wrong_is_refused_before_anybody_is_called() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    let good = watching.draft(&meeting);
    let spoilt = |spoil: &dyn Fn(&mut SubscriptionDraft)| {
        let mut draft = good.clone();
        spoil(&mut draft);
        draft
    };
    for (draft, field) in [
        (spoilt(&|draft| draft.change_type = "created".into()), "changeType"),
        (spoilt(&|draft| draft.change_type = "updated,deleted".into()), "changeType"),
        (spoilt(&|draft| draft.change_type = String::new()), "changeType"),
        (
            spoilt(&|draft| draft.notification_url = "http://receiver.example/".into()),
            "notificationUrl",
        ),
        (
            spoilt(&|draft| draft.lifecycle_url = Some("receiver.example".into())),
            "lifecycleNotificationUrl",
        ),
        (spoilt(&|draft| draft.client_state = Some("x".repeat(129))), "clientState"),
        (spoilt(&|draft| draft.expires -= 60 * MINUTE), "expirationDateTime"),
        (spoilt(&|draft| draft.expires += 4 * 24 * 60 * MINUTE), "expirationDateTime"),
        (spoilt(&|draft| draft.expires += MINUTE), "lifecycleNotificationUrl"),
        (spoilt(&|draft| draft.resource = "x".repeat(5000)), "resource"),
        (spoilt(&|draft| draft.join_url = "https://elsewhere.example/".into()), "resource"),
        (spoilt(&|draft| draft.include_resource_data = true), "encryptionCertificate"),
        (
            spoilt(&|draft| draft.join_url = draft.join_url.replace("19%3ameeting_", "19%3ameeting_x")),
            "no meeting",
        ),
        (
            spoilt(&|draft| draft.join_url = draft.join_url.replace(&watching.house.dev.tenant.id, &watching.house.anna().id)),
            "no meeting",
        ),
    ] {
        assert_eq!(verdict(&watching, draft).await, field);
    }
    assert!(watching.receivers.handshakes.lock().unwrap().is_empty());
    assert_eq!(
        verdict(&watching, spoilt(&|draft| draft.client_state = Some("x".repeat(128)))).await,
        "ok"
    );
    assert_eq!(*watching.receivers.handshakes.lock().unwrap(), [HOOK]);
}

#[tokio::test]
async fn a_short_life_is_raised_in_silence() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    let draft = SubscriptionDraft {
        expires: watching.house.app.now() + MINUTE,
        ..watching.draft(&meeting)
    };
    let made = watching.subscribe(draft).await.unwrap();
    assert_eq!(made.expires, watching.house.app.now() + 45 * MINUTE);
}

#[tokio::test]
async fn an_application_needs_the_permission_and_the_grant_and_members_get_none() {
    let watching = Watching::new().await;
    let (app, meeting) = (&watching.house.app, watching.meeting().await);
    let attempt = async |caller: &Caller| told(app.subscribe(caller, watching.draft(&meeting)).await);
    let member = as_member(&watching.house.anna(), &["OnlineMeetings.ReadWrite"]);
    assert_eq!(attempt(&member).await, "forbidden");
    assert!(matches!(app.subscriptions(&member, 0, 10).await, Err(AppError::Forbidden { .. })));
    let Caller::Application { client_id, .. } = watching.application() else {
        panic!("an application")
    };
    let with = |role: &str| Caller::Application {
        client_id: client_id.clone(),
        roles: vec![role.to_owned()],
    };
    assert_eq!(attempt(&with("User.Read.All")).await, "forbidden");

    let policies = watching.house.store.access_policies().await.unwrap();
    for policy in &policies {
        let emptied = app::model::AccessPolicy {
            applications: Vec::new(),
            ..policy.clone()
        };
        watching.house.store.put_access_policy(&emptied).await.unwrap();
    }
    assert_eq!(attempt(&watching.application()).await, "forbidden");
    let short = SubscriptionDraft {
        join_url: format!("https://meet.example/meet/{}", meeting.join_meeting_id),
        ..watching.draft(&meeting)
    };
    assert_eq!(
        verdict(&watching, short.clone()).await,
        "no meeting",
        "a short link does not tell its organizer"
    );
    for policy in &policies {
        watching.house.store.put_access_policy(policy).await.unwrap();
    }
    assert_eq!(attempt(&with("OnlineMeetings.ReadWrite.All")).await, "ok");
    assert_eq!(verdict(&watching, short).await, "exists");
}

#[tokio::test]
async fn an_application_has_one_subscription_on_a_meeting_and_reaches_its_own_only() {
    let watching = Watching::new().await;
    let (app, meeting, other_meeting) = (&watching.house.app, watching.meeting().await, watching.meeting().await);
    let first = watching.subscribe(watching.draft(&meeting)).await.unwrap();
    let handshakes = watching.receivers.handshakes.lock().unwrap().len();
    assert_eq!(verdict(&watching, watching.draft(&meeting)).await, "exists");
    assert_eq!(
        watching.receivers.handshakes.lock().unwrap().len(),
        handshakes,
        "nobody is called for nothing"
    );
    assert_eq!(verdict(&watching, watching.draft(&other_meeting)).await, "ok");

    let stranger = Caller::Application {
        client_id: "a".to_owned(),
        roles: vec!["OnlineMeetings.Read.All".to_owned()],
    };
    assert!(matches!(
        app.subscription(&stranger, &first.id).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(matches!(
        app.unsubscribe(&stranger, &first.id).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(matches!(
        app.renew_subscription(&stranger, &first.id, None).await,
        Err(AppError::NotFound { .. })
    ));
    assert!(app.subscriptions(&stranger, 0, 10).await.unwrap().is_empty());

    let own = watching.application();
    assert_eq!(app.subscription(&own, &first.id.to_uppercase()).await.unwrap(), first);
    let renewed = app
        .renew_subscription(&own, &first.id, Some(app.now() + 50 * MINUTE))
        .await
        .unwrap();
    assert_eq!(renewed.expires, app.now() + 50 * MINUTE);
    assert!(matches!(
        app.renew_subscription(&own, &first.id, Some(app.now() + 61 * MINUTE)).await,
        Err(AppError::InvalidArgument {
            field: "lifecycleNotificationUrl",
            ..
        })
    ));
    app.unsubscribe(&own, &first.id).await.unwrap();
    assert!(matches!(app.subscription(&own, &first.id).await, Err(AppError::NotFound { .. })));
    assert_eq!(verdict(&watching, watching.draft(&meeting)).await, "ok");
}

#[tokio::test]
async fn an_application_cannot_have_others_called_without_end() {
    let watching = Watching::new().await;
    let meeting = watching.meeting().await;
    watching.receivers.behave(HOOK, Manner::Status(404));
    for _ in 0..120 {
        assert_eq!(verdict(&watching, watching.draft(&meeting)).await, "notificationUrl");
    }
    let refused = watching.subscribe(watching.draft(&meeting)).await;
    let Err(SubscribeError::Busy { retry_after_s }) = refused else {
        panic!("{refused:?}")
    };
    assert!((1..=61).contains(&retry_after_s));
    assert_eq!(watching.receivers.handshakes.lock().unwrap().len(), 120);
    watching.receivers.behave(HOOK, Manner::Good);
    watching.house.pass(61 * SECOND);
    assert_eq!(verdict(&watching, watching.draft(&meeting)).await, "ok");
}
