// One local source of media (a camera, a microphone, or a stream that the application gave), open while somebody uses it.
//
// Owns: the tracks that it opened itself; a stream of the application is never stopped, only let go.
// Invariants: at most one capture is open; the last `release` closes it; a capture that finishes opening after everybody left
// is closed at once. Tests: test/pure.test.ts ("a capture").
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import { stopStream } from './media-devices';

interface CaptureEvents {
  /** There is another stream now; nothing while switching. */
  streamChanged: (stream: MediaStream) => void;
  /** The source ended by itself: unplugged, or stopped in the browser's own interface. */
  ended: () => void;
}

/** Opens a source when first used and closes it after the last use. */
export class Capture<TDevice extends { readonly id: string }> extends Emitter<CaptureEvents> {
  private given: MediaStream | undefined;
  private processed: MediaStream | undefined;
  private opened: MediaStream | undefined;
  private opening: Promise<MediaStream> | undefined;
  private users = 0;
  private generation = 0;
  private disposed = false;

  constructor(
    private device: TDevice,
    private readonly open: (device: TDevice) => Promise<MediaStream>,
    given?: MediaStream,
  ) {
    super();
    this.given = given;
    if (given) this.watch(given);
  }

  /** The stream, when it is open. */
  get current(): MediaStream | undefined {
    return this.processed ?? this.given ?? this.opened;
  }

  /** Whether nothing can be opened any more. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Opens the source, or counts one more user of it. */
  async acquire(): Promise<MediaStream> {
    if (this.disposed) throw failure('streamDisposed');
    this.users += 1;
    try {
      return await this.ensure();
    } catch (error) {
      this.users -= 1;
      throw error;
    }
  }

  /** Ends one use. */
  release(): void {
    this.users = Math.max(0, this.users - 1);
    if (this.users === 0) this.close();
  }

  /** Changes to another device; who uses the source gets the new stream by event. */
  async switchTo(device: TDevice): Promise<void> {
    if (this.disposed) throw failure('streamDisposed');
    const previous = this.opened;
    this.device = device;
    this.given = undefined;
    this.opened = undefined;
    this.opening = undefined;
    this.generation += 1;
    if (previous) stopStream(previous);
    if (this.users > 0) this.emit('streamChanged', await this.ensure());
  }

  /** Uses a stream of the application from now on. */
  setGiven(stream: MediaStream): void {
    const previous = this.opened;
    this.generation += 1;
    this.given = stream;
    this.opened = undefined;
    this.opening = undefined;
    if (previous) stopStream(previous);
    this.watch(stream);
    this.emit('streamChanged', stream);
  }

  /** Shows an effect's output instead of the source, or the source again. */
  setProcessed(stream: MediaStream | undefined): void {
    this.processed = stream;
    const shown = this.current;
    if (shown) this.emit('streamChanged', shown);
  }

  /** Closes the source for good. */
  dispose(): void {
    this.disposed = true;
    this.users = 0;
    this.close();
  }

  private ensure(): Promise<MediaStream> {
    const shown = this.current;
    if (shown) return Promise.resolve(shown);
    this.opening ??= this.openNow(this.generation);
    return this.opening;
  }

  private async openNow(generation: number): Promise<MediaStream> {
    let stream: MediaStream;
    try {
      stream = await this.open(this.device);
    } catch (error) {
      if (generation === this.generation) this.opening = undefined;
      throw error;
    }
    if (generation !== this.generation || this.users === 0 || this.disposed) {
      stopStream(stream);
      if (this.disposed || this.users === 0) throw failure('streamDisposed');
      return this.ensure();
    }
    this.opened = stream;
    this.opening = undefined;
    this.watch(stream);
    return stream;
  }

  private watch(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      if (track.kind !== 'video' && stream.getVideoTracks().length > 0) continue;
      track.addEventListener('ended', () => {
        if (stream === this.opened || stream === this.given) this.emit('ended');
      });
    }
  }

  private close(): void {
    this.generation += 1;
    this.opening = undefined;
    const stream = this.opened;
    this.opened = undefined;
    if (stream) stopStream(stream);
  }
}
