import { beforeEach, describe, expect, it, vi } from 'vitest';

import { CallClient, DiagnosticQuality, Features, LocalAudioStream, LocalVideoStream } from '../src/index';
import type { CapabilitiesChangeInfo } from '../src/index';
import { rawIdOf } from '../src/core/roles';
import { environment } from '../src/features/debug-info';
import { FakeMediaStream, MEMBER, OTHER, OWN, connectedCall, guestAgent, joiningCall, own, participant, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
});

const ON_STREAMS = new Set(['DebugInfo', 'VideoEffects', 'AudioEffects']);

describe('the registry', () => {
  it('has 23 keys, and each call gives one object per key', async () => {
    const { call } = await connectedCall();
    expect(Object.keys(Features)).toHaveLength(23);
    for (const [name, key] of Object.entries(Features)) {
      if (ON_STREAMS.has(name)) continue;
      const feature = call.feature(key as typeof Features.Recording);
      expect(feature.name, name).toBe(name);
      expect(call.feature(key as typeof Features.Recording), name).toBe(feature);
    }
    const client = new CallClient();
    expect(client.feature(Features.DebugInfo)).toBe(client.feature(Features.DebugInfo));
    const video = new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
    expect(video.feature(Features.VideoEffects).activeEffects).toEqual([]);
    const audio = new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' });
    await expect(audio.feature(Features.AudioEffects).isSupported('DeepNoiseSuppression' as never)).resolves.toBe(false);
  });

  it('answers what applications ask before the join is answered: nothing yet, and no error', async () => {
    const { agent } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/x' });
    expect(call.feature(Features.Recording).isRecordingActive).toBe(false);
    expect(call.feature(Features.Captions).captions.kind).toBe('TeamsCaptions');
    expect(call.feature(Features.Spotlight).getSpotlightedParticipants()).toEqual([]);
    expect(call.feature(Features.TogetherMode).togetherModeStream).toEqual([]);
    expect(call.feature(Features.MediaAccess).getAllOthersMediaAccess()).toEqual([]);
    expect(call.feature(Features.Transcription).isTranscriptionActive).toBe(false);
    expect(call.feature(Features.RaiseHand).getRaisedHands()).toEqual([]);
    expect(call.feature(Features.BreakoutRooms).assignedBreakoutRooms).toBeUndefined();
    expect(call.feature(Features.OptimalVideoCount).optimalVideoCount).toBeGreaterThan(0);
    await expect(call.feature(Features.Reaction).sendReaction({ reactionType: 'like' })).rejects.toMatchObject({ code: 412, subCode: 41071 });
  });
});

describe('what this server does not have', () => {
  it('live slides are never active: no presenter, nothing to show, before and inside', async () => {
    const { call, socket } = await joiningCall(false);
    const feature = call.feature(Features.PPTLive);
    const told = vi.fn();
    feature.on('isActiveChanged', told);
    for (const inside of [false, true]) {
      if (inside) socket.event(1, { type: 'snapshot', snapshot: snapshot() });
      expect([feature.name, feature.isActive, feature.activePresenterId, feature.target]).toEqual(['PPTLive', false, undefined, undefined]);
    }
    expect(told).not.toHaveBeenCalled();
  });

  it('audio conferencing answers with no conference id and no numbers, since applications ask without catching; each answer is fresh', async () => {
    const { call } = await connectedCall();
    const feature = call.feature(Features.TeamsMeetingAudioConferencing);
    const details = await feature.getTeamsMeetingAudioConferencingDetails();
    expect(details).toEqual({ phoneConferenceId: '', phoneNumbers: [] });
    Object.freeze(details.phoneNumbers);
    expect(await feature.getTeamsMeetingAudioConferencingDetails()).not.toBe(details);
  });
});

describe('capabilities', () => {
  it('is complete from the first read and changes once at the join', async () => {
    const { call, socket } = await joiningCall(false);
    const feature = call.feature(Features.Capabilities);
    expect(Object.keys(feature.capabilities)).toHaveLength(25);
    expect(feature.capabilities.spotlightParticipant).toEqual({ isPresent: false, reason: 'NotInitialized' });
    const changes: CapabilitiesChangeInfo[] = [];
    feature.on('capabilitiesChanged', (change) => changes.push(change));
    socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ reason: 'RoleChanged', newValue: { unmuteMic: { isPresent: true, reason: 'Capable' } } });
    expect(feature.capabilities).not.toBe(feature.capabilities);
    socket.event(2, { type: 'own', own: own() });
    expect(changes).toHaveLength(1);
    const denied = own().capabilities.map((entry) =>
      entry.name === 'unmuteMic' ? { ...entry, state: { isPresent: false, reason: 'MeetingRestricted' as const } } : entry,
    );
    socket.event(3, { type: 'own', own: own({ capabilities: denied }) });
    expect(changes[1]).toEqual({
      reason: 'MeetingOptionOrOrganizerPolicyChanged',
      oldValue: { unmuteMic: { isPresent: true, reason: 'Capable' } },
      newValue: { unmuteMic: { isPresent: false, reason: 'MeetingRestricted' } },
    });
  });
});

