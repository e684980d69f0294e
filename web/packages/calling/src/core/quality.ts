// Whether sending and receiving go well, judged from what the browser counts. Pure; tests: test/quality.test.ts.
//
// One measurement (every two seconds) is Poor from 5 % loss, 400 ms round trip or 60 ms jitter of audio on, Bad from 15 %, 1 000 ms
// or 200 ms on.
// Hysteresis: three measurements in a row make it worse (the mildest of the three counts), five in a row make it better. Too few packets
// say nothing about loss. What is good from the beginning is never told.

/** The values of the public `DiagnosticQuality`: good, poor, bad. */
export type Quality = 1 | 2 | 3;
/** The same by name. */
export const QUALITY = { good: 1, poor: 2, bad: 3 } as const;

/** What one measurement of one direction found; nothing where nothing was counted. */
export interface PathSample {
  /** Packets that should have come since the last measurement, lost ones included. */
  readonly packets: number;
  /** How many of them did not come. */
  readonly lost: number;
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
}

/** Bounds of the two worse qualities. */
export const QUALITY_BOUNDS = {
  poor: { loss: 0.05, rttMs: 400, jitterMs: 60 },
  bad: { loss: 0.15, rttMs: 1_000, jitterMs: 200 },
} as const;

/** Fewer packets than these say nothing about loss. */
const ENOUGH_PACKETS = 20;
const WORSE_AFTER = 3;
const BETTER_AFTER = 5;

/** Judges one measurement. */
export function judge({ packets, lost, rttMs = 0, jitterMs = 0 }: PathSample): Quality {
  const loss = packets >= ENOUGH_PACKETS ? lost / packets : 0;
  const reaches = (bound: (typeof QUALITY_BOUNDS)['poor' | 'bad']): boolean =>
    loss >= bound.loss || rttMs >= bound.rttMs || jitterMs >= bound.jitterMs;
  if (reaches(QUALITY_BOUNDS.bad)) return QUALITY.bad;
  return reaches(QUALITY_BOUNDS.poor) ? QUALITY.poor : QUALITY.good;
}

/** The quality of one direction over time. */
export class QualityGauge {
  private current: Quality = QUALITY.good;
  private streak: Quality[] = [];

  /** The quality that holds. */
  get quality(): Quality {
    return this.current;
  }

  /** Takes a measurement; gives the new quality when it changed. */
  take(sample: PathSample): Quality | undefined {
    const seen = judge(sample);
    if (seen === this.current) {
      this.streak = [];
      return undefined;
    }
    const worse = seen > this.current;
    if (this.streak.some((before) => before > this.current !== worse)) this.streak = [];
    this.streak.push(seen);
    if (this.streak.length < (worse ? WORSE_AFTER : BETTER_AFTER)) return undefined;
    this.current = this.streak.reduce((mildest, other) => (worse === other < mildest ? other : mildest));
    this.streak = [];
    return this.current;
  }
}
