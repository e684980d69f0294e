//! Chat: places of messages, membership inside the transaction, who is told, what stays of the deleted.

use std::sync::Arc;

use app::chat::{Adding, Clearing, MeetingChatState, MessageRange, NewMessage, ThreadEdit};
use app::model::{ChatMember, ChatMessage, ChatThread, MessageKind, NamedParticipant, OnlineMeeting, ReadReceipt, Retention, ThreadKind};
use app::ports::{Store, StoreError};
use serde_json::{Map, Value, json};

use super::backend::Backend;
use super::fixtures;

const ID: &str = "19:thread@thread.v2";
const DAY: i64 = 24 * 3600 * 1_000_000;
const ALL: MessageRange = MessageRange {
    from: 0,
    until: i64::MAX,
    before: i64::MAX,
    top: 100,
};

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn thread(id: &str, created: i64) -> ChatThread {
    ChatThread {
        id: id.into(),
        kind: ThreadKind::Chat,
        topic: "Ünïcode ' topic".into(),
        created,
        created_by: "8:maria".into(),
        metadata: object(&json!({ "a": "1" })),
        retention: Retention::None,
        deleted: None,
        last_message: None,
    }
}

fn member(thread_id: &str, raw_id: &str, added: i64) -> ChatMember {
    ChatMember {
        thread_id: thread_id.into(),
        raw_id: raw_id.into(),
        display_name: Some(format!("Name of {raw_id}")),
        share_history: 0,
        metadata: object(&json!({ "x": "y" })),
        added,
        removed: None,
        uninvited: false,
    }
}

fn named(member: &ChatMember) -> NamedParticipant {
    NamedParticipant {
        raw_id: member.raw_id.clone(),
        display_name: member.display_name.clone(),
        share_history: member.share_history,
        metadata: member.metadata.clone(),
    }
}

fn text(sender: &str, content: &str) -> NewMessage {
    NewMessage {
        kind: MessageKind::Text,
        sender: sender.into(),
        sender_display_name: Some("Maria".into()),
        content: content.into(),
        participants: Vec::new(),
        metadata: object(&json!({ "m": "1" })),
    }
}

/// A thread of Maria and Ben, made at second 1.
async fn started(store: &Arc<dyn Store>) {
    let members = [member(ID, "8:maria", 1_000_000), member(ID, "8:ben", 1_000_000)];
    let first = NewMessage::system(MessageKind::ParticipantAdded, "8:maria", "", members.iter().map(named).collect());
    let second = NewMessage::system(MessageKind::TopicUpdated, "8:maria", "topic", Vec::new());
    store
        .insert_chat_thread(&thread(ID, 1_000_000), None, &members, &[first, second])
        .await
        .unwrap();
}

async fn send(store: &Arc<dyn Store>, sender: &str, content: &str, at: i64) -> ChatMessage {
    let sent = store.append_chat_message(ID, &text(sender, content), at).await.unwrap();
    sent.unwrap().value
}

async fn contents(store: &Arc<dyn Store>, range: MessageRange) -> Vec<String> {
    let messages = store.chat_messages(ID, range).await.unwrap();
    messages.into_iter().map(|message| message.content).collect()
}

pub(crate) async fn a_thread_comes_back_as_it_was_with_its_first_messages(backend: &impl Backend) {
    {
        started(&backend.open().await).await;
    }
    let store = backend.open().await;
    assert_eq!(store.chat_thread(ID).await.unwrap(), Some(thread(ID, 1_000_000)));
    assert_eq!(store.chat_thread("other").await.unwrap(), None);
    let members = store.chat_members(ID).await.unwrap();
    assert_eq!(members, [member(ID, "8:ben", 1_000_000), member(ID, "8:maria", 1_000_000)]);
    assert_eq!(store.chat_member(ID, "8:ben").await.unwrap().as_ref(), members.first());
    let messages = store.chat_messages(ID, ALL).await.unwrap();
    let places: Vec<_> = messages
        .iter()
        .map(|message| (message.kind, message.sequence, message.id, message.created))
        .collect();
    assert_eq!(
        places,
        [
            (MessageKind::TopicUpdated, 2, 1001, 1_000_001),
            (MessageKind::ParticipantAdded, 1, 1000, 1_000_000)
        ]
    );
    assert_eq!(messages[1].participants.len(), 2);
    let again = store.insert_chat_thread(&thread(ID, 5), None, &[], &[]).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    assert_eq!(store.chat_thread(ID).await.unwrap(), Some(thread(ID, 1_000_000)));
}

