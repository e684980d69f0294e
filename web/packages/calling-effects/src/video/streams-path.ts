// Frames by streams that the worker holds: nothing passes through the page.
import type { FramePath } from './processor.js';
import type { WorkerLink } from './worker-link.js';

/** Not part of the language's declarations yet. */
interface TrackStreams {
  readonly MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };
  readonly MediaStreamTrackGenerator: new (init: { kind: 'video' }) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
}

/** The way for browsers that have track processors and generators. */
export class StreamsPath implements FramePath {
  readonly track: MediaStreamTrack;

  constructor(input: MediaStreamTrack, link: WorkerLink) {
    const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = globalThis as unknown as TrackStreams;
    // The processor keeps one frame at most: a slow machine drops frames instead of falling behind.
    const { readable } = new MediaStreamTrackProcessor({ track: input });
    const generator = new MediaStreamTrackGenerator({ kind: 'video' });
    const { writable } = generator;
    this.track = generator;
    link.send({ type: 'streams', readable, writable }, [readable, writable] as unknown as Transferable[]);
  }

  receive(): void {
    // The worker writes to the track by itself.
  }

  stop(): void {
    this.track.stop();
  }
}
