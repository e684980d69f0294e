//! One meeting as a pure state machine.
mod admission;
mod capabilities;
mod event;
mod explain;
mod ids;
mod input;
mod machine;
mod output;
mod person;
mod policy;
pub mod refusal;
mod roles;
mod settings;
mod state;

pub use admission::{Bar, Facts, JoinPath, PasscodeCheck, Place, Rule, Step, Verdict, WaitReason, decide, walk};
pub use capabilities::{Capability, CapabilityName, CapabilityReason, CapabilityState};
pub use event::Event;
pub use explain::{Explanation, explain};
pub use ids::{Micros, ParticipantId, PublicationId, RequestId, SessionId};
pub use input::{Command, Input};
pub use machine::Meeting;
pub use output::{AttendanceFact, Output, Reply, TimeoutReason};
pub use person::{Identity, Person, PersonKind, Standing};
pub use policy::{AllowedLobbyAdmitters, AnonymousClientType, DesignatedPresenterRoleMode, LobbyScope, MeetingPolicy};
pub use refusal::{FixableBy, Refusal, RefusalRow};
pub use roles::{Role, role_at_entry};
pub use settings::{AllowedPresenters, MeetingOptions, MeetingSettings, Presenters, Source, TenantSettings};
pub use state::{
    MediaKind, MeetingState, Participant, ParticipantLeft, PublicationState, SelfState, Snapshot, Speaking, WaitingParticipant,
};

/// Seconds that a lost connection has to come back.
pub const RECONNECT_GRACE_S: u32 = 30;
