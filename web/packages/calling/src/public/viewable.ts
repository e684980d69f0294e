// How a renderer asks a stream to be shown. Internal: reached through a symbol, so that it works through proxies too.

/** Key of the internal side of a stream that can be rendered. */
export const VIEWABLE: unique symbol = Symbol('anteroom.viewable');

/** Where a stream is shown. */
export interface ViewSink {
  /** Shows this stream, or nothing. */
  show(stream: MediaStream | null): void;
  /** Nothing comes because nobody sees it; the last picture stays until there is another. Not told where this is missing: then it is shown nothing. */
  rest?(): void;
  /** The call is over; nothing will be shown again. */
  over?(): void;
}

/** One showing of a stream. */
export interface ViewLease {
  /** The size on the page in device pixels. */
  resized(width: number, height: number): void;
  /** Whether a person can see it. True from the beginning. */
  sighted(seen: boolean): void;
  /** Ends the showing. */
  close(): void;
}

/** A stream that can be shown. */
export interface Viewable {
  /** Whether a view is mirrored unless said otherwise. */
  readonly mirrored: boolean;
  /** Size of the video in pixels, zero while unknown. */
  readonly size: { width: number; height: number };
  /** Begins a showing; fails when the stream cannot be shown. */
  attach(sink: ViewSink): Promise<ViewLease>;
}
