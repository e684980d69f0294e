//! Law 1: every path goes through one door, and the door says what the documented table says.
//!
//! The reference below is written in another way than the machine: the lobby table is literal text, the refusals are a
//! ranked list of conditions. It is not to be "simplified" by calling the crate.

use meeting::{AllowedPresenters, DesignatedPresenterRoleMode, JoinPath, PasscodeCheck, explain};
use meeting::{
    AnonymousClientType, Bar, Facts, Identity, LobbyScope, MeetingSettings, Person, Place, Refusal, Role, Verdict, WaitReason, decide,
};
use proptest::prelude::*;

use super::support::{S, Stage, person, settings};

/// B passes, L waits, I passes if invited, A passes as soon as the meeting has begun or when it may be begun, D as the
/// dial-in setting says (and then like A).
const LOBBY: &str = "
joiner           everyone org+trusted+guests org+guests org invited organizer
organizer        B        B                  B          B   B       B
co-organizer     B        B                  B          B   B       B
same-tenant      B        B                  B          B   I       L
guest-of-tenant  B        B                  B          L   I       L
trusted-tenant   B        B                  L          L   I       L
anonymous        A        L                  L          L   L       L
dial-in          D        D                  D          D   D       D
application      B        B                  B          B   L       L
";

const NAMES: [&str; 10] = ["anna", "carl", "ben", "gita", "tom", "maria", "jose", "vera", "pia", "bot"];

fn joiner(name: &str) -> &'static str {
    match name {
        "anna" => "organizer",
        "carl" => "co-organizer",
        "ben" => "same-tenant",
        "gita" => "guest-of-tenant",
        "tom" => "trusted-tenant",
        "maria" | "jose" | "vera" => "anonymous",
        "pia" => "dial-in",
        _ => "application",
    }
}

fn cell(joiner: &str, scope: LobbyScope) -> char {
    let column = match scope {
        LobbyScope::Everyone => "everyone",
        LobbyScope::OrganizationAndFederated => "org+trusted+guests",
        LobbyScope::Organization => "org+guests",
        LobbyScope::OrganizationExcludingGuests => "org",
        LobbyScope::Invited => "invited",
        LobbyScope::Organizer => "organizer",
    };
    let mut lines = LOBBY.trim().lines();
    let at = lines.next().unwrap().split_whitespace().position(|head| head == column).unwrap();
    let row = lines.find(|line| line.split_whitespace().next() == Some(joiner)).unwrap();
    row.split_whitespace().nth(at).unwrap().chars().next().unwrap()
}

struct Case<'a> {
    name: &'a str,
    settings: &'a MeetingSettings,
    place: Place,
    bar: Option<Bar>,
    begun: bool,
    locked: bool,
    closed: bool,
    now: i64,
}