pub(crate) async fn messages_get_growing_places_also_when_the_clock_steps_back(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let one = send(&store, "8:maria", "one", 5_000_000).await;
    let two = send(&store, "8:ben", "two", 5_000_000).await;
    let three = send(&store, "8:maria", "three", 2_000_000).await;
    let places: Vec<_> = [&one, &two, &three]
        .map(|message| (message.sequence, message.id, message.version, message.created))
        .into();
    assert_eq!(
        places,
        [(3, 5000, 5000, 5_000_000), (4, 5001, 5001, 5_000_001), (5, 5002, 5002, 5_000_002)]
    );
    assert_eq!(store.chat_message(ID, two.id).await.unwrap(), Some(two.clone()));
    assert_eq!(store.chat_message(ID, 1).await.unwrap(), None);
    assert_eq!(store.chat_thread(ID).await.unwrap().unwrap().last_message, Some(5_000_002));
    assert_eq!(contents(&store, MessageRange { top: 2, ..ALL }).await, ["three", "two"]);
    assert_eq!(
        contents(
            &store,
            MessageRange {
                before: 5001,
                from: 1_000_001,
                ..ALL
            }
        )
        .await,
        ["one", "topic"]
    );
    assert_eq!(
        contents(
            &store,
            MessageRange {
                until: 5_000_001,
                top: 2,
                ..ALL
            }
        )
        .await,
        ["two", "one"]
    );
}

pub(crate) async fn many_who_write_at_once_get_places_of_their_own(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let writers = (0..24).map(|index| {
        let store = Arc::clone(&store);
        let sender = if index % 2 == 0 { "8:maria" } else { "8:ben" };
        tokio::spawn(async move { send(&store, sender, &index.to_string(), 9_000_000).await })
    });
    let mut places = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        let message = writer.await.unwrap();
        places.push((message.sequence, message.id));
    }
    places.sort_unstable();
    let expected: Vec<_> = (0..24).map(|index| (3 + index, 9000 + index)).collect();
    assert_eq!(places, expected);
}

pub(crate) async fn only_members_of_a_living_thread_write(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let at = 5_000_000;
    let message = send(&store, "8:maria", "x", at).await;
    let edit = ThreadEdit {
        topic: Some("other".into()),
        ..ThreadEdit::default()
    };
    let receipt = |reader: &str| ReadReceipt {
        thread_id: ID.into(),
        reader: reader.into(),
        message_id: message.id,
        read: at,
    };
    let refused = async |who: &str| {
        assert_eq!(store.append_chat_message(ID, &text(who, "x"), at).await.unwrap(), None);
        assert_eq!(
            store.edit_chat_message(ID, message.id, who, Some("y"), None, at).await.unwrap(),
            None
        );
        assert_eq!(store.delete_chat_message(ID, message.id, who, at).await.unwrap(), None);
        assert_eq!(store.edit_chat_thread(ID, who, &edit, at).await.unwrap(), None);
        assert_eq!(store.delete_chat_thread(ID, Some(who), at).await.unwrap(), None);
        assert_eq!(store.put_chat_receipt(&receipt(who)).await.unwrap(), None);
        let people = [member(ID, "8:new", at)];
        assert_eq!(
            store.add_chat_members(ID, who, true, &people, 9, at).await.unwrap(),
            Adding::Refused
        );
        assert_eq!(
            store.remove_chat_members(ID, who, true, &["8:maria".into()], at).await.unwrap(),
            None
        );
    };
    refused("8:stranger").await;
    store
        .remove_chat_members(ID, "8:maria", true, &["8:maria".into()], at)
        .await
        .unwrap()
        .unwrap();
    refused("8:maria").await;
    assert_eq!(store.chat_message(ID, message.id).await.unwrap(), Some(message));
    assert_eq!(store.chat_members(ID).await.unwrap().len(), 1);
    store.append_chat_message(ID, &text("8:ben", "x"), at).await.unwrap().unwrap();
    store.delete_chat_thread(ID, Some("8:ben"), at).await.unwrap().unwrap();
    assert_eq!(store.append_chat_message(ID, &text("8:ben", "x"), at).await.unwrap(), None);
    let nobody = store.add_chat_members(ID, "8:ben", false, &[member(ID, "8:new", at)], 9, at).await;
    assert_eq!(nobody.unwrap(), Adding::Refused);
}

