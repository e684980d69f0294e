//! One meeting as a pure state machine: who comes in, who waits, who may do what, who is told what.
//!
//! ```text
//! host: handle(now, Input) ─▶ Meeting ─▶ poll_output() … until None, then sleep until poll_timeout() ─▶ handle_timeout(now)
//! ```
//!
//! No IO, no clock, no randomness, no runtime: time comes in as an argument and all maps are ordered, so the same inputs
//! give the same outputs. Where things are: the door is `admission`; settings and defaults are `settings` and `policy`;
//! who may do what is `roles` and `capabilities`; the catalogue of everything that can be refused is [`refusal`].
//! Not here: sockets, tickets, tokens, passcode comparison, media (the host and its engine), persistence (the host).
//!
//! How to add a command: a variant in `input::Command`, an arm in `commands::obey` and `obey_waiting` (the compiler asks
//! for both), its capability in `capabilities` when it has one, its refusal in `refusal`, a twin of tests in `tests/`.

mod admission;
mod announce;
mod breakout;
mod calls;
mod capabilities;
mod captions;
mod changes;
mod commands;
mod connection;
mod data;
mod ending;
mod event;
mod explain;
mod facts;
mod fan_out;
mod governing;
mod ids;
mod input;
mod joining;
mod lobby;
mod machine;
mod media_access;
mod moderation;
mod output;
mod pace;
mod person;
mod places;
mod policy;
mod publications;
mod reactions;
mod recording;
pub mod refusal;
mod ringing;
mod roles;
mod roster;
mod settings;
mod spotlight;
mod state;
mod together;
mod typed;

pub use admission::{decide, walk};
pub use breakout::{
    BreakoutCommand, BreakoutPerson, BreakoutRoom, BreakoutRules, BreakoutState, MAX_ASSIGNED, MAX_BREAKOUT_ROOMS, NewBreakoutRoom,
};
pub use calls::RoomRules;
pub use capabilities::{Capability, CapabilityName, CapabilityReason, CapabilityState};
pub use captions::{Caption, CaptionsState, HeardWords, OwnCaptions, SpeechOffer};
pub use data::{CHANNELS, DataMessage, Diagnostic, MAX_DATA, MAX_DIAGNOSED, MAX_DIAGNOSTICS};
pub use event::Event;
pub use explain::{Explanation, explain};
pub use facts::{Bar, Facts, JoinPath, PasscodeCheck, Place, Rule, Step, Verdict, WaitReason};
pub use ids::{Micros, ParticipantId, PublicationId, RequestId, SessionId};
pub use input::{Command, Input};
pub use machine::Meeting;
pub use media_access::{AccessKind, MediaAccess};
pub use output::{AttendanceFact, Output, Reply, TimeoutReason};
pub use person::{Identity, Person, PersonKind, Standing};
pub use policy::{
    AllowedLobbyAdmitters, AnonymousClientType, DesignatedPresenterRoleMode, LobbyScope, MeetingChatEnabledType, MeetingPolicy,
};
pub use reactions::Reaction;
pub use recording::{RecordingState, TranscriptLine};
pub use refusal::{FixableBy, Refusal, RefusalRow};
pub use ringing::{CallStart, MAX_CALLEES, MAX_CONTEXT, Presence, RingNews, TransferState, TransferTarget, Transferor};
pub use roles::{Role, role_at_entry};
pub use settings::{AllowedPresenters, MeetingOptions, MeetingSettings, Presenters, Source, TenantSettings};
pub use spotlight::MAX_SPOTLIGHT;
pub use state::{
    CallKind, MediaKind, MeetingState, Participant, ParticipantLeft, PublicationState, SelfState, Snapshot, Speaking, WaitingParticipant,
};
pub use together::{MAX_SEATS, Seat};
pub use typed::{MAX_TYPED, TypedText};

/// Seconds that a lost connection has to come back.
pub const RECONNECT_GRACE_S: u32 = 30;

/// Most participants inside one meeting; the next one is refused, or keeps waiting when in the lobby.
pub const MAX_INSIDE: usize = 1000;

/// Most people in one lobby; the next one is refused.
pub const MAX_WAITING: usize = 500;
