//! Chat: who reaches which thread and how far back, what is told to whom; the chat of a meeting.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use std::sync::Arc;

use app::chat::{ChatAccess, ChatError, ChatEvent, ChatEventKind, ChatLeave, MessageDraft, MessagePatch, NewThread, ThreadPatch};
use app::model::{MessageKind, NamedParticipant, Retention};
use app::permissions::MEETINGS_READ_WRITE;
use app::{MeetingPatch, Micros, TokenError, TokenScope};
use serde_json::{Map, json};
use support::chat::{change, forbidden, guest, member, no_thread, scheduled, send, text, texts, thread, with};
use support::{House, MINUTE, SECOND, as_member};

const DAY: Micros = 24 * 60 * MINUTE;

#[tokio::test]
async fn a_token_without_a_chat_scope_or_of_a_revoked_or_deleted_identity_opens_nothing() {
    let house = House::new().await;
    let identity = house.app.create_identity().await.unwrap();
    let issue = async |scopes: &[TokenScope]| house.app.issue_token(&identity.id, scopes, None).await.unwrap().token;
    let voice = issue(&[TokenScope::Voip]).await;
    assert!(matches!(house.app.chat_caller(&voice).await, Err(TokenError::MissingScope { .. })));
    for scope in [TokenScope::Chat, TokenScope::ChatJoin, TokenScope::ChatJoinLimited] {
        house.app.chat_caller(&issue(&[TokenScope::Voip, scope]).await).await.unwrap();
    }
    let chat = issue(&[TokenScope::Chat]).await;
    house.app.revoke_tokens(&identity.id).await.unwrap();
    assert!(matches!(house.app.chat_caller(&chat).await, Err(TokenError::Revoked)));
    house.pass(SECOND);
    let fresh = issue(&[TokenScope::Chat]).await;
    house.app.chat_caller(&fresh).await.unwrap();
    house.app.delete_identity(&identity.id).await.unwrap();
    assert!(matches!(house.app.chat_caller(&fresh).await, Err(TokenError::IdentityDeleted)));
    let (visitor, token) = house.app.visitor_token().await.unwrap();
    let caller = house.app.chat_caller(&token.token).await.unwrap();
    assert_eq!((caller.raw_id, caller.access), (visitor, ChatAccess::Limited));
    let graph = house.member_token(&house.anna(), "Teams.ManageChats");
    assert!(matches!(house.app.chat_caller(&graph).await, Err(TokenError::WrongAudience { .. })));
}

