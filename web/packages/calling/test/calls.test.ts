import { beforeEach, describe, expect, it, vi } from 'vitest';

import { contextFromWire, contextToWire } from '../src/core/custom-context';
import { rawIdOf } from '../src/core/roles';
import type { Call, IncomingCall, RemoteParticipant } from '../src/index';
import { Features, IncomingCallKind, LocalAudioStream } from '../src/index';
import type { IncomingCall as WireIncoming, MeetingState, Participant, Snapshot } from '../src/wire';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OTHER, OWN, connectedCall, guestAgent, mediaStream, meeting, own, participant, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
});

const direct: MeetingState = meeting({ kind: 'direct', threadId: '' });
const ringing = (id: string): Participant => participant(id, { presence: 'ringing', session: '', displayName: '' });
const NO_ANSWER = refusal({ code: 487, subCode: 10004, name: 'noAnswer', message: 'Nobody answered.' });

function state(participants: Participant[]): Snapshot {
  return snapshot({ meeting: direct, own: own({ role: 'presenter' }), participants: [participant(OWN), ...participants] });
}

async function calling(participants: Participant[] = [ringing(OTHER)], options = {}) {
  const made = await guestAgent();
  const call = made.agent.startCall(participants.map(({ id }) => ({ communicationUserId: id })), { audioOptions: { muted: true }, ...options });
  const states: string[] = [];
  call.on('stateChanged', () => states.push(call.state));
  await settle();
  const { socket } = made.platform;
  const request = socket.last('startCall');
  socket.reply(request.id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
  socket.event(1, { type: 'snapshot', snapshot: state(participants) });
  await settle();
  return { ...made, call, socket, states, request };
}

function wireIncoming(over: Partial<WireIncoming> = {}): WireIncoming {
  return { id: 'i-1', kind: 'direct', caller: OTHER, callerName: 'Ada', customContext: {}, transferor: null, transferorName: null, ...over };
}

async function rung(over: Partial<WireIncoming> = {}) {
  const made = await guestAgent();
  const calls: IncomingCall[] = [];
  const handled: unknown[] = [];
  await made.platform.advance(0);
  made.agent.on('incomingCall', ({ incomingCall }) => calls.push(incomingCall));
  made.agent.on('handleIncomingCall', (event) => handled.push(event));
  const { socket } = made.platform;
  socket.push({ type: 'incoming', incoming: wireIncoming(over) });
  const incoming = calls[0];
  if (!incoming) throw new Error('nothing rings');
  return { ...made, socket, incoming, calls, handled };
}

describe('a call to people', () => {
  it('connects, rings, and is connected when somebody answers', async () => {
    const { call, socket, states } = await calling();
    expect(call.direction).toBe('Outgoing');
    expect(states).toEqual(['Ringing']);
    expect(call.remoteParticipants.map((who) => who.state)).toEqual(['Ringing']);
    expect(call.lobby).toBeUndefined();
    expect(call.info.threadId).toBeFalsy();
    const other = call.remoteParticipants[0]!;
    const names: unknown[] = [];
    other.on('displayNameChanged', ({ newValue }) => names.push(newValue));
    socket.event(2, { type: 'participants', upserted: [participant(OTHER, { displayName: 'Bo' })], left: [] });
    expect(states).toEqual(['Ringing', 'Connected']);
    expect([other.state, other.displayName, names]).toEqual(['Connected', 'Bo', ['Bo']]);
    expect(call.remoteParticipants[0]).toBe(other);
  });

  it('is connected at once when joined after others answered, and carries the whole custom context', async () => {
    const customContext = { userToUser: 'hello', xHeaders: [{ key: 'a', value: '1' }], voipHeaders: [{ key: 'ticket', value: '42' }] };
    const { states, request } = await calling([participant(OTHER)], { customContext });
    expect(states).toEqual(['Connected']);
    expect(request).toMatchObject({ call: null, body: { participants: [OTHER], displayName: 'Guest', muted: true } });
    expect(request.body.customContext).toEqual({ 'sip:User-To-User': 'hello', 'x:a': '1', ticket: '42' });
  });

  it('ends with the reason of the server, set before anybody hears of it', async () => {
    const { call, agent, socket } = await calling();
    const seen: unknown[] = [];
    agent.on('callsUpdated', ({ removed }) => seen.push(removed[0]?.callEndReason?.subCode));
    const other = call.remoteParticipants[0]!;
    socket.event(2, { type: 'participants', upserted: [], left: [{ id: OTHER, removed: false, reason: NO_ANSWER }] });
    expect([other.state, other.callEndReason?.subCode]).toEqual(['Disconnected', 10004]);
    socket.event(3, { type: 'ended', reason: NO_ANSWER });
    expect(call.callEndReason).toMatchObject({ code: 487, subCode: 10004 });
    expect(seen).toEqual([10004]);
  });

  it('is not made twice when the connection is lost before the answer', async () => {
    const made = await guestAgent();
    const call = made.agent.startCall([{ communicationUserId: OTHER }]);
    await settle();
    made.platform.socket.drop();
    await settle();
    expect(call.state).toBe('Disconnected');
    await made.platform.advance(1_000);
    made.platform.socket.accept();
    made.platform.socket.welcome();
    await settle();
    expect(made.platform.socket.count('startCall')).toBe(0);
  });

  it('is refused at once for nobody, telephones and crowds', async () => {
    const { agent } = await guestAgent();
    expect(() => agent.startCall([])).toThrow(expect.objectContaining({ code: 400, subCode: 10044 }));
    expect(() => agent.startCall([{ phoneNumber: '+4930123' }])).toThrow(expect.objectContaining({ subCode: 45800 }));
    const crowd = Array.from({ length: 21 }, (_, at) => ({ communicationUserId: `8:acs:r_${String(at)}` }));
    expect(() => agent.startCall(crowd)).toThrow(expect.objectContaining({ subCode: 10044 }));
    expect(agent.calls).toHaveLength(0);
  });

  it('ends with the refusal when the server does not allow it', async () => {
    const { agent, platform } = await guestAgent();
    const call = agent.startCall([{ microsoftTeamsUserId: '11111111-1111-1111-1111-111111111111' }]);
    await settle();
    const { id, body } = platform.socket.last('startCall');
    expect(body.participants).toEqual([MEMBER]);
    platform.socket.refuse(id, refusal({ code: 403, subCode: 10124, name: 'guestsMayNotCallMembers' }));
    await settle();
    expect(call.callEndReason).toMatchObject({ code: 403, subCode: 10124, name: 'guestsMayNotCallMembers' });
  });
});

describe('an incoming call', () => {
  it('says who calls and what was sent along', async () => {
    const { incoming } = await rung({ customContext: { ticket: '42', 'sip:User-To-User': 'hello' }, transferor: MEMBER, transferorName: 'Maria' });
    expect(incoming.kind).toBe(IncomingCallKind.IncomingCall);
    expect(incoming.id).toBe('i-1');
    expect(rawIdOf(incoming.callerInfo.identifier!)).toBe(OTHER);
    expect(incoming.callerInfo.displayName).toBe('Ada');
    expect([rawIdOf(incoming.transferorInfo!.identifier!), incoming.transferorInfo!.displayName]).toEqual([MEMBER, 'Maria']);
    expect(incoming.customContext).toMatchObject({ userToUser: 'hello', voipHeaders: [{ key: 'ticket', value: '42' }] });
    expect(incoming.customContext).not.toBe(incoming.customContext);
    expect(Object.keys({ ...incoming.info })).toEqual(expect.arrayContaining(['participantId', 'getServerCallId', 'onCallInfoChanged', 'offCallInfoChanged']));
    await expect(incoming.info.getServerCallId()).rejects.toMatchObject({ code: 412 });
  });

  it('is accepted as a call of the same id, also through a proxy', async () => {
    const { incoming, agent, socket, handled } = await rung();
    const added: Call[] = [];
    agent.on('callsUpdated', (change) => added.push(...change.added));
    const accepting = new Proxy(incoming, {}).accept({ audioOptions: { muted: true } });
    await settle();
    expect(added.map(({ id }) => id)).toEqual(['i-1']);
    const request = socket.last('join');
    expect(request.body).toEqual({ type: 'join', locator: { type: 'incoming', id: 'i-1' }, displayName: 'Guest', muted: true });
    socket.reply(request.id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: state([participant(OTHER)]) });
    const call = await accepting;
    expect([call.id, call.direction, call.state]).toEqual(['i-1', 'Incoming', 'Connected']);
    expect(call.callerInfo.displayName).toBe('Ada');
    expect(handled).toEqual([{ callId: 'i-1', participantId: 's1', code: 0, subCode: 0 }]);
    await expect(incoming.accept()).rejects.toMatchObject({ code: 400, subCode: 41006 });
    await expect(incoming.reject()).rejects.toMatchObject({ code: 400, subCode: 41007 });
  });

  it('is declined, and then ends', async () => {
    const { incoming, socket, handled } = await rung();
    const ends: unknown[] = [];
    incoming.on('callEnded', ({ callEndReason }) => ends.push([callEndReason.code, incoming.callEndReason?.code]));
    const rejecting = incoming.reject();
    const request = socket.last('rejectIncoming');
    expect(request).toMatchObject({ call: null, body: { id: 'i-1' } });
    socket.reply(request.id, { type: 'done' });
    await rejecting;
    socket.push({ type: 'incomingEnded', id: 'i-1', reason: refusal({ code: 603, subCode: 0, name: 'declined' }) });
    expect(ends).toEqual([[603, 603]]);
    expect(handled).toEqual([{ callId: 'i-1', participantId: '', code: 603, subCode: 0 }]);
  });

  it('ends here when it was answered elsewhere, and can then neither be accepted nor rejected', async () => {
    const { incoming, socket } = await rung();
    const ends: unknown[] = [];
    incoming.on('callEnded', ({ callEndReason }) => ends.push(callEndReason.subCode));
    socket.push({ type: 'incomingEnded', id: 'i-1', reason: refusal({ code: 487, subCode: 10003, name: 'acceptedElsewhere' }) });
    socket.push({ type: 'incomingEnded', id: 'i-1', reason: refusal({ code: 487, subCode: 10003, name: 'acceptedElsewhere' }) });
    expect(ends).toEqual([10003]);
    await expect(incoming.accept()).rejects.toMatchObject({ subCode: 41006 });
    await expect(incoming.reject()).rejects.toMatchObject({ subCode: 41007 });
  });

  it('whose acceptance the server refuses rejects and leaves no call behind', async () => {
    const { incoming, agent, socket } = await rung();
    const accepting = incoming.accept({ audioOptions: { muted: true } });
    await settle();
    socket.refuse(socket.last('join').id, refusal({ code: 410, subCode: 46642, name: 'incomingGone' }));
    await expect(accepting).rejects.toMatchObject({ code: 400, subCode: 41006 });
    expect(agent.calls).toHaveLength(0);
  });

  it('that is accepted settles also when the application disposes its call at once', async () => {
    const { incoming, agent, handled } = await rung();
    agent.on('callsUpdated', ({ added }) => { for (const call of added) call.dispose(); });
    // With the reason, which is there only once the call is over.
    await expect(incoming.accept({ audioOptions: { muted: true } })).rejects.toMatchObject({ code: 400, subCode: 41006, cause: 'The call was hung up here.' });
    expect(agent.calls).toEqual([]);
    expect(handled).toMatchObject([{ callId: 'i-1' }]);
  });

  it('that could not be declined rings on, and can be declined again', async () => {
    const { incoming, socket } = await rung();
    const first = incoming.reject();
    socket.refuse(socket.last('rejectIncoming').id, refusal({ code: 429, subCode: 46600, name: 'tooManyRequests' }));
    await expect(first).rejects.toMatchObject({ code: 400, subCode: 41007 });
    const second = incoming.reject();
    await settle();
    expect(socket.count('rejectIncoming')).toBe(2);
    socket.reply(socket.last('rejectIncoming').id, { type: 'done' });
    await second;
    // A decline that was heard is the last word.
    await expect(incoming.accept()).rejects.toMatchObject({ subCode: 41006 });
  });

  it('rings once although it is told again, and is over when a returning connection does not tell it', async () => {
    const { incoming, calls, platform, socket } = await rung();
    socket.push({ type: 'incoming', incoming: wireIncoming() });
    expect(calls).toHaveLength(1);
    const ends: unknown[] = [];
    incoming.on('callEnded', ({ callEndReason }) => ends.push(callEndReason.code));
    for (const stillRings of [true, false]) {
      platform.socket.drop();
      await platform.advance(2_000);
      platform.socket.accept();
      platform.socket.welcome();
      if (stillRings) platform.socket.push({ type: 'incoming', incoming: wireIncoming() });
      await platform.advance(3_000);
      expect(ends).toEqual(stillRings ? [] : [487]);
    }
    expect(calls).toHaveLength(1);
  });

  it('that rang before the application could listen is told then', async () => {
    const platform = new FakePlatform();
    const creating = guestAgent(platform);
    await settle();
    platform.socket.push({ type: 'incoming', incoming: wireIncoming() });
    const { agent } = await creating;
    const calls: IncomingCall[] = [];
    agent.on('incomingCall', ({ incomingCall }) => calls.push(incomingCall));
    await platform.advance(0);
    expect(calls.map(({ id }) => id)).toEqual(['i-1']);
  });

  it('ends with its agent', async () => {
    const { incoming, agent } = await rung();
    const ends: unknown[] = [];
    incoming.on('callEnded', () => ends.push(1));
    await agent.dispose();
    expect(ends).toHaveLength(1);
  });
});

