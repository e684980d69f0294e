// Features about media and records: recording, transcription, captions, text, diagnostics, statistics, data, effects, environment.
import type { CommunicationIdentifier, CommunicationIdentifierKind } from '@azure/communication-common';

import type { DiagnosticQuality, RecordingState } from '../enums';
import type { CallerInfo, CollectionUpdatedEvent, CommunicationServicesError, EventSource, ParticipantInfo, PropertyChangedEvent, PropertyChangedEventWithArgs } from './common';
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
  /** 0 to 65535; a free one is taken when none is named. */
  channelId?: number;
  bitrateInKbps?: number;
  priority?: 'High' | 'Normal';
  /** Whether lost messages are sent again; not, unless said. */
  reliability?: 'Durable' | 'Lossy';
  participants?: CommunicationIdentifier[];
}
/** Sends messages. */
export interface DataChannelSender {
  readonly channelId: number;
  /** Bytes of one message. */
  readonly maxMessageSize: number;
  /** The same under its longer name. */
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
  /** The slides; undefined at run time while none are shown. */
  readonly target: HTMLElement;
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
/** The same under its longer name. */
export type DebugInfoCallClientFeature = DebugInfoFeature;
/** About the environment. */
export interface DebugInfoFeature extends CallClientFeature, EventSource<{ isCallClientActiveInAnotherTabChanged: PropertyChangedEvent }> {
  readonly isCallClientActiveInAnotherTab: boolean;
  getEnvironmentInfo(): Promise<EnvironmentInfo>;
}

/** Name of a video effect. */
export type VideoEffectName = 'BackgroundBlur' | 'BackgroundReplacement';
/** A video effect, as an effects package makes it. What the SDK needs of it is `MediaEffect`; others are refused. */
export interface VideoEffect {
  readonly name: VideoEffectName;
  /** Ask `isSupported` of the feature instead. */
  isSupported(): Promise<boolean>;
}
/** Settings that all video effects have. */
export interface VideoEffectConfig {
  /** After how many milliseconds of starting `timeForEffectsWarningReached` is raised; 20000 unless said. */
  effectInitTimeThresholdInMs?: number;
  /** Below how many pictures a second `fpsWarningThresholdReached` is raised; 5 unless said. */
  fpsWarningThreshold?: number;
}
/** Kind of a failure. */
export type VideoEffectError = 'FailedToProcess' | 'FailedToFetchImage';
/** An effect failed. */
export interface VideoEffectErrorPayload {
  /** HTTP-like code: 404 for a picture that could not be loaded, otherwise 500. */
  code: number;
  message: string;
  /** Kind of the failure. */
  name: VideoEffectError;
}
/** Settings of blur. */
export type BackgroundBlurConfig = VideoEffectConfig;
/** Settings of a replaced background. */
export interface BackgroundReplacementConfig extends VideoEffectConfig {
  backgroundImageUrl: string;
}
/** Blur. */
export interface BackgroundBlurEffect extends VideoEffect {
  configure(config: BackgroundBlurConfig): Promise<void>;
}
/** Replaced background. */
export interface BackgroundReplacementEffect extends VideoEffect {
  configure(config: BackgroundReplacementConfig): Promise<void>;
}
/** The video effects that can be started. */
export type VideoEffectProcessor = BackgroundBlurEffect | BackgroundReplacementEffect;
/** Effects on the own video. */
export interface VideoEffectsFeature
  extends LocalVideoStreamFeature,
    EventSource<{
      effectsStarted: PropertyChangedEventWithArgs<VideoEffectName[]>;
      effectsStopped: PropertyChangedEventWithArgs<VideoEffectName[]>;
      effectsError: PropertyChangedEventWithArgs<VideoEffectErrorPayload>;
      fpsWarningThresholdReached: PropertyChangedEventWithArgs<VideoEffectName[]>;
      timeForEffectsWarningReached: PropertyChangedEventWithArgs<VideoEffectName[]>;
    }> {
  readonly activeEffects: VideoEffectName[];
  isSupported(effect: VideoEffectProcessor): Promise<boolean>;
  /** Starts an effect, in the place of the one that runs. When it cannot be started, what was shown and sent stays as it was. */
  startEffects(effect: VideoEffectProcessor): Promise<void>;
  stopEffects(): Promise<void>;
}

/** Names of the ways to cancel the echo; both are done by the browser. */
export type EchoCancellationEffectName = 'BrowserEchoCancellation' | 'EchoCancellation';
/** Names of the ways to suppress noise. */
export type NoiseSuppressionEffectName = 'BrowserNoiseSuppression' | 'DeepNoiseSuppression';
/** An audio effect, as an effects package makes it. */
export interface AudioEffect {
  /** Ask `isSupported` of the feature instead. */
  isSupported(): Promise<boolean>;
}
/** Echo cancellation. */
export interface EchoCancellationEffect extends AudioEffect {
  readonly name: EchoCancellationEffectName;
}
/** Noise suppression by a network. What the SDK needs of it is `MediaEffect`; others are refused. */
export interface DeepNoiseSuppressionEffect extends AudioEffect {
  readonly name: NoiseSuppressionEffectName;
}
/** Which effects to start. */
export interface AudioEffectsStartConfig {
  echoCancellation?: 'BrowserEchoCancellation' | EchoCancellationEffect;
  noiseSuppression?: 'BrowserNoiseSuppression' | DeepNoiseSuppressionEffect;
}
/** Which effects to stop. */
export interface AudioEffectsStopConfig {
  echoCancellation?: boolean;
  noiseSuppression?: boolean;
}
/** Which effects run. The browser's own run from the beginning. */
export interface ActiveAudioEffects {
  echoCancellation: EchoCancellationEffectName[];
  noiseSuppression: NoiseSuppressionEffectName[];
}
/** Effects on the own audio. */
export interface AudioEffectsFeature
  extends LocalAudioStreamFeature,
    EventSource<{
      effectsStarted: PropertyChangedEventWithArgs<ActiveAudioEffects>;
      effectsStopped: PropertyChangedEventWithArgs<ActiveAudioEffects>;
      effectsError: PropertyChangedEventWithArgs<CommunicationServicesError>;
    }> {
  readonly activeEffects: ActiveAudioEffects;
  isSupported(
    effect: EchoCancellationEffect | DeepNoiseSuppressionEffect | 'BrowserEchoCancellation' | 'BrowserNoiseSuppression',
  ): Promise<boolean>;
  startEffects(audioEffects: AudioEffectsStartConfig): Promise<void>;
  /** Stops what is named; without a name, all. */
  stopEffects(audioEffects?: AudioEffectsStopConfig): Promise<void>;
}
