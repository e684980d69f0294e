// Effects on the own audio: none beyond what the browser does by itself; `isSupported` says so.
import { Emitter } from '../core/emitter';
import { unsupported } from '../core/errors';
import type { ActiveAudioEffects, AudioEffectErrorPayload, AudioEffectsFeature } from '../public/types/features-media';

type Events = {
  effectsStarted: (effects: ActiveAudioEffects) => void;
  effectsStopped: (effects: ActiveAudioEffects) => void;
  effectsError: (error: AudioEffectErrorPayload) => void;
};

/** No effect can be started. */
export class AudioEffects extends Emitter<Events> implements AudioEffectsFeature {
  readonly name = 'AudioEffects';

  get activeEffects(): ActiveAudioEffects {
    return { echoCancellation: [], noiseSuppression: [] };
  }

  isSupported(): Promise<boolean> {
    return Promise.resolve(false);
  }

  startEffects(): Promise<void> {
    return Promise.reject(unsupported('Audio effects are not available.'));
  }

  stopEffects(): Promise<void> {
    return Promise.resolve();
  }

  dispose(): void {
    this.clearListeners();
  }
}
