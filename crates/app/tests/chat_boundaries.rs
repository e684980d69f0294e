//! Ways around who is in a thread and how far back they see: all of them closed, and the honest way beside each still open.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::chat::{
    ChatError, ChatEventKind, ChatLeave, ChatStore as _, MAX_MEETING_MEMBERS, MessageDraft, MessagePatch, NewThread, ThreadPatch,
};
use app::model::{ChatMember, Invitee, InviteeRole, Member, MessageKind, NamedParticipant, OnlineMeeting};
use app::ports::MeetingStore as _;
use app::{MeetingPatch, TokenScope};
use meeting::{MeetingChatEnabledType, MeetingPolicy};
use serde_json::{Map, json};
use support::chat::{change, forbidden, guest, member, no_thread, scheduled, send, text, texts, thread, with};
use support::{House, SECOND, as_member};

async fn invite(house: &House, meeting: &OnlineMeeting, members: &[Member]) {
    let invitee = |member: &Member| Invitee {
        member_id: Some(member.id.clone()),
        upn: None,
        role: InviteeRole::Attendee,
    };
    let patch = MeetingPatch {
        invitees: Some(members.iter().map(invitee).collect()),
        ..MeetingPatch::default()
    };
    change(house, meeting, patch).await;
}

/// Puts people of no account into a thread, past every rule.
async fn fill(house: &House, thread_id: &str, count: usize) {
    let stranger = |index| ChatMember {
        thread_id: thread_id.to_owned(),
        raw_id: format!("8:acs:stranger_{index}"),
        display_name: None,
        share_history: 0,
        metadata: Map::new(),
        added: house.app.now(),
        removed: None,
        uninvited: false,
    };
    let strangers: Vec<ChatMember> = (0..count).map(stranger).collect();
    house
        .store
        .add_chat_members(thread_id, "8:acs:nobody", false, &strangers, MAX_MEETING_MEMBERS, house.app.now())
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_is_shown_more_of_a_thread_than_whoever_added_them() {
    let house = House::new().await;
    let maria = guest(&house, &[TokenScope::Chat]).await;
    let (late, friend) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    send(&house, &maria, &id, "early").await;
    house.pass(SECOND);
    let from_now = |caller| NamedParticipant {
        share_history: house.app.now(),
        ..with(caller)
    };
    house.app.add_chat_participants(&maria, &id, vec![from_now(&late)]).await.unwrap();
    send(&house, &maria, &id, "late").await;
    house.app.add_chat_participants(&late, &id, vec![with(&friend)]).await.unwrap();
    assert_eq!(texts(&house, &friend, &id).await, ["late"]);
    house.app.remove_chat_participant(&late, &id, &friend.raw_id).await.unwrap();
    house.pass(SECOND);
    house.app.add_chat_participants(&late, &id, vec![from_now(&friend)]).await.unwrap();
    assert_eq!(texts(&house, &friend, &id).await, [""; 0], "less than their own they may give");
    house.app.remove_chat_participant(&maria, &id, &friend.raw_id).await.unwrap();
    house.app.add_chat_participants(&maria, &id, vec![with(&friend)]).await.unwrap();
    assert_eq!(texts(&house, &friend, &id).await, ["late", "early"]);
}

#[tokio::test]
async fn a_repeated_creation_answers_only_who_is_in_the_thread() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let create = async |key: &str| {
        let keyed = NewThread {
            repeat_key: Some(key.to_owned()),
            ..thread(vec![with(&other)])
        };
        house.app.create_chat_thread(&maria, keyed).await
    };
    let id = create("left").await.unwrap().thread.id;
    let topic = |topic: &str| ThreadPatch {
        topic: Some(topic.to_owned()),
        ..ThreadPatch::default()
    };
    house.app.edit_chat_thread(&other, &id, topic("Known to her")).await.unwrap();
    assert_eq!(create("left").await.unwrap().thread.topic, "Known to her");
    house.app.remove_chat_participant(&other, &id, &maria.raw_id).await.unwrap();
    house.app.edit_chat_thread(&other, &id, topic("Behind her back")).await.unwrap();
    no_thread(create("left").await);
    let id = create("deleted").await.unwrap().thread.id;
    house.app.delete_chat_thread(&other, &id).await.unwrap();
    no_thread(create("deleted").await);
    create("new").await.unwrap();
}

