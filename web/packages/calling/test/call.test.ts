import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features } from '../src/index';
import type { Reply } from '../src/wire';
import { FakeMediaStream, MEMBER, OTHER, connectedCall, guestAgent, joiningCall, own, participant, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

describe('joining', () => {
  it('returns at once with a call in Connecting and announces it one microtask later', async () => {
    const { agent } = await guestAgent();
    const added: unknown[] = [];
    agent.on('callsUpdated', (args) => added.push(...args.added));
    const call = agent.join({ meetingLink: 'http://host/x' });
    expect(call.state).toBe('Connecting');
    expect(agent.calls).toContain(call);
    expect(added).toEqual([]);
    await settle();
    expect(added).toEqual([call]);
  });

  it('sends link, meeting ID with passcode and coordinates as they are', async () => {
    const { agent, platform } = await guestAgent();
    agent.join({ meetingLink: ' http://host/x ' });
    agent.join({ meetingId: '123 456', passcode: 'p' });
    agent.join({ threadId: 't', organizerId: 'o', tenantId: 'n', messageId: '0' });
    await settle();
    const locators = platform.socket.requests().flatMap(({ body }) => (body.type === 'join' ? [body.locator] : []));
    expect(locators).toEqual([
      { type: 'link', link: 'http://host/x' },
      { type: 'meetingId', meetingId: '123 456', passcode: 'p' },
      { type: 'coordinates', threadId: 't', organizerId: 'o', tenantId: 'n', messageId: '0' },
    ]);
    expect(platform.socket.last('join').body.displayName).toBe('Guest');
  });

  it('throws a real Error with the expected text for a locator that names nothing', async () => {
    const { agent } = await guestAgent();
    expect(() => agent.join({ meetingLink: ' ' })).toThrow('Invalid meeting link');
  });

  it('goes from the lobby to Connected with the thread id known by then', async () => {
    const { call, socket } = await joiningCall(true);
    const states: string[] = [];
    const threads: (string | undefined)[] = [];
    call.on('stateChanged', () => {
      states.push(call.state);
      threads.push(call.info.threadId);
    });
    socket.event(1, { type: 'waiting', notStarted: true });
    expect(call.state).toBe('InLobby');
    expect(call.meeting?.waitsForStart).toBe(true);
    expect(call.info.threadId).toBeUndefined();
    expect(call.remoteParticipants).toEqual([]);
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    expect(states).toEqual(['Connected']);
    expect(threads).toEqual(['19:meeting_x@thread.v2']);
    expect(call.meeting?.subject).toBe('Visit');
    await expect(call.info.getServerCallId()).resolves.toBe('srv');
  });

  it('has no media path while waiting and makes one when admitted', async () => {
    const { socket, platform } = await joiningCall(true);
    socket.event(1, { type: 'waiting', notStarted: false });
    await settle();
    expect(platform.peers).toHaveLength(0);
    expect(socket.count('offerMedia')).toBe(0);
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(platform.peers).toHaveLength(1);
    expect(socket.last('offerMedia').body.fresh).toBe(false);
  });

  it('ends with the numbers and the sentence of the refusal', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/x' });
    await settle();
    platform.socket.refuse(platform.socket.last('join').id, refusal());
    await settle();
    expect(call.state).toBe('Disconnected');
    expect(call.callEndReason).toMatchObject({ code: 403, subCode: 5222, message: 'No.', name: 'anonymousJoinDisabledByPolicy', fixableBy: 'administrator' });
  });
});

