//! Calls without a meeting: in rooms, and group calls. What governs them, and the keys under which signalling holds them.
//!
//! * Here: the settings of the call in a room (from the room and its people), of a group call (from its GUID alone; nothing of it is stored) and
//!   of a call to people.
//! * Not here: who may come in (`meeting`), rooms themselves (`rooms`), meetings (`resolve`).
//! * A key looks like no thread of a chat, and nobody outside is told it.

use meeting::{AllowedPresenters, CallKind, LobbyScope, MeetingOptions, MeetingPolicy, MeetingSettings, Role, RoomRules};

use crate::App;
use crate::error::AppError;
use crate::links::parse_guid;
use crate::model::{RoomRole, Tenant};
use crate::rooms::{MAX_PEOPLE, RoomError};

const ROOM: &str = "room:";
const GROUP: &str = "group:";
const PEOPLE: &str = "call:";

/// The key of the call in a room.
pub(crate) fn room_key(room_id: &str) -> String {
    format!("{ROOM}{room_id}")
}

impl App {
    /// The key of the call in a room, whether or not there is one.
    #[must_use]
    pub fn call_key_of_room(&self, room_id: &str) -> String {
        room_key(room_id)
    }

    /// The key of a group call.
    ///
    /// # Errors
    /// `InvalidArgument` when the id is no GUID; there is no tenant yet.
    pub fn call_key_of_group(&self, group_id: &str) -> Result<String, AppError> {
        let settings = self.group_call(group_id)?;
        let settings = settings.ok_or_else(|| AppError::invalid("group", "the id of a group call is a GUID"))?;
        Ok(settings.thread_id)
    }

    /// What governs the call in a room now.
    ///
    /// # Errors
    /// `MalformedId`, `NotFound`, or the store failed.
    pub async fn room_call(&self, room_id: &str) -> Result<MeetingSettings, RoomError> {
        let tenant = self.tenant()?;
        let room = self.room(room_id).await?;
        let mut people = std::collections::BTreeMap::new();
        for person in self.store().people_after(room_id, 0, MAX_PEOPLE).await? {
            people.insert(person.raw_id, role(person.role));
        }
        Ok(MeetingSettings {
            kind: CallKind::Room,
            room: Some(RoomRules {
                people,
                opens: room.valid_from,
                closes: room.valid_until,
            }),
            thread_id: room_key(room_id),
            ..without_organizer(&tenant)
        })
    }

    /// What governs a group call; nothing when its id is no GUID. Every GUID names one.
    ///
    /// # Errors
    /// There is no tenant yet.
    pub fn group_call(&self, group_id: &str) -> Result<Option<MeetingSettings>, AppError> {
        let tenant = self.tenant()?;
        Ok(parse_guid(group_id).map(|group_id| MeetingSettings {
            kind: CallKind::Group,
            thread_id: format!("{GROUP}{}:{group_id}", tenant.resource_id),
            group_id: Some(group_id),
            ..without_organizer(&tenant)
        }))
    }

    /// What governs a call to people; the key is the host's name for it.
    ///
    /// # Errors
    /// There is no tenant yet.
    pub fn people_call(&self, name: &str) -> Result<MeetingSettings, AppError> {
        let tenant = self.tenant()?;
        let common = without_organizer(&tenant);
        Ok(MeetingSettings {
            kind: CallKind::Direct,
            thread_id: format!("{PEOPLE}{name}"),
            policy: MeetingPolicy {
                enable_acs_federation_access: tenant.policy.enable_acs_federation_access,
                ..common.policy
            },
            ..common
        })
    }

    /// What governs the call of a key now; nothing when the key is a meeting's.
    pub(crate) async fn settings_of_call(&self, key: &str) -> Result<Option<MeetingSettings>, AppError> {
        if let Some(room_id) = key.strip_prefix(ROOM) {
            return match self.room_call(room_id).await {
                Ok(settings) => Ok(Some(settings)),
                Err(RoomError::App(error)) => Err(error),
                Err(_) => Err(AppError::NotFound { what: "room" }),
            };
        }
        if let Some(name) = key.strip_prefix(PEOPLE) {
            return self.people_call(name).map(Some);
        }
        match key.strip_prefix(GROUP).and_then(|rest| rest.split_once(':')) {
            Some((_, group_id)) => self.group_call(group_id),
            None => Ok(None),
        }
    }
}

/// What all calls have in common that nobody organizes. Who comes in and who waits is no organizer's to say, so that part of the policy holds nobody
/// back; what the administrator decided about captions, typed text, recording and consent holds everywhere.
fn without_organizer(tenant: &Tenant) -> MeetingSettings {
    MeetingSettings {
        tenant: tenant.settings.clone(),
        policy: MeetingPolicy {
            allow_anonymous_users_to_join_meeting: true,
            allow_anonymous_users_to_start_meeting: true,
            auto_admitted_users: LobbyScope::Everyone,
            blocked_anonymous_join_client_types: Vec::new(),
            enable_acs_federation_access: true,
            guest_raised_hand: true,
            ..tenant.policy.clone()
        },
        options: MeetingOptions {
            lobby_scope: Some(LobbyScope::Everyone),
            allowed_presenters: Some(AllowedPresenters::Organizer),
            ..MeetingOptions::default()
        },
        resource: tenant.resource_id.clone(),
        ..MeetingSettings::default()
    }
}

fn role(role: RoomRole) -> Role {
    match role {
        RoomRole::Presenter => Role::Presenter,
        RoomRole::Collaborator => Role::Collaborator,
        RoomRole::Attendee => Role::Attendee,
        RoomRole::Consumer => Role::Consumer,
    }
}
