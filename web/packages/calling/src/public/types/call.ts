// Calls, incoming calls, agents and the options of their methods.
import type {
  CommunicationIdentifier,
  CommunicationUserIdentifier,
  MicrosoftTeamsAppIdentifier,
  MicrosoftTeamsUserIdentifier,
  PhoneNumberIdentifier,
  UnknownIdentifier,
} from '@azure/communication-common';

import type { CallAgentKind, CallKind, IncomingCallKind } from '../enums';
import type { LocalAudioStream } from '../local-audio-stream';
import type { LocalVideoStream } from '../local-video-stream';
import type {
  AzureLogger,
  CallDirection,
  CallEndReason,
  CallState,
  CallerInfo,
  CollectionUpdatedEvent,
  ConnectionLossReason,
  ConnectionState,
  Disposable,
  DtmfTone,
  EventSource,
  ParticipantRole,
  PropertyChangedEvent,
  PropertyChangedEventWithArgs,
  TransferorInfo,
} from './common';
import type { BreakoutControl } from './breakout';
import type { CallFeature, CallFeatureFactory } from './feature-base';
import type { GroupLocator, JoinLocator, MeetingLocator, TeamsMeetingLinkLocator } from './locators';
import type { Lobby, RemoteParticipant } from './participants';
import type { EmergencyCallOptions, MediaConstraintRange, NetworkConfiguration, OnBehalfOfOptions } from './settings';
import type { RemoteAudioStream } from './streams';

/** Limits of what is sent. */
export interface VideoSendConstraints {
  frameHeight?: MediaConstraintRange;
  frameRate?: MediaConstraintRange;
  bitrate?: MediaConstraintRange;
}

/** Limits of a call's media. */
export interface MediaConstraints {
  video?: { send?: VideoSendConstraints };
}

/** Video of a call at its beginning. */
export interface VideoOptions {
  localVideoStreams?: LocalVideoStream[];
  constraints?: MediaConstraints['video'];
}

/** Audio of a call at its beginning. */
export interface AudioOptions {
  muted?: boolean;
  localAudioStreams?: LocalAudioStream[];
}

/** Options of `join`. */
export interface JoinCallOptions {
  videoOptions?: VideoOptions;
  audioOptions?: AudioOptions;
}

/** Options of `accept`. */
export type AcceptCallOptions = JoinCallOptions;

/** Application data that travels with a call. */
export interface CustomContext {
  userToUser?: string;
  xHeaders?: { key: string; value: string }[];
  sipHeaders?: { key: string; value: string }[];
  voipHeaders?: { key: string; value: string }[];
}

/** Options of `startCall`. */
export interface StartCallOptions extends JoinCallOptions {
  alternateCallerId?: PhoneNumberIdentifier;
  customContext?: CustomContext;
}

/** Options of `startCall` of a member's agent. */
export interface StartTeamsCallOptions extends JoinCallOptions {
  customContext?: CustomContext;
  threadId?: string;
  onBehalfOfOptions?: OnBehalfOfOptions;
}

/** Options of `hangUp`. */
export interface HangUpOptions {
  /** Ends the meeting for everybody; needs the capability `hangUpForEveryOne`. */
  forEveryone?: boolean;
}

/** Options of `addParticipant` for a telephone number. */
export interface AddPhoneNumberOptions {
  alternateCallerId?: PhoneNumberIdentifier;
}

/** What identifies the held call. */
export interface CallInfoCommon {
  /** Chat thread; known only once admitted. */
  readonly threadId?: string;
  /** The own connection in this call. */
  readonly participantId: string;
  /** The server's name of the held call. */
  getServerCallId(): Promise<string>;
  onCallInfoChanged(event: 'callInfoChanged', listener: PropertyChangedEvent): void;
  offCallInfoChanged(event: 'callInfoChanged', listener: PropertyChangedEvent): void;
}

/** What identifies the held call, for guests. */
export interface CallInfo extends CallInfoCommon {
  readonly groupId?: string;
}

/** What identifies the held call, for members. */
export type TeamsCallInfo = CallInfoCommon;

/**
 * Extension beyond the established surface: the meeting itself, and what its organizer may do with it.
 * Present on calls that joined a meeting.
 */