describe('the end', () => {
  it('sets the reason before Disconnected, and removes the call in the same tick', async () => {
    const { agent, call } = await connectedCall();
    const seen: string[] = [];
    call.on('stateChanged', () => seen.push(`${call.state}:${String(call.callEndReason?.code)}:${String(agent.calls.length)}`));
    agent.on('callsUpdated', ({ removed }) => seen.push(`removed:${removed[0]?.state ?? ''}`));
    await call.hangUp();
    expect(seen).toEqual(['Disconnecting:undefined:1', 'Disconnected:0:1', 'removed:Disconnected']);
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 0 });
  });

  it('hangs up at once while the server is silent, and tells it', async () => {
    const { call, socket, platform } = await connectedCall();
    await call.hangUp({ forEveryone: true });
    expect(call.state).toBe('Disconnected');
    expect(socket.last('leave').body.forEveryone).toBe(true);
    expect(platform.peer.closed).toBe(true);
  });

  it('goes straight to Disconnected when the server ends the call', async () => {
    const { call, socket } = await connectedCall();
    const states: string[] = [];
    call.on('stateChanged', () => states.push(call.state));
    socket.event(2, { type: 'ended', reason: refusal({ code: 0, subCode: 5300, name: 'removed', policy: null }) });
    expect(states).toEqual(['Disconnected']);
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 5300 });
    socket.event(3, { type: 'snapshot', snapshot: snapshot() });
    expect(call.state).toBe('Disconnected');
  });

  it('leaves on the server when the join is answered after the hang-up', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/x' });
    await settle();
    const { id } = platform.socket.last('join');
    await call.hangUp();
    platform.socket.reply(id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    await settle();
    expect(platform.socket.last('leave').call).toBe('c1');
  });

  it('leaves on the server when the join is answered after its time, and not when nothing was given up', async () => {
    const { platform, agent } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/l/meetup-join/x' }, { audioOptions: { muted: true } });
    await settle();
    const { socket } = platform;
    await platform.advance(5_000);
    socket.push({ type: 'pong' });
    await platform.advance(5_000);
    expect(call).toMatchObject({ state: 'Disconnected', callEndReason: { code: 408, subCode: 10057 } });
    expect(socket.count('leave')).toBe(0);
    const { id } = socket.last('join');
    const late: Reply = { type: 'joined', call: 'c9', session: 's9', resumeTicket: 't9', waiting: false };
    socket.reply(id, late);
    expect(socket.last('leave')).toMatchObject({ call: 'c9', body: { forEveryone: false } });
    // Once answered it is forgotten.
    socket.reply(id, late);
    expect(socket.count('leave')).toBe(1);
  });

  it('tells the server when the page is left', async () => {
    const { platform, socket } = await connectedCall();
    platform.pageLeft();
    expect(socket.count('leave')).toBe(1);
  });

  it('ends every call when the agent is disposed', async () => {
    const { agent, call } = await connectedCall();
    await agent.dispose();
    expect(call.state).toBe('Disconnected');
    expect(agent.connectionState).toBe('Disconnected');
  });
});

describe('people', () => {
  it('shows others but not oneself, and keeps one object per person', async () => {
    const { call, socket } = await connectedCall();
    expect(call.remoteParticipants.map(({ displayName, role, state }) => [displayName, role, state])).toEqual([['Maria', 'Organizer', 'Connected']]);
    const [maria] = call.remoteParticipants;
    const updates: unknown[] = [];
    call.on('remoteParticipantsUpdated', (update) => updates.push(update));
    let mutes = 0;
    maria?.on('isMutedChanged', () => (mutes += 1));
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { muted: true, role: 'organizer', displayName: 'Maria' })], left: [] });
    expect(call.remoteParticipants[0]).toBe(maria);
    expect(mutes).toBe(1);
    expect(updates).toEqual([]);
    socket.event(3, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    expect(maria?.state).toBe('Disconnected');
    expect(updates).toEqual([{ added: [], removed: [maria] }]);
  });

  it('fills the raw id, and hands an object to listeners of a changed name', async () => {
    const { call, socket } = await connectedCall();
    const [maria] = call.remoteParticipants;
    expect(maria?.identifier).toMatchObject({ kind: 'microsoftTeamsUser', rawId: MEMBER });
    const names: unknown[] = [];
    maria?.on('displayNameChanged', (args) => names.push(args));
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { displayName: 'Maria M.' })], left: [] });
    expect(names).toEqual([{ newValue: 'Maria M.', oldValue: 'Maria', reason: 'editedDisplayName' }]);
  });

  it('tells whose connection is lost and comes back, also when the person goes meanwhile', async () => {
    const { call, socket } = await connectedCall();
    const [person] = call.remoteParticipants;
    const seen: unknown[] = [];
    person?.on('isReconnectingChanged', () => seen.push([person.isReconnecting, person.state]));
    const told = (reconnecting: boolean) => ({ type: 'participants', upserted: [participant(MEMBER, { reconnecting })], left: [] });
    socket.event(2, told(true));
    socket.event(3, told(true));
    socket.event(4, told(false));
    socket.event(5, told(true));
    socket.event(6, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    expect(seen).toEqual([[true, 'Connected'], [false, 'Connected'], [true, 'Connected'], [false, 'Connected']]);
    expect(person?.state).toBe('Disconnected');
  });

  it('tells who speaks', async () => {
    const { call, socket } = await connectedCall();
    const [maria] = call.remoteParticipants;
    socket.event(2, { type: 'speaking', changes: [{ id: MEMBER, speaking: true }], dominant: [MEMBER] });
    expect(maria?.isSpeaking).toBe(true);
    expect(call.feature(Features.DominantSpeakers).dominantSpeakers.speakersList).toMatchObject([{ rawId: MEMBER }]);
    socket.event(3, { type: 'speaking', changes: [{ id: MEMBER, speaking: false }], dominant: [] });
    expect(maria?.isSpeaking).toBe(false);
  });
});

