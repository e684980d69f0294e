// Feature keys: opaque constants that name a feature and know how to make it.

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
