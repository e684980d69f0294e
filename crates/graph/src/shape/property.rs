//! The properties of a meeting that this house keeps and gives back without a type of their own: their names, what they may hold, and what
//! they read as when nobody set them. Properties that change who may do what are typed and in `input` instead.

use serde_json::{Map, Value, json};

use crate::error::GraphError;

/// What a property may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// True or false.
    Bool,
    /// False only: the server would promise what it does not do.
    Never(&'static str),
    /// Text or null.
    Text,
    /// A language tag such as `de-DE`, or null.
    LanguageTag,
    /// One of these; anything else, `unknownFutureValue` included, is refused.
    OneOf(&'static [&'static str]),
    /// A list of these.
    ListOf(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// An object of these members, or null; what is not named keeps its value.
    Object(&'static [(&'static str, Kind)]),
}

/// What a property reads as when nobody set it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unset {
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(&'static str),
    /// An empty list.
    List,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    /// Name.
    pub(crate) name: &'static str,
    /// What it may hold.
    pub(crate) kind: Kind,
    /// What it reads as when nobody set it.
    pub(crate) unset: Unset,
}

const fn flag(name: &'static str, unset: bool) -> Property {
    Property {
        name,
        kind: Kind::Bool,
        unset: Unset::Bool(unset),
    }
}

const fn with(name: &'static str, kind: Kind, unset: Unset) -> Property {
    Property { name, kind, unset }
}

/// Longest text of a property without a type of its own.
const MAX_TEXT_CHARS: usize = 1024;
/// Longest language tag; registered ones are far shorter.
const MAX_LANGUAGE_TAG: usize = 35;
const ON_OFF: &[&str] = &["enabled", "disabled"];

/// All of them.
pub(crate) const KEPT: &[Property] = &[
    with(
        "allowMeetingChat",
        Kind::OneOf(&["enabled", "disabled", "limited"]),
        Unset::Text("enabled"),
    ),
    with("shareMeetingChatHistoryDefault", Kind::OneOf(&["none", "all"]), Unset::Text("none")),
    with("allowLiveShare", Kind::OneOf(ON_OFF), Unset::Text("enabled")),
    flag("allowParticipantsToChangeName", false),
    flag("allowCopyingAndSharingMeetingContent", true),
    flag("allowPowerPointSharing", true),
    flag("allowWhiteboard", true),
    flag("recordAutomatically", false),
    flag("isEntryExitAnnounced", true),
    with(
        "isEndToEndEncryptionEnabled",
        Kind::Never("end-to-end encryption is not served"),
        Unset::Bool(false),
    ),
    with("meetingTemplateId", Kind::Text, Unset::Null),
    with("meetingSpokenLanguageTag", Kind::LanguageTag, Unset::Null),
    with("anonymizeIdentityForRoles", Kind::ListOf(&["attendee"]), Unset::List),
    with("isBroadcast", Kind::Never("live events are not served"), Unset::Bool(false)),
    with("broadcastSettings", Kind::Object(BROADCAST), Unset::Null),
    with("chatRestrictions", Kind::Object(&[("allowTextOnly", Kind::Bool)]), Unset::Null),
    with(
        "watermarkProtection",
        Kind::Object(&[("isEnabledForContentSharing", Kind::Bool), ("isEnabledForVideo", Kind::Bool)]),
        Unset::Null,
    ),
    with(
        "sensitivityLabelAssignment",
        Kind::Object(&[("sensitivityLabelId", Kind::Text)]),
        Unset::Null,
    ),
];

const BROADCAST: &[(&str, Kind)] = &[
    ("allowedAudience", Kind::OneOf(&["roleIsAttendee", "organization", "everyone"])),
    ("captions", Kind::Object(CAPTIONS)),
    ("isAttendeeReportEnabled", Kind::Bool),
    ("isQuestionAndAnswerEnabled", Kind::Bool),
    ("isRecordingEnabled", Kind::Bool),
    ("isVideoOnDemandEnabled", Kind::Bool),
];

const CAPTIONS: &[(&str, Kind)] = &[
    ("isCaptionEnabled", Kind::Bool),
    ("spokenLanguage", Kind::Text),
    ("translationLanguages", Kind::Texts),
];

/// Server-set properties, and old ones without meaning here: a client may send back what it read, and they are passed over.
pub(crate) const PASSED_OVER: &[&str] = &[
    "id",
    "creationDateTime",
    "joinWebUrl",
    "joinUrl",
    "joinInformation",
    "videoTeleconferenceId",
    "meetingType",
    "meetingOptionsWebUrl",
    "expiryDateTime",
    "audioConferencing",
    "cloudVideoInteropInfo",
    "attendeeReport",
    "attendanceReports",
    "recordings",
    "transcripts",
    "autoAdmittedUsers",
];

impl Property {
    /// The property of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KEPT.iter().find(|property| property.name == name)
    }

    /// What it reads as when nobody set it.
    pub(crate) fn unset_value(&self) -> Value {
        match self.unset {
            Unset::Null => Value::Null,
            Unset::Bool(value) => value.into(),
            Unset::Text(value) => value.into(),
            Unset::List => json!([]),
        }
    }
}