/// The refusals as a list: when it applies, and its name. The first that applies counts.
fn reference_refusal(case: &Case<'_>) -> Option<&'static str> {
    let Case { name, settings, .. } = case;
    let (tenant, policy) = (&settings.tenant, &settings.policy);
    let anonymous = joiner(name) == "anonymous";
    let acs = anonymous && *name != "vera";
    let arrives = case.place == Place::None;
    let blocked = |kind| policy.blocked_anonymous_join_client_types.contains(&kind);
    let listed = |list: &Vec<String>| list.contains(&"our-resource".to_owned());
    let list = [
        (anonymous && tenant.disable_anonymous_join, "anonymousJoinDisabledByTenant"),
        (*name == "gita" && !tenant.allow_guest_user, "guestAccessDisabled"),
        (*name == "tom" && !tenant.allow_federated_users, "externalAccessDisabled"),
        (
            anonymous && !policy.allow_anonymous_users_to_join_meeting,
            "anonymousJoinDisabledByPolicy",
        ),
        (anonymous && !settings.options.allow_anonymous_join, "anonymousJoinDisabledByOption"),
        (acs && blocked(AnonymousClientType::Acs), "clientKindBlocked"),
        (*name == "vera" && blocked(AnonymousClientType::Teams), "clientKindBlocked"),
        (acs && !tenant.enable_acs_users, "communicationUsersDisabled"),
        (acs && listed(&tenant.blocked_acs_resources), "communicationResourceBlocked"),
        (
            acs && !tenant.allowed_acs_resources.is_empty() && !listed(&tenant.allowed_acs_resources),
            "communicationResourceBlocked",
        ),
        (acs && !policy.enable_acs_federation_access, "communicationUsersDisabledByPolicy"),
        (*name != "anna" && case.bar == Some(Bar::Removed), "removedBefore"),
        (*name != "anna" && case.bar == Some(Bar::Denied), "deniedBefore"),
        (case.closed, "meetingEndedAlready"),
        (arrives && settings.expires.is_some_and(|at| at <= case.now), "meetingExpired"),
        (arrives && case.locked && *name != "anna" && *name != "carl", "meetingLocked"),
    ];
    list.into_iter().find_map(|(applies, name)| applies.then_some(name))
}

fn reference_role(case: &Case<'_>) -> Role {
    let who = match joiner(case.name) {
        "organizer" => return Role::Organizer,
        "co-organizer" => return Role::CoOrganizer,
        "anonymous" | "dial-in" => return Role::Attendee,
        signed_in => signed_in,
    };
    let word = match case.settings.options.allowed_presenters {
        Some(AllowedPresenters::Everyone) => "everyone",
        Some(AllowedPresenters::Organization) => "company",
        Some(AllowedPresenters::RoleIsPresenter) => "named",
        Some(AllowedPresenters::Organizer) => "organizer",
        None => match case.settings.policy.designated_presenter_role_mode {
            DesignatedPresenterRoleMode::EveryoneUserOverride => "everyone",
            DesignatedPresenterRoleMode::EveryoneInCompanyUserOverride => "company",
            DesignatedPresenterRoleMode::EveryoneInSameAndFederatedCompanyUserOverride => "company+trusted",
            DesignatedPresenterRoleMode::OrganizerOnlyUserOverride => "organizer",
        },
    };
    let presents = match word {
        "everyone" | "company+trusted" => true,
        "company" => who != "trusted-tenant",
        "named" => who != "application" && case.settings.presenters.contains(&case.name.to_owned()),
        _ => false,
    };
    if presents { Role::Presenter } else { Role::Attendee }
}

fn reference(case: &Case<'_>) -> String {
    if let Some(refusal) = reference_refusal(case) {
        return format!("refused {refusal}");
    }
    let admitted = format!("admitted {:?}", reference_role(case));
    if case.place == Place::Inside {
        return admitted;
    }
    if case.place == Place::Waiting && case.locked && case.name != "anna" && case.name != "carl" {
        return "waits for somebody".to_owned();
    }
    let policy = &case.settings.policy;
    let may_start = policy.allow_anonymous_users_to_start_meeting;
    let once_begun = if case.begun || may_start {
        admitted.clone()
    } else {
        "waits for the beginning".to_owned()
    };
    let lobby = "waits for somebody".to_owned();
    let scope = case.settings.options.lobby_scope.unwrap_or(policy.auto_admitted_users);
    match cell(joiner(case.name), scope) {
        'B' => admitted,
        'I' if case.settings.invited.contains(&case.name.to_owned()) => admitted,
        'A' => once_begun,
        'D' if case
            .settings
            .options
            .is_dial_in_bypass_enabled
            .unwrap_or(policy.allow_pstn_users_to_bypass_lobby) =>
        {
            once_begun
        }
        _ => lobby,
    }
}

fn words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Admit { role } => format!("admitted {role:?}"),
        Verdict::Wait {
            reason: WaitReason::NotBegun,
        } => "waits for the beginning".to_owned(),
        Verdict::Wait {
            reason: WaitReason::NeedsAdmission,
        } => "waits for somebody".to_owned(),
        Verdict::Refuse(refusal) => format!("refused {}", refusal.row().name),
    }
}

fn ask(case: &Case<'_>, person: &Person, path: JoinPath) -> Verdict {
    let Case {
        settings,
        place,
        bar,
        begun,
        locked,
        closed,
        now,
        ..
    } = *case;
    decide(
        now,
        &Facts {
            settings,
            person,
            path,
            place,
            bar,
            called: false,
            begun,
            locked,
            closed,
        },
    )
}

const PATHS: [JoinPath; 10] = [
    JoinPath::Link,
    JoinPath::MeetingId {
        passcode: PasscodeCheck::Correct,
    },
    JoinPath::MeetingId {
        passcode: PasscodeCheck::NotRequired,
    },
    JoinPath::Coordinates,
    JoinPath::Room,
    JoinPath::Group,
    JoinPath::Phone,
    JoinPath::Resume,
    JoinPath::BreakoutRoom,
    JoinPath::Rest,
];
const SCOPES: [LobbyScope; 6] = [
    LobbyScope::Organizer,
    LobbyScope::Invited,
    LobbyScope::OrganizationExcludingGuests,
    LobbyScope::Organization,
    LobbyScope::OrganizationAndFederated,
    LobbyScope::Everyone,
];

