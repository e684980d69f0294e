// Statistics of the media path, as the browser counts them, once per interval and collector.
import { Emitter } from '../core/emitter';
import type { MediaStatsCallFeature, MediaStatsCollector, MediaStatsCollectorOptions, MediaStatsEntry, MediaStatsReport } from '../public/types/features-media';
import { Feature } from './feature';

type CollectorEvents = { sampleReported: (report: MediaStatsReport) => void; summaryReported: (report: MediaStatsReport) => void };

const SAMPLE_MS = 1_000;

class Collector extends Emitter<CollectorEvents> implements MediaStatsCollector {
  constructor(private readonly onDispose: () => void) {
    super();
  }

  dispose(): void {
    this.clearListeners();
    this.onDispose();
  }
}

/** Gathers statistics. */
export class MediaStats extends Feature<Record<never, () => void>> implements MediaStatsCallFeature {
  readonly name = 'MediaStats';
  private readonly running = new Set<Collector>();

  createCollector(options: MediaStatsCollectorOptions = {}): MediaStatsCollector {
    const every = Math.max(1, Math.round(options.aggregationInterval ?? 10));
    let count = 0;
    const timer = setInterval(() => {
      void this.context.stats().then((stats) => {
        if (!stats || !this.running.has(collector)) return;
        const report = reportOf(stats);
        collector.emit('sampleReported', report);
        count += 1;
        if (count % every === 0) collector.emit('summaryReported', report);
      });
    }, SAMPLE_MS);
    const collector = new Collector(() => {
      clearInterval(timer);
      this.running.delete(collector);
    });
    this.running.add(collector);
    return collector;
  }

  override dispose(): void {
    for (const collector of [...this.running]) collector.dispose();
    super.dispose();
  }
}

function reportOf(stats: RTCStatsReport): MediaStatsReport {
  const report: MediaStatsReport = {
    audio: { send: [], receive: [] },
    video: { send: [], receive: [] },
    screenShare: { send: [], receive: [] },
    transports: [],
  };
  stats.forEach((entry: MediaStatsEntry & { type: string; kind?: string }) => {
    const medium = entry.kind === 'audio' ? report.audio : report.video;
    if (entry.type === 'outbound-rtp') medium.send.push({ ...entry });
    else if (entry.type === 'inbound-rtp') medium.receive.push({ ...entry });
    else if (entry.type === 'transport') report.transports.push({ ...entry });
  });
  return report;
}