describe('adding people', () => {
  it('gives the participant at once, announces it when it rings, and tells why it did not come', async () => {
    const { call, socket } = await calling([participant(OTHER)]);
    const added: RemoteParticipant[] = [];
    call.on('remoteParticipantsUpdated', (change) => added.push(...change.added));
    const third = call.addParticipant({ communicationUserId: '8:acs:resource_third' });
    const states: string[] = [third.state];
    third.on('stateChanged', () => states.push(third.state));
    expect(call.addParticipant({ communicationUserId: '8:acs:resource_third' })).toBe(third);
    expect(socket.count('addParticipants')).toBe(1);
    expect(added).toEqual([]);
    socket.event(2, { type: 'participants', upserted: [ringing('8:acs:resource_third')], left: [] });
    expect(added).toEqual([third]);
    socket.event(3, { type: 'participants', upserted: [], left: [{ id: '8:acs:resource_third', removed: false, reason: refusal({ code: 603, subCode: 0 }) }] });
    expect(states).toEqual(['Connecting', 'Ringing', 'Disconnected']);
    expect(third.callEndReason).toMatchObject({ code: 603, subCode: 0 });
    expect(call.addParticipant({ communicationUserId: OTHER })).toBe(call.remoteParticipants[0]);
  });

  it('tells on the participant that it was refused', async () => {
    const { call, socket } = await connectedCall();
    const person = call.addParticipant({ communicationUserId: OTHER });
    socket.refuse(socket.last('addParticipants').id, refusal({ code: 403, subCode: 46644, name: 'roleForbidsAdding' }));
    await settle();
    expect([person.state, person.callEndReason?.subCode]).toEqual(['Disconnected', 46644]);
    expect(() => call.addParticipant({ phoneNumber: '+4930123' })).toThrow(expect.objectContaining({ subCode: 45800 }));
    await expect(call.sendDtmf('Num1')).rejects.toMatchObject({ subCode: 45800 });
  });
});

