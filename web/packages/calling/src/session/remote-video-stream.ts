// One remote video as applications see it.
//
// Whether it is received is told from the server's and the browser's side, never because somebody scrolled: a view that nobody can see
// leaves `isReceiving` as it was (session/video-subscriptions.ts).
import { Emitter } from '../core/emitter';
import type { CallingError } from '../core/errors';
import { failure } from '../core/errors';
import type { MediaStreamType } from '../public/types/common';
import type { RemoteVideoStream, StreamSize } from '../public/types/streams';
import type { Viewable } from '../public/viewable';
import { VIEWABLE } from '../public/viewable';
import type { PublicationState } from '../wire';
import { HeldStream } from './held-stream';
import type { Arrival, VideoSubscriptions } from './video-subscriptions';

type Events = { isAvailableChanged: () => void; isReceivingChanged: () => void; isPausedChanged: () => void; sizeChanged: () => void };

const NOTHING: Arrival = { receiving: false, paused: false };

/** A camera or screen of somebody else. */
export class RemoteVideo extends Emitter<Events> implements RemoteVideoStream {
  readonly mediaStreamType: MediaStreamType;
  /** @internal */
  readonly [VIEWABLE]: Viewable;
  private receiving = false;
  private paused = false;
  private gone = false;
  private held: HeldStream | undefined;

  constructor(
    private publication: PublicationState,
    private readonly subscriptions: VideoSubscriptions,
  ) {
    super();
    this.mediaStreamType = publication.kind === 'screen' ? 'ScreenSharing' : 'Video';
    const size = (): StreamSize => this.size;
    this[VIEWABLE] = {
      mirrored: false,
      get size() {
        return size();
      },
      attach: (sink) =>
        this.isAvailable
          ? Promise.resolve(this.subscriptions.attach(this.publication.id, sink))
          : Promise.reject(this.unavailable()),
    };
  }

  get id(): number {
    return this.publication.id;
  }

  get isAvailable(): boolean {
    return this.publication.active && !this.gone;
  }

  get isReceiving(): boolean {
    return this.receiving;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  get size(): StreamSize {
    return { width: this.publication.width, height: this.publication.height };
  }

  getMediaStream(): Promise<MediaStream> {
    if (!this.isAvailable) return Promise.reject(this.unavailable());
    if (!this.held?.isOpen) this.held = new HeldStream(this.subscriptions, this.publication.id);
    return this.held.get();
  }

  /** Takes what the server says now. */
  update(publication: PublicationState): void {
    const before = this.publication;
    const available = this.isAvailable;
    this.publication = publication;
    if (before.width !== publication.width || before.height !== publication.height) this.emit('sizeChanged');
    if (available !== this.isAvailable) {
      if (!this.isAvailable) {
        this.held?.close(this.unavailable());
        this.setArrival(NOTHING);
      }
      this.emit('isAvailableChanged');
    }
  }

  /** Frames arrive, or no longer, or are held back. Whoever hears of one finds the other as it is now. */
  setArrival({ receiving, paused }: Arrival): void {
    const before = { receiving: this.receiving, paused: this.paused };
    this.receiving = receiving;
    this.paused = paused;
    if (before.receiving !== receiving) this.emit('isReceivingChanged');
    if (before.paused !== paused) this.emit('isPausedChanged');
  }

  /** The publication is gone for good. */
  end(): void {
    const available = this.isAvailable;
    this.gone = true;
    this.held?.close(this.unavailable());
    this.setArrival(NOTHING);
    if (available) this.emit('isAvailableChanged');
  }

  private unavailable(): CallingError {
    return failure(this.gone ? 'streamGone' : 'streamNotAvailable');
  }
}
