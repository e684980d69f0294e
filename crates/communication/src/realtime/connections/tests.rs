//! The bounds, at and over each, and what a revocation finds.

use super::*;

const ANN: &str = "8:acs:res_ann";
const BEN: &str = "8:acs:res_ben";

fn person(raw_id: &str) -> Person {
    Person {
        raw_id: raw_id.to_owned(),
        expires: 1_000_000_000,
        client_id: None,
    }
}

fn announce(connections: &Connections, name: &str, raw_id: &str, now: Micros) -> Result<(), NoPlace> {
    announce_from(connections, name, raw_id, None, now)
}

fn announce_from(connections: &Connections, name: &str, raw_id: &str, source: Option<Source>, now: Micros) -> Result<(), NoPlace> {
    connections.announce(name.to_owned(), person(raw_id), "/v4/f/a/".to_owned(), source, now)
}

fn source(last: u8) -> Option<Source> {
    Some(Source::from(std::net::IpAddr::from([192, 0, 2, last])))
}

fn visitor(index: usize) -> String {
    format!("8:teamsvisitor:{index}")
}

fn ended(place: &Place) -> Option<End> {
    *place.end.borrow()
}

#[test]
fn a_handshake_is_good_for_one_socket_and_for_half_a_minute() {
    let connections = Connections::default();
    announce(&connections, "a", ANN, 0).unwrap();
    let place = connections.open("a", None, 1).unwrap();
    assert_eq!((place.raw_id.as_str(), place.path.as_str()), (ANN, "/v4/f/a/"));
    assert_eq!(connections.open("a", None, 1).unwrap_err(), NoPlace::Unknown, "used");
    announce(&connections, "b", ANN, 0).unwrap();
    assert_eq!(connections.open("b", None, HANDSHAKE_LIFE).unwrap_err(), NoPlace::Unknown, "late");
    assert_eq!(connections.open("c", None, 1).unwrap_err(), NoPlace::Unknown, "never made");
}

#[test]
fn only_the_sockets_of_a_person_are_told_and_all_of_them() {
    let connections = Connections::default();
    for (name, raw_id) in [("a", ANN), ("b", ANN), ("c", BEN)] {
        announce(&connections, name, raw_id, 0).unwrap();
    }
    assert!(!connections.has(ANN), "a handshake is no socket");
    let mut places = ["a", "b", "c"].map(|name| connections.open(name, None, 0).unwrap());
    assert!(connections.has(ANN));
    connections.tell(ANN, &Arc::from("news"));
    let told: Vec<bool> = places.iter_mut().map(|place| place.pushes.try_recv().is_ok()).collect();
    assert_eq!(told, [true, true, false]);
}

#[test]
fn a_revocation_ends_sockets_and_handshakes_of_this_person_and_of_nobody_else() {
    let connections = Connections::default();
    for (name, raw_id) in [("a", ANN), ("b", ANN), ("c", BEN), ("d", BEN)] {
        announce(&connections, name, raw_id, 0).unwrap();
    }
    let ann = connections.open("a", None, 0).unwrap();
    let ben = connections.open("c", None, 0).unwrap();
    connections.end(ANN, End::Revoked);
    assert_eq!((ended(&ann), ended(&ben)), (Some(End::Revoked), None));
    assert_eq!(connections.open("b", None, 0).unwrap_err(), NoPlace::Unknown);
    assert!(connections.open("d", None, 0).is_ok());
    assert!(!connections.has(ANN));
}

#[test]
fn one_connection_too_many_ends_the_oldest_of_the_same_person() {
    let connections = Connections::default();
    let mut places = Vec::new();
    for index in 0..MOST_OF_ONE {
        announce(&connections, &index.to_string(), ANN, 0).unwrap();
        places.push(connections.open(&index.to_string(), None, 0).unwrap());
    }
    assert!(places.iter().all(|place| ended(place).is_none()));
    announce(&connections, "more", ANN, 0).unwrap();
    let ends: Vec<Option<End>> = places.iter().map(ended).collect();
    assert_eq!(ends[0], Some(End::Displaced));
    assert!(ends[1..].iter().all(Option::is_none));
    announce(&connections, "other", BEN, 0).unwrap();
    assert!(ended(&places[1]).is_none(), "others have their own");
}