#[tokio::test]
async fn a_full_chat_of_a_held_meeting_takes_whom_it_can_and_stays_open_to_its_members_only() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    let id = &meeting.thread_id;
    let (anna, ben, clara) = (member(&house, 0), member(&house, 1), member(&house, 2));
    let stranger = guest(&house, &[TokenScope::Chat]).await;
    house.app.open_meeting_chat(id).await.unwrap();
    fill(&house, id, MAX_MEETING_MEMBERS - 2).await;
    invite(&house, &meeting, &[house.ben(), house.clara()]).await;
    send(&house, &anna, id, "full").await;
    assert_eq!(texts(&house, &ben, id).await, ["full"]);
    no_thread(house.app.chat_thread(&clara, id).await);
    no_thread(house.app.chat_thread(&stranger, id).await);
    no_thread(house.app.chat_messages(&stranger, id, 0, None, 10).await);
    let admitted = house.app.admit_to_meeting_chat(id, &stranger.raw_id, None, house.app.now()).await;
    assert!(matches!(admitted, Err(ChatError::Forbidden { .. })), "{admitted:?}");
}

#[tokio::test]
async fn who_is_no_longer_invited_makes_room_for_who_is() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    let id = &meeting.thread_id;
    fill(&house, id, MAX_MEETING_MEMBERS - 1).await;
    invite(&house, &meeting, &[house.ben(), house.clara()]).await;
    for index in 0..3 {
        send(&house, &member(&house, index), id, "hello").await;
    }
    assert_eq!(house.app.chat_participants(&member(&house, 0), id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn who_was_uninvited_comes_back_with_a_new_invitation_and_who_was_removed_does_not() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), true).await;
    let id = &meeting.thread_id;
    let (anna, ben, clara) = (member(&house, 0), member(&house, 1), member(&house, 2));
    send(&house, &anna, id, "one").await;
    invite(&house, &meeting, &[]).await;
    no_thread(house.app.chat_messages(&ben, id, 0, None, 10).await);
    invite(&house, &meeting, &[house.ben()]).await;
    assert_eq!(texts(&house, &ben, id).await, ["one"]);
    // The end of a held meeting takes out whoever was not invited; an invitation brings them back too.
    house
        .app
        .admit_to_meeting_chat(id, &clara.raw_id, None, house.app.now())
        .await
        .unwrap();
    house.app.close_meeting_chat(id).await.unwrap();
    no_thread(house.app.chat_messages(&clara, id, 0, None, 10).await);
    invite(&house, &meeting, &[house.ben(), house.clara()]).await;
    assert_eq!(texts(&house, &clara, id).await, ["one"]);
    house.app.leave_meeting_chat(id, &ben.raw_id, ChatLeave::Removed).await.unwrap();
    invite(&house, &meeting, &[house.clara()]).await;
    invite(&house, &meeting, &[house.clara(), house.ben()]).await;
    no_thread(house.app.chat_thread(&ben, id).await);
    house
        .app
        .admit_to_meeting_chat(id, &ben.raw_id, None, house.app.now())
        .await
        .unwrap();
    assert_eq!(
        texts(&house, &ben, id).await,
        ["one"],
        "whoever admits them again lets them read again"
    );
}

#[tokio::test]
async fn who_is_out_of_the_chat_of_a_meeting_reads_nothing_of_it_any_more() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    let id = &meeting.thread_id;
    let maria = guest(&house, &[TokenScope::ChatJoin]).await;
    let admit = async || {
        let admitted = house.app.admit_to_meeting_chat(id, &maria.raw_id, None, house.app.now()).await;
        admitted.unwrap();
        let message = send(&house, &maria, id, "mine").await;
        assert_eq!(texts(&house, &maria, id).await, ["mine"]);
        house.app.chat_message(&maria, id, message).await.unwrap();
        house.pass(SECOND);
        message
    };
    let reads_nothing = async |message: i64| {
        no_thread(house.app.chat_messages(&maria, id, 0, None, 10).await);
        no_thread(house.app.chat_message(&maria, id, message).await);
    };
    for reason in [ChatLeave::Removed, ChatLeave::Left] {
        let message = admit().await;
        house.app.leave_meeting_chat(id, &maria.raw_id, reason).await.unwrap();
        reads_nothing(message).await;
    }
    let message = admit().await;
    house.app.close_meeting_chat(id).await.unwrap();
    reads_nothing(message).await;
    let message = admit().await;
    house.app.remove_chat_participant(&maria, id, &maria.raw_id).await.unwrap();
    reads_nothing(message).await;
}

