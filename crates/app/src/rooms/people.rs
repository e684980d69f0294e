//! Who may be put into a room. Whether the person exists is not asked: whoever has a token exists, and nobody else can use the place.

use super::error::RoomError;
use crate::links::parse_guid;
use crate::model::{RoomRole, Tenant};

/// People in one room at most, and changes in one request.
pub const MAX_PEOPLE: u32 = 350;

/// Changes of a room's people that keep the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleChanges(Vec<(String, Option<RoomRole>)>);

impl PeopleChanges {
    /// Reads changes: a role to be put in with, `None` to be removed.
    ///
    /// # Errors
    /// `MalformedParticipant` for somebody to be put in whom no room can take; `TooManyParticipants`. Whoever is to be removed may be anybody.
    pub fn new(tenant: &Tenant, changes: Vec<(String, Option<RoomRole>)>) -> Result<Self, RoomError> {
        check_people(changes.len())?;
        let mut read = Vec::with_capacity(changes.len());
        for (raw_id, role) in changes {
            if can_be_in_a_room(tenant, &raw_id) {
                read.push((raw_id, role));
            } else if role.is_some() {
                return Err(RoomError::MalformedParticipant);
            }
        }
        Ok(Self(read))
    }

    /// The people who are put in; empty when somebody is removed only.
    pub fn put(self) -> impl Iterator<Item = (String, RoomRole)> {
        self.0.into_iter().filter_map(|(raw_id, role)| Some((raw_id, role?)))
    }

    pub(super) fn as_slice(&self) -> &[(String, Option<RoomRole>)] {
        &self.0
    }
}

pub(super) fn check_people(count: usize) -> Result<(), RoomError> {
    if u32::try_from(count).is_ok_and(|count| count <= MAX_PEOPLE) {
        Ok(())
    } else {
        Err(RoomError::TooManyParticipants)
    }
}

/// Raw ids are compared as they are, so only the spelling that tokens have is taken.
fn can_be_in_a_room(tenant: &Tenant, raw_id: &str) -> bool {
    let is_guid = |text: &str| parse_guid(text).as_deref() == Some(text);
    if let Some(oid) = raw_id.strip_prefix("8:orgid:") {
        return is_guid(oid);
    }
    raw_id
        .strip_prefix("8:acs:")
        .and_then(|rest| rest.split_once('_'))
        .is_some_and(|(resource, user)| resource == tenant.resource_id && is_guid(user))
}
