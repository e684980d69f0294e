// RNNoise 0.2, compiled to WebAssembly (@jitsi/rnnoise-wasm): takes frames of 480 samples at 48 kHz and leaves the speech in them.
//
// Owns: the module's memory. Not here: cutting the sound into frames (frames.ts). Tests: test/noise.test.ts.

/** Samples in a frame: ten milliseconds at 48 kHz. */
export const FRAME = 480;
/** The network was trained on 16-bit samples. */
const FULL_SCALE = 32_768;

/** The module's functions. Its build gave them one letter each, in the order in which the linker met them. */
interface Exports {
  /** The memory. */
  readonly c: WebAssembly.Memory;
  /** Initialises the globals. */
  d(): void;
  /** `malloc`, `free`. */
  e(bytes: number): number;
  f(place: number): void;
  /** `rnnoise_create`, `rnnoise_destroy`, `rnnoise_process_frame` (state, output, input). */
  h(model: number): number;
  i(state: number): void;
  j(state: number, output: number, input: number): number;
}

/** Suppresses noise in one channel. */
export class Denoiser {
  private constructor(
    private readonly wasm: Exports,
    private readonly state: number,
    private readonly place: number,
  ) {}

  /** Makes one of a compiled module. */
  static create(module: WebAssembly.Module): Denoiser {
    const { exports } = new WebAssembly.Instance(module, {
      a: {
        // Growing the memory: what the module begins with is enough for one channel.
        a: () => 0,
        // Copying.
        b: (to: number, from: number, bytes: number) => {
          new Uint8Array(wasm.c.buffer).copyWithin(to, from, from + bytes);
        },
      },
    });
    const wasm = exports as unknown as Exports;
    wasm.d();
    const state = wasm.h(0);
    const place = wasm.e(FRAME * 4);
    if (state === 0 || place === 0) throw new Error('RNNoise got no memory.');
    return new Denoiser(wasm, state, place);
  }

  /** Replaces the frame by its speech. Answers how sure it is that somebody speaks, from 0 to 1. */
  process(frame: Float32Array): number {
    const samples = new Float32Array(this.wasm.c.buffer, this.place, FRAME);
    for (let index = 0; index < FRAME; index += 1) samples[index] = (frame[index] ?? 0) * FULL_SCALE;
    const speech = this.wasm.j(this.state, this.place, this.place);
    for (let index = 0; index < FRAME; index += 1) frame[index] = (samples[index] ?? 0) / FULL_SCALE;
    return speech;
  }

  /** Frees the state. */
  destroy(): void {
    this.wasm.f(this.place);
    this.wasm.i(this.state);
  }
}
