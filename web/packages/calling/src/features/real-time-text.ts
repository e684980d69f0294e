// Real-time text: a line travels whole each time that it changes; everybody, the typist included, sees lines in the server's order.
//
// Owns: what of the own line is still to be sent. Invariants: one request at a time; a partial line that waits is replaced by the next one, a
// finished line never; whoever typed too fast for the server is sent again a moment later; nothing waits after the call is over.
import { CallingError, failure } from '../core/errors';
import type { Said } from '../core/mirror';
import { identifierOf } from '../core/roles';
import type { RealTimeTextFeature, RealTimeTextReceivedEventHandler } from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** Lines that may wait; a client that finishes lines faster than they can be sent is told so. */
const MOST_WAITING = 50;
const TOO_FAST = 'tooFast';
const AGAIN_MS = 100;

interface Line {
  text: string;
  readonly isFinal: boolean;
  readonly settle: ((error?: unknown) => void)[];
}

/** Sends and receives text while it is typed. */
export class RealTimeText extends Feature<{ realTimeTextReceived: RealTimeTextReceivedEventHandler }> implements RealTimeTextFeature {
  readonly name = 'RealTimeText';
  private readonly waiting: Line[] = [];
  private sending = false;
  private closed = false;
  private cancelAgain: () => void = () => undefined;

  constructor(context: CallContext) {
    super(context);
    this.follow('said', (event) => { this.hear(event); });
    this.follow('over', () => { this.giveUp(); });
  }

  /** Sends the whole line as it is now; `finalized` ends it. */
  sendRealTimeText(text: string, finalized = false): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : failure('protocol', error));
      };
      if (this.closed) {
        settle(failure('callEnded'));
        return;
      }
      const last = this.waiting.at(-1);
      // The line that is on its way just now is the first of the list and is left alone.
      const replaces = last !== undefined && !last.isFinal && !(this.sending && this.waiting.length === 1);
      if (replaces) this.waiting.splice(-1, 1, { text, isFinal: finalized, settle: [...last.settle, settle] });
      else if (this.waiting.length >= MOST_WAITING) settle(failure('tooManyWaiting'));
      else this.waiting.push({ text, isFinal: finalized, settle: [settle] });
      void this.sendNext();
    });
  }

  override dispose(): void {
    this.giveUp();
    super.dispose();
  }

  private async sendNext(): Promise<void> {
    const line = this.waiting[0];
    if (this.sending || line === undefined) return;
    this.sending = true;
    let error: unknown;
    try {
      await this.context.request({ type: 'sendTyped', text: line.text, isFinal: line.isFinal });
    } catch (caught) {
      error = caught;
    }
    if (error instanceof CallingError && error.reason === TOO_FAST && this.waiting[0] === line) {
      this.cancelAgain = this.context.platform.after(AGAIN_MS, () => {
        this.sending = false;
        void this.sendNext();
      });
      return;
    }
    this.sending = false;
    if (this.waiting[0] === line) this.waiting.shift();
    for (const settle of line.settle) settle(error);
    void this.sendNext();
  }

  private hear(event: Said): void {
    if (event.type !== 'typed') return;
    const { participant, displayName, sequence, text, isFinal, began, updated } = event.text;
    this.emit('realTimeTextReceived', {
      sequenceId: sequence,
      sender: { identifier: identifierOf(participant), displayName },
      text,
      resultType: isFinal ? 'Final' : 'Partial',
      receivedTimestamp: new Date(began),
      updatedTimestamp: new Date(updated),
      isLocal: participant === this.context.mirror.own?.id,
    });
  }

  private giveUp(): void {
    this.cancelAgain();
    this.closed = true;
    for (const line of this.waiting.splice(0)) for (const settle of line.settle) settle(failure('callEnded'));
  }
}
