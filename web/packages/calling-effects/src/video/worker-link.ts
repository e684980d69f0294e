// The page's end of a worker: starts it, waits until it is ready, and ends it.
//
// Invariants: every wait settles (the worker answers, fails, or the deadline passes); after `end` nothing is delivered any more.
import { EffectError } from '../errors.js';
import { exportsOf, scriptAddress } from '../files.js';
import type { FromWorker, ToWorker } from './protocol.js';

/** Loading the network takes a tenth of a second; this is for machines that are very busy. */
const READY_MS = 20_000;
/** How long a worker may take to close its streams before it is ended anyway. */
const STOP_MS = 1_000;

const script = (): Promise<string> => import('script:video-worker').then((chunk) => exportsOf(chunk, 'text').text);

/** Loads the worker's script without starting it. */
export async function prepareVideo(): Promise<void> {
  await script();
}

/** A running worker. */
export class WorkerLink {
  onMessage: (message: FromWorker) => void = () => undefined;
  private over = false;

  private constructor(private readonly worker: Worker) {}

  /** Starts a worker and waits until it is ready. */
  static async start(): Promise<WorkerLink> {
    const { url, release } = await scriptAddress('videoWorkerUrl', script);
    try {
      const worker = new Worker(url, { name: 'anteroom-video-effects' });
      const link = new WorkerLink(worker);
      try {
        await link.ready();
      } catch (error) {
        worker.terminate();
        throw error;
      }
      return link;
    } catch (error) {
      if (error instanceof EffectError) throw error;
      throw new EffectError('FailedToProcess', notStarted(error instanceof Error ? error.message : String(error)), error);
    } finally {
      release();
    }
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    if (!this.over) this.worker.postMessage(message, transfer);
  }

  /** Ends the worker, after it has closed what it holds. */
  end(): void {
    if (this.over) return;
    this.send({ type: 'stop' });
    this.over = true;
    this.onMessage = () => undefined;
    const end = (): void => {
      clearTimeout(timer);
      this.worker.terminate();
    };
    const timer = setTimeout(end, STOP_MS);
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'stopped') end();
    };
    this.worker.onerror = end;
  }

  private ready(): Promise<void> {
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const refuse = (message: string): void => {
        clearTimeout(timer);
        reject(new EffectError('FailedToProcess', notStarted(message)));
      };
      const timer = setTimeout(() => { refuse('it did not answer in time'); }, READY_MS);
      worker.onerror = (event) => { refuse(event.message || 'the browser refused it'); };
      worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'failed') refuse(data.message);
        if (data.type !== 'ready') return;
        clearTimeout(timer);
        worker.onmessage = (event: MessageEvent<FromWorker>) => { this.onMessage(event.data); };
        worker.onerror = (event) => { this.onMessage({ type: 'failed', message: event.message }); };
        resolve();
      };
    });
  }
}

function notStarted(detail: string): string {
  return `The video effect could not be started; see "Content security policy" in the README of this package (${detail}).`;
}
