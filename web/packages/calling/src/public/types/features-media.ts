// Features about media and records: recording, transcription, captions, text, diagnostics, statistics, data, effects, environment.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';

import type { DiagnosticQuality, RecordingState } from '../enums';
import type { CallerInfo, CollectionUpdatedEvent, EventSource, ParticipantInfo, PropertyChangedEvent, PropertyChangedEventWithArgs } from './common';
import type { CallClientFeature, CallFeature, LocalAudioStreamFeature, LocalVideoStreamFeature } from './feature-base';
import type { MediaStatsCollectorOptions, MediaStatsReportSampleEvent, MediaStatsReportSummaryEvent } from './media-stats';
import type { RemoteParticipant } from './participants';

/** A recording. */
export interface RecordingInfo extends EventSource<{ recordingStateChanged: PropertyChangedEvent }> {
  readonly state: RecordingState;
}
/** Recording. */
export interface RecordingCallFeature
  extends CallFeature,
    EventSource<{ isRecordingActiveChanged: PropertyChangedEvent; recordingsUpdated: CollectionUpdatedEvent<RecordingInfo> }> {
  readonly isRecordingActive: boolean;
  readonly recordings: ReadonlyArray<RecordingInfo>;
  readonly isTeamsConsentRequired: boolean;
  grantTeamsConsent(): Promise<void>;
}

/** Transcription. */
export interface TranscriptionCallFeature extends CallFeature, EventSource<{ isTranscriptionActiveChanged: PropertyChangedEvent }> {
  readonly isTranscriptionActive: boolean;
  readonly isTeamsConsentRequired: boolean;
  grantTeamsConsent(): Promise<void>;
}

/** Kind of captions. */
export type CaptionsKind = 'Captions' | 'TeamsCaptions';
/** Whether a caption may still change. */
export type CaptionsResultType = 'Partial' | 'Final';
/** A caption. */
export interface CaptionsInfo {
  resultType: CaptionsResultType;
  speaker: ParticipantInfo;
  spokenLanguage: string;
  spokenText: string;
  timestamp: Date;
}
/** A caption, perhaps translated. */
export interface TeamsCaptionsInfo {
  resultType: CaptionsResultType;
  speaker: CallerInfo;
  spokenLanguage: string;
  spokenText?: string;
  captionLanguage: string;
  captionText: string;
  timestamp: Date;
}
/** How captions start. */
export interface StartCaptionsOptions {
  spokenLanguage?: string;
}
/** What both kinds of captions have. */
export interface CaptionsCommon {
  readonly kind: CaptionsKind;
  readonly isCaptionsFeatureActive: boolean;
  readonly activeSpokenLanguage: string;
  readonly supportedSpokenLanguages: string[];
  startCaptions(options?: StartCaptionsOptions): Promise<void>;
  stopCaptions(): Promise<void>;
  setSpokenLanguage(language: string): Promise<void>;
}
/** Captions. */
export interface Captions
  extends CaptionsCommon,
    EventSource<{
      CaptionsActiveChanged: PropertyChangedEvent;
      CaptionsReceived: PropertyChangedEventWithArgs<CaptionsInfo>;
      SpokenLanguageChanged: PropertyChangedEvent;
    }> {
  readonly kind: 'Captions';
}
/** Captions with translation. */
export interface TeamsCaptions
  extends CaptionsCommon,
    EventSource<{
      CaptionsActiveChanged: PropertyChangedEvent;
      CaptionsReceived: PropertyChangedEventWithArgs<TeamsCaptionsInfo>;
      SpokenLanguageChanged: PropertyChangedEvent;
      CaptionLanguageChanged: PropertyChangedEvent;
    }> {
  readonly kind: 'TeamsCaptions';
  readonly activeCaptionLanguage: string;
  readonly supportedCaptionLanguages: string[];
  setCaptionLanguage(language: string): Promise<void>;
}
/** Captions of a call. */
export interface CaptionsCallFeature extends CallFeature, EventSource<{ CaptionsKindChanged: PropertyChangedEvent }> {
  readonly captions: Captions | TeamsCaptions;
}

