// Views of remote videos: what they want, and which slot carries it now.
//
// Owns: open views, the list of wishes last told to the server and its pace, one MediaStream per slot, whether each publication arrives. Not
// here: slots' tracks (call-media.ts hands them in), what can be seen (adapters/sight.ts), the streams that applications see
// (remote-video-stream.ts). Invariants: a publication without a view in sight is not wanted; a view that is out of sight changes nothing that
// applications are told, and keeps its last picture. Tests: test/media.test.ts, test/sight.test.ts.
import type { Platform, ReceiveSlot } from '../adapters/platform';
import type { MeetingMirror } from '../core/mirror';
import { Pace } from '../core/pace';
import { planWants, sameWants } from '../core/wants';
import type { ViewLease, ViewSink } from '../public/viewable';
import type { RequestBody, Want } from '../wire';

const VIDEO_SLOTS = 9;
/** Resizes within this time become one request. */
const SETTLE_MS = 80;
/** Lists of wishes that follow each other: three at once, then four in a second. The last of the three is kept for what somebody waits for. */
const EVERY_MS = 250;
const BURST = 3;
const RESERVE = 1;
/** A view that is out of sight for so long is given up; shorter, and who scrolls past would end and begin it all the time. */
const GRACE_MS = 1_500;
/** A view that comes back into sight has its picture by then, or is told to have none. */
const RETURN_MS = 3_000;

/** In sight; out of it since a moment ago; given up; back in sight, its picture on the way. */
type Sighted = 'seen' | 'leaving' | 'gone' | 'back';

interface View {
  readonly publication: number;
  readonly sink: ViewSink;
  width: number;
  height: number;
  sighted: Sighted;
  /** Ends the wait for the end of leaving or coming back. */
  settle: () => void;
}

interface BoundSlot {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

/** What the streams are told of their publication. */
export interface Arrival {
  readonly receiving: boolean;
  /** The server holds it back, because the connection is too weak for all. */
  readonly paused: boolean;
}

/** Subscriptions of one call. */
export class VideoSubscriptions {
  private readonly views = new Set<View>();
  private slots = new Map<string, BoundSlot>();
  private shown = new Map<number, BoundSlot>();
  private paused: ReadonlySet<number> = new Set();
  private told: Want[] | undefined;
  private enabled = false;
  private readonly pace = new Pace(EVERY_MS, BURST);
  private planned: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly mirror: () => MeetingMirror,
    private readonly request: (body: RequestBody) => Promise<unknown>,
    private readonly onArrival: (publication: number, arrival: Arrival) => void,
  ) {}

  /** The tracks of a new peer connection; wishes are told anew. */
  useSlots(slots: readonly ReceiveSlot[]): void {
    this.slots = new Map(slots.map(({ mid, track }) => [mid, this.watch(track)]));
    this.told = undefined;
    this.enabled = slots.length > 0;
    this.rebind();
    this.plan(true);
  }

  /** The session came back: the server may have forgotten the wishes. */
  tellAgain(): void {
    this.told = undefined;
    this.plan(true);
  }

  /** The meeting changed: other slots, other publications, another speaker. */
  changed(previous: MeetingMirror, next: MeetingMirror): void {
    const people = previous.participants !== next.participants;
    if (previous.slots !== next.slots || people) this.rebind();
    if (people || speakerOf(previous) !== speakerOf(next)) this.plan(false);
  }

  /** Begins to show a publication. */
  attach(publication: number, sink: ViewSink): ViewLease {
    const view: View = { publication, sink, width: 0, height: 0, sighted: 'seen', settle: () => undefined };
    this.views.add(view);
    sink.show(this.shown.get(publication)?.stream ?? null);
    this.plan(true);
    return {
      resized: (width, height) => {
        // A view taken out of the page measures nothing; it will come back at about its size.
        if (width === 0 || height === 0) return;
        view.width = width;
        view.height = height;
        this.plan(false);
      },
      sighted: (seen) => {
        if (!this.views.has(view)) return;
        if (seen) this.comeBack(view);
        else this.leave(view);
      },
      close: () => {
        if (!this.views.delete(view)) return;
        view.settle();
        sink.show(null);
        this.tellArrival(publication);
        this.plan(false);
      },
    };
  }

  /** Does something after a time, unless the returned function is called before. */
  after(ms: number, action: () => void): () => void {
    return this.platform.after(ms, action);
  }

  /** The stream of a publication, when it is on a slot. */
  streamOf(publication: number): MediaStream | undefined {
    return this.shown.get(publication)?.stream;
  }

  /** Ends all showing. */
  close(): void {
    this.planned?.cancel();
    this.enabled = false;
    for (const { sink, settle } of [...this.views]) {
      settle();
      sink.show(null);
      sink.over?.();
    }
    this.views.clear();
    this.shown.clear();
    this.slots.clear();
  }

