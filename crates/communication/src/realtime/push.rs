//! What a chat event looks like to one recipient: the body of a push, with the numbers and member names that the published signaling client
//! reads. Pure.
//!
//! Two things are easily got wrong and are kept by the tests below. Whatever names people or properties is a JSON *text* inside the JSON, which
//! the client passes through `unescape` first, so that every `%` in it has to be written `%25`; the other events are not unescaped. And times are
//! texts that `Date` reads, except the one inside a read receipt.

use app::{
    Micros,
    chat::{ChatEvent, ChatEventKind},
    model::{ChatMessage, ChatThread, MessageKind, NamedParticipant, Retention},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The body for this recipient; nothing for what browsers are not told.
pub(crate) fn body(event: &ChatEvent, recipient: &str) -> Option<String> {
    let thread = event.thread_id.as_str();
    let value = match &event.kind {
        ChatEventKind::MessageReceived(message) => message_body(200, thread, recipient, message),
        ChatEventKind::MessageEdited(message) => {
            let edited = message.edited.unwrap_or(message.created);
            with(message_body(247, thread, recipient, message), json!({ "edittime": time(edited) }))
        }
        ChatEventKind::MessageDeleted(message) => {
            let deleted = message.deleted.unwrap_or(message.created);
            let body = common(248, thread, recipient, &message.sender, message.sender_display_name.as_deref());
            with(with(body, facts(message)), json!({ "deletetime": time(deleted) }))
        }
        ChatEventKind::Typing { sender, display_name, at } => with(
            common(245, thread, recipient, sender, display_name.as_deref()),
            json!({
                "messageId": millis(*at).to_string(), "messageType": "Control/Typing", "originalArrivalTime": time(*at),
                "version": millis(*at).to_string(),
            }),
        ),
        ChatEventKind::ReadReceipt { reader, message_id, read } => {
            let version = millis(*read).to_string();
            let horizon = json!({
                "user": reader, "consumptionhorizon": format!("{message_id};{version};0"), "messageVisibilityTime": millis(*read),
                "version": version,
            });
            with(
                common(246, thread, recipient, reader, None),
                json!({ "messageId": message_id.to_string(), "messageBody": horizon.to_string() }),
            )
        }
        ChatEventKind::ThreadCreated { thread, members } => thread_body(257, event, thread.created, "createTime", |body| {
            body.insert("createdBy".to_owned(), actor(&thread.created_by));
            body.insert("members".to_owned(), people(members));
            body.insert("properties".to_owned(), properties(thread));
        }),
        ChatEventKind::ThreadUpdated { thread, by, at } => thread_body(258, event, *at, "editTime", |body| {
            body.insert("editedBy".to_owned(), actor(by));
            body.insert("properties".to_owned(), properties(thread));
        }),
        ChatEventKind::ThreadDeleted { by, at } => thread_body(259, event, *at, "deleteTime", |body| {
            let reason = if by.is_some() { "deletedByUser" } else { "deletedByPolicy" };
            body.insert("reason".to_owned(), reason.into());
            if let Some(by) = by {
                body.insert("deletedBy".to_owned(), actor(by));
            }
        }),
        ChatEventKind::ParticipantsAdded { by, at, participants } => thread_body(260, event, *at, "time", |body| {
            body.insert("addedBy".to_owned(), actor(by));
            body.insert("participantsAdded".to_owned(), people(participants));
        }),
        ChatEventKind::ParticipantsRemoved { by, at, participants } => thread_body(261, event, *at, "time", |body| {
            body.insert("removedBy".to_owned(), actor(by));
            body.insert("participantsRemoved".to_owned(), people(participants));
        }),
        // An event that is newer than this facade.
        _ => return None,
    };
    Some(value.to_string())
}

fn common(event_id: u16, thread: &str, recipient: &str, sender: &str, sender_name: Option<&str>) -> Value {
    json!({
        "eventId": event_id, "senderId": sender, "senderDisplayName": sender_name.unwrap_or_default(), "recipientMri": recipient,
        "groupId": thread,
    })
}

fn message_body(event_id: u16, thread: &str, recipient: &str, message: &ChatMessage) -> Value {
    let body = common(event_id, thread, recipient, &message.sender, message.sender_display_name.as_deref());
    let text = json!({ "messageBody": message.content, "acsChatMessageMetadata": metadata(&message.metadata).unwrap_or_default() });
    with(with(body, facts(message)), text)
}

/// What a message is, without its text.
fn facts(message: &ChatMessage) -> Value {
    json!({
        "messageId": message.id.to_string(), "messageType": message_type(message.kind), "version": message.version.to_string(),
        "originalArrivalTime": time(message.created),
    })
}

fn thread_body(event_id: u16, event: &ChatEvent, at: Micros, time_name: &str, fill: impl FnOnce(&mut Map<String, Value>)) -> Value {
    let mut body = Map::new();
    body.insert("eventId".to_owned(), event_id.into());
    body.insert("threadId".to_owned(), event.thread_id.clone().into());
    body.insert("groupId".to_owned(), event.thread_id.clone().into());
    body.insert("version".to_owned(), millis(at).to_string().into());
    body.insert(time_name.to_owned(), time(at).into());
    fill(&mut body);
    Value::Object(body)
}

/// The words that the client's own documentation has for the types of messages.
fn message_type(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "Text",
        MessageKind::Html => "RichText/Html",
        MessageKind::TopicUpdated => "ThreadActivity/TopicUpdate",
        MessageKind::ParticipantAdded => "ThreadActivity/AddMember",
        MessageKind::ParticipantRemoved => "ThreadActivity/DeleteMember",
    }
}

