//! Shares: of each kind of request, and of each source of visitors.

mod support;

use std::net::IpAddr;

use app::Source;
use app::limits::Quota;
use support::{House, SECOND};

#[tokio::test]
async fn a_quota_is_whole_again_after_its_window_and_says_how_long_that_is() {
    let house = House::new().await;
    for _ in 0..500 {
        assert!(house.app.spend(Quota::RevokeTokens).is_ok());
    }
    house.pass(10 * SECOND);
    let spent = house.app.spend(Quota::RevokeTokens).unwrap_err();
    assert_eq!(spent.retry_after_s, 20);
    assert!(house.app.spend(Quota::DeleteIdentity).is_ok());
    house.pass(20 * SECOND);
    assert!(house.app.spend(Quota::RevokeTokens).is_ok());
}

#[tokio::test]
async fn a_source_gets_so_many_visitors_and_another_gets_its_own() {
    let house = House::new().await;
    let source = |text: &str| Some(Source::from(text.parse::<IpAddr>().unwrap()));
    for _ in 0..60 {
        assert!(house.app.spend_visitor(source("2001:db8::1")).is_ok());
    }
    assert!(house.app.spend_visitor(source("2001:db8::2:0:0:1")).is_err());
    for other in [source("2001:db8:0:1::1"), source("192.0.2.1"), None] {
        assert!(house.app.spend_visitor(other).is_ok());
    }
    house.pass(60 * SECOND);
    assert!(house.app.spend_visitor(source("2001:db8::1")).is_ok());
}
