// How many videos to render. Computed here: the number of video slots of the call, fewer on machines with few cores.
import type { OptimalVideoCountCallFeature, OvcChangeReason } from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

const SLOTS = 9;

/** A steady count for this machine. */
export class OptimalVideoCount extends Feature<{ optimalVideoCountChanged: () => void }> implements OptimalVideoCountCallFeature {
  readonly name = 'OptimalVideoCount';
  readonly optimalVideoCount = countFor(globalThis.navigator?.hardwareConcurrency);
  readonly lastOvcChangeReason: OvcChangeReason = 'unknown';

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      // Applications read the count with the event; once after the join is enough.
      if (previous.phase !== 'in' && next.phase === 'in') this.emit('optimalVideoCountChanged');
    });
  }
}

function countFor(cores: number | undefined): number {
  if (cores === undefined || cores >= 4) return SLOTS;
  return cores >= 2 ? 6 : 4;
}
