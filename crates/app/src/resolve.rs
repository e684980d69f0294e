//! From what a client gives (link, meeting ID, coordinates) to a meeting and its settings.
//!
//! Invariants, kept by `tests/resolve.rs`: an unknown meeting ID and a wrong passcode get the same answer after the same work; wrong tries are
//! throttled per meeting ID and per source; a locator that contradicts the stored meeting (other organizer, other tenant) finds nothing.
//! Whether the person may come in is decided by `meeting`, not here.

use std::net::IpAddr;

use meeting::{CallKind, MeetingSettings, PasscodeCheck};
use subtle::ConstantTimeEq as _;

use crate::error::{AppError, ResolveError};
use crate::links::{self, JoinLink};
use crate::model::{InviteeRole, OnlineMeeting, Tenant};
use crate::passwords::hash_secret;
use crate::throttle::Limit;
use crate::{App, Micros, Source};

const MINUTE: Micros = 60_000_000;
/// Wrong tries for one meeting ID from one source: whoever guesses locks nobody out but their own network.
const PER_MEETING_AND_SOURCE: Limit = Limit { tries: 20, window: MINUTE };
/// Wrong tries for one meeting ID from everywhere.
const PER_MEETING: Limit = Limit {
    tries: 600,
    window: MINUTE,
};
/// Wrong tries from one source, whatever they name.
const PER_SOURCE: Limit = Limit {
    tries: 50,
    window: 10 * MINUTE,
};

/// How a client names a meeting.
#[derive(Clone, PartialEq, Eq)]
pub enum Locator {
    /// A join link, long or short form, as given.
    Link {
        /// The URL.
        link: String,
    },
    /// Meeting ID and passcode.
    MeetingId {
        /// Digits; spaces are ignored.
        id: String,
        /// As typed.
        passcode: Option<String>,
    },
    /// The four coordinates of a long link.
    Coordinates {
        /// Thread.
        thread_id: String,
        /// Object id of the organizer.
        organizer_id: String,
        /// Tenant.
        tenant_id: String,
        /// `0` for a private meeting.
        message_id: String,
    },
}

impl std::fmt::Debug for Locator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Links and passcodes open doors: only the kind is shown.
        f.write_str(match self {
            Locator::Link { .. } => "Link",
            Locator::MeetingId { .. } => "MeetingId",
            Locator::Coordinates { .. } => "Coordinates",
        })
    }
}

/// A meeting that was found, with everything the meeting machine needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    /// The meeting.
    pub meeting: OnlineMeeting,
    /// What governs it now.
    pub settings: MeetingSettings,
    /// For a meeting ID or short link: how the passcode was found (a wrong one is an error instead). For links and coordinates: `NotRequired`.
    pub passcode: PasscodeCheck,
}

impl App {
    /// Finds the meeting. `source` is where the client comes from, for throttling.
    ///
    /// # Errors
    /// See [`ResolveError`].
    pub async fn resolve(&self, locator: &Locator, source: Option<IpAddr>) -> Result<Resolved, ResolveError> {
        let tenant = self.cached_tenant().ok_or(ResolveError::NoTenant)?;
        let coordinates = match locator {
            Locator::Link { link } => match links::parse_join_link(link) {
                Some(JoinLink::Long(coordinates)) => coordinates,
                Some(JoinLink::Short { join_meeting_id, passcode }) => {
                    return self
                        .resolve_meeting_id(&tenant, &join_meeting_id, passcode.as_deref(), source)
                        .await;
                }
                None => {
                    return Err(ResolveError::Malformed {
                        reason: "the link is not a join link of a meeting",
                    });
                }
            },
            Locator::MeetingId { id, passcode } => return self.resolve_meeting_id(&tenant, id, passcode.as_deref(), source).await,
            Locator::Coordinates {
                thread_id,
                organizer_id,
                tenant_id,
                message_id,
            } => links::parse_coordinates(thread_id, organizer_id, tenant_id, message_id).ok_or(ResolveError::Malformed {
                reason: "thread id, organizer id and tenant id of a meeting are needed",
            })?,
        };
        let meeting = self.store().meeting(&coordinates.thread_id).await?;
        let meeting = meeting
            .filter(|meeting| meeting.organizer_id == coordinates.organizer_id && coordinates.tenant_id == tenant.id)
            .ok_or(ResolveError::NotFound)?;
        Ok(Resolved {
            settings: settings(&tenant, &meeting),
            meeting,
            passcode: PasscodeCheck::NotRequired,
        })
    }