describe('raised hands', () => {
  it('replays hands that are up at the join after the roster, in their order', async () => {
    const { call, socket } = await joiningCall(false);
    const seen: string[] = [];
    call.on('remoteParticipantsUpdated', ({ added }) => seen.push(`added ${String(added.length)}`));
    call.feature(Features.RaiseHand).on('raisedHandEvent', ({ identifier }) => seen.push(`raised ${rawIdOf(identifier)}`));
    const participants = [participant(OWN), participant(OTHER, { hand: 2 }), participant(MEMBER, { hand: 1 })];
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ participants }) });
    expect(seen).toEqual(['added 2', `raised ${MEMBER}`, `raised ${OTHER}`]);
    expect(call.feature(Features.RaiseHand).getRaisedHands().map(({ order }) => order)).toEqual([1, 2]);
  });

  it('tells a lowered hand, also when its owner leaves', async () => {
    const { call, socket } = await connectedCall({ participants: [participant(OWN), participant(MEMBER, { hand: 1 })] });
    const lowered: unknown[] = [];
    call.feature(Features.RaiseHand).on('loweredHandEvent', ({ identifier }) => lowered.push(rawIdOf(identifier)));
    socket.event(2, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    expect(lowered).toEqual([MEMBER]);
  });

  it('passes the reason on when a guest may not raise a hand', async () => {
    const { call, socket } = await connectedCall();
    const raise = call.feature(Features.RaiseHand).raiseHand();
    socket.refuse(socket.last('raiseHand').id, refusal({ name: 'raiseHandForMembersOnly', subCode: 45802, message: 'Members only.' }));
    await expect(raise).rejects.toMatchObject({ subCode: 45802, message: 'Members only.', reason: 'raiseHandForMembersOnly' });
  });

  it('does not lower the own hand when nobody is named', async () => {
    const { call, socket } = await connectedCall();
    await call.feature(Features.RaiseHand).lowerHands([]);
    expect(socket.count('lowerHands')).toBe(0);
  });
});

describe('user-facing diagnostics', () => {
  it('says bad while the connection is lost and good when it is back', async () => {
    const { call, socket, platform } = await connectedCall();
    const { network } = call.feature(Features.UserFacingDiagnostics);
    const seen: unknown[] = [];
    network.on('diagnosticChanged', ({ diagnostic, value }) => seen.push([diagnostic, value]));
    socket.drop();
    expect(seen).toEqual([['networkReconnect', DiagnosticQuality.Bad]]);
    expect(network.getLatest()).toEqual({ networkReconnect: { value: DiagnosticQuality.Bad, valueType: 'DiagnosticQuality' } });
    expect(call.state).toBe('Connected');
    await platform.advance(1_000);
    platform.socket.accept();
    platform.socket.welcome({ resumed: [{ call: 'c1', resumeTicket: 't2' }] });
    platform.socket.event(9, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(seen.at(-1)).toEqual(['networkReconnect', DiagnosticQuality.Good]);
  });

  it('never lists noNetwork while there is one', async () => {
    const { call } = await connectedCall();
    expect(call.feature(Features.UserFacingDiagnostics).network.getLatest()).not.toHaveProperty('noNetwork');
  });
});

describe('debug info', () => {
  it('survives being copied with a spread', async () => {
    const copy = { ...new CallClient().feature(Features.DebugInfo) };
    expect(() => {
      copy.on('isCallClientActiveInAnotherTabChanged', () => undefined);
    }).not.toThrow();
    await expect(copy.getEnvironmentInfo()).resolves.toHaveProperty('environment.browser');
  });

  it('knows the browsers', () => {
    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
    expect(environment(chrome).environment).toEqual({ platform: 'Linux', browser: 'chrome', browserVersion: '156.0.0.0' });
    expect(environment(`${chrome} Edg/156.0.1`).environment.browser).toBe('edge');
    expect(environment('Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0').environment).toMatchObject({ platform: 'Windows', browser: 'firefox' });
    expect(environment('Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18.0 Mobile Safari/604').environment).toMatchObject({ platform: 'iOS', browser: 'safari' });
  });
});
