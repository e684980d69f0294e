//! Meetings, bars, attendance.

use app::model::{AttendanceFact, HeldMeeting, MeetingKey, MeetingOrder};
use app::ports::StoreError;
use meeting::Bar;

use super::backend::Backend;
use super::fixtures;

pub(crate) async fn a_meeting_comes_back_as_it_was_by_every_key(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    let written = fixtures::meeting("1", "anna");
    let mut bare = fixtures::meeting("2", "anna");
    (bare.external_id, bare.subject, bare.passcode) = (None, None, None);
    for meeting in [&written, &bare] {
        store.insert_meeting(meeting).await.unwrap();
        assert_eq!(store.meeting(&meeting.thread_id).await.unwrap().as_ref(), Some(meeting));
        assert_eq!(
            store.meeting_by_join_id(&meeting.join_meeting_id).await.unwrap().as_ref(),
            Some(meeting)
        );
    }
    assert_eq!(store.meeting_by_external_id("anna", "external 1").await.unwrap(), Some(written));
    assert_eq!(store.meeting_by_external_id("ben", "external 1").await.unwrap(), None);
    assert_eq!(store.meeting("19:nothing").await.unwrap(), None);
    assert_eq!(store.meeting_by_join_id("nothing").await.unwrap(), None);
}

pub(crate) async fn keys_of_meetings_are_unique(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
    let first = fixtures::meeting("1", "anna");
    store.insert_meeting(&first).await.unwrap();
    let clash = |change: fn(&mut app::model::OnlineMeeting)| {
        let mut meeting = fixtures::meeting("2", "anna");
        change(&mut meeting);
        meeting
    };
    let clashes = [
        clash(|meeting| meeting.thread_id = fixtures::meeting("1", "anna").thread_id),
        clash(|meeting| meeting.join_meeting_id = "id 1".into()),
        clash(|meeting| meeting.external_id = Some("external 1".into())),
    ];
    for meeting in clashes {
        assert!(matches!(store.insert_meeting(&meeting).await, Err(StoreError::Conflict { .. })));
    }
    assert_eq!(
        store.meetings_of("anna", MeetingOrder::default(), 0, 10).await.unwrap(),
        vec![first]
    );
    let mut of_another = fixtures::meeting("3", "ben");
    of_another.external_id = Some("external 1".into());
    store.insert_meeting(&of_another).await.unwrap();
    let stranger = store.insert_meeting(&fixtures::meeting("4", "nobody")).await;
    assert!(matches!(stranger, Err(StoreError::Failed { .. })), "an organizer must exist");
}

pub(crate) async fn a_change_needs_the_current_revision(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    let mut meeting = fixtures::meeting("1", "anna");
    store.insert_meeting(&meeting).await.unwrap();
    meeting.subject = None;
    meeting.extra.clear();
    meeting.revision = 2;
    store.update_meeting(&meeting, 1).await.unwrap();
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap().as_ref(), Some(&meeting));
    let late = app::model::OnlineMeeting {
        subject: Some("late".into()),
        revision: 2,
        ..meeting.clone()
    };
    assert!(matches!(store.update_meeting(&late, 1).await, Err(StoreError::Conflict { .. })));
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap(), Some(meeting));
}

pub(crate) async fn a_deleted_meeting_is_gone_and_frees_its_external_id_only(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_member(&fixtures::member("anna")).await.unwrap();
    let meeting = fixtures::meeting("1", "anna");
    store.insert_meeting(&meeting).await.unwrap();
    assert!(store.delete_meeting(&meeting.thread_id, 9).await.unwrap());
    assert!(!store.delete_meeting(&meeting.thread_id, 10).await.unwrap());
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap(), None);
    assert_eq!(store.meeting_by_join_id("id 1").await.unwrap(), None);
    assert_eq!(store.meeting_by_external_id("anna", "external 1").await.unwrap(), None);
    assert!(store.meetings_of("anna", MeetingOrder::default(), 0, 10).await.unwrap().is_empty());
    assert!(matches!(store.update_meeting(&meeting, 1).await, Err(StoreError::Conflict { .. })));
    let mut again = fixtures::meeting("2", "anna");
    again.external_id = Some("external 1".into());
    store.insert_meeting(&again).await.unwrap();
    let mut same_id = fixtures::meeting("3", "anna");
    same_id.join_meeting_id = "id 1".into();
    assert!(
        matches!(store.insert_meeting(&same_id).await, Err(StoreError::Conflict { .. })),
        "a meeting ID is never given twice"
    );
}

pub(crate) async fn lists_are_ordered_and_paged(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
    for (key, start) in [("a", 10), ("b", 30), ("c", 20)] {
        let mut meeting = fixtures::meeting(key, "anna");
        meeting.start = start;
        store.insert_meeting(&meeting).await.unwrap();
    }
    store.insert_meeting(&fixtures::meeting("z", "ben")).await.unwrap();
    let keys = |list: Vec<app::model::OnlineMeeting>| list.into_iter().map(|meeting| meeting.join_meeting_id).collect::<Vec<_>>();
    assert_eq!(
        keys(store.meetings_of("anna", MeetingOrder::default(), 0, 10).await.unwrap()),
        ["id b", "id c", "id a"]
    );
    assert_eq!(
        keys(store.meetings_of("anna", MeetingOrder::default(), 1, 1).await.unwrap()),
        ["id c"]
    );
    assert!(store.meetings_of("anna", MeetingOrder::default(), 3, 10).await.unwrap().is_empty());
}

