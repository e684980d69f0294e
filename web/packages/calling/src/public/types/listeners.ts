// Names of listeners and of events, as applications annotate their own functions with them. The shapes are those of the features' events.
import type { ConnectionStateChangedEventArgs, IncomingCall, TeamsIncomingCall } from './call';
import type { CallEndReason, CommunicationServicesError, PropertyChangedEvent } from './common';
import type {
  ActiveAudioEffects,
  CaptionsInfo,
  DataChannelReceiver,
  TeamsCaptionsInfo,
  VideoEffectErrorPayload,
  VideoEffectName,
} from './features-media';
import type { CapabilitiesChangeInfo, TogetherModeListener, TransferEventArgs } from './features-meeting';
import type { LocalAudioStream } from '../local-audio-stream';
import type { LocalVideoStream } from '../local-video-stream';

// Agents and calls.

/** Listener of `connectionStateChanged`. */
export type ConnectionStateChangedEvent = (args: ConnectionStateChangedEventArgs) => void;
/** Listener of `incomingCall` of a guest's agent. */
export type IncomingCallEvent = (args: { incomingCall: IncomingCall }) => void;
/** Listener of `incomingCall` of a member's agent. */
export type TeamsIncomingCallEvent = (args: { incomingCall: TeamsIncomingCall }) => void;
/** Listener of `handleIncomingCall`. */
export type HandleIncomingCallEvent = (args: { callId: string; participantId: string } & CallEndReason) => void;
/** Listener of `callEnded` of an incoming call. */
export type CallEndedEvent = (args: { callEndReason: CallEndReason }) => void;
/** Listener of `videoSourceChanged`. */
export type VideoSourceChangedEvent = (args: { source: LocalVideoStream }) => void;
/** Listener of `audioSourceChanged`. */
export type AudioSourceChangedEvent = (args: { source: LocalAudioStream }) => void;

// Captions and text.

/** Listener of `CaptionsReceived` of captions without translation. */
export type CaptionsHandler = (data: CaptionsInfo) => void;
/** Listener of `CaptionsReceived` of captions with translation. */
export type TeamsCaptionsHandler = (data: TeamsCaptionsInfo) => void;
/** Event of received captions. */
export type CaptionsReceivedEventType = 'CaptionsReceived';
/** Event of captions that start or stop. */
export type CaptionsPropertyChangedEventType = 'CaptionsActiveChanged';
/** Event of another kind of captions. */
export type CaptionsKindChangedEventType = 'CaptionsKindChanged';
/** Event of another language of captions. */
export type CaptionLanguageChangedEventType = 'CaptionLanguageChanged';
/** Event of another spoken language. */
export type SpokenLanguageChangedEventType = 'SpokenLanguageChanged';
/** Event of text that was typed. */
export type RealTimeTextReceivedEventType = 'realTimeTextReceived';
/** Event of a transcription that starts or stops. */
export type TranscriptionPropertyChangedEventType = 'isTranscriptionActiveChanged';

// People.

/** Event of a raised hand. */
export type RaisedHandEventType = 'raisedHandEvent';
/** Event of a lowered hand. */
export type LoweredHandEventType = 'loweredHandEvent';
/** Event of the spotlight. */
export type SpotlightChangedEventType = 'spotlightChanged';
/** Event of breakout rooms. */
export type BreakoutRoomsUpdated = 'breakoutRoomsUpdated';
/** Event of capabilities. */
export type CapabilitiesChangedEventType = 'capabilitiesChanged';
/** Listener of `capabilitiesChanged`. */
export type CapabilitiesChangeHandler = (data: CapabilitiesChangeInfo) => void;
/** Listener of `togetherModeSceneUpdated`. */
export type TogetherModeSceneUpdatedListener = TogetherModeListener;
/** Listener of `togetherModeSeatingUpdated`. */
export type TogetherModeSeatingUpdatedListener = TogetherModeListener;
/** Listener of `transferAccepted`. */
export type TransferAcceptedEvent = (args: TransferEventArgs) => void;
/** Event of a transfer that became a call. */
export type TransferAcceptedEventType = 'transferAccepted';

// Data and effects.

/** Listener of `dataChannelReceiverCreated`. */
export type DataChannelReceiverCreatedEvent = (args: DataChannelReceiver) => void;
/** Listener of `messageReady` of a receiver. */
export type DataChannelReceiverMessageReadyEvent = PropertyChangedEvent;
/** Listener of `close` of a receiver. */
export type DataChannelReceiverCloseEvent = PropertyChangedEvent;
/** Events of video effects. */
export type VideoEffectsFeatureEvent = 'effectsStarted' | 'effectsStopped' | 'effectsError' | 'fpsWarningThresholdReached' | 'timeForEffectsWarningReached';
/** Listener of video effects that start or stop. */
export type VideoEffectsFeatureListener = (effects: VideoEffectName[]) => void;
/** Listener of video effects that fail. */
export type VideoEffectsFeatureErrorListener = (error: VideoEffectErrorPayload) => void;
/** Events of audio effects. */
export type AudioEffectsFeatureEvent = 'effectsStarted' | 'effectsStopped' | 'effectsError';
/** Listener of audio effects that start or stop. */
export type AudioEffectsFeatureListener = (effects: ActiveAudioEffects) => void;
/** Listener of audio effects that fail. */
export type AudioEffectsFeatureErrorListener = (error: CommunicationServicesError) => void;