describe('hold', () => {
  it('stops sending at once, says so, and goes on as it was', async () => {
    const { call, socket, platform } = await calling([participant(OTHER)]);
    socket.reply(socket.last('offerMedia').id, { type: 'media', sdp: 'answer' });
    await settle();
    const holding = call.hold();
    expect([...platform.peer.sent.values()].every((track) => track === null)).toBe(true);
    const request = socket.last('setHeld');
    expect(request).toMatchObject({ call: 'c1', body: { held: true } });
    socket.reply(request.id, { type: 'done' });
    await holding;
    expect(call.state).toBe('LocalHold');
    await expect(call.hold()).rejects.toMatchObject({ code: 500, subCode: 41033 });
    const resuming = call.resume();
    socket.reply(socket.last('setHeld').id, { type: 'done' });
    await resuming;
    expect(call.state).toBe('Connected');
    await expect(call.resume()).rejects.toMatchObject({ code: 500, subCode: 41034 });
  });

  it('of the other one in a call of two is a remote hold; both have to resume', async () => {
    const { call, socket, states } = await calling([participant(OTHER)]);
    socket.event(2, { type: 'participants', upserted: [participant(OTHER, { presence: 'held' })], left: [] });
    expect(call.state).toBe('RemoteHold');
    expect(call.remoteParticipants[0]!.state).toBe('Hold');
    const holding = call.hold();
    socket.reply(socket.last('setHeld').id, { type: 'done' });
    await holding;
    const resuming = call.resume();
    socket.reply(socket.last('setHeld').id, { type: 'done' });
    await resuming;
    expect(call.state).toBe('RemoteHold');
    socket.event(3, { type: 'participants', upserted: [participant(OTHER)], left: [] });
    expect(states).toEqual(['Connected', 'RemoteHold', 'LocalHold', 'RemoteHold', 'Connected']);
  });

  it('of one of many, or in a meeting, is that one alone', async () => {
    const { call, socket } = await calling([participant(OTHER), participant(MEMBER)]);
    socket.event(2, { type: 'participants', upserted: [participant(OTHER, { presence: 'held' })], left: [] });
    expect(call.state).toBe('Connected');
    const meetingCall = await connectedCall({ participants: [participant(OWN), participant(MEMBER)] });
    meetingCall.socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { presence: 'held' })], left: [] });
    expect(meetingCall.call.state).toBe('Connected');
    expect(meetingCall.call.remoteParticipants[0]!.state).toBe('Hold');
  });

  it('that is refused sends again and says why', async () => {
    const { call, socket, platform } = await connectedCall({}, false);
    const before = platform.peer.sent.get('microphone');
    const holding = call.hold();
    socket.refuse(socket.last('setHeld').id, refusal({ name: 'noSuchCall', message: 'Gone.' }));
    await expect(holding).rejects.toMatchObject({ code: 500, subCode: 41033, cause: 'Gone.' });
    expect(platform.peer.sent.get('microphone')).toBe(before);
    expect(call.state).toBe('Connected');
  });
});

