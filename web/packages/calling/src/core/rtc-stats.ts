// Reads the browser's statistics of one connection: rates between two readings, in the SDK's names and units. Pure; the time of a
// reading is an argument. Tests: test/media-stats.test.ts.
//
// Owns: the last counts, by the browser's ids. Invariants: counts that went back (a new connection) begin anew; a stream that carried
// nothing yet is left out, as are a slot that carries nobody now and a camera or screen that is not sent now.
import type {
  IncomingAudioMediaStats,
  IncomingVideoMediaStats,
  MediaStatsReportSample,
  OutgoingAudioMediaStats,
  OutgoingVideoMediaStats,
} from '../public/types/media-stats';
import type { PathSample } from './quality';

/** What an m-line carries. */
export interface CarriedMedium {
  readonly medium: 'audio' | 'video' | 'screenShare';
  /** Id of the remote stream, for what is received. */
  readonly streamId?: number;
}

/** What one reading found. */
export interface Reading {
  readonly sample: MediaStatsReportSample;
  readonly receive: PathSample;
  readonly send: PathSample;
  /** Frames that came since the last reading, and how many of them were not shown. */
  readonly frames: number;
  readonly dropped: number;
  readonly limitedByCpu: boolean;
  /** Frames that the camera gave since the last reading; nothing while no camera is sent. */
  readonly cameraFrames: number | undefined;
}

type Entry = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** Of `audioLevel`, 1 is full. */
const FULL_LEVEL = 65_535;

