// One local source of media (a camera, a microphone, or a stream that the application gave), open while somebody uses it, and the
// effect over it when there is one.
//
// Owns: the tracks that it opened itself; a stream of the application is never stopped, only let go. Not here: what an effect does
// (stage.ts, features/video-effects.ts).
// Invariants: at most one capture is open; the last `release` closes it and ends the effect's work; a capture that finishes opening after
// everybody left is closed at once; while there is a stage, nobody gets the unprocessed stream: not while it starts, not when it fails.
// Tests: test/pure.test.ts ("a capture"), test/effects.test.ts.
import { Emitter } from '../core/emitter';
import { failure } from '../core/errors';
import { stopStream } from './media-devices';
import type { Stage, StagedStream } from './stage';

interface CaptureEvents {
  /** There is another stream now; nothing while switching. */
  streamChanged: (stream: MediaStream) => void;
  /** The source ended by itself: unplugged, or stopped in the browser's own interface. */
  ended: () => void;
}

/** Opens a source when first used and closes it after the last use. */
export class Capture<TDevice extends { readonly id: string }> extends Emitter<CaptureEvents> {
  private given: MediaStream | undefined;
  private opened: MediaStream | undefined;
  private opening: Promise<MediaStream> | undefined;
  private stage: Stage | undefined;
  private staged: StagedStream | undefined;
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

  /** The stream, when it is open; with a stage, what the stage makes of it. */
  get current(): MediaStream | undefined {
    return this.stage ? this.staged?.stream : this.source;
  }

  /** The unprocessed stream, when it is open. For settings of the device only, never to be shown or sent. */
  get source(): MediaStream | undefined {
    return this.given ?? this.opened;
  }

  /** Whether the application gave the stream. */
  get isGiven(): boolean {
    return this.given !== undefined;
  }

  /** Size of the picture; zero while unknown. A processed track does not always tell, and has the size of its source. */
  get size(): { width: number; height: number } {
    for (const stream of [this.current, this.source]) {
      const { width = 0, height = 0 } = stream?.getVideoTracks()[0]?.getSettings() ?? {};
      if (width > 0) return { width: Math.round(width), height: Math.round(height) };
    }
    return { width: 0, height: 0 };
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
    this.device = device;
    this.given = undefined;
    this.close();
    if (this.users > 0) this.emit('streamChanged', await this.ensure());
  }

  /** Opens the same device anew, with what `open` asks for now. */
  async reopen(): Promise<void> {
    if (!this.given && this.opened) await this.switchTo(this.device);
  }

  /** Uses a stream of the application from now on. */
  async setGiven(stream: MediaStream): Promise<void> {
    if (this.disposed) throw failure('streamDisposed');
    this.close();
    this.given = stream;
    this.watch(stream);
    if (!this.stage) this.emit('streamChanged', stream);
    else if (this.users > 0) this.emit('streamChanged', await this.ensure());
  }

  /**
   * Puts a stage over the source, another one, or none. Who uses the source gets the new stream by event. When the stage cannot begin,
   * everything stays as it was. While nobody uses the source, nothing begins: the stage does when the source is opened.
   */
  async setStage(stage: Stage | undefined): Promise<void> {
    for (;;) {
      if (this.disposed) throw failure('streamDisposed');
      if (this.opening) await this.opening.catch(() => undefined);
      const { source, generation } = this;
      if (this.users === 0 || !source) {
        this.stage = stage;
        return;
      }
      const staged = await stage?.process(source);
      if (generation === this.generation) {
        const former = this.staged;
        this.stage = stage;
        this.staged = staged;
        this.emit('streamChanged', staged?.stream ?? source);
        former?.stop();
        return;
      }
      // The source changed meanwhile; begin again with what there is now.
      staged?.stop();
    }
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
    try {
      let source = this.source;
      if (!source) {
        source = await this.open(this.device);
        if (this.isOver(generation)) {
          stopStream(source);
          return await this.again();
        }
        this.opened = source;
        this.watch(source);
      }
      const staged = await this.stage?.process(source);
      if (this.isOver(generation)) {
        staged?.stop();
        return await this.again();
      }
      this.staged = staged;
      this.opening = undefined;
      return staged?.stream ?? source;
    } catch (error) {
      if (generation === this.generation) this.close();
      throw error;
    }
  }

  private isOver(generation: number): boolean {
    return generation !== this.generation || this.users === 0 || this.disposed;
  }

  private again(): Promise<MediaStream> {
    if (this.disposed || this.users === 0) throw failure('streamDisposed');
    return this.ensure();
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
    const { staged, opened } = this;
    this.staged = undefined;
    this.opened = undefined;
    staged?.stop();
    if (opened) stopStream(opened);
  }
}
