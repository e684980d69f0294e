// Breakout rooms: what is told, in which order, and what becomes of the calls. The server is played by hand: `c1` is the main call, `c2` …
// the calls of rooms.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { BreakoutRoomsEventData, Call } from '../src/index';
import { Features, LocalAudioStream } from '../src/index';
import type { BreakoutRoom, BreakoutState } from '../src/wire';
import { FakeMediaStream, FakeTrack, MEMBER, OWN, connectedCall, mediaStream, meeting, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
});

/** A browser that opens devices like this. */
function devices(getUserMedia: () => Promise<MediaStream>): object {
  return { mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([]) }), userAgent: '' };
}

const NOTHING: BreakoutState = { assigned: null, rooms: [], ends: null, returnDisabled: false, mainThreadId: null };

function room(over: Partial<BreakoutRoom> = {}): BreakoutRoom {
  return { id: '1-1', name: 'Blue', threadId: '', open: true, autoMove: false, invitees: [OWN], ...over };
}

function assigned(over: Partial<BreakoutRoom> = {}): BreakoutState {
  return { ...NOTHING, assigned: room(over) };
}

/** A call in the main meeting, with everything that is told written down in order. */
async function mainCall(breakout = NOTHING) {
  const made = await connectedCall({ breakout });
  const told: string[] = [];
  const events: BreakoutRoomsEventData[] = [];
  let revision = 1;
  const feature = made.call.feature(Features.BreakoutRooms);
  feature.on('breakoutRoomsUpdated', (event) => {
    events.push(event);
    const state = event.type === 'assignedBreakoutRooms' ? `:${event.data?.state ?? 'none'}` : '';
    told.push(`${event.type}${state}`);
  });
  made.agent.on('callsUpdated', ({ added, removed }) => {
    for (const call of added) told.push(`added ${call.id}`);
    for (const call of removed) told.push(`removed ${call.id}`);
  });
  made.call.on('stateChanged', () => told.push(`main ${made.call.state}`));
  const say = async (state: BreakoutState): Promise<void> => {
    revision += 1;
    made.socket.event(revision, { type: 'breakout', breakout: state });
    await settle();
  };
  await settle();
  return { ...made, feature, told, events, say };
}

type Main = Awaited<ReturnType<typeof mainCall>>;

/** The server lets the last join in. */
async function letIn({ socket }: Main, name = 'c2'): Promise<void> {
  socket.reply(socket.last('join').id, { type: 'joined', call: name, session: `s-${name}`, resumeTicket: 't', waiting: false });
  const breakout = { ...NOTHING, ends: '2026-03-02T09:30:00Z', mainThreadId: '19:main' };
  socket.event(1, { type: 'snapshot', snapshot: snapshot({ meeting: meeting({ subject: 'Blue', threadId: '' }), breakout }) }, name);
  await settle();
}

/** The server answers what the SDK asks about holding. */
async function answerHolds({ socket }: Main): Promise<void> {
  for (const { id, body } of socket.requests()) if (body.type === 'setHeld' || body.type === 'setPublication') socket.reply(id, { type: 'done' });
  await settle();
}

/** Joins the assigned room, or is moved into it; nothing when moved. */
async function intoRoom(main: Main, over: Partial<BreakoutRoom> = {}) {
  await main.say(assigned(over));
  const joining = over.autoMove ? undefined : main.feature.assignedBreakoutRooms?.join();
  await settle();
  await letIn(main);
  await answerHolds(main);
  return joining;
}

async function inRoom(over: Partial<BreakoutRoom> = {}): Promise<Main & { roomCall: Call }> {
  const main = await mainCall();
  await intoRoom(main, over);
  const roomCall = main.feature.assignedBreakoutRooms?.call as Call;
  return { ...main, roomCall };
}

