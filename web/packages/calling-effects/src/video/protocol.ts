// What the page and the worker say to each other.

/** What is shown behind the person, as the application says it. */
export type Background = { readonly kind: 'blur'; readonly strength: number } | { readonly kind: 'picture'; readonly url: string };

/** The same with the picture loaded. */
export type LoadedBackground = { readonly kind: 'blur'; readonly strength: number } | { readonly kind: 'picture'; readonly picture: ImageBitmap };

/** To the worker. */
export type ToWorker =
  | { readonly type: 'background'; readonly background: LoadedBackground }
  /** Frames come and go by streams. */
  | { readonly type: 'streams'; readonly readable: ReadableStream<VideoFrame>; readonly writable: WritableStream<VideoFrame> }
  /** The worker asks for frames at this interval; each is answered by a `picture` or dropped. */
  | { readonly type: 'ask'; readonly everyMs: number }
  | { readonly type: 'picture'; readonly picture: ImageBitmap }
  | { readonly type: 'stop' };

/** From the worker. */
export type FromWorker =
  /** The network is loaded and has run once. */
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  /** The first processed picture is out. */
  | { readonly type: 'first' }
  | { readonly type: 'pace'; readonly framesPerSecond: number }
  | { readonly type: 'wanted' }
  | { readonly type: 'picture'; readonly picture: ImageBitmap }
  | { readonly type: 'stopped' };
