//! The quality record of calls.

use app::quality::{CallFilter, CallMark, Carrier, Flow, MOST_SAMPLES, QualityLeg, QualityRecord, Sample, SessionMark};

use super::backend::Backend;

fn flow(packets: u64) -> Flow {
    Flow {
        packets,
        bytes: packets * 1_000,
        lost: packets / 10,
    }
}

fn record(held_id: &str, session: &str, began: i64) -> QualityRecord {
    QualityRecord {
        leg: QualityLeg {
            session: session.to_owned(),
            held_id: held_id.to_owned(),
            kind: "meeting".to_owned(),
            key: "19:meeting_x@thread.v2".to_owned(),
            raw_id: format!("8:acs:r_{session}"),
            display_name: format!("Person {session}"),
            person: "guest".to_owned(),
        },
        began,
        updated: began + 5,
        ended: true,
        connections: 2,
        carriers: vec![Carrier::Udp, Carrier::Relay],
        received: flow(100),
        sent: flow(200),
        round_trip_median_us: Some(20_000),
        round_trip_worst_us: Some(90_000),
        estimate_lowest_bps: Some(300_000),
        estimate_median_bps: Some(2_000_000),
        repaired: 7,
        dropped: 8,
        withheld_ms: 9,
        largest: Some((1280, 720)),
        samples: vec![
            Sample {
                at_ms: 10_000,
                span_ms: 10_000,
                received: flow(50),
                sent: flow(60),
                round_trip_us: Some(1),
                estimate_bps: Some(2),
                withheld_ms: 3,
                height: 4,
                carrier: Carrier::Tcp,
            };
            MOST_SAMPLES
        ],
    }
}

/// Of somebody who never connected.
fn silent(held_id: &str, session: &str, began: i64) -> QualityRecord {
    QualityRecord {
        ended: false,
        carriers: Vec::new(),
        received: Flow::default(),
        sent: Flow::default(),
        round_trip_median_us: None,
        round_trip_worst_us: None,
        estimate_lowest_bps: None,
        estimate_median_bps: None,
        largest: None,
        samples: Vec::new(),
        ..record(held_id, session, began)
    }
}

pub(crate) async fn a_session_comes_back_as_it_was_and_is_replaced(backend: &impl Backend) {
    let store = backend.open().await;
    let (first, other) = (record("h", "a", 10), silent("h", "b", 10));
    store.put_quality(&[first.clone(), other.clone()]).await.unwrap();
    assert_eq!(store.quality_sessions("h", None, 9).await.unwrap(), [first.clone(), other.clone()]);
    let later = QualityRecord {
        updated: 70,
        ended: false,
        sent: flow(900),
        samples: Vec::new(),
        carriers: vec![Carrier::Tcp],
        ..first
    };
    store.put_quality(std::slice::from_ref(&later)).await.unwrap();
    assert_eq!(store.quality_sessions("h", None, 9).await.unwrap(), [later, other]);
    assert_eq!(store.quality_sessions("elsewhere", None, 9).await.unwrap(), []);
}

pub(crate) async fn a_call_is_all_its_sessions_together(backend: &impl Backend) {
    let store = backend.open().await;
    let again = QualityRecord {
        leg: QualityLeg {
            raw_id: "8:acs:r_a".to_owned(),
            ..record("h", "c", 30).leg
        },
        ..record("h", "c", 30)
    };
    let all = [
        record("h", "b", 20),
        record("h", "a", 10),
        again,
        silent("h", "d", 40),
        record("other", "e", 10),
    ];
    store.put_quality(&all).await.unwrap();
    let call = store.quality_call("h").await.unwrap().unwrap();
    assert_eq!((call.began, call.updated, call.kind.as_str()), (10, 45, "meeting"));
    assert_eq!((call.sessions, call.people, call.running), (4, 3, 1));
    assert_eq!((call.relayed, call.unconnected), (3, 1));
    assert_eq!((call.received, call.sent), (flow(300), flow(600)));
    assert_eq!(call.round_trip_worst_us, Some(90_000));
    assert_eq!(call.names, ["Person a", "Person b", "Person d"]);
    let listed = store.quality_calls(&CallFilter::default(), None, 9).await.unwrap();
    assert_eq!((listed.len(), listed.contains(&call)), (2, true));
    let nobody = store.quality_call("none").await.unwrap();
    assert_eq!(nobody, None);
    store.put_quality(&[silent("quiet", "f", 50)]).await.unwrap();
    assert_eq!(store.quality_call("quiet").await.unwrap().unwrap().round_trip_worst_us, None);
}

pub(crate) async fn calls_and_sessions_are_listed_over_pages_and_filters_and_swept_by_age(backend: &impl Backend) {
    let store = backend.open().await;
    for (held_id, session, began) in [
        ("c", "1", 10),
        ("b", "2", 20),
        ("a", "3", 20),
        ("d", "4", 30),
        ("d", "5", 30),
        ("d", "6", 31),
    ] {
        store.put_quality(&[record(held_id, session, began)]).await.unwrap();
    }
    let elsewhere = QualityRecord {
        leg: QualityLeg {
            key: "room:1".to_owned(),
            kind: "room".to_owned(),
            ..record("e", "7", 40).leg
        },
        ..record("e", "7", 40)
    };
    store.put_quality(&[elsewhere]).await.unwrap();
    let calls = async |filter: &CallFilter, after: Option<&CallMark>, top| {
        let found = store.quality_calls(filter, after, top).await.unwrap();
        found.into_iter().map(|call| call.held_id).collect::<Vec<_>>()
    };
    let all = CallFilter::default();
    assert_eq!(calls(&all, None, 9).await, ["e", "d", "a", "b", "c"]);
    assert_eq!(calls(&all, None, 2).await, ["e", "d"]);
    let mark = CallMark {
        began: 20,
        held_id: "a".to_owned(),
    };
    assert_eq!(calls(&all, Some(&mark), 9).await, ["b", "c"]);
    let there = CallFilter {
        key: Some("room:1".to_owned()),
        ..all.clone()
    };
    assert_eq!(calls(&there, None, 9).await, ["e"]);
    let between = CallFilter {
        from: Some(20),
        until: Some(30),
        ..all.clone()
    };
    assert_eq!(calls(&between, None, 9).await, ["a", "b"]);
    let sessions = async |after: Option<&SessionMark>, top| {
        let found = store.quality_sessions("d", after, top).await.unwrap();
        found.into_iter().map(|record| record.leg.session).collect::<Vec<_>>()
    };
    assert_eq!(sessions(None, 2).await, ["4", "5"]);
    let mark = SessionMark {
        began: 30,
        session: "4".to_owned(),
    };
    assert_eq!(sessions(Some(&mark), 9).await, ["5", "6"]);
    // A call is kept as long as its latest session.
    store.sweep_quality(36).await.unwrap();
    assert_eq!(calls(&all, None, 9).await, ["e", "d"]);
    assert_eq!(sessions(None, 9).await, ["4", "5", "6"]);
    assert_eq!(store.quality_sessions("a", None, 9).await.unwrap(), []);
}
