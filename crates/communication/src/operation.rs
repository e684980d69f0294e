//! Which operation a request names. The path is split on `/` first and each segment decoded once after that; empty segments, which
//! clients make from an endpoint with a trailing slash, are skipped.

use app::exchange::BearerExchange;
use http::{HeaderValue, Method};
use percent_encoding::percent_decode_str;

use crate::error::Refusal;

/// One operation of the APIs for applications: identities, rooms, relays, and the exchanges of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A new identity, perhaps with a token.
    CreateIdentity,
    /// The end of an identity.
    DeleteIdentity(String),
    /// A token for an identity.
    IssueAccessToken(String),
    /// The end of all tokens of an identity.
    RevokeAccessTokens(String),
    /// A member's own token, in the body, for a communication token.
    ExchangeAccessToken,
    /// A member's bearer token for a communication token.
    ExchangeBearer(BearerExchange),
    /// A new room.
    CreateRoom,
    /// All rooms.
    ListRooms,
    /// One room.
    GetRoom(String),
    /// Other times for a room.
    UpdateRoom(String),
    /// The end of a room.
    DeleteRoom(String),
    /// Who may come into a room.
    ListRoomParticipants(String),
    /// Others who may come, other roles.
    UpdateRoomParticipants(String),
    /// A credential for the relays.
    IssueRelayConfiguration,
}

impl Operation {
    /// Finds the operation of a verb and a raw path.
    pub(crate) fn of(method: &Method, raw_path: &str) -> Result<Self, Refusal> {
        let segments: Vec<String> = raw_path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(decode)
            .collect::<Option<_>>()
            .ok_or(Refusal::NoSuchPath)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (area, rest) = segments.split_first().ok_or(Refusal::NoSuchPath)?;
        let ways = match Area::of(area).ok_or(Refusal::NoSuchPath)? {
            Area::Identities => identities(rest),
            Area::TeamsUser => only_verb(rest, ":exchangeAccessToken", Self::ExchangeAccessToken),
            Area::Access => access(rest),
            Area::Rooms => rooms(rest),
            Area::NetworkTraversal => only_verb(rest, ":issueRelayConfiguration", Self::IssueRelayConfiguration),
        };
        let Ways { allow, ways } = ways.ok_or(Refusal::NoSuchPath)?;
        let found = ways.into_iter().find(|(needed, _)| needed == method);
        found.map(|(_, operation)| operation).ok_or(Refusal::MethodNotAllowed { allow })
    }
}

/// What a path takes.
struct Ways {
    allow: &'static str,
    ways: Vec<(Method, Operation)>,
}

impl Ways {
    fn post(operation: Operation) -> Self {
        Self {
            allow: "POST",
            ways: vec![(Method::POST, operation)],
        }
    }
}

fn only_verb(rest: &[&str], name: &str, operation: Operation) -> Option<Ways> {
    match rest {
        [verb] if is(verb, name) => Some(Ways::post(operation)),
        _ => None,
    }
}

fn identities(rest: &[&str]) -> Option<Ways> {
    match rest {
        [] => Some(Ways::post(Operation::CreateIdentity)),
        [id] => Some(Ways {
            allow: "DELETE",
            ways: vec![(Method::DELETE, Operation::DeleteIdentity((*id).to_owned()))],
        }),
        [id, verb] if is(verb, ":issueAccessToken") => Some(Ways::post(Operation::IssueAccessToken((*id).to_owned()))),
        [id, verb] if is(verb, ":revokeAccessTokens") => Some(Ways::post(Operation::RevokeAccessTokens((*id).to_owned()))),
        _ => None,
    }
}

fn access(rest: &[&str]) -> Option<Ways> {
    let (kind, rest) = rest.split_first()?;
    let exchange = match *kind {
        kind if is(kind, "entra") => BearerExchange::Clients,
        kind if is(kind, "teamsExtension") => BearerExchange::TeamsExtension,
        _ => return None,
    };
    only_verb(rest, ":exchangeAccessToken", Operation::ExchangeBearer(exchange))
}

fn rooms(rest: &[&str]) -> Option<Ways> {
    match rest {
        [] => Some(Ways {
            allow: "GET, POST",
            ways: vec![(Method::GET, Operation::ListRooms), (Method::POST, Operation::CreateRoom)],
        }),
        [id] => Some(Ways {
            allow: "GET, PATCH, DELETE",
            ways: vec![
                (Method::GET, Operation::GetRoom((*id).to_owned())),
                (Method::PATCH, Operation::UpdateRoom((*id).to_owned())),
                (Method::DELETE, Operation::DeleteRoom((*id).to_owned())),
            ],
        }),
        [id, people] if is(people, "participants") => Some(Ways {
            allow: "GET, PATCH",
            ways: vec![
                (Method::GET, Operation::ListRoomParticipants((*id).to_owned())),
                (Method::PATCH, Operation::UpdateRoomParticipants((*id).to_owned())),
            ],
        }),
        _ => None,
    }
}

