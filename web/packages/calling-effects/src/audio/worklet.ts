// The script in the audio thread: one processor that suppresses noise in one channel.
//
// Invariants: when the network fails, the sound goes on unprocessed and the page is told once; after `stop` the processor ends.
import wasm from 'asset:rnnoise';

import { bytesOf } from '../bytes.js';
import { Frames } from './frames.js';
import { Denoiser, FRAME } from './rnnoise.js';

/** What the audio thread has; the language's declarations leave it out. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

// Compiled while the script is loaded, before any sound waits for it.
const module = new WebAssembly.Module(bytesOf(wasm));

class NoiseProcessor extends AudioWorkletProcessor {
  private denoiser: Denoiser | undefined;
  private frames: Frames | undefined;
  private running = true;

  constructor() {
    super();
    this.port.onmessage = () => { this.stop(); };
    try {
      const denoiser = Denoiser.create(module);
      this.denoiser = denoiser;
      this.frames = new Frames(FRAME, (frame) => { denoiser.process(frame); });
      this.port.postMessage({ type: 'ready' });
    } catch (error) {
      this.fail(error);
    }
  }

  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const from = input?.[0];
    const to = output?.[0];
    if (!to || !from) return this.running;
    try {
      if (this.frames) this.frames.push(from, to);
      else to.set(from);
    } catch (error) {
      this.fail(error);
      to.set(from);
    }
    return this.running;
  }

  private fail(error: unknown): void {
    this.frames = undefined;
    this.port.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }

  private stop(): void {
    this.running = false;
    this.frames = undefined;
    this.denoiser?.destroy();
    this.denoiser = undefined;
  }
}

registerProcessor('anteroom-noise', NoiseProcessor);
