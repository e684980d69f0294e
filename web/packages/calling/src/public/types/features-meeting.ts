// Features about people in the meeting: hands, reactions, spotlight, rooms, capabilities, speakers, media access, transfer, survey.
import type { CommunicationIdentifier, CommunicationIdentifierKind, MicrosoftTeamsUserIdentifier } from '@azure/communication-common';

import type { Call, TeamsCall } from './call';
import type { CollectionUpdatedEvent, CommunicationServicesError, EventSource, PropertyChangedEvent, PropertyChangedEventWithArgs } from './common';
import type { CallFeature } from './feature-base';
import type {
  SubmitSurveyOptions,
  TransferToCallOptions,
  TransferToParticipantOptions,
  TransferToVoicemailLocator,
  TransferToVoicemailOptions,
} from './settings';

/** A raised hand; order 1 is first. */
export interface RaisedHand {
  identifier: CommunicationIdentifierKind;
  order: number;
}
/** Whose hand changed. */
export interface RaisedHandChangedEvent {
  identifier: CommunicationIdentifierKind;
}
/** The same for a lowered hand. */
export type LoweredHandChangedEvent = RaisedHandChangedEvent;
/** Listener of `raisedHandEvent`. */
export type RaisedHandListener = (event: RaisedHandChangedEvent) => void;
/** Listener of `loweredHandEvent`. */
export type LoweredHandListener = (event: LoweredHandChangedEvent) => void;
/** Raised hands. */
export interface RaiseHandCallFeature
  extends CallFeature,
    EventSource<{ raisedHandEvent: RaisedHandListener; loweredHandEvent: LoweredHandListener }> {
  raiseHand(): Promise<void>;
  lowerHand(): Promise<void>;
  lowerHands(participants: CommunicationIdentifier[]): Promise<void>;
  lowerAllHands(): Promise<void>;
  getRaisedHands(): RaisedHand[];
}

/** A reaction. */
export type Reaction = 'like' | 'heart' | 'laugh' | 'surprised' | 'applause';
/** What was sent. */
export interface ReactionMessage {
  reactionType: Reaction;
  name?: string;
}
/** Somebody reacted. `identifier` is the raw id as a string at run time. */
export interface ReactionEventPayload {
  identifier: string | CommunicationIdentifierKind;
  reactionMessage: ReactionMessage;
}
/** Listener of `reaction`. */
export type ReactionListener = (event: ReactionEventPayload) => void;
/** Reactions. */
export interface ReactionCallFeature extends CallFeature, EventSource<{ reaction: ReactionListener }> {
  sendReaction(message: ReactionMessage): Promise<void>;
}

/** Somebody in the spotlight. */
export interface SpotlightedParticipant {
  identifier: CommunicationIdentifierKind;
  order?: number;
}
/** Listener of `spotlightChanged`. */
export type SpotlightChangedListener = (args: { added: SpotlightedParticipant[]; removed: SpotlightedParticipant[] }) => void;
/** Spotlight. */
export interface SpotlightCallFeature extends CallFeature, EventSource<{ spotlightChanged: SpotlightChangedListener }> {
  readonly maxParticipantsToSpotlight: number;
  startSpotlight(participants?: CommunicationIdentifier[]): Promise<void>;
  stopSpotlight(participants?: CommunicationIdentifier[]): Promise<void>;
  stopAllSpotlight(): Promise<void>;
  getSpotlightedParticipants(): SpotlightedParticipant[];
}

/** State of a breakout room. */
export type BreakoutRoomState = 'open' | 'closed';
/** Who is invited into a breakout room. */
export interface Invitee {
  identifier: CommunicationIdentifierKind;
}
/** A breakout room. */
export interface BreakoutRoom {
  readonly threadId: string;
  readonly displayName: string;
  readonly state: BreakoutRoomState;
  readonly autoMoveParticipantToBreakoutRoom: boolean;
  readonly invitees: Invitee[];
  readonly call?: Call | TeamsCall;
  join(): Promise<Call | TeamsCall>;
  returnToMainMeeting(): Promise<Call | TeamsCall>;
}
/** Settings of the breakout rooms. `roomEndTime` is an ISO string at run time. */
export interface BreakoutRoomsSettings {
  readonly disableReturnToMainMeeting: boolean;
  readonly roomEndTime?: string;
}
/** What changed about breakout rooms. */
export type BreakoutRoomsEventData =
  | { type: 'assignedBreakoutRooms'; data?: BreakoutRoom }
  | { type: 'breakoutRooms'; data?: BreakoutRoom[] }
  | { type: 'breakoutRoomsSettings'; data?: BreakoutRoomsSettings }
  | { type: 'join'; data?: Call | TeamsCall };
/** Listener of `breakoutRoomsUpdated`. */
export type BreakoutRoomsUpdatedListener = (event: BreakoutRoomsEventData) => void;
/** Breakout rooms. */
export interface BreakoutRoomsCallFeature extends CallFeature, EventSource<{ breakoutRoomsUpdated: BreakoutRoomsUpdatedListener }> {
  readonly assignedBreakoutRooms?: BreakoutRoom;
  readonly breakoutRooms?: BreakoutRoom[];
  readonly breakoutRoomsSettings?: BreakoutRoomsSettings;
}