describe('the lobby', () => {
  const waiting = { id: OTHER, session: 's9', displayName: 'Otto', kind: 'guest' as const, since: '2026-01-01T00:00:00Z' };

  it('lists who waits also as InLobby participants, and keeps the object when admitted', async () => {
    const { call, socket } = await connectedCall();
    const updates: { added: string[]; removed: string[] }[] = [];
    call.lobby?.on('lobbyParticipantsUpdated', ({ added, removed }) =>
      updates.push({ added: added.map(({ displayName }) => displayName ?? ''), removed: removed.map(({ displayName }) => displayName ?? '') }),
    );
    socket.event(2, { type: 'lobby', added: [waiting], removed: [] });
    const otto = call.lobby?.participants[0];
    expect(otto?.state).toBe('InLobby');
    expect(call.remoteParticipants).toContain(otto);
    socket.event(3, { type: 'participants', upserted: [participant(OTHER, { displayName: 'Otto' })], left: [] });
    socket.event(4, { type: 'lobby', added: [], removed: [OTHER] });
    expect(otto?.state).toBe('Connected');
    expect(call.lobby?.participants).toEqual([]);
    expect(call.remoteParticipants).toContain(otto);
    expect(updates).toEqual([
      { added: ['Otto'], removed: [] },
      { added: [], removed: ['Otto'] },
    ]);
  });

  it('admits one, rejects one, and counts who was admitted together', async () => {
    const { call, socket } = await connectedCall();
    const admit = call.lobby?.admit({ communicationUserId: OTHER });
    socket.reply(socket.last('admit').id, { type: 'admitted', admitted: 1, failed: 0 });
    await admit;
    expect(socket.last('admit').body.participants).toEqual([OTHER]);
    const reject = call.lobby?.reject({ communicationUserId: OTHER });
    socket.refuse(socket.last('reject').id, refusal({ name: 'roleForbidsAdmit', subCode: 46606 }));
    await expect(reject).rejects.toMatchObject({ code: 403, subCode: 46606, name: 'CommunicationServicesError' });
    await expect(reject).rejects.toBeInstanceOf(Error);
    const all = call.lobby?.admitAll();
    socket.reply(socket.last('admit').id, { type: 'admitted', admitted: 2, failed: 1 });
    await expect(all).resolves.toEqual({ successCount: 2, failureCount: 1 });
  });
});

describe('own state', () => {
  it('is muted by others: muted, told so, and not unmuted again by itself', async () => {
    const { call, socket } = await connectedCall({ own: own({ muted: false }) }, true);
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => Promise.resolve(new FakeMediaStream([])) } });
    const unmute = call.unmute();
    await settle();
    if (socket.count('setPublication') > 0) socket.reply(socket.last('setPublication').id, { type: 'done' });
    await unmute;
    expect(call.isMuted).toBe(false);
    const events: string[] = [];
    call.on('mutedByOthers', () => events.push('mutedByOthers'));
    call.on('isMutedChanged', () => events.push(`isMuted ${String(call.isMuted)}`));
    socket.event(2, { type: 'own', own: own({ muted: true, mutedByOther: true }) });
    await settle();
    expect(events).toEqual(['isMuted true', 'mutedByOthers']);
    vi.unstubAllGlobals();
  });

  it('changes role', async () => {
    const { call, socket } = await connectedCall();
    let changes = 0;
    call.on('roleChanged', () => (changes += 1));
    socket.event(2, { type: 'own', own: own({ role: 'presenter' }) });
    expect(call.role).toBe('Presenter');
    expect(changes).toBe(1);
  });

  it('locks the meeting and gives roles through the extension', async () => {
    const { call, socket } = await connectedCall();
    const lock = call.meeting?.setLocked(true);
    socket.reply(socket.last('setLocked').id, { type: 'done' });
    await lock;
    const role = call.meeting?.setRole({ communicationUserId: OTHER }, 'Co-organizer');
    expect(socket.last('setRole').body).toEqual({ type: 'setRole', participant: OTHER, role: 'coOrganizer' });
    socket.reply(socket.last('setRole').id, { type: 'done' });
    await role;
  });
});

describe('proxies', () => {
  it('lets every method work through a proxy', async () => {
    const { call, socket, agent } = await connectedCall();
    const proxied = new Proxy(call, {});
    const { hangUp, feature } = proxied;
    expect(feature(Features.RaiseHand)).toBe(call.feature(Features.RaiseHand));
    const lobby = new Proxy(proxied.lobby as object, {}) as NonNullable<typeof call.lobby>;
    const all = lobby.admitAll();
    socket.reply(socket.last('admit').id, { type: 'admitted', admitted: 0, failed: 0 });
    await all;
    await hangUp.call(proxied);
    expect(call.state).toBe('Disconnected');
    expect(() => { new Proxy(agent, {}).off('callsUpdated', () => undefined); }).not.toThrow();
  });
});