/// Mostly the first value, now and then the other, so that a case is not refused by a dozen reasons at once.
fn rarely<T: Clone + std::fmt::Debug + 'static>(usual: T, rare: T) -> impl Strategy<Value = T> {
    prop_oneof![6 => Just(usual), 1 => Just(rare)]
}

prop_compose! {
    fn any_settings()(
        tenant in (rarely(false, true), rarely(true, false), rarely(true, false), rarely(true, false)),
        resources in (prop::sample::select(vec!["", "our-resource", "another"]), rarely("", "our-resource")),
        policy in (rarely(true, false), any::<bool>(), prop::sample::select(SCOPES.to_vec()), any::<bool>(), rarely(true, false)),
        blocked in prop::sample::subsequence(vec![AnonymousClientType::Acs, AnonymousClientType::Teams], 0..=1),
        options in (prop::option::of(prop::sample::select(SCOPES.to_vec())), prop::option::of(any::<bool>()), rarely(true, false)),
        presenters in prop::option::of(prop::sample::select(vec![
            AllowedPresenters::Everyone, AllowedPresenters::Organization, AllowedPresenters::RoleIsPresenter, AllowedPresenters::Organizer,
        ])),
        mode in prop::sample::select(vec![
            DesignatedPresenterRoleMode::EveryoneUserOverride,
            DesignatedPresenterRoleMode::EveryoneInCompanyUserOverride,
            DesignatedPresenterRoleMode::EveryoneInSameAndFederatedCompanyUserOverride,
            DesignatedPresenterRoleMode::OrganizerOnlyUserOverride,
        ]),
        named in prop::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len()),
        invited in prop::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len()),
        expires in prop_oneof![4 => Just(None), 1 => (0..20i64).prop_map(Some)],
    ) -> MeetingSettings {
        let list = |word: &str| if word.is_empty() { Vec::new() } else { vec![word.to_owned()] };
        let mut all = settings();
        (all.tenant.disable_anonymous_join, all.tenant.enable_acs_users, all.tenant.allow_guest_user, all.tenant.allow_federated_users) = tenant;
        all.tenant.allowed_acs_resources = list(resources.0);
        all.tenant.blocked_acs_resources = list(resources.1);
        all.policy.allow_anonymous_users_to_join_meeting = policy.0;
        all.policy.allow_anonymous_users_to_start_meeting = policy.1;
        all.policy.auto_admitted_users = policy.2;
        all.policy.allow_pstn_users_to_bypass_lobby = policy.3;
        all.policy.enable_acs_federation_access = policy.4;
        all.policy.blocked_anonymous_join_client_types = blocked;
        all.policy.designated_presenter_role_mode = mode;
        (all.options.lobby_scope, all.options.is_dial_in_bypass_enabled, all.options.allow_anonymous_join) = options;
        all.options.allowed_presenters = presenters;
        all.presenters = named.into_iter().map(str::to_owned).collect();
        all.invited = invited.into_iter().map(str::to_owned).collect();
        all.expires = expires;
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_paths_give_the_verdict_of_the_reference_table(
        settings in any_settings(),
        name in prop::sample::select(NAMES.to_vec()),
        place in prop_oneof![6 => Just(Place::None), 1 => Just(Place::Waiting), 1 => Just(Place::Inside)],
        bar in prop_oneof![8 => Just(None), 1 => Just(Some(Bar::Removed)), 1 => Just(Some(Bar::Denied))],
        begun in any::<bool>(),
        locked in rarely(false, true),
        closed in rarely(false, true),
        now in 0..20i64,
        typed in "[a-z]{0,8}",
    ) {
        let case = Case { name, settings: &settings, place, bar, begun, locked, closed, now };
        let expected = reference(&case);
        let mut who = person(name);
        who.display_name = typed;
        for path in PATHS {
            prop_assert_eq!(words(ask(&case, &who, path)), expected.clone(), "{:?}", path);
        }
        let wrong = ask(&case, &who, JoinPath::MeetingId { passcode: PasscodeCheck::Wrong });
        prop_assert_eq!(wrong, Verdict::Refuse(Refusal::MeetingIdOrPasscodeInvalid));
    }

    #[test]
    fn the_machine_lets_in_whom_the_table_lets_in_on_every_path(
        settings in any_settings(),
        name in prop::sample::select(NAMES.to_vec()),
        begun in any::<bool>(),
        locked in any::<bool>(),
        now in 0..20i64,
    ) {
        let locked = locked && begun;
        let case = Case { name, settings: &settings, place: Place::None, bar: None, begun, locked, closed: false, now };
        for path in PATHS {
            let mut stage = Stage::new(settings.clone());
            if begun {
                // The meeting is begun by a second organizer's arrival, before anything can have expired.
                stage.now = -S;
                let mut host = person("dora");
                host.identity = Identity::Member { oid: "anna".to_owned(), guest_of_tenant: false };
                stage.join_by(host, JoinPath::Link, false).unwrap();
                stage.ask("dora", meeting::Command::SetLocked(locked)).unwrap();
            }
            stage.now = now;
            let said = match stage.join_by(person(name), path, false) {
                Err(refusal) => format!("refused {}", refusal.row().name),
                Ok(_) if stage.is_inside(name) => format!("admitted {:?}", stage.own(name).role),
                Ok(_) => match stage.events(name).first() {
                    Some(meeting::Event::Waiting { not_started: true }) => "waits for the beginning".to_owned(),
                    _ => "waits for somebody".to_owned(),
                },
            };
            prop_assert_eq!(said, reference(&case), "{:?}", path);
        }
    }

    #[test]
    fn an_explanation_ends_with_the_rule_that_gave_the_verdict(
        settings in any_settings(),
        name in prop::sample::select(NAMES.to_vec()),
        begun in any::<bool>(),
    ) {
        let who = person(name);
        let facts = Facts {
            settings: &settings, person: &who, path: JoinPath::Link, place: Place::None, bar: None, called: false, begun, locked: false, closed: false,
        };
        let explanation = explain(5, &facts);
        prop_assert_eq!(explanation.verdict, decide(5, &facts));
        let (last, before) = explanation.steps.split_last().unwrap();
        prop_assert_eq!(last.verdict, Some(explanation.verdict));
        prop_assert!(before.iter().all(|step| step.verdict.is_none()));
        prop_assert!(explanation.steps.windows(2).all(|pair| pair[0].rule < pair[1].rule));
    }
}

