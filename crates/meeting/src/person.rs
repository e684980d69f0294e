//! Who somebody is: facts that the host took from credentials, and the standing that follows from them in one meeting.
//!
//! Nothing here is taken from a display name or from what a client says about itself (trust comes from credentials).

use crate::{MeetingSettings, ParticipantId};

/// A person (or program) who wants to be in a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Raw identifier.
    pub id: ParticipantId,
    /// What the credential proved.
    pub identity: Identity,
    /// Name to show. Proves nothing for guests and visitors, who typed it.
    pub display_name: String,
}

/// What the credential proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Signed in to the tenant.
    Member {
        /// Object id.
        oid: String,
        /// True for a guest account of the directory.
        guest_of_tenant: bool,
    },
    /// Signed in to a tenant that this tenant trusts.
    TrustedTenantMember {
        /// Object id in the home tenant.
        oid: String,
        /// The home tenant.
        tenant_id: String,
    },
    /// Holds a communication identity; anonymous to the tenant.
    Guest {
        /// The communication resource that made the identity.
        resource: String,
    },
    /// Opened the link in our own join page; anonymous to the tenant.
    Visitor,
    /// Calls by telephone.
    Phone,
    /// A registered program of the tenant.
    Application,
}

/// Kind of person, as far as the others are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonKind {
    /// A signed-in person.
    Member,
    /// A person with a communication identity.
    Guest,
    /// A person who opened the link in our own join page.
    Visitor,
    /// A caller by telephone.
    Phone,
    /// An application or bot.
    Application,
}

/// What a person is to one meeting; admission and roles know people only as this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Owns the meeting.
    Organizer,
    /// Named a co-organizer by the organizer.
    CoOrganizer,
    /// Signed in to the tenant.
    Member,
    /// Signed in to the tenant with a guest account.
    GuestOfTenant,
    /// Signed in to a trusted tenant.
    TrustedTenant,
    /// Communication identity.
    Guest,
    /// Our own join page.
    Visitor,
    /// Telephone.
    Phone,
    /// Program of the tenant.
    Application,
}

impl Identity {
    /// The directory object id, for those who signed in.
    pub fn oid(&self) -> Option<&str> {
        match self {
            Self::Member { oid, .. } | Self::TrustedTenantMember { oid, .. } => Some(oid),
            Self::Guest { .. } | Self::Visitor | Self::Phone | Self::Application => None,
        }
    }

    /// The kind as the others are told.
    pub fn kind(&self) -> PersonKind {
        match self {
            Self::Member { .. } | Self::TrustedTenantMember { .. } => PersonKind::Member,
            Self::Guest { .. } => PersonKind::Guest,
            Self::Visitor => PersonKind::Visitor,
            Self::Phone => PersonKind::Phone,
            Self::Application => PersonKind::Application,
        }
    }
}

impl Person {
    /// The person's standing in a meeting with these settings.
    pub fn standing(&self, settings: &MeetingSettings) -> Standing {
        match &self.identity {
            Identity::Member { oid, guest_of_tenant } => {
                if *oid == settings.organizer {
                    Standing::Organizer
                } else if settings.co_organizers.contains(oid) {
                    Standing::CoOrganizer
                } else if *guest_of_tenant {
                    Standing::GuestOfTenant
                } else {
                    Standing::Member
                }
            }
            Identity::TrustedTenantMember { .. } => Standing::TrustedTenant,
            Identity::Guest { .. } => Standing::Guest,
            Identity::Visitor => Standing::Visitor,
            Identity::Phone => Standing::Phone,
            Identity::Application => Standing::Application,
        }
    }
}

impl Standing {
    /// Nobody signed this person in: the anonymous switches apply.
    pub fn is_anonymous(self) -> bool {
        matches!(self, Self::Guest | Self::Visitor)
    }

    /// Whether this person's arrival begins the meeting whatever the policy says. A program does not: a bot that is
    /// early must not open the door for those who wait for somebody of the organisation.
    pub fn starts_meeting(self) -> bool {
        matches!(
            self,
            Self::Organizer | Self::CoOrganizer | Self::Member | Self::GuestOfTenant | Self::TrustedTenant
        )
    }
}
