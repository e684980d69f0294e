// Effects on the own sound: the browser's echo cancellation and noise suppression, and a noise suppression by an effects package.
//
// Owns: which of them are on, one change at a time. Not here: the processing (adapters/microphone-capture.ts for the browser's,
// public/types/effects.ts for others). Invariants: the package's noise suppression takes the place of the browser's, which comes back as
// it was when the package's is stopped; what cannot be started changes nothing; an effect that fails while it runs leaves the sound
// unprocessed and says so. Tests: test/effects.test.ts.
import type { MicrophoneCapture } from '../adapters/microphone-capture';
import { isMediaEffect, stageOf } from '../adapters/stage';
import { Emitter } from '../core/emitter';
import { CallingError, failure, unsupported } from '../core/errors';
import type { CommunicationServicesError } from '../public/types/common';
import type { MediaEffect } from '../public/types/effects';
import type {
  ActiveAudioEffects,
  AudioEffectsFeature,
  AudioEffectsStartConfig,
  AudioEffectsStopConfig,
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  EchoCancellationEffectName,
  NoiseSuppressionEffectName,
} from '../public/types/features-media';

type Events = {
  effectsStarted: (effects: ActiveAudioEffects) => void;
  effectsStopped: (effects: ActiveAudioEffects) => void;
  effectsError: (error: CommunicationServicesError) => void;
};
type AnyEffect = EchoCancellationEffect | DeepNoiseSuppressionEffect | 'BrowserEchoCancellation' | 'BrowserNoiseSuppression';

/** At most one effect of each kind at a time. */
export class AudioEffects extends Emitter<Events> implements AudioEffectsFeature {
  readonly name = 'AudioEffects';
  private echo: EchoCancellationEffectName = 'BrowserEchoCancellation';
  private deep: NoiseSuppressionEffectName | undefined;
  /** Whether the browser suppressed noise before the package did. */
  private browserDid = false;
  private changing: Promise<void> = Promise.resolve();

  constructor(private readonly capture: MicrophoneCapture) {
    super();
  }

  get activeEffects(): ActiveAudioEffects {
    const { echoCancellation, noiseSuppression } = this.capture.processing;
    return {
      echoCancellation: echoCancellation ? [this.echo] : [],
      noiseSuppression: this.deep ? [this.deep] : noiseSuppression ? ['BrowserNoiseSuppression'] : [],
    };
  }

  async isSupported(effect: AnyEffect): Promise<boolean> {
    if (effect === 'BrowserEchoCancellation') return canConstrain('echoCancellation');
    if (effect === 'BrowserNoiseSuppression') return canConstrain('noiseSuppression');
    if (typeof effect !== 'object') return false;
    if (effect.name === 'EchoCancellation' || effect.name === 'BrowserEchoCancellation') return canConstrain('echoCancellation');
    return isMediaEffect(effect) && (await effect.isSupported());
  }

  startEffects({ echoCancellation, noiseSuppression }: AudioEffectsStartConfig): Promise<void> {
    return this.oneByOne(async () => {
      const started = none();
      try {
        for (const effect of [echoCancellation, noiseSuppression]) {
          if (effect !== undefined && !(await this.isSupported(effect))) throw unsupported(`The effect ${nameOf(effect)} does not work here; ask isSupported() before you offer it.`);
        }
        if (echoCancellation !== undefined) {
          await this.browser('echoCancellation', true);
          this.echo = nameOf(echoCancellation) as EchoCancellationEffectName;
          started.echoCancellation.push(this.echo);
        }
        if (noiseSuppression !== undefined) started.noiseSuppression.push(await this.suppress(noiseSuppression));
      } catch (error) {
        const told = error instanceof CallingError ? error : failure('effectFailed', error);
        this.emit('effectsError', told);
        throw told;
      } finally {
        if (!isNone(started)) this.emit('effectsStarted', started);
      }
    });
  }

  stopEffects({ echoCancellation, noiseSuppression }: AudioEffectsStopConfig = { echoCancellation: true, noiseSuppression: true }): Promise<void> {
    return this.oneByOne(async () => {
      const active = this.activeEffects;
      const stopped = none();
      if (noiseSuppression === true && active.noiseSuppression.length > 0) {
        if (this.deep) await this.endDeep();
        else await this.browser('noiseSuppression', false);
        stopped.noiseSuppression = active.noiseSuppression;
      }
      if (echoCancellation === true && active.echoCancellation.length > 0) {
        await this.browser('echoCancellation', false);
        stopped.echoCancellation = active.echoCancellation;
      }
      if (!isNone(stopped)) this.emit('effectsStopped', stopped);
    });
  }

  dispose(): void {
    this.clearListeners();
  }

  private async suppress(effect: 'BrowserNoiseSuppression' | DeepNoiseSuppressionEffect): Promise<NoiseSuppressionEffectName> {
    if (typeof effect === 'string' || !isMediaEffect(effect)) {
      if (this.deep) await this.endDeep();
      await this.browser('noiseSuppression', true);
      return 'BrowserNoiseSuppression';
    }
    const did = this.deep ? this.browserDid : this.capture.processing.noiseSuppression;
    await (effect as MediaEffect).prepare();
    await this.capture.setStage(
      stageOf('audio', effect, {
        failed: (error) => { this.emit('effectsError', failure('effectFailed', error.message)); },
        pace: () => undefined,
      }),
    );
    this.deep = effect.name;
    this.browserDid = did;
    // Two suppressions in a row take parts of the speech away; where the browser's cannot be switched off, both go on.
    await this.capture.process({ noiseSuppression: false }).catch(() => undefined);
    return this.deep;
  }

  private async endDeep(): Promise<void> {
    if (!this.capture.isDisposed) {
      await this.capture.setStage(undefined);
      await this.capture.process({ noiseSuppression: this.browserDid });
    }
    this.deep = undefined;
  }

  private async browser(what: 'echoCancellation' | 'noiseSuppression', on: boolean): Promise<void> {
    if (await this.capture.process({ [what]: on })) return;
    throw failure('effectFailed', `this microphone does not let ${what} be switched ${on ? 'on' : 'off'}`);
  }

  /** Changes follow each other; a failed one does not hinder the next. */
  private oneByOne(change: () => Promise<void>): Promise<void> {
    const result = this.changing.then(change);
    this.changing = result.catch(() => undefined);
    return result;
  }
}

function none(): ActiveAudioEffects {
  return { echoCancellation: [], noiseSuppression: [] };
}

function isNone({ echoCancellation, noiseSuppression }: ActiveAudioEffects): boolean {
  return echoCancellation.length + noiseSuppression.length === 0;
}

function nameOf(effect: AnyEffect): string {
  return typeof effect === 'object' ? effect.name : effect;
}

function canConstrain(what: 'echoCancellation' | 'noiseSuppression'): boolean {
  const devices = (globalThis.navigator as Navigator | undefined)?.mediaDevices as Partial<MediaDevices> | undefined;
  return devices?.getSupportedConstraints?.()[what] === true;
}
