//! Sign-in: sessions, codes that work once, refresh tokens that rotate.

use std::sync::Arc;

use app::ports::Store;
use app::sign_in::{AuthorizationCode, MOST_SUCCESSORS, MOST_WAITING_CODES, RefreshFamily, RefreshToken, Rotation, SignInSession};

use super::backend::Backend;

fn session(token_hash: &str, expires: i64) -> SignInSession {
    SignInSession {
        token_hash: token_hash.into(),
        member_id: "anna".into(),
        signed_in_at: 1,
        expires,
    }
}

fn code(code_hash: &str, expires: i64) -> AuthorizationCode {
    AuthorizationCode {
        code_hash: code_hash.into(),
        family_id: format!("family of {code_hash}"),
        client_id: "app".into(),
        member_id: "anna".into(),
        session_hash: "session".into(),
        redirect_uri: "https://app.example.org/?a=b c".into(),
        scope: "openid".into(),
        nonce: Some("ñ".into()),
        code_challenge: None,
        signed_in_at: 1,
        expires,
        used_at: None,
    }
}

fn family(code: &AuthorizationCode, session_hash: Option<&str>) -> RefreshFamily {
    RefreshFamily {
        id: code.family_id.clone(),
        member_id: "anna".into(),
        client_id: "app".into(),
        session_hash: session_hash.map(str::to_owned),
        scope: "openid offline_access".into(),
        signed_in_at: 1,
        expires: 1000,
        revoked_at: None,
        by_device: false,
    }
}

fn token(token_hash: &str, code: &AuthorizationCode) -> RefreshToken {
    RefreshToken {
        token_hash: token_hash.into(),
        family_id: code.family_id.clone(),
        issued: 2,
        used_at: None,
    }
}

/// A family whose first token has the hash `first`.
async fn started(store: &Arc<dyn Store>, code_hash: &str, first: &str, session_hash: Option<&str>) -> AuthorizationCode {
    let code = code(code_hash, 100);
    store.put_authorization_code(&code).await.unwrap();
    let rows = (&family(&code, session_hash), &token(first, &code));
    assert!(store.redeem_authorization_code(code_hash, Some(rows), 2).await.unwrap());
    code
}

pub(crate) async fn a_session_comes_back_as_it_was_until_it_ends(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_sign_in_session(&session("a", 100)).await.unwrap();
    store.put_sign_in_session(&session("b", 100)).await.unwrap();
    assert_eq!(store.sign_in_session("a").await.unwrap(), Some(session("a", 100)));
    assert_eq!(store.sign_in_session("c").await.unwrap(), None);
    store.end_sign_in_session("a", 5).await.unwrap();
    store.end_sign_in_session("never", 5).await.unwrap();
    assert_eq!(store.sign_in_session("a").await.unwrap(), None);
    assert_eq!(store.sign_in_session("b").await.unwrap(), Some(session("b", 100)));
}

pub(crate) async fn a_code_is_redeemed_once_with_its_refresh_token(backend: &impl Backend) {
    let store = backend.open().await;
    let code = started(&store, "code", "first", None).await;
    let used = store.authorization_code("code").await.unwrap().unwrap();
    assert_eq!(
        used,
        AuthorizationCode {
            used_at: Some(2),
            ..code.clone()
        }
    );
    assert_eq!(
        store.refresh_token("first").await.unwrap(),
        Some((token("first", &code), family(&code, None)))
    );
    let again = (&family(&code, None), &token("second", &code));
    assert!(!store.redeem_authorization_code("code", Some(again), 3).await.unwrap());
    assert_eq!(
        store.refresh_token("second").await.unwrap(),
        None,
        "a lost redemption leaves nothing"
    );
    assert!(!store.redeem_authorization_code("unknown", None, 3).await.unwrap());
}

pub(crate) async fn of_many_redemptions_at_once_one_wins(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_authorization_code(&code("code", 100)).await.unwrap();
    let tries = (0..8).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.redeem_authorization_code("code", None, 3).await.unwrap() })
    });
    let mut won = 0;
    for attempt in tries.collect::<Vec<_>>() {
        won += u32::from(attempt.await.unwrap());
    }
    assert_eq!(won, 1);
}

pub(crate) async fn a_refresh_token_rotates_and_reuse_after_the_grace_revokes_its_family(backend: &impl Backend) {
    let store = backend.open().await;
    let other = started(&store, "other", "other", None).await;
    let code = started(&store, "code", "first", None).await;
    let rotate = async |used: &str, next: &str, grace_since, now| {
        store
            .rotate_refresh_token(used, &token(next, &code), grace_since, now)
            .await
            .unwrap()
    };
    assert_eq!(rotate("first", "second", 0, 10).await, Rotation::Rotated);
    assert_eq!(store.refresh_token("first").await.unwrap().unwrap().0.used_at, Some(10));
    assert_eq!(rotate("first", "third", 10, 20).await, Rotation::Rotated, "within the grace");
    assert_eq!(
        store.refresh_token("first").await.unwrap().unwrap().0.used_at,
        Some(10),
        "counted from the first use"
    );
    assert_eq!(rotate("first", "fourth", 11, 21).await, Rotation::Reused);
    assert_eq!(store.refresh_token("fourth").await.unwrap(), None);
    assert_eq!(store.refresh_token("third").await.unwrap().unwrap().1.revoked_at, Some(21));
    assert_eq!(rotate("third", "fifth", 0, 30).await, Rotation::Revoked);
    let unspoiled = store.refresh_token("third").await.unwrap().unwrap();
    assert_eq!(
        (unspoiled.0.used_at, unspoiled.1.revoked_at),
        (None, Some(21)),
        "the refused try changed nothing"
    );
    let next = token("other 2", &other);
    assert_eq!(store.rotate_refresh_token("other", &next, 0, 30).await.unwrap(), Rotation::Rotated);
}