    /// What governs a meeting, or the call of a room or group, now.
    ///
    /// # Errors
    /// `NotFound` for an unknown or deleted meeting.
    pub async fn settings_of(&self, thread_id: &str) -> Result<MeetingSettings, AppError> {
        if let Some(settings) = self.settings_of_call(thread_id).await? {
            return Ok(settings);
        }
        let meeting = self
            .store()
            .meeting(thread_id)
            .await?
            .ok_or(AppError::NotFound { what: "meeting" })?;
        Ok(settings(&*self.tenant()?, &meeting))
    }

    async fn resolve_meeting_id(
        &self,
        tenant: &Tenant,
        id: &str,
        passcode: Option<&str>,
        source: Option<IpAddr>,
    ) -> Result<Resolved, ResolveError> {
        // An id that cannot exist takes the same way as one that does not; only nobody shares its count.
        let id = links::parse_meeting_id(id);
        let source = source.map(|source| format!("source {}", Source::from(source)));
        let mut keys = Vec::with_capacity(3);
        if let Some(id) = &id {
            let place = source.as_deref().unwrap_or("source unknown");
            keys.push((format!("meeting {id} {place}"), PER_MEETING_AND_SOURCE));
            keys.push((format!("meeting {id}"), PER_MEETING));
        }
        keys.extend(source.map(|source| (source, PER_SOURCE)));
        if let Err(wait) = self.inner.throttle.take(self.now(), &keys) {
            let seconds = u32::try_from(wait / 1_000_000).unwrap_or(u32::MAX).saturating_add(1);
            return Err(ResolveError::Throttled { retry_after_s: seconds });
        }
        let found = self.store().meeting_by_join_id(id.as_deref().unwrap_or("none")).await?;
        let expected = found.as_ref().map(|meeting| meeting.passcode.as_deref());
        // Hashes have one length, so the comparison tells nothing; an unknown meeting is compared too.
        let given = hash_secret(passcode.unwrap_or_default().trim());
        let right = bool::from(given.as_bytes().ct_eq(hash_secret(expected.flatten().unwrap_or("\0")).as_bytes()));
        let check = match expected {
            Some(None) => PasscodeCheck::NotRequired,
            Some(Some(_)) if right => PasscodeCheck::Correct,
            Some(Some(_)) | None => return Err(ResolveError::InvalidIdOrPasscode),
        };
        let meeting = found.ok_or(ResolveError::InvalidIdOrPasscode)?;
        self.inner.throttle.give_back(&keys);
        Ok(Resolved {
            settings: settings(tenant, &meeting),
            meeting,
            passcode: check,
        })
    }
}

/// Everything that governs a meeting.
fn settings(tenant: &Tenant, meeting: &OnlineMeeting) -> MeetingSettings {
    let with_role = |role: Option<InviteeRole>| -> Vec<String> {
        let chosen = meeting
            .invitees
            .iter()
            .filter(|invitee| role.is_none_or(|role| invitee.role == role));
        chosen.filter_map(|invitee| invitee.member_id.clone()).collect()
    };
    MeetingSettings {
        kind: CallKind::Meeting,
        group_id: None,
        room: None,
        resource: String::new(),
        tenant: tenant.settings.clone(),
        policy: tenant.policy.clone(),
        options: meeting.options.clone(),
        organizer: meeting.organizer_id.clone(),
        co_organizers: with_role(Some(InviteeRole::Coorganizer)),
        presenters: with_role(Some(InviteeRole::Presenter)),
        invited: with_role(None),
        subject: meeting.subject.clone().unwrap_or_default(),
        thread_id: meeting.thread_id.clone(),
        start: Some(meeting.start),
        end: Some(meeting.end),
        expires: Some(meeting.expires),
        breakout: None,
        speech: meeting::SpeechOffer::default(),
    }
}
