// Transfer: inert, a transfer fails at once with its reason.
import { Emitter } from '../core/emitter';
import { unsupported } from '../core/errors';
import type { Transfer, TransferCallFeature, TransferEventArgs } from '../public/types/features-meeting';
import { Feature } from './feature';

class FailedTransfer extends Emitter<{ stateChanged: () => void }> implements Transfer {
  readonly state = 'Failed';
  readonly error = unsupported('Transfer is not available on this server.');
}

/** Transfers that fail. */
export class Transfers extends Feature<{ transferAccepted: (args: TransferEventArgs) => void }> implements TransferCallFeature {
  readonly name = 'Transfer';

  transfer(): Transfer {
    const failed = new FailedTransfer();
    queueMicrotask(() => {
      failed.emit('stateChanged');
    });
    return failed;
  }
}
