// Makes the network's answer steady and decided: what is nearly a person is one, and the edge does not flicker.

/** Below this is background, above the second a person; between them the edge is soft. In doubt something is background: it may be private. */
const BACKGROUND = 0.5;
const PERSON = 0.9;
/** The share of the new answer; the rest is the previous mask. */
const NEW_SHARE = 0.7;

/** Keeps the previous mask. */
export class MaskFilter {
  private previous: Float32Array | undefined;

  /** The mask to use for this picture; valid until the next call. */
  next(raw: Float32Array): Float32Array {
    const known = this.previous;
    const share = known ? NEW_SHARE : 1;
    const mask = known ?? new Float32Array(raw.length);
    for (let index = 0; index < raw.length; index += 1) {
      const value = (mask[index] ?? 0) * (1 - share) + decide(raw[index] ?? 0) * share;
      mask[index] = value;
    }
    this.previous = mask;
    return mask;
  }
}

function decide(value: number): number {
  const place = Math.min(1, Math.max(0, (value - BACKGROUND) / (PERSON - BACKGROUND)));
  return place * place * (3 - 2 * place);
}
