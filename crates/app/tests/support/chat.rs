//! People who chat, threads and meetings to chat in, and what tests ask about them.

use app::chat::{ChatAccess, ChatCaller, ChatError, MessageDraft, NewThread};
use app::model::{MessageKind, NamedParticipant, OnlineMeeting, Retention};
use app::permissions::MEETINGS_READ_WRITE;
use app::{MeetingDraft, MeetingPatch, Micros, TokenScope};
use serde_json::Map;

use super::{House, SECOND, as_member};

/// A guest with a token of these scopes.
pub(crate) async fn guest(house: &House, scopes: &[TokenScope]) -> ChatCaller {
    let identity = house.app.create_identity().await.unwrap();
    let token = house.app.issue_token(&identity.id, scopes, None).await.unwrap();
    house.app.chat_caller(&token.token).await.unwrap()
}

/// A member with a communication token, as the exchange gives it.
pub(crate) fn member(house: &House, index: usize) -> ChatCaller {
    let member = &house.dev.members[index].member;
    ChatCaller {
        raw_id: member.raw_id(),
        access: ChatAccess::Full,
        display_name: Some(member.display_name.clone()),
        expires: Micros::MAX,
        token_issued: house.app.now(),
        client_id: None,
    }
}

pub(crate) fn with(caller: &ChatCaller) -> NamedParticipant {
    NamedParticipant {
        raw_id: caller.raw_id.clone(),
        display_name: None,
        share_history: 0,
        metadata: Map::new(),
    }
}

pub(crate) fn thread(participants: Vec<NamedParticipant>) -> NewThread {
    NewThread {
        topic: "Visit".to_owned(),
        participants,
        metadata: Map::new(),
        retention: Retention::None,
        repeat_key: None,
    }
}

pub(crate) fn text(content: &str) -> MessageDraft {
    MessageDraft {
        content: content.to_owned(),
        ..MessageDraft::default()
    }
}

pub(crate) async fn send(house: &House, caller: &ChatCaller, thread_id: &str, content: &str) -> i64 {
    house.pass(SECOND);
    house.app.send_chat_message(caller, thread_id, text(content)).await.unwrap().id
}

/// What people wrote, as the caller sees it, newest first.
pub(crate) async fn texts(house: &House, caller: &ChatCaller, thread_id: &str) -> Vec<String> {
    let messages = house.app.chat_messages(caller, thread_id, 0, None, 200).await.unwrap();
    let written = messages.into_iter().filter(|message| message.kind == MessageKind::Text);
    written.map(|message| message.content).collect()
}

pub(crate) async fn scheduled(house: &House, extra: serde_json::Value, invite_ben: bool) -> OnlineMeeting {
    let anna = house.anna();
    let mut draft = MeetingDraft {
        subject: Some("Consultation".to_owned()),
        extra: extra.as_object().cloned().unwrap(),
        ..MeetingDraft::default()
    };
    if invite_ben {
        draft.invitees.push(app::model::Invitee {
            member_id: Some(house.ben().id),
            upn: None,
            role: app::model::InviteeRole::Attendee,
        });
    }
    let caller = as_member(&anna, &[MEETINGS_READ_WRITE]);
    house.app.schedule(&caller, &anna.id, draft).await.unwrap()
}

pub(crate) async fn change(house: &House, meeting: &OnlineMeeting, patch: MeetingPatch) {
    let anna = house.anna();
    let caller = as_member(&anna, &[MEETINGS_READ_WRITE]);
    house
        .app
        .update_meeting(&caller, &anna.id, &house.graph_id(meeting), patch)
        .await
        .unwrap();
}

pub(crate) fn no_thread<T: std::fmt::Debug>(result: Result<T, ChatError>) {
    assert!(matches!(result, Err(ChatError::NoThread)), "{result:?}");
}

pub(crate) fn forbidden<T: std::fmt::Debug>(result: Result<T, ChatError>) {
    assert!(matches!(result, Err(ChatError::Forbidden { .. })), "{result:?}");
}
