import { beforeEach, describe, expect, it, vi } from 'vitest';

import { isRelayed } from '../src/adapters/peer';
import type { IceServer } from '../src/wire';
import { FakeMediaStream, connectedCall, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

const HOUR_MS = 3_600_000;

function relay(name: string, lifetimeS: number | null = 3600): IceServer {
  return { urls: ['turn:relay.test:3478'], username: name, credential: 'secret', ...(lifetimeS === null ? {} : { lifetimeS }) };
}

type Made = Awaited<ReturnType<typeof connectedCall>>;

function names({ platform }: Made): (string | null)[] {
  return platform.peer.servers.map(({ username }) => username);
}

async function called(iceServers: IceServer[]): Promise<Made> {
  const made = await connectedCall({ iceServers });
  made.platform.answersPings = true;
  return made;
}

/** The server answers the last request for newer servers. */
async function give({ socket }: Made, iceServers: IceServer[]): Promise<void> {
  socket.reply(socket.last('renewIceServers').id, { type: 'iceServers', iceServers });
  await settle();
}

describe('the relays of a call', () => {
  it('come with its snapshot and are used by its connection', async () => {
    expect(names(await called([relay('first')]))).toEqual(['first']);
    expect(names(await connectedCall())).toEqual([]);
  });

  it('are asked for anew when three quarters of their life are over, and used for the next way', async () => {
    const made = await called([relay('first')]);
    await made.platform.advance(HOUR_MS * 0.75 - 1000);
    expect(made.socket.count('renewIceServers')).toBe(0);
    await made.platform.advance(1000);
    expect(made.socket.count('renewIceServers')).toBe(1);
    await give(made, [relay('second')]);
    expect(names(made)).toEqual(['second']);
    expect(made.platform.peer.restarts).toBe(0);
    await made.platform.advance(HOUR_MS * 0.75);
    expect(made.socket.count('renewIceServers')).toBe(2);
  });

  it('that media flow through are left for the newer ones while they still work', async () => {
    const made = await called([relay('first')]);
    made.platform.peer.relayed = true;
    await made.platform.advance(HOUR_MS * 0.75);
    await give(made, [relay('second')]);
    expect(made.platform.peer.restarts).toBe(1);
    made.socket.reply(made.socket.last('offerMedia').id, { type: 'media', sdp: 'answer 2' });
    await made.platform.advance(10_000);
    expect(made.platform.peers).toHaveLength(1);
    expect(made.call.state).toBe('Connected');
  });

  it('that are not renewed are asked for again before they end, and no longer after', async () => {
    const made = await called([relay('first', 80)]);
    await made.platform.advance(60_000);
    await give(made, []);
    await made.platform.advance(10_000);
    expect(made.socket.count('renewIceServers')).toBe(2);
    await give(made, []);
    await made.platform.advance(10_000);
    await give(made, []);
    await made.platform.advance(HOUR_MS);
    expect(made.socket.count('renewIceServers')).toBe(3);
    expect(names(made)).toEqual(['first']);
  });

  it('without an end are never asked for', async () => {
    const made = await called([relay('for ever', null)]);
    await made.platform.advance(24 * HOUR_MS);
    expect(made.socket.count('renewIceServers')).toBe(0);
  });

  it('are replaced by those of the snapshot after a lost socket', async () => {
    const made = await called([relay('first')]);
    made.socket.drop();
    await made.platform.advance(2_000);
    made.platform.socket.accept();
    made.platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    made.platform.socket.event(20, { type: 'snapshot', snapshot: snapshot({ iceServers: [relay('third')] }) });
    await settle();
    expect(names(made)).toEqual(['third']);
  });

  it('are asked for no more when the call is over', async () => {
    const made = await called([relay('first')]);
    void made.call.hangUp();
    await made.platform.advance(2 * HOUR_MS);
    expect(made.socket.count('renewIceServers')).toBe(0);
  });
});

describe('a way through a relay', () => {
  const report = (candidateType: string, byTransport: boolean): Map<string, unknown> =>
    new Map<string, unknown>([
      ['t', { type: 'transport', ...(byTransport ? { selectedCandidatePairId: 'p' } : {}) }],
      ['p', { type: 'candidate-pair', localCandidateId: 'c', ...(byTransport ? {} : { selected: true }) }],
      ['q', { type: 'candidate-pair', localCandidateId: 'other', selected: false }],
      ['c', { type: 'local-candidate', candidateType }],
      ['other', { type: 'local-candidate', candidateType: 'relay' }],
    ]);

  it('is told by the pair in use, however the browser names it', () => {
    for (const byTransport of [true, false]) {
      expect(isRelayed(report('relay', byTransport))).toBe(true);
      expect(isRelayed(report('host', byTransport))).toBe(false);
    }
    expect(isRelayed(new Map())).toBe(false);
  });
});
