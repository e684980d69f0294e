//! Scheduled meetings: who may do what, how changes merge, what is announced, what a restart finds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use app::model::{Invitee, InviteeRole, OnlineMeeting};
use app::permissions::{MEETINGS_READ, MEETINGS_READ_ALL, MEETINGS_READ_WRITE, MEETINGS_READ_WRITE_ALL};
use app::ports::DirectoryStore as _;
use app::{AppError, Caller, Change, MeetingDraft, MeetingPatch, Page, links};
use meeting::LobbyScope;
use serde_json::json;
use support::{House, MINUTE, as_application, as_member};

fn draft(subject: &str) -> MeetingDraft {
    MeetingDraft {
        subject: Some(subject.to_owned()),
        ..MeetingDraft::default()
    }
}

fn invite(member_id: Option<&str>, upn: Option<&str>, role: InviteeRole) -> Invitee {
    Invitee {
        member_id: member_id.map(str::to_owned),
        upn: upn.map(str::to_owned),
        role,
    }
}

async fn scheduled(house: &House, draft: MeetingDraft) -> OnlineMeeting {
    house
        .app
        .schedule(&as_application(&[MEETINGS_READ_WRITE_ALL]), &house.anna().id, draft)
        .await
        .unwrap()
}

/// What happened, short enough for a table.
fn verdict<T>(result: Result<T, AppError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(AppError::Forbidden { .. }) => "forbidden",
        Err(AppError::NotFound { .. }) => "not found",
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_meeting_has_links_ids_and_defaults() {
    let house = House::new().await;
    let meeting = scheduled(&house, draft("Visit")).await;
    let now = house.app.now();
    assert_eq!((meeting.start, meeting.end, meeting.created), (now, now + 60 * MINUTE, now));
    assert!(meeting.expires > meeting.end);
    assert!(links::is_thread_id(&meeting.thread_id));
    assert_eq!(meeting.join_meeting_id.len(), 12);
    assert_eq!(meeting.passcode.as_ref().map(String::len), Some(8));
    let link = house.app.join_url(&meeting).unwrap();
    assert_eq!(
        links::parse_join_link(&link),
        Some(links::JoinLink::Long(house.app.coordinates(&meeting).unwrap()))
    );
    let open = scheduled(
        &house,
        MeetingDraft {
            passcode_required: Some(false),
            ..draft("Open")
        },
    )
    .await;
    assert_eq!(open.passcode, None);
}

#[tokio::test]
async fn permissions_decide_as_the_table_says() {
    let house = House::new().await;
    let (anna, ben, clara) = (house.anna(), house.ben(), house.clara());
    let meeting = scheduled(
        &house,
        MeetingDraft {
            invitees: vec![invite(Some(&ben.id), None, InviteeRole::Attendee)],
            ..draft("Visit")
        },
    )
    .await;
    let (id, url) = (house.graph_id(&meeting), house.app.join_url(&meeting).unwrap());
    let app = &house.app;
    // Caller; then: schedule, read by id, find by link, find by meeting ID, list, change — all under the organizer.
    let table: Vec<(&str, Caller, [&str; 6])> = vec![
        (
            "organizer, read and write",
            as_member(&anna, &[MEETINGS_READ_WRITE]),
            ["ok", "ok", "ok", "ok", "ok", "ok"],
        ),
        (
            "organizer, read",
            as_member(&anna, &[MEETINGS_READ]),
            ["forbidden", "ok", "ok", "ok", "ok", "forbidden"],
        ),
        ("organizer, another scope", as_member(&anna, &["User.Read"]), ["forbidden"; 6]),
        (
            "organizer, an application's permission",
            as_member(&anna, &[MEETINGS_READ_WRITE_ALL]),
            ["forbidden"; 6],
        ),
        (
            "invited",
            as_member(&ben, &[MEETINGS_READ_WRITE]),
            ["forbidden", "ok", "forbidden", "forbidden", "forbidden", "forbidden"],
        ),
        ("stranger", as_member(&clara, &[MEETINGS_READ_WRITE]), ["forbidden"; 6]),
        (
            "application, read and write",
            as_application(&[MEETINGS_READ_WRITE_ALL]),
            ["ok", "ok", "ok", "ok", "ok", "ok"],
        ),
        (
            "application, read",
            as_application(&[MEETINGS_READ_ALL]),
            ["forbidden", "ok", "ok", "ok", "ok", "forbidden"],
        ),
        (
            "application, a member's permission",
            as_application(&[MEETINGS_READ_WRITE]),
            ["forbidden"; 6],
        ),
        ("application, nothing", as_application(&[]), ["forbidden"; 6]),
    ];
    for (who, caller, expected) in table {
        let patch = MeetingPatch {
            subject: Some(Some("Changed".to_owned())),
            ..MeetingPatch::default()
        };
        let found = [
            verdict(app.schedule(&caller, &anna.id, draft("New")).await),
            verdict(app.meeting(&caller, &anna.id, &id).await),
            verdict(app.find_by_join_url(&caller, &anna.id, &url).await),
            verdict(app.find_by_join_meeting_id(&caller, &anna.id, &meeting.join_meeting_id).await),
            verdict(app.meetings(&caller, &anna.id, Page::default()).await),
            verdict(app.update_meeting(&caller, &anna.id, &id, patch).await),
        ];
        assert_eq!(found, expected, "{who}");
    }
    // The invited member reads in the own name too; nobody in a third one's.
    let ben_reads = as_member(&ben, &[MEETINGS_READ]);
    assert_eq!(verdict(app.meeting(&ben_reads, &ben.id, &id).await), "ok");
    assert_eq!(verdict(app.meeting(&ben_reads, &clara.id, &id).await), "forbidden");
    assert_eq!(
        verdict(app.meeting(&as_application(&[MEETINGS_READ_ALL]), &clara.id, &id).await),
        "not found"
    );
    assert_eq!(
        verdict(app.meeting(&as_application(&[MEETINGS_READ_ALL]), &ben.id, &id).await),
        "ok"
    );
    // Deleting, last.
    for caller in [
        as_member(&ben, &[MEETINGS_READ_WRITE]),
        as_member(&anna, &[MEETINGS_READ]),
        as_application(&[MEETINGS_READ_ALL]),
    ] {
        assert_eq!(verdict(app.delete_meeting(&caller, &anna.id, &id).await), "forbidden");
    }
    assert_eq!(
        verdict(app.delete_meeting(&as_member(&anna, &[MEETINGS_READ_WRITE]), &anna.id, &id).await),
        "ok"
    );
}

#[tokio::test]
async fn the_organizer_must_be_a_member_who_may_sign_in() {
    let house = House::new().await;
    let caller = as_application(&[MEETINGS_READ_WRITE_ALL]);
    assert_eq!(verdict(house.app.schedule(&caller, "nobody", draft("x")).await), "not found");
    let ben = app::model::Member {
        enabled: false,
        ..house.ben()
    };
    assert_eq!(verdict(house.app.schedule(&caller, &ben.id, draft("x")).await), "ok");
    house.store.put_member(&ben).await.unwrap();
    assert_eq!(verdict(house.app.schedule(&caller, &ben.id, draft("x")).await), "not found");
}

#[tokio::test]
async fn invited_people_are_completed_from_the_directory() {
    let house = House::new().await;
    let (ben, clara) = (house.ben(), house.clara());
    let invitees = vec![
        invite(None, Some(&ben.user_principal_name.to_uppercase()), InviteeRole::Presenter),
        invite(Some(&clara.id.to_uppercase()), None, InviteeRole::Coorganizer),
        invite(None, Some("maria@example.org"), InviteeRole::Attendee),
    ];
    let meeting = scheduled(
        &house,
        MeetingDraft {
            invitees,
            ..draft("Visit")
        },
    )
    .await;
    let ids: Vec<_> = meeting.invitees.iter().map(|invitee| invitee.member_id.as_deref()).collect();
    assert_eq!(ids, [Some(ben.id.as_str()), Some(clara.id.as_str()), None]);
    assert_eq!(meeting.invitees[1].upn.as_deref(), Some(clara.user_principal_name.as_str()));
    let settings = house.app.settings_of(&meeting.thread_id).await.unwrap();
    assert_eq!(
        (settings.presenters, settings.co_organizers),
        (vec![ben.id.clone()], vec![clara.id.clone()])
    );
    assert_eq!(settings.invited, [ben.id, clara.id]);
    let caller = as_application(&[MEETINGS_READ_WRITE_ALL]);
    for bad in [
        invite(None, Some("maria@example.org"), InviteeRole::Presenter),
        invite(None, None, InviteeRole::Attendee),
    ] {
        let refused = house
            .app
            .schedule(
                &caller,
                &house.anna().id,
                MeetingDraft {
                    invitees: vec![bad],
                    ..draft("x")
                },
            )
            .await;
        assert!(matches!(refused, Err(AppError::InvalidArgument { field: "participants", .. })));
    }
}

#[tokio::test]
async fn create_or_get_makes_one_meeting_per_external_id_even_when_asked_at_once() {
    let house = House::new().await;
    let caller = as_application(&[MEETINGS_READ_WRITE_ALL]);
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (app, caller, anna) = (house.app.clone(), caller.clone(), house.anna().id);
            tokio::spawn(async move { app.create_or_get(&caller, &anna, "visit-1", draft("Visit")).await.unwrap() })
        })
        .collect();
    let mut threads = Vec::new();
    let mut made = 0;
    for answer in asked {
        let (meeting, new) = answer.await.unwrap();
        made += u32::from(new);
        threads.push(meeting.thread_id);
    }
    threads.dedup();
    assert_eq!((made, threads.len()), (1, 1));
    let (_, new) = house
        .app
        .create_or_get(&caller, &house.anna().id, "visit-2", draft("Visit"))
        .await
        .unwrap();
    assert!(new);
    let refused = house.app.create_or_get(&caller, &house.anna().id, "", draft("Visit")).await;
    assert!(matches!(refused, Err(AppError::InvalidArgument { field: "externalId", .. })));
}