pub(crate) async fn adding_is_for_the_new_up_to_the_limit_and_tells_of_them_once(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let at = 7_000_000;
    let add = async |ids: &[&str], limit| {
        let members: Vec<_> = ids.iter().map(|id| member(ID, id, at)).collect();
        store.add_chat_members(ID, "8:maria", true, &members, limit, at).await.unwrap()
    };
    assert_eq!(add(&["8:a", "8:b"], 3).await, Adding::Full);
    assert_eq!(store.chat_members(ID).await.unwrap().len(), 2, "nobody of a batch too many");
    let Adding::Added(added) = add(&["8:b", "8:ben", "8:a", "8:b"], 4).await else {
        panic!("added")
    };
    let names: Vec<_> = added.value.iter().map(|one| one.raw_id.as_str()).collect();
    assert_eq!(names, ["8:b", "8:a"]);
    assert_eq!(added.told, ["8:ben", "8:maria", "8:a", "8:b"]);
    let Adding::Added(nobody) = add(&["8:a", "8:ben"], 1).await else {
        panic!("nobody is new, so nothing is too much")
    };
    assert_eq!(nobody.value, []);
    let system = store.chat_messages(ID, ALL).await.unwrap();
    assert_eq!((system.len(), system[0].kind), (3, MessageKind::ParticipantAdded));
    assert_eq!(system[0].participants, added.value);
}

pub(crate) async fn who_was_removed_is_remembered_and_comes_back_with_a_new_history(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let remove = async |ids: &[&str], at| {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        store.remove_chat_members(ID, "8:maria", true, &ids, at).await.unwrap().unwrap()
    };
    let gone = remove(&["8:ben", "8:never"], 4_000_000).await;
    assert_eq!(gone.value, [named(&member(ID, "8:ben", 0))]);
    assert_eq!(gone.told, ["8:ben", "8:maria"]);
    let ben = store.chat_member(ID, "8:ben").await.unwrap().unwrap();
    let last = store.chat_messages(ID, ALL).await.unwrap().swap_remove(0);
    assert_eq!((last.kind, Some(last.created)), (MessageKind::ParticipantRemoved, ben.removed));
    assert_eq!(remove(&["8:ben"], 5_000_000).await.value, []);
    assert_eq!(store.chat_member(ID, "8:ben").await.unwrap().unwrap().removed, ben.removed);
    assert_eq!(store.chat_messages(ID, ALL).await.unwrap().len(), 3);
    let again = ChatMember {
        share_history: 6_000_000,
        ..member(ID, "8:ben", 6_000_000)
    };
    store
        .add_chat_members(ID, "8:maria", true, std::slice::from_ref(&again), 9, 6_000_000)
        .await
        .unwrap();
    assert_eq!(store.chat_member(ID, "8:ben").await.unwrap(), Some(again));
}

pub(crate) async fn those_are_told_who_may_see_it(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let early = send(&store, "8:maria", "early", 2_000_000).await;
    let late = ChatMember {
        share_history: 3_000_000,
        ..member(ID, "8:late", 3_000_000)
    };
    store.add_chat_members(ID, "8:maria", true, &[late], 9, 3_000_000).await.unwrap();
    let told = store
        .edit_chat_message(ID, early.id, "8:maria", Some("y"), None, 4_000_000)
        .await
        .unwrap()
        .unwrap()
        .told;
    assert_eq!(told, ["8:ben", "8:maria"]);
    let told = store
        .append_chat_message(ID, &text("8:ben", "z"), 5_000_000)
        .await
        .unwrap()
        .unwrap()
        .told;
    assert_eq!(told, ["8:ben", "8:maria", "8:late"]);
}

