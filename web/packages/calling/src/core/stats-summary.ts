// Sums samples of statistics up. Pure; tests: test/media-stats.test.ts.
//
// Every `samplesPerPoint` samples make a data point, every `points` data points a summary. A stream that is there in a part of the time
// only has zeros in the data points without it, so that all lists are equally long. Bounded: a summary's values are gone with it.
import type { MediaStatValue, MediaStatsReportSample, MediaStatsReportSummary } from '../public/types/media-stats';

type Flat = Readonly<Record<string, unknown>> & { readonly id: string };

interface Gathered {
  readonly raw: (number | string)[];
  readonly count: number[];
  readonly sum: number[];
  readonly min: number[];
  readonly max: number[];
}

interface Stream {
  readonly values: Map<string, Gathered>;
}

const PLACES = [
  ['audio', 'send'],
  ['audio', 'receive'],
  ['video', 'send'],
  ['video', 'receive'],
  ['screenShare', 'send'],
  ['screenShare', 'receive'],
] as const;

/** Gathers samples until they make a summary. */
export class SummaryBuilder {
  private streams = new Map<string, Stream>();
  private samples = 0;

  constructor(
    private readonly samplesPerPoint: number,
    private readonly points: number,
  ) {}

  /** Takes a sample; gives the summary that it completes. */
  take(sample: MediaStatsReportSample, now: Date): MediaStatsReportSummary | undefined {
    const point = Math.floor(this.samples / this.samplesPerPoint);
    for (const [medium, direction] of PLACES) {
      for (const entry of sample[medium][direction]) this.gather(`${medium} ${direction}`, entry as unknown as Flat, point);
    }
    for (const entry of sample.transports) this.gather('transports', entry as unknown as Flat, point);
    this.samples += 1;
    if (this.samples < this.samplesPerPoint * this.points) return undefined;
    const summary = this.summary(now);
    this.streams = new Map();
    this.samples = 0;
    return summary;
  }

  private gather(place: string, entry: Flat, point: number): void {
    const key = `${place}\n${entry.id}`;
    const stream: Stream = this.streams.get(key) ?? { values: new Map() };
    this.streams.set(key, stream);
    for (const [name, value] of Object.entries(entry)) {
      if (name === 'id') continue;
      if (Array.isArray(value)) {
        for (const layer of value) this.gather(`${place}\n${entry.id}\nlayer`, layer as Flat, point);
      } else if (typeof value === 'number' || typeof value === 'string') this.add(stream, name, value, point);
    }
  }

  private add({ values }: Stream, name: string, value: number | string, point: number): void {
    const zeros = (): number[] => Array.from({ length: this.points }, () => 0);
    const gathered = values.get(name) ?? { raw: [], count: zeros(), sum: zeros(), min: zeros(), max: zeros() };
    values.set(name, gathered);
    gathered.raw[point] = value;
    if (typeof value !== 'number') return;
    const count = gathered.count[point] ?? 0;
    gathered.count[point] = count + 1;
    gathered.sum[point] = (gathered.sum[point] ?? 0) + value;
    gathered.min[point] = count === 0 ? value : Math.min(gathered.min[point] ?? value, value);
    gathered.max[point] = count === 0 ? value : Math.max(gathered.max[point] ?? value, value);
  }

  private summary(now: Date): MediaStatsReportSummary {
    const report: Record<string, unknown> = { transports: this.at('transports', now) };
    for (const [medium, direction] of PLACES) {
      report[medium] = { ...(report[medium] as object | undefined), [direction]: this.at(`${medium} ${direction}`, now) };
    }
    return report as unknown as MediaStatsReportSummary;
  }

  private at(place: string, now: Date): object[] {
    const found: object[] = [];
    for (const [key, stream] of this.streams) {
      const [where, id] = split(key);
      if (where !== place) continue;
      const layers = this.at(`${key}\nlayer`, now);
      found.push({ id, ...values(stream, now), ...(layers.length > 0 ? { altLayouts: layers } : {}) });
    }
    return found;
  }
}

function split(key: string): [string, string] {
  const at = key.lastIndexOf('\n');
  return [key.slice(0, at), key.slice(at + 1)];
}

function values({ values: gathered }: Stream, now: Date): Record<string, MediaStatValue<number | string>> {
  const entries = [...gathered].map(([name, { raw, count, sum, min, max }]): [string, MediaStatValue<number | string>] => {
    const present = raw.filter((value) => (value as unknown) !== undefined);
    const isNumber = typeof present[0] === 'number';
    return [name, { ...(isNumber ? { aggregation: { count, sum, min, max } } : {}), raw: present, timestamp: now }];
  });
  return Object.fromEntries(entries);
}