#[test]
fn a_queue_that_is_full_ends_its_socket() {
    let connections = Connections::default();
    announce(&connections, "a", ANN, 0).unwrap();
    let place = connections.open("a", None, 0).unwrap();
    let news: Arc<str> = Arc::from("news");
    for _ in 0..QUEUE {
        connections.tell(ANN, &news);
    }
    assert_eq!(ended(&place), None);
    connections.tell(ANN, &news);
    assert_eq!(ended(&place), Some(End::Unwell));
}

#[test]
fn one_source_has_only_so_many_sockets_and_gets_places_back() {
    let connections = Connections::default();
    let source = Source::from(std::net::IpAddr::from([192, 0, 2, 1]));
    let other = Source::from(std::net::IpAddr::from([192, 0, 2, 2]));
    let mut places = Vec::new();
    for index in 0..MOST_OF_A_SOURCE {
        let name = index.to_string();
        announce(&connections, &name, &format!("8:acs:res_{index}"), 0).unwrap();
        places.push(connections.open(&name, Some(source), 0).unwrap());
    }
    announce(&connections, "more", ANN, 0).unwrap();
    assert_eq!(connections.open("more", Some(source), 0).unwrap_err(), NoPlace::Full);
    drop(connections.open("more", Some(other), 0).unwrap());
    announce(&connections, "again", ANN, 0).unwrap();
    places.pop();
    assert!(connections.open("again", Some(source), 0).is_ok());
}

#[test]
fn waiting_handshakes_of_one_source_leave_the_other_sources_theirs() {
    let connections = Connections::default();
    for index in 0..MOST_OF_A_SOURCE {
        announce_from(&connections, &index.to_string(), &visitor(index), source(1), 0).unwrap();
    }
    assert_eq!(
        announce_from(&connections, "more", &visitor(9999), source(1), 0),
        Err(NoPlace::Full)
    );
    assert_eq!(announce_from(&connections, "other", &visitor(9998), source(2), 0), Ok(()));
    // A handshake hands its place over to its socket, and a socket gives it back.
    let place = connections.open("0", source(1), 0).unwrap();
    assert_eq!(
        announce_from(&connections, "more", &visitor(9999), source(1), 0),
        Err(NoPlace::Full)
    );
    assert_eq!(
        connections.open("other", source(1), 0).unwrap_err(),
        NoPlace::Full,
        "a handshake from elsewhere"
    );
    drop(place);
    assert_eq!(announce_from(&connections, "more", &visitor(9999), source(1), 0), Ok(()));
    connections.forget("more");
    assert_eq!(announce_from(&connections, "again", &visitor(9997), source(1), 0), Ok(()));
    assert_eq!(
        announce_from(&connections, "late", &visitor(9999), source(1), HANDSHAKE_LIFE),
        Ok(())
    );
    assert_eq!(
        connections.lock().sources.get(&source(1).unwrap()),
        Some(&1),
        "what is over takes no place"
    );
}

#[test]
fn the_oldest_handshake_of_a_visitor_makes_room_for_a_guest_and_never_for_a_visitor() {
    let connections = Connections::default();
    for index in 0..MOST_OF_A_SOURCE {
        let now = Micros::try_from(index).unwrap();
        announce_from(&connections, &index.to_string(), &visitor(index), source(1), now).unwrap();
    }
    assert_eq!(
        announce_from(&connections, "more", &visitor(9999), source(1), 300),
        Err(NoPlace::Full)
    );
    assert_eq!(announce_from(&connections, "ann", ANN, source(1), 300), Ok(()));
    assert_eq!(connections.open("0", source(1), 300).unwrap_err(), NoPlace::Unknown, "the oldest");
    assert!(connections.open("1", source(1), 300).is_ok());
    assert!(connections.open("ann", source(1), 300).is_ok());
    // So with all sources together.
    let connections = Connections::default();
    for index in 0..MOST_WAITING {
        announce(&connections, &index.to_string(), &visitor(index), Micros::try_from(index).unwrap()).unwrap();
    }
    assert_eq!(announce(&connections, "more", &visitor(9999), 5000), Err(NoPlace::Full));
    assert_eq!(announce(&connections, "ann", ANN, 5000), Ok(()));
    assert_eq!(connections.open("0", None, 5000).unwrap_err(), NoPlace::Unknown, "the oldest");
    assert!(connections.open("ann", None, 5000).is_ok());
}

