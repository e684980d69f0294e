// Data channels: inert, the engine does not carry them yet.
import { unsupported } from '../core/errors';
import type { DataChannelCallFeature, DataChannelReceiver, DataChannelSender } from '../public/types/features-media';
import { Feature } from './feature';

/** Data channels that cannot be made. */
export class DataChannel extends Feature<{ dataChannelReceiverCreated: (receiver: DataChannelReceiver) => void }> implements DataChannelCallFeature {
  readonly name = 'DataChannel';

  createDataChannelSender(): DataChannelSender {
    throw unsupported('Data channels are not available on this server.');
  }
}
