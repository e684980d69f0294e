// Which videos to ask for, at which size. Pure; tests: test/pure.test.ts ("wishes for video").
//
// Invariants: one wish per publication, as large as its largest view; sizes move in steps, so that a resize does not flood the
// server; when there are more views than slots, those in sight, then screens, the spotlight and the speaker come first, and the order of
// opening decides the rest.
import type { Want, WantPriority } from '../wire';

/** One view of a publication. */
export interface ViewDemand {
  readonly publication: number;
  /** Device pixels, 0 while not measured. */
  readonly width: number;
  readonly height: number;
  /** It went out of sight a moment ago. */
  readonly leaving?: boolean;
}

/** What else decides. */
export interface PlanContext {
  /** Publications that are screens. */
  readonly screens: ReadonlySet<number>;
  /** Cameras of people in the spotlight. */
  readonly spotlit: ReadonlySet<number>;
  /** Publications of the dominant speaker. */
  readonly speaker: ReadonlySet<number>;
  /** Publications that are being sent. */
  readonly active: ReadonlySet<number>;
  /** Video slots of the call. */
  readonly limit: number;
}

const STEP = 64;
const LARGEST = 3_840;
const UNMEASURED = { width: 640, height: 360 };
const RANK = { screen: 0, pinned: 1, speaker: 2, rest: 3 } as const;

function step(pixels: number): number {
  return Math.min(LARGEST, Math.ceil(pixels / STEP) * STEP);
}

/** Makes the whole list of wishes. */
export function planWants(views: Iterable<ViewDemand>, context: PlanContext): Want[] {
  const wants = new Map<number, { want: Want; leaving: boolean }>();
  for (const view of views) {
    if (!context.active.has(view.publication)) continue;
    const measured = view.width > 0 && view.height > 0;
    const width = step(measured ? view.width : UNMEASURED.width);
    const height = step(measured ? view.height : UNMEASURED.height);
    const known = wants.get(view.publication);
    const want: Want = {
      publication: view.publication,
      width: Math.max(width, known?.want.width ?? 0),
      height: Math.max(height, known?.want.height ?? 0),
      priority: priority(view.publication, context),
    };
    wants.set(view.publication, { want, leaving: view.leaving === true && known?.leaving !== false });
  }
  const ranked = [...wants.values()].sort((a, b) => RANK[a.want.priority] - RANK[b.want.priority]);
  // Who leaves gives way; who gets a slot keeps the place in the list, so that scrolling about is no new list.
  const chosen = new Set([...ranked].sort((a, b) => Number(a.leaving) - Number(b.leaving)).slice(0, context.limit));
  return ranked.filter((one) => chosen.has(one)).map(({ want }) => want);
}

function priority(publication: number, { screens, spotlit, speaker }: PlanContext): WantPriority {
  if (screens.has(publication)) return 'screen';
  if (spotlit.has(publication)) return 'pinned';
  return speaker.has(publication) ? 'speaker' : 'rest';
}

/** Whether two lists wish the same. */
export function sameWants(a: readonly Want[], b: readonly Want[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
