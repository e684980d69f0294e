// How many videos this machine should show at once. Pure: time is an argument. Tests: test/optimal-count.test.ts.
//
// The count begins at what the machine's cores allow (at most the video slots of a call). Poor receiving takes it down to half, Bad to
// one ("bandwidth"); a machine that drops more than a tenth of the frames that it decodes loses two at a time ("performance"). It comes
// back by two when all is well. Between two changes there are ten seconds at least.
import type { OvcChangeReason } from '../public/types/features-media';
import type { Quality } from './quality';
import { QUALITY } from './quality';

/** Video slots of a call. */
export const VIDEO_SLOTS = 9;
const COOL_DOWN_MS = 10_000;
const STEP = 2;
const DROPPED_TOO_MANY = 0.1;
/** Fewer frames than these say nothing about the machine. */
const ENOUGH_FRAMES = 15;

/** What the count follows. */
export interface CountSigns {
  readonly receive: Quality;
  /** Frames that arrived since the last measurement, and how many of them were dropped instead of shown. */
  readonly frames: number;
  readonly dropped: number;
  /** Why the browser encodes less than it could; `cpu` is the machine's fault. */
  readonly limitedByCpu: boolean;
}

/** Videos that a machine with so many cores shows well. */
export function countForCores(cores: number | undefined): number {
  if (cores === undefined || cores >= 4) return VIDEO_SLOTS;
  return cores >= 2 ? 6 : 4;
}

/** The count over time. */
export class VideoCount {
  private changedAt: number | undefined;
  private why: OvcChangeReason = 'unknown';

  constructor(
    private readonly most: number,
    private current = most,
  ) {}

  get count(): number {
    return this.current;
  }

  get reason(): OvcChangeReason {
    return this.why;
  }

  /** Takes what was measured; true when the count changed. */
  take(nowMs: number, signs: CountSigns): boolean {
    if (this.changedAt !== undefined && nowMs - this.changedAt < COOL_DOWN_MS) return false;
    const [next, why] = this.next(signs);
    if (next === this.current) return false;
    this.current = next;
    this.why = why;
    this.changedAt = nowMs;
    return true;
  }

  private next({ receive, frames, dropped, limitedByCpu }: CountSigns): [number, OvcChangeReason] {
    const bound = receive === QUALITY.bad ? 1 : receive === QUALITY.poor ? Math.ceil(this.most / 2) : this.most;
    if (this.current > bound) return [bound, 'bandwidth'];
    const overloaded = limitedByCpu || (frames >= ENOUGH_FRAMES && dropped / frames > DROPPED_TOO_MANY);
    if (overloaded) return [Math.max(1, this.current - STEP), 'performance'];
    return [Math.min(bound, this.current + STEP), this.why];
  }
}
