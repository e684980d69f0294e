import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features } from '../src/index';
import type { MediaStatsReportSample, MediaStatsReportSummary } from '../src/index';
import type { CarriedMedium } from '../src/core/rtc-stats';
import { StatsReader } from '../src/core/rtc-stats';
import { SummaryBuilder } from '../src/core/stats-summary';
import { FakeMediaStream, connectedCall } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

const LINES: Readonly<Record<string, CarriedMedium>> = {
  0: { medium: 'audio' },
  1: { medium: 'video' },
  2: { medium: 'screenShare' },
  9: { medium: 'video', streamId: 7 },
};
const carried = (mid: string): CarriedMedium | undefined => LINES[mid];

/** What a browser counts in the n-th second. */
function report(n: number): Map<string, unknown> {
  const entries: Record<string, unknown>[] = [
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    { id: 'P', type: 'candidate-pair', currentRoundTripTime: 0.02, availableOutgoingBitrate: 900_000 },
    { id: 'C', type: 'codec', mimeType: 'audio/opus' },
    { id: 'V', type: 'codec', mimeType: 'video/VP8' },
    { id: 'A', type: 'outbound-rtp', mid: '0', codecId: 'C', bytesSent: n * 4_000, packetsSent: n * 50, remoteId: 'RA', mediaSourceId: 'MA', transportId: 'T' },
    { id: 'RA', type: 'remote-inbound-rtp', packetsLost: n, jitter: 0.004, roundTripTime: 0.021 },
    { id: 'MA', type: 'media-source', audioLevel: 0.5 },
    { id: 'L', type: 'outbound-rtp', mid: '1', rid: 'q', codecId: 'V', bytesSent: n * 10_000, packetsSent: n * 20, frameWidth: 320, frameHeight: 180, framesEncoded: n * 15, mediaSourceId: 'MV' },
    // An idle sender probes the way with padding.
    { id: 'S', type: 'outbound-rtp', mid: '2', codecId: 'V', bytesSent: 100, packetsSent: 1, mediaSourceId: 'gone' },
    { id: 'H', type: 'outbound-rtp', mid: '1', rid: 'f', codecId: 'V', bytesSent: n * 100_000, packetsSent: n * 90, frameWidth: 1280, frameHeight: 720, framesEncoded: n * 30, qualityLimitationReason: 'cpu', mediaSourceId: 'MV', remoteId: 'RH' },
    // Bursts of pictures are no jitter of the network.
    { id: 'RH', type: 'remote-inbound-rtp', packetsLost: 0, jitter: 0.2 },
    { id: 'MV', type: 'media-source', frames: n * 30, framesPerSecond: 30, width: 1280, height: 720 },
    { id: 'I', type: 'inbound-rtp', mid: '9', codecId: 'V', bytesReceived: n * 50_000, packetsReceived: n * 60, packetsLost: n * 2, framesReceived: n * 25, framesDropped: n * 5, framesDecoded: n * 20, freezeCount: n, totalFreezesDuration: n * 0.3, jitterBufferDelay: n * 2, jitterBufferEmittedCount: n * 20, transportId: 'T' },
    { id: 'N', type: 'inbound-rtp', mid: '10', packetsReceived: n * 10 },
    { id: 'Z', type: 'inbound-rtp', mid: '9', packetsReceived: 0 },
  ];
  return new Map(entries.map((entry) => [String(entry['id']), entry]));
}

describe('a reading of the statistics', () => {
  it('gives rates between two readings, in the units of the interface', () => {
    const reader = new StatsReader();
    const first = reader.read(report(1), 0, carried);
    expect(first.sample.audio.send[0]).not.toHaveProperty('bitrate');
    const { sample, receive, send, frames, dropped, limitedByCpu, cameraFrames } = reader.read(report(3), 2_000, carried);
    expect(sample.audio.send).toEqual([
      {
        id: 'A', codecName: 'opus', bitrate: 32_000, jitterInMs: 4, packets: 150, packetsPerSecond: 50, packetsLost: 3, packetsLostPerSecond: 1,
        rttInMs: 21, audioInputLevel: 32_768, transportId: 'T',
      },
    ]);
    expect(sample.video.send).toMatchObject([
      { id: 'H', codecName: 'VP8', bitrate: 800_000, frameWidthSent: 1280, frameRateEncoded: 30, frameRateInput: 30, altLayouts: [{ id: 'L', frameWidthSent: 320 }] },
    ]);
    expect(sample.video.receive).toMatchObject([
      { id: 'I', streamId: 7, bitrate: 400_000, frameRateDecoded: 20, jitterBufferDelayInMs: 100, longestFreezeDurationInMs: 300, totalFreezeDurationInMs: 900, rttInMs: 20 },
    ]);
    expect(sample.screenShare).toEqual({ send: [], receive: [] });
    expect(sample.transports).toEqual([{ id: 'T', rttInMs: 20, availableOutgoingBitrate: 900_000 }]);
    expect(receive).toMatchObject({ packets: 124, lost: 4, rttMs: 20 });
    expect(send).toMatchObject({ packets: 320, lost: 2, rttMs: 20, jitterMs: 4 });
    expect([frames, dropped, limitedByCpu, cameraFrames]).toEqual([50, 10, true, 60]);
  });

  it('begins anew when counts go back, as those of a new connection do', () => {
    const reader = new StatsReader();
    reader.read(report(100), 0, carried);
    const { sample, receive } = reader.read(report(1), 1_000, carried);
    expect(sample.audio.send[0]).toMatchObject({ bitrate: 0, packetsPerSecond: 0 });
    expect(receive.packets).toBe(0);
  });
});

