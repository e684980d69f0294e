import { getIdentifierRawId } from '@azure/communication-common';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { SaidQueue } from '../src/core/said-queue';
import { Features } from '../src/index';
import { FakeMediaStream, connectedCall, joiningCall, participant, refusal, settle, snapshot, MEMBER, OTHER, OWN } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

const gone = refusal({ code: 403, subCode: 45008, name: 'resumeTicketInvalid', policy: null });

describe('a lost socket', () => {
  it('comes back as the same session with the ticket, and with the next ticket after that', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.drop();
    expect(call.state).toBe('Connected');
    await platform.advance(1_000);
    platform.socket.accept();
    expect(platform.socket.hello.resume).toEqual([{ call: 'c1', ticket: 't1' }]);
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(20, { type: 'snapshot', snapshot: snapshot() });
    platform.socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    expect(platform.socket.hello.resume).toEqual([{ call: 'c1', ticket: 't2' }]);
    expect(call.state).toBe('Connected');
  });

  it('keeps the media connection that still works', async () => {
    const { platform, socket } = await connectedCall();
    socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(20, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(platform.peers).toHaveLength(1);
    expect(platform.peer.closed).toBe(false);
  });

  it('joins anew when the server knows nothing of the session any more', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ lost: [{ call: 'c1', refusal: gone }] });
    await settle();
    expect(call.state).toBe('Connected');
    const { id } = platform.socket.last('join');
    platform.socket.reply(id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't9', waiting: false });
    platform.socket.event(1, { type: 'snapshot', snapshot: snapshot() }, 'c2');
    await settle();
    expect(platform.peers).toHaveLength(2);
    expect(platform.socket.last('offerMedia')).toMatchObject({ call: 'c2', body: { fresh: true } });
  });

  it('ends with the reason when the person was removed meanwhile', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ lost: [{ call: 'c1', refusal: refusal({ code: 0, subCode: 5300, name: 'removed', policy: null }) }] });
    await settle();
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 5300 });
    expect(platform.socket.count('join')).toBe(0);
  });

  it('waits for the next server when this one stops', async () => {
    const { platform, call, socket } = await connectedCall();
    const stopping = refusal({ code: 503, subCode: 5919, name: 'serverStopping', policy: null });
    socket.event(2, { type: 'ended', reason: stopping });
    await settle();
    expect(call.state).toBe('Connected');
    expect(socket.count('join')).toBe(1);
    await platform.advance(1_001);
    socket.refuse(socket.last('join').id, stopping);
    await settle();
    expect(call.state).toBe('Connected');
    socket.push({ type: 'closing', refusal: stopping });
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome();
    await settle();
    platform.socket.reply(platform.socket.last('join').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't9', waiting: false });
    platform.socket.event(1, { type: 'snapshot', snapshot: snapshot() }, 'c2');
    await settle();
    expect(call.state).toBe('Connected');
    expect(platform.peers).toHaveLength(2);
  });

  it('goes back to the lobby, without people, when the meeting began anew', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ lost: [{ call: 'c1', refusal: gone }] });
    await settle();
    platform.socket.reply(platform.socket.last('join').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't9', waiting: true });
    platform.socket.event(1, { type: 'waiting', notStarted: false }, 'c2');
    await settle();
    expect(call.state).toBe('InLobby');
    expect(call.remoteParticipants).toEqual([]);
    expect(platform.peer.closed).toBe(true);
  });

  it('ends after two minutes with a network code, and not before', async () => {
    const { platform, call, socket } = await connectedCall();
    socket.drop();
    await platform.advance(119_000);
    expect(call.state).toBe('Connected');
    await platform.advance(2_000);
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ code: 490, subCode: 4502 });
  });

  it('sends the join again when the socket went before the answer', async () => {
    const { platform, call } = await joiningCall(false);
    const lateCall = call;
    platform.socket.drop();
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    expect(lateCall.state).toBe('Connected');
  });
});

describe('a missed delta', () => {
  it('asks for one snapshot, drops deltas until it comes, then goes on', async () => {
    const { call, socket } = await connectedCall();
    socket.event(3, { type: 'participants', upserted: [participant(OTHER)], left: [] });
    socket.event(4, { type: 'participants', upserted: [participant('8:acs:resource_third')], left: [] });
    expect(socket.count('snapshot')).toBe(1);
    expect(call.remoteParticipants).toHaveLength(1);
    socket.event(5, { type: 'snapshot', snapshot: snapshot({ participants: [participant(OWN), participant(MEMBER), participant(OTHER)] }) });
    expect(call.remoteParticipants).toHaveLength(2);
    socket.event(6, { type: 'participants', upserted: [], left: [{ id: OTHER, removed: true }] });
    expect(call.remoteParticipants).toHaveLength(1);
    expect(socket.count('snapshot')).toBe(1);
  });

  it('holds back what is said until its people are there, in its order; a transfer waits for nothing', async () => {
    const { agent, call, socket } = await connectedCall();
    const seen: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added }) => { for (const { identifier } of added) seen.push(`added ${getIdentifierRawId(identifier)}`); });
    call.feature(Features.Reaction).on('reaction', ({ identifier, reactionMessage }) => seen.push(`${reactionMessage.reactionType} ${String(identifier)}`));
    socket.event(3, { type: 'reaction', participant: OTHER, reaction: 'heart' });
    socket.event(4, { type: 'reaction', participant: MEMBER, reaction: 'like' });
    expect(seen).toEqual([]);
    socket.event(5, { type: 'transferAsked', transfer: 't-1' });
    await settle();
    expect(agent.calls).toHaveLength(2);
    socket.event(6, { type: 'snapshot', snapshot: snapshot({ participants: [participant(OWN), participant(MEMBER), participant(OTHER)] }) });
    expect(seen).toEqual([`added ${OTHER}`, `heart ${OTHER}`, `like ${MEMBER}`]);
    socket.event(7, { type: 'reaction', participant: OTHER, reaction: 'laugh' });
    expect(seen.at(-1)).toBe(`laugh ${OTHER}`);
  });

  it('keeps no more of what is said than a moment holds, and nothing after the end', () => {
    const heard: string[] = [];
    const queue = new SaidQueue((event) => { if (event.type === 'reaction') heard.push(event.participant); });
    for (let at = 0; at < 250; at += 1) queue.take({ type: 'reaction', participant: String(at), reaction: 'like' }, true);
    queue.flush();
    expect([heard.length, heard[0], heard.at(-1)]).toEqual([200, '50', '249']);
    queue.take({ type: 'reaction', participant: 'late', reaction: 'like' }, true);
    queue.clear();
    queue.flush();
    expect(heard).toHaveLength(200);
  });

  it('is not suspected when an event of a later version passes', async () => {
    const { call, socket } = await connectedCall();
    socket.event(2, { type: 'fireworks' });
    socket.event(3, { type: 'participants', upserted: [participant(OTHER)], left: [] });
    expect(socket.count('snapshot')).toBe(0);
    expect(call.remoteParticipants).toHaveLength(2);
  });

  it('is also what an unreadable delta is; an unreadable snapshot ends the call instead of asking for ever', async () => {
    const { call, socket } = await connectedCall();
    socket.push({ type: 'event', call: 'c1', revision: 2, event: { type: 'participants', upserted: 'no' } });
    expect(socket.count('snapshot')).toBe(1);
    socket.push({ type: 'event', call: 'c1', revision: 3, event: { type: 'snapshot', snapshot: {} } });
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ name: 'protocol' });
  });
});
