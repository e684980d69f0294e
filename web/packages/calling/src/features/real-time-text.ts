// Real-time text: inert, the wire does not carry it yet.
import type { RealTimeTextFeature, RealTimeTextReceivedEventHandler } from '../public/types/features-media';
import { Feature } from './feature';

/** Text that cannot be sent. */
export class RealTimeText extends Feature<{ realTimeTextReceived: RealTimeTextReceivedEventHandler }> implements RealTimeTextFeature {
  readonly name = 'RealTimeText';

  sendRealTimeText(): Promise<void> {
    return this.refuse();
  }
}
