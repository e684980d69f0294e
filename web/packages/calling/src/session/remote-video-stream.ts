// One remote video as applications see it.
import { Emitter } from '../core/emitter';
import type { CallingError } from '../core/errors';
import { failure } from '../core/errors';
import type { MediaStreamType } from '../public/types/common';
import type { RemoteVideoStream, StreamSize } from '../public/types/streams';
import type { Viewable } from '../public/viewable';
import { VIEWABLE } from '../public/viewable';
import type { PublicationState } from '../wire';
import { HeldStream } from './held-stream';
import type { VideoSubscriptions } from './video-subscriptions';

type Events = { isAvailableChanged: () => void; isReceivingChanged: () => void; sizeChanged: () => void };

/** A camera or screen of somebody else. */
export class RemoteVideo extends Emitter<Events> implements RemoteVideoStream {
  readonly mediaStreamType: MediaStreamType;
  /** @internal */
  readonly [VIEWABLE]: Viewable;
  private receiving = false;
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
        this.setReceiving(false);
      }
      this.emit('isAvailableChanged');
    }
  }

  /** Frames arrive, or no longer. */
  setReceiving(receiving: boolean): void {
    if (this.receiving === receiving) return;
    this.receiving = receiving;
    this.emit('isReceivingChanged');
  }

  /** The publication is gone for good. */
  end(): void {
    const available = this.isAvailable;
    this.gone = true;
    this.held?.close(this.unavailable());
    this.setReceiving(false);
    if (available) this.emit('isAvailableChanged');
  }

  private unavailable(): CallingError {
    return failure(this.gone ? 'streamGone' : 'streamNotAvailable');
  }
}
