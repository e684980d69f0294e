//! From what a client gives to what the meeting machine takes; the translator of `app`'s errors into refusals.

use std::net::IpAddr;

use app::{App, ResolveError, TokenError};
use meeting::{JoinPath, MeetingSettings, ParticipantId, PasscodeCheck, Person, Refusal};
use wire::Locator;

use crate::{calls, hub::Identity};

/// Longest display name that is shown, in characters; what the calling SDK allows.
const LONGEST_NAME: usize = 256;
/// Characters that cannot be seen or turn what follows around: joiners, direction marks and overrides, line and paragraph
/// separators, blank letters, the byte order mark.
const INVISIBLE: &[std::ops::RangeInclusive<char>] = &[
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
];
/// Shown for a guest who gave no name.
const NO_NAME: &str = "Guest";

/// Who a token stands for.
pub(crate) async fn identity(app: &App, token: &str) -> Result<Identity, Refusal> {
    let identity = app.connect_identity(token).await.map_err(token_refusal)?;
    let (named, may_start) = (identity.display_name.is_some(), identity.may_start_calls());
    Ok(Identity {
        person: Person {
            id: ParticipantId(identity.raw_id),
            identity: identity.identity,
            display_name: identity.display_name.unwrap_or_default(),
        },
        named,
        may_start,
        expires: identity.expires,
        client_id: identity.client_id,
    })
}

fn token_refusal(error: TokenError) -> Refusal {
    match error {
        TokenError::Malformed | TokenError::UnknownKey | TokenError::BadSignature | TokenError::NotYetValid => Refusal::TokenInvalid,
        TokenError::Expired { .. } => Refusal::TokenExpired,
        TokenError::WrongAudience { .. } | TokenError::ForeignIssuer | TokenError::ForeignTenant | TokenError::ForeignResource => {
            Refusal::TokenForeign
        }
        TokenError::Revoked | TokenError::IdentityDeleted | TokenError::UnknownSubject => Refusal::TokenRevoked,
        TokenError::MissingScope { .. } => Refusal::ScopeMissing,
        TokenError::Signing | TokenError::Store(_) => {
            tracing::error!(%error, "a token could not be checked");
            Refusal::Internal
        }
    }
}

/// The meeting that a locator names, and the path it is.
pub(crate) async fn locator(app: &App, locator: &Locator, source: Option<IpAddr>) -> Result<(MeetingSettings, JoinPath), Refusal> {
    let (locator, by_link) = match locator.clone() {
        Locator::Link { link } => (app::Locator::Link { link }, true),
        Locator::MeetingId { meeting_id, passcode } => (app::Locator::MeetingId { id: meeting_id, passcode }, false),
        Locator::Coordinates {
            thread_id,
            organizer_id,
            tenant_id,
            message_id,
        } => (
            app::Locator::Coordinates {
                thread_id,
                organizer_id,
                tenant_id,
                message_id,
            },
            false,
        ),
        Locator::Room { room_id } => return calls::room(app, &room_id).await,
        Locator::Group { group_id } => return calls::group(app, &group_id),
        Locator::Incoming { .. } | Locator::Breakout { .. } | Locator::Transfer { .. } => {
            return Err(Refusal::LocatorKindNotServed);
        }
    };
    let by_id = matches!(locator, app::Locator::MeetingId { .. });
    let resolved = app.resolve(&locator, source).await.map_err(|error| match error {
        ResolveError::NotFound | ResolveError::Malformed { .. } => Refusal::MeetingNotFound,
        ResolveError::InvalidIdOrPasscode => Refusal::MeetingIdOrPasscodeInvalid,
        ResolveError::Throttled { .. } => Refusal::TooManyAttempts,
        ResolveError::NoTenant | ResolveError::Store(_) => {
            tracing::error!(%error, "a meeting could not be looked up");
            Refusal::Internal
        }
    })?;
    // A short link is a meeting ID and passcode in another spelling.
    let path = match (by_link, by_id, resolved.passcode) {
        (_, true, passcode) | (true, _, passcode @ (PasscodeCheck::Correct | PasscodeCheck::Wrong)) => JoinPath::MeetingId { passcode },
        (true, false, PasscodeCheck::NotRequired) => JoinPath::Link,
        (false, false, _) => JoinPath::Coordinates,
    };
    Ok((resolved.settings, path))
}

/// A name as given, made fit to be shown: no control characters or direction overrides, no endless length, never empty.
pub(crate) fn display_name(given: Option<String>) -> String {
    let misleads = |c: char| c.is_control() || INVISIBLE.iter().any(|range| range.contains(&c));
    let shown: String = given
        .unwrap_or_default()
        .chars()
        .filter(|c| !misleads(*c))
        .take(LONGEST_NAME)
        .collect();
    match shown.trim() {
        "" => NO_NAME.to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_but_what_misleads_is_not() {
        assert_eq!(display_name(Some("  Maria Lindqvist ".to_owned())), "Maria Lindqvist");
        assert_eq!(display_name(Some("ab\u{202e}cd\n".to_owned())), "abcd");
        assert_eq!(display_name(Some("\u{200b}\u{3164} \u{2029}".to_owned())), NO_NAME);
        assert_eq!(display_name(None), NO_NAME);
        assert_eq!(display_name(Some("x".repeat(1_000))).len(), LONGEST_NAME);
    }
}
