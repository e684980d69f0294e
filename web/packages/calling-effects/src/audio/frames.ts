// Cuts a stream of blocks of any size into frames of a fixed size and back. The sound comes out one frame later than it went in.

/** Passes sound through a function that takes frames. */
export class Frames {
  private readonly collecting: Float32Array;
  private collected = 0;
  /** Processed samples that were not given out yet: at most two frames. */
  private readonly ready: Float32Array;
  private readAt = 0;
  private writeAt: number;

  constructor(
    private readonly size: number,
    private readonly process: (frame: Float32Array) => void,
  ) {
    this.collecting = new Float32Array(size);
    this.ready = new Float32Array(2 * size);
    // One frame of silence first, so that there is always something to give out.
    this.writeAt = size;
  }

  /** Takes a block and fills another of the same length. */
  push(input: Float32Array, output: Float32Array): void {
    for (let index = 0; index < input.length; index += 1) {
      this.collecting[this.collected] = input[index] ?? 0;
      this.collected += 1;
      if (this.collected === this.size) this.flush();
      output[index] = this.ready[this.readAt] ?? 0;
      this.readAt = (this.readAt + 1) % this.ready.length;
    }
  }

  private flush(): void {
    this.process(this.collecting);
    this.ready.set(this.collecting, this.writeAt);
    this.writeAt = (this.writeAt + this.size) % this.ready.length;
    this.collected = 0;
  }
}