pub(crate) async fn a_refresh_token_has_so_many_successors_and_no_more(backend: &impl Backend) {
    let store = backend.open().await;
    let code = started(&store, "code", "first", None).await;
    for number in 0..MOST_SUCCESSORS {
        let next = token(&format!("next {number}"), &code);
        assert_eq!(store.rotate_refresh_token("first", &next, 0, 10).await.unwrap(), Rotation::Rotated);
    }
    let (one_more, after) = (token("one more", &code), token("after", &code));
    for _ in 0..2 {
        assert_eq!(
            store.rotate_refresh_token("first", &one_more, 0, 11).await.unwrap(),
            Rotation::TooOften
        );
    }
    assert_eq!(store.refresh_token("one more").await.unwrap(), None);
    assert_eq!(
        store.rotate_refresh_token("next 0", &after, 0, 12).await.unwrap(),
        Rotation::Rotated
    );
    assert_eq!(store.refresh_token("after").await.unwrap().unwrap().1.revoked_at, None);
}

pub(crate) async fn of_the_waiting_codes_of_a_session_the_newest_stay(backend: &impl Backend) {
    let store = backend.open().await;
    let other = AuthorizationCode {
        session_hash: "another session".into(),
        ..code("another's", 1)
    };
    store.put_authorization_code(&other).await.unwrap();
    started(&store, "used", "first", None).await;
    for number in 0..=MOST_WAITING_CODES {
        store
            .put_authorization_code(&code(&format!("code {number}"), 200 + number))
            .await
            .unwrap();
    }
    assert_eq!(store.authorization_code("code 0").await.unwrap(), None);
    for kept in ["code 1", &format!("code {MOST_WAITING_CODES}"), "used", "another's"] {
        assert!(store.authorization_code(kept).await.unwrap().is_some(), "{kept}");
    }
}

pub(crate) async fn ending_a_session_takes_its_codes_and_families_along_and_no_others(backend: &impl Backend) {
    let store = backend.open().await;
    store.put_sign_in_session(&session("session", 100)).await.unwrap();
    started(&store, "browser", "browser", Some("session")).await;
    started(&store, "server", "server", None).await;
    started(&store, "elsewhere", "elsewhere", Some("another session")).await;
    store.put_authorization_code(&code("waiting", 100)).await.unwrap();
    store.end_sign_in_session("session", 50).await.unwrap();
    let revoked = async |hash: &str| store.refresh_token(hash).await.unwrap().unwrap().1.revoked_at;
    assert_eq!(revoked("browser").await, Some(50));
    assert_eq!(revoked("server").await, None);
    assert_eq!(revoked("elsewhere").await, None);
    assert_eq!(store.authorization_code("waiting").await.unwrap(), None);
    assert!(
        store.authorization_code("browser").await.unwrap().is_some(),
        "remembered, to know a replay"
    );
}

pub(crate) async fn a_revoked_family_stays_revoked_at_its_first_moment(backend: &impl Backend) {
    let store = backend.open().await;
    let code = started(&store, "code", "first", None).await;
    store.revoke_refresh_family(&code.family_id, 40).await.unwrap();
    store.revoke_refresh_family(&code.family_id, 50).await.unwrap();
    store.revoke_refresh_family("unknown", 50).await.unwrap();
    assert_eq!(store.refresh_token("first").await.unwrap().unwrap().1.revoked_at, Some(40));
}

pub(crate) async fn a_sweep_takes_what_expired_and_nothing_else(backend: &impl Backend) {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    let store = backend.open().await;
    store.put_sign_in_session(&session("old", 100)).await.unwrap();
    store.put_sign_in_session(&session("new", DAY * 3)).await.unwrap();
    started(&store, "code", "first", None).await;
    assert_eq!(store.sweep_sign_in(99).await.unwrap(), 0);
    assert_eq!(
        store.sweep_sign_in(100).await.unwrap(),
        1,
        "the session; the code is remembered for a day"
    );
    assert!(store.authorization_code("code").await.unwrap().is_some());
    assert_eq!(store.sweep_sign_in(DAY + 1000).await.unwrap(), 3, "code, token, family");
    assert_eq!(store.refresh_token("first").await.unwrap(), None);
    assert!(store.sign_in_session("new").await.unwrap().is_some());

    let mut lasting = family(&code("lasting", 100), None);
    lasting.expires = DAY * 30;
    lasting.by_device = true;
    let lasting_code = code("lasting", 100);
    store.put_authorization_code(&lasting_code).await.unwrap();
    let rows = (&lasting, &token("exchanged", &lasting_code));
    assert!(store.redeem_authorization_code("lasting", Some(rows), 2).await.unwrap());
    let rotation = store
        .rotate_refresh_token("exchanged", &token("living", &lasting_code), 0, DAY)
        .await;
    assert_eq!(rotation.unwrap(), Rotation::Rotated);
    assert_eq!(store.sweep_sign_in(DAY * 2 - 1).await.unwrap(), 1, "the code");
    assert!(store.refresh_token("exchanged").await.unwrap().is_some(), "to know its reuse");
    assert_eq!(store.sweep_sign_in(DAY * 2).await.unwrap(), 1, "a day after its exchange");
    assert_eq!(store.refresh_token("exchanged").await.unwrap(), None);
    assert_eq!(store.refresh_token("living").await.unwrap().unwrap().1, lasting);
}
