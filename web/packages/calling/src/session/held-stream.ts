// The MediaStream of a remote video in the hands of the application, outside of any view.
//
// Owns: one lease and the promises of those who ask. Invariant: every promise settles, by the stream, by the end of the publication
// or of the call, or by time; the lease is closed when the last asker was disappointed. Tests: test/media.test.ts.
import type { CallingError } from '../core/errors';
import { failure } from '../core/errors';
import type { ViewLease } from '../public/viewable';
import type { VideoSubscriptions } from './video-subscriptions';

/** A slot for a wanted video comes within a round trip; this is for servers that are busy. */
const ARRIVAL_MS = 10_000;

interface Waiter {
  readonly resolve: (stream: MediaStream) => void;
  readonly reject: (error: CallingError) => void;
}

/** Keeps one publication subscribed and hands its stream out. */
export class HeldStream {
  private readonly lease: ViewLease;
  private readonly waiters = new Set<Waiter>();
  private stream: MediaStream | null = null;
  private open = true;

  constructor(
    private readonly subscriptions: VideoSubscriptions,
    publication: number,
  ) {
    this.lease = subscriptions.attach(publication, {
      show: (stream) => { this.show(stream); },
      over: () => { this.close(failure('callEnded')); },
    });
  }

  /** Whether the publication is still subscribed. */
  get isOpen(): boolean {
    return this.open;
  }

  /** The stream, as soon as it is on a slot. */
  get(): Promise<MediaStream> {
    if (this.stream) return Promise.resolve(this.stream);
    return new Promise((resolve, reject) => {
      const cancel = this.subscriptions.after(ARRIVAL_MS, () => {
        settled();
        reject(failure('streamTimeout'));
        if (this.waiters.size === 0 && !this.stream) this.close(failure('streamTimeout'));
      });
      const settled = (): void => {
        cancel();
        this.waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: (stream) => {
          settled();
          resolve(stream);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Ends the subscription; who still waits is told why. */
  close(error: CallingError): void {
    if (!this.open) return;
    this.open = false;
    for (const waiter of [...this.waiters]) waiter.reject(error);
    this.lease.close();
  }

  private show(stream: MediaStream | null): void {
    this.stream = stream;
    if (stream) for (const waiter of [...this.waiters]) waiter.resolve(stream);
  }
}