pub(crate) async fn an_edited_message_keeps_its_place_and_a_deleted_one_loses_its_content(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let sent = send(&store, "8:maria", "before", 5_000_000).await;
    assert_eq!(
        store
            .edit_chat_message(ID, sent.id, "8:ben", Some("x"), None, 6_000_000)
            .await
            .unwrap(),
        None
    );
    let edited = store
        .edit_chat_message(ID, sent.id, "8:maria", Some("after"), None, 6_000_000)
        .await
        .unwrap()
        .unwrap()
        .value;
    let expected = ChatMessage {
        content: "after".into(),
        version: 6000,
        edited: Some(6_000_000),
        ..sent.clone()
    };
    assert_eq!(edited, expected);
    let metadata = object(&json!({ "n": "2" }));
    let edited = store
        .edit_chat_message(ID, sent.id, "8:maria", None, Some(&metadata), 3_000_000)
        .await
        .unwrap()
        .unwrap()
        .value;
    assert_eq!(
        (edited.content.as_str(), &edited.metadata, edited.version),
        ("after", &metadata, 6001)
    );
    assert_eq!(store.delete_chat_message(ID, sent.id, "8:ben", 8_000_000).await.unwrap(), None);
    let stone = store
        .delete_chat_message(ID, sent.id, "8:maria", 8_000_000)
        .await
        .unwrap()
        .unwrap()
        .value;
    assert_eq!(
        (stone.content.as_str(), stone.metadata.len(), stone.sender_display_name.as_ref()),
        ("", 0, None)
    );
    assert_eq!(
        (stone.id, stone.sequence, stone.version, stone.deleted),
        (sent.id, 3, 8000, Some(8_000_000))
    );
    assert_eq!(store.chat_message(ID, sent.id).await.unwrap(), Some(stone));
    assert_eq!(store.delete_chat_message(ID, sent.id, "8:maria", 9_000_000).await.unwrap(), None);
    assert_eq!(
        store
            .edit_chat_message(ID, sent.id, "8:maria", Some("x"), None, 9_000_000)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store.delete_chat_message(ID, 1000, "8:maria", 9_000_000).await.unwrap(),
        None,
        "a message of the system"
    );
}

pub(crate) async fn a_thread_is_edited_in_part_and_says_so_when_its_topic_is_another(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let edit = async |edit: ThreadEdit| store.edit_chat_thread(ID, "8:ben", &edit, 5_000_000).await.unwrap().unwrap();
    let same = edit(ThreadEdit {
        topic: Some("Ünïcode ' topic".into()),
        metadata: Some(Map::new()),
        retention: None,
    });
    assert_eq!(
        same.await.value,
        ChatThread {
            metadata: Map::new(),
            ..thread(ID, 1_000_000)
        }
    );
    assert_eq!(store.chat_messages(ID, ALL).await.unwrap().len(), 2);
    let retention = Retention::ThreadCreationDate {
        delete_thread_after_days: 30,
    };
    let other = edit(ThreadEdit {
        topic: Some("New".into()),
        metadata: None,
        retention: Some(retention),
    });
    let other = other.await;
    assert_eq!(other.told, ["8:ben", "8:maria"]);
    assert_eq!(store.chat_thread(ID).await.unwrap(), Some(other.value.clone()));
    assert_eq!((other.value.topic.as_str(), other.value.retention), ("New", retention));
    let last = store.chat_messages(ID, ALL).await.unwrap().swap_remove(0);
    assert_eq!(
        (last.kind, last.content.as_str(), last.sender.as_str()),
        (MessageKind::TopicUpdated, "New", "8:ben")
    );
}

