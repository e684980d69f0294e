//! Application access: which grant counts, that a change acts at once, and that a refusal says what is missing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::access::{AccessPolicyDraft, AccessRule, AccessStore as _};
use app::meetings::Keepsake;
use app::model::{AccessPolicy, Grantee};
use app::permissions::{
    ARTIFACTS_READ_ALL, MEETINGS_READ, MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL, RECORDINGS_READ_ALL, SETTINGS_READ_WRITE,
    TRANSCRIPTS_READ_ALL, VIRTUAL_APPOINTMENT_ALL,
};
use app::ports::DirectoryStore as _;
use app::{AppError, Caller, MeetingDraft, MeetingPatch, Page};
use support::{House, as_application, as_member};

const PROGRAM: &[&str] = &[MEETINGS_READ_ALL, MEETINGS_READ_WRITE_ALL];

fn administrator(house: &House) -> Caller {
    as_member(&house.clara(), &[SETTINGS_READ_WRITE])
}

/// A house in which nobody is granted anything.
async fn closed_house() -> House {
    let house = House::new().await;
    house.app.revoke_access(&administrator(&house), Grantee::Global).await.unwrap();
    house
}

/// A policy that lists the application of the house, or no application.
async fn policy(house: &House, name: &str, lists: bool) -> AccessPolicy {
    let draft = AccessPolicyDraft {
        name: Some(name.to_owned()),
        applications: lists.then(|| vec![house.dev.application.client_id.clone()]),
        ..AccessPolicyDraft::default()
    };
    house.app.create_access_policy(&administrator(house), draft).await.unwrap()
}

fn program(house: &House) -> Caller {
    Caller::Application {
        client_id: house.dev.application.client_id.clone(),
        roles: PROGRAM.iter().map(|&role| role.to_owned()).collect(),
    }
}

