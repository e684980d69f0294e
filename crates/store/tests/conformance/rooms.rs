//! Rooms, their people, and answers that are remembered.

use std::sync::Arc;

use app::model::{Room, RoomRole};
use app::ports::StoreError;
use app::rooms::PeopleChanged;

use super::backend::Backend;

fn room(id: &str, created: i64) -> Room {
    Room {
        id: id.into(),
        created,
        valid_from: created,
        valid_until: created + 1000,
        pstn_dial_out: false,
    }
}

fn roles(people: &[app::model::RoomParticipant]) -> Vec<(&str, RoomRole)> {
    people.iter().map(|person| (person.raw_id.as_str(), person.role)).collect()
}

pub(crate) async fn a_room_comes_back_as_it_was_and_its_id_stays_taken_until_it_is_swept(backend: &impl Backend) {
    let store = backend.open().await;
    let people = [("b".to_owned(), RoomRole::Presenter), ("a".to_owned(), RoomRole::Consumer)];
    store.insert_room(&room("1", 10), &people).await.unwrap();
    assert_eq!(store.room("1").await.unwrap(), Some(room("1", 10)));
    assert_eq!(
        roles(&store.people_after("1", 0, 9).await.unwrap()),
        [("b", RoomRole::Presenter), ("a", RoomRole::Consumer)]
    );
    let taken = store.insert_room(&room("1", 99), &[("c".to_owned(), RoomRole::Attendee)]).await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));
    assert_eq!(store.room("1").await.unwrap(), Some(room("1", 10)));
    assert_eq!(store.room_role("1", "c").await.unwrap(), None);

    assert!(store.delete_room("1", 50).await.unwrap());
    assert!(!store.delete_room("1", 51).await.unwrap());
    assert_eq!(store.room("1").await.unwrap(), None);
    assert!(store.people_after("1", 0, 9).await.unwrap().is_empty());
    assert!(matches!(
        store.insert_room(&room("1", 60), &[]).await,
        Err(StoreError::Conflict { .. })
    ));
    store.sweep_rooms(50).await.unwrap();
    assert!(matches!(
        store.insert_room(&room("1", 60), &[]).await,
        Err(StoreError::Conflict { .. })
    ));
    store.sweep_rooms(51).await.unwrap();
    store.insert_room(&room("1", 60), &[]).await.unwrap();
}

pub(crate) async fn a_room_is_changed_only_from_what_it_was(backend: &impl Backend) {
    let store = backend.open().await;
    store.insert_room(&room("1", 10), &[]).await.unwrap();
    let dialled = Room {
        pstn_dial_out: true,
        ..room("1", 10)
    };
    let longer = Room {
        valid_until: 5000,
        ..room("1", 10)
    };
    assert!(store.update_room(&room("1", 10), &dialled).await.unwrap());
    assert!(!store.update_room(&room("1", 10), &longer).await.unwrap());
    assert_eq!(store.room("1").await.unwrap(), Some(dialled.clone()));
    assert!(store.delete_room("1", 20).await.unwrap());
    assert!(!store.update_room(&dialled, &longer).await.unwrap());
    assert!(!store.update_room(&room("2", 10), &longer).await.unwrap());
}

pub(crate) async fn rooms_are_listed_newest_first_and_each_once_over_pages(backend: &impl Backend) {
    let store = backend.open().await;
    for (id, created) in [("c", 10), ("a", 20), ("b", 20), ("d", 30), ("e", 5)] {
        store.insert_room(&room(id, created), &[]).await.unwrap();
    }
    store.delete_room("d", 40).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .rooms_after(after.as_ref().map(|(created, id): &(i64, String)| (*created, id.as_str())), 2)
            .await;
        let page = page.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.created, last.id.clone()));
        seen.extend(page.into_iter().map(|room| room.id));
    }
    assert_eq!(seen, ["a", "b", "c", "e"]);
}