export interface MeetingControl extends EventSource<{ meetingChanged: PropertyChangedEvent }> {
  /** Subject, empty until admitted. */
  readonly subject: string;
  /** Whether nobody new may come in. */
  readonly locked: boolean;
  /** While waiting: whether the meeting has not begun (true) or somebody has to admit (false). */
  readonly waitsForStart: boolean;
  /** Locks or unlocks the meeting. */
  setLocked(locked: boolean): Promise<void>;
  /** Begins or ends the recording; for those who run the meeting. The server keeps the state, it makes no file. */
  setRecording(active: boolean): Promise<void>;
  /** Begins or ends writing down what is said; for those who run the meeting. */
  setTranscription(active: boolean): Promise<void>;
  /** Begins or ends the together view for everybody; for those who run the meeting (the feature TogetherMode can only begin it). */
  setTogether(active: boolean): Promise<void>;
  /** Breakout rooms for those who manage them. */
  readonly breakout: BreakoutControl;
  /** Changes somebody's role. */
  setRole(identifier: CommunicationIdentifier, role: 'Co-organizer' | 'Presenter' | 'Attendee'): Promise<void>;
}

/** Events of a call. */
export interface CallEvents {
  stateChanged: PropertyChangedEvent;
  idChanged: PropertyChangedEvent;
  isMutedChanged: PropertyChangedEvent;
  isIncomingAudioMutedChanged: PropertyChangedEvent;
  isScreenSharingOnChanged: PropertyChangedEvent;
  isLocalVideoStartedChanged: PropertyChangedEvent;
  remoteParticipantsUpdated: CollectionUpdatedEvent<RemoteParticipant>;
  localVideoStreamsUpdated: CollectionUpdatedEvent<LocalVideoStream>;
  localAudioStreamsUpdated: CollectionUpdatedEvent<LocalAudioStream>;
  remoteAudioStreamsUpdated: CollectionUpdatedEvent<RemoteAudioStream>;
  roleChanged: PropertyChangedEvent;
  mutedByOthers: PropertyChangedEvent;
  callerInfoChanged: PropertyChangedEvent;
  transferorInfoChanged: PropertyChangedEvent;
}

/** What calls of guests and of members have in common. */
export interface CallCommon extends EventSource<CallEvents>, Disposable {
  readonly kind: CallKind;
  readonly id: string;
  readonly callerInfo: CallerInfo;
  readonly transferorInfo?: TransferorInfo;
  readonly state: CallState;
  readonly callEndReason?: CallEndReason;
  readonly direction: CallDirection;
  readonly isMuted: boolean;
  readonly isIncomingAudioMuted: boolean;
  readonly isScreenSharingOn: boolean;
  readonly isLocalVideoStarted: boolean;
  readonly localVideoStreams: ReadonlyArray<LocalVideoStream>;
  readonly localAudioStreams: ReadonlyArray<LocalAudioStream>;
  readonly remoteAudioStreams: ReadonlyArray<RemoteAudioStream>;
  readonly remoteParticipants: ReadonlyArray<RemoteParticipant>;
  readonly role: ParticipantRole;
  /** Typed as applications know it, but undefined at run time where there is no lobby: in group, room and 1:1 calls. */
  readonly lobby: Lobby;
  /** Extension beyond the established surface. */
  readonly meeting?: MeetingControl;
  /** One object per feature and call. */
  feature<TFeature extends CallFeature>(factory: CallFeatureFactory<TFeature>): TFeature;
  /** Leaves; never waits for the network. */
  hangUp(options?: HangUpOptions): Promise<void>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  muteAllRemoteParticipants(): Promise<void>;
  muteIncomingAudio(): Promise<void>;
  unmuteIncomingAudio(): Promise<void>;
  sendDtmf(tone: DtmfTone): Promise<void>;
  startVideo(stream: LocalVideoStream): Promise<void>;
  stopVideo(stream: LocalVideoStream): Promise<void>;
  startScreenSharing(stream?: LocalVideoStream): Promise<void>;
  stopScreenSharing(): Promise<void>;
  startAudio(stream?: LocalAudioStream): Promise<void>;
  stopAudio(): Promise<void>;
  hold(): Promise<void>;
  resume(): Promise<void>;
  setConstraints(constraints: MediaConstraints): Promise<void>;
  removeParticipant(identifier: CommunicationIdentifier): Promise<void>;
}

/** A call of a guest. */
export interface Call extends CallCommon {
  readonly kind: CallKind.Call;
  readonly info: CallInfo;
  addParticipant(
    identifier: CommunicationUserIdentifier | MicrosoftTeamsUserIdentifier | MicrosoftTeamsAppIdentifier | UnknownIdentifier,
  ): RemoteParticipant;
  addParticipant(identifier: PhoneNumberIdentifier, options?: AddPhoneNumberOptions): RemoteParticipant;
}

