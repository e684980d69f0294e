// When a request that replaces the one before it may go out: some at once, then evenly spaced. Pure; tests: test/pure.test.ts ("the pace").
//
// Invariants: in the long run no more than one in `everyMs`, however often it is asked for; a clock that was set back makes nobody wait.

/** A pace. */
export class Pace {
  /** When all places of the burst are free again. */
  private free = 0;

  constructor(
    private readonly everyMs: number,
    /** So many may go at once. */
    private readonly burst: number,
  ) {}

  /** Milliseconds until one may go that leaves `reserve` places of the burst to others. */
  waitMs(nowMs: number, reserve = 0): number {
    const ahead = this.free - nowMs;
    if (ahead > this.everyMs * this.burst) return 0;
    return Math.max(0, ahead - this.everyMs * (this.burst - 1 - reserve));
  }

  /** One goes out. */
  spend(nowMs: number): void {
    const ahead = this.free - nowMs;
    this.free = (ahead > 0 && ahead <= this.everyMs * this.burst ? this.free : nowMs) + this.everyMs;
  }
}
