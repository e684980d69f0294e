// Named parts of options, settings and small values, as applications annotate their own data with them.
import type { MicrosoftTeamsAppIdentifier, MicrosoftTeamsUserIdentifier } from '@azure/communication-common';

import type { DiagnosticQuality } from '../enums';
import type { Call, CallClientOptions, CustomContext, MediaConstraints, StartTeamsCallOptions, TeamsCall, VideoSendConstraints } from './call';
import type { MediaStreamType } from './common';
import type { AudioDeviceInfo } from './devices';
import type { DataChannelSenderOptions, DiagnosticValueType } from './features-media';
import type {
  AudioIssue,
  BreakoutRoom,
  BreakoutRoomsSettings,
  CallIssue,
  CallSurveyRating,
  CallSurveyRatingScale,
  MeetingMediaAccess,
  ParticipantCapabilities,
  ScreenshareIssue,
  VideoIssue,
} from './features-meeting';
import type { AdmitAllResult, DisplayNameChangedEventArgs } from './participants';
import type { StreamSize } from './streams';

// The client and its connection.

/** What an application says about itself. */
export type DiagnosticOptions = NonNullable<CallClientOptions['diagnostics']>;
/** How to reach the server. */
export interface NetworkConfiguration {
  proxy?: ProxyConfiguration;
  turn?: TurnConfiguration;
}
/** A proxy in front of the server. */
export interface ProxyConfiguration {
  url: string;
}
/** Relays of the application's own. */
export interface TurnConfiguration {
  iceServers: IceServer[];
}
/** A relay. */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}
/** Where emergency calls are meant to go; there are none here. */
export interface EmergencyCallOptions {
  /** ISO 3166-1, two letters. */
  countryCode?: string;
}
/** Why an agent lost its connection. */
export type ConnectionStateChangedReason = 'invalidToken' | 'connectionIssue';

// Calls.

/** Limits of a call's media. */
export type CallConstraints = MediaConstraints;
/** Limits of video. */
export interface VideoConstraints {
  send?: VideoSendConstraints;
}
/** An upper limit. */
export interface MediaConstraintRange {
  max?: number;
}
/** A pair of application data. */
export type xHeader = { key: string; value: string };
/** Application data that travels with a call. */
export type CustomContextOptions = Pick<CustomContext, 'userToUser' | 'xHeaders'>;
/** For whom a member calls. */
export interface OnBehalfOfOptions {
  userId: MicrosoftTeamsUserIdentifier | MicrosoftTeamsAppIdentifier;
}
/** Options of `startCall` of a member's agent with several people. */
export interface StartTeamsGroupCallOptions extends StartTeamsCallOptions {
  /** The chat that belongs to the call. */
  threadId?: string;
}
/** Options of `addParticipant` of a member's call. */
export interface AddTeamsParticipantOptions {
  /** The chat that belongs to the call. */
  threadId?: string;
}
/** Why a display name changed. */
export type DisplayNameChangedReason = NonNullable<DisplayNameChangedEventArgs['reason']>;
/** Options of `admit`; there are none yet. */
export type AdmitLobbyParticipantOptions = object;
/** Options of `reject` in the lobby; there are none yet. */
export type RejectLobbyParticipantOptions = object;
/** What became of `admitAll`. */
export type AdmitAllOperationResult = AdmitAllResult;
/** Rights to microphone and camera. */
export type BaseMediaAccess = MeetingMediaAccess;
/** The capabilities that changed. */
export type ChangedParticipantCapabilities = Partial<ParticipantCapabilities>;

// Streams and devices.

/** What every remote video stream has. */
export interface RemoteVideoStreamCommon {
  readonly id: number;
  readonly mediaStreamType: MediaStreamType;
  readonly isReceiving: boolean;
  readonly size: StreamSize;
}
/** Options of a local audio stream. */
export interface LocalAudioStreamOptions {
  /** Whether the stream is disposed when its call ends; true unless said. */
  autoDisposeOnCallEnd?: boolean;
}
/** A device by what it is for. */
export type DeviceType = 'Camera' | 'Microphone' | 'Speaker';
/** What a device is that is both microphone and speaker. */
export type CompositeAudioDeviceType = 'Speaker' | 'Headphones' | 'Headset' | 'Handset' | 'Speakerphone';
/** A device that is both microphone and speaker. */
export interface CompositeAudioDeviceInfo {
  readonly microphone: AudioDeviceInfo;
  readonly speaker: AudioDeviceInfo;
  readonly compositeAudioDeviceType: CompositeAudioDeviceType;
}
/** Whether and for how long one kind of device is started ahead of a call. */
interface Preheat {
  preheat: boolean;
  timeoutInSec?: number;
}
/** Which devices to start ahead of a call. */
export interface StartPreheatDeviceParameters {
  audio?: Preheat;
  video?: Preheat;
}
/** Which devices to stop again. */
export interface StopPreheatDeviceParameters {
  audio?: boolean;
  video?: boolean;
}

// Diagnostics.

/** A diagnostic that is on or off. */
export type DiagnosticFlag = boolean;
/** What a diagnostic became. */
export type DiagnosticChangedEventArgs = {
  value: DiagnosticQuality | DiagnosticFlag;
  valueType: DiagnosticValueType;
};

// Breakout rooms: the four kinds of `breakoutRoomsUpdated`.

/** The room that the own person is assigned to. */
export interface AssignedBreakoutRoomsEvent {
  type: 'assignedBreakoutRooms';
  data: BreakoutRoom | undefined;
}
/** All rooms, for who manages them. */
export interface BreakoutRoomsEvent {
  type: 'breakoutRooms';
  data: BreakoutRoom[] | undefined;
}
/** The settings. */
export interface BreakoutRoomsSettingsEvent {
  type: 'breakoutRoomsSettings';
  data: BreakoutRoomsSettings | undefined;
}
/** The own person was moved into a room, or back. */
export interface JoinBreakoutRoomsEvent {
  type: 'join';
  data: Call | TeamsCall;
}

// Data channels, transfer, survey.

/** Whether messages of a channel go first. */
export type DataChannelPriority = NonNullable<DataChannelSenderOptions['priority']>;
/** Whether lost messages are sent again. */
export type DataChannelReliability = NonNullable<DataChannelSenderOptions['reliability']>;
/** How a data channel sends. */
export type DataChannelSenderOpenOptions = DataChannelSenderOptions;
/** Options of a transfer to a person. */
export interface TransferToParticipantOptions {
  disableForwardingAndUnanswered?: boolean;
  customContext?: CustomContext;
}
/** Options of a transfer to a call. */
export interface TransferToCallOptions {
  customContext?: CustomContext;
}
/** Transfer to somebody's voice mail; there is none here, such a transfer fails. */
export interface TransferToVoicemailLocator {
  targetParticipantVoicemail: MicrosoftTeamsUserIdentifier;
}
/** Options of a transfer to voice mail. */
export type TransferToVoicemailOptions = object;
/** Why a transfer failed. */
export interface TransferErrorCode {
  readonly code: number;
  readonly subCode?: number;
}
/** Scale of a rating. */
export type RatingScale = CallSurveyRatingScale;
/** Issues of a call as a whole. */
export type OverallIssue = CallIssue;
/** A rating. */
export type CallRating<TIssue extends AudioIssue | OverallIssue | ScreenshareIssue | VideoIssue> = CallSurveyRating<TIssue>;
/** Options of `submitSurvey`; there are none yet. */
export type SubmitSurveyOptions = object;
