//! All ten events, read as the client reads them.

use std::sync::Arc;

use super::*;

const THREAD: &str = "19:abc@thread.v2";
const ANN: &str = "8:acs:res_ann";
const BEN: &str = "8:acs:res_ben";
/// 2026-11-22T12:17:30.123Z, and some microseconds.
const AT: Micros = 1_795_349_850_123_456;
const AT_TEXT: &str = "2026-11-22T12:17:30.123Z";

fn read(kind: ChatEventKind) -> Value {
    let event = ChatEvent {
        thread_id: THREAD.to_owned(),
        recipients: Arc::from([BEN.to_owned()]),
        kind,
    };
    serde_json::from_str(&body(&event, BEN).unwrap()).unwrap()
}

/// `JSON.parse(unescape(text))`, for the escapes that we write.
fn unescaped(value: &Value) -> Value {
    let text = value.as_str().unwrap();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let code = u8::from_str_radix(after.get(..2).unwrap(), 16).unwrap();
        plain.push(char::from(code));
        rest = &after[2..];
    }
    plain.push_str(rest);
    serde_json::from_str(&plain).unwrap()
}

fn message() -> ChatMessage {
    ChatMessage {
        thread_id: THREAD.to_owned(),
        id: 1_795_349_850_123,
        sequence: 3,
        version: 1_795_349_850_999,
        kind: MessageKind::Text,
        sender: ANN.to_owned(),
        sender_display_name: Some("Ann 100% \"A\"".to_owned()),
        content: "50%25 <b>\u{1f600}</b>".to_owned(),
        participants: Vec::new(),
        metadata: Map::from_iter([("k".to_owned(), json!("v%41"))]),
        created: AT,
        edited: None,
        deleted: None,
    }
}

fn thread() -> ChatThread {
    ChatThread {
        id: THREAD.to_owned(),
        kind: app::model::ThreadKind::Chat,
        topic: "100%41 \"sure\"".to_owned(),
        created: AT,
        created_by: ANN.to_owned(),
        metadata: Map::from_iter([("a".to_owned(), json!("%25"))]),
        retention: Retention::ThreadCreationDate {
            delete_thread_after_days: 45,
        },
        deleted: None,
        last_message: None,
    }
}

fn person() -> NamedParticipant {
    NamedParticipant {
        raw_id: BEN.to_owned(),
        display_name: Some("Ben %u0041 %".to_owned()),
        share_history: AT,
        metadata: Map::from_iter([("seat".to_owned(), json!("1"))]),
    }
}

#[test]
fn a_message_is_told_as_it_was_sent() {
    let told = read(ChatEventKind::MessageReceived(message()));
    assert_eq!(
        told,
        json!({
            "eventId": 200, "senderId": ANN, "senderDisplayName": "Ann 100% \"A\"", "recipientMri": BEN, "groupId": THREAD,
            "messageId": "1795349850123", "messageType": "Text", "version": "1795349850999", "originalArrivalTime": AT_TEXT,
            "messageBody": "50%25 <b>\u{1f600}</b>", "acsChatMessageMetadata": "{\"k\":\"v%41\"}",
        }),
        "nothing of these is unescaped by the client, so nothing is escaped"
    );
    let html = ChatMessage {
        kind: MessageKind::Html,
        metadata: Map::new(),
        ..message()
    };
    let told = read(ChatEventKind::MessageReceived(html));
    assert_eq!(
        (&told["messageType"], &told["acsChatMessageMetadata"]),
        (&json!("RichText/Html"), &json!(""))
    );
}

#[test]
fn an_edited_message_says_when_and_a_deleted_one_says_no_text() {
    let edited = ChatMessage {
        edited: Some(AT + 1_000_000),
        ..message()
    };
    let told = read(ChatEventKind::MessageEdited(edited));
    assert_eq!(
        (&told["eventId"], &told["edittime"]),
        (&json!(247), &json!("2026-11-22T12:17:31.123Z"))
    );
    assert_eq!(told["messageBody"], json!("50%25 <b>\u{1f600}</b>"));
    let deleted = ChatMessage {
        deleted: Some(AT + 2_000_000),
        ..message()
    };
    let told = read(ChatEventKind::MessageDeleted(deleted));
    assert_eq!(
        (&told["eventId"], &told["deletetime"]),
        (&json!(248), &json!("2026-11-22T12:17:32.123Z"))
    );
    assert_eq!(told.get("messageBody"), None);
}