/// Checks a value and gives back what is to be kept of it, or says what it must be.
pub(crate) fn check(path: &str, kind: Kind, value: &Value) -> Result<Value, GraphError> {
    let wrong = |what: String| Err(GraphError::invalid(path, format!("{path} must be {what}")));
    match (kind, value) {
        (Kind::Bool, Value::Bool(_))
        | (Kind::Never(_), Value::Bool(false))
        | (
            Kind::Bool | Kind::Text | Kind::LanguageTag | Kind::Texts | Kind::ListOf(_) | Kind::Object(_) | Kind::OneOf(_) | Kind::Never(_),
            Value::Null,
        ) => Ok(value.clone()),
        (Kind::Text, Value::String(text)) if text.chars().count() <= MAX_TEXT_CHARS => Ok(value.clone()),
        (Kind::LanguageTag, Value::String(tag)) if is_language_tag(tag) => Ok(value.clone()),
        (Kind::Never(why), Value::Bool(true)) => wrong(format!("false: {why}")),
        (Kind::Bool | Kind::Never(_), _) => wrong("true or false".to_owned()),
        (Kind::Text, _) => wrong(format!("a text of at most {MAX_TEXT_CHARS} characters")),
        (Kind::LanguageTag, _) => wrong("a language tag such as de-DE".to_owned()),
        (Kind::OneOf(allowed), _) => match value.as_str() {
            Some(text) if allowed.contains(&text) => Ok(value.clone()),
            _ => wrong(format!("one of {}", allowed.join(", "))),
        },
        (Kind::Texts, _) => match value.as_array() {
            Some(items) if items.iter().all(Value::is_string) => Ok(value.clone()),
            _ => wrong("a list of texts".to_owned()),
        },
        (Kind::ListOf(allowed), _) => match value.as_array() {
            Some(items) if items.iter().all(|item| item.as_str().is_some_and(|text| allowed.contains(&text))) => {
                let mut kept: Vec<Value> = Vec::new();
                items.iter().for_each(|item| {
                    if !kept.contains(item) {
                        kept.push(item.clone());
                    }
                });
                Ok(Value::Array(kept))
            }
            _ => wrong(format!("a list of {}", allowed.join(", "))),
        },
        (Kind::Object(members), Value::Object(object)) => {
            let mut kept = Map::new();
            for (name, value) in object.iter().filter(|(name, _)| !name.contains('@')) {
                let path = format!("{path}/{name}");
                match members.iter().find(|(known, _)| known == name) {
                    Some((_, kind)) => kept.insert(name.clone(), check(&path, *kind, value)?),
                    None => return Err(GraphError::invalid(path.clone(), format!("{path} is not a property of this type"))),
                };
            }
            Ok(Value::Object(kept))
        }
        (Kind::Object(_), _) => wrong("an object".to_owned()),
    }
}

/// The form of a tag of BCP 47: parts of letters and digits, the first one letters.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let short = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= MAX_LANGUAGE_TAG
        && (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, value: Value) -> Result<Value, GraphError> {
        check(name, Property::named(name).unwrap().kind, &value)
    }

    #[test]
    fn values_of_the_documented_types_are_kept() {
        for (name, value) in [
            ("allowMeetingChat", json!("limited")),
            ("allowWhiteboard", json!(false)),
            ("meetingSpokenLanguageTag", json!("de-DE")),
            ("meetingTemplateId", json!(null)),
            ("anonymizeIdentityForRoles", json!(["attendee"])),
            ("watermarkProtection", json!({ "isEnabledForVideo": true })),
            ("broadcastSettings", json!({ "captions": { "translationLanguages": ["fr"] } })),
            ("isBroadcast", json!(false)),
        ] {
            assert_eq!(checked(name, value.clone()), Ok(value), "{name}");
        }
    }

    #[test]
    fn other_types_and_values_are_refused_with_the_property_as_target() {
        for (name, value, target) in [
            ("allowMeetingChat", json!("unknownFutureValue"), "allowMeetingChat"),
            ("allowWhiteboard", json!("true"), "allowWhiteboard"),
            ("meetingTemplateId", json!(7), "meetingTemplateId"),
            ("meetingTemplateId", json!("x".repeat(1025)), "meetingTemplateId"),
            ("meetingSpokenLanguageTag", json!("German!"), "meetingSpokenLanguageTag"),
            ("meetingSpokenLanguageTag", json!("d"), "meetingSpokenLanguageTag"),
            ("meetingSpokenLanguageTag", json!(""), "meetingSpokenLanguageTag"),
            ("anonymizeIdentityForRoles", json!(["presenter"]), "anonymizeIdentityForRoles"),
            (
                "watermarkProtection",
                json!({ "isEnabledForVideo": 1 }),
                "watermarkProtection/isEnabledForVideo",
            ),
            ("watermarkProtection", json!({ "other": true }), "watermarkProtection/other"),
            ("watermarkProtection", json!([]), "watermarkProtection"),
            ("isEndToEndEncryptionEnabled", json!(true), "isEndToEndEncryptionEnabled"),
        ] {
            let refusal = checked(name, value.clone());
            assert!(
                matches!(&refusal, Err(GraphError::InvalidArgument { target: named, .. }) if named == target),
                "{name} {value}: {refusal:?}"
            );
        }
    }

    #[test]
    fn annotations_are_passed_over() {
        assert_eq!(
            checked("chatRestrictions", json!({ "@odata.type": "#x", "allowTextOnly": true })),
            Ok(json!({ "allowTextOnly": true }))
        );
    }
}
