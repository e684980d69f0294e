// The registry of features: 23 stable keys that applications compare by identity.
import type {
  CallClientFeatureFactory,
  CallFeatureFactory,
  LocalAudioStreamFeatureFactory,
  LocalVideoStreamFeatureFactory,
} from '../public/types/feature-base';
import type * as media from '../public/types/features-media';
import type * as meeting from '../public/types/features-meeting';
import { AudioEffects } from './audio-effects';
import { BreakoutRooms } from './breakout-rooms';
import { CallSurveys } from './call-survey';
import { Capabilities } from './capabilities';
import { CaptionsOfCall } from './captions';
import { DataChannel } from './data-channel';
import { DebugInfo } from './debug-info';
import { DominantSpeakers } from './dominant-speakers';
import { MediaAccessOfCall } from './media-access';
import { MediaStats } from './media-stats';
import { OptimalVideoCount } from './optimal-video-count';
import { PptLive } from './ppt-live';
import { RaiseHand } from './raise-hand';
import { Reactions } from './reaction';
import { RealTimeText } from './real-time-text';
import { Recording } from './recording';
import { Spotlight } from './spotlight';
import { AudioConferencing } from './teams-meeting-audio-conferencing';
import { TogetherMode } from './together-mode';
import { Transcription } from './transcription';
import { Transfers } from './transfer';
import { UserFacingDiagnostics } from './user-facing-diagnostics';
import { VideoEffects } from './video-effects';

/** Types of the feature keys. */
export interface FeatureKeys {
  readonly Recording: CallFeatureFactory<media.RecordingCallFeature>;
  readonly Transcription: CallFeatureFactory<media.TranscriptionCallFeature>;
  readonly Captions: CallFeatureFactory<media.CaptionsCallFeature>;
  readonly RaiseHand: CallFeatureFactory<meeting.RaiseHandCallFeature>;
  readonly Reaction: CallFeatureFactory<meeting.ReactionCallFeature>;
  readonly Spotlight: CallFeatureFactory<meeting.SpotlightCallFeature>;
  readonly BreakoutRooms: CallFeatureFactory<meeting.BreakoutRoomsCallFeature>;
  readonly Capabilities: CallFeatureFactory<meeting.CapabilitiesFeature>;
  readonly DominantSpeakers: CallFeatureFactory<meeting.DominantSpeakersCallFeature>;
  readonly UserFacingDiagnostics: CallFeatureFactory<media.UserFacingDiagnosticsFeature>;
  readonly OptimalVideoCount: CallFeatureFactory<media.OptimalVideoCountCallFeature>;
  readonly MediaAccess: CallFeatureFactory<meeting.MediaAccessCallFeature>;
  readonly RealTimeText: CallFeatureFactory<media.RealTimeTextFeature>;
  readonly Transfer: CallFeatureFactory<meeting.TransferCallFeature>;
  readonly CallSurvey: CallFeatureFactory<meeting.CallSurveyFeature>;
  readonly MediaStats: CallFeatureFactory<media.MediaStatsCallFeature>;
  readonly DataChannel: CallFeatureFactory<media.DataChannelCallFeature>;
  readonly TeamsMeetingAudioConferencing: CallFeatureFactory<media.TeamsMeetingAudioConferencingCallFeature>;
  readonly PPTLive: CallFeatureFactory<media.PPTLiveCallFeature>;
  readonly TogetherMode: CallFeatureFactory<meeting.TogetherModeCallFeature>;
  readonly DebugInfo: CallClientFeatureFactory<media.DebugInfoFeature>;
  readonly VideoEffects: LocalVideoStreamFeatureFactory<media.VideoEffectsFeature>;
  readonly AudioEffects: LocalAudioStreamFeatureFactory<media.AudioEffectsFeature>;
}

/** Keys of all features, for `call.feature(…)`, `client.feature(…)` and `stream.feature(…)`. */
export const Features: FeatureKeys = {
  Recording: { callApiCtor: Recording },
  Transcription: { callApiCtor: Transcription },
  Captions: { callApiCtor: CaptionsOfCall },
  RaiseHand: { callApiCtor: RaiseHand },
  Reaction: { callApiCtor: Reactions },
  Spotlight: { callApiCtor: Spotlight },
  BreakoutRooms: { callApiCtor: BreakoutRooms },
  Capabilities: { callApiCtor: Capabilities },
  DominantSpeakers: { callApiCtor: DominantSpeakers },
  UserFacingDiagnostics: { callApiCtor: UserFacingDiagnostics },
  OptimalVideoCount: { callApiCtor: OptimalVideoCount },
  MediaAccess: { callApiCtor: MediaAccessOfCall },
  RealTimeText: { callApiCtor: RealTimeText },
  Transfer: { callApiCtor: Transfers },
  CallSurvey: { callApiCtor: CallSurveys },
  MediaStats: { callApiCtor: MediaStats },
  DataChannel: { callApiCtor: DataChannel },
  TeamsMeetingAudioConferencing: { callApiCtor: AudioConferencing },
  PPTLive: { callApiCtor: PptLive },
  TogetherMode: { callApiCtor: TogetherMode },
  DebugInfo: { callClientApiCtor: DebugInfo },
  VideoEffects: { videoStreamApiCtor: VideoEffects },
  AudioEffects: { audioStreamApiCtor: AudioEffects },
};