describe('a summary', () => {
  it('has a data point for each interval, and equally long lists for what came late', () => {
    const builder = new SummaryBuilder(2, 2);
    const sample = (bitrate: number, late = false): MediaStatsReportSample => ({
      audio: { send: [{ id: 'A', bitrate, codecName: 'opus' }], receive: [] },
      video: { send: late ? [{ id: 'H', bitrate: 5, altLayouts: [{ id: 'L', bitrate: 1 }] }] : [], receive: [] },
      screenShare: { send: [], receive: [] },
      transports: [{ id: 'T', rttInMs: 20 }],
    });
    const now = new Date(0);
    expect(builder.take(sample(10), now)).toBeUndefined();
    expect(builder.take(sample(30), now)).toBeUndefined();
    expect(builder.take(sample(5, true), now)).toBeUndefined();
    const summary = builder.take(sample(7, true), now)!;
    expect(summary.audio.send).toEqual([
      {
        id: 'A',
        bitrate: { aggregation: { count: [2, 2], sum: [40, 12], min: [10, 5], max: [30, 7] }, raw: [30, 7], timestamp: now },
        codecName: { raw: ['opus', 'opus'], timestamp: now },
      },
    ]);
    expect(summary.video.send).toMatchObject([
      { id: 'H', bitrate: { aggregation: { count: [0, 2], sum: [0, 10], min: [0, 5], max: [0, 5] }, raw: [5] }, altLayouts: [{ id: 'L', bitrate: { aggregation: { sum: [0, 2] } } }] },
    ]);
    expect(summary.transports).toMatchObject([{ id: 'T', rttInMs: { aggregation: { count: [2, 2] } } }]);
    expect(builder.take(sample(1), now), 'and begins anew').toBeUndefined();
  });
});

describe('a collector', () => {
  it('reports a sample every second and a summary of the interval, until it is disposed', async () => {
    const { call, platform } = await connectedCall();
    platform.answersPings = true;
    let n = 0;
    Object.assign(platform.peer, { stats: () => { n += 1; return Promise.resolve(report(n)); } });
    const collector = call.feature(Features.MediaStats).createCollector({ aggregationInterval: 2, dataPointsPerAggregation: 3 });
    const samples: MediaStatsReportSample[] = [];
    const summaries: MediaStatsReportSummary[] = [];
    collector.on('sampleReported', (sample) => samples.push(sample));
    collector.on('summaryReported', (summary) => summaries.push(summary));
    await platform.advance(6_500);
    expect(samples).toHaveLength(6);
    expect(summaries).toHaveLength(1);
    expect(summaries[0]?.audio.send[0]?.packets?.aggregation?.count).toEqual([2, 2, 2]);
    collector.dispose();
    collector.dispose();
    await platform.advance(10_000);
    expect(samples).toHaveLength(6);
  });

  it('has sane values for senseless wishes, and ends with the call', async () => {
    const { call, platform } = await connectedCall();
    platform.answersPings = true;
    const feature = call.feature(Features.MediaStats);
    for (const wish of [0, -1, Number.NaN, Infinity, 1e9]) feature.createCollector({ aggregationInterval: wish, dataPointsPerAggregation: wish });
    feature.createCollector();
    await platform.advance(2_000);
    await call.hangUp();
    const { pending } = platform;
    await platform.advance(5_000);
    expect(platform.pending).toBeLessThanOrEqual(pending);
  });
});

describe('a collector that is asked for after the end', () => {
  it('gathers nothing and leaves no timer', async () => {
    const { call, platform } = await connectedCall();
    await call.hangUp();
    await platform.advance(1_000);
    const { pending } = platform;
    const collector = call.feature(Features.MediaStats).createCollector();
    expect(platform.pending).toBe(pending);
    expect(() => { collector.dispose(); }).not.toThrow();
  });

  it('nor one of a feature that the application let go of', async () => {
    const { call, platform } = await connectedCall();
    const feature = call.feature(Features.MediaStats);
    feature.dispose();
    const { pending } = platform;
    feature.createCollector();
    expect(platform.pending).toBe(pending);
    // The twin: of a live one it runs.
    const other = await connectedCall();
    const before = other.platform.pending;
    other.call.feature(Features.MediaStats).createCollector();
    expect(other.platform.pending).toBe(before + 1);
  });
});
