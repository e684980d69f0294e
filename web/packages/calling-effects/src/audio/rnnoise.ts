// RNNoise, compiled to WebAssembly: takes frames of 480 samples at 48 kHz and leaves the speech in them.
//
// Owns: the module's memory. Not here: cutting the sound into frames (frames.ts). Tests: test/noise.test.ts.

/** Samples in a frame: ten milliseconds at 48 kHz. */
export const FRAME = 480;
/** The network was trained on 16-bit samples. */
const FULL_SCALE = 32_768;

interface Exports {
  readonly memory: WebAssembly.Memory;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  malloc(bytes: number): number;
  free(place: number): void;
  rnnoise_create(model: number): number;
  rnnoise_destroy(state: number): void;
  rnnoise_process_frame(state: number, output: number, input: number): number;
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
      env: {
        // The memory that the module begins with is enough for one channel; it is never asked to grow.
        emscripten_resize_heap: () => 0,
        emscripten_memcpy_big: (to: number, from: number, bytes: number) => {
          new Uint8Array(memory()).copyWithin(to, from, from + bytes);
        },
        __assert_fail: () => {
          throw new Error('RNNoise found itself in a state that cannot be.');
        },
      },
    });
    const wasm = exports as unknown as Exports;
    const memory = (): ArrayBuffer => wasm.memory.buffer;
    wasm.emscripten_stack_init();
    wasm.__wasm_call_ctors();
    const state = wasm.rnnoise_create(0);
    const place = wasm.malloc(FRAME * 4);
    if (state === 0 || place === 0) throw new Error('RNNoise got no memory.');
    return new Denoiser(wasm, state, place);
  }

  /** Replaces the frame by its speech. Answers how sure it is that somebody speaks, from 0 to 1. */
  process(frame: Float32Array): number {
    const samples = new Float32Array(this.wasm.memory.buffer, this.place, FRAME);
    for (let index = 0; index < FRAME; index += 1) samples[index] = (frame[index] ?? 0) * FULL_SCALE;
    const speech = this.wasm.rnnoise_process_frame(this.state, this.place, this.place);
    for (let index = 0; index < FRAME; index += 1) frame[index] = (samples[index] ?? 0) / FULL_SCALE;
    return speech;
  }

  /** Frees the state. */
  destroy(): void {
    this.wasm.free(this.place);
    this.wasm.rnnoise_destroy(this.state);
  }
}
