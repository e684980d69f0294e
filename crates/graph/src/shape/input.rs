//! A meeting as a client sends it, read and checked property by property.
//!
//! Rules: a property that is absent is not touched; annotations (`@odata.type`, ...) and server-set properties are passed over, so that a
//! client may send back what it read; a name that no meeting has is refused, since a mistyped option would otherwise be lost in silence.
//! Not here: merging into an existing meeting and who may do it (`app`).

use app::{
    Caller, Micros,
    model::{Invitee, InviteeRole},
};
use meeting::{AllowedLobbyAdmitters, AllowedPresenters, LobbyScope, MeetingOptions};
use serde_json::{Map, Value};

use super::{
    names::Named,
    property::{self, PASSED_OVER, Property},
    time,
};
use crate::error::GraphError;

/// More invited people than this are not taken.
const MAX_ATTENDEES: usize = 1000;
/// Longest subject.
const MAX_SUBJECT_CHARS: usize = 1024;
/// Longest external id.
const MAX_EXTERNAL_ID_CHARS: usize = 512;
/// Longest sign-in name or mail address of an attendee.
const MAX_UPN_CHARS: usize = 320;
/// Longest id of an identity; other directories than ours may have longer ids than a GUID.
const MAX_IDENTITY_CHARS: usize = 128;

/// What a client wants of a meeting. Outer `None`: not named. Inner `None`: back to nothing, or to what the policy says.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct MeetingInput {
    pub(crate) subject: Option<Option<String>>,
    pub(crate) start: Option<Micros>,
    pub(crate) end: Option<Micros>,
    pub(crate) external_id: Option<String>,
    pub(crate) passcode_required: Option<bool>,
    pub(crate) attendees: Option<Vec<Invitee>>,
    /// Object id of the organizer as the client believes it to be; it cannot be changed.
    pub(crate) organizer_id: Option<String>,
    pub(crate) lobby_scope: Option<Option<LobbyScope>>,
    pub(crate) dial_in_bypass: Option<Option<bool>>,
    pub(crate) allowed_presenters: Option<Option<AllowedPresenters>>,
    pub(crate) allowed_lobby_admitters: Option<Option<AllowedLobbyAdmitters>>,
    pub(crate) allow_anonymous_join: Option<bool>,
    pub(crate) allow_attendee_mic: Option<bool>,
    pub(crate) allow_attendee_camera: Option<bool>,
    pub(crate) allow_reactions: Option<bool>,
    pub(crate) allow_breakout_rooms: Option<bool>,
    pub(crate) allow_recording: Option<bool>,
    pub(crate) allow_transcription: Option<bool>,
    /// Properties that are kept as they are.
    pub(crate) kept: Map<String, Value>,
}