/** Whether a text may still change. */
export type RealTimeTextResultType = 'Partial' | 'Final';
/** Text as it is typed. */
export interface RealTimeTextInfo {
  sequenceId: number;
  sender: ParticipantInfo;
  text: string;
  resultType: RealTimeTextResultType;
  receivedTimestamp: Date;
  updatedTimestamp: Date;
  isLocal: boolean;
}
/** Listener of `realTimeTextReceived`. */
export type RealTimeTextReceivedEventHandler = (data: RealTimeTextInfo) => void;
/** Real-time text. */
export interface RealTimeTextFeature extends CallFeature, EventSource<{ realTimeTextReceived: RealTimeTextReceivedEventHandler }> {
  sendRealTimeText(text: string, finalized?: boolean): Promise<void>;
}
/** The same under its longer name. */
export type RealTimeTextCallFeature = RealTimeTextFeature;

/** Names of network diagnostics. */
export type NetworkDiagnosticType =
  | 'networkReconnect'
  | 'networkReceiveQuality'
  | 'networkSendQuality'
  | 'noNetwork'
  | 'networkRelaysNotReachable';
/** Names of media diagnostics. */
export type MediaDiagnosticType =
  | 'speakingWhileMicrophoneIsMuted'
  | 'noSpeakerDevicesEnumerated'
  | 'noMicrophoneDevicesEnumerated'
  | 'cameraFreeze'
  | 'cameraStartFailed'
  | 'cameraStartTimedOut'
  | 'capturerStartFailed'
  | 'microphoneNotFunctioning'
  | 'microphoneMuteUnexpectedly'
  | 'cameraStoppedUnexpectedly'
  | 'capturerStoppedUnexpectedly'
  | 'screenshareRecordingDisabled'
  | 'microphonePermissionDenied'
  | 'cameraPermissionDenied';
/** Names of diagnostics of the server about others. */
export type ServerDiagnosticType = 'serverConnection';
/** Whether a value is a quality or a flag. */
export type DiagnosticValueType = 'DiagnosticQuality' | 'DiagnosticFlag';
/** Value of a diagnostic. */
export type DiagnosticValue = DiagnosticQuality | boolean;
/** The latest value of a diagnostic. */
export interface LatestDiagnosticValue {
  value: DiagnosticValue;
  valueType: DiagnosticValueType;
}
/** Latest network diagnostics; only those that were raised. */
export type LatestNetworkDiagnostics = Partial<Record<NetworkDiagnosticType, LatestDiagnosticValue>>;
/** Latest media diagnostics; only those that were raised. */
export type LatestMediaDiagnostics = Partial<Record<MediaDiagnosticType, LatestDiagnosticValue>>;
/** A network diagnostic changed. */
export interface NetworkDiagnosticChangedEventArgs extends LatestDiagnosticValue {
  diagnostic: NetworkDiagnosticType;
}
/** A media diagnostic changed. */
export interface MediaDiagnosticChangedEventArgs extends LatestDiagnosticValue {
  diagnostic: MediaDiagnosticType;
}
/** A diagnostic of somebody else. */
export interface RemoteDiagnostic extends LatestDiagnosticValue {
  participantId: string;
  rawId: string;
  remoteParticipant?: RemoteParticipant;
  diagnostic: NetworkDiagnosticType | MediaDiagnosticType | ServerDiagnosticType;
}
/** Diagnostics of others changed. */
export interface RemoteParticipantDiagnosticsData {
  diagnostics: RemoteDiagnostic[];
}
/** Network diagnostics. */
export interface NetworkDiagnostics extends EventSource<{ diagnosticChanged: PropertyChangedEventWithArgs<NetworkDiagnosticChangedEventArgs> }> {
  getLatest(): LatestNetworkDiagnostics;
}
/** Media diagnostics. */
export interface MediaDiagnostics extends EventSource<{ diagnosticChanged: PropertyChangedEventWithArgs<MediaDiagnosticChangedEventArgs> }> {
  getLatest(): LatestMediaDiagnostics;
}
/** Diagnostics of others. */
export interface RemoteDiagnostics extends EventSource<{ diagnosticChanged: PropertyChangedEventWithArgs<RemoteParticipantDiagnosticsData> }> {
  readonly isSendingDiagnosticsEnabled: boolean;
  startSendingDiagnostics(): void;
  stopSendingDiagnostics(): void;
  getLatest(): RemoteParticipantDiagnosticsData;
}
/** What a person should be told about network and devices. */
export interface UserFacingDiagnosticsFeature extends CallFeature {
  readonly network: NetworkDiagnostics;
  readonly media: MediaDiagnostics;
  readonly remote: RemoteDiagnostics;
}

