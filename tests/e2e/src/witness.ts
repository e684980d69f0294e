/**
 * Watches one page: every peer connection it makes, every signalling frame in both directions, every host it contacts.
 */
import { type Locator, type Page, expect } from '@playwright/test';

declare global {
  interface Window {
    __peers?: RTCPeerConnection[];
  }
}

/** The names of this machine. */
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** What a page has received so far, summed over its peer connections. */
export interface Received {
  peers: number;
  packets: number;
  framesDecoded: number;
  /** Streams with at least one decoded frame. */
  videoStreams: number;
  audioEnergy: number;
  largestHeight: number;
}

/** One video on the page, as its element and the connection behind it tell. */
export interface Picture {
  /** Frames that the element has shown. */
  frames: number;
  /** Height of the newest decoded frame of the slot that the element shows. */
  height: number;
}

export class Witness {
  /** Every text frame that the signalling socket delivered to the page. */
  readonly frames: string[] = [];
  /** Every text frame that the page sent. */
  readonly sent: string[] = [];
  /** Every host that the page, its workers and its sockets asked for anything. */
  readonly hosts = new Set<string>();

  private constructor(readonly page: Page) {}

  /** Attach before the page loads. */
  static async attach(page: Page): Promise<Witness> {
    const witness = new Witness(page);
    page.context().on('request', (request) => {
      witness.contacted(request.url());
    });
    page.on('websocket', (socket) => {
      witness.contacted(socket.url());
      socket.on('framereceived', (frame) => {
        witness.frames.push(frame.payload.toString());
      });
      socket.on('framesent', (frame) => {
        witness.sent.push(frame.payload.toString());
      });
    });
    await page.addInitScript(() => {
      const peers: RTCPeerConnection[] = [];
      window.__peers = peers;
      const Original = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          peers.push(this);
        }
      };
    });
    return witness;
  }

  /** How often the page asked to be let into a meeting. */
  get joins(): number {
    return this.sent.filter((frame) => frame.includes('"type":"join"')).length;
  }

  /** Hosts that are not this machine. */
  get foreignHosts(): string[] {
    return [...this.hosts].filter((host) => !LOOPBACK.has(host));
  }

  /** The video inside this element; zeros while there is none. */
  async picture(inside: Locator): Promise<Picture> {
    return inside.evaluate(async (element) => {
      const video = element.querySelector('video');
      const stream = video?.srcObject;
      if (!(stream instanceof MediaStream)) return { frames: 0, height: 0 };
      const track = stream.getVideoTracks()[0]?.id;
      let height = 0;
      for (const peer of window.__peers ?? []) {
        if (peer.connectionState === 'closed') continue;
        const report = await peer.getStats();
        report.forEach((entry: { type: string; trackIdentifier?: string; frameHeight?: number }) => {
          if (entry.type === 'inbound-rtp' && entry.trackIdentifier === track) height = entry.frameHeight ?? 0;
        });
      }
      return { frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0, height };
    });
  }

  /** Waits until the server has reported on its video so often; the browser's answer to the first of these tells the server the round trip. */
  async isReportedTo(times: number): Promise<void> {
    const reports = (): Promise<number> =>
      this.page.evaluate(async () => {
        let most = 0;
        for (const peer of window.__peers ?? []) {
          if (peer.connectionState === 'closed') continue;
          const report = await peer.getStats();
          report.forEach((entry: { type: string; kind?: string; reportsSent?: number }) => {
            if (entry.type === 'remote-outbound-rtp' && entry.kind === 'video') most = Math.max(most, entry.reportsSent ?? 0);
          });
        }
        return most;
      });
    await expect.poll(reports, { message: 'reports of the server' }).toBeGreaterThanOrEqual(times);
  }

  /** Waits until the video inside this element shows new frames. */
  async sees(inside: Locator): Promise<void> {
    const before = (await this.picture(inside)).frames;
    await expect.poll(async () => (await this.picture(inside)).frames, { timeout: 60_000, message: 'the video shows new frames' }).toBeGreaterThan(before + 3);
  }

  private contacted(address: string): void {
    const { protocol, hostname } = new URL(address);
    if (/^(https?|wss?):$/.test(protocol)) this.hosts.add(hostname);
  }

  async received(): Promise<Received> {
    return this.page.evaluate(async () => {
      const sum = { peers: 0, packets: 0, framesDecoded: 0, videoStreams: 0, audioEnergy: 0, largestHeight: 0 };
      for (const peer of window.__peers ?? []) {
        sum.peers += 1;
        if (peer.connectionState === 'closed') continue;
        const report = await peer.getStats();
        report.forEach((entry: { type: string } & Record<string, number | undefined>) => {
          if (entry.type !== 'inbound-rtp') return;
          sum.packets += entry['packetsReceived'] ?? 0;
          const decoded = entry['framesDecoded'] ?? 0;
          sum.framesDecoded += decoded;
          if (decoded > 0) sum.videoStreams += 1;
          sum.largestHeight = Math.max(sum.largestHeight, entry['frameHeight'] ?? 0);
          sum.audioEnergy += entry['totalAudioEnergy'] ?? 0;
        });
      }
      return sum;
    });
  }

  /** Waits until this page decodes new video frames and hears more than silence. */
  async seesAndHears(): Promise<void> {
    const before = await this.received();
    await expect
      .poll(
        async () => {
          const now = await this.received();
          return { video: now.framesDecoded > before.framesDecoded + 10, audio: now.audioEnergy > before.audioEnergy + 1e-5 };
        },
        { timeout: 60_000, message: 'video frames and audio energy grow' },
      )
      .toEqual({ video: true, audio: true });
  }
}