#[tokio::test]
async fn whoever_is_no_member_is_told_the_same_as_about_a_thread_that_never_was() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    let message = send(&house, &maria, &id, "a").await;
    house.app.chat_thread(&maria, &id).await.unwrap();
    for id in [id.as_str(), "19:never@thread.v2", "19:meeting_never@thread.v2", "", "a\0b", "ü"] {
        no_thread(house.app.chat_thread(&other, id).await);
        no_thread(house.app.chat_participants(&other, id).await);
        no_thread(house.app.chat_messages(&other, id, 0, None, 10).await);
        no_thread(house.app.chat_message(&other, id, message).await);
        no_thread(house.app.send_chat_message(&other, id, text("x")).await);
        no_thread(
            house
                .app
                .edit_chat_message(
                    &other,
                    id,
                    message,
                    MessagePatch {
                        content: Some("x".into()),
                        metadata: None,
                    },
                )
                .await,
        );
        no_thread(house.app.delete_chat_message(&other, id, message).await);
        no_thread(house.app.chat_typing(&other, id, None).await);
        no_thread(house.app.put_chat_receipt(&other, id, message).await);
        no_thread(house.app.chat_receipts(&other, id).await);
        no_thread(
            house
                .app
                .edit_chat_thread(
                    &other,
                    id,
                    ThreadPatch {
                        topic: Some("x".into()),
                        ..ThreadPatch::default()
                    },
                )
                .await,
        );
        no_thread(house.app.delete_chat_thread(&other, id).await);
        no_thread(house.app.add_chat_participants(&other, id, vec![with(&other)]).await);
        no_thread(house.app.remove_chat_participant(&other, id, &maria.raw_id).await);
    }
    assert_eq!(house.app.chat_threads(&other, 0, None, 10).await.unwrap(), []);
    assert_eq!(house.app.chat_threads(&maria, 0, None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_scope_lets_its_holder_do_its_part_and_no_more() {
    let house = House::new().await;
    let full = guest(&house, &[TokenScope::Chat]).await;
    let join = guest(&house, &[TokenScope::ChatJoin]).await;
    let limited = guest(&house, &[TokenScope::ChatJoinLimited]).await;
    let other = guest(&house, &[TokenScope::Chat]).await;
    forbidden(house.app.create_chat_thread(&join, thread(Vec::new())).await);
    forbidden(house.app.create_chat_thread(&limited, thread(Vec::new())).await);
    let created = house
        .app
        .create_chat_thread(&full, thread(vec![with(&join), with(&limited)]))
        .await
        .unwrap();
    let id = created.thread.id;
    for caller in [&join, &limited] {
        send(&house, caller, &id, "hello").await;
        forbidden(house.app.edit_chat_thread(caller, &id, ThreadPatch::default()).await);
        forbidden(house.app.delete_chat_thread(caller, &id).await);
    }
    forbidden(house.app.add_chat_participants(&limited, &id, vec![with(&other)]).await);
    forbidden(house.app.remove_chat_participant(&limited, &id, &join.raw_id).await);
    house.app.add_chat_participants(&join, &id, vec![with(&other)]).await.unwrap();
    house.app.remove_chat_participant(&join, &id, &other.raw_id).await.unwrap();
    house.app.delete_chat_thread(&full, &id).await.unwrap();
    no_thread(house.app.chat_thread(&full, &id).await);
}

#[tokio::test]
async fn only_its_sender_changes_a_message_and_a_deleted_one_leaves_a_stone() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house
        .app
        .create_chat_thread(&maria, thread(vec![with(&other)]))
        .await
        .unwrap()
        .thread
        .id;
    let message = send(&house, &maria, &id, "before").await;
    let patch = |content: &str| MessagePatch {
        content: Some(content.to_owned()),
        metadata: None,
    };
    forbidden(house.app.edit_chat_message(&other, &id, message, patch("x")).await);
    forbidden(house.app.delete_chat_message(&other, &id, message).await);
    house.pass(SECOND);
    house.app.edit_chat_message(&maria, &id, message, patch("after")).await.unwrap();
    let edited = house.app.chat_message(&other, &id, message).await.unwrap();
    assert_eq!((edited.content.as_str(), edited.edited), ("after", Some(house.app.now())));
    assert_eq!((edited.version, edited.id), (house.app.now() / 1000, message));
    house.app.delete_chat_message(&maria, &id, message).await.unwrap();
    house.app.delete_chat_message(&maria, &id, message).await.unwrap();
    let stone = house.app.chat_message(&other, &id, message).await.unwrap();
    assert_eq!((stone.content.as_str(), stone.deleted.is_some()), ("", true));
    let edit = house.app.edit_chat_message(&maria, &id, message, patch("again")).await;
    assert!(matches!(edit, Err(ChatError::NotFound { .. })));
    let system = house.app.chat_messages(&maria, &id, 0, None, 10).await.unwrap().pop().unwrap();
    assert_eq!(system.kind, MessageKind::ParticipantAdded);
    forbidden(house.app.delete_chat_message(&maria, &id, system.id).await);
}

#[tokio::test]
async fn who_was_removed_reads_what_they_could_see_then_and_does_nothing_else() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house
        .app
        .create_chat_thread(&maria, thread(vec![with(&other)]))
        .await
        .unwrap()
        .thread
        .id;
    let before = send(&house, &maria, &id, "before").await;
    house.pass(SECOND);
    house.app.remove_chat_participant(&maria, &id, &other.raw_id).await.unwrap();
    house.app.remove_chat_participant(&maria, &id, &other.raw_id).await.unwrap();
    let after = send(&house, &maria, &id, "after").await;
    assert_eq!(texts(&house, &other, &id).await, ["before"]);
    assert!(matches!(
        house.app.chat_message(&other, &id, after).await,
        Err(ChatError::NotFound { .. })
    ));
    no_thread(house.app.send_chat_message(&other, &id, text("x")).await);
    no_thread(house.app.chat_thread(&other, &id).await);
    no_thread(house.app.chat_participants(&other, &id).await);
    no_thread(house.app.chat_typing(&other, &id, None).await);
    no_thread(house.app.put_chat_receipt(&other, &id, before).await);
    assert_eq!(house.app.chat_threads(&other, 0, None, 10).await.unwrap(), []);
    house.pass(SECOND);
    let rewritten = MessagePatch {
        content: Some("rewritten".to_owned()),
        metadata: None,
    };
    house.app.edit_chat_message(&maria, &id, before, rewritten).await.unwrap();
    assert_eq!(texts(&house, &other, &id).await, [""], "what was written later is withheld");
    house.app.add_chat_participants(&maria, &id, vec![with(&other)]).await.unwrap();
    assert_eq!(texts(&house, &other, &id).await, ["after", "rewritten"]);
    let stranger = house.app.remove_chat_participant(&maria, &id, "8:acs:x_y").await;
    assert!(matches!(stranger, Err(ChatError::NotFound { .. })));
}