#[tokio::test]
async fn the_chat_of_a_deleted_meeting_is_not_listed_and_is_swept() {
    let house = House::new().await;
    let (kept, gone) = (scheduled(&house, json!({}), false).await, scheduled(&house, json!({}), false).await);
    let anna = member(&house, 0);
    let own = house.app.create_chat_thread(&anna, thread(Vec::new())).await.unwrap().thread.id;
    send(&house, &anna, &gone.thread_id, "secret").await;
    // As after a crash between the deletion of the meeting and that of its chat.
    house.store.delete_meeting(&gone.thread_id, house.app.now()).await.unwrap();
    let listed: Vec<String> = house
        .app
        .chat_threads(&anna, 0, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|thread| thread.id)
        .collect();
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&kept.thread_id) && listed.contains(&own), "{listed:?}");
    let mut events = house.app.chat_events();
    assert_eq!(house.app.sweep_chat().await.unwrap(), 1);
    let event = events.recv().await.unwrap();
    assert!(matches!(&event.kind, ChatEventKind::ThreadDeleted { by: None, .. }));
    assert_eq!(event.thread_id, gone.thread_id);
    assert!(house.store.chat_thread(&gone.thread_id).await.unwrap().unwrap().deleted.is_some());
    assert_eq!(house.app.sweep_chat().await.unwrap(), 0);
    house.app.send_chat_message(&anna, &kept.thread_id, text("x")).await.unwrap();
    house.app.send_chat_message(&anna, &own, text("x")).await.unwrap();
}

#[tokio::test]
async fn a_held_chat_whose_meeting_was_deleted_is_deleted_when_it_closes() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    house.app.open_meeting_chat(&meeting.thread_id).await.unwrap();
    house.store.delete_meeting(&meeting.thread_id, house.app.now()).await.unwrap();
    house.app.close_abandoned_meeting_chats().await.unwrap();
    assert!(
        house
            .store
            .chat_thread(&meeting.thread_id)
            .await
            .unwrap()
            .unwrap()
            .deleted
            .is_some()
    );
    house.app.close_abandoned_meeting_chats().await.unwrap();
}

#[tokio::test]
async fn the_policy_over_chats_of_meetings_comes_first_and_counts_at_once() {
    let house = House::new().await;
    let meeting = scheduled(&house, json!({}), false).await;
    let id = &meeting.thread_id;
    let (anna, maria) = (member(&house, 0), guest(&house, &[TokenScope::Chat]).await);
    let administrator = as_member(&house.clara(), &["Settings.ReadWrite.All"]);
    let set = async |value| {
        let policy = MeetingPolicy {
            meeting_chat_enabled_type: value,
            ..MeetingPolicy::default()
        };
        house.app.update_settings(&administrator, None, Some(policy)).await.unwrap();
    };
    house
        .app
        .admit_to_meeting_chat(id, &maria.raw_id, Some("Maria"), house.app.now())
        .await
        .unwrap();
    send(&house, &maria, id, "hello").await;

    set(MeetingChatEnabledType::EnabledExceptAnonymous).await;
    no_thread(house.app.send_chat_message(&maria, id, text("x")).await);
    no_thread(house.app.chat_messages(&maria, id, 0, None, 10).await);
    let mut events = house.app.chat_events();
    send(&house, &anna, id, "among us").await;
    let told = events.try_recv().unwrap();
    assert_eq!(
        &*told.recipients,
        std::slice::from_ref(&anna.raw_id),
        "nothing is pushed to whom the policy keeps out"
    );
    let late = guest(&house, &[TokenScope::Chat]).await;
    house
        .app
        .admit_to_meeting_chat(id, &late.raw_id, None, house.app.now())
        .await
        .unwrap();
    no_thread(house.app.chat_messages(&late, id, 0, None, 10).await);

    set(MeetingChatEnabledType::Disabled).await;
    forbidden(house.app.send_chat_message(&anna, id, text("x")).await);
    set(MeetingChatEnabledType::Enabled).await;
    send(&house, &anna, id, "everybody again").await;
    send(&house, &maria, id, "thank you").await;
}

