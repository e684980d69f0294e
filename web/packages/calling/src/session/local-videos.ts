// The own camera and screen in one call.
//
// Owns: which local streams are sent. Invariants: at most one camera and one screen at a time; a stream that ends by itself (unplugged,
// or stopped in the browser's own interface) is stopped here too; a refusal of the server undoes the start.
import { openScreen, stopStream } from '../adapters/media-devices';
import { Emitter } from '../core/emitter';
import { CallingError, failure } from '../core/errors';
import type { MediaDiagnosticChangedEventArgs } from '../public/types/features-media';
import { LOCAL_VIDEO, LocalVideoStream } from '../public/local-video-stream';
import type { MediaPath } from './media-path';
import type { Publications } from './publications';

interface VideoEvents {
  updated: (change: { added: LocalVideoStream[]; removed: LocalVideoStream[] }) => void;
  diagnostic: (change: MediaDiagnosticChangedEventArgs) => void;
}

interface Sent {
  readonly kind: 'camera' | 'screen';
  readonly stream: LocalVideoStream;
  readonly ownStream: MediaStream | undefined;
  acquired: boolean;
  end: () => void;
}

/** Camera and screen of one call. */
export class LocalVideos extends Emitter<VideoEvents> {
  private camera: Sent | undefined;
  private screen: Sent | undefined;
  private choosing = false;

  constructor(
    private readonly path: MediaPath,
    private readonly publications: Publications,
  ) {
    super();
  }

  get streams(): LocalVideoStream[] {
    return [this.camera, this.screen].flatMap((sent) => (sent ? [sent.stream] : []));
  }

  get isCameraOn(): boolean {
    return this.camera !== undefined;
  }

  get isScreenOn(): boolean {
    return this.screen !== undefined;
  }

  /** Sends a camera (or a stream of the application). */
  async startCamera(stream: LocalVideoStream): Promise<void> {
    if (this.camera) {
      if (same(this.camera.stream, stream)) return;
      throw failure('startVideoDuplicate');
    }
    const sent = this.sent('camera', stream, undefined);
    this.camera = sent;
    this.emit('updated', { added: [stream], removed: [] });
    await this.begin(sent);
  }

  /** Ends the camera. */
  async stopCamera(stream?: LocalVideoStream): Promise<void> {
    const sent = this.camera;
    if (!sent || (stream && !same(sent.stream, stream))) throw failure('stopVideoUnknown');
    await this.stop(sent);
  }

  /** Shares a screen; asks the person which, unless a stream is given. */
  async startScreen(stream?: LocalVideoStream): Promise<void> {
    if (this.screen || this.choosing) throw failure('screenShareRunning');
    let media: MediaStream | undefined;
    if (!stream) {
      this.choosing = true;
      try {
        media = await openScreen();
      } catch (error) {
        this.tell('capturerStartFailed');
        throw error;
      } finally {
        this.choosing = false;
      }
    }
    const shared = stream ?? LocalVideoStream.ofScreen(media ?? new MediaStream());
    const sent = this.sent('screen', shared, media);
    this.screen = sent;
    this.emit('updated', { added: [shared], removed: [] });
    await this.begin(sent);
  }

  /** Ends sharing. */
  async stopScreen(): Promise<void> {
    if (this.screen) await this.stop(this.screen);
  }

  /** The server does not permit what was being sent. */
  refused(kind: 'camera' | 'screen'): void {
    const sent = kind === 'camera' ? this.camera : this.screen;
    if (sent) void this.stop(sent).catch(() => undefined);
  }

  /** Ends everything. */
  close(): void {
    for (const sent of [this.camera, this.screen]) if (sent) this.let(sent);
    this.clearListeners();
  }

  private sent(kind: 'camera' | 'screen', stream: LocalVideoStream, ownStream: MediaStream | undefined): Sent {
    const { capture } = stream[LOCAL_VIDEO];
    const sent: Sent = { kind, stream, ownStream, acquired: false, end: () => undefined };
    const onStream = (): void => {
      if (sent.acquired) void this.publish(sent).catch(() => undefined);
    };
    const onEnded = (): void => {
      if (kind === 'camera') this.tell('cameraStoppedUnexpectedly');
      void this.stop(sent).catch(() => undefined);
    };
    capture.on('streamChanged', onStream);
    capture.on('ended', onEnded);
    sent.end = () => {
      capture.off('streamChanged', onStream);
      capture.off('ended', onEnded);
    };
    return sent;
  }

  private async begin(sent: Sent): Promise<void> {
    const { capture } = sent.stream[LOCAL_VIDEO];
    try {
      await capture.acquire();
      if (!this.isCurrent(sent)) {
        capture.release();
        return;
      }
      sent.acquired = true;
      await this.publish(sent);
    } catch (error) {
      if (error instanceof CallingError && error.reason === 'cameraDenied') this.tell('cameraPermissionDenied');
      else if (error instanceof CallingError && error.reason.startsWith('camera')) this.tell('cameraStartFailed');
      await this.stop(sent).catch(() => undefined);
      throw error;
    }
  }

  private async publish(sent: Sent): Promise<void> {
    const media = sent.stream[LOCAL_VIDEO].capture.current;
    const track = media?.getVideoTracks()[0] ?? null;
    const sound = sent.kind === 'screen' ? (media?.getAudioTracks()[0] ?? null) : null;
    const { width = 0, height = 0 } = track?.getSettings() ?? {};
    await this.path.send(sent.kind, track);
    await this.publications.set(sent.kind, true, Math.round(width), Math.round(height));
    if (sent.kind !== 'screen') return;
    await this.path.send('screenAudio', sound);
    await this.publications.set('screenAudio', sound !== null);
  }

  private async stop(sent: Sent): Promise<void> {
    if (!this.isCurrent(sent)) return;
    this.let(sent);
    if (sent.kind === 'camera') this.camera = undefined;
    else this.screen = undefined;
    this.emit('updated', { added: [], removed: [sent.stream] });
    const kinds = sent.kind === 'camera' ? (['camera'] as const) : (['screen', 'screenAudio'] as const);
    for (const kind of kinds) {
      await this.path.send(kind, null);
      await this.publications.set(kind, false);
    }
  }

  private let(sent: Sent): void {
    sent.end();
    if (sent.acquired) sent.stream[LOCAL_VIDEO].capture.release();
    sent.acquired = false;
    if (sent.ownStream) stopStream(sent.ownStream);
  }

  private isCurrent(sent: Sent): boolean {
    return this.camera === sent || this.screen === sent;
  }

  private tell(diagnostic: MediaDiagnosticChangedEventArgs['diagnostic']): void {
    this.emit('diagnostic', { diagnostic, value: true, valueType: 'DiagnosticFlag' });
  }
}

/** Applications may hand a proxy of the stream; its insides are the same. */
function same(a: LocalVideoStream, b: LocalVideoStream): boolean {
  return a[LOCAL_VIDEO] === b[LOCAL_VIDEO];
}
