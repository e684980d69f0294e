// The contract with applications that no type shows, point by point: order of events, fresh values, live objects, raw ids.
//
// Each point is named by its number in the list that the reference keeps. What only a browser or the published UI library can tell is tested
// in tests/e2e/src/ui. `frozen` does what immer does to every plain value that an application puts into its state.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { createIdentifierFromRawId, getIdentifierRawId } from '@azure/communication-common';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import type { Call, CapabilitiesChangeInfo, RemoteParticipant } from '../src/index';
import { rawIdOf } from '../src/core/roles';
import type { BreakoutState, Participant } from '../src/wire';
import { FakeMediaStream, FakeTrack, MEMBER, OTHER, OWN, TOKEN } from './harness';
import { clientOn, connectedCall, credential, guestAgent, joiningCall, mediaStream, meeting, own, participant, publication, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  const getUserMedia = () => Promise.resolve(mediaStream(new FakeTrack('audio', 'mic')));
  vi.stubGlobal('navigator', { mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([]) }), userAgent: '' });
});

const LINK = { meetingLink: 'http://host/l/meetup-join/x' };
const GROUP = { groupId: '29228d3e-040e-4656-a70e-890ab4e173e5' };
const camera = () => new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 640, height: 360 })));

/** Whether immer would freeze it: plain objects, lists and maps, and nothing that has a class of its own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value) || value instanceof Map || value instanceof Set;
}

/** Freezes as deeply as immer does. A map in a state has no `set` any more. */
function frozen<T>(value: T): T {
  if (!isPlain(value) || Object.isFrozen(value)) return value;
  if (value instanceof Map) {
    const refuse = () => { throw new Error('this map is frozen'); };
    Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
    for (const item of value.values()) frozen(item);
  } else for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}

/** Devices as a browser lists them that may name them. */
const DEVICES = (['videoinput', 'audioinput', 'audiooutput'] as const).map((kind) => ({ kind, deviceId: `${kind}-1`, label: kind, groupId: 'g' }));
const SEATS = [OWN, MEMBER].map((id, at) => ({ participant: id, left: at * 5_000, top: 1_000, width: 4_000, height: 8_000 }));

/** What was handed out; empty values prove nothing about values. */
function filled(value: unknown): unknown {
  const size = value instanceof Map ? value.size : Array.isArray(value) ? value.length : 1;
  expect(size).toBeGreaterThan(0);
  expect(value).toBeDefined();
  return value;
}

const NO_ROOMS: BreakoutState = { assigned: null, rooms: [], ends: null, returnDisabled: false, mainThreadId: null };
const BLUE: BreakoutState['assigned'] = { id: '1-1', name: 'Blue', threadId: '', open: true, autoMove: false, invitees: [OWN] };

const hand = (id: string, order: number | null, more: Partial<Participant> = {}) => participant(id, { hand: order, ...more });

describe('capabilities', () => {
  it('contract 1: the record has every name from the first read on, before anything is known', async () => {
    const { agent } = await guestAgent();
    const { capabilities } = agent.join(LINK).feature(Features.Capabilities);
    expect(Object.keys(capabilities)).toHaveLength(25);
    for (const capability of Object.values(capabilities)) expect(capability).toEqual({ isPresent: false, reason: 'NotInitialized' });
  });

  it('contract 2: the first change comes once after the join, from “not initialized” and because of the role', async () => {
    const { call, socket } = await joiningCall(false);
    const changes: CapabilitiesChangeInfo[] = [];
    call.feature(Features.Capabilities).on('capabilitiesChanged', (change) => changes.push(change));
    socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ reason: 'RoleChanged', oldValue: { turnVideoOn: { isPresent: false, reason: 'NotInitialized' } } });
    expect(changes[0]?.newValue.turnVideoOn).toEqual({ isPresent: true, reason: 'Capable' });
  });
});

