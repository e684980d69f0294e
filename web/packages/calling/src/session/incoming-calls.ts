// The calls that ring at one agent.
//
// Owns: one object for each ring from its first frame to its end. Not here: what applications hold (public/incoming-call.ts), the call
// after its answer (call-session.ts). Invariants: a ring that is told again is the same ring; after a lost connection the server
// tells again what rings still, and what it does not tell again within a moment is over. Tests: test/calls.test.ts.
import type { Platform } from '../adapters/platform';
import { Emitter } from '../core/emitter';
import { endReasonFromError, endReasonFromRefusal, failure } from '../core/errors';
import type { CallEndReason } from '../public/types/common';
import type { IncomingCall, Refusal } from '../wire';

/** Within this time after a welcome the server has told what rings. */
const TOLD_MS = 2_000;

/** A call that rings. */
export class Ringing extends Emitter<{ ended: (reason: CallEndReason) => void }> {
  endReason: CallEndReason | undefined;

  constructor(readonly incoming: IncomingCall) {
    super();
  }

  /** Rings no more. */
  end(reason: CallEndReason): void {
    if (this.endReason) return;
    this.endReason = reason;
    this.emit('ended', reason);
    this.clearListeners();
  }
}

/** What rings at one agent. */
export class IncomingCalls extends Emitter<{ rings: (call: Ringing) => void }> {
  private readonly live = new Map<string, Ringing>();
  private unsure = new Set<string>();
  private cancelCheck: () => void = () => undefined;

  constructor(private readonly platform: Pick<Platform, 'after'>) {
    super();
  }

  /** Everything that rings. */
  all(): Ringing[] {
    return [...this.live.values()];
  }

  /** The server says that a call rings. */
  ring(incoming: IncomingCall): void {
    this.unsure.delete(incoming.id);
    if (this.live.has(incoming.id)) return;
    const call = new Ringing(incoming);
    this.live.set(incoming.id, call);
    this.emit('rings', call);
  }

  /** The server says that a call rings no more. */
  ended(id: string, refusal: Refusal): void {
    this.end(id, endReasonFromRefusal(refusal));
  }

  /** The call was answered here: what becomes of it is told by the call. */
  answered(id: string): void {
    this.live.delete(id);
    this.unsure.delete(id);
  }

  /** The connection is lost. */
  down(): void {
    this.cancelCheck();
    this.unsure = new Set(this.live.keys());
  }

  /** The connection is there. */
  up(): void {
    if (this.unsure.size === 0) return;
    this.cancelCheck();
    this.cancelCheck = this.platform.after(TOLD_MS, () => {
      for (const id of [...this.unsure]) this.end(id, endReasonFromError(failure('ringGone')));
    });
  }

  /** The agent is gone. */
  close(): void {
    this.cancelCheck();
    for (const id of [...this.live.keys()]) this.end(id, endReasonFromError(failure('agentDisposed')));
    this.clearListeners();
  }

  private end(id: string, reason: CallEndReason): void {
    const call = this.live.get(id);
    this.answered(id);
    call?.end(reason);
  }
}