/// A part of the facade, by the first segment of its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Identities,
    TeamsUser,
    Access,
    Rooms,
    NetworkTraversal,
}

impl Area {
    pub(crate) const ALL: [Self; 5] = [Self::Identities, Self::TeamsUser, Self::Access, Self::Rooms, Self::NetworkTraversal];

    /// The segment.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identities => "identities",
            Self::TeamsUser => "teamsUser",
            Self::Access => "access",
            Self::Rooms => "rooms",
            Self::NetworkTraversal => "networkTraversal",
        }
    }

    /// The area of a raw path.
    pub(crate) fn of_path(raw_path: &str) -> Option<Self> {
        Self::of(raw_path.split('/').find(|segment| !segment.is_empty())?)
    }

    /// Versions that published clients name; any other is served the same.
    pub(crate) fn versions(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Identities => "2021-03-07, 2022-06-01, 2022-10-01, 2023-10-01",
            Self::TeamsUser => "2022-06-01, 2022-10-01, 2023-10-01",
            Self::Access => "2025-03-02-preview, 2025-06-30",
            Self::Rooms => "2023-06-14, 2024-04-15, 2025-03-13",
            Self::NetworkTraversal => "2022-03-01-preview",
        })
    }

    fn of(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|area| is(segment, area.name()))
    }
}

fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, path: &str) -> Result<Operation, &'static str> {
        Operation::of(&method, path).map_err(|refusal| match refusal {
            Refusal::NoSuchPath => "no such path",
            Refusal::MethodNotAllowed { allow } => allow,
            _ => "other",
        })
    }

    #[test]
    fn ids_and_verbs_are_found_in_every_encoding() {
        let issue = Ok(Operation::IssueAccessToken("8:acs:a_b".to_owned()));
        for path in [
            "/identities/8%3Aacs%3Aa_b/:issueAccessToken",
            "/identities/8:acs:a_b/:issueAccessToken",
            "/identities/8%3aacs%3aa_b/%3AissueAccessToken",
            "//identities/8%3Aacs%3Aa_b//:issueAccessToken/",
        ] {
            assert_eq!(of(Method::POST, path), issue, "{path}");
        }
    }

    #[test]
    fn an_id_is_decoded_once_only() {
        assert_eq!(
            of(Method::DELETE, "/identities/a%252Fb"),
            Ok(Operation::DeleteIdentity("a%2Fb".to_owned()))
        );
        assert_eq!(
            of(Method::DELETE, "/identities/a%2Fb"),
            Ok(Operation::DeleteIdentity("a/b".to_owned()))
        );
    }

    #[test]
    fn one_path_takes_several_verbs() {
        let id = || "99199690362660524".to_owned();
        let path = "/rooms/99199690362660524";
        assert_eq!(of(Method::GET, path), Ok(Operation::GetRoom(id())));
        assert_eq!(of(Method::PATCH, path), Ok(Operation::UpdateRoom(id())));
        assert_eq!(of(Method::DELETE, path), Ok(Operation::DeleteRoom(id())));
        let people = "/rooms/99199690362660524/participants";
        assert_eq!(of(Method::GET, people), Ok(Operation::ListRoomParticipants(id())));
        assert_eq!(of(Method::PATCH, people), Ok(Operation::UpdateRoomParticipants(id())));
        assert_eq!(of(Method::GET, "/rooms"), Ok(Operation::ListRooms));
        assert_eq!(of(Method::POST, "/rooms"), Ok(Operation::CreateRoom));
    }

    #[test]
    fn a_known_path_with_another_verb_says_which_it_takes() {
        assert_eq!(of(Method::GET, "/identities"), Err("POST"));
        assert_eq!(of(Method::POST, "/identities/8:acs:a_b"), Err("DELETE"));
        assert_eq!(of(Method::PUT, "/rooms/1"), Err("GET, PATCH, DELETE"));
        assert_eq!(
            of(Method::POST, "/teamsUser/:exchangeAccessToken"),
            Ok(Operation::ExchangeAccessToken)
        );
        assert_eq!(
            of(Method::POST, "//access/entra/:exchangeAccessToken"),
            Ok(Operation::ExchangeBearer(BearerExchange::Clients))
        );
        assert_eq!(
            of(Method::POST, "/networkTraversal/%3AissueRelayConfiguration"),
            Ok(Operation::IssueRelayConfiguration)
        );
    }

    #[test]
    fn an_unknown_path_or_broken_escape_is_not_found() {
        for path in [
            "/identities/a/:other",
            "/identities/%ff",
            "/teamsUser",
            "/access/other/:exchangeAccessToken",
            "/rooms/1/participants/2",
            "/networkTraversal",
            "/",
            "",
        ] {
            assert_eq!(of(Method::POST, path), Err("no such path"), "{path}");
        }
    }
}