pub(crate) async fn lists_are_counted_and_ordered_by_every_key(backend: &impl Backend) {
    let store = backend.open().await;
    for id in ["anna", "ben"] {
        store.put_member(&fixtures::member(id)).await.unwrap();
    }
    for (key, start, created, subject) in [("a", 10, 3, Some("beta")), ("b", 30, 1, None), ("c", 20, 2, Some("Alpha"))] {
        let mut meeting = fixtures::meeting(key, "anna");
        (meeting.start, meeting.created, meeting.subject) = (start, created, subject.map(str::to_owned));
        store.insert_meeting(&meeting).await.unwrap();
    }
    for (by, ascending) in [
        (MeetingKey::Start, ["id a", "id c", "id b"]),
        (MeetingKey::Created, ["id b", "id c", "id a"]),
        (MeetingKey::Subject, ["id b", "id c", "id a"]),
    ] {
        for descending in [false, true] {
            let order = MeetingOrder { by, descending };
            let mut found: Vec<_> = store.meetings_of("anna", order, 0, 10).await.unwrap();
            if descending {
                found.reverse();
            }
            let keys: Vec<_> = found.into_iter().map(|meeting| meeting.join_meeting_id).collect();
            assert_eq!(keys, ascending, "{by:?} {descending}");
        }
    }
    assert_eq!(store.meeting_count("anna").await.unwrap(), 3);
    assert_eq!(store.meeting_count("ben").await.unwrap(), 0);
    store.delete_meeting(&fixtures::meeting("a", "anna").thread_id, 9).await.unwrap();
    assert_eq!(store.meeting_count("anna").await.unwrap(), 2);
}

pub(crate) async fn a_bar_lasts_and_only_grows(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.bar("thread", "guest").await.unwrap(), None);
    store.put_bar("thread", "guest", Bar::Removed, 100).await.unwrap();
    store.put_bar("thread", "guest", Bar::Removed, 50).await.unwrap();
    assert_eq!(store.bar("thread", "guest").await.unwrap(), Some(100));
    store.put_bar("thread", "guest", Bar::Denied, 200).await.unwrap();
    store.put_bar("thread", "other", Bar::Removed, 150).await.unwrap();
    store.put_bar("elsewhere", "guest", Bar::Removed, 900).await.unwrap();
    assert_eq!(store.bars("thread", 150).await.unwrap(), [("guest".to_owned(), Bar::Denied)]);
    assert_eq!(
        store.bars("thread", 149).await.unwrap(),
        [("guest".to_owned(), Bar::Denied), ("other".to_owned(), Bar::Removed)]
    );
    store.clear_bars("thread").await.unwrap();
    assert_eq!(store.bar("thread", "guest").await.unwrap(), None);
    assert_eq!(store.bar("elsewhere", "guest").await.unwrap(), Some(900));
}

pub(crate) async fn attendance_is_ordered_and_told_twice_is_kept_once(backend: &impl Backend) {
    let store = backend.open().await;
    let facts = [fixtures::attendance("late", 20), fixtures::attendance("early", 10)];
    store.add_attendance(&facts).await.unwrap();
    store.add_attendance(&facts).await.unwrap();
    let [late, early] = facts;
    assert_eq!(store.attendance("thread").await.unwrap(), vec![early, late]);
    assert!(store.attendance("other").await.unwrap().is_empty());
}

pub(crate) async fn attendance_of_one_held_meeting_is_read_alone_and_bounded(backend: &impl Backend) {
    let store = backend.open().await;
    let of = |held: &str, raw_id: &str, at: i64| AttendanceFact {
        held_id: held.to_owned(),
        ..fixtures::attendance(raw_id, at)
    };
    let facts = [of("one", "a", 10), of("two", "a", 15), of("one", "b", 20), of("two", "b", 30)];
    store.add_attendance(&facts).await.unwrap();
    let held = |held_id: &str, first, last| HeldMeeting {
        held_id: held_id.to_owned(),
        first,
        last,
    };
    let all = store.held_meetings("thread").await.unwrap();
    assert_eq!(all, [held("two", 15, 30), held("one", 10, 20)]);
    let [two, one] = <[_; 2]>::try_from(all).unwrap();
    assert_eq!(
        store.attendance_of("thread", &one, 9).await.unwrap(),
        [facts[0].clone(), facts[2].clone()]
    );
    assert_eq!(store.attendance_of("thread", &two, 1).await.unwrap(), [facts[1].clone()]);
    assert!(store.attendance_of("other", &one, 9).await.unwrap().is_empty());
    assert!(store.held_meetings("other").await.unwrap().is_empty());
}
