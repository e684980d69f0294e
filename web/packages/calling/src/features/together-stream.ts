// The together view as one video that applications render. It is composed here, only while somebody looks.
//
// Owns: who looks, and the composition that runs meanwhile. Not here: how it is drawn (together-composer.ts), which seats there are
// (together-mode.ts). Invariant: without a view nothing is composed and no picture is asked for; without one in sight the composition stands
// still, and so does what it asked for.
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import type { Size } from '../core/scene';
import type { TogetherModeVideoStream } from '../public/types/features-meeting';
import type { Viewable, ViewLease, ViewSink } from '../public/viewable';
import { VIEWABLE } from '../public/viewable';
import type { Composer, Scene } from './together-composer';

type Events = { isAvailableChanged: () => void; isReceivingChanged: () => void; sizeChanged: () => void };

/** Beyond the numbers of publications, so that no other stream of the call has the same. */
const FIRST_ID = 0x7000_0000;
let made = 0;

/** What the stream needs of its feature. */
export interface StreamHost {
  after(ms: number, action: () => void): () => void;
  scene(): Scene;
}

/** The composed stream. */
export class TogetherStream extends Emitter<Events> implements TogetherModeVideoStream {
  readonly id: number;
  readonly mediaStreamType = 'Video';
  /** @internal */
  readonly [VIEWABLE]: Viewable;
  /** Who looks, and whether they can see it. */
  private readonly sinks = new Map<ViewSink, boolean>();
  private composer: Composer | undefined;
  private ended = false;
  private receiving = false;

  constructor(private readonly host: StreamHost) {
    super();
    this.id = FIRST_ID + made;
    made += 1;
    const size = (): Size => this.size;
    this[VIEWABLE] = {
      mirrored: false,
      get size() {
        return size();
      },
      attach: (sink) => this.attach(sink),
    };
  }

  get isAvailable(): boolean {
    return !this.ended;
  }

  get isReceiving(): boolean {
    return this.receiving;
  }

  get size(): Size {
    return { ...this.host.scene().size };
  }

  /** Another size was chosen. */
  resized(): void {
    this.emit('sizeChanged');
  }

  /** People or cameras changed. */
  look(): void {
    this.composer?.look();
  }

  /** The together view is over. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const sink of this.sinks.keys()) {
      sink.show(null);
      sink.over?.();
    }
    this.sinks.clear();
    this.stop();
    this.emit('isAvailableChanged');
  }

  private async attach(sink: ViewSink): Promise<ViewLease> {
    if (this.ended) throw failure('streamGone');
    this.sinks.set(sink, true);
    try {
      const { Composer: Made } = await import('./together-composer');
      if (this.isOver(sink)) throw failure('streamGone');
      this.composer ??= new Made({
        after: (ms, action) => this.host.after(ms, action),
        scene: () => this.host.scene(),
        onDrawn: () => { this.setReceiving(true); },
      });
    } catch (error) {
      this.detach(sink);
      throw error instanceof Error && error.name === 'CommunicationServicesError' ? error : failure('streamNotAvailable', error);
    }
    sink.show(this.composer.stream);
    this.sighted();
    return {
      resized: () => undefined,
      sighted: (seen) => {
        if (!this.sinks.has(sink)) return;
        this.sinks.set(sink, seen);
        this.sighted();
      },
      close: () => { this.detach(sink); },
    };
  }

  private sighted(): void {
    this.composer?.sighted([...this.sinks.values()].some((seen) => seen));
  }

  private isOver(sink: ViewSink): boolean {
    return this.ended || !this.sinks.has(sink);
  }

  private detach(sink: ViewSink): void {
    if (!this.sinks.delete(sink)) return;
    sink.show(null);
    if (this.sinks.size === 0) this.stop();
    else this.sighted();
  }

  private stop(): void {
    this.composer?.close();
    this.composer = undefined;
    this.setReceiving(false);
  }

  private setReceiving(receiving: boolean): void {
    if (this.receiving === receiving) return;
    this.receiving = receiving;
    this.emit('isReceivingChanged');
  }
}