fn actor(raw_id: &str) -> Value {
    nested(&json!({ "participantId": raw_id, "displayName": "" }))
}

fn people(participants: &[NamedParticipant]) -> Value {
    let people = participants.iter().map(|participant| {
        let mut person = json!({
            "participantId": participant.raw_id, "displayName": participant.display_name.as_deref().unwrap_or_default(),
            "shareHistoryTime": time(participant.share_history),
        });
        if let (Some(metadata), Some(members)) = (metadata(&participant.metadata), person.as_object_mut()) {
            members.insert("memberMetaData".to_owned(), metadata.into());
        }
        person
    });
    nested(&people.collect())
}

fn properties(thread: &ChatThread) -> Value {
    let mut properties = Map::new();
    properties.insert("topic".to_owned(), thread.topic.clone().into());
    if let Some(metadata) = metadata(&thread.metadata) {
        properties.insert("acsChatThreadMetadata".to_owned(), metadata.into());
    }
    if let Retention::ThreadCreationDate { delete_thread_after_days } = thread.retention {
        let policy = json!({
            "retentionPolicyType": "DeleteAfterCreationTime", "executeAfter": format!("{delete_thread_after_days}.00:00:00"),
        });
        properties.insert("retentionPolicy".to_owned(), policy.to_string().into());
    }
    nested(&Value::Object(properties))
}

/// JSON as a text that survives `unescape`.
fn nested(value: &Value) -> Value {
    value.to_string().replace('%', "%25").into()
}

fn metadata(metadata: &Map<String, Value>) -> Option<String> {
    (!metadata.is_empty()).then(|| Value::Object(metadata.clone()).to_string())
}

fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Object(members), Value::Object(more)) = (&mut value, more) {
        members.extend(more);
    }
    value
}

fn millis(at: Micros) -> i64 {
    at.div_euclid(1000)
}

/// Milliseconds are what a message's id has, and what `Date` keeps. A time that cannot be written is shown as the epoch.
fn time(at: Micros) -> String {
    let at = Timestamp::from_millisecond(millis(at)).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

#[cfg(test)]
mod tests;