describe('the end', () => {
  it('contract 3: the reason is there before the call is removed', async () => {
    const { agent, call, socket } = await connectedCall();
    const reasons: unknown[] = [];
    agent.on('callsUpdated', ({ removed }) => reasons.push(removed[0]?.callEndReason?.subCode));
    socket.event(2, { type: 'ended', reason: refusal({ code: 0, subCode: 5300, name: 'removed', policy: null }) });
    expect(reasons).toEqual([5300]);
    expect(call.callEndReason?.subCode).toBe(5300);
  });

  it('contract 4: Disconnecting, then the reason, then Disconnected and the removal in one tick', async () => {
    const { agent, call } = await connectedCall();
    const seen: string[] = [];
    let tick = 0;
    call.on('stateChanged', () => {
      seen.push(`${call.state} ${call.callEndReason === undefined ? 'open' : 'reason'}`);
      if (call.state === 'Disconnected') queueMicrotask(() => { tick += 1; });
    });
    agent.on('callsUpdated', () => seen.push(`removed in tick ${String(tick)}`));
    await call.hangUp();
    expect(seen).toEqual(['Disconnecting open', 'Disconnected reason', 'removed in tick 0']);
  });
});

/** Everything plain that applications put into their state at the join and later. */
function takenIntoState(call: Call): unknown[] {
  const feature = call.feature.bind(call);
  const people = call.remoteParticipants.flatMap((person: RemoteParticipant) => [
    person.identifier,
    person.endpointDetails,
    person.videoStreams,
    ...person.videoStreams.map(({ size }) => size),
  ]);
  return [
    call.callerInfo,
    call.localVideoStreams,
    call.localAudioStreams,
    call.remoteParticipants,
    call.remoteAudioStreams,
    feature(Features.Capabilities).capabilities,
    feature(Features.RaiseHand).getRaisedHands(),
    feature(Features.Spotlight).getSpotlightedParticipants(),
    feature(Features.DominantSpeakers).dominantSpeakers,
    feature(Features.UserFacingDiagnostics).network.getLatest(),
    feature(Features.UserFacingDiagnostics).media.getLatest(),
    feature(Features.UserFacingDiagnostics).remote.getLatest(),
    feature(Features.MediaAccess).getAllOthersMediaAccess(),
    feature(Features.MediaAccess).getMeetingMediaAccess(),
    feature(Features.TogetherMode).togetherModeStream,
    feature(Features.TogetherMode).togetherModeSeatingMap,
    feature(Features.Captions).captions.supportedSpokenLanguages,
    feature(Features.BreakoutRooms).assignedBreakoutRooms,
    feature(Features.BreakoutRooms).breakoutRooms,
    feature(Features.BreakoutRooms).breakoutRoomsSettings,
    feature(Features.Recording).recordings,
    ...people,
  ];
}

