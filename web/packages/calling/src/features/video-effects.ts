// Effects on the own video: puts an effect between the camera and everybody who sees it.
//
// Owns: which effect is on, one change at a time, and the warnings. Not here: the pictures (an effects package, see
// public/types/effects.ts), and keeping the unprocessed picture from everybody (adapters/capture.ts).
// Invariants: an effect that cannot be started changes nothing and says so by event and rejection; one that fails while it runs stays
// on, with its last picture, until it is stopped; it survives a change of the camera and the camera being off. Tests: test/effects.test.ts.
import type { Capture } from '../adapters/capture';
import type { Stage } from '../adapters/stage';
import { isMediaEffect, stageOf } from '../adapters/stage';
import { Emitter } from '../core/emitter';
import { CallingError, failure, unsupported } from '../core/errors';
import type { VideoDeviceInfo } from '../public/types/devices';
import type { MediaEffect, MediaEffectReport } from '../public/types/effects';
import type { VideoEffectConfig, VideoEffectErrorPayload, VideoEffectName, VideoEffectProcessor, VideoEffectsFeature } from '../public/types/features-media';

type Events = {
  effectsStarted: (effects: VideoEffectName[]) => void;
  effectsStopped: (effects: VideoEffectName[]) => void;
  effectsError: (error: VideoEffectErrorPayload) => void;
  fpsWarningThresholdReached: (effects: VideoEffectName[]) => void;
  timeForEffectsWarningReached: (effects: VideoEffectName[]) => void;
};

const START_WARNING_MS = 20_000;
const PACE_WARNING = 5;
/** So many slow seconds in a row are worth a word; it is said once until the pace was good again. */
const SLOW_SECONDS = 3;

/** At most one effect at a time. */
export class VideoEffects extends Emitter<Events> implements VideoEffectsFeature {
  readonly name = 'VideoEffects';
  private active: VideoEffectName | undefined;
  private changing: Promise<void> = Promise.resolve();

  constructor(private readonly capture: Capture<VideoDeviceInfo>) {
    super();
  }

  get activeEffects(): VideoEffectName[] {
    return this.active ? [this.active] : [];
  }

  async isSupported(effect: VideoEffectProcessor): Promise<boolean> {
    return isMediaEffect(effect) && (await effect.isSupported());
  }

  startEffects(effect: VideoEffectProcessor): Promise<void> {
    return this.oneByOne(async () => {
      const { name } = effect;
      if (!isMediaEffect(effect) || !(await effect.isSupported())) {
        throw this.failed(unsupported(`The effect ${name} does not work here; ask isSupported() before you offer it.`));
      }
      await this.begin(effect, name);
      const former = this.active;
      this.active = name;
      if (former) this.emit('effectsStopped', [former]);
      this.emit('effectsStarted', [name]);
    });
  }

  stopEffects(): Promise<void> {
    return this.oneByOne(async () => {
      const stopped = this.active;
      if (!stopped) return;
      if (!this.capture.isDisposed) await this.capture.setStage(undefined);
      this.active = undefined;
      this.emit('effectsStopped', [stopped]);
    });
  }

  /** Ends all listening. The effect stays with the stream, whose end is its end: to forget a listener is no wish to be seen. */
  dispose(): void {
    this.clearListeners();
  }

  private async begin(effect: MediaEffect, name: VideoEffectName): Promise<void> {
    const { effectInitTimeThresholdInMs = START_WARNING_MS } = (effect.options ?? {}) as VideoEffectConfig;
    const warning = setTimeout(() => { this.emit('timeForEffectsWarningReached', [name]); }, effectInitTimeThresholdInMs);
    try {
      await effect.prepare().catch((error: unknown) => {
        throw this.failed(error);
      });
      await this.capture.setStage(this.stage(effect, name));
    } finally {
      clearTimeout(warning);
    }
  }

  private stage(effect: MediaEffect, name: VideoEffectName): Stage {
    let slow = 0;
    const report: MediaEffectReport = {
      failed: (error) => { this.tell(error); },
      pace: (framesPerSecond) => {
        const { fpsWarningThreshold = PACE_WARNING } = (effect.options ?? {}) as VideoEffectConfig;
        slow = framesPerSecond < fpsWarningThreshold ? slow + 1 : 0;
        if (slow === SLOW_SECONDS) this.emit('fpsWarningThresholdReached', [name]);
      },
    };
    const stage = stageOf('video', effect, report);
    return {
      process: (source) =>
        stage.process(source).catch((error: unknown) => {
          throw this.failed(error);
        }),
    };
  }

  /** Changes follow each other; a failed one does not hinder the next. */
  private oneByOne(change: () => Promise<void>): Promise<void> {
    const result = this.changing.then(change);
    this.changing = result.catch(() => undefined);
    return result;
  }

  /** Tells by event, and gives the error to reject with. */
  private failed(error: unknown): CallingError {
    this.tell(error);
    return error instanceof CallingError ? error : failure('effectFailed', error);
  }

  private tell(error: unknown): void {
    const { code, message = String(error) } = error as { code?: unknown; message?: string };
    const noPicture = code === 'FailedToFetchImage';
    this.emit('effectsError', { code: noPicture ? 404 : 500, message, name: noPicture ? 'FailedToFetchImage' : 'FailedToProcess' });
  }
}
