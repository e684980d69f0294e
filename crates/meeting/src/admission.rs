//! The one door: every way into a meeting asks [`decide`], and only it.
//!
//! Owned here: the order of the rules and the verdict. Pure: everything that matters is in [`Facts`]. Not here: who has
//! which standing (`person`), the shapes of question and answer (`facts`), effective settings (`settings`), what happens
//! after the verdict (`joining`, `governing`). The same walk explains itself ([`walk`] reports each step), so an
//! explanation cannot differ from the decision.
//!
//! Order: passcode, tenant switches, organizer's policy, meeting option, client kinds, communication federation, membership
//! and validity (of calls without an organizer, `calls`), bars, closed, breakout room, expired, locked, lobby scope, begun.
//! The passcode comes first: a wrong one and an unknown meeting ID then look the same whatever the settings are. A sensitivity label and a locked template will come before the option in the lobby
//! scope when they are built. Invariants, kept by `tests/meeting/one_door.rs` (meetings) and
//! `tests/meeting/rooms.rs` (the other calls): the way in changes nothing but the passcode;
//! the verdict equals an independent table; no verdict depends on a display name.

use crate::calls::{membership, validity};
use crate::capabilities::outside;
use crate::facts::{Facts, JoinPath, PasscodeCheck, Place, Rule, Step, Verdict, WaitReason};
use crate::{AnonymousClientType, Bar, Identity, LobbyScope, MeetingSettings, Micros, Person, Refusal, Source, Standing, role_at_entry};

/// Decides. The only way into a meeting.
pub fn decide(now: Micros, facts: &Facts<'_>) -> Verdict {
    walk(now, facts, &mut |_| {})
}

/// Decides and reports each rule that was asked.
pub fn walk(now: Micros, facts: &Facts<'_>, report: &mut dyn FnMut(Step)) -> Verdict {
    let standing = facts.person.standing(facts.settings);
    let refusals = [
        (Rule::Passcode, passcode(facts.path)),
        (Rule::TenantSwitch, tenant_switch(facts.settings, standing)),
        (Rule::AnonymousJoinPolicy, anonymous_join_policy(facts.settings, standing)),
        (Rule::AnonymousJoinOption, anonymous_join_option(facts.settings, standing)),
        (Rule::ClientKind, client_kind(facts.settings, standing)),
        (
            Rule::CommunicationFederation,
            communication_federation(facts.settings, &facts.person.identity),
        ),
        (Rule::Membership, membership(facts)),
        (Rule::Validity, validity(now, facts.settings)),
        (Rule::Bar, bar(facts.bar, standing)),
        (Rule::Closed, facts.closed.then_some(Refusal::MeetingEndedAlready)),
        (Rule::BreakoutRoom, breakout_room(facts, standing)),
        (Rule::Expired, expired(now, facts)),
        (Rule::Locked, locked(facts, standing)),
    ];
    for (rule, refusal) in refusals {
        let verdict = refusal.map(Verdict::Refuse);
        report(Step {
            rule,
            verdict,
            source: None,
        });
        if let Some(verdict) = verdict {
            return verdict;
        }
    }
    let admit = Verdict::Admit {
        role: role_at_entry(facts.settings, facts.person),
    };
    // Who comes to a breakout room has passed the lobby of the main meeting; whoever is called was called by somebody who may admit.
    if facts.place == Place::Inside || facts.called || !facts.settings.is_meeting() || facts.settings.breakout.is_some() {
        report(Step {
            rule: Rule::LobbyScope,
            verdict: Some(admit),
            source: None,
        });
        return admit;
    }
    let (passes, source) = passes_lobby(facts.settings, facts.person, standing);
    if !passes || (facts.locked && facts.place == Place::Waiting && !standing.holds_key()) {
        let verdict = Verdict::Wait {
            reason: WaitReason::NeedsAdmission,
        };
        report(Step {
            rule: Rule::LobbyScope,
            verdict: Some(verdict),
            source: Some(source),
        });
        return verdict;
    }
    report(Step {
        rule: Rule::LobbyScope,
        verdict: None,
        source: Some(source),
    });
    let verdict = if facts.begun || may_come_before_begin(facts.settings, standing) {
        admit
    } else {
        Verdict::Wait {
            reason: WaitReason::NotBegun,
        }
    };
    report(Step {
        rule: Rule::Begun,
        verdict: Some(verdict),
        source: Some(Source::Policy),
    });
    verdict
}