impl MeetingInput {
    /// Reads the body of a request.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, GraphError> {
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| GraphError::BadRequest(format!("The body must be one JSON object; reading it failed: {error}")))?;
        let Value::Object(members) = value else {
            return Err(GraphError::BadRequest("The body must be one JSON object".to_owned()));
        };
        let mut input = Self::default();
        for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
            input.take(name, value)?;
        }
        Ok(input)
    }

    fn take(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        match name {
            "subject" => self.subject = Some(text(name, value, MAX_SUBJECT_CHARS)?),
            "externalId" => self.external_id = key(name, value, MAX_EXTERNAL_ID_CHARS)?.filter(|id| !id.trim().is_empty()),
            "startDateTime" => self.start = instant(name, value)?,
            "endDateTime" => self.end = instant(name, value)?,
            "allowedPresenters" => self.allowed_presenters = Some(named(name, value)?),
            "allowedLobbyAdmitters" => self.allowed_lobby_admitters = Some(named(name, value)?),
            "allowAnonymousJoin" => self.allow_anonymous_join = flag(name, value)?,
            "allowAttendeeToEnableMic" => self.allow_attendee_mic = flag(name, value)?,
            "allowAttendeeToEnableCamera" => self.allow_attendee_camera = flag(name, value)?,
            "allowTeamworkReactions" => self.allow_reactions = flag(name, value)?,
            "allowBreakoutRooms" => self.allow_breakout_rooms = flag(name, value)?,
            "allowRecording" => self.allow_recording = flag(name, value)?,
            "allowTranscription" => self.allow_transcription = flag(name, value)?,
            "lobbyBypassSettings" => self.take_lobby(name, value)?,
            "joinMeetingIdSettings" => {
                self.passcode_required = member(name, value, "isPasscodeRequired")?
                    .map(|value| flag("isPasscodeRequired", value))
                    .transpose()?
                    .flatten();
            }
            "participants" => self.take_participants(name, value)?,
            "chatInfo" => check_chat(name, value)?,
            _ if PASSED_OVER.contains(&name) => {}
            _ => match Property::named(name) {
                Some(known) => {
                    let value = property::check(name, known.kind, value)?;
                    self.kept.insert(name.to_owned(), value);
                }
                None => return Err(GraphError::invalid(name, format!("{name} is not a property of an online meeting"))),
            },
        }
        Ok(())
    }

    fn take_lobby(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        if let Some(scope) = member(name, value, "scope")? {
            self.lobby_scope = Some(named("lobbyBypassSettings/scope", scope)?);
        }
        if let Some(bypass) = member(name, value, "isDialInBypassEnabled")? {
            self.dial_in_bypass = Some(flag("lobbyBypassSettings/isDialInBypassEnabled", bypass)?);
        }
        Ok(())
    }

    fn take_participants(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        self.attendees = match member(name, value, "attendees")? {
            None | Some(Value::Null) => None,
            Some(list) => Some(attendees(list)?),
        };
        for legacy in ["producers", "contributors"] {
            let given = member(name, value, legacy)?.unwrap_or(&Value::Null);
            if !given.is_null() && given.as_array().is_none_or(|people| !people.is_empty()) {
                let path = format!("{name}/{legacy}");
                let message = format!("{path} must be an empty list: it belongs to live events, which are not served");
                return Err(GraphError::invalid(path, message));
            }
        }
        if let Some(organizer) = member(name, value, "organizer")? {
            member("participants/organizer", organizer, "identity")?;
            self.organizer_id = organizer
                .pointer("/identity/user/id")
                .and_then(Value::as_str)
                .map(str::to_ascii_lowercase);
        }
        Ok(())
    }

    /// Refuses a body that names another organizer than the one of the path. For a member, that is only looked at in the own name: who is
    /// behind a path to somebody else is not theirs to learn, and the use case refuses it anyway.
    pub(crate) fn check_organizer(&self, caller: &Caller, organizer_id: &str) -> Result<(), GraphError> {
        match &self.organizer_id {
            _ if matches!(caller, Caller::Member { member, .. } if member.id != organizer_id) => Ok(()),
            Some(named) if named != organizer_id => Err(GraphError::invalid(
                "participants/organizer",
                "participants/organizer cannot be chosen: a meeting belongs to the member in whose name it is scheduled",
            )),
            _ => Ok(()),
        }
    }

    /// Puts the options that were named into effect; the others keep their value.
    pub(crate) fn apply_to(&self, options: &mut MeetingOptions) {
        fn set<T: Copy>(place: &mut T, wanted: Option<T>) {
            if let Some(wanted) = wanted {
                *place = wanted;
            }
        }
        set(&mut options.lobby_scope, self.lobby_scope);
        set(&mut options.is_dial_in_bypass_enabled, self.dial_in_bypass);
        set(&mut options.allowed_presenters, self.allowed_presenters);
        set(&mut options.allowed_lobby_admitters, self.allowed_lobby_admitters);
        set(&mut options.allow_anonymous_join, self.allow_anonymous_join);
        set(&mut options.allow_attendee_to_enable_mic, self.allow_attendee_mic);
        set(&mut options.allow_attendee_to_enable_camera, self.allow_attendee_camera);
        set(&mut options.allow_reactions, self.allow_reactions);
        set(&mut options.allow_breakout_rooms, self.allow_breakout_rooms);
        set(&mut options.allow_recording, self.allow_recording);
        set(&mut options.allow_transcription, self.allow_transcription);
    }
}