describe('a browser that does not carry a hold out', () => {
  const never = (): Promise<void> => new Promise<void>(() => undefined);

  it('loses its connection: the next one sends nothing, and the hold is one', async () => {
    const { call, socket, platform } = await connectedCall({}, false);
    platform.answersPings = true;
    const { peer } = platform;
    peer.send = never;
    const holding = call.hold();
    socket.reply(socket.last('setHeld').id, { type: 'done' });
    await settle();
    expect(call.state).toBe('LocalHold');
    await platform.advance(10_000);
    await holding;
    expect([peer.closed, platform.peers.length]).toEqual([true, 2]);
    expect([...platform.peer.sent.values()].every((track) => track === null)).toBe(true);
  });

  it('does not hide what the server said', async () => {
    const { call, socket, platform } = await connectedCall({}, false);
    platform.answersPings = true;
    platform.peer.send = never;
    const holding = expect(call.hold()).rejects.toMatchObject({ code: 500, subCode: 41033, cause: 'Gone.' });
    socket.refuse(socket.last('setHeld').id, refusal({ name: 'noSuchCall', message: 'Gone.' }));
    await platform.advance(20_000);
    await holding;
    expect(call.state).toBe('Connected');
  });
});

describe('transfer', () => {
  it('to a person goes through its states', async () => {
    const { call, socket } = await calling([participant(OTHER)]);
    const transfer = call.feature(Features.Transfer).transfer({ targetParticipant: { communicationUserId: '8:acs:resource_third' } });
    const states: string[] = [transfer.state];
    transfer.on('stateChanged', () => states.push(transfer.state));
    await settle();
    const request = socket.last('transfer');
    expect(request.body).toEqual({ type: 'transfer', participant: null, target: { type: 'person', participant: '8:acs:resource_third' } });
    socket.reply(request.id, { type: 'transfer', transfer: 't-1' });
    socket.event(2, { type: 'transfer', transfer: 't-1', state: 'transferring', reason: null });
    await settle();
    socket.event(3, { type: 'transfer', transfer: 't-1', state: 'transferred', reason: null });
    socket.event(4, { type: 'ended', reason: refusal({ code: 0, subCode: 7015, name: 'transferred' }) });
    expect(states).toEqual(['None', 'Transferring', 'Transferred']);
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 7015 });
  });

  it('that fails says why', async () => {
    const { call, socket } = await calling([participant(OTHER)]);
    const transfer = call.feature(Features.Transfer).transfer({ targetParticipant: { communicationUserId: '8:acs:resource_third' } });
    await settle();
    socket.reply(socket.last('transfer').id, { type: 'transfer', transfer: 't-1' });
    socket.event(2, { type: 'transfer', transfer: 't-1', state: 'failed', reason: NO_ANSWER });
    await settle();
    expect([transfer.state, transfer.error?.subCode]).toEqual(['Failed', 10004]);
    const unknown = call.feature(Features.Transfer).transfer({ targetCallId: 'nothing' });
    await settle();
    expect([unknown.state, unknown.error?.subCode]).toEqual(['Failed', 45801]);
  });

  it('takes the transferee over without the application having to do anything, and tells it', async () => {
    const { agent, call, socket } = await calling([participant(OTHER)]);
    const order: unknown[] = [];
    agent.on('callsUpdated', ({ added }) => order.push(['added', added.length]));
    call.feature(Features.Transfer).on('transferAccepted', ({ targetCall }) => order.push(['accepted', targetCall === agent.calls[1]]));
    socket.event(2, { type: 'transferAsked', transfer: 't-1' });
    await settle();
    expect(order).toEqual([['added', 1], ['accepted', true]]);
    expect(socket.last('join').body).toMatchObject({ locator: { type: 'transfer', id: 't-1' }, muted: true });
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't2', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: state([ringing(MEMBER)]) }, 'c2');
    expect(agent.calls[1]?.state).toBe('Ringing');
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER)], left: [] }, 'c2');
    socket.event(3, { type: 'ended', reason: refusal({ code: 0, subCode: 7015, name: 'transferred' }) });
    expect(agent.calls.map(({ state: now }) => now)).toEqual(['Connected']);
    expect(call.callEndReason?.subCode).toBe(7015);
  });

  it('takes the application\'s own sound along to where the person is handed over', async () => {
    const given = new LocalAudioStream(mediaStream(new FakeTrack('audio', 'given')));
    const { agent, call, socket } = await calling([participant(OTHER)], { audioOptions: { muted: true, localAudioStreams: [given] } });
    expect(call.localAudioStreams).toEqual([given]);
    socket.event(2, { type: 'transferAsked', transfer: 't-1' });
    await settle();
    expect(agent.calls).toHaveLength(2);
    expect(agent.calls[1]?.localAudioStreams[0]).toBe(given);
  });

  it('to a call names it on the wire', async () => {
    const { agent, call, socket } = await calling([participant(OTHER)]);
    const second = agent.startCall([{ communicationUserId: '8:acs:resource_third' }], { audioOptions: { muted: true } });
    await settle();
    socket.reply(socket.last('startCall').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't2', waiting: false });
    await settle();
    call.feature(Features.Transfer).transfer({ targetCallId: second.id });
    await settle();
    expect(socket.last('transfer').body).toEqual({ type: 'transfer', participant: null, target: { type: 'call', call: 'c2' } });
  });
});

describe('a custom context', () => {
  it('comes out as it went in', () => {
    const context = {
      userToUser: 'u',
      xHeaders: [{ key: 'a', value: '1' }],
      sipHeaders: [{ key: 'b', value: '2' }],
      voipHeaders: [{ key: 'c', value: '3' }, { key: 'x:odd', value: '4' }],
    };
    expect(contextFromWire(contextToWire(context))).toEqual(context);
    expect(contextFromWire(contextToWire(undefined))).toBeUndefined();
  });
});