describe('values and objects', () => {
  it('contract 5: a plain value that was handed out may be frozen, and the next one is right all the same', async () => {
    const people = (over: Partial<Participant>) => [participant(OWN), participant(MEMBER, { role: 'organizer', publications: [publication(7)], ...over })];
    const getUserMedia = () => Promise.resolve(mediaStream(new FakeTrack('audio', 'mic')));
    vi.stubGlobal('navigator', { mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve(DEVICES) }), userAgent: '' });
    const RED = { ...BLUE!, id: '1-2', name: 'Red' };
    const rooms: BreakoutState = { ...NO_ROOMS, assigned: BLUE, rooms: [BLUE!, RED], ends: '2026-03-02T09:30:00Z', mainThreadId: '19:main' };
    const { agent, call, socket, platform } = await connectedCall({ participants: people({}), meeting: meeting({ together: SEATS }), breakout: rooms });
    const devices = await clientOn(platform).getDeviceManager();
    for (const list of [await devices.getCameras(), await devices.getMicrophones(), await devices.getSpeakers(), agent.calls]) frozen(filled(list));
    call.feature(Features.TogetherMode).on('togetherModeSeatingUpdated', frozen);
    call.feature(Features.BreakoutRooms).on('breakoutRoomsUpdated', frozen);
    // Both tell what there is a microtask after they were asked for.
    await settle();
    const { TogetherMode, BreakoutRooms } = Features;
    for (const value of [call.feature(TogetherMode).togetherModeSeatingMap, call.feature(TogetherMode).togetherModeStream, call.feature(TogetherMode).sceneSize]) frozen(filled(value));
    const { assignedBreakoutRooms, breakoutRooms, breakoutRoomsSettings } = call.feature(BreakoutRooms);
    for (const value of [assignedBreakoutRooms?.invitees, breakoutRooms, breakoutRoomsSettings]) frozen(filled(value));
    const audio = new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' });
    for (const effects of [camera().feature(Features.VideoEffects).activeEffects, audio.feature(Features.AudioEffects).activeEffects]) frozen(effects);
    call.feature(Features.Capabilities).on('capabilitiesChanged', frozen);
    call.feature(Features.RaiseHand).on('raisedHandEvent', frozen);
    call.feature(Features.Spotlight).on('spotlightChanged', frozen);
    call.on('remoteParticipantsUpdated', frozen);
    for (const value of takenIntoState(call)) frozen(value);
    const rights = own().capabilities.map(({ name }) => ({ name, state: { isPresent: true, reason: 'Capable' as const } }));
    socket.event(2, { type: 'own', own: own({ capabilities: rights, role: 'presenter' }) });
    const changed = people({ hand: 1, spotlight: 1, muted: true, publications: [publication(7, { width: 1280, height: 720 }), publication(8, { kind: 'screen' })] });
    socket.event(3, { type: 'participants', upserted: changed, left: [] });
    socket.event(4, { type: 'speaking', changes: [{ id: MEMBER, speaking: true }], dominant: [MEMBER] });
    const start = call.startVideo(camera());
    await settle();
    socket.reply(socket.last('setPublication').id, { type: 'done' });
    await start;
    for (const value of takenIntoState(call)) frozen(value);
    socket.event(5, { type: 'participants', upserted: [participant(OTHER, { hand: 2 })], left: [{ id: MEMBER, removed: false }] });
    expect(call.feature(Features.RaiseHand).getRaisedHands().map(({ identifier }) => rawIdOf(identifier))).toEqual([OTHER]);
    expect(call.feature(Features.Capabilities).capabilities.raiseHand).toEqual({ isPresent: true, reason: 'Capable' });
    expect(call.localVideoStreams).toHaveLength(1);
    expect(call.remoteParticipants).toHaveLength(1);
    socket.event(6, { type: 'meeting', meeting: meeting({ together: SEATS.slice(0, 1) }) });
    expect([...call.feature(TogetherMode).togetherModeSeatingMap.keys()]).toEqual([OWN]);
    socket.event(7, { type: 'breakout', breakout: { ...rooms, rooms: [RED], assigned: { ...BLUE!, name: 'Blue again' }, returnDisabled: true } });
    const now = call.feature(BreakoutRooms);
    expect([now.assignedBreakoutRooms?.displayName, now.breakoutRooms?.length, now.breakoutRoomsSettings?.disableReturnToMainMeeting]).toEqual(['Blue again', 1, true]);
    expect(await devices.getCameras()).toHaveLength(1);
  });

  it('contract 6: `info` is one object of a class whose thread id comes alive when the person is let in', async () => {
    const { call, socket } = await joiningCall(true);
    const kept = frozen(call.info);
    expect(isPlain(kept)).toBe(false);
    socket.event(1, { type: 'waiting', notStarted: false });
    expect(kept.threadId).toBeUndefined();
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    expect(kept.threadId).toBe('19:meeting_x@thread.v2');
    expect(call.info).toBe(kept);
    // What applications copy or write down are the identifiers, not the session with its token.
    expect(JSON.parse(JSON.stringify(call.info))).toEqual({ threadId: '19:meeting_x@thread.v2', participantId: 's1' });
    expect({ ...call.info }).toMatchObject({ threadId: '19:meeting_x@thread.v2', participantId: 's1' });
  });

  it('contract 7: nothing is private to a class in the language’s own way, and methods may run with another `this`', async () => {
    const sources = readdirSync(join(import.meta.dirname, '../src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(50);
    for (const file of sources) expect(readFileSync(join(import.meta.dirname, '../src', file), 'utf8'), file).not.toMatch(/(this\.|^\s+(?:readonly |static |async )*)#[a-z]/m);
    const { client, agent, call } = await connectedCall();
    const devices = await client.getDeviceManager();
    for (const object of [client, agent, call, devices]) {
      expect(Object.isExtensible(object)).toBe(true);
      // As the UI library attaches its own methods.
      Object.defineProperty(object, 'getState', { value: () => 'state', configurable: true });
    }
    const elsewhere = new Proxy({}, {});
    await expect(call.mute.call(elsewhere as Call)).resolves.toBeUndefined();
    expect(call.feature.call(elsewhere as Call, Features.Spotlight)).toBe(call.feature(Features.Spotlight));
    await expect(devices.getCameras.call(elsewhere as typeof devices)).resolves.toEqual([]);
    await agent.dispose.call(elsewhere as typeof agent);
  });

  it('contract 8: a spread copy of the debug information works as the original does', async () => {
    const original = clientOn(new (await import('./harness')).FakePlatform()).feature(Features.DebugInfo);
    const copy = { ...original };
    for (const name of ['name', 'isCallClientActiveInAnotherTab', 'on', 'off', 'dispose', 'getEnvironmentInfo']) expect(copy, name).toHaveProperty(name);
    copy.on('isCallClientActiveInAnotherTabChanged', () => undefined);
    await expect(copy.getEnvironmentInfo()).resolves.toEqual(await original.getEnvironmentInfo());
  });
});

describe('what features hand out', () => {
  it('contract 9: a reaction names its person by the raw id, as a string', async () => {
    const { call, socket } = await connectedCall();
    const heard: unknown[] = [];
    call.feature(Features.Reaction).on('reaction', (event) => heard.push(event));
    socket.event(2, { type: 'reaction', participant: MEMBER, reaction: 'heart' });
    expect(heard).toMatchObject([{ identifier: MEMBER, reactionMessage: { reactionType: 'heart' } }]);
  });

  it('contract 10: the end of breakout rooms is an ISO string, and a room writes nothing down but what it is', async () => {
    const state = { assigned: null, rooms: [], ends: '2026-03-02T09:30:00Z', returnDisabled: true, mainThreadId: '19:main' };
    const { call } = await connectedCall({ breakout: state });
    const inRoom = call.feature(Features.BreakoutRooms);
    await settle();
    const settings = inRoom.breakoutRoomsSettings;
    expect(settings).toEqual({ disableReturnToMainMeeting: true, roomEndTime: '2026-03-02T09:30:00Z' });
    const main = await connectedCall({ breakout: { ...NO_ROOMS, assigned: BLUE } });
    const rooms = main.call.feature(Features.BreakoutRooms);
    await settle();
    const room = rooms.assignedBreakoutRooms;
    expect(room).toMatchObject({ displayName: 'Blue', state: 'open' });
    expect(JSON.stringify(room)).not.toContain(TOKEN);
  });

  it('contract 11: flags of devices are booleans, with the type of their value', async () => {
    const { call } = await connectedCall();
    const { media } = call.feature(Features.UserFacingDiagnostics);
    const told: unknown[] = [];
    media.on('diagnosticChanged', (change) => told.push(change));
    const track = new FakeTrack('video', 'cam', { width: 640, height: 360 });
    void call.startVideo(new LocalVideoStream(mediaStream(track)));
    await settle();
    track.endByItself();
    await settle();
    expect(told).toContainEqual({ diagnostic: 'cameraStoppedUnexpectedly', value: true, valueType: 'DiagnosticFlag' });
    for (const { value } of Object.values(media.getLatest())) expect(typeof value).toBe('boolean');
  });

  it('contract 12: what was already so at the join is told as events, after the roster', async () => {
    const { call, socket } = await joiningCall(false);
    const seen: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added }) => seen.push(`roster ${String(added.length)}`));
    call.feature(Features.RaiseHand).on('raisedHandEvent', ({ identifier }) => seen.push(`hand ${rawIdOf(identifier)}`));
    call.feature(Features.Spotlight).on('spotlightChanged', ({ added }) => seen.push(`spotlight ${added.map(({ identifier }) => rawIdOf(identifier)).join()}`));
    call.feature(Features.DominantSpeakers).on('dominantSpeakersChanged', () => seen.push('dominant'));
    call.feature(Features.Capabilities).on('capabilitiesChanged', () => seen.push('capabilities'));
    call.feature(Features.MediaAccess).on('mediaAccessChanged', ({ mediaAccesses }) => seen.push(`access ${String(mediaAccesses.length)}`));
    call.feature(Features.TogetherMode).on('togetherModeSeatingUpdated', (seats) => seen.push(`together ${String(seats.size)}`));
    call.feature(Features.BreakoutRooms).on('breakoutRoomsUpdated', ({ type, data }) => {
      seen.push(type === 'assignedBreakoutRooms' ? `assigned ${data?.displayName ?? ''}` : type === 'breakoutRooms' ? `rooms ${String(data?.length)}` : type);
    });
    const participants = [participant(OWN), hand(MEMBER, 1, { spotlight: 1 }), participant(OTHER)];
    const breakout = { ...NO_ROOMS, assigned: BLUE, rooms: [BLUE!] };
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ participants, breakout, meeting: meeting({ dominantSpeakers: [MEMBER], together: SEATS }) }) });
    await settle();
    expect(seen[0]).toBe('roster 2');
    expect(seen.slice(1).sort()).toEqual(['access 2', 'assigned Blue', 'capabilities', 'dominant', `hand ${MEMBER}`, 'rooms 1', `spotlight ${MEMBER}`, 'together 2']);
  });

  it('contract 12: the marks of somebody who left and came again are told again', async () => {
    const { call, socket } = await connectedCall({ participants: [participant(OWN), hand(MEMBER, 1)] });
    const seen: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added, removed }) => seen.push(`+${String(added.length)} -${String(removed.length)}`));
    call.feature(Features.RaiseHand).on('raisedHandEvent', () => seen.push('raised'));
    socket.event(2, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    socket.event(3, { type: 'participants', upserted: [hand(MEMBER, 1)], left: [] });
    expect(seen).toEqual(['+0 -1', '+1 -0', 'raised']);
  });

  it('contract 13: somebody is added once, and before anything is said of them', async () => {
    const { call, socket } = await connectedCall({ participants: [participant(OWN)] });
    const seen: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added }) => { for (const person of added) seen.push(`added ${rawIdOf(person.identifier)}`); });
    call.feature(Features.RaiseHand).on('raisedHandEvent', ({ identifier }) => seen.push(`hand ${rawIdOf(identifier)}`));
    call.feature(Features.MediaAccess).on('mediaAccessChanged', () => seen.push('access'));
    socket.event(2, { type: 'participants', upserted: [hand(OTHER, 1)], left: [] });
    socket.event(3, { type: 'participants', upserted: [hand(OTHER, 1, { muted: true })], left: [] });
    socket.event(9, { type: 'snapshot', snapshot: snapshot({ participants: [participant(OWN), hand(OTHER, 1)] }) });
    expect(seen[0]).toBe(`added ${OTHER}`);
    expect(seen.filter((line) => line.startsWith('added'))).toHaveLength(1);
  });

  it('contract 14: whoever is inside is Connected when announced, whoever waits is InLobby, and roles have their public names', async () => {
    const { call, socket } = await joiningCall(false);
    const states: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added }) => { for (const { state, role } of added) states.push(`${state} ${role}`); });
    const participants = [participant(OWN), participant(MEMBER, { role: 'organizer' }), participant(OTHER, { role: 'attendee' })];
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ participants }) });
    expect(states).toEqual(['Connected Organizer', 'Connected Attendee']);
    const waiting = { id: '8:teamsvisitor:1', session: 's3', displayName: 'Vera', kind: 'visitor' as const, since: '2026-01-01T00:00:00Z' };
    socket.event(2, { type: 'lobby', added: [waiting], removed: [] });
    expect(states.at(-1)).toMatch(/^InLobby /);
  });

  it('contract 14: every role has its public name, also those of rooms; where nobody has one it is Unknown', async () => {
    const names = { organizer: 'Organizer', coOrganizer: 'Co-organizer', presenter: 'Presenter', attendee: 'Attendee', collaborator: 'Collaborator', consumer: 'Consumer' } as const;
    for (const [role, name] of Object.entries(names) as [keyof typeof names, string][]) {
      const kind = role === 'consumer' || role === 'collaborator' ? 'room' : 'meeting';
      const { call } = await connectedCall({ meeting: meeting({ kind }), own: own({ role }), participants: [participant(OWN), participant(OTHER, { role })] });
      expect([call.role, call.remoteParticipants[0]?.role], role).toEqual([name, name]);
    }
    const group = await connectedCall({ meeting: meeting({ kind: 'group' }), own: own({ role: 'presenter' }), participants: [participant(OWN), participant(OTHER, { role: 'presenter' })] });
    expect([group.call.role, group.call.remoteParticipants[0]?.role]).toEqual(['Unknown', 'Unknown']);
  });

  it('contract 15: a stream of the join is announced once, one microtask later, and no type is there twice', async () => {
    const { agent } = await guestAgent();
    const call = agent.join(LINK, { videoOptions: { localVideoStreams: [camera(), camera()] }, audioOptions: { muted: true } });
    const announced: string[] = [];
    agent.on('callsUpdated', ({ added }) => { for (const made of added) announced.push(`call with ${String(made.localVideoStreams.length)}`); });
    call.on('localVideoStreamsUpdated', ({ added }) => announced.push(`stream ${String(added.length)}`));
    expect(call.localVideoStreams).toEqual([]);
    // Whoever listens from `callsUpdated` on, as stateful clients do, hears of the stream: the call comes first, the stream in a microtask of its own.
    expect(announced).toEqual([]);
    await Promise.resolve();
    expect(announced).toEqual(['call with 0']);
    await Promise.resolve();
    expect(announced).toEqual(['call with 0', 'stream 1']);
    await settle();
    expect(announced).toHaveLength(2);
    const types = call.localVideoStreams.map(({ mediaStreamType }) => mediaStreamType);
    expect(new Set(types).size).toBe(types.length);
    await expect(call.startVideo(camera())).rejects.toMatchObject({ subCode: 41027 });
  });

  it('contract 16: captions of a group or room are plain ones from the first read on; those of a link have what their kind needs', async () => {
    const { agent } = await guestAgent();
    for (const locator of [GROUP, { roomId: '99199690362660524' }]) expect(agent.join(locator as typeof GROUP).feature(Features.Captions).captions.kind).toBe('Captions');
    const captions = agent.join(LINK).feature(Features.Captions).captions;
    for (const method of [captions.on, captions.off, captions.startCaptions, captions.stopCaptions]) expect(typeof method).toBe('function');
    if (captions.kind !== 'TeamsCaptions') throw new Error('the captions of a link are of the kind TeamsCaptions');
    expect(typeof captions.activeCaptionLanguage).toBe('string');
  });
});

