//! temporary
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
use std::sync::Arc;
use std::net::SocketAddr;
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(store::SqlStore::open(&dir.path().join("a.db")).await.unwrap());
    let origin = "http://127.0.0.1:18099".to_owned();
    let config = app::Config { public_origin: origin.clone(), known_origins: vec![], signal_url: "ws://127.0.0.1:18099/signal".into(), region: "x".into() };
    let app = app::App::new(config, store.clone(), Arc::new(app::system::SystemClock), Arc::new(app::system::SystemRandom::default())).await.unwrap();
    let a = app.bootstrap_dev().await.unwrap();
    println!("{} {} {} {}", a.tenant.id, a.tenant.meet_client_id, a.members[0].member.user_principal_name, a.members[0].password);
    let cb = || axum::Router::new().route("/auth/callback", axum::routing::any(|| async { axum::response::Html("<p>back</p>") }));
    let mut application = a.application.clone();
    application.public = true; application.secret_hashes.clear(); application.client_id = "0aa1f7a4-6f0c-4b0e-9d6c-3a6f0f7f1c11".into(); application.object_id = "x".into(); application.redirect_uris = vec!["http://127.0.0.1:18098/auth/callback".into()];
    app::ports::DirectoryStore::put_application(&*store, &application).await.unwrap();
    let other = tokio::net::TcpListener::bind("127.0.0.1:18098").await.unwrap();
    let r = cb();
    tokio::spawn(async move { axum::serve(other, r).await.unwrap() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:18099").await.unwrap();
    axum::serve(listener, oidc::router(app).merge(cb()).into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
}
