// How many videos to render, from what the call measures. The rule is core/optimal-count.ts.
import { VideoCount, countForCores } from '../core/optimal-count';
import { QualityGauge } from '../core/quality';
import type { OptimalVideoCountCallFeature, OvcChangeReason } from '../public/types/features-media';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

/** Follows network and machine. */
export class OptimalVideoCount extends Feature<{ optimalVideoCountChanged: () => void }> implements OptimalVideoCountCallFeature {
  readonly name = 'OptimalVideoCount';
  private readonly value = new VideoCount(countForCores((globalThis.navigator as Navigator | undefined)?.hardwareConcurrency));
  private readonly receive = new QualityGauge();

  constructor(context: CallContext) {
    super(context);
    this.follow('mirrored', (previous, next) => {
      // Applications read the count with the event; once after the join is enough.
      if (previous.phase !== 'in' && next.phase === 'in') this.emit('optimalVideoCountChanged');
    });
    this.follow('measured', ({ receive, frames, dropped, limitedByCpu }) => {
      this.receive.take(receive);
      const signs = { receive: this.receive.quality, frames, dropped, limitedByCpu };
      if (this.value.take(context.platform.now(), signs)) this.emit('optimalVideoCountChanged');
    });
  }

  get optimalVideoCount(): number {
    return this.value.count;
  }

  get lastOvcChangeReason(): OvcChangeReason {
    return this.value.reason;
  }
}
