// The contract between the SDK and an effect: what an effects package (or an application) implements to process the own camera or
// microphone. The effects package of this project has the same interfaces; neither imports the other.

/** Why an effect could not be started, or fails. */
export interface MediaEffectFailure {
  readonly code: 'FailedToProcess' | 'FailedToFetchImage';
  /** A sentence that says what to do. */
  readonly message: string;
}

/** What an effect tells while it runs. */
export interface MediaEffectReport {
  /** The effect fails for good. A video effect keeps its last picture and never shows the unprocessed one. */
  failed(error: MediaEffectFailure): void;
  /** Processed pictures per second, about once a second. Audio effects do not call it. */
  pace(framesPerSecond: number): void;
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
  /** Settings that the SDK looks at: `effectInitTimeThresholdInMs` and `fpsWarningThreshold` of video effects. */
  readonly options?: object;
  /** Whether this browser can run it. */
  isSupported(): Promise<boolean>;
  /** Loads what the effect needs, so that a later start is quick. Fails when it cannot be loaded. */
  prepare(): Promise<void>;
  /** Begins processing. Fails with an error that has the members of `MediaEffectFailure`; then nothing was started. */
  createProcessor(track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor>;
}