function num(entry: Entry | undefined, name: string): number | undefined {
  const value = entry?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function str(entry: Entry | undefined, name: string): string | undefined {
  const value = entry?.[name];
  return typeof value === 'string' ? value : undefined;
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : Math.round(value * by * 1_000) / 1_000;
}

/** Leaves out what is not known. */
function known<T extends object>(entry: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as T;
}

/** Reads one connection after the other. */
export class StatsReader {
  private counts = new Map<string, number>();
  private next = new Map<string, number>();
  private readonly longestFreeze = new Map<string, number>();
  private readAt: number | undefined;
  private seconds = 0;

  /** Takes a report; `carried` says what an m-line carries. */
  read(report: ReadonlyMap<string, unknown> | RTCStatsReport, nowMs: number, carried: (mid: string) => CarriedMedium | undefined): Reading {
    const entries = new Map<string, Entry>();
    (report as ReadonlyMap<string, unknown>).forEach((value, id) => { entries.set(id, value as Entry); });
    this.seconds = this.readAt === undefined ? 0 : (nowMs - this.readAt) / 1_000;
    this.readAt = nowMs;
    this.next = new Map();
    const reading = this.readAll(entries, carried);
    this.counts = this.next;
    return reading;
  }

  private readAll(entries: ReadonlyMap<string, Entry>, carried: (mid: string) => CarriedMedium | undefined): Reading {
    const sample: MediaStatsReportSample = {
      audio: { send: [], receive: [] },
      video: { send: [], receive: [] },
      screenShare: { send: [], receive: [] },
      transports: [],
    };
    const receive = { packets: 0, lost: 0, rttMs: undefined as number | undefined, jitterMs: undefined as number | undefined };
    const send = { ...receive };
    let frames = 0;
    let dropped = 0;
    let limitedByCpu = false;
    let cameraFrames: number | undefined;
    const layers = new Map<string, OutgoingVideoMediaStats<number, string>[]>();
    for (const entry of entries.values()) {
      const mid = str(entry, 'mid');
      const what = mid === undefined ? undefined : carried(mid);
      if (entry.type === 'transport') {
        const transport = this.transport(entry, entries);
        sample.transports.push(transport);
        receive.rttMs ??= transport.rttInMs;
        send.rttMs ??= transport.rttInMs;
      } else if (entry.type === 'inbound-rtp' && what && (num(entry, 'packetsReceived') ?? 0) > 0) {
        const came = this.delta(entry, 'packetsReceived');
        const lost = Math.max(0, this.delta(entry, 'packetsLost'));
        receive.packets += came + lost;
        receive.lost += lost;
        if (what.medium === 'audio') {
          if (came > 0) receive.jitterMs = Math.max(receive.jitterMs ?? 0, (num(entry, 'jitter') ?? 0) * 1_000);
          sample.audio.receive.push(this.audioIn(entry, entries));
        } else {
          frames += this.delta(entry, 'framesReceived');
          dropped += this.delta(entry, 'framesDropped');
          sample[what.medium].receive.push(this.videoIn(entry, entries, what.streamId));
        }
      } else if (entry.type === 'outbound-rtp' && what && (num(entry, 'packetsSent') ?? 0) > 0) {
        const remote = entries.get(str(entry, 'remoteId') ?? '');
        const sent = this.delta(entry, 'packetsSent');
        send.packets += sent;
        send.lost += Math.min(sent, Math.max(0, remote ? this.delta(remote, 'packetsLost') : 0));
        // Video comes in bursts; only the even packets of audio tell jitter.
        const jitter = what.medium === 'audio' ? num(remote, 'jitter') : undefined;
        if (jitter !== undefined && sent > 0) send.jitterMs = Math.max(send.jitterMs ?? 0, jitter * 1_000);
        if (str(entry, 'qualityLimitationReason') === 'cpu') limitedByCpu = true;
        if (what.medium === 'audio') sample.audio.send.push(this.audioOut(entry, entries));
        else if (entries.has(str(entry, 'mediaSourceId') ?? '')) {
          const key = `${what.medium} ${mid ?? ''}`;
          layers.set(key, [...(layers.get(key) ?? []), this.videoOut(entry, entries)]);
        }
        const source = entries.get(str(entry, 'mediaSourceId') ?? '');
        const filmed = what.medium === 'video' && source ? this.delta(source, 'frames') : undefined;
        if (this.seconds > 0) cameraFrames ??= filmed;
      }
    }
    for (const [key, sent] of layers) sample[key.startsWith('video') ? 'video' : 'screenShare'].send.push(largest(sent));
    return { sample, receive, send, frames, dropped, limitedByCpu, cameraFrames };
  }

  /** How much a count grew since the last reading. */
  private delta(entry: Entry, name: string): number {
    const value = num(entry, name) ?? 0;
    const key = `${entry.id} ${name}`;
    this.next.set(key, value);
    const before = this.counts.get(key);
    return before === undefined || value < before ? 0 : value - before;
  }

  private rate(entry: Entry, name: string, by = 1): number | undefined {
    const grown = this.delta(entry, name);
    return this.seconds > 0 ? Math.round((grown * by) / this.seconds) : undefined;
  }

  private audioOut(entry: Entry, entries: ReadonlyMap<string, Entry>): OutgoingAudioMediaStats<number, string> {
    return known<OutgoingAudioMediaStats<number, string>>({
      ...this.sent(entry, entries),
      audioInputLevel: level(entries.get(str(entry, 'mediaSourceId') ?? '')),
    });
  }

  private audioIn(entry: Entry, entries: ReadonlyMap<string, Entry>): IncomingAudioMediaStats<number, string> {
    const total = num(entry, 'totalSamplesReceived') ?? 0;
    return known<IncomingAudioMediaStats<number, string>>({
      ...this.received(entry, entries),
      audioOutputLevel: level(entry),
      healedRatio: total > 0 ? scaled((num(entry, 'concealedSamples') ?? 0) / total, 1) : undefined,
    });
  }

  private videoOut(entry: Entry, entries: ReadonlyMap<string, Entry>): OutgoingVideoMediaStats<number, string> {
    const source = entries.get(str(entry, 'mediaSourceId') ?? '');
    return known<OutgoingVideoMediaStats<number, string>>({
      ...this.sent(entry, entries),
      frameRateInput: num(source, 'framesPerSecond'),
      frameWidthInput: num(source, 'width'),
      frameHeightInput: num(source, 'height'),
      framesEncoded: num(entry, 'framesEncoded'),
      frameRateEncoded: this.rate(entry, 'framesEncoded'),
      framesSent: num(entry, 'framesSent'),
      frameRateSent: this.rate(entry, 'framesSent'),
      frameWidthSent: num(entry, 'frameWidth'),
      frameHeightSent: num(entry, 'frameHeight'),
      keyFramesEncoded: num(entry, 'keyFramesEncoded'),
    });
  }

  private videoIn(entry: Entry, entries: ReadonlyMap<string, Entry>, streamId: number | undefined): IncomingVideoMediaStats<number, string> {
    const freezes = this.delta(entry, 'freezeCount');
    const frozen = this.delta(entry, 'totalFreezesDuration');
    if (freezes > 0) this.longestFreeze.set(entry.id, Math.max(this.longestFreeze.get(entry.id) ?? 0, frozen / freezes));
    return known<IncomingVideoMediaStats<number, string>>({
      ...this.received(entry, entries),
      streamId,
      frameRateDecoded: this.rate(entry, 'framesDecoded'),
      frameRateReceived: this.rate(entry, 'framesReceived'),
      frameWidthReceived: num(entry, 'frameWidth'),
      frameHeightReceived: num(entry, 'frameHeight'),
      longestFreezeDurationInMs: scaled(this.longestFreeze.get(entry.id) ?? 0, 1_000),
      totalFreezeDurationInMs: scaled(num(entry, 'totalFreezesDuration'), 1_000),
      framesReceived: num(entry, 'framesReceived'),
      framesDropped: num(entry, 'framesDropped'),
      framesDecoded: num(entry, 'framesDecoded'),
      keyFramesDecoded: num(entry, 'keyFramesDecoded'),
    });
  }

  private sent(entry: Entry, entries: ReadonlyMap<string, Entry>) {
    const remote = entries.get(str(entry, 'remoteId') ?? '');
    return {
      id: entry.id,
      codecName: codec(entry, entries),
      bitrate: this.rate(entry, 'bytesSent', 8),
      jitterInMs: scaled(num(remote, 'jitter'), 1_000),
      packets: num(entry, 'packetsSent'),
      packetsPerSecond: this.rate(entry, 'packetsSent'),
      packetsLost: num(remote, 'packetsLost'),
      packetsLostPerSecond: remote && this.rate(remote, 'packetsLost'),
      rttInMs: scaled(num(remote, 'roundTripTime'), 1_000),
      transportId: str(entry, 'transportId'),
    };
  }

  private received(entry: Entry, entries: ReadonlyMap<string, Entry>) {
    const emitted = num(entry, 'jitterBufferEmittedCount') ?? 0;
    return {
      id: entry.id,
      codecName: codec(entry, entries),
      bitrate: this.rate(entry, 'bytesReceived', 8),
      jitterInMs: scaled(num(entry, 'jitter'), 1_000),
      packets: num(entry, 'packetsReceived'),
      packetsPerSecond: this.rate(entry, 'packetsReceived'),
      packetsLost: num(entry, 'packetsLost'),
      packetsLostPerSecond: this.rate(entry, 'packetsLost'),
      rttInMs: scaled(num(pairOf(entries.get(str(entry, 'transportId') ?? ''), entries), 'currentRoundTripTime'), 1_000),
      jitterBufferDelayInMs: emitted > 0 ? scaled((num(entry, 'jitterBufferDelay') ?? 0) / emitted, 1_000) : undefined,
      transportId: str(entry, 'transportId'),
    };
  }

  private transport(entry: Entry, entries: ReadonlyMap<string, Entry>) {
    const pair = pairOf(entry, entries);
    return known<{ id: string; rttInMs?: number; availableIncomingBitrate?: number; availableOutgoingBitrate?: number }>({
      id: entry.id,
      rttInMs: scaled(num(pair, 'currentRoundTripTime'), 1_000),
      availableIncomingBitrate: num(pair, 'availableIncomingBitrate'),
      availableOutgoingBitrate: num(pair, 'availableOutgoingBitrate'),
    });
  }
}

function pairOf(transport: Entry | undefined, entries: ReadonlyMap<string, Entry>): Entry | undefined {
  return entries.get(str(transport, 'selectedCandidatePairId') ?? '');
}

function codec(entry: Entry, entries: ReadonlyMap<string, Entry>): string | undefined {
  return str(entries.get(str(entry, 'codecId') ?? ''), 'mimeType')?.split('/')[1];
}

function level(entry: Entry | undefined): number | undefined {
  const value = num(entry, 'audioLevel');
  return value === undefined ? undefined : Math.round(value * FULL_LEVEL);
}

/** The layer with the most pixels, the others beside it. */
function largest(layers: OutgoingVideoMediaStats<number, string>[]): OutgoingVideoMediaStats<number, string> {
  const [first, ...others] = [...layers].sort((a, b) => (b.frameWidthSent ?? 0) - (a.frameWidthSent ?? 0));
  return { ...(first as OutgoingVideoMediaStats<number, string>), ...(others.length > 0 ? { altLayouts: others } : {}) };
}