describe('breakout rooms', () => {
  it('contract 19: a call of a room is announced before it is told as joined, and the main call stays, held', async () => {
    const { agent, call, socket } = await connectedCall({ breakout: { ...NO_ROOMS, assigned: BLUE } });
    const seen: string[] = [];
    agent.on('callsUpdated', ({ added }) => { for (const { id } of added) seen.push(`added ${id}`); });
    const feature = call.feature(Features.BreakoutRooms);
    feature.on('breakoutRoomsUpdated', ({ type, data }) => { if (type === 'join') seen.push(`joined ${data?.id ?? ''}`); });
    await settle();
    const joining = feature.assignedBreakoutRooms?.join();
    await settle();
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't2', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ breakout: { ...NO_ROOMS, mainThreadId: '19:main' } }) }, 'c2');
    await settle();
    for (const { id, body } of socket.requests()) if (body.type === 'setHeld' || body.type === 'setPublication') socket.reply(id, { type: 'done' });
    const joined = await joining;
    await settle();
    const room = feature.assignedBreakoutRooms;
    expect(seen).toEqual([`added ${joined?.id ?? ''}`, `joined ${joined?.id ?? ''}`]);
    expect(agent.calls).toContain(call);
    expect(call.state).toBe('LocalHold');
    // The room closes: it is told as closed with an object that still knows the way back, and the main call goes on.
    socket.event(2, { type: 'breakout', breakout: { ...NO_ROOMS, assigned: { ...BLUE!, open: false } } });
    const closed = feature.assignedBreakoutRooms;
    expect([room?.state, closed?.state]).toEqual(['open', 'closed']);
    const returning = closed?.returnToMainMeeting();
    await settle();
    socket.reply(socket.last('setHeld').id, { type: 'done' });
    expect(await returning).toBe(call);
    await settle();
    expect([call.state, joined?.state, agent.calls]).toEqual(['Connected', 'Disconnected', [call]]);
  });
});

