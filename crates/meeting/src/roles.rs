//! Roles: who has which at entry, and which role may do what to whom. Which role a call without an organizer gives is in `calls`.

use serde::{Deserialize, Serialize};

use crate::{AllowedLobbyAdmitters, MeetingSettings, Person, Presenters, Standing};

/// Role in the meeting; ordered from the most to the least powerful, so that `<=` reads "at least as powerful as".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Owns the meeting.
    Organizer,
    /// Helps the organizer.
    CoOrganizer,
    /// May present and run the meeting.
    Presenter,
    /// Takes part, and may share the screen; in rooms only.
    Collaborator,
    /// Takes part.
    Attendee,
    /// Watches and listens only; in rooms only.
    Consumer,
}

/// The role at entry; in a breakout room the one of the main meeting. Anonymous people and callers never enter as presenters, whatever the settings; somebody may
/// promote them later.
pub fn role_at_entry(settings: &MeetingSettings, person: &Person) -> Role {
    if let Some(role) = settings.role_without_organizer(person) {
        return role;
    }
    if let Some(rules) = &settings.breakout {
        return rules.person(&person.id).map_or(Role::Attendee, |known| known.role);
    }
    let standing = person.standing(settings);
    let presents = match standing {
        Standing::Organizer => return Role::Organizer,
        Standing::CoOrganizer => return Role::CoOrganizer,
        Standing::Guest | Standing::Visitor | Standing::Phone => false,
        Standing::Member | Standing::GuestOfTenant | Standing::TrustedTenant | Standing::Application => {
            match settings.effective_presenters() {
                Presenters::Everyone | Presenters::OrganizationAndFederated => true,
                Presenters::Organization => standing != Standing::TrustedTenant,
                Presenters::Named => person
                    .identity
                    .oid()
                    .is_some_and(|oid| settings.presenters.iter().any(|named| named == oid)),
                Presenters::OrganizersOnly => false,
            }
        }
    };
    if presents { Role::Presenter } else { Role::Attendee }
}

impl Role {
    /// May mute and remove others, lock and end the meeting, lower hands, change roles.
    pub fn runs_meeting(self) -> bool {
        self <= Self::Presenter
    }

    /// May admit and turn away.
    pub fn admits(self, settings: &MeetingSettings) -> bool {
        // Nobody waits for the other kinds of call.
        if !settings.is_meeting() {
            return false;
        }
        match settings.effective_admitters().0 {
            AllowedLobbyAdmitters::OrganizerAndCoOrganizersAndPresenters => self <= Self::Presenter,
            AllowedLobbyAdmitters::OrganizerAndCoOrganizers => self <= Self::CoOrganizer,
        }
    }

    /// May remove somebody of the other role.
    pub fn removes(self, other: Self) -> bool {
        match other {
            Self::Organizer => false,
            Self::CoOrganizer => self == Self::Organizer,
            Self::Presenter | Self::Collaborator | Self::Attendee | Self::Consumer => self.runs_meeting(),
        }
    }

    /// May change somebody's role from one to another.
    pub fn changes_role(self, from: Self, to: Self) -> bool {
        match (from, to) {
            (Self::Organizer, _) | (_, Self::Organizer) => false,
            (Self::CoOrganizer, _) | (_, Self::CoOrganizer) => self == Self::Organizer,
            (Self::Presenter | Self::Attendee, Self::Presenter | Self::Attendee) => self.runs_meeting(),
            // Roles of rooms.
            (Self::Collaborator | Self::Consumer, _) | (_, Self::Collaborator | Self::Consumer) => false,
        }
    }
}