fn passcode(path: JoinPath) -> Option<Refusal> {
    match path {
        JoinPath::MeetingId {
            passcode: PasscodeCheck::Wrong,
        } => Some(Refusal::MeetingIdOrPasscodeInvalid),
        JoinPath::MeetingId {
            passcode: PasscodeCheck::Correct | PasscodeCheck::NotRequired,
        }
        | JoinPath::Link
        | JoinPath::Coordinates
        | JoinPath::Room
        | JoinPath::Group
        | JoinPath::Phone
        | JoinPath::Resume
        | JoinPath::BreakoutRoom
        | JoinPath::Called
        | JoinPath::Rest => None,
    }
}

/// What is decided about meetings and their organizers concerns no other kind of call.
fn tenant_switch(settings: &MeetingSettings, standing: Standing) -> Option<Refusal> {
    if !settings.is_meeting() {
        return None;
    }
    let tenant = &settings.tenant;
    match standing {
        Standing::Guest | Standing::Visitor => tenant.disable_anonymous_join.then_some(Refusal::AnonymousJoinDisabledByTenant),
        Standing::GuestOfTenant => (!tenant.allow_guest_user).then_some(Refusal::GuestAccessDisabled),
        Standing::TrustedTenant => (!tenant.allow_federated_users).then_some(Refusal::ExternalAccessDisabled),
        Standing::Organizer | Standing::CoOrganizer | Standing::Member | Standing::Phone | Standing::Application => None,
    }
}

fn anonymous_join_policy(settings: &MeetingSettings, standing: Standing) -> Option<Refusal> {
    (settings.is_meeting() && standing.is_anonymous() && !settings.policy.allow_anonymous_users_to_join_meeting)
        .then_some(Refusal::AnonymousJoinDisabledByPolicy)
}

fn anonymous_join_option(settings: &MeetingSettings, standing: Standing) -> Option<Refusal> {
    (settings.is_meeting() && standing.is_anonymous() && !settings.options.allow_anonymous_join)
        .then_some(Refusal::AnonymousJoinDisabledByOption)
}

fn client_kind(settings: &MeetingSettings, standing: Standing) -> Option<Refusal> {
    let client = match standing {
        Standing::Guest => AnonymousClientType::Acs,
        Standing::Visitor => AnonymousClientType::Teams,
        Standing::Organizer
        | Standing::CoOrganizer
        | Standing::Member
        | Standing::GuestOfTenant
        | Standing::TrustedTenant
        | Standing::Phone
        | Standing::Application => return None,
    };
    (settings.is_meeting() && settings.policy.blocked_anonymous_join_client_types.contains(&client)).then_some(Refusal::ClientKindBlocked)
}

fn communication_federation(settings: &MeetingSettings, identity: &Identity) -> Option<Refusal> {
    let Identity::Guest { resource } = identity else {
        return None;
    };
    // The tenant's switches are about the identities themselves, so they hold for every kind of call.
    let tenant = &settings.tenant;
    if !tenant.enable_acs_users {
        return Some(Refusal::CommunicationUsersDisabled);
    }
    let on = |list: &[String]| list.iter().any(|listed| listed.eq_ignore_ascii_case(resource));
    if on(&tenant.blocked_acs_resources) || (!tenant.allowed_acs_resources.is_empty() && !on(&tenant.allowed_acs_resources)) {
        return Some(Refusal::CommunicationResourceBlocked);
    }
    (settings.is_meeting() && !settings.policy.enable_acs_federation_access).then_some(Refusal::CommunicationUsersDisabledByPolicy)
}

