// Loudness of a stream, 0 to 100, read ten times a second while somebody listens.
import { Emitter } from '../core/emitter';
import type { Volume } from '../public/types/streams';

type MeterEvents = { levelChanged: () => void };

const INTERVAL_MS = 100;

/** Measures a stream. Runs only between the first `on` and the last `off`. */
export class VolumeMeter extends Emitter<MeterEvents> implements Volume {
  private value = 0;
  private context: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly owners = new Set<() => void>();

  constructor(private stream: MediaStream) {
    super();
  }

  /** The latest level. */
  get level(): number {
    return this.value;
  }

  /** Measures another stream from now on: the microphone was changed, or an effect began. */
  use(stream: MediaStream): void {
    this.stream = stream;
    if (this.timer === undefined) return;
    this.stop();
    this.start();
  }

  override on<K extends keyof MeterEvents>(event: K, listener: MeterEvents[K]): void {
    super.on(event, listener);
    this.owners.add(listener);
    this.start();
  }

  override off<K extends keyof MeterEvents>(event: K, listener: MeterEvents[K]): void {
    super.off(event, listener);
    this.owners.delete(listener);
    if (this.owners.size === 0) this.stop();
  }

  /** Ends measuring. */
  dispose(): void {
    this.owners.clear();
    this.clearListeners();
    this.stop();
  }

  private start(): void {
    if (this.timer !== undefined || typeof AudioContext === 'undefined') return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    // A source takes one track of a stream only, and the sound of a call has one track for each of those who may be heard at once.
    const tracks = this.stream.getAudioTracks();
    const streams = tracks.length < 2 ? [this.stream] : tracks.map((track) => new MediaStream([track]));
    for (const stream of streams) context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.context = context;
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      // -60 dB and below is silence, -10 dB is full.
      const decibels = 10 * Math.log10(power + 1e-12);
      const level = Math.round(Math.min(100, Math.max(0, (decibels + 60) * 2)));
      if (level === this.value) return;
      this.value = level;
      this.emit('levelChanged');
    }, INTERVAL_MS);
  }

  private stop(): void {
    if (this.timer !== undefined) clearInterval(this.timer);
    this.timer = undefined;
    void this.context?.close().catch(() => undefined);
    this.context = undefined;
    this.value = 0;
  }
}
