// The worker: loads the network and processes frames until it is stopped.
//
// Invariants: a frame that fails is dropped, so that what is shown is the last processed one; only after many failures in a row the page
// is told, and even then nothing unprocessed goes out; when stopped, everything that was handed over is closed.
import kernels from 'asset:kernels';
import model from 'asset:selfie-segmentation';

import type { FromWorker, ToWorker } from '../protocol.js';
import { bytesOf } from '../../bytes.js';
import { Compositor } from './compositor.js';
import { readModel } from './model-file.js';
import { Network } from './network.js';

interface WorkerScope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** So many failures in a row are no accident: about a second of video. */
const HOPELESS = 25;
const PACE_MS = 1000;

const page = globalThis as unknown as WorkerScope;
let stopped = false;
let failures = 0;
let frames = 0;
let sent = false;
let timer: ReturnType<typeof setInterval> | undefined;
let reader: ReadableStreamDefaultReader<VideoFrame> | undefined;

const compositor = Network.load(readModel(bytesOf(model)), bytesOf(kernels)).then((network) => {
  network.run(new Uint8Array(network.width * network.height * 4));
  return new Compositor(network);
});
compositor.then(
  () => { page.postMessage({ type: 'ready' }); },
  (error: unknown) => { page.postMessage({ type: 'failed', message: text(error) }); },
);

const pace = setInterval(() => {
  if (sent) page.postMessage({ type: 'pace', framesPerSecond: frames });
  frames = 0;
}, PACE_MS);

page.onmessage = ({ data }) => {
  void compositor.then((ready) => handle(ready, data)).catch(() => undefined);
};

async function handle(ready: Compositor, message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'background':
      ready.show(message.background);
      return;
    case 'streams':
      await pump(ready, message.readable, message.writable);
      return;
    case 'ask':
      timer = setInterval(() => { page.postMessage({ type: 'wanted' }); }, message.everyMs);
      return;
    case 'picture': {
      const { picture } = message;
      const made = attempt(() => ready.compose(picture, picture.width, picture.height).transferToImageBitmap());
      picture.close();
      if (!made) return;
      page.postMessage({ type: 'picture', picture: made }, [made]);
      out();
      return;
    }
    case 'stop':
      stopped = true;
      clearInterval(timer);
      clearInterval(pace);
      await reader?.cancel().catch(() => undefined);
      page.postMessage({ type: 'stopped' });
  }
}

async function pump(ready: Compositor, readable: ReadableStream<VideoFrame>, writable: WritableStream<VideoFrame>): Promise<void> {
  const from = readable.getReader();
  reader = from;
  const writer = writable.getWriter();
  try {
    for (;;) {
      const { done, value: frame } = await from.read();
      if (done) break;
      const made = attempt(() => {
        const { displayWidth: width, displayHeight: height, timestamp } = frame;
        return new VideoFrame(ready.compose(frame, width, height), { timestamp, alpha: 'discard' });
      });
      frame.close();
      if (!made) continue;
      // `stopped` changes while this function waits.
      if (stopped as boolean) made.close();
      else await writer.write(made);
      out();
    }
  } finally {
    await writer.close().catch(() => undefined);
  }
}

function attempt<T>(compose: () => T): T | undefined {
  try {
    const made = compose();
    failures = 0;
    return made;
  } catch (error) {
    failures += 1;
    if (failures === HOPELESS) page.postMessage({ type: 'failed', message: text(error) });
    return undefined;
  }
}

function out(): void {
  frames += 1;
  if (!sent) page.postMessage({ type: 'first' });
  sent = true;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