#[tokio::test]
async fn history_before_share_history_is_not_there() {
    let house = House::new().await;
    let (maria, late) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    let early = send(&house, &maria, &id, "early").await;
    house.pass(SECOND);
    let from = NamedParticipant {
        share_history: house.app.now(),
        ..with(&late)
    };
    house.app.add_chat_participants(&maria, &id, vec![from]).await.unwrap();
    assert_eq!(house.app.chat_threads(&late, 0, None, 10).await.unwrap()[0].last_message, None);
    send(&house, &maria, &id, "late").await;
    assert_eq!(texts(&house, &late, &id).await, ["late"]);
    assert_eq!(texts(&house, &maria, &id).await, ["late", "early"]);
    assert!(matches!(
        house.app.chat_message(&late, &id, early).await,
        Err(ChatError::NotFound { .. })
    ));
    assert!(matches!(
        house.app.put_chat_receipt(&late, &id, early).await,
        Err(ChatError::NotFound { .. })
    ));
    house.app.put_chat_receipt(&maria, &id, early).await.unwrap();
    assert_eq!(house.app.chat_receipts(&late, &id).await.unwrap(), []);
    assert_eq!(house.app.chat_receipts(&maria, &id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn repeating_a_request_with_its_id_makes_one_thread_also_at_the_same_time() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let keyed = || NewThread {
        repeat_key: Some("key".to_owned()),
        ..thread(Vec::new())
    };
    let (one, two) = tokio::join!(
        house.app.create_chat_thread(&maria, keyed()),
        house.app.create_chat_thread(&maria, keyed())
    );
    let id = one.unwrap().thread.id;
    assert_eq!(two.unwrap().thread.id, id);
    assert_eq!(house.app.create_chat_thread(&maria, keyed()).await.unwrap().thread.id, id);
    assert_eq!(house.app.chat_threads(&maria, 0, None, 10).await.unwrap().len(), 1);
    assert_ne!(house.app.create_chat_thread(&other, keyed()).await.unwrap().thread.id, id);
    house.pass(DAY);
    assert_ne!(house.app.create_chat_thread(&maria, keyed()).await.unwrap().thread.id, id);
}

#[tokio::test]
async fn only_people_whom_the_server_knows_are_added_and_the_others_are_named() {
    let house = House::new().await;
    let (maria, gone) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    house.app.delete_identity(&gone.raw_id).await.unwrap();
    let named = |raw_id: &str| NamedParticipant {
        raw_id: raw_id.to_owned(),
        display_name: Some("The President".to_owned()),
        share_history: 0,
        metadata: Map::new(),
    };
    let strangers = [
        gone.raw_id.as_str(),
        "8:acs:foreign_user",
        "4:+1555",
        "28:orgid:app",
        "8:orgid:nobody",
        "x",
    ];
    let mut asked: Vec<_> = strangers.iter().map(|raw_id| named(raw_id)).collect();
    asked.push(named(&house.anna().raw_id()));
    asked.push(named(&maria.raw_id));
    let created = house.app.create_chat_thread(&maria, thread(asked)).await.unwrap();
    assert_eq!(created.unknown, strangers);
    let members = house.app.chat_participants(&maria, &created.thread.id).await.unwrap();
    let names: Vec<_> = members
        .iter()
        .map(|member| (member.raw_id.clone(), member.display_name.clone().unwrap()))
        .collect();
    assert!(names.contains(&(house.anna().raw_id(), house.anna().display_name)), "{names:?}");
    assert!(names.contains(&(maria.raw_id.clone(), "The President".to_owned())));
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn a_thread_has_no_more_members_than_allowed_and_a_batch_too_many_adds_nobody() {
    let house = House::new().await;
    let maria = guest(&house, &[TokenScope::Chat]).await;
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    let mut people = Vec::new();
    for _ in 0..250 {
        let identity = house.app.create_identity().await.unwrap();
        people.push(NamedParticipant {
            raw_id: identity.id,
            ..with(&maria)
        });
    }
    let add = async |part: &[NamedParticipant]| house.app.add_chat_participants(&maria, &id, part.to_vec()).await;
    assert!(matches!(add(&people[..201]).await, Err(ChatError::Invalid { .. })), "a batch");
    add(&people[..19]).await.unwrap();
    house.app.chat_typing(&maria, &id, None).await.unwrap();
    add(&people[19..20]).await.unwrap();
    forbidden(house.app.chat_typing(&maria, &id, None).await);
    let message = send(&house, &maria, &id, "x").await;
    forbidden(house.app.put_chat_receipt(&maria, &id, message).await);
    add(&people[20..200]).await.unwrap();
    assert!(matches!(add(&people[200..250]).await, Err(ChatError::Invalid { .. })));
    assert_eq!(house.app.chat_participants(&maria, &id).await.unwrap().len(), 201);
    add(&people[201..250]).await.unwrap();
    add(&people[201..250]).await.unwrap();
    assert_eq!(house.app.chat_participants(&maria, &id).await.unwrap().len(), 250);
}

#[tokio::test]
async fn a_thread_past_its_retention_is_out_of_reach_and_then_swept() {
    let house = House::new().await;
    let maria = guest(&house, &[TokenScope::Chat]).await;
    let kept = |days| NewThread {
        retention: Retention::ThreadCreationDate {
            delete_thread_after_days: days,
        },
        ..thread(Vec::new())
    };
    for days in [0, 29, 91, u32::MAX] {
        assert!(matches!(
            house.app.create_chat_thread(&maria, kept(days)).await,
            Err(ChatError::Invalid { .. })
        ));
    }
    let short = house.app.create_chat_thread(&maria, kept(30)).await.unwrap().thread.id;
    let long = house.app.create_chat_thread(&maria, kept(90)).await.unwrap().thread.id;
    let mut events = house.app.chat_events();
    house.pass(30 * DAY - 1);
    assert_eq!(house.app.sweep_chat().await.unwrap(), 0);
    house.app.chat_thread(&maria, &short).await.unwrap();
    house.pass(1);
    no_thread(house.app.chat_thread(&maria, &short).await);
    assert_eq!(house.app.chat_threads(&maria, 0, None, 10).await.unwrap().len(), 1);
    assert_eq!(house.app.sweep_chat().await.unwrap(), 1);
    assert_eq!(house.app.sweep_chat().await.unwrap(), 0);
    let event = events.recv().await.unwrap();
    assert!(matches!(&event.kind, ChatEventKind::ThreadDeleted { by: None, .. }));
    assert_eq!(
        (event.thread_id.as_str(), &*event.recipients),
        (short.as_str(), &[maria.raw_id.clone()][..])
    );
    house.app.chat_thread(&maria, &long).await.unwrap();
}

#[tokio::test]
async fn writing_too_fast_is_slowed_down_for_the_writer_only() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house
        .app
        .create_chat_thread(&maria, thread(vec![with(&other)]))
        .await
        .unwrap()
        .thread
        .id;
    let mut sent = 0;
    let retry_after_s = loop {
        match house.app.send_chat_message(&maria, &id, text("x")).await {
            Ok(_) => sent += 1,
            Err(ChatError::Throttled { retry_after_s }) => break retry_after_s,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(sent, 20);
    house.app.send_chat_message(&other, &id, text("x")).await.unwrap();
    house.pass(Micros::from(retry_after_s) * SECOND);
    house.app.send_chat_message(&maria, &id, text("x")).await.unwrap();
}

/// Everything told so far, as thread, event and how many were told.
fn told(events: &mut tokio::sync::broadcast::Receiver<Arc<ChatEvent>>) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    while let Ok(event) = events.try_recv() {
        let kind = format!("{:?}", event.kind);
        let name = kind.split([' ', '(']).next().unwrap().to_owned();
        all.push((name, event.recipients.to_vec()));
    }
    all
}

#[tokio::test]
async fn members_are_told_of_everything_once_and_nobody_else_of_anything() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let mut events = house.app.chat_events();
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    let alone = send(&house, &maria, &id, "alone").await;
    house
        .app
        .add_chat_participants(
            &maria,
            &id,
            vec![NamedParticipant {
                share_history: house.app.now() + 1,
                ..with(&other)
            }],
        )
        .await
        .unwrap();
    house.app.add_chat_participants(&maria, &id, vec![with(&other)]).await.unwrap();
    house.app.chat_typing(&other, &id, None).await.unwrap();
    house
        .app
        .edit_chat_message(
            &maria,
            &id,
            alone,
            MessagePatch {
                content: Some("b".into()),
                metadata: None,
            },
        )
        .await
        .unwrap();
    let both = send(&house, &maria, &id, "both").await;
    house.app.put_chat_receipt(&other, &id, both).await.unwrap();
    house.app.put_chat_receipt(&other, &id, both).await.unwrap();
    house
        .app
        .edit_chat_thread(
            &maria,
            &id,
            ThreadPatch {
                topic: Some("New".into()),
                ..ThreadPatch::default()
            },
        )
        .await
        .unwrap();
    house.app.remove_chat_participant(&maria, &id, &other.raw_id).await.unwrap();
    house.app.remove_chat_participant(&maria, &id, &other.raw_id).await.unwrap();
    house.app.delete_chat_message(&maria, &id, both).await.unwrap();
    house.app.delete_chat_thread(&maria, &id).await.unwrap();
    let (one, two) = (vec![maria.raw_id.clone()], vec![maria.raw_id.clone(), other.raw_id.clone()]);
    let expected = [
        ("ThreadCreated", &one),
        ("MessageReceived", &one),
        ("ParticipantsAdded", &two),
        ("Typing", &two),
        ("MessageEdited", &one),
        ("MessageReceived", &two),
        ("ReadReceipt", &two),
        ("ThreadUpdated", &two),
        ("ParticipantsRemoved", &two),
        ("MessageDeleted", &one),
        ("ThreadDeleted", &one),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(name, who)| (name.to_owned(), who.clone())).collect();
    assert_eq!(told(&mut events), expected);
}

#[tokio::test]
async fn the_chat_of_a_meeting_has_organizer_and_invited_members_and_its_subject() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), true).await;
    let (anna, ben, clara) = (member(&house, 0), member(&house, 1), member(&house, 2));
    let threads = house.app.chat_threads(&ben, 0, None, 10).await.unwrap();
    assert_eq!(
        (threads[0].id.as_str(), threads[0].topic.as_str()),
        (meeting.thread_id.as_str(), "Consultation")
    );
    let id = &meeting.thread_id;
    send(&house, &ben, id, "soon").await;
    assert_eq!(texts(&house, &anna, id).await, ["soon"]);
    no_thread(house.app.chat_thread(&clara, id).await);
    change(
        &house,
        &meeting,
        MeetingPatch {
            subject: Some(Some("Follow-up".into())),
            invitees: Some(vec![]),
            ..MeetingPatch::default()
        },
    )
    .await;
    assert_eq!(house.app.chat_thread(&anna, id).await.unwrap().topic, "Follow-up");
    no_thread(house.app.chat_thread(&ben, id).await);
    forbidden(
        house
            .app
            .edit_chat_thread(
                &anna,
                id,
                ThreadPatch {
                    topic: Some("x".into()),
                    ..ThreadPatch::default()
                },
            )
            .await,
    );
    forbidden(house.app.add_chat_participants(&anna, id, vec![with(&clara)]).await);
    forbidden(house.app.delete_chat_thread(&anna, id).await);
    let organizer = as_member(&house.anna(), &[MEETINGS_READ_WRITE]);
    house
        .app
        .delete_meeting(&organizer, &house.anna().id, &house.graph_id(&meeting))
        .await
        .unwrap();
    no_thread(house.app.chat_thread(&anna, id).await);
    no_thread(house.app.open_meeting_chat(id).await);
    assert_eq!(house.app.chat_threads(&anna, 0, None, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_guest_has_the_chat_of_a_meeting_from_admission_until_they_leave() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    let id = &meeting.thread_id;
    let (anna, maria) = (member(&house, 0), guest(&house, &[TokenScope::ChatJoinLimited]).await);
    send(&house, &anna, id, "before").await;
    no_thread(house.app.chat_messages(&maria, id, 0, None, 10).await);
    house.pass(SECOND);
    let admit = async || {
        let from = house.app.now();
        house
            .app
            .admit_to_meeting_chat(id, &maria.raw_id, Some("Maria"), from)
            .await
            .unwrap();
    };
    admit().await;
    assert_eq!(texts(&house, &maria, id).await, [""; 0]);
    send(&house, &anna, id, "welcome").await;
    admit().await;
    assert_eq!(
        texts(&house, &maria, id).await,
        ["welcome"],
        "admitted again while inside changes nothing"
    );
    let named = MessageDraft {
        sender_display_name: Some("Dr. Berg".to_owned()),
        ..text("hello")
    };
    let sent = house.app.send_chat_message(&maria, id, named).await.unwrap();
    assert_eq!(
        sent.sender_display_name.as_deref(),
        Some("Maria"),
        "the name by which they were admitted"
    );
    house.pass(SECOND);
    house.app.leave_meeting_chat(id, &maria.raw_id, ChatLeave::Left).await.unwrap();
    no_thread(house.app.send_chat_message(&maria, id, text("x")).await);
    send(&house, &anna, id, "between").await;
    no_thread(house.app.chat_messages(&maria, id, 0, None, 10).await);
    house.pass(SECOND);
    admit().await;
    assert_eq!(texts(&house, &maria, id).await, [""; 0], "another stay, another history");
    house.app.close_meeting_chat(id).await.unwrap();
    no_thread(house.app.send_chat_message(&maria, id, text("x")).await);
    send(&house, &anna, id, "afterwards").await;
}

#[tokio::test]
async fn an_uninvited_member_keeps_the_chat_until_the_meeting_is_over_unless_removed() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), true).await;
    let id = &meeting.thread_id;
    let (anna, ben, clara) = (member(&house, 0), member(&house, 1), member(&house, 2));
    send(&house, &anna, id, "before").await;
    house.pass(SECOND);
    for caller in [&anna, &ben, &clara] {
        house
            .app
            .admit_to_meeting_chat(id, &caller.raw_id, None, house.app.now())
            .await
            .unwrap();
    }
    assert_eq!(texts(&house, &ben, id).await, ["before"]);
    assert_eq!(texts(&house, &clara, id).await, [""; 0]);
    house.app.leave_meeting_chat(id, &clara.raw_id, ChatLeave::Left).await.unwrap();
    send(&house, &clara, id, "still here").await;
    house.app.leave_meeting_chat(id, &ben.raw_id, ChatLeave::Removed).await.unwrap();
    no_thread(house.app.send_chat_message(&ben, id, text("x")).await);
    change(
        &house,
        &meeting,
        MeetingPatch {
            subject: Some(Some("Other".into())),
            ..MeetingPatch::default()
        },
    )
    .await;
    no_thread(house.app.send_chat_message(&ben, id, text("x")).await);
    house.app.leave_meeting_chat(id, &anna.raw_id, ChatLeave::Removed).await.unwrap();
    send(&house, &anna, id, "organizer").await;
    house.app.close_meeting_chat(id).await.unwrap();
    no_thread(house.app.send_chat_message(&clara, id, text("x")).await);
    send(&house, &anna, id, "organizer").await;
}

