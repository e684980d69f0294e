// A member's agent and calls, which have types of their own: what other tests show of a guest's, shown of them.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { TeamsCall, TeamsIncomingCall } from '../src/index';
import { CallKind, IncomingCallKind } from '../src/index';
import { FakeMediaStream, FakePlatform, MEMBER, OTHER, clientOn, credential, meeting, own, participant, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
});

async function memberAgent() {
  const platform = new FakePlatform();
  const creating = clientOn(platform).createTeamsCallAgent(credential());
  await settle();
  platform.socket.accept();
  platform.socket.welcome({ id: MEMBER, kind: 'member', displayName: 'Maria' });
  const agent = await creating;
  await platform.advance(0);
  return { platform, agent, socket: platform.socket };
}

const inside = (...others: string[]) =>
  snapshot({
    meeting: meeting({ kind: 'direct', threadId: '' }),
    own: own({ id: MEMBER, role: 'presenter' }),
    participants: [MEMBER, ...others].map((id) => participant(id)),
  });

describe("a member's agent", () => {
  it('lists its calls, and tells each that comes and goes', async () => {
    const { agent, socket } = await memberAgent();
    const told: [readonly TeamsCall[], readonly TeamsCall[]][] = [];
    agent.on('callsUpdated', ({ added, removed }) => told.push([added, removed]));
    const call = agent.join({ meetingLink: 'http://host/x' }, { audioOptions: { muted: true } });
    await settle();
    expect(agent.calls).toEqual([call]);
    socket.refuse(socket.last('join').id, refusal());
    await settle();
    expect(call.state).toBe('Disconnected');
    expect(agent.calls).toEqual([]);
    expect(told).toEqual([[[call], []], [[], [call]]]);
  });

  it('tells when its connection is lost', async () => {
    const { agent, platform } = await memberAgent();
    const told: unknown[] = [];
    agent.on('connectionStateChanged', ({ oldValue, newValue }) => told.push([oldValue, newValue]));
    expect(agent.connectionState).toBe('Connected');
    await agent.dispose();
    expect(agent.connectionState).not.toBe('Connected');
    expect(platform.socket.open).toBe(false);
    expect(told).toEqual([['Connected', agent.connectionState]]);
  });

  it('is rung, and what it accepts is a call of its own kind with the id that rang', async () => {
    const { agent, socket } = await memberAgent();
    const rings: TeamsIncomingCall[] = [];
    agent.on('incomingCall', ({ incomingCall }) => rings.push(incomingCall));
    socket.push({
      type: 'incoming',
      incoming: { id: 'i-1', kind: 'direct', caller: OTHER, callerName: 'Ada', customContext: {}, transferor: null, transferorName: null },
    });
    const [incoming] = rings;
    expect(incoming?.kind).toBe(IncomingCallKind.TeamsIncomingCall);
    // Whoever is rung does not know the call yet.
    await expect(incoming?.info.getServerCallId()).rejects.toMatchObject({ code: 412 });
    const accepting = incoming?.accept({ audioOptions: { muted: true } });
    await settle();
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: inside(OTHER) });
    const call = await accepting;
    expect([call?.kind, call?.id, call?.state]).toEqual([CallKind.TeamsCall, 'i-1', 'Connected']);
    expect(agent.calls).toEqual([call]);
    await expect(call?.info.getServerCallId()).resolves.toBe('srv');
  });
});

describe("a member's call", () => {
  it('adds a person, who is given at once and told about when it rings', async () => {
    const { agent, socket } = await memberAgent();
    const call = agent.startCall([{ communicationUserId: OTHER }], { audioOptions: { muted: true } });
    await settle();
    socket.reply(socket.last('startCall').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: inside(OTHER) });
    await settle();
    const third = '8:acs:resource_third';
    const person = call.addParticipant({ communicationUserId: third });
    expect(person.state).toBe('Connecting');
    expect(socket.last('addParticipants').body).toEqual({ type: 'addParticipants', participants: [third], customContext: {} });
    socket.event(2, { type: 'participants', upserted: [participant(third, { presence: 'ringing' })], left: [] });
    expect(person.state).toBe('Ringing');
    expect(call.remoteParticipants).toContain(person);
    expect(() => call.addParticipant({ phoneNumber: '+4930123' })).toThrow(expect.objectContaining({ subCode: 45800 }));
  });
});