/** Name of a capability. */
export type ParticipantCapabilityName =
  | 'turnVideoOn'
  | 'unmuteMic'
  | 'shareScreen'
  | 'removeParticipant'
  | 'hangUpForEveryOne'
  | 'addCommunicationUser'
  | 'addTeamsUser'
  | 'addPhoneNumber'
  | 'manageLobby'
  | 'spotlightParticipant'
  | 'removeParticipantsSpotlight'
  | 'blurBackground'
  | 'startLiveMeetingCaptions'
  | 'startLiveCallingCaptions'
  | 'setCaptionLanguage'
  | 'raiseHand'
  | 'pstnDialOut'
  | 'muteOthers'
  | 'useReactions'
  | 'viewAttendeeNames'
  | 'startTogetherMode'
  | 'joinBreakoutRooms'
  | 'forbidOthersAudio'
  | 'forbidOthersVideo'
  | 'realTimeText';
/** Why a capability is present or absent. */
export type CapabilityResolutionReason =
  | 'Capable'
  | 'CapabilityNotApplicableForTheCallType'
  | 'ClientRestricted'
  | 'UserPolicyRestricted'
  | 'RoleRestricted'
  | 'FeatureNotSupported'
  | 'MeetingRestricted'
  | 'NotInitialized'
  | 'NotCapable'
  | 'TeamsPremiumLicenseRestricted'
  | 'IpModeUserPolicyRestricted'
  | 'ExplicitConsentRequired';
/** Whether a capability is present, and why. */
export interface ParticipantCapability {
  isPresent: boolean;
  reason: CapabilityResolutionReason;
}
/** All capabilities; always complete. */
export type ParticipantCapabilities = Record<ParticipantCapabilityName, ParticipantCapability>;
/** Why capabilities changed. */
export type CapabilitiesChangedReason =
  | 'RoleChanged'
  | 'UserPolicyChanged'
  | 'MeetingOptionOrOrganizerPolicyChanged'
  | 'TeamsPremiumLicenseChanged';
/** What changed. */
export interface CapabilitiesChangeInfo {
  oldValue: Partial<ParticipantCapabilities>;
  newValue: Partial<ParticipantCapabilities>;
  reason: CapabilitiesChangedReason;
}
/** What the own person may do. */
export interface CapabilitiesFeature
  extends CallFeature,
    EventSource<{ capabilitiesChanged: PropertyChangedEventWithArgs<CapabilitiesChangeInfo> }> {
  readonly capabilities: ParticipantCapabilities;
}
/** The same under its longer name. */
export type CapabilitiesCallFeature = CapabilitiesFeature;

/** Who speaks most, most dominant first. */
export interface DominantSpeakersInfo {
  readonly speakersList: CommunicationIdentifierKind[];
  readonly timestamp: Date;
}
/** Dominant speakers. */
export interface DominantSpeakersCallFeature extends CallFeature, EventSource<{ dominantSpeakersChanged: PropertyChangedEvent }> {
  readonly dominantSpeakers: DominantSpeakersInfo;
}

/** Whether the meeting lets people use microphone and camera. */
export interface MeetingMediaAccess {
  isAudioPermitted: boolean;
  isVideoPermitted: boolean;
}
/** The same for one person. */
export interface MediaAccess extends MeetingMediaAccess {
  participant: CommunicationIdentifierKind;
}
/** Rights of people changed. */
export interface MediaAccessChangedEvent {
  mediaAccesses: MediaAccess[];
}
/** Listener of `mediaAccessChanged`. */
export type MediaAccessChangedListener = (event: MediaAccessChangedEvent) => void;
/** Rights of the meeting changed. */
export interface MeetingMediaAccessChangedEvent {
  meetingMediaAccess: MeetingMediaAccess;
}
/** Listener of `meetingMediaAccessChanged`. */
export type MeetingMediaAccessChangedListener = (event: MeetingMediaAccessChangedEvent) => void;
/** Who may use microphone and camera. */
export interface MediaAccessCallFeature
  extends CallFeature,
    EventSource<{ mediaAccessChanged: MediaAccessChangedListener; meetingMediaAccessChanged: MeetingMediaAccessChangedListener }> {
  permitAudio(participants: CommunicationIdentifier[]): Promise<void>;
  forbidAudio(participants: CommunicationIdentifier[]): Promise<void>;
  permitVideo(participants: CommunicationIdentifier[]): Promise<void>;
  forbidVideo(participants: CommunicationIdentifier[]): Promise<void>;
  permitOthersAudio(): Promise<void>;
  forbidOthersAudio(): Promise<void>;
  permitOthersVideo(): Promise<void>;
  forbidOthersVideo(): Promise<void>;
  getAllOthersMediaAccess(): MediaAccess[];
  getMeetingMediaAccess(): MeetingMediaAccess;
}

