// The effects on sound: their names and running processors. The work is in audio/, loaded when needed. Tests: test/effects.test.ts.
import type * as processing from './audio/processor.js';
import type { MediaEffect, MediaEffectProcessor, MediaEffectReport } from './contract.js';
import { EffectError, effectError } from './errors.js';
import { exportsOf } from './files.js';
import { canProcessAudio } from './support.js';

/** Names of the ways to suppress noise: by the browser, or by a network of this package. */
export type NoiseSuppressionEffectName = 'BrowserNoiseSuppression' | 'DeepNoiseSuppression';
/** Names of the ways to cancel the echo; both are done by the browser. */
export type EchoCancellationEffectName = 'BrowserEchoCancellation' | 'EchoCancellation';

/** What audio effects have in common. */
export interface AudioEffect {
  isSupported(): Promise<boolean>;
}

/** Takes everything that is not speech out of the microphone. */
export class DeepNoiseSuppressionEffect implements AudioEffect, MediaEffect {
  readonly name: NoiseSuppressionEffectName = 'DeepNoiseSuppression';

  constructor() {
    for (const method of ['isSupported', 'prepare', 'createProcessor'] as const) {
      Object.defineProperty(this, method, { value: this[method].bind(this) as unknown, writable: true, configurable: true });
    }
  }

  /** Whether this browser can run it. */
  isSupported(): Promise<boolean> {
    return Promise.resolve(canProcessAudio());
  }

  /** Loads the network that knows speech. */
  async prepare(): Promise<void> {
    await load().then(({ prepareAudio }) => prepareAudio());
  }

  /** Begins processing a microphone. */
  async createProcessor(track: MediaStreamTrack, report: MediaEffectReport): Promise<MediaEffectProcessor> {
    if (!canProcessAudio()) throw new EffectError('FailedToProcess', `${this.name} does not work in this browser; ask isSupported() before you offer it.`);
    const { startNoiseProcessor } = await load();
    return startNoiseProcessor(track, report);
  }
}

async function load(): Promise<typeof processing> {
  try {
    return exportsOf(await import('./audio/processor.js'), 'startNoiseProcessor');
  } catch (error) {
    throw effectError(error, 'The effect could not be loaded; the application must serve all files of its bundle');
  }
}

/** Takes the sound of the speakers out of the microphone. The browser does it; the SDK switches it by the settings of the microphone. */
export class EchoCancellationEffect implements AudioEffect {
  readonly name: EchoCancellationEffectName = 'EchoCancellation';

  constructor() {
    Object.defineProperty(this, 'isSupported', { value: this.isSupported.bind(this), writable: true, configurable: true });
  }

  /** Whether this browser can do it. */
  isSupported(): Promise<boolean> {
    const devices = (globalThis.navigator as Navigator | undefined)?.mediaDevices as MediaDevices | undefined;
    return Promise.resolve(devices?.getSupportedConstraints().echoCancellation === true);
  }
}
