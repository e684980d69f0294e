// Shows a stream on the page.
//
// Owns: the video element, its size observer, the showing of the stream, and its last picture while nobody sees the view. Invariants: the
// view's element may be taken out of the page and put back and keeps playing; the last disposed view ends the subscription (through the
// lease). Not here: what can be seen (adapters/sight.ts).
import { Sight } from '../adapters/sight';
import { stillOf } from '../adapters/still';
import { bindMethods } from '../core/emitter';
import { failure } from '../core/errors';
import type { LocalVideoStream } from './local-video-stream';
import type { ScalingMode } from './types/common';
import type { CreateViewOptions, RemoteVideoStream, StreamSize, VideoStreamRendererView } from './types/streams';
import type { TogetherModeVideoStream } from './types/features-meeting';
import type { ViewLease, Viewable } from './viewable';
import { VIEWABLE } from './viewable';

const OBJECT_FIT: Readonly<Record<ScalingMode, string>> = { Stretch: 'fill', Crop: 'cover', Fit: 'contain' };

/** Makes views of one stream. */
export class VideoStreamRenderer {
  private readonly stream: Viewable;
  private view: RendererView | undefined;
  private creating = false;
  private disposed = false;

  /** A renderer of a local or remote stream. */
  constructor(stream: LocalVideoStream | RemoteVideoStream | TogetherModeVideoStream) {
    const viewable = (stream as unknown as { [VIEWABLE]?: Viewable })[VIEWABLE];
    if (viewable === undefined) throw failure('streamNotAvailable');
    this.stream = viewable;
    bindMethods(this);
  }

  /** Size of the video. */
  get size(): StreamSize {
    return { ...this.stream.size };
  }

  /** Shows the stream; put the view's `target` into the page. One view per renderer. */
  async createView(options: CreateViewOptions = {}): Promise<VideoStreamRendererView> {
    if (this.disposed) throw failure('rendererDisposed');
    if (this.view || this.creating) throw failure('rendererBusy');
    this.creating = true;
    const view = new RendererView(options.scalingMode ?? 'Crop', options.isMirrored ?? this.stream.mirrored, () => {
      this.view = undefined;
    });
    try {
      await view.open(this.stream);
    } finally {
      this.creating = false;
    }
    if (this.isDisposed()) {
      view.dispose();
      throw failure('rendererDisposing');
    }
    this.view = view;
    return view;
  }

  /** Ends the view. */
  dispose(): void {
    this.disposed = true;
    this.view?.dispose();
  }

  private isDisposed(): boolean {
    return this.disposed;
  }
}

/** A stream on the page. */
class RendererView implements VideoStreamRendererView {
  readonly target: HTMLElement;
  private readonly video: HTMLVideoElement;
  private observer: ResizeObserver | undefined;
  private sight: Sight | undefined;
  private still: HTMLCanvasElement | undefined;
  private lease: ViewLease | undefined;
  private mode: ScalingMode;
  private done = false;

  constructor(
    scalingMode: ScalingMode,
    readonly isMirrored: boolean,
    private onDisposed: () => void,
  ) {
    this.mode = scalingMode;
    this.target = document.createElement('div');
    this.video = document.createElement('video');
    this.video.autoplay = true;
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute('playsinline', '');
    Object.assign(this.target.style, { width: '100%', height: '100%', position: 'relative', overflow: 'hidden' });
    Object.assign(this.video.style, { width: '100%', height: '100%', display: 'block', objectFit: OBJECT_FIT[scalingMode] });
    if (isMirrored) this.video.style.transform = 'scaleX(-1)';
    this.target.append(this.video);
    // A browser pauses a video that is taken out of the page; views are moved about and must go on.
    this.video.addEventListener('pause', () => { this.play(); });
    this.video.addEventListener('loadeddata', () => { this.endStill(); });
    bindMethods(this);
  }

  get scalingMode(): ScalingMode {
    return this.mode;
  }

  /** Begins the showing. */
  async open(stream: Viewable): Promise<void> {
    const lease = await stream.attach({ show: (media) => { this.show(media); }, rest: () => { this.rest(); }, over: () => { this.over(); } });
    this.lease = lease;
    this.sight = new Sight(this.target, this.video, (seen) => { lease.sighted(seen); });
    if (typeof ResizeObserver === 'undefined') return;
    this.observer = new ResizeObserver(() => { this.measure(); });
    this.observer.observe(this.target);
  }

  updateScalingMode(scalingMode: ScalingMode): Promise<void> {
    this.mode = scalingMode;
    for (const shown of [this.video, this.still]) if (shown) shown.style.objectFit = OBJECT_FIT[scalingMode];
    return Promise.resolve();
  }

  dispose(): void {
    if (this.done) return;
    this.done = true;
    this.observer?.disconnect();
    this.sight?.close();
    this.lease?.close();
    this.video.srcObject = null;
    this.endStill();
    this.target.remove();
    this.onDisposed();
  }

  /** The call is over. A view that the application leaves in its page shows nothing, and keeps nothing of the call. */
  private over(): void {
    this.observer?.disconnect();
    this.observer = undefined;
    this.sight?.close();
    this.sight = undefined;
    this.lease = undefined;
    this.onDisposed = () => undefined;
  }

  private show(media: MediaStream | null): void {
    if (media === null) this.endStill();
    if (this.video.srcObject === media) return;
    this.video.srcObject = media;
    this.play();
  }

  /** The slot goes to somebody else, so the video lets go of it; a copy of its picture stays in its place. */
  private rest(): void {
    const still = stillOf(this.video);
    this.video.srcObject = null;
    if (!still) return;
    this.endStill();
    const { objectFit, transform } = this.video.style;
    Object.assign(still.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', objectFit, transform, pointerEvents: 'none' });
    this.still = still;
    this.target.append(still);
  }

  private endStill(): void {
    this.still?.remove();
    this.still = undefined;
  }

  private play(): void {
    if (this.done || !this.video.srcObject) return;
    // A muted video may always play; the promise fails only when it is replaced meanwhile.
    void Promise.resolve(this.video.play()).catch(() => undefined);
  }

  private measure(): void {
    if (this.video.paused) this.play();
    this.sight?.moved();
    const ratio = globalThis.devicePixelRatio || 1;
    this.lease?.resized(Math.round(this.target.clientWidth * ratio), Math.round(this.target.clientHeight * ratio));
  }
}
