// The contract between the calling SDK and an effect. The SDK has the same interfaces in its own declarations (`MediaEffect`).
//
// Who wants to bring an effect of their own implements `MediaEffect`; it needs nothing else of this package.

/** What an effect tells while it runs. */
export interface MediaEffectReport {
  /** The effect fails for good. A video effect keeps its last picture and never shows the unprocessed one. */
  failed(error: MediaEffectFailure): void;
  /** Processed pictures per second, about once a second. Audio effects do not call it. */
  pace(framesPerSecond: number): void;
}

/** Why an effect could not be started, or fails. */
export interface MediaEffectFailure {
  readonly code: 'FailedToProcess' | 'FailedToFetchImage';
  /** A sentence that says what to do. */
  readonly message: string;
}

/** One running use of an effect. */
export interface MediaEffectProcessor {
  /** The processed track. It ends when the given track ends or the processor is stopped. */
  readonly track: MediaStreamTrack;
  /** Ends the processing and frees everything. The given track is left as it is. */
  stop(): void;
}

/** An effect: settings, and a way to begin processing a track with them. One effect may process several tracks at once. */
export interface MediaEffect {
  readonly name: string;
  /** Whether this browser can run it. */
  isSupported(): Promise<boolean>;
  /** Loads what the effect needs, so that a later start is quick. Fails when it cannot be loaded. */
  prepare(): Promise<void>;
  /** Begins processing. Fails with an `EffectError`; then nothing was started. */
  createProcessor(track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor>;
}
