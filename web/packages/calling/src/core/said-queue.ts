// What was said while the mirror misses something: kept until the snapshot, so that nobody is heard before they are there.
//
// Owns: the order of what is said. Not here: which events are said once (mirror.ts), when a snapshot is asked for (session/call-session.ts).
// Invariants: what was said first is delivered first; a transfer never waits, since it names nobody of the roster and the server has a time
// for its answer. Tests: test/resume.test.ts ("a missed delta").
import type { Said } from './mirror';

/** A snapshot comes within a second or so. When more is said until then, the oldest is lost. */
const MOST = 200;

/** Keeps what is said in its order. */
export class SaidQueue {
  private kept: Said[] = [];

  constructor(private readonly deliver: (event: Said) => void) {}

  /** Delivers at once, or keeps while something is missing. */
  take(event: Said, missing: boolean): void {
    if (!missing || event.type === 'transfer' || event.type === 'transferAsked') {
      this.deliver(event);
      return;
    }
    this.kept.push(event);
    if (this.kept.length > MOST) this.kept.shift();
  }

  /** The snapshot came, and its people were delivered. */
  flush(): void {
    for (const event of this.kept.splice(0)) this.deliver(event);
  }

  /** Nobody is to hear it any more. */
  clear(): void {
    this.kept = [];
  }
}
