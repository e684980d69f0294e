//! Answers of the chat API. Times have whole seconds and end in `Z`, as published clients have always got them.

use app::Micros;
use app::model::{ChatMember, ChatMessage, ChatThread, MessageKind, NamedParticipant, ReadReceipt, Retention};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::identifier;

/// A moment.
fn time(at: Micros) -> Value {
    Timestamp::from_second(at.div_euclid(1_000_000)).map_or(Value::Null, |at| at.to_string().into())
}

/// Adds a member unless there is nothing to say.
fn add(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

/// A thread.
pub(super) fn thread(thread: &ChatThread) -> Value {
    let retention = match thread.retention {
        Retention::None => json!({ "kind": "none" }),
        Retention::ThreadCreationDate { delete_thread_after_days } => {
            json!({ "kind": "threadCreationDate", "deleteThreadAfterDays": delete_thread_after_days })
        }
    };
    let mut object = json!({
        "id": thread.id,
        "topic": thread.topic,
        "createdOn": time(thread.created),
        "createdByCommunicationIdentifier": identifier::of_raw_id(&thread.created_by),
        "metadata": thread.metadata,
        "retentionPolicy": retention,
    });
    add(&mut object, "deletedOn", thread.deleted.map(time));
    object
}

/// A thread in the list of threads.
pub(super) fn thread_item(thread: &ChatThread) -> Value {
    let mut object = json!({ "id": thread.id, "topic": thread.topic });
    add(&mut object, "lastMessageReceivedOn", thread.last_message.map(time));
    object
}

fn person(raw_id: &str, display_name: Option<&str>, share_history: Micros, metadata: &Map<String, Value>) -> Value {
    let mut object = json!({
        "communicationIdentifier": identifier::of_raw_id(raw_id),
        "shareHistoryTime": time(share_history),
        "metadata": metadata,
    });
    add(&mut object, "displayName", display_name.map(Into::into));
    object
}

/// A participant.
pub(super) fn member(member: &ChatMember) -> Value {
    person(
        &member.raw_id,
        member.display_name.as_deref(),
        member.share_history,
        &member.metadata,
    )
}

fn named(participant: &NamedParticipant) -> Value {
    person(
        &participant.raw_id,
        participant.display_name.as_deref(),
        participant.share_history,
        &participant.metadata,
    )
}

/// A message.
pub(super) fn message(message: &ChatMessage) -> Value {
    let mut object = json!({
        "id": message.id.to_string(),
        "type": message.kind.as_str(),
        "sequenceId": message.sequence.to_string(),
        "version": message.version.to_string(),
        "createdOn": time(message.created),
    });
    let initiator = || identifier::of_raw_id(&message.sender);
    let participants = || message.participants.iter().map(named).collect::<Vec<_>>();
    let content = match message.kind {
        MessageKind::Text | MessageKind::Html => {
            add(&mut object, "senderCommunicationIdentifier", Some(initiator()));
            add(&mut object, "metadata", Some(message.metadata.clone().into()));
            message.deleted.is_none().then(|| json!({ "message": message.content }))
        }
        MessageKind::TopicUpdated => Some(json!({ "topic": message.content, "initiatorCommunicationIdentifier": initiator() })),
        MessageKind::ParticipantAdded | MessageKind::ParticipantRemoved => {
            Some(json!({ "participants": participants(), "initiatorCommunicationIdentifier": initiator() }))
        }
    };
    add(&mut object, "content", content);
    add(
        &mut object,
        "senderDisplayName",
        message.sender_display_name.as_deref().map(Into::into),
    );
    add(&mut object, "editedOn", message.edited.map(time));
    add(&mut object, "deletedOn", message.deleted.map(time));
    object
}

/// A read receipt.
pub(super) fn receipt(receipt: &ReadReceipt) -> Value {
    json!({
        "senderCommunicationIdentifier": identifier::of_raw_id(&receipt.reader),
        "chatMessageId": receipt.message_id.to_string(),
        "readOn": time(receipt.read),
    })
}

/// Those who could not be added, or nothing.
pub(super) fn invalid_participants(unknown: &[String]) -> Option<Value> {
    let item = |raw_id: &String| {
        json!({
            "code": "IdentityNotFound",
            "message": "There is nobody with this identifier in this resource or tenant",
            "target": raw_id,
        })
    };
    (!unknown.is_empty()).then(|| unknown.iter().map(item).collect())
}