pub(crate) async fn threads_are_listed_newest_first_in_pages_for_their_members(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, created) in [("b", 10), ("a", 10), ("c", 20), ("d", 5)] {
        let thread = ChatThread {
            retention: if id == "d" {
                Retention::ThreadCreationDate {
                    delete_thread_after_days: 30,
                }
            } else {
                Retention::None
            },
            ..thread(id, created)
        };
        let maria = ChatMember {
            share_history: 3,
            ..member(id, "8:maria", created)
        };
        store.insert_chat_thread(&thread, None, &[maria], &[]).await.unwrap();
    }
    let list = async |who: &str, since, after, now, top| {
        let found = store.chat_threads_of(who, since, after, now, top).await.unwrap();
        found.into_iter().map(|(thread, share)| (thread.id, share)).collect::<Vec<_>>()
    };
    let ids = |ids: &[&str]| ids.iter().map(|&id| (id.to_owned(), 3)).collect::<Vec<_>>();
    assert_eq!(list("8:maria", 0, None, 50, 3).await, ids(&["c", "a", "b"]));
    assert_eq!(list("8:maria", 0, Some((10, "a")), 50, 3).await, ids(&["b", "d"]));
    assert_eq!(list("8:maria", 0, None, 5 + 30 * DAY, 9).await, ids(&["c", "a", "b"]), "one is due");
    assert_eq!(list("8:maria", 11, None, 50, 9).await, ids(&["c"]));
    store.append_chat_message("b", &text("8:maria", "x"), 40).await.unwrap().unwrap();
    assert_eq!(list("8:maria", 11, None, 50, 9).await, ids(&["c", "b"]), "written to since");
    assert_eq!(list("8:ben", 0, None, 50, 9).await, ids(&[]));
    store
        .remove_chat_members("c", "8:maria", true, &["8:maria".into()], 60)
        .await
        .unwrap()
        .unwrap();
    store.delete_chat_thread("a", None, 60).await.unwrap().unwrap();
    assert_eq!(list("8:maria", 0, None, 60, 9).await, ids(&["b", "d"]));
}

pub(crate) async fn a_deleted_thread_keeps_its_id_and_nothing_that_was_in_it(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let message = send(&store, "8:maria", "secret", 5_000_000).await;
    let deleted = store.delete_chat_thread(ID, None, 9).await.unwrap().unwrap();
    assert_eq!(deleted.told, ["8:ben", "8:maria"]);
    assert_eq!(store.delete_chat_thread(ID, None, 10).await.unwrap(), None);
    let stone = store.chat_thread(ID).await.unwrap().unwrap();
    assert_eq!((stone.deleted, stone.topic.as_str(), stone.metadata.len()), (Some(9), "", 0));
    assert_eq!(store.chat_message(ID, message.id).await.unwrap(), None);
    assert_eq!(store.chat_messages(ID, ALL).await.unwrap(), []);
    assert_eq!(store.chat_members(ID).await.unwrap(), []);
    let again = store.insert_chat_thread(&thread(ID, 1), None, &[], &[]).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
}

pub(crate) async fn receipts_only_move_forward_and_leave_with_their_reader(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let receipt = |reader: &str, message_id, read| ReadReceipt {
        thread_id: ID.into(),
        reader: reader.into(),
        message_id,
        read,
    };
    let put = async |receipt: ReadReceipt| store.put_chat_receipt(&receipt).await.unwrap().map(|put| put.told);
    assert_eq!(put(receipt("8:maria", 1001, 5)).await.unwrap(), ["8:ben", "8:maria"]);
    assert_eq!(put(receipt("8:maria", 1000, 6)).await, None);
    assert_eq!(put(receipt("8:maria", 1001, 7)).await, None);
    put(receipt("8:ben", 1000, 8)).await.unwrap();
    put(receipt("8:ben", 1001, 9)).await.unwrap();
    assert_eq!(
        store.chat_receipts(ID).await.unwrap(),
        [receipt("8:ben", 1001, 9), receipt("8:maria", 1001, 5)]
    );
    store
        .remove_chat_members(ID, "8:maria", true, &["8:ben".into()], 10)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.chat_receipts(ID).await.unwrap(), [receipt("8:maria", 1001, 5)]);
}

pub(crate) async fn due_threads_are_found_in_order_until_they_are_deleted(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, days) in [("long", 90), ("short", 30)] {
        let thread = ChatThread {
            retention: Retention::ThreadCreationDate {
                delete_thread_after_days: days,
            },
            ..thread(id, 7)
        };
        store.insert_chat_thread(&thread, None, &[], &[]).await.unwrap();
    }
    started(&store).await;
    assert_eq!(store.due_chat_threads(7 + 30 * DAY - 1, 9).await.unwrap(), [""; 0]);
    assert_eq!(store.due_chat_threads(7 + 30 * DAY, 9).await.unwrap(), ["short"]);
    assert_eq!(store.due_chat_threads(100 * DAY, 9).await.unwrap(), ["short", "long"]);
    assert_eq!(store.due_chat_threads(100 * DAY, 1).await.unwrap(), ["short"]);
    store.delete_chat_thread("short", None, 1).await.unwrap().unwrap();
    assert_eq!(store.due_chat_threads(100 * DAY, 9).await.unwrap(), ["long"]);
}