#[test]
fn what_was_opened_through_an_application_ends_with_it_and_nothing_else_does() {
    let connections = Connections::default();
    let through = |name: &str, client_id: Option<&str>| {
        let person = Person {
            client_id: client_id.map(str::to_owned),
            ..person(ANN)
        };
        connections
            .announce(name.to_owned(), person, format!("/v4/f/{name}/"), source(1), 0)
            .unwrap();
    };
    for (name, client_id) in [
        ("a", Some("rota")),
        ("b", Some("other")),
        ("c", None),
        ("d", Some("rota")),
        ("e", Some("rota")),
    ] {
        through(name, client_id);
    }
    let places = ["a", "b", "c", "e"].map(|name| connections.open(name, source(1), 0).unwrap());
    // The last one lives by a newer token of another application by now.
    let newer = Person {
        expires: 2_000_000_000,
        client_id: Some("other".to_owned()),
        ..person(ANN)
    };
    connections.extend(&newer, "/v4/f/e/");
    connections.end_client("rota", End::Revoked);
    assert_eq!(places.each_ref().map(ended), [Some(End::Revoked), None, None, None]);
    assert_eq!(
        connections.open("d", source(1), 0).unwrap_err(),
        NoPlace::Unknown,
        "a handshake from before"
    );
    drop(places);
    assert!(connections.lock().sources.is_empty());
}

#[test]
fn handshakes_are_bounded_and_stale_ones_make_room() {
    let connections = Connections::default();
    for index in 0..MOST_WAITING {
        announce(&connections, &index.to_string(), &format!("8:acs:res_{index}"), 0).unwrap();
    }
    assert_eq!(announce(&connections, "more", ANN, 1), Err(NoPlace::Full));
    assert_eq!(announce(&connections, "more", ANN, HANDSHAKE_LIFE), Ok(()));
    assert_eq!(connections.lock().people.len(), 1, "nothing is kept of those who never came");
}

#[test]
fn a_newer_token_extends_the_sockets_that_it_was_shown_for_and_an_older_one_shortens_none() {
    let connections = Connections::default();
    announce(&connections, "a", ANN, 0).unwrap();
    announce(&connections, "b", BEN, 0).unwrap();
    let (ann, ben) = (connections.open("a", None, 0).unwrap(), connections.open("b", None, 0).unwrap());
    let until = |expires| Person { expires, ..person(ANN) };
    for (shown, path, expected) in [
        (2_000_000_000, "/v4/f/a/", 2_000_000_000),
        (1_500_000_000, "/v4/f/a/", 2_000_000_000),
        (3_000_000_000, "/v4/f/b/", 2_000_000_000),
    ] {
        connections.extend(&until(shown), path);
        assert_eq!((*ann.expires.borrow(), *ben.expires.borrow()), (expected, 1_000_000_000));
    }
}

#[test]
fn after_the_stop_nothing_begins_and_after_missed_events_it_may() {
    let connections = Connections::default();
    announce(&connections, "a", ANN, 0).unwrap();
    let place = connections.open("a", None, 0).unwrap();
    connections.end_all(End::Missed);
    assert_eq!(ended(&place), Some(End::Missed));
    assert_eq!(announce(&connections, "b", ANN, 0), Ok(()));
    connections.end_all(End::Stopping);
    assert_eq!(announce(&connections, "c", ANN, 0), Err(NoPlace::Full));
    drop(place);
    let state = connections.lock();
    assert!(state.people.is_empty() && state.waiting.is_empty());
}
