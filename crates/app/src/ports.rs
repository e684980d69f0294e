//! What `app` needs from outside: a clock, randomness, a store.
//!
//! The store is split by subject; an adapter implements each trait and gets [`Store`] by the blanket implementation. Rules that every
//! implementation keeps (checked by the conformance suite of the `store` crate):
//! * a call that returns `Ok` has been committed and survives `kill -9`; a call that returns an error has changed nothing;
//! * "put" replaces, "insert" answers [`StoreError::Conflict`] when the key is taken;
//! * reads see every earlier write of the same process;
//! * deleted meetings are never returned.
//!
//! How to add a method: add it to the trait with its promise, implement it in `store`, add a case to the conformance suite.

use async_trait::async_trait;
use meeting::Bar;

use crate::Micros;
use crate::access::AccessStore;
use crate::applications::ApplicationStore;
use crate::calendar::CalendarStore;
use crate::chat::ChatStore;
use crate::idempotency::IdempotencyStore;
use crate::model::{
    AccessKey, Application, AttendanceFact, AuditEntry, CommunicationIdentity, HeldMeeting, MeetingOrder, Member, OnlineMeeting,
    SigningKeyRecord, Tenant,
};
use crate::notify::SubscriptionStore;
use crate::quality::QualityStore;
use crate::rooms::RoomStore;
use crate::sign_in::{DeviceCodeStore, FederationStore, SignInStore};
use crate::surveys::SurveyStore;
use crate::transcripts::TranscriptStore;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Microseconds since the Unix epoch, UTC.
    fn now(&self) -> Micros;
}

/// Gives cryptographic randomness.
pub trait Random: Send + Sync + 'static {
    /// Fills the slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key is taken, or the row was changed meanwhile.
    #[error("{what} exists already or was changed meanwhile")]
    Conflict {
        /// Kind of row.
        what: &'static str,
    },
    /// A row cannot be read as what it should be; the store is damaged or newer than this program.
    #[error("a row of {what} cannot be read: {reason}")]
    Corrupt {
        /// Kind of row.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The database did not answer.
    #[error("the store failed at {operation}: {source}")]
    Failed {
        /// What was asked.
        operation: &'static str,
        /// The adapter's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Result of a store call.
pub type StoreResult<T> = Result<T, StoreError>;

/// Tenant, members, applications.
#[async_trait]
pub trait DirectoryStore: Send + Sync + 'static {
    /// The tenant.
    async fn tenant(&self) -> StoreResult<Option<Tenant>>;
    /// Creates or replaces the tenant.
    async fn put_tenant(&self, tenant: &Tenant) -> StoreResult<()>;
    /// A member by object id (lower case).
    async fn member(&self, id: &str) -> StoreResult<Option<Member>>;
    /// A member by sign-in name, ASCII case ignored.
    async fn member_by_upn(&self, upn: &str) -> StoreResult<Option<Member>>;
    /// All members by display name.
    async fn members(&self) -> StoreResult<Vec<Member>>;
    /// Creates or replaces a member; the password is left alone.
    async fn put_member(&self, member: &Member) -> StoreResult<()>;
    /// The password hash (PHC string) of a member.
    async fn password_hash(&self, member_id: &str) -> StoreResult<Option<String>>;
    /// Sets the password hash of a member.
    async fn set_password_hash(&self, member_id: &str, phc: &str) -> StoreResult<()>;
    /// An application by client id (lower case).
    async fn application(&self, client_id: &str) -> StoreResult<Option<Application>>;
    /// All applications by name.
    async fn applications(&self) -> StoreResult<Vec<Application>>;
    /// Creates or replaces an application.
    async fn put_application(&self, application: &Application) -> StoreResult<()>;
}

/// Scheduled meetings.
#[async_trait]
pub trait MeetingStore: Send + Sync + 'static {
    /// Inserts; `Conflict` when the thread, the meeting ID, or the organizer's external id is taken.
    async fn insert_meeting(&self, meeting: &OnlineMeeting) -> StoreResult<()>;
    /// Replaces the meeting whose revision is `expected_revision`; `Conflict` when it is another (or the meeting is gone).
    async fn update_meeting(&self, meeting: &OnlineMeeting, expected_revision: i64) -> StoreResult<()>;
    /// Marks as deleted; false when there was nothing to delete.
    async fn delete_meeting(&self, thread_id: &str, at: Micros) -> StoreResult<bool>;
    /// By thread.
    async fn meeting(&self, thread_id: &str) -> StoreResult<Option<OnlineMeeting>>;
    /// By meeting ID.
    async fn meeting_by_join_id(&self, join_meeting_id: &str) -> StoreResult<Option<OnlineMeeting>>;
    /// By organizer and external id.
    async fn meeting_by_external_id(&self, organizer_id: &str, external_id: &str) -> StoreResult<Option<OnlineMeeting>>;
    /// Meetings of an organizer in this order.
    async fn meetings_of(&self, organizer_id: &str, order: MeetingOrder, skip: u32, top: u32) -> StoreResult<Vec<OnlineMeeting>>;
    /// How many meetings an organizer has.
    async fn meeting_count(&self, organizer_id: &str) -> StoreResult<u64>;
    /// Bars a participant from a meeting until then. When there is a bar already, the later end and the new kind count.
    async fn put_bar(&self, thread_id: &str, raw_id: &str, bar: Bar, until: Micros) -> StoreResult<()>;
    /// Until when a participant is barred.
    async fn bar(&self, thread_id: &str, raw_id: &str) -> StoreResult<Option<Micros>>;
    /// All bars of a meeting that last beyond `now`, by raw id.
    async fn bars(&self, thread_id: &str, now: Micros) -> StoreResult<Vec<(String, Bar)>>;
    /// Lifts all bars of a meeting.
    async fn clear_bars(&self, thread_id: &str) -> StoreResult<()>;
    /// Appends attendance.
    async fn add_attendance(&self, facts: &[AttendanceFact]) -> StoreResult<()>;
    /// Attendance of a meeting, oldest first.
    async fn attendance(&self, thread_id: &str) -> StoreResult<Vec<AttendanceFact>>;
    /// The held meetings of a meeting of which there are facts; the one that began latest comes first.
    async fn held_meetings(&self, thread_id: &str) -> StoreResult<Vec<HeldMeeting>>;
    /// Attendance of one held meeting between its first and last fact, oldest first; `most` facts at most.
    async fn attendance_of(&self, thread_id: &str, held: &HeldMeeting, most: u32) -> StoreResult<Vec<AttendanceFact>>;
}