/// A member of an object that may be null.
fn member<'a>(name: &str, value: &'a Value, wanted: &str) -> Result<Option<&'a Value>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::Object(members) => Ok(members.get(wanted)),
        _ => Err(GraphError::invalid(name, format!("{name} must be an object"))),
    }
}

/// The chat of a meeting is its own; what a client says of it is read for its form only.
fn check_chat(name: &str, value: &Value) -> Result<(), GraphError> {
    for part in ["threadId", "messageId", "replyChainMessageId"] {
        if let Some(given) = member(name, value, part)? {
            text(&format!("{name}/{part}"), given, MAX_EXTERNAL_ID_CHARS)?;
        }
    }
    Ok(())
}

fn text(name: &str, value: &Value, max_chars: usize) -> Result<Option<String>, GraphError> {
    let breaks = |character: char| matches!(character, '\t' | '\n' | '\r');
    checked(name, value, max_chars, |character| character.is_control() && !breaks(character))
}

/// A text that stands for something and is compared: no control character at all.
fn key(name: &str, value: &Value, max_chars: usize) -> Result<Option<String>, GraphError> {
    checked(name, value, max_chars, char::is_control)
}

fn checked(name: &str, value: &Value, max_chars: usize, refused: impl Fn(char) -> bool) -> Result<Option<String>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().count() <= max_chars && !text.contains(refused) => Ok(Some(text.clone())),
        _ => Err(GraphError::invalid(
            name,
            format!("{name} must be a text of at most {max_chars} characters, none of them a control character"),
        )),
    }
}

fn flag(name: &str, value: &Value) -> Result<Option<bool>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        _ => Err(GraphError::invalid(name, format!("{name} must be true or false"))),
    }
}

fn instant(name: &str, value: &Value) -> Result<Option<Micros>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if time::parse(text).is_some() => Ok(time::parse(text)),
        _ => Err(GraphError::invalid(
            name,
            format!("{name} must be a time such as 2026-11-22T12:00:00Z"),
        )),
    }
}

fn named<T: Named>(name: &str, value: &Value) -> Result<Option<T>, GraphError> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if T::named(text).is_some() => Ok(T::named(text)),
        _ => Err(GraphError::invalid(name, format!("{name} must be one of {}", T::names()))),
    }
}

fn attendees(list: &Value) -> Result<Vec<Invitee>, GraphError> {
    let path = "participants/attendees";
    match list.as_array() {
        Some(items) if items.len() <= MAX_ATTENDEES => items.iter().map(attendee).collect(),
        _ => Err(GraphError::invalid(
            path,
            format!("{path} must be a list of at most {MAX_ATTENDEES} people"),
        )),
    }
}

fn attendee(item: &Value) -> Result<Invitee, GraphError> {
    let path = "participants/attendees";
    let role = item.get("role").unwrap_or(&Value::Null);
    if role.as_str() == Some("producer") {
        return Err(GraphError::invalid(
            "participants/attendees/role",
            "The role producer belongs to live events, which are not served; use presenter",
        ));
    }
    let role = named::<InviteeRole>("participants/attendees/role", role)?.unwrap_or(InviteeRole::Attendee);
    let given = |name: &str, value: Option<&Value>, max_chars: usize| {
        // Anything but a text is as good as absent: what remains is told of below.
        let text = value.filter(|value| value.is_string()).unwrap_or(&Value::Null);
        let text = key(name, text, max_chars)?;
        Ok::<_, GraphError>(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
    };
    let id = item.pointer("/identity/user/id");
    let member_id = given("participants/attendees/identity/user/id", id, MAX_IDENTITY_CHARS)?;
    let upn = given("participants/attendees/upn", item.get("upn"), MAX_UPN_CHARS)?;
    if member_id.is_none() && upn.is_none() {
        return Err(GraphError::invalid(path, "Every attendee needs a upn or an identity/user/id"));
    }
    Ok(Invitee {
        member_id: member_id.map(|id| id.to_ascii_lowercase()),
        upn,
        role,
    })
}

#[cfg(test)]
mod tests;
