// Effects on the own video: runs a processor of an effects package over the camera stream.
import type { Capture } from '../adapters/capture';
import { Emitter } from '../core/emitter';
import { unsupported } from '../core/errors';
import type { VideoDeviceInfo } from '../public/types/devices';
import type { VideoEffectErrorPayload, VideoEffectName, VideoEffectProcessor, VideoEffectsFeature } from '../public/types/features-media';

type Events = {
  effectsStarted: (effects: VideoEffectName[]) => void;
  effectsStopped: (effects: VideoEffectName[]) => void;
  effectsError: (error: VideoEffectErrorPayload) => void;
  fpsWarningThresholdReached: (warning: { value: number }) => void;
  timeForEffectsWarningReached: (warning: { value: number }) => void;
};

/** At most one effect at a time. */
export class VideoEffects extends Emitter<Events> implements VideoEffectsFeature {
  readonly name = 'VideoEffects';
  private active: VideoEffectProcessor | undefined;

  constructor(private readonly capture: Capture<VideoDeviceInfo>) {
    super();
  }

  get activeEffects(): VideoEffectName[] {
    return this.active ? [this.active.name] : [];
  }

  async isSupported(effect: VideoEffectProcessor): Promise<boolean> {
    return typeof effect.startEffects === 'function' && typeof effect.isSupported === 'function' && (await effect.isSupported());
  }

  async startEffects(effect: VideoEffectProcessor): Promise<void> {
    try {
      if (!(await this.isSupported(effect))) throw unsupported(`The effect ${effect.name} does not work here.`);
      await this.stopEffects();
      const input = await this.capture.acquire();
      this.active = effect;
      this.capture.setProcessed((await effect.startEffects({ stream: input })).stream);
      this.emit('effectsStarted', [effect.name]);
    } catch (error) {
      this.end();
      this.emit('effectsError', { code: 'effectFailed', message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  stopEffects(): Promise<void> {
    const stopped = this.end();
    if (stopped) this.emit('effectsStopped', [stopped.name]);
    return Promise.resolve();
  }

  dispose(): void {
    this.end();
    this.clearListeners();
  }

  private end(): VideoEffectProcessor | undefined {
    const stopped = this.active;
    if (!stopped) return undefined;
    this.active = undefined;
    this.capture.setProcessed(undefined);
    stopped.stopEffects();
    this.capture.release();
    return stopped;
  }
}