describe('identity', () => {
  it('contract 17: ids, features and the device manager stay the same objects', async () => {
    const { client, agent, call, socket } = await joiningCall(true);
    const { id } = call;
    const captions = call.feature(Features.Captions);
    const ids = vi.fn();
    call.on('idChanged', ids);
    socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    expect(call.id).toBe(id);
    expect(ids).not.toHaveBeenCalled();
    expect(Object.is(await client.getDeviceManager(), await client.getDeviceManager())).toBe(true);
    for (const key of Object.values(Features)) if ('callApiCtor' in key) expect(call.feature(key as typeof Features.Captions)).toBe(call.feature(key as typeof Features.Captions));
    const info = client.feature(Features.DebugInfo);
    expect(client.feature(Features.DebugInfo)).toBe(info);
    const calls = vi.fn();
    agent.on('callsUpdated', calls);
    await call.hangUp();
    // Also after the end they are the same, and the one that was removed is the one that was there.
    expect(calls).toHaveBeenCalledWith({ added: [], removed: [call] });
    expect([call.id, call.feature(Features.Captions)]).toEqual([id, captions]);
    expect(call.feature(Features.Captions)).toBe(captions);
  });

  it('contract 18: identifiers carry their raw id and come back as the one that was given', async () => {
    const visitor = '8:teamsvisitor:0123456789abcdef';
    const { call, socket } = await connectedCall();
    socket.event(2, { type: 'participants', upserted: [participant(OTHER), participant(visitor, { kind: 'visitor' })], left: [] });
    for (const { identifier } of call.remoteParticipants) {
      const { rawId } = identifier as { rawId?: string };
      expect(getIdentifierRawId(identifier)).toBe(rawId);
      expect(createIdentifierFromRawId(rawId ?? '')).toMatchObject({ kind: identifier.kind });
    }
    expect(call.remoteParticipants.map(({ identifier }) => identifier.kind)).toEqual(['microsoftTeamsUser', 'communicationUser', 'microsoftTeamsUser']);
    const guest = call.remoteParticipants.map(({ identifier }) => getIdentifierRawId(identifier)).find((rawId) => rawId.startsWith('8:acs:'));
    // Exactly one underscore: with two it would be read as another kind of user.
    expect(guest?.split('_')).toHaveLength(2);
  });
});

