//! Rooms: who has which role when, and creations that are repeated.

mod support;

use app::model::RoomRole;
use app::rooms::RoomStore as _;
use app::rooms::{MAX_PEOPLE, PeopleChanges, RoomDraft, RoomError, RoomPatch};
use app::{AppError, Change};
use support::{House, MINUTE};

const DAY: i64 = 24 * 60 * MINUTE;

fn guest(house: &House, number: usize) -> String {
    format!("8:acs:{}_00000000-0000-4000-8000-{number:012}", house.dev.tenant.resource_id)
}

fn with(people: &[(String, RoomRole)]) -> RoomDraft {
    RoomDraft {
        people: people.to_vec(),
        ..RoomDraft::default()
    }
}

#[tokio::test]
async fn somebody_has_their_role_while_the_room_is_open_and_none_before_after_or_elsewhere() {
    let house = House::new().await;
    let (maria, other) = (guest(&house, 1), guest(&house, 2));
    let draft = RoomDraft {
        valid_from: Some(house.app.now() + 10 * MINUTE),
        valid_until: Some(house.app.now() + 20 * MINUTE),
        ..with(&[(maria.clone(), RoomRole::Consumer)])
    };
    let room = house.app.create_room(&draft, None).await.unwrap();
    let elsewhere = house.app.create_room(&RoomDraft::default(), None).await.unwrap();
    assert_eq!(house.app.room_role(&room.id, &maria).await.unwrap(), None);
    house.pass(10 * MINUTE);
    assert_eq!(house.app.room_role(&room.id, &maria).await.unwrap(), Some(RoomRole::Consumer));
    assert_eq!(house.app.room_role(&room.id, &other).await.unwrap(), None);
    assert_eq!(house.app.room_role(&elsewhere.id, &maria).await.unwrap(), None);
    house.pass(10 * MINUTE);
    assert_eq!(house.app.room_role(&room.id, &maria).await.unwrap(), None);

    let longer = RoomPatch {
        valid_until: Some(house.app.now() + DAY),
        ..RoomPatch::default()
    };
    house.app.update_room(&room.id, &longer).await.unwrap();
    assert_eq!(house.app.room_role(&room.id, &maria).await.unwrap(), Some(RoomRole::Consumer));
    house.app.delete_room(&room.id).await.unwrap();
    assert_eq!(house.app.room_role(&room.id, &maria).await.unwrap(), None);
    assert!(matches!(house.app.room(&room.id).await, Err(RoomError::NotFound)));
}

#[tokio::test]
async fn repeats_that_come_together_make_one_room_and_others_make_their_own() {
    let house = House::new().await;
    let draft = with(&[(guest(&house, 1), RoomRole::Presenter)]);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (app, draft) = (house.app.clone(), draft.clone());
            tokio::spawn(async move { app.create_room(&draft, Some("one")).await.unwrap() })
        })
        .collect();
    let mut rooms = Vec::new();
    for task in tasks {
        rooms.push(task.await.unwrap());
    }
    assert!(rooms.windows(2).all(|pair| pair.first() == pair.last()));
    assert_eq!(house.app.rooms(None).await.unwrap().items, rooms.get(..1).unwrap());
    house.app.create_room(&draft, Some("another")).await.unwrap();
    house.app.create_room(&draft, None).await.unwrap();
    assert_eq!(house.app.rooms(None).await.unwrap().items.len(), 3);
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_whatever_came_between_and_makes_no_second_room() {
    let house = House::new().await;
    let draft = RoomDraft {
        valid_until: Some(house.app.now() + MINUTE),
        ..RoomDraft::default()
    };
    let first = house.app.create_room(&draft, Some("k")).await.unwrap();
    let dial = RoomPatch {
        pstn_dial_out: Some(true),
        ..RoomPatch::default()
    };
    house.app.update_room(&first.id, &dial).await.unwrap();
    // The time that was asked for is in the past by now.
    house.pass(2 * MINUTE);
    assert_eq!(house.app.create_room(&draft, Some("k")).await.unwrap(), first);
    house.app.delete_room(&first.id).await.unwrap();
    assert_eq!(house.app.create_room(&draft, Some("k")).await.unwrap(), first);
    assert!(house.app.rooms(None).await.unwrap().items.is_empty());

    let house = house.restart().await;
    assert_eq!(house.app.create_room(&draft, Some("k")).await.unwrap(), first);
    assert!(matches!(
        house.app.create_room(&RoomDraft::default(), Some("k")).await,
        Err(RoomError::RepeatedDifferently)
    ));
    house.pass(DAY);
    let fresh = house.app.create_room(&RoomDraft::default(), Some("k")).await.unwrap();
    assert_ne!(fresh.id, first.id);
}