#[tokio::test]
async fn a_change_touches_only_what_it_names_and_is_announced() {
    let house = House::new().await;
    let anna = house.anna();
    let caller = as_member(&anna, &[MEETINGS_READ_WRITE]);
    let extra = json!({ "allowRecording": true, "watermarkProtection": { "isEnabledForVideo": true } });
    let before = scheduled(
        &house,
        MeetingDraft {
            extra: extra.as_object().cloned().unwrap(),
            ..draft("Visit")
        },
    )
    .await;
    let id = house.graph_id(&before);
    let mut changes = house.app.changes();

    let patch = MeetingPatch {
        edit_options: Some(Box::new(|options| options.lobby_scope = Some(LobbyScope::Everyone))),
        extra: json!({ "watermarkProtection": { "isEnabledForContentSharing": true } })
            .as_object()
            .cloned()
            .unwrap(),
        ..MeetingPatch::default()
    };
    let after = house.app.update_meeting(&caller, &anna.id, &id, patch).await.unwrap();
    assert_eq!(
        changes.try_recv().unwrap(),
        Change::MeetingChanged {
            thread_id: before.thread_id.clone()
        }
    );
    let mut expected = before.clone();
    expected.options.lobby_scope = Some(LobbyScope::Everyone);
    expected.extra["watermarkProtection"]["isEnabledForContentSharing"] = json!(true);
    expected.revision = 2;
    assert_eq!(after, expected);
    assert_eq!(house.app.meeting(&caller, &anna.id, &id).await.unwrap(), expected);

    for (start, end) in [(Some(5), None), (None, Some(5)), (Some(9), Some(5))] {
        let refused = house
            .app
            .update_meeting(
                &caller,
                &anna.id,
                &id,
                MeetingPatch {
                    start,
                    end,
                    ..MeetingPatch::default()
                },
            )
            .await;
        assert!(matches!(refused, Err(AppError::InvalidArgument { .. })));
    }
    assert!(changes.try_recv().is_err(), "what failed is not announced");
    assert_eq!(house.app.meeting(&caller, &anna.id, &id).await.unwrap(), expected);

    let later = before.end + 60 * MINUTE;
    let patch = MeetingPatch {
        subject: Some(None),
        start: Some(before.end),
        end: Some(later),
        ..MeetingPatch::default()
    };
    let moved = house.app.update_meeting(&caller, &anna.id, &id, patch).await.unwrap();
    assert_eq!((moved.subject, moved.start, moved.end), (None, before.end, later));
    assert!(moved.expires > before.expires);
}

