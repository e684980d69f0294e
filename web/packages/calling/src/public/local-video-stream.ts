// The own camera, screen, or a stream that the application made.
//
// Owns: its capture. Not here: sending it (session/call-media.ts), showing it (video-stream-renderer.ts).
// Invariant: the camera is open only while a view shows it, a call sends it or the application holds its MediaStream.
import { Capture } from '../adapters/capture';
import { openCamera } from '../adapters/media-devices';
import { Emitter } from '../core/emitter';
import type { MediaStreamType } from './types/common';
import type { VideoDeviceInfo } from './types/devices';
import type { LocalVideoStreamFeature, LocalVideoStreamFeatureFactory } from './types/feature-base';
import type { LocalVideoStreamEvents, LocalVideoStreamOptions } from './types/streams';
import type { ViewLease, ViewSink, Viewable } from './viewable';
import { VIEWABLE } from './viewable';

/** Key of the internal side of a local video stream. */
export const LOCAL_VIDEO: unique symbol = Symbol('anteroom.localVideo');

/** What a call needs of a local video stream. */
export interface LocalVideoInternals {
  readonly capture: Capture<VideoDeviceInfo>;
  readonly autoDispose: boolean;
}

let streams = 0;

/** Video that the own person sends. */
export class LocalVideoStream {
  /** @internal */
  readonly [LOCAL_VIDEO]: LocalVideoInternals;
  /** @internal */
  readonly [VIEWABLE]: Viewable;
  private readonly events = new Emitter<LocalVideoStreamEvents>();
  private readonly features = new Map<object, LocalVideoStreamFeature>();
  private device: VideoDeviceInfo;
  private type: MediaStreamType;
  private held = false;

  /** A stream of a camera, or of the application's own `MediaStream`. */
  constructor(source: VideoDeviceInfo | MediaStream, options: LocalVideoStreamOptions = {}) {
    const given = isMediaStream(source) ? source : undefined;
    this.device = given ? deviceOfStream(given) : (source as VideoDeviceInfo);
    this.type = given ? 'RawMedia' : 'Video';
    const capture = new Capture<VideoDeviceInfo>(this.device, openCamera, given);
    this[LOCAL_VIDEO] = { capture, autoDispose: options.autoDisposeOnCallEnd ?? true };
    this[VIEWABLE] = this.viewable(capture);
    for (const name of ['on', 'off', 'feature', 'switchSource', 'getMediaStream', 'setMediaStream', 'dispose'] as const) {
      Object.defineProperty(this, name, { value: this[name].bind(this), writable: true, configurable: true });
    }
  }

  /** The camera; for other sources an object that stands for it. */
  get source(): VideoDeviceInfo {
    return this.device;
  }

  /** What it shows. */
  get mediaStreamType(): MediaStreamType {
    return this.type;
  }

  /** Calls the listener for each later event. */
  on<K extends keyof LocalVideoStreamEvents>(event: K, listener: LocalVideoStreamEvents[K]): void {
    this.events.on(event, listener);
  }

  /** Ends what `on` began. */
  off<K extends keyof LocalVideoStreamEvents>(event: K, listener: LocalVideoStreamEvents[K]): void {
    this.events.off(event, listener);
  }

  /** Changes to another camera; views and calls follow. */
  async switchSource(device: VideoDeviceInfo): Promise<void> {
    this.device = device;
    if (this.type === 'RawMedia') this.type = 'Video';
    await this[LOCAL_VIDEO].capture.switchTo(device);
    this.events.emit('videoSourceChanged', { source: this });
  }

  /** The stream as the browser has it; keeps the camera open until `dispose`. */
  async getMediaStream(): Promise<MediaStream> {
    const { capture } = this[LOCAL_VIDEO];
    if (this.held && capture.current) return capture.current;
    const stream = await capture.acquire();
    if (this.held) capture.release();
    this.held = true;
    return stream;
  }

  /** Sends the application's own stream from now on. */
  async setMediaStream(stream: MediaStream): Promise<void> {
    this.device = deviceOfStream(stream);
    if (this.type === 'Video') this.type = 'RawMedia';
    await this[LOCAL_VIDEO].capture.setGiven(stream);
    this.events.emit('videoSourceChanged', { source: this });
  }

  /** One object per feature and stream. */
  feature<TFeature extends LocalVideoStreamFeature>(factory: LocalVideoStreamFeatureFactory<TFeature>): TFeature {
    const known = this.features.get(factory);
    if (known) return known as TFeature;
    const made = new factory.videoStreamApiCtor(this[LOCAL_VIDEO].capture as never);
    this.features.set(factory, made);
    return made;
  }

  /** Closes the source. */
  dispose(): void {
    // The source first: an effect that ends while somebody still watches would show the unprocessed picture.
    this[LOCAL_VIDEO].capture.dispose();
    for (const feature of this.features.values()) feature.dispose();
  }

  private viewable(capture: Capture<VideoDeviceInfo>): Viewable {
    const type = (): MediaStreamType => this.type;
    return {
      get mirrored() {
        return type() === 'Video';
      },
      get size() {
        return capture.size;
      },
      attach: async (sink: ViewSink): Promise<ViewLease> => {
        const show = (stream: MediaStream): void => {
          sink.show(stream);
        };
        sink.show(await capture.acquire());
        capture.on('streamChanged', show);
        let open = true;
        return {
          resized: () => undefined,
          // What is sent does not depend on who looks at the own picture.
          sighted: () => undefined,
          close: () => {
            if (!open) return;
            open = false;
            capture.off('streamChanged', show);
            sink.show(null);
            capture.release();
          },
        };
      },
    };
  }

  /** @internal The stream of a shared screen. */
  static ofScreen(stream: MediaStream): LocalVideoStream {
    const made = new LocalVideoStream(stream);
    made.type = 'ScreenSharing';
    made.device = { ...made.device, deviceType: 'ScreenSharing' };
    return made;
  }
}

function isMediaStream(source: VideoDeviceInfo | MediaStream): source is MediaStream {
  return typeof (source as Partial<MediaStream>).getTracks === 'function';
}

function deviceOfStream(stream: MediaStream): VideoDeviceInfo {
  streams += 1;
  return { id: `stream:${stream.id || String(streams)}`, name: stream.getVideoTracks()[0]?.label ?? '', deviceType: 'Unknown' };
}
