//! What the store keeps, as plain values. No behaviour beyond small accessors; no SQL, no HTTP.

mod chat;
mod directory;
mod identity;
mod meeting;
mod record;

pub use chat::{ChatMember, ChatMessage, ChatThread, MessageKind, NamedParticipant, ReadReceipt, Retention, ThreadKind};
pub use directory::{Application, Member, Tenant};
pub use identity::{AccessKey, CommunicationIdentity, IdentityKind, SigningKeyRecord};
pub use meeting::{Invitee, InviteeRole, OnlineMeeting};
pub use record::{AttendanceEvent, AttendanceFact, AuditEntry};