/** Why the count changed. */
export type OvcChangeReason = 'bandwidth' | 'performance' | 'externalLimit' | 'unknown';
/** How many videos should be rendered. */
export interface OptimalVideoCountCallFeature extends CallFeature, EventSource<{ optimalVideoCountChanged: PropertyChangedEvent }> {
  readonly optimalVideoCount: number;
  readonly lastOvcChangeReason: OvcChangeReason;
}

/** Gathers statistics until disposed. */
export interface MediaStatsCollector
  extends EventSource<{ sampleReported: MediaStatsReportSampleEvent; summaryReported: MediaStatsReportSummaryEvent }> {
  dispose(): void;
}
/** Statistics. */
export interface MediaStatsCallFeature extends CallFeature {
  createCollector(options?: MediaStatsCollectorOptions): MediaStatsCollector;
}

/** How a data channel sends. */
export interface DataChannelSenderOptions {
  channelId: number;
  bitrateInKbps?: number;
  priority?: 'normal' | 'high';
  reliability?: 'lossy' | 'durable';
  participants?: CommunicationIdentifier[];
}
/** Sends messages. */
export interface DataChannelSender {
  readonly channelId: number;
  readonly maxMessageSizeInBytes: number;
  setParticipants(participants: CommunicationIdentifier[]): void;
  sendMessage(data: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
/** A message. */
export interface DataChannelMessage {
  readonly sequenceNumber: number;
  readonly data: Uint8Array;
}
/** Receives messages. */
export interface DataChannelReceiver extends EventSource<{ messageReady: PropertyChangedEvent; close: PropertyChangedEvent }> {
  readonly channelId: number;
  readonly senderParticipantIdentifier: CommunicationIdentifierKind;
  readMessage(): DataChannelMessage | undefined;
}
/** Data channels. */
export interface DataChannelCallFeature
  extends CallFeature,
    EventSource<{ dataChannelReceiverCreated: PropertyChangedEventWithArgs<DataChannelReceiver> }> {
  createDataChannelSender(options: DataChannelSenderOptions): DataChannelSender;
}

/** A dial-in number. */
export interface TeamsMeetingAudioConferencingPhoneNumber {
  readonly tollPhoneNumber?: { phoneNumber: string };
  readonly tollFreePhoneNumber?: { phoneNumber: string };
  readonly countryName?: string;
  readonly cityName?: string;
}
/** How to dial in. */
export interface TeamsMeetingAudioConferencingDetails {
  readonly phoneConferenceId: string;
  readonly phoneNumbers: TeamsMeetingAudioConferencingPhoneNumber[];
}
/** Dial-in numbers. */
export interface TeamsMeetingAudioConferencingCallFeature extends CallFeature {
  getTeamsMeetingAudioConferencingDetails(): Promise<TeamsMeetingAudioConferencingDetails>;
}

/** Slides shown live. */
export interface PPTLiveCallFeature extends CallFeature, EventSource<{ isActiveChanged: PropertyChangedEvent }> {
  readonly isActive: boolean;
  readonly activePresenterId?: CommunicationIdentifierKind;
  readonly target?: HTMLElement;
}

/** Where the SDK runs. */
export interface Environment {
  platform: string;
  browser: string;
  browserVersion: string;
}
/** Whether that is supported. */
export interface EnvironmentInfo {
  environment: Environment;
  isSupportedPlatform: boolean;
  isSupportedBrowser: boolean;
  isSupportedBrowserVersion: boolean;
  isSupportedEnvironment: boolean;
}
/** About the environment. */
export interface DebugInfoFeature extends CallClientFeature, EventSource<{ isCallClientActiveInAnotherTabChanged: PropertyChangedEvent }> {
  readonly isCallClientActiveInAnotherTab: boolean;
  getEnvironmentInfo(): Promise<EnvironmentInfo>;
}

/** Name of a video effect. */
export type VideoEffectName = 'BackgroundBlur' | 'BackgroundReplacement' | (string & {});
/** A video effect that an effects package makes. */
export interface VideoEffectProcessor {
  readonly name: VideoEffectName;
  isSupported(): Promise<boolean>;
  startEffects(input: { stream: MediaStream; [key: string]: unknown }): Promise<{ stream: MediaStream }>;
  stopEffects(): void;
}
/** An effect failed. */
export interface VideoEffectErrorPayload {
  code: string;
  message: string;
}
/** Settings of blur. */
export interface BackgroundBlurConfig {
  blurStrength?: number;
}
/** Settings of a replaced background. */
export interface BackgroundReplacementConfig {
  backgroundImageUrl: string;
}
/** Blur. */
export interface BackgroundBlurEffect extends VideoEffectProcessor {
  configure(config: BackgroundBlurConfig): void;
}
/** Replaced background. */
export interface BackgroundReplacementEffect extends VideoEffectProcessor {
  configure(config: BackgroundReplacementConfig): void;
}
/** Effects on the own video. */
export interface VideoEffectsFeature
  extends LocalVideoStreamFeature,
    EventSource<{
      effectsStarted: PropertyChangedEventWithArgs<VideoEffectName[]>;
      effectsStopped: PropertyChangedEventWithArgs<VideoEffectName[]>;
      effectsError: PropertyChangedEventWithArgs<VideoEffectErrorPayload>;
      fpsWarningThresholdReached: PropertyChangedEventWithArgs<{ value: number }>;
      timeForEffectsWarningReached: PropertyChangedEventWithArgs<{ value: number }>;
    }> {
  readonly activeEffects: VideoEffectName[];
  isSupported(effect: VideoEffectProcessor): Promise<boolean>;
  startEffects(effect: VideoEffectProcessor): Promise<void>;
  stopEffects(): Promise<void>;
}

/** Name of an audio effect. */
export type AudioEffectName = 'BrowserEchoCancellation' | 'BrowserNoiseSuppression' | 'DeepNoiseSuppression' | (string & {});
/** An audio effect that an effects package makes. */
export interface AudioEffectProcessor {
  readonly name: AudioEffectName;
}
/** Noise suppression. */
export type DeepNoiseSuppressionEffect = AudioEffectProcessor;
/** Which effects to start. */
export interface AudioEffectsStartConfig {
  noiseSuppression?: AudioEffectName | AudioEffectProcessor;
  echoCancellation?: AudioEffectName | AudioEffectProcessor;
}
/** Which effects to stop. */
export interface AudioEffectsStopConfig {
  noiseSuppression?: boolean;
  echoCancellation?: boolean;
}
/** Which effects run. */
export interface ActiveAudioEffects {
  echoCancellation: AudioEffectName[];
  noiseSuppression: AudioEffectName[];
}
/** An audio effect failed. */
export interface AudioEffectErrorPayload {
  code: string;
  message: string;
}
/** Effects on the own audio. */
export interface AudioEffectsFeature
  extends LocalAudioStreamFeature,
    EventSource<{
      effectsStarted: PropertyChangedEventWithArgs<ActiveAudioEffects>;
      effectsStopped: PropertyChangedEventWithArgs<ActiveAudioEffects>;
      effectsError: PropertyChangedEventWithArgs<AudioEffectErrorPayload>;
    }> {
  readonly activeEffects: ActiveAudioEffects;
  isSupported(effect: AudioEffectName | AudioEffectProcessor): Promise<boolean>;
  startEffects(config: AudioEffectsStartConfig): Promise<void>;
  stopEffects(config?: AudioEffectsStopConfig): Promise<void>;
}
