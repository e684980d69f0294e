//! What was committed stays, what was not leaves nothing.

use super::backend::Backend;
use super::fixtures;

pub(crate) async fn everything_is_found_again_after_a_reopen(backend: &impl Backend) {
    {
        let store = backend.open().await;
        store.put_tenant(&fixtures::tenant()).await.unwrap();
        store.put_member(&fixtures::member("anna")).await.unwrap();
        store.set_password_hash("anna", "phc").await.unwrap();
        store.put_application(&fixtures::application("visits")).await.unwrap();
        store.insert_meeting(&fixtures::meeting("1", "anna")).await.unwrap();
        store.put_bar("thread", "guest", meeting::Bar::Denied, 7).await.unwrap();
        store.insert_identity(&fixtures::identity("8:x")).await.unwrap();
        store.put_dev_secret("name", "value").await.unwrap();
    }
    let store = backend.open().await;
    assert_eq!(store.tenant().await.unwrap(), Some(fixtures::tenant()));
    assert_eq!(store.member("anna").await.unwrap(), Some(fixtures::member("anna")));
    assert_eq!(store.password_hash("anna").await.unwrap().as_deref(), Some("phc"));
    assert_eq!(store.application("visits").await.unwrap(), Some(fixtures::application("visits")));
    let meeting = fixtures::meeting("1", "anna");
    assert_eq!(store.meeting(&meeting.thread_id).await.unwrap(), Some(meeting));
    assert_eq!(store.bar("thread", "guest").await.unwrap(), Some(7));
    assert_eq!(store.bars("thread", 0).await.unwrap(), [("guest".to_owned(), meeting::Bar::Denied)]);
    assert_eq!(store.identity("8:x").await.unwrap(), Some(fixtures::identity("8:x")));
    assert_eq!(store.dev_secret("name").await.unwrap().as_deref(), Some("value"));
    assert_eq!(store.dev_secret("other").await.unwrap(), None);
}

pub(crate) async fn what_was_written_survives_a_store_that_is_never_closed(backend: &impl Backend) {
    let abandoned = backend.open().await;
    abandoned.put_tenant(&fixtures::tenant()).await.unwrap();
    // Still open, as after a kill: nothing was flushed on the way out.
    let store = backend.open().await;
    assert_eq!(store.tenant().await.unwrap(), Some(fixtures::tenant()));
    drop(abandoned);
}

pub(crate) async fn a_batch_that_fails_leaves_no_half(backend: &impl Backend) {
    let store = backend.open().await;
    backend.refuse_attendance_of("refused").await;
    let batch = [
        fixtures::attendance("first", 1),
        fixtures::attendance("refused", 2),
        fixtures::attendance("last", 3),
    ];
    assert!(store.add_attendance(&batch).await.is_err());
    assert!(store.attendance("thread").await.unwrap().is_empty());
    let [first, _, last] = batch;
    store.add_attendance(&[first.clone(), last.clone()]).await.unwrap();
    assert_eq!(store.attendance("thread").await.unwrap(), vec![first, last]);
}

pub(crate) async fn many_writers_at_once_lose_nothing(backend: &impl Backend) {
    let store = backend.open().await;
    let writers: Vec<_> = (0..50)
        .map(|index| {
            let store = store.clone();
            tokio::spawn(async move { store.insert_identity(&fixtures::identity(&format!("8:{index}"))).await })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    for index in 0..50 {
        assert!(store.identity(&format!("8:{index}")).await.unwrap().is_some());
    }
}

pub(crate) async fn a_call_that_is_given_up_leaves_all_or_nothing_and_the_store_goes_on(backend: &impl Backend) {
    let store = backend.open().await;
    for polls in 0..40 {
        let batch: Vec<_> = (0..10)
            .map(|at| app::model::AttendanceFact {
                thread_id: format!("{polls}"),
                ..fixtures::attendance("guest", at)
            })
            .collect();
        let mut call = store.add_attendance(&batch);
        for _ in 0..polls {
            if std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context).is_ready())).await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(call);
        let kept = store.attendance(&format!("{polls}")).await.unwrap().len();
        assert!(kept == 0 || kept == 10, "{kept} of 10 after {polls} polls");
    }
    let batch = [fixtures::attendance("afterwards", 1)];
    store.add_attendance(&batch).await.unwrap();
    assert_eq!(store.attendance("thread").await.unwrap(), batch);
}