pub(crate) async fn the_thread_of_a_meeting_knows_its_revision_and_whether_it_is_held(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let meeting = ChatThread {
        kind: ThreadKind::Meeting,
        ..thread("meeting", 1)
    };
    store.insert_chat_thread(&meeting, Some(3), &[], &[]).await.unwrap();
    assert_eq!(store.chat_thread("meeting").await.unwrap(), Some(meeting));
    let state = async || store.meeting_chat("meeting").await.unwrap();
    let known = |revision, held_since| Some(MeetingChatState { revision, held_since });
    assert_eq!(state().await, known(3, None));
    assert_eq!(store.meeting_chat(ID).await.unwrap(), None, "no thread of a meeting");
    store.put_meeting_chat_revision("meeting", 4).await.unwrap();
    assert!(store.hold_meeting_chat("meeting", 50).await.unwrap());
    assert!(!store.hold_meeting_chat("meeting", 60).await.unwrap());
    assert_eq!(state().await, known(4, Some(50)));
    assert_eq!(store.held_meeting_chats().await.unwrap(), ["meeting"]);
    store.delete_chat_thread("meeting", None, 80).await.unwrap().unwrap();
    assert_eq!((state().await, store.held_meeting_chats().await.unwrap().len()), (None, 0));
    assert!(!store.hold_meeting_chat("meeting", 90).await.unwrap());
}

/// The thread of a meeting that follows revision 3, with these members.
async fn meeting_of(store: &Arc<dyn Store>, members: &[&str]) {
    let thread = ChatThread {
        kind: ThreadKind::Meeting,
        ..thread("meeting", 1)
    };
    let members: Vec<_> = members.iter().map(|raw_id| member("meeting", raw_id, 1)).collect();
    store.insert_chat_thread(&thread, Some(3), &members, &[]).await.unwrap();
}

async fn present(store: &Arc<dyn Store>) -> Vec<String> {
    let members = store.chat_members("meeting").await.unwrap();
    members.into_iter().map(|member| member.raw_id).collect()
}

pub(crate) async fn who_is_not_kept_goes_unless_the_meeting_is_held(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    meeting_of(&store, &["8:anna", "8:ben", "8:clara"]).await;
    let clear = async |thread_id: &str, keep: &[&str], clearing, at| {
        let keep: Vec<String> = keep.iter().map(|&raw_id| raw_id.to_owned()).collect();
        store.clear_meeting_chat(thread_id, "8:anna", &keep, clearing, at).await.unwrap()
    };
    store.hold_meeting_chat("meeting", 50).await.unwrap();
    assert_eq!(clear("meeting", &["8:anna"], Clearing::UnlessHeld, 60).await, None);
    assert_eq!(
        present(&store).await,
        ["8:anna", "8:ben", "8:clara"],
        "somebody just admitted stays"
    );
    let cleared = clear("meeting", &["8:anna", "8:ben"], Clearing::AtTheEnd { revision: 9 }, 70)
        .await
        .unwrap();
    assert_eq!(cleared.told, ["8:anna", "8:ben", "8:clara"]);
    assert_eq!(cleared.value, [named(&member("meeting", "8:clara", 0))]);
    let over = MeetingChatState {
        revision: 3,
        held_since: None,
    };
    assert_eq!(
        store.meeting_chat("meeting").await.unwrap(),
        Some(over),
        "taken out and no longer held, in one"
    );
    let clara = store.chat_member("meeting", "8:clara").await.unwrap().unwrap();
    assert_eq!((clara.removed, clara.uninvited), (Some(70), true));
    let cleared = clear("meeting", &["8:anna"], Clearing::UnlessHeld, 80).await.unwrap();
    assert_eq!(cleared.value.len(), 1);
    let nobody = clear("meeting", &["8:anna"], Clearing::AtTheEnd { revision: 2 }, 90).await.unwrap();
    assert_eq!((nobody.value.len(), nobody.told.len()), (0, 0));
    let state = store.meeting_chat("meeting").await.unwrap().unwrap();
    assert_eq!(state.revision, 2, "what was decided by an older revision is looked at again");
    let messages = store.chat_messages("meeting", ALL).await.unwrap();
    assert_eq!(messages.len(), 2, "one message for each who went, none for nobody");
    for thread_id in [ID, "never"] {
        assert_eq!(clear(thread_id, &[], Clearing::UnlessHeld, 95).await, None);
        assert_eq!(clear(thread_id, &[], Clearing::AtTheEnd { revision: 1 }, 95).await, None);
    }
    assert_eq!(
        store.chat_members(ID).await.unwrap().len(),
        2,
        "only threads of meetings are cleared"
    );
}