  private leave(view: View): void {
    view.settle();
    view.sighted = 'leaving';
    this.plan(false);
    view.settle = this.platform.after(GRACE_MS, () => {
      view.sighted = 'gone';
      this.plan(false);
    });
  }

  private comeBack(view: View): void {
    view.settle();
    if (view.sighted === 'leaving' && this.shown.has(view.publication)) {
      view.sighted = 'seen';
      view.settle = () => undefined;
      this.plan(false);
      return;
    }
    // The slot may still be there, and its end be on the way.
    view.sighted = 'back';
    view.settle = this.platform.after(RETURN_MS, () => {
      view.sighted = 'seen';
      this.tellArrival(view.publication);
    });
    this.tellArrival(view.publication);
    this.plan(true);
  }

  private watch(track: MediaStreamTrack): BoundSlot {
    const slot: BoundSlot = { stream: new MediaStream([track]), track };
    const tell = (): void => {
      for (const [publication, bound] of this.shown) if (bound === slot) this.tellArrival(publication);
    };
    track.addEventListener('unmute', tell);
    track.addEventListener('mute', tell);
    return slot;
  }

  private rebind(): void {
    const { slots, participants } = this.mirror();
    const next = new Map<number, BoundSlot>();
    const paused = new Set<number>();
    for (const binding of slots.values()) {
      const slot = this.slots.get(binding.mid);
      if (!slot || binding.publication === null) continue;
      // What is paused goes on in its slot; whatever else is withheld is as good as in none.
      if (binding.withheld === 'paused') paused.add(binding.publication);
      else if (binding.withheld !== undefined) continue;
      next.set(binding.publication, slot);
    }
    const before = { shown: this.shown, paused: this.paused };
    this.shown = next;
    this.paused = paused;
    const sent = new Set<number>();
    for (const { publications } of participants.values()) for (const { id, active } of publications) if (active) sent.add(id);
    for (const { publication, sink, sighted } of this.views) {
      const slot = next.get(publication);
      if (slot) {
        if (before.shown.get(publication) !== slot) sink.show(slot.stream);
      } else if (!sent.has(publication)) {
        sink.show(null);
      } else if (before.shown.has(publication)) {
        if (sighted === 'seen' || !sink.rest) sink.show(null);
        else sink.rest();
      }
    }
    for (const publication of new Set([...before.shown.keys(), ...next.keys()])) {
      const same = before.shown.get(publication) === next.get(publication) && before.paused.has(publication) === paused.has(publication);
      if (!same) this.tellArrival(publication);
    }
  }

  /** What applications are told of a publication. Of one that nobody can see they are told nothing new, until it should be back. */
  private tellArrival(publication: number): void {
    const slot = this.shown.get(publication);
    const paused = this.paused.has(publication);
    const receiving = slot !== undefined && !slot.track.muted && !paused;
    const views = [...this.views].filter((view) => view.publication === publication);
    const waits = views.length > 0 && views.every(({ sighted }) => sighted !== 'seen');
    if (receiving || paused || !waits) this.onArrival(publication, { receiving, paused });
  }

  private plan(urgent: boolean): void {
    if (!this.enabled) return;
    const now = this.platform.now();
    const wait = urgent ? this.pace.waitMs(now) : Math.max(SETTLE_MS, this.pace.waitMs(now, RESERVE));
    if (this.planned && this.planned.at <= now + wait) return;
    this.planned?.cancel();
    const cancel = this.platform.after(wait, () => {
      this.planned = undefined;
      this.tell();
    });
    this.planned = { at: now + wait, cancel };
  }

  private tell(): void {
    if (!this.enabled) return;
    const wants = this.wants();
    if (this.told ? sameWants(this.told, wants) : wants.length === 0) return;
    this.told = wants;
    this.pace.spend(this.platform.now());
    void this.request({ type: 'subscribe', wants }).catch(() => {
      // Told again after the connection is back, or with the next change.
      if (this.told === wants) this.told = undefined;
    });
  }

  private wants(): Want[] {
    const mirror = this.mirror();
    const dominant = speakerOf(mirror);
    const screens = new Set<number>();
    const spotlit = new Set<number>();
    const speaker = new Set<number>();
    const active = new Set<number>();
    for (const participant of mirror.participants.values()) {
      for (const { id, kind, active: sent } of participant.publications) {
        if (sent) active.add(id);
        if (kind === 'screen') screens.add(id);
        if (participant.spotlight !== null) spotlit.add(id);
        if (participant.id === dominant) speaker.add(id);
      }
    }
    const views = [...this.views].filter(({ sighted }) => sighted !== 'gone');
    const demands = views.map((view) => ({ ...view, leaving: view.sighted === 'leaving' }));
    return planWants(demands, { screens, spotlit, speaker, active, limit: VIDEO_SLOTS });
  }
}

/** Whose picture matters because they speak: the most dominant one of the others, also while the person speaks themself. */
function speakerOf({ dominant, own }: MeetingMirror): string | undefined {
  return dominant.find((id) => id !== own?.id);
}