#[tokio::test]
async fn changes_at_once_are_all_kept() {
    let house = House::new().await;
    let anna = house.anna();
    let meeting = scheduled(&house, draft("Visit")).await;
    let id = house.graph_id(&meeting);
    let writers: Vec<_> = (0..3)
        .map(|index| {
            let (app, anna, id) = (house.app.clone(), anna.clone(), id.clone());
            let extra = json!({ format!("property{index}"): index }).as_object().cloned().unwrap();
            let patch = MeetingPatch {
                extra,
                ..MeetingPatch::default()
            };
            tokio::spawn(async move {
                app.update_meeting(&as_member(&anna, &[MEETINGS_READ_WRITE]), &anna.id, &id, patch)
                    .await
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let meeting = house.app.meeting_by_thread(&meeting.thread_id).await.unwrap();
    assert_eq!((meeting.extra.len(), meeting.revision), (3, 4));
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let house = House::new().await;
    let (caller, anna) = (as_application(&[MEETINGS_READ_WRITE_ALL]), house.anna().id);
    let large = json!({ "x": "y".repeat(70_000) }).as_object().cloned().unwrap();
    let crowd = vec![invite(None, Some("a@example.org"), InviteeRole::Attendee); 1001];
    let drafts = [
        draft(&"s".repeat(2000)),
        MeetingDraft {
            extra: large,
            ..draft("x")
        },
        MeetingDraft {
            invitees: crowd,
            ..draft("x")
        },
    ];
    for draft in drafts {
        assert!(matches!(
            house.app.schedule(&caller, &anna, draft).await,
            Err(AppError::InvalidArgument { .. })
        ));
    }
}

#[tokio::test]
async fn a_meeting_is_found_by_its_link_in_every_encoding_and_only_by_its_own() {
    let house = House::new().await;
    let (anna, ben) = (house.anna(), house.ben());
    let caller = as_member(&anna, &[MEETINGS_READ]);
    let meeting = scheduled(&house, draft("Visit")).await;
    let link = house.app.join_url(&meeting).unwrap();
    let decoded = percent_encoding::percent_decode_str(&link).decode_utf8().unwrap().into_owned();
    let encoded = percent_encoding::utf8_percent_encode(&link, percent_encoding::NON_ALPHANUMERIC).to_string();
    let short = links::short_join_url(support::OTHER_ORIGIN, &meeting.join_meeting_id, None);
    let shouted = link
        .replace(&anna.id, &anna.id.to_uppercase())
        .replace("%3a", "%3A")
        .replace("http://", "HTTP://");
    for url in [link.clone(), decoded, encoded, shouted, short] {
        let found = house.app.find_by_join_url(&caller, &anna.id, &url).await.unwrap();
        assert_eq!(found.as_ref(), Some(&meeting), "{url}");
    }
    let wrong_tenant = link.replace(&house.dev.tenant.id, &ben.id);
    assert_eq!(house.app.find_by_join_url(&caller, &anna.id, &wrong_tenant).await.unwrap(), None);
    let of_ben = as_member(&ben, &[MEETINGS_READ]);
    assert_eq!(house.app.find_by_join_url(&of_ben, &ben.id, &link).await.unwrap(), None);
    assert_eq!(
        house
            .app
            .find_by_join_meeting_id(&of_ben, &ben.id, &meeting.join_meeting_id)
            .await
            .unwrap(),
        None
    );
    assert!(matches!(
        house.app.find_by_join_url(&caller, &anna.id, "https://x/").await,
        Err(AppError::InvalidArgument { .. })
    ));
    let spaced = format!("{} {}", &meeting.join_meeting_id[..3], &meeting.join_meeting_id[3..]);
    assert!(
        house
            .app
            .find_by_join_meeting_id(&caller, &anna.id, &spaced)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(house.app.find_by_join_meeting_id(&caller, &anna.id, "x").await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_meeting_is_gone_for_everybody_and_its_deletion_is_announced() {
    let house = House::new().await;
    let anna = house.anna();
    let caller = as_member(&anna, &[MEETINGS_READ_WRITE]);
    let (meeting, kept) = (scheduled(&house, draft("Visit")).await, scheduled(&house, draft("Kept")).await);
    let mut changes = house.app.changes();
    house
        .app
        .delete_meeting(&caller, &anna.id, &house.graph_id(&meeting))
        .await
        .unwrap();
    assert_eq!(
        changes.try_recv().unwrap(),
        Change::MeetingDeleted {
            thread_id: meeting.thread_id.clone()
        }
    );
    assert_eq!(
        verdict(house.app.meeting(&caller, &anna.id, &house.graph_id(&meeting)).await),
        "not found"
    );
    assert_eq!(
        verdict(house.app.delete_meeting(&caller, &anna.id, &house.graph_id(&meeting)).await),
        "not found"
    );
    assert_eq!(verdict(house.app.settings_of(&meeting.thread_id).await), "not found");
    assert_eq!(house.app.meetings(&caller, &anna.id, Page::default()).await.unwrap(), vec![kept]);
}

#[tokio::test]
async fn meetings_options_and_accounts_are_found_again_after_a_restart() {
    let house = House::new().await;
    let mut wanted = draft("Visit");
    wanted.options.allow_anonymous_join = false;
    let meeting = scheduled(&house, wanted).await;
    let (tenant, secret, key) = (
        house.dev.tenant.clone(),
        house.dev.client_secret.clone(),
        house.dev.access_key.clone(),
    );
    let passwords: Vec<_> = house.dev.members.iter().map(|member| member.password.clone()).collect();
    let house = house.restart().await;
    assert_eq!(house.app.meeting_by_thread(&meeting.thread_id).await.unwrap(), meeting);
    assert_eq!(
        (
            house.dev.tenant.clone(),
            house.dev.client_secret.clone(),
            house.dev.access_key.clone()
        ),
        (tenant, secret, key)
    );
    let again: Vec<_> = house.dev.members.iter().map(|member| member.password.clone()).collect();
    assert_eq!(again, passwords);
}
