// The own microphone, or an audio stream that the application made. Same shape and rules as local-video-stream.ts.
import { MicrophoneCapture } from '../adapters/microphone-capture';
import { VolumeMeter } from '../adapters/volume-meter';
import { Emitter } from '../core/emitter';
import type { AudioDeviceInfo } from './types/devices';
import type { LocalAudioStreamFeature, LocalAudioStreamFeatureFactory } from './types/feature-base';
import type { LocalAudioStreamEvents, Volume } from './types/streams';

/** Key of the internal side of a local audio stream. */
export const LOCAL_AUDIO: unique symbol = Symbol('anteroom.localAudio');

/** Audio that the own person sends. */
export class LocalAudioStream {
  /** @internal */
  readonly [LOCAL_AUDIO]: MicrophoneCapture;
  private readonly events = new Emitter<LocalAudioStreamEvents>();
  private readonly features = new Map<object, LocalAudioStreamFeature>();
  private device: AudioDeviceInfo;
  private held = false;
  private meter: VolumeMeter | undefined;

  /** A stream of a microphone, or of the application's own `MediaStream`. */
  constructor(source: AudioDeviceInfo | MediaStream) {
    const given = isMediaStream(source) ? source : undefined;
    this.device = given ? deviceOfStream(given) : (source as AudioDeviceInfo);
    this[LOCAL_AUDIO] = new MicrophoneCapture(this.device, given);
    for (const name of ['on', 'off', 'feature', 'switchSource', 'getMediaStream', 'setMediaStream', 'getVolume', 'dispose'] as const) {
      Object.defineProperty(this, name, { value: this[name].bind(this), writable: true, configurable: true });
    }
  }

  /** The microphone; for other sources an object that stands for it. */
  get source(): AudioDeviceInfo {
    return this.device;
  }

  /** What it carries. */
  get mediaStreamType(): 'Audio' {
    return 'Audio';
  }

  /** Calls the listener for each later event. */
  on<K extends keyof LocalAudioStreamEvents>(event: K, listener: LocalAudioStreamEvents[K]): void {
    this.events.on(event, listener);
  }

  /** Ends what `on` began. */
  off<K extends keyof LocalAudioStreamEvents>(event: K, listener: LocalAudioStreamEvents[K]): void {
    this.events.off(event, listener);
  }

  /** Changes to another microphone; a call follows. */
  async switchSource(device: AudioDeviceInfo): Promise<void> {
    this.device = device;
    await this[LOCAL_AUDIO].switchTo(device);
    this.events.emit('audioSourceChanged', { source: this });
  }

  /** The stream as the browser has it; keeps the microphone open until `dispose`. */
  async getMediaStream(): Promise<MediaStream> {
    const capture = this[LOCAL_AUDIO];
    if (this.held && capture.current) return capture.current;
    const stream = await capture.acquire();
    if (this.held) capture.release();
    this.held = true;
    return stream;
  }

  /** Sends the application's own stream from now on. */
  async setMediaStream(stream: MediaStream): Promise<void> {
    this.device = deviceOfStream(stream);
    await this[LOCAL_AUDIO].setGiven(stream);
    this.events.emit('audioSourceChanged', { source: this });
  }

  /** How loud it is; measured while anybody listens to `levelChanged`. */
  async getVolume(): Promise<Volume> {
    const stream = await this.getMediaStream();
    if (!this.meter) {
      const meter = new VolumeMeter(stream);
      this.meter = meter;
      this[LOCAL_AUDIO].on('streamChanged', (changed) => { meter.use(changed); });
    }
    return this.meter;
  }

  /** One object per feature and stream. */
  feature<TFeature extends LocalAudioStreamFeature>(factory: LocalAudioStreamFeatureFactory<TFeature>): TFeature {
    const known = this.features.get(factory);
    if (known) return known as TFeature;
    const made = new factory.audioStreamApiCtor(this[LOCAL_AUDIO] as never);
    this.features.set(factory, made);
    return made;
  }

  /** Closes the source. */
  dispose(): void {
    this.meter?.dispose();
    this[LOCAL_AUDIO].dispose();
    for (const feature of this.features.values()) feature.dispose();
  }
}

function isMediaStream(source: AudioDeviceInfo | MediaStream): source is MediaStream {
  return typeof (source as Partial<MediaStream>).getTracks === 'function';
}

function deviceOfStream(stream: MediaStream): AudioDeviceInfo {
  const name = stream.getAudioTracks()[0]?.label ?? '';
  return { id: `stream:${stream.id}`, name, isSystemDefault: false, deviceType: 'Virtual' };
}
