// Feature keys: opaque constants that name a feature and know how to make it.
import type { CallClient } from '../call-client';
import type { LocalAudioStream } from '../local-audio-stream';
import type { LocalVideoStream } from '../local-video-stream';
import type { CallAgentCommon, CallCommon } from './call';
import type { Disposable } from './common';

/** What every feature has. */
export interface BaseFeature extends Disposable {
  readonly name: string;
}

/** A feature of a call. */
export interface CallFeature {
  readonly name: string;
  dispose(): void;
}
/** A feature of the call client. */
export interface CallClientFeature {
  readonly name: string;
  dispose(): void;
}
/** A feature of a local video stream. */
export interface LocalVideoStreamFeature {
  readonly name: string;
  dispose(): void;
}
/** A feature of a local audio stream. */
export interface LocalAudioStreamFeature {
  readonly name: string;
  dispose(): void;
}

/** Key of a call feature; compare by identity, do not make your own. */
export interface CallFeatureFactory<TFeature extends CallFeature> {
  readonly callApiCtor: new (context: never) => TFeature;
}
/** Key of a client feature. */
export interface CallClientFeatureFactory<TFeature extends CallClientFeature> {
  readonly callClientApiCtor: new (context: never) => TFeature;
}
/** Key of a video stream feature. */
export interface LocalVideoStreamFeatureFactory<TFeature extends LocalVideoStreamFeature> {
  readonly videoStreamApiCtor: new (context: never) => TFeature;
}
/** Key of an audio stream feature. */
export interface LocalAudioStreamFeatureFactory<TFeature extends LocalAudioStreamFeature> {
  readonly audioStreamApiCtor: new (context: never) => TFeature;
}

/** A feature of a local video stream, under its shorter name. */
export type VideoStreamFeature = LocalVideoStreamFeature;
/** A feature of a local audio stream, under its shorter name. */
export type AudioStreamFeature = LocalAudioStreamFeature;
/** What all keys are. */
export type FeatureFactory = object;

// What features are made with, and what makes them. Features of one's own are not supported; the names are here for annotations.

/** What a call feature is made with. */
export interface CallFeatureContext {
  callAgent: CallAgentCommon;
  call: CallCommon;
}
/** Makes a call feature. */
export type CallFeatureCtor<TFeature extends CallFeature> = new (context: CallFeatureContext) => TFeature;
/** What a client feature is made with. */
export interface CallClientFeatureContext {
  callClient: CallClient;
}
/** Makes a client feature. */
export type CallClientFeatureCtor<TFeature extends CallClientFeature> = new (context: CallClientFeatureContext) => TFeature;
/** What a video stream feature is made with. */
export interface VideoStreamFeatureContext {
  streamInstance: LocalVideoStream;
}
/** Makes a video stream feature. */
export type VideoStreamFeatureCtor<TFeature extends VideoStreamFeature> = new (context: VideoStreamFeatureContext) => TFeature;
/** Key of a video stream feature, under its shorter name. */
export type VideoStreamFeatureFactory<TFeature extends VideoStreamFeature> = LocalVideoStreamFeatureFactory<TFeature>;
/** What an audio stream feature is made with. */
export interface AudioStreamFeatureContext {
  streamInstance: LocalAudioStream;
}
/** Makes an audio stream feature. */
export type AudioStreamFeatureCtor<TFeature extends AudioStreamFeature> = new (context: AudioStreamFeatureContext) => TFeature;
/** Key of an audio stream feature, under its shorter name. */
export type AudioStreamFeatureFactory<TFeature extends AudioStreamFeature> = LocalAudioStreamFeatureFactory<TFeature>;