pub(crate) async fn it_is_noted_whether_somebody_was_sent_away_or_is_not_invited(backend: &impl Backend) {
    let store = backend.open().await;
    meeting_of(&store, &["8:anna", "8:ben"]).await;
    let ben = async || {
        let ben = store.chat_member("meeting", "8:ben").await.unwrap().unwrap();
        (ben.removed.is_some(), ben.uninvited)
    };
    let back = async || {
        let ben = [member("meeting", "8:ben", 5)];
        store.add_chat_members("meeting", "8:anna", false, &ben, 9, 5).await.unwrap();
    };
    assert_eq!(ben().await, (false, false));
    let keep = ["8:anna".to_owned()];
    store
        .clear_meeting_chat("meeting", "8:anna", &keep, Clearing::UnlessHeld, 6)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ben().await, (true, true));
    back().await;
    assert_eq!(ben().await, (false, false));
    store
        .remove_chat_members("meeting", "8:anna", false, &["8:ben".into()], 7)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ben().await, (true, false));
    store
        .clear_meeting_chat("meeting", "8:anna", &keep, Clearing::UnlessHeld, 8)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ben().await, (true, false), "who is out stays out as they went");
}

pub(crate) async fn nobody_is_shown_older_messages_than_the_member_who_adds_them(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    let from = |raw_id: &str, share_history| ChatMember {
        share_history,
        ..member(ID, raw_id, 5)
    };
    let add = async |by: &str, as_member, people: ChatMember| {
        let raw_id = people.raw_id.clone();
        let Adding::Added(added) = store.add_chat_members(ID, by, as_member, &[people], 9, 5).await.unwrap() else {
            panic!("added")
        };
        let kept = store.chat_member(ID, &raw_id).await.unwrap().unwrap().share_history;
        assert_eq!(added.value[0].share_history, kept);
        kept
    };
    assert_eq!(add("8:maria", true, from("8:late", 40)).await, 40);
    assert_eq!(add("8:late", true, from("8:a", 0)).await, 40);
    assert_eq!(add("8:late", true, from("8:b", 70)).await, 70);
    assert_eq!(add("8:maria", true, from("8:c", 0)).await, 0);
    assert_eq!(add("8:late", false, from("8:d", 0)).await, 0, "what the server decides stands");
}

pub(crate) async fn the_thread_of_a_deleted_meeting_is_found_and_not_listed(backend: &impl Backend) {
    let store = backend.open().await;
    started(&store).await;
    meeting_of(&store, &["8:maria"]).await;
    assert_eq!(
        store.orphaned_meeting_chats(9).await.unwrap(),
        ["meeting"],
        "there is no such meeting"
    );
    store.put_member(&fixtures::member("anna")).await.unwrap();
    let meeting = OnlineMeeting {
        thread_id: "meeting".into(),
        ..fixtures::meeting("1", "anna")
    };
    store.insert_meeting(&meeting).await.unwrap();
    let listed = async || {
        let threads = store.chat_threads_of("8:maria", 0, None, 5, 9).await.unwrap();
        threads.into_iter().map(|(thread, _)| thread.id).collect::<Vec<_>>()
    };
    assert_eq!(store.orphaned_meeting_chats(9).await.unwrap(), [""; 0]);
    assert_eq!(listed().await, [ID, "meeting"]);
    store.delete_meeting("meeting", 60).await.unwrap();
    assert_eq!(store.orphaned_meeting_chats(0).await.unwrap(), [""; 0]);
    assert_eq!(store.orphaned_meeting_chats(9).await.unwrap(), ["meeting"]);
    assert_eq!(listed().await, [ID]);
    store.delete_chat_thread("meeting", None, 70).await.unwrap().unwrap();
    assert_eq!(store.orphaned_meeting_chats(9).await.unwrap(), [""; 0]);
}