#[tokio::test]
async fn the_options_of_a_meeting_govern_its_chat_at_once() {
    let house = House::new().await;
    let meeting = scheduled(
        &house,
        json!({ "allowMeetingChat": "limited", "shareMeetingChatHistoryDefault": "all" }),
        false,
    )
    .await;
    let id = &meeting.thread_id;
    let (anna, clara) = (member(&house, 0), member(&house, 2));
    forbidden(house.app.send_chat_message(&anna, id, text("x")).await);
    forbidden(house.app.chat_typing(&anna, id, None).await);
    house.app.open_meeting_chat(id).await.unwrap();
    let message = send(&house, &anna, id, "held").await;
    house.pass(SECOND);
    house
        .app
        .admit_to_meeting_chat(id, &clara.raw_id, None, house.app.now())
        .await
        .unwrap();
    assert_eq!(texts(&house, &clara, id).await, ["held"]);
    let set = async |extra: serde_json::Value| {
        let extra = extra.as_object().cloned().unwrap();
        change(
            &house,
            &meeting,
            MeetingPatch {
                extra,
                ..MeetingPatch::default()
            },
        )
        .await;
    };
    house.app.may_write_chat(&anna, id).await.unwrap();
    set(json!({ "allowMeetingChat": "disabled" })).await;
    forbidden(house.app.send_chat_message(&anna, id, text("x")).await);
    forbidden(house.app.may_write_chat(&anna, id).await);
    no_thread(house.app.may_write_chat(&member(&house, 1), id).await);
    let patch = MessagePatch {
        content: Some("x".into()),
        metadata: None,
    };
    forbidden(house.app.edit_chat_message(&anna, id, message, patch).await);
    assert_eq!(texts(&house, &anna, id).await, ["held"]);
    set(json!({ "allowMeetingChat": "enabled", "chatRestrictions": { "allowTextOnly": true } })).await;
    let html = MessageDraft {
        html: true,
        ..text("<b>x</b>")
    };
    forbidden(house.app.send_chat_message(&anna, id, html.clone()).await);
    send(&house, &anna, id, "text").await;
    set(json!({ "allowMeetingChat": "limited", "chatRestrictions": null })).await;
    house.app.send_chat_message(&anna, id, html).await.unwrap();
    house.app.close_meeting_chat(id).await.unwrap();
    forbidden(house.app.send_chat_message(&anna, id, text("x")).await);
}

#[tokio::test]
async fn a_meeting_that_was_held_when_the_server_stopped_is_not_held_after_its_start() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({ "allowMeetingChat": "limited" }), false).await;
    let (anna, maria) = (member(&house, 0), guest(&house, &[TokenScope::ChatJoin]).await);
    house
        .app
        .admit_to_meeting_chat(&meeting.thread_id, &maria.raw_id, None, house.app.now())
        .await
        .unwrap();
    send(&house, &maria, &meeting.thread_id, "x").await;
    let house = house.restart().await;
    house.app.close_abandoned_meeting_chats().await.unwrap();
    no_thread(house.app.send_chat_message(&maria, &meeting.thread_id, text("x")).await);
    forbidden(house.app.send_chat_message(&anna, &meeting.thread_id, text("x")).await);
    house.app.open_meeting_chat(&meeting.thread_id).await.unwrap();
    send(&house, &anna, &meeting.thread_id, "x").await;
}
