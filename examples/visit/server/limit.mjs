/**
 * How often one source may do something within a span of time.
 *
 * Every identity costs the meeting server a row and the organisation money, and whoever has a link could ask without end.
 * In memory and per process: behind several processes or a proxy this belongs to the proxy, which knows the source.
 */

/** Sources remembered; the oldest goes when one more comes. */
const MOST_SOURCES = 10_000;

export class Limit {
  /** @param {{ most: number, spanMs: number, now?: () => number }} options */
  constructor({ most, spanMs, now = Date.now }) {
    this.most = most;
    this.spanMs = spanMs;
    this.now = now;
    /** @type {Map<string, { count: number, until: number }>} */
    this.sources = new Map();
  }

  /**
   * Counts one more for this source.
   * @param {string} source
   * @returns {number} 0 when it may, otherwise the milliseconds to wait
   */
  take(source) {
    const now = this.now();
    let known = this.sources.get(source);
    if (known === undefined || known.until <= now) {
      known = { count: 0, until: now + this.spanMs };
      this.sources.delete(source);
      this.sources.set(source, known);
      if (this.sources.size > MOST_SOURCES) this.sources.delete(this.sources.keys().next().value);
    }
    if (known.count >= this.most) return known.until - now;
    known.count += 1;
    return 0;
  }
}
