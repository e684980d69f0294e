// Where the tensors of a network lie in memory: tensors that are never alive together share a place.

/** A tensor's size, and the first and last step that touch it. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

const ALIGNMENT = 16;

/** The offset of each lifetime from the beginning, and how many bytes all need together. The largest are placed first. */
export function placeInMemory(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const offsets = lifetimes.map(() => 0);
  const placed: { start: number; end: number; first: number; last: number }[] = [];
  let total = 0;
  const order = lifetimes.map((lifetime, index) => ({ ...lifetime, index })).sort((a, b) => b.bytes - a.bytes);
  for (const { bytes, first, last, index } of order) {
    const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    let start = 0;
    const neighbours = placed.filter((other) => other.first <= last && first <= other.last).sort((a, b) => a.start - b.start);
    for (const other of neighbours) {
      if (start + size <= other.start) break;
      start = Math.max(start, other.end);
    }
    offsets[index] = start;
    placed.push({ start, end: start + size, first, last });
    total = Math.max(total, start + size);
  }
  return { offsets, bytes: total };
}