describe('errors, audio, names', () => {
  it('contract 20: errors are real ones, and a full spotlight says its limit in the words that are looked for', async () => {
    const { agent, call, socket } = await connectedCall();
    const start = call.feature(Features.Spotlight).startSpotlight([createIdentifierFromRawId(MEMBER)]);
    const failed = expect(start).rejects.toThrow('startSpotlight failed. 7 is the max number of participants that can be Spotlighted');
    socket.refuse(socket.last('startSpotlight').id, refusal({ name: 'spotlightFull' }));
    await failed;
    for (const fails of [() => agent.join({ meetingLink: '' }), () => agent.join({} as never)]) {
      expect(fails).toThrow(expect.objectContaining({ name: 'CommunicationServicesError', code: 400, subCode: 5751 }));
    }
    const error: unknown = await call.stopVideo(camera()).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'CommunicationServicesError', code: 400, subCode: 41030 });
  });

  it('contract 21: local audio is a list of audio streams whose effects can be asked about', async () => {
    const { call } = await connectedCall({ own: own({ muted: false }) }, false);
    await settle();
    expect(call.localAudioStreams).toHaveLength(1);
    const [stream] = call.localAudioStreams;
    expect(stream).toBeInstanceOf(LocalAudioStream);
    await expect(stream?.feature(Features.AudioEffects).isSupported('BrowserNoiseSuppression')).resolves.toBeTypeOf('boolean');
  });

  it('contract 22: the own name is the agent’s; a member’s agent has none', async () => {
    const { agent, platform } = await guestAgent();
    expect(agent.displayName).toBe('Guest');
    const creating = clientOn(platform).createTeamsCallAgent(credential());
    await settle();
    platform.socket.accept();
    platform.socket.welcome({ id: MEMBER, kind: 'member' });
    expect('displayName' in (await creating)).toBe(false);
  });

  it('contract 23: “no network” is there while there is none, and never with the value false', async () => {
    const { call, platform } = await connectedCall();
    const { network } = call.feature(Features.UserFacingDiagnostics);
    const told: unknown[] = [];
    network.on('diagnosticChanged', ({ diagnostic, value }) => { if (diagnostic === 'noNetwork') told.push(value); });
    platform.network(false);
    expect(network.getLatest()).toHaveProperty('noNetwork.value', true);
    platform.network(true);
    expect(network.getLatest()).not.toHaveProperty('noNetwork');
    expect(told).toEqual([true]);
  });

  it('contract 24: a view is made before the first frame; a renderer that is disposed meanwhile says so', async () => {
    const { call } = await connectedCall({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] });
    const [stream] = call.remoteParticipants[0]?.videoStreams ?? [];
    if (!stream) throw new Error('there is a stream');
    expect([stream.isAvailable, stream.isReceiving]).toEqual([true, false]);
    const renderer = new VideoStreamRenderer(stream);
    const view = await renderer.createView();
    expect(view.target).toBeInstanceOf(HTMLElement);
    expect(stream.isReceiving).toBe(false);
    renderer.dispose();
    const second = new VideoStreamRenderer(stream);
    const making = second.createView();
    second.dispose();
    await expect(making).rejects.toMatchObject({ subCode: 43209 });
    await expect(second.createView()).rejects.toMatchObject({ subCode: 43210 });
  });
});