/** A call of a member. */
export interface TeamsCall extends CallCommon {
  readonly kind: CallKind.TeamsCall;
  readonly info: TeamsCallInfo;
  readonly isEmergencyCall?: boolean;
  addParticipant(identifier: CommunicationIdentifier, options?: { threadId?: string }): RemoteParticipant;
}

/** Events of an incoming call. */
export interface IncomingCallEvents {
  callEnded: PropertyChangedEventWithArgs<{ callEndReason: CallEndReason }>;
  callerInfoChanged: PropertyChangedEvent;
  transferorInfoChanged: PropertyChangedEvent;
}

/** What incoming calls have in common. */
export interface IncomingCallCommon extends EventSource<IncomingCallEvents> {
  readonly kind: IncomingCallKind;
  readonly id: string;
  readonly callerInfo: CallerInfo;
  readonly transferorInfo?: TransferorInfo;
  readonly callEndReason?: CallEndReason;
  readonly customContext?: CustomContext;
  reject(): Promise<void>;
}

/** A call that rings at a guest. */
export interface IncomingCall extends IncomingCallCommon {
  readonly kind: IncomingCallKind.IncomingCall;
  readonly info: CallInfo;
  accept(options?: AcceptCallOptions): Promise<Call>;
}

/** A call that rings at a member. */
export interface TeamsIncomingCall extends IncomingCallCommon {
  readonly kind: IncomingCallKind.TeamsIncomingCall;
  readonly info: TeamsCallInfo;
  accept(options?: AcceptCallOptions): Promise<TeamsCall>;
}

/** How the connection changed. */
export interface ConnectionStateChangedEventArgs {
  readonly newValue: ConnectionState;
  readonly oldValue: ConnectionState;
  readonly reason?: ConnectionLossReason;
}

/** Options of an agent. */
export interface CallAgentOptions {
  displayName?: string;
  emergencyCallOptions?: EmergencyCallOptions;
}

/** Options of a member's agent. */
export interface TeamsCallAgentOptions {
  emergencyCallOptions?: EmergencyCallOptions;
}

/** What agents have in common. */
export interface CallAgentCommon {
  readonly kind: CallAgentKind;
  readonly connectionState: ConnectionState;
  /** Ends all calls and the connection. */
  dispose(): Promise<void>;
}

/** Events of a guest's agent. */
export interface CallAgentEvents {
  callsUpdated: CollectionUpdatedEvent<Call>;
  incomingCall: PropertyChangedEventWithArgs<{ incomingCall: IncomingCall }>;
  connectionStateChanged: PropertyChangedEventWithArgs<ConnectionStateChangedEventArgs>;
  handleIncomingCall: PropertyChangedEventWithArgs<{ callId: string; participantId: string; code: number; subCode: number }>;
}

/** Joins and starts calls as a guest. */
export interface CallAgent extends CallAgentCommon, EventSource<CallAgentEvents> {
  readonly kind: CallAgentKind.CallAgent;
  readonly calls: ReadonlyArray<Call>;
  readonly displayName?: string;
  startCall(participants: CommunicationIdentifier[], options?: StartCallOptions): Call;
  /** Returns at once with a call in state `Connecting`. */
  join(locator: JoinLocator, options?: JoinCallOptions): Call;
}

/** Events of a member's agent. */
export interface TeamsCallAgentEvents {
  callsUpdated: CollectionUpdatedEvent<TeamsCall>;
  incomingCall: PropertyChangedEventWithArgs<{ incomingCall: TeamsIncomingCall }>;
  connectionStateChanged: PropertyChangedEventWithArgs<ConnectionStateChangedEventArgs>;
}

/** Joins and starts calls as a member. */
export interface TeamsCallAgent extends CallAgentCommon, EventSource<TeamsCallAgentEvents> {
  readonly kind: CallAgentKind.TeamsCallAgent;
  readonly calls: ReadonlyArray<TeamsCall>;
  startCall(participants: CommunicationIdentifier | CommunicationIdentifier[], options?: StartTeamsCallOptions): TeamsCall;
  /** Returns at once with a call in state `Connecting`. */
  join(locator: TeamsMeetingLinkLocator | MeetingLocator | GroupLocator, options?: JoinCallOptions): TeamsCall;
}

/** Options of the client. */
export interface CallClientOptions {
  logger?: AzureLogger;
  diagnostics?: { appName?: string; appVersion?: string; tags?: string[] };
  networkConfiguration?: NetworkConfiguration;
  /** Extension: WebSocket URL of the server, for tokens that do not name it. */
  signalUrl?: string;
}