#[test]
fn typing_and_reading_are_told() {
    let told = read(ChatEventKind::Typing {
        sender: ANN.to_owned(),
        display_name: None,
        at: AT,
    });
    assert_eq!(
        (&told["eventId"], &told["messageType"], &told["senderDisplayName"]),
        (&json!(245), &json!("Control/Typing"), &json!(""))
    );
    assert_eq!((&told["originalArrivalTime"], &told["senderId"]), (&json!(AT_TEXT), &json!(ANN)));
    let told = read(ChatEventKind::ReadReceipt {
        reader: ANN.to_owned(),
        message_id: 17,
        read: AT,
    });
    assert_eq!((&told["eventId"], &told["messageId"]), (&json!(246), &json!("17")));
    let horizon: Value = serde_json::from_str(told["messageBody"].as_str().unwrap()).unwrap();
    assert_eq!(horizon["consumptionhorizon"], json!("17;1795349850123;0"));
}

#[test]
fn a_thread_that_was_made_names_its_members_and_properties_whatever_signs_are_in_them() {
    let told = read(ChatEventKind::ThreadCreated {
        thread: thread(),
        members: vec![person()],
    });
    assert_eq!(
        (&told["eventId"], &told["threadId"], &told["createTime"]),
        (&json!(257), &json!(THREAD), &json!(AT_TEXT))
    );
    assert_eq!(unescaped(&told["createdBy"])["participantId"], json!(ANN));
    assert_eq!(
        unescaped(&told["members"]),
        json!([{ "participantId": BEN, "displayName": "Ben %u0041 %", "shareHistoryTime": AT_TEXT, "memberMetaData": "{\"seat\":\"1\"}" }])
    );
    let properties = unescaped(&told["properties"]);
    assert_eq!(
        (&properties["topic"], &properties["acsChatThreadMetadata"]),
        (&json!("100%41 \"sure\""), &json!("{\"a\":\"%25\"}"))
    );
    let policy: Value = serde_json::from_str(properties["retentionPolicy"].as_str().unwrap()).unwrap();
    assert_eq!(
        policy,
        json!({ "retentionPolicyType": "DeleteAfterCreationTime", "executeAfter": "45.00:00:00" })
    );
}

#[test]
fn a_changed_thread_without_metadata_and_retention_says_only_its_topic() {
    let told = read(ChatEventKind::ThreadUpdated {
        thread: ChatThread {
            metadata: Map::new(),
            retention: Retention::None,
            ..thread()
        },
        by: ANN.to_owned(),
        at: AT,
    });
    assert_eq!((&told["eventId"], &told["editTime"]), (&json!(258), &json!(AT_TEXT)));
    assert_eq!(unescaped(&told["editedBy"])["participantId"], json!(ANN));
    assert_eq!(unescaped(&told["properties"]), json!({ "topic": "100%41 \"sure\"" }));
}

#[test]
fn a_deleted_thread_says_whether_a_person_or_its_retention_did_it() {
    let by = |by: Option<&str>| {
        read(ChatEventKind::ThreadDeleted {
            by: by.map(str::to_owned),
            at: AT,
        })
    };
    let told = by(Some(ANN));
    assert_eq!(
        (&told["eventId"], &told["deleteTime"], &told["reason"]),
        (&json!(259), &json!(AT_TEXT), &json!("deletedByUser"))
    );
    assert_eq!(unescaped(&told["deletedBy"])["participantId"], json!(ANN));
    let told = by(None);
    assert_eq!((&told["reason"], told.get("deletedBy")), (&json!("deletedByPolicy"), None));
}

#[test]
fn participants_who_come_and_go_are_told() {
    let told = read(ChatEventKind::ParticipantsAdded {
        by: ANN.to_owned(),
        at: AT,
        participants: vec![person()],
    });
    assert_eq!((&told["eventId"], &told["time"]), (&json!(260), &json!(AT_TEXT)));
    assert_eq!(unescaped(&told["participantsAdded"])[0]["participantId"], json!(BEN));
    assert_eq!(unescaped(&told["addedBy"])["participantId"], json!(ANN));
    let told = read(ChatEventKind::ParticipantsRemoved {
        by: ANN.to_owned(),
        at: AT,
        participants: vec![person()],
    });
    assert_eq!(told["eventId"], json!(261));
    assert_eq!(unescaped(&told["participantsRemoved"])[0]["displayName"], json!("Ben %u0041 %"));
    assert_eq!(unescaped(&told["removedBy"])["participantId"], json!(ANN));
}

#[test]
fn a_time_that_no_calendar_has_is_the_epoch() {
    assert_eq!(time(i64::MAX), "1970-01-01T00:00:00.000Z");
    assert_eq!(time(AT), AT_TEXT);
}
