// The public surface of the calling SDK.
export { Features } from './features';
export type { FeatureKeys } from './features';
export { CallClient } from './public/call-client';
export { CallAgentKind, CallKind, DiagnosticQuality, IncomingCallKind, RecordingState } from './public/enums';
export { LocalAudioStream } from './public/local-audio-stream';
export { LocalVideoStream } from './public/local-video-stream';
export type * from './public/types';
export { VideoStreamRenderer } from './public/video-stream-renderer';
