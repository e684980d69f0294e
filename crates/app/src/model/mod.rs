//! What the store keeps, as plain values. No behaviour beyond small accessors; no SQL, no HTTP.

mod access;
mod application;
mod calendar;
mod chat;
mod directory;
mod identity;
mod meeting;
mod record;
mod room;
mod subscription;

pub use access::{AccessGrant, AccessPolicy, Grantee, Group};
pub use application::{Application, ApplicationKey, ApplicationSecret, ExposedScope};
pub use calendar::{AttendeeKind, CalendarEvent, EventAttendee, EventBody, EventDetails, EventException, EventTime};
pub use chat::{ChatMember, ChatMessage, ChatThread, MessageKind, NamedParticipant, ReadReceipt, Retention, ThreadKind};
pub use directory::{Member, Tenant};
pub use identity::{AccessKey, CommunicationIdentity, IdentityKind, SigningKeyRecord};
pub use meeting::{Invitee, InviteeRole, MeetingKey, MeetingOrder, OnlineMeeting};
pub use record::{AttendanceEvent, AttendanceFact, AuditEntry, HeldMeeting};
pub use room::{Room, RoomParticipant, RoomRole};
pub use subscription::{
    Channel, DueQueue, EncryptionCertificate, Lifecycle, Notice, Notification, QueueKey, QueuedNotification, Subscription,
};
