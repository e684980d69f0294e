// Transfer: hands the other one of a call over to a person or to another call of the own ones.
//
// Owns: the transfers that were asked for in this call. Not here: going over when one is handed over (public/agent.ts does it also for
// applications that never ask for this feature; here it is only told). Tests: test/calls.test.ts.
import type { CommunicationIdentifier } from '@azure/communication-common';

import { Emitter } from '../core/emitter';
import { CallingError, errorFromRefusal, failure, unsupported } from '../core/errors';
import { rawIdOf } from '../core/roles';
import type {
  Transfer,
  TransferCallFeature,
  TransferEventArgs,
  TransferToCallLocator,
  TransferToParticipantLocator,
} from '../public/types/features-meeting';
import type { TransferToVoicemailLocator } from '../public/types/settings';
import type { CallContext } from '../session/context';
import type { Event, Refusal, TransferTarget } from '../wire';
import { Feature } from './feature';

type Where = TransferToParticipantLocator | TransferToCallLocator | TransferToVoicemailLocator;
type State = Transfer['state'];
type Progress = Extract<Event, { type: 'transfer' }>;

class TransferView extends Emitter<{ stateChanged: () => void }> implements Transfer {
  private current: State = 'None';
  private failed: CallingError | undefined;

  get state(): State {
    return this.current;
  }

  get error(): CallingError | undefined {
    return this.failed;
  }

  get isOver(): boolean {
    return this.current === 'Transferred' || this.current === 'Failed';
  }

  /** Goes on; nothing follows the end. */
  go(state: State, error?: CallingError): void {
    if (this.isOver || this.current === state) return;
    this.current = state;
    this.failed = error;
    this.emit('stateChanged');
  }
}

/** Transfers of one call. */
export class Transfers extends Feature<{ transferAccepted: (args: TransferEventArgs) => void }> implements TransferCallFeature {
  readonly name = 'Transfer';
  private readonly asked = new Map<string, TransferView>();
  /** What was told of a transfer before the answer that names it. */
  private readonly early = new Map<string, Progress>();
  private readonly open = new Set<TransferView>();

  constructor(context: CallContext) {
    super(context);
    this.follow('said', (event) => {
      if (event.type === 'transfer') this.told(event);
    });
    this.follow('handedOver', (targetCall) => { this.emit('transferAccepted', { targetCall }); });
    this.follow('over', () => {
      for (const transfer of [...this.open]) this.settle(transfer, 'Failed', failure('callEnded'));
    });
  }

  transfer(locator: Where): Transfer {
    const transfer = new TransferView();
    this.open.add(transfer);
    void this.begin(transfer, locator).catch((error: unknown) => {
      this.settle(transfer, 'Failed', error instanceof CallingError ? error : failure('protocol', error));
    });
    return transfer;
  }

  private async begin(transfer: TransferView, locator: Where): Promise<void> {
    // The application gets the transfer before it hears of it.
    await Promise.resolve();
    const reply = await this.context.request({ type: 'transfer', participant: null, target: this.target(locator) });
    if (reply.type !== 'transfer') throw failure('protocol', 'the answer names no transfer');
    this.asked.set(reply.transfer, transfer);
    transfer.go('Transferring');
    const early = this.early.get(reply.transfer);
    this.early.delete(reply.transfer);
    if (early) this.told(early);
  }

  private target(locator: Where): TransferTarget {
    const given = locator as { targetParticipant?: CommunicationIdentifier; targetCallId?: string };
    if (given.targetParticipant) return { type: 'person', participant: rawIdOf(given.targetParticipant) };
    if (given.targetCallId === undefined) throw unsupported('A call is handed over to a person or to another call; there is no voicemail here.');
    const call = this.context.siblings.wireName(given.targetCallId);
    if (call === undefined) throw failure('transferTargetUnknown');
    return { type: 'call', call };
  }

  private told(event: Progress): void {
    const transfer = this.asked.get(event.transfer);
    if (!transfer) {
      if (this.open.size > 0) this.early.set(event.transfer, event);
      return;
    }
    if (event.state === 'transferring') transfer.go('Transferring');
    else this.settle(transfer, event.state === 'transferred' ? 'Transferred' : 'Failed', event.state === 'failed' ? why(event.reason) : undefined);
  }

  private settle(transfer: TransferView, state: State, error: CallingError | undefined): void {
    this.open.delete(transfer);
    transfer.go(state, error);
  }
}

function why(reason: Refusal | null): CallingError {
  return reason === null ? failure('callEnded') : errorFromRefusal(reason);
}
