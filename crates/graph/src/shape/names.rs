//! The words of this API for the house's own values, in both directions. The only place where the two vocabularies meet.

use app::model::InviteeRole;
use meeting::{AllowedLobbyAdmitters, AllowedPresenters, LobbyScope};

/// A value with a word of its own in this API.
pub(crate) trait Named: Copy + PartialEq + 'static {
    /// Every value.
    const ALL: &'static [Self];
    /// Its word.
    fn name(self) -> &'static str;

    /// The value of a word; words are compared exactly.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name() == name)
    }

    /// All words, for messages.
    fn names() -> String {
        Self::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ")
    }
}

impl Named for LobbyScope {
    const ALL: &'static [Self] = &[
        Self::Organizer,
        Self::Invited,
        Self::OrganizationExcludingGuests,
        Self::Organization,
        Self::OrganizationAndFederated,
        Self::Everyone,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Organizer => "organizer",
            Self::Invited => "invited",
            Self::OrganizationExcludingGuests => "organizationExcludingGuests",
            Self::Organization => "organization",
            Self::OrganizationAndFederated => "organizationAndFederated",
            Self::Everyone => "everyone",
        }
    }
}

/// Whether a client must ask for this scope by name (`Prefer: include-unknown-enum-members`) to be told it.
pub(crate) fn is_evolved(scope: LobbyScope) -> bool {
    match scope {
        LobbyScope::Invited | LobbyScope::OrganizationExcludingGuests => true,
        LobbyScope::Organizer | LobbyScope::Organization | LobbyScope::OrganizationAndFederated | LobbyScope::Everyone => false,
    }
}

impl Named for AllowedPresenters {
    const ALL: &'static [Self] = &[Self::Everyone, Self::Organization, Self::RoleIsPresenter, Self::Organizer];

    fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Organization => "organization",
            Self::RoleIsPresenter => "roleIsPresenter",
            Self::Organizer => "organizer",
        }
    }
}

impl Named for AllowedLobbyAdmitters {
    const ALL: &'static [Self] = &[Self::OrganizerAndCoOrganizersAndPresenters, Self::OrganizerAndCoOrganizers];

    fn name(self) -> &'static str {
        match self {
            Self::OrganizerAndCoOrganizersAndPresenters => "organizerAndCoOrganizersAndPresenters",
            Self::OrganizerAndCoOrganizers => "organizerAndCoOrganizers",
        }
    }
}

impl Named for InviteeRole {
    const ALL: &'static [Self] = &[Self::Attendee, Self::Presenter, Self::Coorganizer];

    fn name(self) -> &'static str {
        match self {
            Self::Attendee => "attendee",
            Self::Presenter => "presenter",
            Self::Coorganizer => "coorganizer",
        }
    }
}
