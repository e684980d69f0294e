// Views of remote videos: what they want, and which slot carries it now.
//
// Owns: open views, the list of wishes last told to the server, one MediaStream per slot. Not here: slots' tracks (call-media.ts
// hands them in), the streams that applications see (remote-video-stream.ts). Invariant: a publication without a view is not wanted.
import type { Platform, ReceiveSlot } from '../adapters/platform';
import type { MeetingMirror } from '../core/mirror';
import { planWants, sameWants } from '../core/wants';
import type { ViewLease, ViewSink } from '../public/viewable';
import type { RequestBody, Want } from '../wire';

const VIDEO_SLOTS = 9;
/** Resizes within this time become one request. */
const SETTLE_MS = 80;

interface View {
  readonly publication: number;
  readonly sink: ViewSink;
  width: number;
  height: number;
}

interface BoundSlot {
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
}

/** Subscriptions of one call. */
export class VideoSubscriptions {
  private readonly views = new Set<View>();
  private slots = new Map<string, BoundSlot>();
  private shown = new Map<number, BoundSlot>();
  private told: Want[] | undefined;
  private enabled = false;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly platform: Platform,
    private readonly mirror: () => MeetingMirror,
    private readonly request: (body: RequestBody) => Promise<unknown>,
    private readonly onReceiving: (publication: number, receiving: boolean) => void,
  ) {}

  /** The tracks of a new peer connection; wishes are told anew. */
  useSlots(slots: readonly ReceiveSlot[]): void {
    this.slots = new Map(slots.map(({ mid, track }) => [mid, this.watch(track)]));
    this.told = undefined;
    this.enabled = slots.length > 0;
    this.rebind();
    this.plan(0);
  }

  /** The session came back: the server may have forgotten the wishes. */
  tellAgain(): void {
    this.told = undefined;
    this.plan(0);
  }

  /** The meeting changed: other slots, other publications, another speaker. */
  changed(previous: MeetingMirror, next: MeetingMirror): void {
    if (previous.slots !== next.slots) this.rebind();
    if (previous.participants !== next.participants || previous.dominant[0] !== next.dominant[0]) this.plan(SETTLE_MS);
  }

  /** Begins to show a publication. */
  attach(publication: number, sink: ViewSink): ViewLease {
    const view: View = { publication, sink, width: 0, height: 0 };
    this.views.add(view);
    sink.show(this.shown.get(publication)?.stream ?? null);
    this.plan(0);
    return {
      resized: (width, height) => {
        // A view taken out of the page measures nothing; it will come back at about its size.
        if (width === 0 || height === 0) return;
        view.width = width;
        view.height = height;
        this.plan(SETTLE_MS);
      },
      close: () => {
        if (!this.views.delete(view)) return;
        sink.show(null);
        this.plan(SETTLE_MS);
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
    this.cancel?.();
    this.enabled = false;
    for (const { sink } of [...this.views]) {
      sink.show(null);
      sink.over?.();
    }
    this.views.clear();
    this.shown.clear();
    this.slots.clear();
  }

  private watch(track: MediaStreamTrack): BoundSlot {
    const slot: BoundSlot = { stream: new MediaStream([track]), track };
    const tell = (): void => {
      for (const [publication, bound] of this.shown) if (bound === slot) this.onReceiving(publication, !track.muted);
    };
    track.addEventListener('unmute', tell);
    track.addEventListener('mute', tell);
    return slot;
  }

  private rebind(): void {
    const next = new Map<number, BoundSlot>();
    for (const { mid, publication } of this.mirror().slots.values()) {
      const slot = this.slots.get(mid);
      if (slot && publication !== null) next.set(publication, slot);
    }
    const before = this.shown;
    this.shown = next;
    for (const view of this.views) {
      if (before.get(view.publication) !== next.get(view.publication)) view.sink.show(next.get(view.publication)?.stream ?? null);
    }
    for (const publication of before.keys()) if (!next.has(publication)) this.onReceiving(publication, false);
    for (const [publication, slot] of next) if (before.get(publication) !== slot) this.onReceiving(publication, !slot.track.muted);
  }

  private plan(afterMs: number): void {
    if (!this.enabled || this.cancel) return;
    this.cancel = this.platform.after(afterMs, () => {
      this.cancel = undefined;
      this.tell();
    });
  }

  private tell(): void {
    if (!this.enabled) return;
    const wants = this.wants();
    if (this.told ? sameWants(this.told, wants) : wants.length === 0) return;
    this.told = wants;
    void this.request({ type: 'subscribe', wants }).catch(() => {
      // Told again after the connection is back, or with the next change.
      if (this.told === wants) this.told = undefined;
    });
  }

  private wants(): Want[] {
    const { participants, dominant } = this.mirror();
    const screens = new Set<number>();
    const spotlit = new Set<number>();
    const speaker = new Set<number>();
    const active = new Set<number>();
    for (const participant of participants.values()) {
      for (const { id, kind, active: sent } of participant.publications) {
        if (sent) active.add(id);
        if (kind === 'screen') screens.add(id);
        if (participant.spotlight !== null) spotlit.add(id);
        if (participant.id === dominant[0]) speaker.add(id);
      }
    }
    return planWants(this.views, { screens, spotlit, speaker, active, limit: VIDEO_SLOTS });
  }
}
