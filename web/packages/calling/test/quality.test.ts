import { describe, expect, it } from 'vitest';

import { VideoCount, countForCores } from '../src/core/optimal-count';
import type { CountSigns } from '../src/core/optimal-count';
import { QUALITY_BOUNDS, QualityGauge, judge } from '../src/core/quality';
import type { PathSample } from '../src/core/quality';
import { DiagnosticQuality } from '../src/index';

const good: PathSample = { packets: 100, lost: 0, rttMs: 50, jitterMs: 5 };
const { Good, Poor, Bad } = DiagnosticQuality;

describe('one measurement', () => {
  it.each([
    ['nothing lost', good, Good],
    ['just under every bound', { ...good, lost: 4, rttMs: 399, jitterMs: 59 }, Good],
    ['some loss', { ...good, lost: 5 }, Poor],
    ['much loss', { ...good, lost: 15 }, Bad],
    ['a long way', { ...good, rttMs: QUALITY_BOUNDS.poor.rttMs }, Poor],
    ['a very long way', { ...good, rttMs: QUALITY_BOUNDS.bad.rttMs }, Bad],
    ['jitter', { ...good, jitterMs: QUALITY_BOUNDS.poor.jitterMs }, Poor],
    ['much jitter', { ...good, jitterMs: QUALITY_BOUNDS.bad.jitterMs }, Bad],
    ['half of hardly any packets lost', { ...good, packets: 10, lost: 5 }, Good],
    ['nothing known', { packets: 0, lost: 0, rttMs: undefined, jitterMs: undefined }, Good],
  ] as const)('%s', (_name, sample, quality) => {
    expect(judge(sample)).toBe(quality);
  });
});

describe('the quality over time', () => {
  const bad = { ...good, lost: 30 };
  const poor = { ...good, lost: 7 };

  it('gets worse after three in a row, and not by single ones', () => {
    const gauge = new QualityGauge();
    expect([bad, bad, good, bad, bad].map((sample) => gauge.take(sample))).toEqual(Array(5).fill(undefined));
    expect(gauge.take(bad)).toBe(Bad);
    expect(gauge.take(bad)).toBeUndefined();
  });

  it('is as bad as the mildest of the three', () => {
    const gauge = new QualityGauge();
    expect([bad, poor, bad].map((sample) => gauge.take(sample))).toEqual([undefined, undefined, Poor]);
  });

  it('gets better after five in a row, and not by single ones', () => {
    const gauge = new QualityGauge();
    for (let at = 0; at < 3; at += 1) gauge.take(bad);
    expect([good, good, good, good, bad, good, good, good, good].map((sample) => gauge.take(sample))).toEqual(Array(9).fill(undefined));
    expect(gauge.take(good)).toBe(Good);
  });
});

describe('the optimal count of videos', () => {
  const well: CountSigns = { receive: Good, frames: 100, dropped: 0, limitedByCpu: false };

  it('begins at what the machine can do', () => {
    expect([undefined, 1, 2, 3, 4, 16].map(countForCores)).toEqual([9, 4, 6, 6, 9, 9]);
  });

  it('follows the network down and back, not more often than every ten seconds', () => {
    const count = new VideoCount(9);
    expect(count.take(0, { ...well, receive: Poor })).toBe(true);
    expect([count.count, count.reason]).toEqual([5, 'bandwidth']);
    expect(count.take(9_999, { ...well, receive: Bad })).toBe(false);
    expect(count.take(10_000, { ...well, receive: Bad })).toBe(true);
    expect(count.count).toBe(1);
    for (const [at, expected] of [[20_000, 3], [30_000, 5], [40_000, 7], [50_000, 9]] as const) {
      expect(count.take(at, well)).toBe(true);
      expect(count.count).toBe(expected);
    }
    expect(count.take(60_000, well)).toBe(false);
  });

  it('goes down on a machine that cannot keep up, and says why', () => {
    const count = new VideoCount(9);
    expect(count.take(0, { ...well, dropped: 30 })).toBe(true);
    expect([count.count, count.reason]).toEqual([7, 'performance']);
    expect(count.take(10_000, { ...well, limitedByCpu: true })).toBe(true);
    expect(count.count).toBe(5);
    // Its twin: so few frames say nothing.
    expect(new VideoCount(9).take(0, { ...well, frames: 10, dropped: 9 })).toBe(false);
  });

  it('never asks for no video at all', () => {
    const count = new VideoCount(2);
    expect(count.take(0, { ...well, limitedByCpu: true })).toBe(true);
    expect(count.count).toBe(1);
    expect(count.take(10_000, { ...well, limitedByCpu: true })).toBe(false);
  });
});