async fn lists_meetings(house: &House, organizer_id: &str) -> bool {
    match house.app.meetings(&program(house), organizer_id, Page::default()).await {
        Ok(_) => true,
        Err(AppError::Forbidden { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn an_application_without_a_grant_reaches_no_meeting_of_the_organizer_by_any_way() {
    let house = closed_house().await;
    let (anna, app) = (house.anna(), &house.app);
    let own = as_member(&anna, &["OnlineMeetings.ReadWrite"]);
    let meeting = app.schedule(&own, &anna.id, MeetingDraft::default()).await.unwrap();
    let (id, url) = (house.graph_id(&meeting), app.join_url(&meeting).unwrap());
    let caller = program(&house);
    let refusals = [
        app.schedule(&caller, &anna.id, MeetingDraft::default()).await.map(drop),
        app.create_or_get(&caller, &anna.id, "x", MeetingDraft::default()).await.map(drop),
        app.meeting(&caller, &anna.id, &id).await.map(drop),
        app.find_by_join_url(&caller, &anna.id, &url).await.map(drop),
        app.find_by_join_meeting_id(&caller, &anna.id, &meeting.join_meeting_id)
            .await
            .map(drop),
        app.meetings(&caller, &anna.id, Page::default()).await.map(drop),
        app.update_meeting(&caller, &anna.id, &id, MeetingPatch::default()).await.map(drop),
        app.delete_meeting(&caller, &anna.id, &id).await,
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        let Err(AppError::Forbidden { needed }) = refusal else {
            panic!("way {index}: {refusal:?}")
        };
        let names = [
            "No application access policy found for this app",
            house.dev.application.client_id.as_str(),
            anna.id.as_str(),
            "granted to this user, to a group of theirs, or globally",
        ];
        assert!(names.iter().all(|name| needed.contains(name)), "way {index}: {needed}");
    }
    // The organizer is not concerned, and with a grant every way is open.
    assert!(app.meeting(&own, &anna.id, &id).await.is_ok());
    let granted = policy(&house, "Visits", true).await;
    app.grant_access(&administrator(&house), Grantee::Member(anna.id.clone()), &granted.id, None)
        .await
        .unwrap();
    assert!(app.meeting(&caller, &anna.id, &id).await.is_ok());
    assert!(app.find_by_join_url(&caller, &anna.id, &url).await.unwrap().is_some());
    assert!(app.delete_meeting(&caller, &anna.id, &id).await.is_ok());
}

#[tokio::test]
async fn the_members_own_grant_wins_over_a_group_and_that_over_the_global_one_and_nothing_is_merged() {
    let house = closed_house().await;
    let (app, admin, anna) = (&house.app, administrator(&house), house.anna());
    let (with, without) = (policy(&house, "with", true).await, policy(&house, "without", false).await);
    let (staff, nurses) = (
        app.create_group(&admin, "Staff", None).await.unwrap(),
        app.create_group(&admin, "Nurses", None).await.unwrap(),
    );
    for group in [&staff, &nurses] {
        app.add_group_member(&admin, &group.id, &anna.user_principal_name).await.unwrap();
    }
    let rule = || async {
        let decision = app
            .explain_application_access(&admin, &house.dev.application.client_id, &anna.id)
            .await
            .unwrap();
        assert_eq!(
            decision.allowed,
            lists_meetings(&house, &anna.id).await,
            "explained and done are the same"
        );
        (decision.allowed, decision.rule, decision.policy.map(|policy| policy.name))
    };
    let grant = |grantee, policy: &AccessPolicy, rank| {
        let (admin, policy_id) = (&admin, policy.id.clone());
        async move { app.grant_access(admin, grantee, &policy_id, rank).await.unwrap() }
    };
    assert_eq!(rule().await, (false, AccessRule::NoGrant, None));
    grant(Grantee::Global, &with, None).await;
    assert_eq!(rule().await, (true, AccessRule::Global, Some("with".to_owned())));
    grant(Grantee::Group(nurses.id.clone()), &without, Some(2)).await;
    assert_eq!(rule().await, (false, AccessRule::Group(nurses.clone()), Some("without".to_owned())));
    grant(Grantee::Group(staff.id.clone()), &with, Some(1)).await;
    assert_eq!(rule().await, (true, AccessRule::Group(staff.clone()), Some("with".to_owned())));
    grant(Grantee::Member(anna.id.clone()), &without, None).await;
    assert_eq!(rule().await, (false, AccessRule::Member, Some("without".to_owned())));
    // Who is in no group has the global grant; taking grants away acts on the next request.
    assert!(lists_meetings(&house, &house.ben().id).await);
    app.revoke_access(&admin, Grantee::Member(anna.id.clone())).await.unwrap();
    assert_eq!(rule().await.1, AccessRule::Group(staff.clone()));
    app.remove_group_member(&admin, &staff.id, &anna.id).await.unwrap();
    assert_eq!(rule().await.1, AccessRule::Group(nurses.clone()));
    app.revoke_access(&admin, Grantee::Global).await.unwrap();
    assert!(!lists_meetings(&house, &house.ben().id).await);
}

#[tokio::test]
async fn an_invitation_of_somebody_else_does_not_open_the_organizers_meeting() {
    let house = closed_house().await;
    let (app, admin, anna, ben) = (&house.app, administrator(&house), house.anna(), house.ben());
    let draft = MeetingDraft {
        invitees: vec![app::model::Invitee {
            member_id: Some(ben.id.clone()),
            upn: None,
            role: app::model::InviteeRole::Attendee,
        }],
        ..MeetingDraft::default()
    };
    let own = as_member(&anna, &["OnlineMeetings.ReadWrite"]);
    let meeting = app.schedule(&own, &anna.id, draft).await.unwrap();
    let id = house.graph_id(&meeting);
    let with = policy(&house, "with", true).await;
    app.grant_access(&admin, Grantee::Member(ben.id.clone()), &with.id, None)
        .await
        .unwrap();
    let caller = program(&house);
    assert!(matches!(
        app.meeting(&caller, &ben.id, &id).await,
        Err(AppError::Forbidden { needed }) if needed.contains(&anna.id)
    ));
    let url = app.join_url(&meeting).unwrap();
    assert_eq!(app.find_by_join_url(&caller, &ben.id, &url).await.unwrap(), None);
    app.grant_access(&admin, Grantee::Member(anna.id.clone()), &with.id, None)
        .await
        .unwrap();
    assert!(app.meeting(&caller, &ben.id, &id).await.is_ok());
}

#[tokio::test]
async fn a_grant_for_a_co_organizer_does_not_open_what_belongs_to_the_organizers_meeting() {
    let house = closed_house().await;
    let (app, admin, anna, ben) = (&house.app, administrator(&house), house.anna(), house.ben());
    let draft = MeetingDraft {
        invitees: vec![app::model::Invitee {
            member_id: Some(ben.id.clone()),
            upn: None,
            role: app::model::InviteeRole::Coorganizer,
        }],
        ..MeetingDraft::default()
    };
    let own = as_member(&anna, &["OnlineMeetings.ReadWrite"]);
    let meeting = app.schedule(&own, &anna.id, draft).await.unwrap();
    let id = house.graph_id(&meeting);
    let with = policy(&house, "with", true).await;
    app.grant_access(&admin, Grantee::Member(ben.id.clone()), &with.id, None)
        .await
        .unwrap();
    let caller = Caller::Application {
        client_id: house.dev.application.client_id.clone(),
        roles: [ARTIFACTS_READ_ALL, RECORDINGS_READ_ALL, TRANSCRIPTS_READ_ALL]
            .iter()
            .chain(VIRTUAL_APPOINTMENT_ALL)
            .map(|&role| role.to_owned())
            .collect(),
    };
    let ways = async || {
        [
            app.appointment_url(&caller, &ben.id, &id).await.map(drop),
            app.require_keepsakes(&caller, &ben.id, &id, Keepsake::Recording).await,
            app.require_keepsakes(&caller, &ben.id, &id, Keepsake::Transcript).await,
            app.attendance_summaries(&caller, &ben.id, &id).await.map(drop),
            app.attendance_report(&caller, &ben.id, &id, "x").await.map(drop),
        ]
    };
    for (index, refusal) in ways().await.into_iter().enumerate() {
        assert!(
            matches!(&refusal, Err(AppError::Forbidden { needed }) if needed.contains(&anna.id)),
            "way {index}: {refusal:?}"
        );
    }
    // The co-organizer in person is not concerned, nor is the application with a grant for both.
    let in_person = as_member(&ben, &["VirtualAppointment.Read"]);
    app.appointment_url(&in_person, &ben.id, &id).await.unwrap();
    app.grant_access(&admin, Grantee::Member(anna.id.clone()), &with.id, None)
        .await
        .unwrap();
    for way in ways().await {
        way.unwrap();
    }
}

#[tokio::test]
async fn only_administrators_see_or_change_who_may_act_for_whom() {
    let house = House::new().await;
    let app = &house.app;
    let before = app.access_grants(&administrator(&house)).await.unwrap();
    for caller in [
        as_member(&house.anna(), &[SETTINGS_READ_WRITE]),
        as_member(&house.clara(), &[MEETINGS_READ]),
        as_application(PROGRAM),
        as_application(&[SETTINGS_READ_WRITE]),
    ] {
        let refused = [
            app.groups(&caller).await.map(drop),
            app.create_group(&caller, "G", None).await.map(drop),
            app.access_policies(&caller).await.map(drop),
            app.create_access_policy(&caller, AccessPolicyDraft::default()).await.map(drop),
            app.access_grants(&caller).await.map(drop),
            app.grant_access(&caller, Grantee::Global, &before[0].policy_id, None)
                .await
                .map(drop),
            app.revoke_access(&caller, Grantee::Global).await,
            app.explain_application_access(&caller, &house.dev.application.client_id, &house.anna().id)
                .await
                .map(drop),
        ];
        assert!(
            refused.iter().all(|refusal| matches!(refusal, Err(AppError::Forbidden { .. }))),
            "{refused:?}"
        );
    }
    assert_eq!(app.access_grants(&administrator(&house)).await.unwrap(), before);
}

#[tokio::test]
async fn what_cannot_be_granted_is_refused_and_changes_nothing() {
    let house = House::new().await;
    let (app, admin) = (&house.app, administrator(&house));
    let with = policy(&house, "with", true).await;
    let group = app.create_group(&admin, "Staff", None).await.unwrap();
    let other = app.create_group(&admin, "Staff", None).await.unwrap();
    app.grant_access(&admin, Grantee::Group(group.id.clone()), &with.id, Some(1))
        .await
        .unwrap();
    let before = app.access_grants(&admin).await.unwrap();
    let unknown = "00000000-0000-4000-8000-000000000000";
    let grant = |grantee, policy_id: &str, rank| {
        let (admin, policy_id) = (&admin, policy_id.to_owned());
        async move { app.grant_access(admin, grantee, &policy_id, rank).await }
    };
    let draft = |name: &str, application: &str| AccessPolicyDraft {
        name: Some(name.to_owned()),
        applications: Some(vec![application.to_owned()]),
        ..AccessPolicyDraft::default()
    };
    let field = |result: Result<(), AppError>| match result {
        Err(AppError::InvalidArgument { field, .. }) => field,
        Err(AppError::NotFound { what }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        field(grant(Grantee::Group(other.id.clone()), &with.id, Some(1)).await.map(drop)),
        "rank"
    );
    assert_eq!(
        field(grant(Grantee::Group(other.id.clone()), &with.id, None).await.map(drop)),
        "rank"
    );
    assert_eq!(field(grant(Grantee::Group(other.id), &with.id, Some(0)).await.map(drop)), "rank");
    assert_eq!(field(grant(Grantee::Global, &with.id, Some(1)).await.map(drop)), "rank");
    assert_eq!(
        field(grant(Grantee::Member(unknown.to_owned()), &with.id, None).await.map(drop)),
        "member"
    );
    assert_eq!(
        field(grant(Grantee::Group(unknown.to_owned()), &with.id, Some(9)).await.map(drop)),
        "group"
    );
    assert_eq!(
        field(grant(Grantee::Global, unknown, None).await.map(drop)),
        "application access policy"
    );
    assert_eq!(
        field(app.create_access_policy(&admin, draft("x", unknown)).await.map(drop)),
        "applications"
    );
    let client_id = house.dev.application.client_id.as_str();
    assert_eq!(
        field(app.create_access_policy(&admin, draft("WITH", client_id)).await.map(drop)),
        "name"
    );
    assert_eq!(
        field(app.create_access_policy(&admin, draft(" ", client_id)).await.map(drop)),
        "name"
    );
    assert_eq!(field(app.delete_access_policy(&admin, &with.id).await), "policy");
    assert_eq!(field(app.delete_group(&admin, &group.id).await), "group");
    assert_eq!(app.access_grants(&admin).await.unwrap(), before);
}

#[tokio::test]
async fn dev_mode_grants_its_application_once_and_leaves_what_an_administrator_changed() {
    let house = House::new().await;
    let (admin, anna) = (administrator(&house), house.anna());
    assert!(lists_meetings(&house, &anna.id).await);
    house.app.revoke_access(&admin, Grantee::Global).await.unwrap();
    let house = house.restart().await;
    assert!(!lists_meetings(&house, &anna.id).await);
    assert_eq!(house.store.access_policies().await.unwrap().len(), 1);
    assert!(house.store.member(&anna.id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_refused_application_learns_no_object_id_behind_a_sign_in_name() {
    let house = closed_house().await;
    let (app, anna, caller) = (&house.app, house.anna(), program(&house));
    let refusal = async |key: &str| match app.organizer_id(&caller, key).await {
        Err(AppError::Forbidden { needed }) => needed,
        other => panic!("{other:?}"),
    };
    let name = anna.user_principal_name.to_uppercase();
    let needed = refusal(&name).await;
    assert!(needed.contains(&name) && !needed.contains(&anna.id), "{needed}");
    let needed = refusal(&anna.id).await;
    assert!(needed.contains(&anna.id), "{needed}");
    let granted = policy(&house, "Visits", true).await;
    app.grant_access(&administrator(&house), Grantee::Global, &granted.id, None)
        .await
        .unwrap();
    assert_eq!(app.organizer_id(&caller, &name).await.unwrap(), anna.id);
}
