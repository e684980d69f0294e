// The own camera and screen in one call.
//
// Owns: which local streams are sent. Invariants: at most one camera and one screen at a time; a stream that ends by itself (unplugged,
// or stopped in the browser's own interface) is stopped here too; a refusal of the server undoes the start; what was stopped, or outlived the
// call, while it was starting is neither sent nor said to be sent, and its device is let go.
import { openScreen, stopStream } from '../adapters/media-devices';
import { Emitter } from '../core/emitter';
import { CallingError, failure } from '../core/errors';
import type { MediaDiagnosticChangedEventArgs, MediaDiagnosticType } from '../public/types/features-media';
import { LOCAL_VIDEO, LocalVideoStream } from '../public/local-video-stream';
import type { MediaPath } from './media-path';
import type { Publications } from './publications';

interface VideoEvents {
  updated: (change: { added: LocalVideoStream[]; removed: LocalVideoStream[] }) => void;
  diagnostic: (change: MediaDiagnosticChangedEventArgs) => void;
}

/** A camera that is back within this time goes on by itself; later the person may have meant it. */
const RETURN_MS = 10_000;
const CAMERA_FLAGS = ['cameraPermissionDenied', 'cameraStartTimedOut', 'cameraStartFailed', 'cameraStoppedUnexpectedly'] as const;
const SCREEN_FLAGS = ['capturerStartFailed', 'capturerStoppedUnexpectedly', 'screenshareRecordingDisabled'] as const;

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
  private over = false;
  private gone: { readonly stream: LocalVideoStream; readonly until: number } | undefined;
  private readonly raised = new Set<string>();

  constructor(
    private readonly now: () => number,
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
    if (this.over) throw failure('startVideoEnded');
    if (this.camera) {
      if (same(this.camera.stream, stream)) return;
      throw failure('startVideoDuplicate');
    }
    this.gone = undefined;
    const sent = this.sent('camera', stream, undefined);
    this.camera = sent;
    this.emit('updated', { added: [stream], removed: [] });
    await this.begin(sent);
  }

  /** Ends the camera. */
  async stopCamera(stream?: LocalVideoStream): Promise<void> {
    const sent = this.camera;
    this.gone = undefined;
    if (!sent || (stream && !same(sent.stream, stream))) throw failure('stopVideoUnknown');
    await this.stop(sent);
  }

  /** Shares a screen; asks the person which, unless a stream is given. */
  async startScreen(stream?: LocalVideoStream): Promise<void> {
    if (this.over) throw failure('screenShareEnded');
    if (this.screen || this.choosing) throw failure('screenShareRunning');
    let media: MediaStream | undefined;
    if (!stream) {
      this.choosing = true;
      try {
        media = await openScreen();
      } catch (error) {
        const reason = error instanceof CallingError ? error.reason : '';
        if (reason === 'screenDeniedBySystem') this.tell('screenshareRecordingDisabled');
        else if (reason !== 'screenShareCancelled') this.tell('capturerStartFailed');
        throw error;
      } finally {
        this.choosing = false;
      }
      this.stopIfOver(media);
    }
    const shared = stream ?? LocalVideoStream.ofScreen(media ?? new MediaStream());
    const sent = this.sent('screen', shared, media);
    this.screen = sent;
    this.emit('updated', { added: [shared], removed: [] });
    await this.begin(sent);
    for (const flag of SCREEN_FLAGS) this.untell(flag);
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

  /** These cameras can be used now. One that was gone for a moment (a loose plug) goes on. */
  camerasListed(ids: ReadonlySet<string>, nowMs: number): void {
    const gone = this.gone;
    if (!gone || !ids.has(gone.stream.source.id)) return;
    this.gone = undefined;
    if (nowMs > gone.until || this.camera || gone.stream[LOCAL_VIDEO].capture.isDisposed) return;
    void this.startCamera(gone.stream).catch(() => undefined);
  }

  /** Ends everything. */
  close(): void {
    this.over = true;
    this.gone = undefined;
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
      this.tell(kind === 'camera' ? 'cameraStoppedUnexpectedly' : 'capturerStoppedUnexpectedly');
      if (kind === 'camera') this.gone = { stream, until: this.now() + RETURN_MS };
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
      if (sent.kind === 'camera') for (const flag of CAMERA_FLAGS) this.untell(flag);
      await this.publish(sent);
    } catch (error) {
      const reason = error instanceof CallingError ? error.reason : '';
      if (reason === 'cameraDenied' || reason === 'cameraDeniedBySystem') this.tell('cameraPermissionDenied');
      else if (reason === 'cameraTimeout') this.tell('cameraStartTimedOut');
      else if (error instanceof CallingError && error.reason.startsWith('camera')) this.tell('cameraStartFailed');
      await this.stop(sent).catch(() => undefined);
      throw error;
    }
  }

  private async publish(sent: Sent): Promise<void> {
    const { current: media, size } = sent.stream[LOCAL_VIDEO].capture;
    const track = media?.getVideoTracks()[0] ?? null;
    const sound = sent.kind === 'screen' ? (media?.getAudioTracks()[0] ?? null) : null;
    await this.path.send(sent.kind, track);
    if (!this.isCurrent(sent)) return;
    await this.publications.set(sent.kind, true, size.width, size.height);
    if (sent.kind !== 'screen' || !this.isCurrent(sent)) return;
    await this.path.send('screenAudio', sound);
    if (!this.isCurrent(sent)) return;
    try {
      await this.publications.set('screenAudio', sound !== null);
    } catch (error) {
      if (sound === null) throw error;
      // Who may not be heard may still share: the picture goes on without its sound.
      await this.path.send('screenAudio', null);
      await this.publications.set('screenAudio', false);
    }
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

  /** The call ended while the person was choosing. */
  private stopIfOver(chosen: MediaStream): void {
    if (!this.over) return;
    stopStream(chosen);
    throw failure('screenShareEnded');
  }

  private let(sent: Sent): void {
    sent.end();
    if (sent.acquired) sent.stream[LOCAL_VIDEO].capture.release();
    sent.acquired = false;
    if (sent.ownStream) stopStream(sent.ownStream);
  }

  private isCurrent(sent: Sent): boolean {
    return !this.over && (this.camera === sent || this.screen === sent);
  }

  private untell(diagnostic: MediaDiagnosticType): void {
    // A flag that was never raised is not lowered; applications show every change.
    if (this.raised.delete(diagnostic)) this.emit('diagnostic', { diagnostic, value: false, valueType: 'DiagnosticFlag' });
  }

  private tell(diagnostic: MediaDiagnosticType): void {
    this.raised.add(diagnostic);
    this.emit('diagnostic', { diagnostic, value: true, valueType: 'DiagnosticFlag' });
  }
}

/** Applications may hand a proxy of the stream; its insides are the same. */
function same(a: LocalVideoStream, b: LocalVideoStream): boolean {
  return a[LOCAL_VIDEO] === b[LOCAL_VIDEO];
}
