// The effects that applications of the calling SDK name. This file and what it imports stay small: networks and workers are chunks of
// their own, loaded when an effect is first started. Safe to import where there is no browser.
export { BackgroundBlurEffect, BackgroundReplacementEffect } from './background.js';
export type { BackgroundBlurConfig, BackgroundReplacementConfig, VideoEffect, VideoEffectConfig, VideoEffectName } from './background.js';
export type { MediaEffect, MediaEffectFailure, MediaEffectProcessor, MediaEffectReport } from './contract.js';
export { EffectError } from './errors.js';
export { setEffectFiles } from './files.js';
export type { EffectFiles } from './files.js';
export { DeepNoiseSuppressionEffect, EchoCancellationEffect } from './noise.js';
export type { AudioEffect, EchoCancellationEffectName, NoiseSuppressionEffectName } from './noise.js';

/** Kinds of failures of video effects. */
export type VideoEffectError = 'FailedToProcess' | 'FailedToFetchImage';
/** A failure of a video effect. */
export interface VideoEffectErrorPayload {
  code: VideoEffectError;
  message: string;
}