/// The organizer cannot be barred from the own meeting, not even by a bar that dates from before they became the organizer.
fn bar(bar: Option<Bar>, standing: Standing) -> Option<Refusal> {
    match (standing, bar) {
        (Standing::Organizer, _) | (_, None) => None,
        (_, Some(Bar::Removed)) => Some(Refusal::RemovedBefore),
        (_, Some(Bar::Denied)) => Some(Refusal::DeniedBefore),
    }
}

fn expired(now: Micros, facts: &Facts<'_>) -> Option<Refusal> {
    let over = facts.settings.expires.is_some_and(|expires| now >= expires);
    (over && facts.place == Place::None).then_some(Refusal::MeetingExpired)
}

/// A breakout room takes those whom the main meeting names, and nobody else on any way.
fn breakout_room(facts: &Facts<'_>, standing: Standing) -> Option<Refusal> {
    let rules = facts.settings.breakout.as_ref()?;
    if rules.over {
        return Some(match facts.place {
            Place::Inside => Refusal::BreakoutRoomClosed,
            Place::None | Place::Waiting => Refusal::BreakoutRoomNotOpen,
        });
    }
    if outside(standing) && !facts.settings.policy.guest_breakout_rooms {
        return Some(Refusal::BreakoutRoomsForMembersOnly);
    }
    rules.person(&facts.person.id).is_none().then_some(Refusal::BreakoutRoomNotYours)
}

/// A lock stops those who arrive. Who is inside stays, who waits keeps waiting, and those who hold the key come in.
fn locked(facts: &Facts<'_>, standing: Standing) -> Option<Refusal> {
    (facts.locked && facts.place == Place::None && !standing.holds_key()).then_some(Refusal::MeetingLocked)
}

fn passes_lobby(settings: &MeetingSettings, person: &Person, standing: Standing) -> (bool, Source) {
    if standing == Standing::Phone {
        return settings.effective_dial_in_bypass();
    }
    let (scope, source) = settings.effective_lobby_scope();
    let invited = || {
        person
            .identity
            .oid()
            .is_some_and(|oid| settings.invited.iter().any(|invited| invited == oid))
    };
    let passes = match standing {
        Standing::Organizer | Standing::CoOrganizer => true,
        Standing::Member | Standing::Application => match scope {
            LobbyScope::Organizer => false,
            LobbyScope::Invited => invited(),
            LobbyScope::OrganizationExcludingGuests
            | LobbyScope::Organization
            | LobbyScope::OrganizationAndFederated
            | LobbyScope::Everyone => true,
        },
        Standing::GuestOfTenant => match scope {
            LobbyScope::Organizer | LobbyScope::OrganizationExcludingGuests => false,
            LobbyScope::Invited => invited(),
            LobbyScope::Organization | LobbyScope::OrganizationAndFederated | LobbyScope::Everyone => true,
        },
        Standing::TrustedTenant => match scope {
            LobbyScope::Organizer | LobbyScope::OrganizationExcludingGuests | LobbyScope::Organization => false,
            LobbyScope::Invited => invited(),
            LobbyScope::OrganizationAndFederated | LobbyScope::Everyone => true,
        },
        Standing::Guest | Standing::Visitor | Standing::Phone => scope == LobbyScope::Everyone,
    };
    (passes, source)
}

/// Whether somebody may be inside before the meeting has begun: those who begin it by coming, anonymous people and callers
/// when the policy lets them begin it, and programs (which do not begin it).
pub(crate) fn may_come_before_begin(settings: &MeetingSettings, standing: Standing) -> bool {
    if !settings.is_meeting() {
        return true;
    }
    match standing {
        Standing::Guest | Standing::Visitor | Standing::Phone => settings.policy.allow_anonymous_users_to_start_meeting,
        Standing::Organizer
        | Standing::CoOrganizer
        | Standing::Member
        | Standing::GuestOfTenant
        | Standing::TrustedTenant
        | Standing::Application => true,
    }
}

impl Standing {
    /// Comes in although the meeting is locked: they could unlock it anyway.
    pub fn holds_key(self) -> bool {
        matches!(self, Self::Organizer | Self::CoOrganizer)
    }
}