/** State of a transfer. */
export type TransferState = 'None' | 'Transferring' | 'Transferred' | 'Failed';
/** Transfer to a person. */
export interface TransferToParticipantLocator {
  targetParticipant: CommunicationIdentifier | MicrosoftTeamsUserIdentifier;
}
/** Transfer to a call. */
export interface TransferToCallLocator {
  targetCallId: string;
}
/** A transfer under way. */
export interface Transfer extends EventSource<{ stateChanged: PropertyChangedEvent }> {
  readonly state: TransferState;
  readonly error?: CommunicationServicesError;
}
/** The call that replaces the transferred one. */
export interface TransferEventArgs {
  targetCall: Call | TeamsCall;
}
/** Transfer. */
export interface TransferCallFeature
  extends CallFeature,
    EventSource<{ transferAccepted: PropertyChangedEventWithArgs<TransferEventArgs> }> {
  transfer(
    locator: TransferToParticipantLocator | TransferToCallLocator | TransferToVoicemailLocator,
    options?: TransferToParticipantOptions | TransferToCallOptions | TransferToVoicemailOptions,
  ): Transfer;
}

/** Scale of a rating. */
export interface CallSurveyRatingScale {
  lowerBound: number;
  upperBound: number;
  lowScoreThreshold: number;
}
/** A rating. */
export interface CallSurveyRating<TIssue extends string = string> {
  score: number;
  issues?: TIssue[];
  scale?: CallSurveyRatingScale;
}
/** Issues of a call as a whole. */
export type CallIssue = 'CallCannotJoin' | 'CallCannotInvite' | 'HadToRejoin' | 'CallEndedUnexpectedly' | 'OtherIssues';
/** Issues of audio. */
export type AudioIssue =
  | 'NoLocalAudio'
  | 'NoRemoteAudio'
  | 'Echo'
  | 'AudioNoise'
  | 'LowVolume'
  | 'AudioStoppedUnexpectedly'
  | 'DistortedSpeech'
  | 'AudioInterruption'
  | 'OtherIssues';
/** Issues of video. */
export type VideoIssue =
  | 'NoVideoReceived'
  | 'NoVideoSent'
  | 'LowQuality'
  | 'Freezes'
  | 'StoppedUnexpectedly'
  | 'DarkVideoReceived'
  | 'AudioVideoOutOfSync'
  | 'OtherIssues';
/** Issues of screen sharing. */
export type ScreenshareIssue =
  | 'NoContentLocal'
  | 'NoContentRemote'
  | 'CannotPresent'
  | 'LowQuality'
  | 'Freezes'
  | 'StoppedUnexpectedly'
  | 'LargeDelay'
  | 'OtherIssues';
/** What a person thought of the call. */
export interface CallSurvey {
  overallRating?: CallSurveyRating<CallIssue>;
  audioRating?: CallSurveyRating<AudioIssue>;
  videoRating?: CallSurveyRating<VideoIssue>;
  screenshareRating?: CallSurveyRating<ScreenshareIssue>;
}
/** The survey as kept. */
export interface CallSurveyResponse extends CallSurvey {
  readonly id: string;
  readonly callId: string;
  readonly localParticipantId: string;
}
/** Survey. */
export interface CallSurveyFeature extends CallFeature {
  submitSurvey(survey: CallSurvey, options?: SubmitSurveyOptions): Promise<CallSurveyResponse>;
}

/** Place of a person in a together-mode scene. */
export interface TogetherModeSeatingPosition {
  top: number;
  left: number;
  width: number;
  height: number;
}
/** Places by raw id. */
export type TogetherModeSeatingMap = Map<string, TogetherModeSeatingPosition>;
/** Listener of `togetherModeSceneUpdated` and `togetherModeSeatingUpdated`. */
export type TogetherModeListener = (seats: TogetherModeSeatingMap) => void;
/** Size of the scene. */
export interface TogetherModeSceneSize {
  width: number;
  height: number;
}
/** The composed stream. */
export interface TogetherModeVideoStream
  extends EventSource<{ isAvailableChanged: PropertyChangedEvent; isReceivingChanged: PropertyChangedEvent; sizeChanged: PropertyChangedEvent }> {
  readonly id: number;
  readonly mediaStreamType: 'Video' | 'ScreenSharing' | 'RawMedia';
  readonly isAvailable: boolean;
  readonly isReceiving: boolean;
  readonly size: { width: number; height: number };
}
/** Together mode. */
export interface TogetherModeCallFeature
  extends CallFeature,
    EventSource<{
      togetherModeStreamsUpdated: CollectionUpdatedEvent<TogetherModeVideoStream>;
      togetherModeSceneUpdated: TogetherModeListener;
      togetherModeSeatingUpdated: TogetherModeListener;
    }> {
  readonly togetherModeStream: TogetherModeVideoStream[];
  readonly togetherModeSeatingMap: TogetherModeSeatingMap;
  sceneSize?: TogetherModeSceneSize;
  start(): Promise<void>;
}
