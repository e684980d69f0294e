//! The machine.
use std::collections::VecDeque;
use crate::*;

/// One meeting.
#[derive(Debug)]
pub struct Meeting {
    settings: MeetingSettings,
    server_call_id: String,
    outputs: VecDeque<Output>,
}

impl Meeting {
    /// A meeting that nobody has joined yet.
    pub fn new(settings: MeetingSettings, server_call_id: String) -> Self {
        Self { settings, server_call_id, outputs: VecDeque::new() }
    }
    /// Gives back a bar that was persisted before a restart.
    pub fn restore_bar(&mut self, _participant: ParticipantId, _bar: Bar) {}
    /// Takes one input.
    pub fn handle(&mut self, _now: Micros, _input: Input) {}
    /// Acts on timeouts that are due.
    pub fn handle_timeout(&mut self, _now: Micros) {}
    /// When to call `handle_timeout` next.
    pub fn poll_timeout(&self) -> Option<(Micros, TimeoutReason)> { None }
    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> { self.outputs.pop_front() }
    /// Nobody inside and nobody waiting: the host may drop the machine.
    pub fn is_empty(&self) -> bool { true }
    /// The settings in force.
    pub fn settings(&self) -> &MeetingSettings { &self.settings }
    /// The host's name of this held meeting.
    pub fn server_call_id(&self) -> &str { &self.server_call_id }
    /// Whether the session is in the roster.
    pub fn is_admitted(&self, _session: &SessionId) -> bool { false }
}
