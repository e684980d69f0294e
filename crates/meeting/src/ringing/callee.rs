//! Who may be called by whom.
//!
//! Owned here: reading a raw id as somebody who can be called, and the one rule behind the capabilities
//! `addCommunicationUser` and `addTeamsUser`. Not here: what happens when somebody is called (`ringing`), and whether the
//! callee may come in (`admission`, asked when the call is made and again when it is answered).
//!
//! Members call members and the guests of the tenant's own communication resource; guests call guests of their resource.
//! A guest is an outsider: calls to members are opened to guests by the policy `guestsCallMembers` only. Visitors of our own
//! join page, whose identities anybody gets, call nobody and are called by nobody. No refusal tells whether an identity
//! exists: somebody unknown is called like somebody who is not there.

use crate::capabilities::{CapabilityReason, Grounds, reason};
use crate::{CallKind, CapabilityName, Identity, ParticipantId, Person, Refusal, Standing};

/// Longest raw id that is read, in bytes.
const LONGEST_ID: usize = 256;

/// Somebody as far as the raw id says who it is.
pub(crate) fn callee(id: &ParticipantId) -> Result<Person, Refusal> {
    let identity = identity(&id.0).ok_or(Refusal::CalleeNotCallable)?;
    Ok(Person {
        id: id.clone(),
        identity,
        display_name: String::new(),
    })
}

fn identity(raw: &str) -> Option<Identity> {
    if raw.len() > LONGEST_ID || raw.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if let Some(oid) = raw.strip_prefix("8:orgid:") {
        return (!oid.is_empty() && !oid.contains(':')).then(|| Identity::Member {
            oid: oid.to_owned(),
            guest_of_tenant: false,
        });
    }
    let (resource, user) = raw.strip_prefix("8:acs:")?.split_once('_')?;
    let well_formed = !resource.is_empty() && !user.is_empty() && !user.contains('_');
    well_formed.then(|| Identity::Guest {
        resource: resource.to_owned(),
    })
}

/// Why somebody may or may not call people of this sort into the call (`AddCommunicationUser`, `AddTeamsUser`).
pub(crate) fn may_add(grounds: Grounds<'_>, name: CapabilityName) -> CapabilityReason {
    let settings = grounds.settings;
    let unless = |forbidden: bool, why: CapabilityReason| if forbidden { why } else { CapabilityReason::Capable };
    match settings.kind {
        // Whoever belongs to a room is put on its list.
        CallKind::Room => return CapabilityReason::CapabilityNotApplicableForTheCallType,
        // Whoever is called in passes the lobby, so it takes the right to admit.
        CallKind::Meeting if !grounds.role.admits(settings) => return CapabilityReason::RoleRestricted,
        CallKind::Meeting | CallKind::Group | CallKind::Direct => {}
    }
    let members = name == CapabilityName::AddTeamsUser;
    let guests_join = settings.tenant.enable_acs_users && settings.policy.enable_acs_federation_access;
    match grounds.standing {
        Standing::Guest => unless(
            members && !settings.policy.guests_call_members,
            CapabilityReason::UserPolicyRestricted,
        ),
        Standing::Organizer | Standing::CoOrganizer | Standing::Member | Standing::GuestOfTenant | Standing::TrustedTenant => {
            unless(!members && !guests_join, CapabilityReason::UserPolicyRestricted)
        }
        Standing::Visitor | Standing::Phone | Standing::Application => CapabilityReason::UserPolicyRestricted,
    }
}

/// Whether the caller, with these grounds, may call this person.
pub(crate) fn may_call(grounds: Grounds<'_>, caller: &Person, callee: &Person) -> Result<(), Refusal> {
    let to_guest = matches!(callee.identity, Identity::Guest { .. });
    let name = match to_guest {
        true => CapabilityName::AddCommunicationUser,
        false => CapabilityName::AddTeamsUser,
    };
    match (reason(grounds, name), grounds.standing) {
        (CapabilityReason::Capable, _) => {}
        (CapabilityReason::CapabilityNotApplicableForTheCallType, _) => return Err(Refusal::AddingNotInThisCall),
        (_, Standing::Visitor | Standing::Phone | Standing::Application) => return Err(Refusal::VisitorsMayNotCall),
        (CapabilityReason::UserPolicyRestricted, Standing::Guest) => return Err(Refusal::GuestsMayNotCallMembers),
        (CapabilityReason::UserPolicyRestricted, _) => return Err(Refusal::CommunicationUsersDisabled),
        _ => return Err(Refusal::RoleForbidsAdding),
    }
    match (&caller.identity, &callee.identity) {
        (Identity::Guest { resource: own }, Identity::Guest { resource }) if !own.eq_ignore_ascii_case(resource) => {
            Err(Refusal::CalleeOfAnotherResource)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_and_communication_identities_can_be_read_as_callees() {
        let read = |raw: &str| identity(raw);
        assert!(matches!(read("8:orgid:one"), Some(Identity::Member { .. })));
        assert!(matches!(read("8:acs:res_user"), Some(Identity::Guest { resource }) if resource == "res"));
        for bad in [
            "",
            "8:orgid:",
            "8:acs:res",
            "8:acs:_u",
            "8:acs:r_",
            "8:acs:a_b_c",
            "8:teamsvisitor:x",
            "4:+4930",
            "28:bot",
            "8:orgid:a b",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("8:orgid:{}", "x".repeat(LONGEST_ID))), None);
    }
}
