// Statistics of the media of a call: a sample every second, a summary of many. Reading is core/rtc-stats.ts, summing up
// core/stats-summary.ts. Invariant: a collector costs nothing after its `dispose` or the end of the call.
import { Emitter } from '../core/emitter';
import { StatsReader } from '../core/rtc-stats';
import { SummaryBuilder } from '../core/stats-summary';
import type { MediaStatsCallFeature, MediaStatsCollector } from '../public/types/features-media';
import type { MediaStatsCollectorOptions, MediaStatsReportSample, MediaStatsReportSummary } from '../public/types/media-stats';
import type { CallContext } from '../session/context';
import { Feature } from './feature';

type CollectorEvents = { sampleReported: (report: MediaStatsReportSample) => void; summaryReported: (report: MediaStatsReportSummary) => void };

const SAMPLE_MS = 1_000;
const DEFAULT_INTERVAL_S = 10;
const DEFAULT_POINTS = 6;
/** A summary of more than an hour of samples would only fill the memory. */
const MOST_SAMPLES = 3_600;

/** Whole, at least one; anything else is the default. */
function whole(value: number | undefined, otherwise: number, most: number): number {
  return value === undefined || !Number.isFinite(value) || value < 1 ? otherwise : Math.min(most, Math.round(value));
}

class Collector extends Emitter<CollectorEvents> implements MediaStatsCollector {
  private readonly reader = new StatsReader();
  private readonly summary: SummaryBuilder;
  private open = true;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly context: CallContext,
    options: MediaStatsCollectorOptions,
    private readonly onDispose: (collector: Collector) => void,
  ) {
    super();
    const seconds = whole(options.aggregationInterval, DEFAULT_INTERVAL_S, MOST_SAMPLES);
    const points = whole(options.dataPointsPerAggregation, DEFAULT_POINTS, Math.max(1, Math.floor(MOST_SAMPLES / seconds)));
    this.summary = new SummaryBuilder(seconds, points);
    this.next();
  }

  dispose(): void {
    if (!this.open) return;
    this.open = false;
    this.cancel();
    this.clearListeners();
    this.onDispose(this);
  }

  private next(): void {
    this.cancel = this.context.platform.after(SAMPLE_MS, () => {
      void this.context
        .stats()
        .then((report) => { if (report && this.open) this.take(report); })
        // The browser did not answer in time; the next second may.
        .catch(() => undefined)
        .finally(() => { if (this.open) this.next(); });
    });
  }

  private take(report: RTCStatsReport): void {
    const now = this.context.platform.now();
    const { sample } = this.reader.read(report, now, this.context.watch.carried);
    const summary = this.summary.take(sample, new Date(now));
    this.emit('sampleReported', sample);
    if (summary) this.emit('summaryReported', summary);
  }
}

/** Gathers statistics. */
export class MediaStats extends Feature<Record<never, () => void>> implements MediaStatsCallFeature {
  readonly name = 'MediaStats';
  private readonly running = new Set<Collector>();

  constructor(context: CallContext) {
    super(context);
    this.follow('over', () => { this.end(); });
  }

  createCollector(options: MediaStatsCollectorOptions = {}): MediaStatsCollector {
    const collector = new Collector(this.context, options, (done) => this.running.delete(done));
    this.running.add(collector);
    // There is nothing left to gather; it is one that was disposed.
    if (this.isOver) collector.dispose();
    return collector;
  }

  override dispose(): void {
    this.end();
    super.dispose();
  }

  private end(): void {
    for (const collector of [...this.running]) collector.dispose();
  }
}
