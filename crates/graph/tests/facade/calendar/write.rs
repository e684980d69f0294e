//! Repeated and conditional changes.

use axum::body::Body;
use serde_json::json;

use super::{WRITE, create, id_of, visit};
use crate::support::{Server, request};

#[tokio::test]
async fn the_same_transaction_id_gives_the_same_event_until_it_is_cancelled() {
    let server = Server::start().await;
    let mut body = visit();
    body["transactionId"] = json!("retry-1");
    let first = create(&server, body.clone()).await;
    let again = create(&server, body.clone()).await;
    assert_eq!(first.body, again.body);
    body["transactionId"] = json!("retry-2");
    assert_ne!(id_of(&create(&server, body.clone()).await), id_of(&first));
    let count = server.get(&server.member(0, WRITE), "/v1.0/me/events/$count").await;
    assert_eq!(count.body, json!(2));
    let path = format!("/v1.0/me/events/{}", id_of(&first));
    server.call(&server.member(0, WRITE), "DELETE", &path, None).await;
    body["transactionId"] = json!("retry-1");
    assert_ne!(id_of(&create(&server, body).await), id_of(&first));
}

#[tokio::test]
async fn a_change_of_another_revision_is_refused() {
    let server = Server::start().await;
    let event = create(&server, visit()).await;
    let path = format!("/v1.0/me/events/{}", id_of(&event));
    let patch = |tag: String, subject: &str| {
        let request = request(&server.member(0, WRITE), "PATCH", &path)
            .header("if-match", tag)
            .body(Body::from(json!({ "subject": subject }).to_string()))
            .unwrap();
        server.send(request)
    };
    let old = event.text("/@odata.etag").to_owned();
    let changed = patch(old.clone(), "one").await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.text("/changeKey"), event.text("/changeKey"));
    assert_eq!(patch(old.clone(), "two").await.error(), (412, "ErrorIrresolvableConflict", None));
    assert_eq!(patch("\"nonsense\"".to_owned(), "two").await.error().0, 412);
    assert_eq!(patch("*".to_owned(), "three").await.status, 200);
    let delete = request(&server.member(0, WRITE), "DELETE", &path)
        .header("if-match", old)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(delete).await.error().0, 412);
    assert_eq!(server.get(&server.member(0, WRITE), &path).await.text("/subject"), "three");
}
