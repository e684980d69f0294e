/**
 * Watches one page from inside: every peer connection it makes and every signalling frame it receives.
 */
import { type Page, expect } from '@playwright/test';

declare global {
  interface Window {
    __peers?: RTCPeerConnection[];
  }
}

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

export class Witness {
  /** Every text frame that the signalling socket delivered to the page. */
  readonly frames: string[] = [];

  private constructor(readonly page: Page) {}

  /** Attach before the page loads. */
  static async attach(page: Page): Promise<Witness> {
    const witness = new Witness(page);
    page.on('websocket', (socket) => {
      socket.on('framereceived', (frame) => {
        witness.frames.push(frame.payload.toString());
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
        { timeout: 30_000, message: 'video frames and audio energy grow' },
      )
      .toEqual({ video: true, audio: true });
  }
}
