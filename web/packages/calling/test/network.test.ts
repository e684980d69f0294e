import { beforeEach, describe, expect, it, vi } from 'vitest';

import { DiagnosticQuality, Features } from '../src/index';
import { FakeMediaStream, MEMBER, OWN, connectedCall, participant, publication, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

type Made = Awaited<ReturnType<typeof connectedCall>>;

function network({ call }: Made): string[] {
  const seen: string[] = [];
  call.feature(Features.UserFacingDiagnostics).network.on('diagnosticChanged', ({ diagnostic, value }) => seen.push(`${diagnostic} ${String(value)}`));
  return seen;
}

async function answer({ socket }: Made): Promise<void> {
  await settle();
  socket.reply(socket.last('offerMedia').id, { type: 'media', sdp: 'answer 2' });
  await settle();
}

describe('a way to the server that is lost', () => {
  it('is looked for anew on the same connection, without a new peer', async () => {
    const made = await connectedCall();
    const { platform, socket } = made;
    const seen = network(made);
    platform.peer.flows = false;
    platform.peer.handlers.interrupted();
    await settle();
    expect(platform.peer.restarts).toBe(1);
    expect(socket.last('offerMedia').body).toMatchObject({ fresh: false });
    await answer(made);
    expect(platform.peer.answer).toBe('answer 2');
    platform.peer.flows = true;
    platform.peer.handlers.connected();
    await platform.advance(10_000);
    expect(platform.peers).toHaveLength(1);
    expect(seen).toEqual([`networkReconnect ${String(DiagnosticQuality.Bad)}`, `networkReconnect ${String(DiagnosticQuality.Good)}`]);
    expect(made.call.state).toBe('Connected');
  });

  it('keeps what the slots carry', async () => {
    const made = await connectedCall({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] });
    const { platform, socket, call } = made;
    const stream = call.remoteParticipants[0]!.videoStreams[0]!;
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 1, publication: 7, participant: MEMBER }] });
    platform.peer.tracks[0]!.arrive();
    expect(stream.isReceiving).toBe(true);
    platform.peer.handlers.interrupted();
    await answer(made);
    socket.event(3, { type: 'slots', bindings: [{ mid: '10', generation: 1, publication: null, participant: null }] });
    await settle();
    expect(stream.isReceiving).toBe(true);
    expect(socket.count('snapshot')).toBe(0);
  });

  it('that is not found in time is followed by a fresh connection', async () => {
    const made = await connectedCall();
    const { platform, socket } = made;
    platform.peer.flows = false;
    platform.peer.handlers.interrupted();
    await answer(made);
    await platform.advance(4_001);
    expect(platform.peers).toHaveLength(2);
    expect(platform.peers[0]?.closed).toBe(true);
    expect(socket.last('offerMedia').body).toMatchObject({ fresh: true });
  });

  it('that the server refuses to look for is replaced too', async () => {
    const { platform, socket } = await connectedCall();
    platform.peer.flows = false;
    platform.peer.handlers.interrupted();
    await settle();
    socket.push({
      type: 'response',
      id: socket.last('offerMedia').id,
      outcome: { type: 'refused', refusal: { code: 400, subCode: 46602, name: 'mediaRefused', message: 'x', cause: 'x', fixableBy: 'application', policy: null } },
    });
    await platform.advance(4_001);
    expect(platform.peers).toHaveLength(2);
  });

  it('with the socket is looked for when the socket is back', async () => {
    const made = await connectedCall();
    const { platform, socket } = made;
    socket.drop();
    platform.peer.handlers.interrupted();
    await platform.advance(100);
    expect(platform.peer.restarts).toBe(0);
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(20, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(platform.peers).toHaveLength(1);
    expect(platform.peer.restarts).toBe(1);
    expect(platform.socket.last('offerMedia').body).toMatchObject({ fresh: false });
  });
});

describe('another network', () => {
  it('is used at once, before the old one is given up, and nothing is replaced that goes on', async () => {
    const made = await connectedCall();
    made.platform.networks.forEach((tell) => { tell(true); });
    await answer(made);
    expect(made.platform.peer.restarts).toBe(1);
    await made.platform.advance(10_000);
    expect(made.platform.peers).toHaveLength(1);
  });

  it('is asked for a sign of life of the socket; silence is loss', async () => {
    const { platform } = await connectedCall();
    platform.networks.forEach((tell) => { tell(true); });
    expect(platform.socket.received.at(-1)).toEqual({ type: 'ping' });
    await platform.advance(3_100);
    expect(platform.socket.open && platform.sockets.length === 1).toBe(false);
  });

  it('its twin: a socket that answers stays', async () => {
    const { platform } = await connectedCall();
    platform.networks.forEach((tell) => { tell(true); });
    platform.socket.push({ type: 'pong' });
    await platform.advance(3_100);
    expect(platform.sockets).toHaveLength(1);
    expect(platform.socket.open).toBe(true);
  });

  it('of a page that was frozen is asked in the same way', async () => {
    const { platform } = await connectedCall();
    platform.resumed();
    expect(platform.socket.received.at(-1)).toEqual({ type: 'ping' });
  });
});

describe('no network', () => {
  it('is told while it is true, and never as false', async () => {
    const made = await connectedCall();
    const seen = network(made);
    const { network: own } = made.call.feature(Features.UserFacingDiagnostics);
    made.platform.networks.forEach((tell) => { tell(false); });
    expect(seen).toEqual(['noNetwork true']);
    expect(own.getLatest()).toMatchObject({ noNetwork: { value: true, valueType: 'DiagnosticFlag' } });
    made.platform.networks.forEach((tell) => { tell(true); });
    expect(seen).toEqual(['noNetwork true']);
    expect(own.getLatest()).not.toHaveProperty('noNetwork');
  });

  it('is known to a feature that is asked for later', async () => {
    const made = await connectedCall();
    made.platform.networks.forEach((tell) => { tell(false); });
    expect(made.call.feature(Features.UserFacingDiagnostics).network.getLatest()).toHaveProperty('noNetwork');
  });
});

describe('relays', () => {
  it('that do not answer are told, and taken back when they do; relays that always answered are not', async () => {
    const made = await connectedCall();
    const seen = network(made);
    made.platform.peer.handlers.relays(true);
    made.platform.peer.handlers.relays(false);
    made.platform.peer.handlers.relays(true);
    expect(seen).toEqual(['networkRelaysNotReachable true', 'networkRelaysNotReachable false']);
  });
});
