/**
 * What flows through the peer connections of a page, and claims that something does not.
 *
 * A silence is measured while something else goes on (`stands`), so that no test waits for time to pass.
 */
import { expect } from '@playwright/test';

import type { Person } from './person.js';

/** Sums over the inbound and outbound streams of a page. */
export interface Flow {
  /** Packets of sound that came in. */
  readonly sound: number;
  /** Energy of the sound that came in. */
  readonly energy: number;
  /** Packets of pictures that came in. */
  readonly pictures: number;
  /** Pictures that were decoded. */
  readonly frames: number;
  /** Packets that went out. */
  readonly sent: number;
}

/** Each peer connection of the page, in the order in which they were made. */
export function flows(person: Person): Promise<Flow[]> {
  return person.run(async () => {
    const all: Flow[] = [];
    for (const peer of window.__peers ?? []) {
      const sum = { sound: 0, energy: 0, pictures: 0, frames: 0, sent: 0 };
      (await peer.getStats()).forEach((entry: { type: string; kind?: string } & Record<string, number | undefined>) => {
        if (entry.type === 'outbound-rtp') sum.sent += entry['packetsSent'] ?? 0;
        if (entry.type !== 'inbound-rtp') return;
        sum[entry.kind === 'audio' ? 'sound' : 'pictures'] += entry['packetsReceived'] ?? 0;
        sum.energy += entry['totalAudioEnergy'] ?? 0;
        sum.frames += entry['framesDecoded'] ?? 0;
      });
      all.push(sum);
    }
    return all;
  });
}

/** All peer connections together. */
export async function flow(person: Person): Promise<Flow> {
  const sum = { sound: 0, energy: 0, pictures: 0, frames: 0, sent: 0 };
  for (const one of await flows(person)) for (const key of Object.keys(sum) as (keyof Flow)[]) sum[key] += one[key];
  return sum;
}

/** Packets that came in. */
export const packets = ({ sound, pictures }: Flow): number => sound + pictures;

/**
 * Claims that what `still` measures does not change while what `goesOn` measures grows by `by`: three seconds of sound are 150 packets, of pictures
 * at least 30 frames. A tenth of that is left before for what is still on its way.
 */
export async function stands(still: () => Promise<unknown>, goesOn: () => Promise<number>, by: number, message: string): Promise<void> {
  const grows = async (much: number): Promise<void> => {
    const begun = await goesOn();
    await expect.poll(goesOn, { timeout: 60_000, message: `what goes on while ${message}` }).toBeGreaterThan(begun + much);
  };
  await grows(by / 10);
  const before = await still();
  await grows(by);
  expect(await still(), message).toEqual(before);
}
