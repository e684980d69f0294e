// Blurs a small picture without the person: each point weighs as much as it is background, so that no colour of the person leaks into
// what is behind, and the other way round.

const PASSES = 3;
/** Radius in points of the small picture at strength 0 and 1. */
const WEAKEST = 2;
const STRONGEST = 14;
/** Red, green, blue (each times weight) and weight. */
const LANES = 4;

/** Blurs pictures of one size; keeps its memory. */
export class BackgroundBlur {
  private readonly a: Float32Array;
  private readonly b: Float32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.a = new Float32Array(width * height * LANES);
    this.b = new Float32Array(width * height * LANES);
  }

  /** Replaces the picture (RGBA) by its blurred background. `mask`: 1 is a person. `strength` from 0 to 1. */
  apply(picture: Uint8ClampedArray, mask: Float32Array, strength: number): void {
    const { a, b, width, height } = this;
    const radius = Math.round(WEAKEST + (STRONGEST - WEAKEST) * strength);
    for (let point = 0; point < mask.length; point += 1) {
      // Never quite zero: deep inside the person there is only the person to take colours from, and it is covered anyway.
      const weight = 1.001 - (mask[point] ?? 0);
      for (let lane = 0; lane < 3; lane += 1) a[LANES * point + lane] = (picture[LANES * point + lane] ?? 0) * weight;
      a[LANES * point + 3] = weight;
    }
    for (let pass = 0; pass < PASSES; pass += 1) {
      box(a, b, height, width, width * LANES, LANES, radius);
      box(b, a, width, height, LANES, width * LANES, radius);
    }
    for (let point = 0; point < mask.length; point += 1) {
      const weight = a[LANES * point + 3] ?? 1;
      for (let lane = 0; lane < 3; lane += 1) picture[LANES * point + lane] = (a[LANES * point + lane] ?? 0) / weight;
      picture[LANES * point + 3] = 255;
    }
  }
}

/** The mean over `2 * radius + 1` points along each of `lines` lines; beyond an end the last point counts on. */
function box(from: Float32Array, to: Float32Array, lines: number, length: number, lineStep: number, step: number, radius: number): void {
  const share = 1 / (2 * radius + 1);
  for (let line = 0; line < lines; line += 1) {
    for (let lane = 0; lane < LANES; lane += 1) {
      const start = line * lineStep + lane;
      const last = start + (length - 1) * step;
      const first = from[start] ?? 0;
      const end = from[last] ?? 0;
      let sum = first * radius;
      for (let index = 0; index <= radius; index += 1) sum += from[Math.min(last, start + index * step)] ?? 0;
      for (let index = 0; index < length; index += 1) {
        to[start + index * step] = sum * share;
        sum += index + radius + 1 < length ? (from[start + (index + radius + 1) * step] ?? 0) : end;
        sum -= index - radius >= 0 ? (from[start + (index - radius) * step] ?? 0) : first;
      }
    }
  }
}