#[tokio::test]
async fn a_creation_that_fell_between_its_two_writes_is_finished_by_its_repeat() {
    let house = House::new().await;
    let draft = with(&[(guest(&house, 1), RoomRole::Presenter)]);
    let room = house.app.create_room(&draft, Some("k")).await.unwrap();
    // What the store holds when the server fell after the claim: the answer, and no room.
    house.store.delete_room(&room.id, 0).await.unwrap();
    house.store.sweep_rooms(1).await.unwrap();
    assert!(matches!(house.app.room(&room.id).await, Err(RoomError::NotFound)));
    assert_eq!(house.app.create_room(&draft, Some("k")).await.unwrap(), room);
    assert_eq!(house.app.room(&room.id).await.unwrap(), room);
    assert_eq!(house.app.room_people(&room.id, None).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_sweep_takes_deleted_rooms_once_they_cannot_be_repeated_and_no_others() {
    let house = House::new().await;
    let kept = house.app.create_room(&RoomDraft::default(), Some("kept")).await.unwrap();
    let gone = house.app.create_room(&RoomDraft::default(), Some("gone")).await.unwrap();
    house.app.delete_room(&gone.id).await.unwrap();
    house.app.sweep_rooms().await.unwrap();
    assert_eq!(house.app.create_room(&RoomDraft::default(), Some("gone")).await.unwrap(), gone);
    assert!(matches!(house.app.room(&gone.id).await, Err(RoomError::NotFound)));
    house.pass(DAY + MINUTE);
    house.app.sweep_rooms().await.unwrap();
    assert_eq!(house.app.rooms(None).await.unwrap().items, [kept]);
    assert_ne!(
        house.app.create_room(&RoomDraft::default(), Some("gone")).await.unwrap().id,
        gone.id
    );
}

#[tokio::test]
async fn a_room_takes_so_many_people_and_no_more_and_changes_are_whole() {
    let house = House::new().await;
    let most = usize::try_from(MAX_PEOPLE).unwrap();
    let people: Vec<_> = (0..most).map(|number| (guest(&house, number), RoomRole::Attendee)).collect();
    let room = house.app.create_room(&with(&people), None).await.unwrap();
    let change = |changes: Vec<(String, Option<RoomRole>)>| PeopleChanges::new(&house.dev.tenant, changes);
    let one_more = change(vec![(guest(&house, 9999), Some(RoomRole::Attendee))]).unwrap();
    assert!(matches!(
        house.app.change_room_people(&room.id, &one_more).await,
        Err(RoomError::TooManyParticipants)
    ));
    let instead = change(vec![(guest(&house, 0), None), (guest(&house, 9999), Some(RoomRole::Attendee))]).unwrap();
    house.app.change_room_people(&room.id, &instead).await.unwrap();

    let too_many: Vec<_> = (0..=most).map(|number| (guest(&house, number), RoomRole::Attendee)).collect();
    assert!(matches!(
        house.app.create_room(&with(&too_many), None).await,
        Err(RoomError::TooManyParticipants)
    ));

    let first = house.app.room_people(&room.id, None).await.unwrap();
    assert_eq!(first.items.len(), 200);
    let second = house.app.room_people(&room.id, first.next.as_deref()).await.unwrap();
    assert_eq!((second.items.len(), second.next), (most - 200, None));
    assert_eq!(second.items.last().unwrap().raw_id, guest(&house, 9999));
}

#[tokio::test]
async fn people_of_this_resource_and_members_can_be_put_in_and_anybody_can_be_removed() {
    let house = House::new().await;
    let put = |raw_id: &str| PeopleChanges::new(&house.dev.tenant, vec![(raw_id.to_owned(), Some(RoomRole::Attendee))]);
    let own = guest(&house, 1);
    let member = house.anna().raw_id();
    for good in [&own, &member] {
        assert_eq!(put(good).unwrap().put().count(), 1, "{good}");
    }
    for bad in [
        "",
        "x",
        "8:acs:",
        "8:acs:00000000-0000-4000-8000-000000000000_00000000-0000-4000-8000-000000000000",
        &own.to_uppercase(),
        &format!("{own}_x"),
        "8:teamsvisitor:00000000000040008000000000000000",
        "4:+15551234567",
    ] {
        assert!(matches!(put(bad), Err(RoomError::MalformedParticipant)), "{bad}");
        assert!(PeopleChanges::new(&house.dev.tenant, vec![(bad.to_owned(), None)]).is_ok(), "{bad}");
    }
}

#[tokio::test]
async fn a_mark_that_no_page_gave_is_refused() {
    let house = House::new().await;
    let room = house.app.create_room(&RoomDraft::default(), None).await.unwrap();
    for mark in [
        "",
        "x",
        "1_",
        "_99199690362660524",
        "9223372036854775808_99199690362660524",
        "1_2_3",
    ] {
        assert!(matches!(house.app.rooms(Some(mark)).await, Err(RoomError::MalformedMark)), "{mark}");
        assert!(
            matches!(house.app.room_people(&room.id, Some(mark)).await, Err(RoomError::MalformedMark)),
            "{mark}"
        );
    }
    assert!(house.app.rooms(Some("1_99199690362660524")).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn every_change_of_a_room_is_told_to_its_call_and_a_refused_or_empty_one_is_not() {
    let house = House::new().await;
    let maria = guest(&house, 1);
    let room = house.app.create_room(&RoomDraft::default(), None).await.unwrap();
    let key = house.app.call_key_of_room(&room.id);
    let mut changes = house.app.changes();
    let put = PeopleChanges::new(&house.dev.tenant, vec![(maria.clone(), Some(RoomRole::Collaborator))]).unwrap();
    house.app.change_room_people(&room.id, &put).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), Change::MeetingChanged { thread_id: key.clone() });
    let governed = house.app.settings_of(&key).await.unwrap();
    let rules = governed.room.unwrap();
    assert_eq!(rules.people.get(&maria), Some(&meeting::Role::Collaborator));
    assert_eq!((rules.opens, rules.closes), (room.valid_from, room.valid_until));

    assert!(house.app.change_room_people("99199690362660524", &put).await.is_err());
    house.app.update_room(&room.id, &RoomPatch::default()).await.unwrap();
    assert!(changes.try_recv().is_err(), "nothing changed");
    let shorter = RoomPatch {
        valid_until: Some(house.app.now() + DAY),
        ..RoomPatch::default()
    };
    house.app.update_room(&room.id, &shorter).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), Change::MeetingChanged { thread_id: key.clone() });
    house.app.delete_room(&room.id).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), Change::MeetingDeleted { thread_id: key.clone() });
    assert!(matches!(house.app.settings_of(&key).await, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn what_the_administrator_decided_about_content_and_consent_holds_in_calls_that_nobody_organizes_and_the_lobby_does_not() {
    let house = House::new().await;
    let administrator = support::as_member(&house.clara(), &[app::permissions::SETTINGS_READ_WRITE]);
    let room = house.app.create_room(&RoomDraft::default(), None).await.unwrap();
    let guid = "29228d3e-040e-4656-a70e-890ab4e173e5";
    let before = house.app.group_call(guid).unwrap().unwrap().policy;
    assert!(before.real_time_text && before.allow_captions && before.allow_cloud_recording && !before.explicit_recording_consent);
    let strict = meeting::MeetingPolicy {
        real_time_text: false,
        allow_captions: false,
        allow_cloud_recording: false,
        explicit_recording_consent: true,
        guest_raised_hand: false,
        auto_admitted_users: meeting::LobbyScope::Organizer,
        allow_anonymous_users_to_join_meeting: false,
        ..meeting::MeetingPolicy::default()
    };
    house.app.update_settings(&administrator, None, Some(strict)).await.unwrap();
    for policy in [
        house.app.group_call(guid).unwrap().unwrap().policy,
        house.app.room_call(&room.id).await.unwrap().policy,
    ] {
        assert!(!policy.real_time_text && !policy.allow_captions && !policy.allow_cloud_recording && policy.explicit_recording_consent);
        assert!(policy.guest_raised_hand && policy.allow_anonymous_users_to_join_meeting);
        assert_eq!(policy.auto_admitted_users, meeting::LobbyScope::Everyone);
    }
}

#[tokio::test]
async fn a_group_call_is_governed_by_its_guid_alone_in_any_letter_case() {
    let house = House::new().await;
    let guid = "29228d3e-040e-4656-a70e-890ab4e173e5";
    let settings = house.app.group_call(&guid.to_uppercase()).unwrap().unwrap();
    assert_eq!(settings.group_id.as_deref(), Some(guid));
    assert_eq!(settings.resource, house.dev.tenant.resource_id);
    assert_eq!(house.app.settings_of(&settings.thread_id).await.unwrap(), settings);
    for id in [
        "",
        "group",
        "29228d3e-040e-4656-a70e-890ab4e173e5 ",
        "{29228d3e-040e-4656-a70e-890ab4e173e5}",
    ] {
        assert!(house.app.group_call(id).unwrap().is_none(), "{id}");
    }
}