describe('breakout rooms', () => {
  it('tells an assignment once, with objects that do not change afterwards', async () => {
    const { feature, told, events, say } = await mainCall();
    expect(feature.assignedBreakoutRooms).toBeUndefined();
    await say(assigned({ open: false }));
    await say(assigned({ open: true }));
    await say(assigned({ open: true }));
    expect(told).toEqual(['assignedBreakoutRooms:closed', 'assignedBreakoutRooms:open']);
    expect(events[0]).toMatchObject({ data: { displayName: 'Blue', state: 'closed', autoMoveParticipantToBreakoutRoom: false } });
    expect(feature.assignedBreakoutRooms?.invitees).toMatchObject([{ identifier: { rawId: OWN } }]);
    await say(NOTHING);
    expect(events.at(-1)).toEqual({ type: 'assignedBreakoutRooms' });
    expect(feature.assignedBreakoutRooms).toBeUndefined();
  });

  it('tells those who manage all rooms, as fresh lists', async () => {
    const { call, feature, told, say } = await mainCall();
    await say({ ...NOTHING, rooms: [room({ invitees: [MEMBER] }), room({ id: '1-2', name: 'Red', invitees: [] })] });
    expect(told).toEqual(['breakoutRooms']);
    expect(feature.breakoutRooms?.map(({ displayName }) => displayName)).toEqual(['Blue', 'Red']);
    expect(feature.breakoutRooms).not.toBe(feature.breakoutRooms);
    expect(call.meeting?.breakout.rooms.map(({ id, isOpen }) => [id, isOpen])).toEqual([['1-1', true], ['1-2', true]]);
    await say(NOTHING);
    expect(feature.breakoutRooms).toBeUndefined();
  });

  it('replays what there is to whoever asks late, and after a join', async () => {
    const { told } = await mainCall(assigned({ open: false }));
    expect(told).toEqual(['assignedBreakoutRooms:closed']);
  });

  it('refuses to join a closed room with its documented error', async () => {
    const { feature, say, socket } = await mainCall();
    await say(assigned({ open: false }));
    const before = socket.count('join');
    await expect(feature.assignedBreakoutRooms?.join()).rejects.toMatchObject({ code: 409, subCode: 5930, reason: 'breakoutRoomClosed' });
    expect(socket.count('join')).toBe(before);
  });

  it('joins beside the main call, which is held: the call is announced, then told as joined, then the main call is held', async () => {
    const main = await mainCall();
    await main.say(assigned());
    main.told.length = 0;
    const joining = main.feature.assignedBreakoutRooms?.join();
    await settle();
    expect(main.socket.last('join').body.locator).toEqual({ type: 'breakout', call: 'c1', roomId: '1-1' });
    await letIn(main);
    await answerHolds(main);
    const call = await joining;
    expect(main.told.slice(0, 3)).toEqual([`added ${call?.id ?? ''}`, 'join', 'main LocalHold']);
    expect(main.events.at(-1)).toEqual({ type: 'join', data: call });
    expect(call?.state).toBe('Connected');
    expect(main.feature.assignedBreakoutRooms?.call).toBe(call);
    expect(call?.info.threadId).toBeUndefined();
    // A second request gives the same call.
    expect(await main.feature.assignedBreakoutRooms?.join()).toBe(call);
  });

  it('tells settings in the call of a room only, with the end as an ISO string', async () => {
    const main = await mainCall();
    await main.say({ ...assigned(), ends: '2026-03-02T09:30:00Z' });
    expect(main.feature.breakoutRoomsSettings).toBeUndefined();
    const joining = main.feature.assignedBreakoutRooms?.join();
    await settle();
    const roomCall = main.agent.calls[1]!;
    const told: BreakoutRoomsEventData[] = [];
    const feature = roomCall.feature(Features.BreakoutRooms);
    feature.on('breakoutRoomsUpdated', (event) => told.push(event));
    await letIn(main);
    await answerHolds(main);
    await joining;
    const settings = { disableReturnToMainMeeting: false, roomEndTime: '2026-03-02T09:30:00Z' };
    expect(told).toEqual([{ type: 'breakoutRoomsSettings', data: settings }]);
    expect(feature.breakoutRoomsSettings).toEqual(settings);
    expect(feature.breakoutRoomsSettings).not.toBe(feature.breakoutRoomsSettings);
    expect(main.told).not.toContain('breakoutRoomsSettings');
  });

  it('moves by itself once for each opening, and not again after a return', async () => {
    const main = await inRoom({ autoMove: true });
    expect(main.roomCall.state).toBe('Connected');
    const joins = main.socket.count('join');
    const returning = main.feature.assignedBreakoutRooms?.returnToMainMeeting();
    await answerHolds(main);
    await answerHolds(main);
    expect(await returning).toBe(main.call);
    expect([main.call.state, main.roomCall.state]).toEqual(['Connected', 'Disconnected']);
    await main.say(assigned({ autoMove: true, name: 'Blue again' }));
    expect(main.socket.count('join')).toBe(joins);
    await main.say(assigned({ autoMove: true, open: false }));
    await main.say(assigned({ autoMove: true, open: true }));
    expect(main.socket.count('join')).toBe(joins + 1);
  });

  it('returns when the server closes the room: closed is told, then the call of the room ends, then the main call goes on', async () => {
    const main = await inRoom();
    main.told.length = 0;
    await main.say(assigned({ open: false }));
    const closed = refusal({ code: 0, subCode: 5030, name: 'breakoutRoomClosed', policy: null });
    main.socket.event(2, { type: 'ended', reason: closed }, 'c2');
    await answerHolds(main);
    await answerHolds(main);
    expect(main.roomCall.callEndReason).toMatchObject({ code: 0, subCode: 5030 });
    expect(main.told).toEqual(['assignedBreakoutRooms:closed', `removed ${main.roomCall.id}`, 'main Connected']);
    expect(main.feature.assignedBreakoutRooms?.call).toBeUndefined();
    // What the published UI library does at this point.
    expect(await main.feature.assignedBreakoutRooms?.returnToMainMeeting()).toBe(main.call);
  });

  it('takes the main call back when a room refuses', async () => {
    const main = await mainCall();
    await main.say(assigned());
    const joining = main.feature.assignedBreakoutRooms?.join();
    await settle();
    const { id } = main.socket.last('join');
    await answerHolds(main);
    main.socket.refuse(id, refusal({ name: 'breakoutRoomsForMembersOnly', subCode: 45803 }));
    await answerHolds(main);
    await answerHolds(main);
    const call = await joining;
    expect(call?.callEndReason).toMatchObject({ code: 403, subCode: 45803 });
    expect(main.call.state).toBe('Connected');
  });

  it('goes to the other room when somebody moves the person: the new one is joined and the old one left', async () => {
    const main = await inRoom({ autoMove: true });
    main.told.length = 0;
    await main.say(assigned({ id: '1-2', name: 'Red', autoMove: true }));
    await letIn(main, 'c3');
    await answerHolds(main);
    const red = main.feature.assignedBreakoutRooms;
    expect(red?.displayName).toBe('Red');
    expect(red?.call?.state).toBe('Connected');
    expect(main.roomCall.state).toBe('Disconnected');
    expect(main.call.state).toBe('LocalHold');
    expect(main.told.slice(0, 3)).toEqual(['assignedBreakoutRooms:open', `added ${red?.call?.id ?? ''}`, 'join']);
  });

  it('tells the room as closed when the person is in it and is assigned no more, so that a return is possible', async () => {
    const main = await inRoom();
    main.told.length = 0;
    await main.say(NOTHING);
    expect(main.told).toEqual(['assignedBreakoutRooms:closed']);
    const returning = main.feature.assignedBreakoutRooms?.returnToMainMeeting();
    await answerHolds(main);
    await answerHolds(main);
    expect(await returning).toBe(main.call);
    expect(main.roomCall.state).toBe('Disconnected');
  });

  it('keeps people in their rooms when the return is disabled, until the rooms close', async () => {
    const main = await inRoom();
    await main.say({ ...assigned(), returnDisabled: true });
    await expect(main.feature.assignedBreakoutRooms?.returnToMainMeeting()).rejects.toMatchObject({ code: 403, reason: 'breakoutReturnDisabled' });
    await main.say({ ...assigned({ open: false }), returnDisabled: true });
    const returning = main.feature.assignedBreakoutRooms?.returnToMainMeeting();
    await answerHolds(main);
    await answerHolds(main);
    expect(await returning).toBe(main.call);
  });

  it('ends the rooms when the application disposes the main call', async () => {
    const main = await inRoom();
    main.call.dispose();
    await settle();
    expect([main.call.state, main.roomCall.state]).toEqual(['Disconnected', 'Disconnected']);
    expect(main.socket.requests().filter(({ body }) => body.type === 'leave').map(({ call }) => call)).toEqual(['c1', 'c2']);
    expect(main.agent.calls).toEqual([]);
  });

  it('does not leave a room because the application let go of the feature, and still ends it with the main call', async () => {
    const main = await inRoom();
    main.feature.dispose();
    await settle();
    expect([main.call.state, main.roomCall.state]).toEqual(['LocalHold', 'Connected']);
    await main.call.hangUp();
    expect(main.roomCall.state).toBe('Disconnected');
  });

  it('takes the application\'s own sound along into the room, and opens no microphone', async () => {
    const getUserMedia = vi.fn(() => Promise.resolve(mediaStream(new FakeTrack('audio', 'microphone'))));
    vi.stubGlobal('navigator', devices(getUserMedia));
    const main = await mainCall();
    const track = new FakeTrack('audio', 'given');
    const given = new LocalAudioStream(mediaStream(track));
    const starting = main.call.startAudio(given);
    await settle();
    await answerHolds(main);
    await starting;
    const { peer } = main.platform;
    const room = await intoRoom(main);
    await settle();
    expect(room?.localAudioStreams).toEqual([given]);
    expect(main.platform.peer).not.toBe(peer);
    expect(main.platform.peer.sent.get('microphone')).toBe(track);
    await main.call.hangUp();
    // It is the application's to end.
    expect([track.readyState, getUserMedia.mock.calls.length]).toEqual(['live', 0]);
  });

  it('shares the microphone that the SDK opened, with its effects, and closes it with the last call that uses it', async () => {
    const track = new FakeTrack('audio', 'microphone');
    const getUserMedia = vi.fn(() => Promise.resolve(mediaStream(track)));
    vi.stubGlobal('navigator', devices(getUserMedia));
    const main = await mainCall();
    const starting = main.call.unmute();
    await settle();
    await answerHolds(main);
    await starting;
    const room = await intoRoom(main);
    expect(room?.localAudioStreams[0]).toBe(main.call.localAudioStreams[0]);
    await room?.hangUp();
    expect(track.readyState).toBe('live');
    await main.call.hangUp();
    expect([track.readyState, getUserMedia.mock.calls.length]).toEqual(['ended', 1]);
  });

  it('tells nobody of rooms who asks after the end', async () => {
    const { call, socket } = await connectedCall({ breakout: assigned({ autoMove: true }) });
    await call.hangUp();
    const told = vi.fn();
    call.feature(Features.BreakoutRooms).on('breakoutRoomsUpdated', told);
    await settle();
    expect(told).not.toHaveBeenCalled();
    expect(socket.count('join')).toBe(1);
  });

  it('ends the rooms with the main call', async () => {
    const main = await inRoom();
    await main.call.hangUp();
    expect(main.roomCall.state).toBe('Disconnected');
    expect(main.agent.calls).toEqual([]);
  });

  it('joins a room again by the present name of the main call', async () => {
    const main = await inRoom();
    main.socket.event(2, { type: 'ended', reason: refusal({ code: 408, name: 'sessionLost' }) }, 'c1');
    await settle();
    main.socket.reply(main.socket.last('join').id, { type: 'joined', call: 'c9', session: 's9', resumeTicket: 't9', waiting: false });
    main.socket.event(2, { type: 'ended', reason: refusal({ code: 408, name: 'sessionLost' }) }, 'c2');
    await settle();
    expect(main.socket.last('join').body.locator).toMatchObject({ type: 'breakout', call: 'c9' });
  });

  it('tells messages to all rooms in the call in which they are heard', async () => {
    const main = await inRoom();
    const heard: unknown[] = [];
    main.roomCall.meeting?.breakout.on('message', (message) => heard.push(message));
    main.socket.event(2, { type: 'broadcast', participant: MEMBER, displayName: 'Maria', text: 'Ten minutes' }, 'c2');
    expect(heard).toMatchObject([{ sender: { rawId: MEMBER }, displayName: 'Maria', text: 'Ten minutes' }]);
  });
});
