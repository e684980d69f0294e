// The effects on the background of a video: their names, settings and running processors. The work is in video/, loaded when needed.
//
// Invariants: nothing heavy is loaded before an effect is prepared or started; settings are copied in and out; a changed setting reaches
// every processor, also one that is still starting, and a setting that fails (a picture that cannot be loaded) leaves the former one. Tests: test/effects.test.ts.
import type { MediaEffect, MediaEffectProcessor, MediaEffectReport } from './contract.js';
import { EffectError, effectError } from './errors.js';
import { exportsOf } from './files.js';
import { canProcessVideo } from './support.js';
import type * as processing from './video/processor.js';
import type { Background } from './video/protocol.js';

/** Settings that all video effects have. */
export interface VideoEffectConfig {
  /** After how many milliseconds of starting `timeForEffectsWarningReached` is raised; 20000 unless said. */
  effectInitTimeThresholdInMs?: number;
  /** Below how many pictures a second `fpsWarningThresholdReached` is raised; 5 unless said. */
  fpsWarningThreshold?: number;
}

/** Name of a video effect. */
export type VideoEffectName = 'BackgroundBlur' | 'BackgroundReplacement';

/** What video effects have in common. */
export interface VideoEffect extends MediaEffect {
  readonly name: VideoEffectName;
}

/** The common part: settings, and processors that follow them. */
abstract class BackgroundEffect<C extends VideoEffectConfig> implements VideoEffect {
  abstract readonly name: VideoEffectName;
  protected config: C;
  private readonly running = new Set<processing.BackgroundProcessor>();
  private readonly starting = new Set<Promise<processing.BackgroundProcessor>>();
  private readonly changing = new Set<Promise<unknown>>();

  constructor(config: C) {
    this.config = { ...config };
    // Applications wrap effects in proxies and hand their methods around.
    for (const method of ['isSupported', 'configure', 'prepare', 'createProcessor'] as const) {
      Object.defineProperty(this, method, { value: this[method].bind(this) as unknown, writable: true, configurable: true });
    }
  }

  /** The settings in use. */
  get options(): C {
    return { ...this.config };
  }

  /** Whether this browser can run the effect. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(canProcessVideo());
  }

  /** Changes settings, also of what runs. When that fails the former settings stay. */
  async configure(config: Partial<C>): Promise<void> {
    const former = this.config;
    const changed = { ...former, ...config };
    const background = this.background(changed);
    this.config = changed;
    const change = Promise.all([
      ...[...this.running].map((processor) => processor.change(background)),
      // One that cannot start says so itself.
      ...[...this.starting].map((starting) => starting.then((processor) => processor.change(background), () => undefined)),
    ]);
    this.changing.add(change);
    try {
      await change;
    } catch (error) {
      if (this.config === changed) this.config = former;
      throw effectError(error, 'The settings could not be changed');
    } finally {
      this.changing.delete(change);
    }
  }

  /** Loads the network that finds people. */
  async prepare(): Promise<void> {
    await load().then(({ prepareVideo }) => prepareVideo());
  }

  /** Begins processing a camera. */
  async createProcessor(track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor> {
    if (!canProcessVideo()) throw new EffectError('FailedToProcess', `${this.name} does not work in this browser; ask isSupported() before you offer it.`);
    const starting = this.start(track, report);
    this.starting.add(starting);
    const processor = await starting.finally(() => { this.starting.delete(starting); });
    this.running.add(processor);
    // What was set meanwhile is seen from the first picture on that anybody gets.
    await Promise.allSettled(this.changing);
    return {
      track: processor.track,
      stop: () => {
        this.running.delete(processor);
        processor.stop();
      },
    };
  }

  protected abstract background(config: C): Background;

  private async start(track: MediaStreamTrack, report: MediaEffectReport): Promise<processing.BackgroundProcessor> {
    const { BackgroundProcessor: Processor } = await load();
    return await Processor.start(track, this.background(this.config), report);
  }
}

async function load(): Promise<typeof processing> {
  try {
    return exportsOf(await import('./video/processor.js'), 'BackgroundProcessor');
  } catch (error) {
    throw effectError(error, 'The effect could not be loaded; the application must serve all files of its bundle');
  }
}

/** Settings of the blur. */
export interface BackgroundBlurConfig extends VideoEffectConfig {
  /** From 0 (little) to 1 (strong); 0.5 unless said. */
  blurStrength?: number;
}

/** Blurs what is behind the person. */
export class BackgroundBlurEffect extends BackgroundEffect<BackgroundBlurConfig> {
  readonly name = 'BackgroundBlur';

  constructor(config: BackgroundBlurConfig = {}) {
    super(config);
  }

  protected background({ blurStrength = 0.5 }: BackgroundBlurConfig): Background {
    return { kind: 'blur', strength: Math.min(1, Math.max(0, Number.isFinite(blurStrength) ? blurStrength : 0.5)) };
  }
}

/** Settings of the replacement. */
export interface BackgroundReplacementConfig extends VideoEffectConfig {
  /** Address of the picture to show behind the person; another host must permit its use (CORS). */
  backgroundImageUrl: string;
}

/** Shows a picture behind the person. */
export class BackgroundReplacementEffect extends BackgroundEffect<BackgroundReplacementConfig> {
  readonly name = 'BackgroundReplacement';

  protected background({ backgroundImageUrl }: BackgroundReplacementConfig): Background {
    if (typeof backgroundImageUrl !== 'string' || backgroundImageUrl === '') {
      throw new EffectError('FailedToFetchImage', 'backgroundImageUrl is missing; give the address of a picture.');
    }
    return { kind: 'picture', url: backgroundImageUrl };
  }
}
