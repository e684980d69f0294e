// Enumerations that exist at run time, with the values that applications compare with.

/** Kind of an agent. */
export enum CallAgentKind {
  CallAgent = 'CallAgent',
  TeamsCallAgent = 'TeamsCallAgent',
}

/** Kind of a call. */
export enum CallKind {
  Call = 'Call',
  TeamsCall = 'TeamsCall',
}

/** Kind of an incoming call. */
export enum IncomingCallKind {
  IncomingCall = 'IncomingCall',
  TeamsIncomingCall = 'TeamsIncomingCall',
}

/** How good something is. */
export enum DiagnosticQuality {
  Good = 1,
  Poor = 2,
  Bad = 3,
}

/** State of a recording. */
export enum RecordingState {
  None = 0,
  Started = 1,
  Paused = 2,
  Ended = 3,
}