#[test]
fn the_generated_cases_reach_every_outcome_of_the_table() {
    let mut seen = std::collections::BTreeSet::new();
    for scope in SCOPES {
        for name in NAMES {
            for begun in [false, true] {
                let mut settings = settings();
                settings.options.lobby_scope = Some(scope);
                let case = Case {
                    name,
                    settings: &settings,
                    place: Place::None,
                    bar: None,
                    begun,
                    locked: false,
                    closed: false,
                    now: 0,
                };
                let verdict = words(ask(&case, &person(name), JoinPath::Link));
                assert_eq!(verdict, reference(&case), "{name} {scope:?} {begun}");
                seen.insert(verdict);
            }
        }
    }
    let expected = [
        "admitted Attendee",
        "admitted CoOrganizer",
        "admitted Organizer",
        "admitted Presenter",
        "waits for somebody",
        "waits for the beginning",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_name_that_sounds_like_the_organizer_changes_nothing() {
    let mut stage = Stage::with(settings(), &["anna"]);
    let mut maria = person("maria");
    maria.display_name = "anna".to_owned();
    stage.join_by(maria, JoinPath::Link, false).unwrap();
    assert!(stage.is_waiting("maria"));
}

#[test]
fn an_explanation_is_a_sentence_that_names_rule_and_remedy() {
    let mut stage = Stage::with(settings(), &["anna"]);
    let waits = stage.meeting.explain(0, &person("maria"), JoinPath::Link).to_string();
    assert_eq!(
        waits,
        "waits until somebody admits, decided by who passes the lobby (from the organizer's policy)"
    );
    stage.change(|settings| settings.tenant.disable_anonymous_join = true);
    let refused = stage.meeting.explain(0, &person("maria"), JoinPath::Link).to_string();
    assert_eq!(
        refused,
        "refused (anonymousJoinDisabledByTenant), decided by the tenant's switches: The tenant switch DisableAnonymousJoin is on. Can be changed by: administrator."
    );
}