#[tokio::test]
async fn html_is_made_safe_before_it_is_kept_and_told_and_text_stays_as_it_is() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, &[TokenScope::Chat]).await, guest(&house, &[TokenScope::Chat]).await);
    let new = thread(vec![with(&other)]);
    let id = house.app.create_chat_thread(&maria, new).await.unwrap().thread.id;
    let mut events = house.app.chat_events();
    let mut told = || match &events.try_recv().unwrap().kind {
        ChatEventKind::MessageReceived(message) | ChatEventKind::MessageEdited(message) => (message.kind, message.content.clone()),
        event => panic!("{event:?}"),
    };
    let hostile = "<form action=https://evil.example><b>go</b></form><a href=javascript:x>a</a>";
    let safe = "<b>go</b><a rel=\"noopener noreferrer\">a</a>";
    let draft = |content: &str| MessageDraft {
        html: true,
        ..text(content)
    };
    let patch = |content: &str| MessagePatch {
        content: Some(content.to_owned()),
        metadata: None,
    };
    let refused = |result: Result<(), ChatError>| assert!(matches!(result, Err(ChatError::Invalid { field: "content", .. })));

    let html = house.app.send_chat_message(&maria, &id, draft(hostile)).await.unwrap();
    assert_eq!((told(), html.content.as_str()), ((MessageKind::Html, safe.to_owned()), safe));
    house
        .app
        .edit_chat_message(&maria, &id, html.id, patch("<p>plain</p>"))
        .await
        .unwrap();
    assert_eq!(told().1, "<p>plain</p>");
    house.app.edit_chat_message(&maria, &id, html.id, patch(hostile)).await.unwrap();
    assert_eq!(told().1, safe);
    assert_eq!(house.app.chat_message(&other, &id, html.id).await.unwrap().content, safe);
    refused(house.app.send_chat_message(&maria, &id, draft("<img src=x>")).await.map(drop));
    refused(house.app.edit_chat_message(&maria, &id, html.id, patch("<img src=x>")).await);
    assert_eq!(house.app.chat_message(&other, &id, html.id).await.unwrap().content, safe);

    let plain = send(&house, &maria, &id, hostile).await;
    assert_eq!(told(), (MessageKind::Text, hostile.to_owned()));
    house.app.edit_chat_message(&maria, &id, plain, patch("<img src=x>")).await.unwrap();
    assert_eq!(house.app.chat_message(&other, &id, plain).await.unwrap().content, "<img src=x>");
}

#[tokio::test]
async fn attachments_that_would_break_the_pages_of_others_are_neither_sent_nor_edited_in() {
    let house = House::new().await;
    let maria = guest(&house, &[TokenScope::Chat]).await;
    let id = house.app.create_chat_thread(&maria, thread(Vec::new())).await.unwrap().thread.id;
    let metadata = |attachments: &str| Map::from_iter([("fileSharingMetadata".to_owned(), json!(attachments))]);
    let send = async |attachments: &str| {
        let draft = MessageDraft {
            metadata: metadata(attachments),
            ..text("x")
        };
        house.app.send_chat_message(&maria, &id, draft).await
    };
    let edit = async |message: i64, attachments: &str| {
        let patch = MessagePatch {
            content: None,
            metadata: Some(metadata(attachments)),
        };
        house.app.edit_chat_message(&maria, &id, message, patch).await
    };
    let good = r#"[{"id":"1","name":"x.txt","url":"https://example.org/x.txt"}]"#;
    let sent = send(good).await.unwrap();
    assert_eq!(sent.metadata, metadata(good));
    for bad in ["5", "[null]", r#"[{"id":"1","name":"x","url":"javascript:x"}]"#] {
        assert!(matches!(send(bad).await, Err(ChatError::Invalid { field: "metadata", .. })));
        assert!(matches!(
            edit(sent.id, bad).await,
            Err(ChatError::Invalid { field: "metadata", .. })
        ));
    }
    assert_eq!(house.app.chat_message(&maria, &id, sent.id).await.unwrap().metadata, metadata(good));
    edit(sent.id, "[]").await.unwrap();
}
