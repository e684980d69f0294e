import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Features } from '../src/index';
import type { CallClientFeature } from '../src/index';
import { ClientPresence } from '../src/features/client-presence';
import { FakePlatform, guestAgent } from './harness';

/** A channel that delivers at once to the others of the same name. */
class FakeChannel {
  static readonly open = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) { FakeChannel.open.add(this); }
  postMessage(data: unknown): void {
    for (const other of [...FakeChannel.open]) if (other !== this) other.onmessage?.({ data });
  }
  close(): void { FakeChannel.open.delete(this); }
}

beforeEach(() => { vi.stubGlobal('BroadcastChannel', FakeChannel); });
afterEach(() => {
  expect(FakeChannel.open.size, 'no channel stays').toBe(0);
  vi.unstubAllGlobals();
});

describe('a client in another tab', () => {
  it('is known while it has an agent, in both tabs', async () => {
    const { client, agent, platform } = await guestAgent();
    const debug = client.feature(Features.DebugInfo);
    let changes = 0;
    debug.on('isCallClientActiveInAnotherTabChanged', () => { changes += 1; });
    expect(debug.isCallClientActiveInAnotherTab).toBe(false);
    const other = new ClientPresence(platform, 'another page');
    other.setActive(true);
    expect([debug.isCallClientActiveInAnotherTab, other.isElsewhere, changes]).toEqual([true, true, 1]);
    // A copy, as the stateful client of the UI library makes one, still listens.
    expect({ ...debug }.isCallClientActiveInAnotherTab).toBe(true);
    other.setActive(false);
    expect([debug.isCallClientActiveInAnotherTab, changes]).toEqual([false, 2]);
    await agent.dispose();
  });

  it('is not told of any more after the feature was disposed', async () => {
    const { client, agent, platform } = await guestAgent();
    const debug = client.feature(Features.DebugInfo);
    const changed = vi.fn();
    debug.on('isCallClientActiveInAnotherTabChanged', changed);
    const other = new ClientPresence(platform, 'another page');
    other.setActive(true);
    expect(changed).toHaveBeenCalledOnce();
    const feature: CallClientFeature = debug;
    expect(feature.name).toBe('DebugInfo');
    feature.dispose();
    other.setActive(false);
    expect(changed).toHaveBeenCalledOnce();
    await agent.dispose();
  });

  it('that went without a word is forgotten', async () => {
    const { client, agent, platform } = await guestAgent();
    platform.answersPings = true;
    const debug = client.feature(Features.DebugInfo);
    new FakeChannel('').postMessage({ id: 'crashed', page: 'another page', word: 'here' });
    for (const channel of [...FakeChannel.open]) if (channel.name === '') channel.close();
    expect(debug.isCallClientActiveInAnotherTab).toBe(true);
    await platform.advance(80_000);
    expect(debug.isCallClientActiveInAnotherTab).toBe(true);
    await platform.advance(21_000);
    expect(debug.isCallClientActiveInAnotherTab).toBe(false);
    await agent.dispose();
  });

  it('is no other client of the same page, and no word that is none', async () => {
    const one = await guestAgent();
    const other = await guestAgent();
    new FakeChannel('').postMessage('anything');
    for (const channel of [...FakeChannel.open]) if (channel.name === '') channel.close();
    expect(one.client.feature(Features.DebugInfo).isCallClientActiveInAnotherTab).toBe(false);
    await one.client.dispose();
    await other.client.dispose();
  });

  it('is not looked for before there is an agent, and where there are no channels nothing breaks', () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const presence = new ClientPresence(new FakePlatform());
    presence.setActive(true);
    expect(presence.isElsewhere).toBe(false);
    presence.setActive(false);
  });
});