pub(crate) async fn people_are_added_changed_and_removed_together_or_not_at_all(backend: &impl Backend) {
    let store = backend.open().await;
    store
        .insert_room(&room("1", 10), &[("a".to_owned(), RoomRole::Attendee)])
        .await
        .unwrap();
    let change = |changes: &[(&str, Option<RoomRole>)]| changes.iter().map(|(id, role)| ((*id).to_owned(), *role)).collect::<Vec<_>>();
    let changes = change(&[("b", Some(RoomRole::Consumer)), ("a", Some(RoomRole::Presenter)), ("nobody", None)]);
    assert_eq!(store.change_people("1", &changes, 2).await.unwrap(), PeopleChanged::Done);
    assert_eq!(
        roles(&store.people_after("1", 0, 9).await.unwrap()),
        [("a", RoomRole::Presenter), ("b", RoomRole::Consumer)]
    );
    assert_eq!(store.room_role("1", "b").await.unwrap(), Some(RoomRole::Consumer));

    let too_many = change(&[("a", None), ("c", Some(RoomRole::Attendee)), ("d", Some(RoomRole::Attendee))]);
    assert_eq!(store.change_people("1", &too_many, 2).await.unwrap(), PeopleChanged::TooMany);
    assert_eq!(store.people_after("1", 0, 9).await.unwrap().len(), 2);
    assert_eq!(store.room_role("1", "a").await.unwrap(), Some(RoomRole::Presenter));
    let fewer = change(&[("a", None), ("c", Some(RoomRole::Attendee))]);
    assert_eq!(store.change_people("1", &fewer, 1).await.unwrap(), PeopleChanged::Done);
    assert_eq!(
        roles(&store.people_after("1", 0, 9).await.unwrap()),
        [("b", RoomRole::Consumer), ("c", RoomRole::Attendee)]
    );
    assert_eq!(store.change_people("2", &fewer, 9).await.unwrap(), PeopleChanged::NoRoom);
    store.delete_room("1", 20).await.unwrap();
    assert_eq!(store.change_people("1", &fewer, 9).await.unwrap(), PeopleChanged::NoRoom);
}

pub(crate) async fn people_are_listed_in_the_order_of_their_coming_over_pages(backend: &impl Backend) {
    let store = backend.open().await;
    store
        .insert_room(&room("1", 10), &[("z".to_owned(), RoomRole::Attendee)])
        .await
        .unwrap();
    for id in ["m", "a", "x"] {
        let one = [(id.to_owned(), Some(RoomRole::Attendee))];
        assert_eq!(store.change_people("1", &one, 9).await.unwrap(), PeopleChanged::Done);
    }
    let first = store.people_after("1", 0, 3).await.unwrap();
    assert_eq!(
        first.iter().map(|person| person.raw_id.as_str()).collect::<Vec<_>>(),
        ["z", "m", "a"]
    );
    let rest = store.people_after("1", first[2].position, 3).await.unwrap();
    assert_eq!(rest.iter().map(|person| person.raw_id.as_str()).collect::<Vec<_>>(), ["x"]);
}

pub(crate) async fn many_changes_of_one_room_at_once_lose_nobody(backend: &impl Backend) {
    let store = backend.open().await;
    store.insert_room(&room("1", 10), &[]).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|index| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let one = [(format!("p{index}"), Some(RoomRole::Attendee))];
                store.change_people("1", &one, 99).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), PeopleChanged::Done);
    }
    assert_eq!(store.people_after("1", 0, 99).await.unwrap().len(), 20);
}

pub(crate) async fn a_remembered_answer_is_the_first_one_until_it_expires(backend: &impl Backend) {
    let store = backend.open().await;
    let remember = |key: &'static str, answer: &'static str, now| {
        let store = Arc::clone(&store);
        async move { store.remember_answer("rooms", key, answer, now + 100, now).await.unwrap() }
    };
    assert_eq!(remember("k", "first", 0).await, None);
    assert_eq!(remember("k", "second", 99).await.as_deref(), Some("first"));
    assert_eq!(remember("other", "its own", 99).await, None);
    assert_eq!(store.remembered_answer("rooms", "k", 99).await.unwrap().as_deref(), Some("first"));
    assert_eq!(store.remembered_answer("rooms", "k", 100).await.unwrap(), None);
    assert_eq!(store.remembered_answer("chats", "k", 99).await.unwrap(), None);
    assert_eq!(remember("k", "second", 100).await, None);
    store.sweep_answers(199).await.unwrap();
    assert_eq!(store.remembered_answer("rooms", "k", 150).await.unwrap().as_deref(), Some("second"));
    assert_eq!(store.remembered_answer("rooms", "other", 150).await.unwrap(), None);
}