/// Communication identities and keys.
#[async_trait]
pub trait IdentityStore: Send + Sync + 'static {
    /// Inserts.
    async fn insert_identity(&self, identity: &CommunicationIdentity) -> StoreResult<()>;
    /// By raw id; deleted ones too.
    async fn identity(&self, id: &str) -> StoreResult<Option<CommunicationIdentity>>;
    /// Moves `tokens_valid_after` forward (never back); false when there is no such identity or it is deleted.
    async fn revoke_identity(&self, id: &str, at: Micros) -> StoreResult<bool>;
    /// Marks as deleted; false when there is no such identity or it is deleted.
    async fn delete_identity(&self, id: &str, at: Micros) -> StoreResult<bool>;
    /// Access keys.
    async fn access_keys(&self) -> StoreResult<Vec<AccessKey>>;
    /// Creates or replaces the access key of that name.
    async fn put_access_key(&self, key: &AccessKey) -> StoreResult<()>;
    /// Signing keys, newest first.
    async fn signing_keys(&self) -> StoreResult<Vec<SigningKeyRecord>>;
    /// Adds a signing key.
    async fn insert_signing_key(&self, key: &SigningKeyRecord) -> StoreResult<()>;
    /// Forgets signing keys made before then.
    async fn delete_signing_keys_before(&self, before: Micros) -> StoreResult<()>;
}

/// Audit log and what dev mode remembers.
#[async_trait]
pub trait RecordStore: Send + Sync + 'static {
    /// Appends to the audit log.
    async fn add_audit(&self, entry: &AuditEntry) -> StoreResult<()>;
    /// The latest entries, newest first.
    async fn audit_log(&self, top: u32) -> StoreResult<Vec<AuditEntry>>;
    /// A secret that dev mode keeps in clear (only dev mode writes here).
    async fn dev_secret(&self, name: &str) -> StoreResult<Option<String>>;
    /// Keeps a secret of dev mode.
    async fn put_dev_secret(&self, name: &str, value: &str) -> StoreResult<()>;
}

/// The whole store.
pub trait Store:
    DirectoryStore
    + MeetingStore
    + IdentityStore
    + RecordStore
    + SignInStore
    + ApplicationStore
    + DeviceCodeStore
    + FederationStore
    + AccessStore
    + CalendarStore
    + ChatStore
    + SubscriptionStore
    + RoomStore
    + SurveyStore
    + QualityStore
    + TranscriptStore
    + IdempotencyStore
{
}

impl<
    T: DirectoryStore
        + MeetingStore
        + IdentityStore
        + RecordStore
        + SignInStore
        + ApplicationStore
        + DeviceCodeStore
        + FederationStore
        + AccessStore
        + CalendarStore
        + ChatStore
        + SubscriptionStore
        + RoomStore
        + SurveyStore
        + QualityStore
        + TranscriptStore
        + IdempotencyStore,
> Store for T
{
}
