// Reactions, spotlight, media access, hands, capabilities, dominant speakers: what applications see of them.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import type { CapabilitiesChangeInfo } from '../src/index';
import { rawIdOf } from '../src/core/roles';
import type { Capability, CapabilityReason } from '../src/wire';
import { CAPABLE, FakeMediaStream, FakeTrack, MEMBER, OTHER, OWN, connectedCall, joiningCall, mediaStream, meeting, own, participant, publication, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
});

const OPEN = { audio: true, video: true };
const SHUT = { audio: false, video: true };

/** People of a call with their order of hands and spotlight. */
const people = (...over: Parameters<typeof participant>[]) => over.map(([id, more]) => participant(id, more));

describe('reactions', () => {
  it('arrive with the raw id as a text, the own ones too', async () => {
    const { call, socket } = await connectedCall();
    const heard: unknown[] = [];
    call.feature(Features.Reaction).on('reaction', (event) => heard.push(event));
    socket.event(2, { type: 'reaction', participant: MEMBER, reaction: 'heart' });
    socket.event(3, { type: 'reaction', participant: OWN, reaction: 'applause' });
    expect(heard).toEqual([
      { identifier: MEMBER, reactionMessage: { reactionType: 'heart' } },
      { identifier: OWN, reactionMessage: { reactionType: 'applause' } },
    ]);
  });

  it('are sent as they are, and what is no reaction is not sent', async () => {
    const { call, socket } = await connectedCall();
    const feature = call.feature(Features.Reaction);
    const sent = feature.sendReaction({ reactionType: 'laugh' });
    expect(socket.last('react').body).toEqual({ type: 'react', reaction: 'laugh' });
    socket.reply(socket.last('react').id, { type: 'done' });
    await expect(sent).resolves.toBeUndefined();
    await expect(feature.sendReaction({ reactionType: 'frown' as 'like' })).rejects.toMatchObject({ code: 400, subCode: 45005, reason: 'unknownReaction' });
    expect(socket.count('react')).toBe(1);
  });

  it('that come too fast are refused with the server’s reason', async () => {
    const { call, socket } = await connectedCall();
    const sent = call.feature(Features.Reaction).sendReaction({ reactionType: 'like' });
    socket.refuse(socket.last('react').id, refusal({ code: 429, subCode: 46700, name: 'tooFast', message: 'Not so fast, please.' }));
    await expect(sent).rejects.toMatchObject({ code: 429, subCode: 46700, message: 'Not so fast, please.' });
  });
});

describe('the spotlight', () => {
  const changes = (call: Awaited<ReturnType<typeof connectedCall>>['call']) => {
    const seen: { added: [string, number | undefined][]; removed: string[] }[] = [];
    call.feature(Features.Spotlight).on('spotlightChanged', ({ added, removed }) =>
      seen.push({ added: added.map(({ identifier, order }) => [rawIdOf(identifier), order]), removed: removed.map(({ identifier }) => rawIdOf(identifier)) }),
    );
    return seen;
  };

  it('replays who is in it at the join, after the roster, in order', async () => {
    const { call, socket } = await joiningCall(false);
    const seen = changes(call);
    let rosterWasThere = false;
    call.feature(Features.Spotlight).on('spotlightChanged', () => { rosterWasThere = call.remoteParticipants.length === 2; });
    const participants = people([OWN, { spotlight: 3 }], [OTHER, { spotlight: 2 }], [MEMBER, { spotlight: 1 }]);
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ participants, meeting: meeting({ maxSpotlight: 5 }) }) });
    expect(seen).toEqual([{ added: [[MEMBER, 1], [OTHER, 2], [OWN, 3]], removed: [] }]);
    expect(rosterWasThere).toBe(true);
    const feature = call.feature(Features.Spotlight);
    expect(feature.getSpotlightedParticipants().map(({ order }) => order)).toEqual([1, 2, 3]);
    expect(feature.getSpotlightedParticipants()).not.toBe(feature.getSpotlightedParticipants());
    expect(feature.maxParticipantsToSpotlight).toBe(5);
  });

  it('tells who comes, who goes, and that others moved up', async () => {
    const { call, socket } = await connectedCall({ participants: people([OWN], [MEMBER, { spotlight: 1 }], [OTHER, { spotlight: 2 }]) });
    const seen = changes(call);
    socket.event(2, { type: 'participants', upserted: people([MEMBER], [OTHER, { spotlight: 1 }]), left: [] });
    socket.event(3, { type: 'participants', upserted: people([OWN, { spotlight: 2 }]), left: [] });
    socket.event(4, { type: 'participants', upserted: people([OWN, { spotlight: 1 }]), left: [{ id: OTHER, removed: false }] });
    socket.event(5, { type: 'participants', upserted: people([MEMBER, { muted: true }]), left: [] });
    expect(seen).toEqual([
      { added: [], removed: [MEMBER] },
      { added: [[OWN, 2]], removed: [] },
      { added: [], removed: [OTHER] },
    ]);
  });

  it('says that it is full in the sentence that applications look for', async () => {
    const { call, socket } = await connectedCall();
    const started = call.feature(Features.Spotlight).startSpotlight([{ communicationUserId: OTHER }]);
    socket.refuse(socket.last('startSpotlight').id, refusal({ code: 400, subCode: 46714, name: 'spotlightFull', message: 'Full.' }));
    const error: unknown = await started.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      message: 'startSpotlight failed. 7 is the max number of participants that can be Spotlighted',
      subCode: 46714,
      reason: 'spotlightFull',
    });
    const other = call.feature(Features.Spotlight).startSpotlight();
    socket.refuse(socket.last('startSpotlight').id, refusal({ name: 'roleForbidsSpotlight', message: 'Not your role.' }));
    await expect(other).rejects.toMatchObject({ message: 'Not your role.', reason: 'roleForbidsSpotlight' });
  });

  it('is asked for first when videos are', async () => {
    const participants = people([OWN], [MEMBER, { publications: [publication(1)] }], [OTHER, { spotlight: 1, publications: [publication(2)] }]);
    const { call, socket, platform } = await connectedCall({ participants });
    for (const { videoStreams } of call.remoteParticipants) for (const stream of videoStreams) void new VideoStreamRenderer(stream).createView().catch(() => undefined);
    await platform.advance(100);
    expect(socket.last('subscribe').body.wants.map(({ publication: id, priority }) => [id, priority])).toEqual([[2, 'pinned'], [1, 'rest']]);
    socket.event(2, { type: 'participants', upserted: [participant(OTHER, { publications: [publication(2)] })], left: [] });
    await platform.advance(100);
    expect(socket.last('subscribe').body.wants.every(({ priority }) => priority === 'rest')).toBe(true);
  });
});

describe('media access', () => {
  it('is read before the join as open, and told after the roster at the join', async () => {
    const { call, socket } = await joiningCall(false);
    const feature = call.feature(Features.MediaAccess);
    expect(feature.getAllOthersMediaAccess()).toEqual([]);
    expect(feature.getMeetingMediaAccess()).toEqual({ isAudioPermitted: true, isVideoPermitted: true });
    const seen: unknown[] = [];
    call.on('remoteParticipantsUpdated', () => seen.push('roster'));
    feature.on('meetingMediaAccessChanged', ({ meetingMediaAccess }) => seen.push(meetingMediaAccess));
    feature.on('mediaAccessChanged', ({ mediaAccesses }) =>
      seen.push(mediaAccesses.map(({ participant: who, isAudioPermitted, isVideoPermitted }) => [rawIdOf(who), isAudioPermitted, isVideoPermitted])),
    );
    const participants = people([OWN, { access: SHUT }], [MEMBER], [OTHER, { access: SHUT }]);
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ participants, meeting: meeting({ access: SHUT }) }) });
    expect(seen).toEqual(['roster', { isAudioPermitted: false, isVideoPermitted: true }, [[MEMBER, true, true], [OTHER, false, true]]]);
    expect(feature.getMeetingMediaAccess()).toEqual({ isAudioPermitted: false, isVideoPermitted: true });
    expect(feature.getAllOthersMediaAccess().map(({ isAudioPermitted }) => isAudioPermitted)).toEqual([true, false]);
  });

  it('is told of newcomers and of those for whom it changed, once each, and never of the own person', async () => {
    const { call, socket } = await connectedCall({ participants: people([OWN], [MEMBER]) });
    const seen: string[][] = [];
    const meetings: unknown[] = [];
    const feature = call.feature(Features.MediaAccess);
    feature.on('mediaAccessChanged', ({ mediaAccesses }) => seen.push(mediaAccesses.map((one) => rawIdOf(one.participant))));
    feature.on('meetingMediaAccessChanged', ({ meetingMediaAccess }) => meetings.push(meetingMediaAccess));
    socket.event(2, { type: 'participants', upserted: people([OTHER]), left: [] });
    socket.event(3, { type: 'participants', upserted: people([OTHER, { access: SHUT }], [OWN, { access: SHUT }]), left: [] });
    socket.event(4, { type: 'participants', upserted: people([OTHER, { access: SHUT, muted: true }]), left: [] });
    socket.event(5, { type: 'meeting', meeting: meeting({ access: OPEN, locked: true }) });
    socket.event(6, { type: 'meeting', meeting: meeting({ access: SHUT }) });
    expect(seen).toEqual([[OTHER], [OTHER]]);
    expect(meetings).toEqual([{ isAudioPermitted: false, isVideoPermitted: true }]);
  });

  it('asks for one, for all, and for nobody not at all', async () => {
    const { call, socket } = await connectedCall();
    const feature = call.feature(Features.MediaAccess);
    const other = [{ communicationUserId: OTHER }];
    const acts: [() => Promise<void>, unknown][] = [
      [() => feature.forbidAudio(other), { kind: 'audio', participants: [OTHER], permitted: false }],
      [() => feature.permitAudio(other), { kind: 'audio', participants: [OTHER], permitted: true }],
      [() => feature.forbidVideo(other), { kind: 'video', participants: [OTHER], permitted: false }],
      [() => feature.permitVideo(other), { kind: 'video', participants: [OTHER], permitted: true }],
      [() => feature.forbidOthersAudio(), { kind: 'audio', participants: [], permitted: false }],
      [() => feature.permitOthersAudio(), { kind: 'audio', participants: [], permitted: true }],
      [() => feature.forbidOthersVideo(), { kind: 'video', participants: [], permitted: false }],
      [() => feature.permitOthersVideo(), { kind: 'video', participants: [], permitted: true }],
    ];
    for (const [act, body] of acts) {
      const asked = act();
      expect(socket.last('setMediaAccess').body).toEqual({ type: 'setMediaAccess', ...(body as object) });
      socket.reply(socket.last('setMediaAccess').id, { type: 'done' });
      await asked;
    }
    await feature.forbidAudio([]);
    expect(socket.count('setMediaAccess')).toBe(acts.length);
  });

  it('that is withdrawn lets go of the own camera and screen, each for itself', async () => {
    const told = (name: Capability['name'], isPresent: boolean): Capability => ({ name, state: { isPresent, reason: isPresent ? 'Capable' : 'MeetingRestricted' } });
    const all = (...gone: Capability['name'][]) => (['unmuteMic', 'turnVideoOn', 'shareScreen'] as const).map((name) => told(name, !gone.includes(name)));
    const { call, socket } = await connectedCall({ own: own({ capabilities: all(), muted: false }) }, false);
    for (const { id, body } of socket.requests()) if (body.type === 'setPublication') socket.reply(id, { type: 'done' });
    const [camera, screen] = [mediaStream(new FakeTrack('video', 'camera')), mediaStream(new FakeTrack('video', 'screen'))];
    const starting = [call.startVideo(new LocalVideoStream(camera)), call.startScreenSharing(new LocalVideoStream(screen))];
    await settle();
    for (const { id, body } of socket.requests()) if (body.type === 'setPublication' && body.active) socket.reply(id, { type: 'done' });
    void Promise.allSettled(starting);
    await settle();
    expect([call.isLocalVideoStarted, call.isScreenSharingOn]).toEqual([true, true]);
    socket.event(2, { type: 'own', own: own({ capabilities: all('turnVideoOn'), muted: false }) });
    await settle();
    expect([call.isLocalVideoStarted, call.isScreenSharingOn]).toEqual([false, true]);
    expect(socket.last('setPublication').body).toMatchObject({ kind: 'camera', active: false });
    socket.event(3, { type: 'own', own: own({ capabilities: all('turnVideoOn', 'shareScreen'), muted: false }) });
    await settle();
    expect(call.isScreenSharingOn).toBe(false);
    expect(call.localVideoStreams).toEqual([]);
  });

  it('cannot be changed before the call is connected', async () => {
    const { call } = await joiningCall(true);
    await expect(call.feature(Features.MediaAccess).forbidOthersAudio()).rejects.toMatchObject({ code: 412, subCode: 46505 });
    await expect(call.feature(Features.MediaAccess).permitVideo([{ communicationUserId: OTHER }])).rejects.toMatchObject({ code: 412, subCode: 46505 });
  });
});

describe('capabilities', () => {
  const told = (name: Capability['name'], reason: CapabilityReason): Capability => ({ name, state: { isPresent: reason === 'Capable', reason } });

  it('change with the reason that fits: role, policy, meeting', async () => {
    const { call, socket } = await connectedCall();
    const changes: CapabilitiesChangeInfo[] = [];
    call.feature(Features.Capabilities).on('capabilitiesChanged', (change) => changes.push(change));
    socket.event(2, { type: 'own', own: own({ capabilities: [...CAPABLE.slice(0, 2), told('raiseHand', 'Capable')] }) });
    socket.event(3, { type: 'own', own: own({ capabilities: [told('unmuteMic', 'MeetingRestricted'), told('turnVideoOn', 'Capable'), told('raiseHand', 'UserPolicyRestricted')] }) });
    socket.event(4, { type: 'own', own: own({ role: 'presenter', capabilities: [...CAPABLE.slice(0, 2), told('raiseHand', 'Capable')] }) });
    expect(changes.map(({ reason, newValue }) => [reason, Object.keys(newValue)])).toEqual([
      ['UserPolicyChanged', ['raiseHand']],
      ['MeetingOptionOrOrganizerPolicyChanged', ['unmuteMic']],
      ['UserPolicyChanged', ['raiseHand']],
      ['RoleChanged', ['unmuteMic', 'raiseHand']],
    ]);
    expect(changes[1]?.oldValue).toEqual({ unmuteMic: { isPresent: true, reason: 'Capable' } });
    expect(Object.keys(call.feature(Features.Capabilities).capabilities)).toHaveLength(25);
  });
});

describe('dominant speakers', () => {
  it('come with the server’s ranking and time, without the own person, and only when the ranking changed', async () => {
    const { call, socket } = await connectedCall({ meeting: meeting({ dominantSpeakers: [MEMBER], dominantSince: '2026-07-01T09:30:00Z' }) });
    const feature = call.feature(Features.DominantSpeakers);
    expect(feature.dominantSpeakers.timestamp.toISOString()).toBe('2026-07-01T09:30:00.000Z');
    let changed = 0;
    feature.on('dominantSpeakersChanged', () => { changed += 1; });
    socket.event(2, { type: 'speaking', changes: [], dominant: [OWN, MEMBER], dominantSince: '2026-07-01T09:30:05Z' });
    expect(changed).toBe(0);
    socket.event(3, { type: 'speaking', changes: [], dominant: [OTHER, OWN, MEMBER], dominantSince: '2026-07-01T09:30:09.5Z' });
    expect(changed).toBe(1);
    expect(feature.dominantSpeakers.speakersList.map(rawIdOf)).toEqual([OTHER, MEMBER]);
    expect(feature.dominantSpeakers.timestamp.toISOString()).toBe('2026-07-01T09:30:09.500Z');
    expect(feature.dominantSpeakers.speakersList).not.toBe(feature.dominantSpeakers.speakersList);
  });

  it('of a server that tells no time are taken to be told at once', async () => {
    const { call, socket } = await connectedCall();
    const before = Date.now();
    const feature = call.feature(Features.DominantSpeakers);
    socket.event(2, { type: 'speaking', changes: [], dominant: [MEMBER] });
    await settle();
    expect(feature.dominantSpeakers.timestamp.getTime()).toBeGreaterThanOrEqual(before);
  });

  it('are replayed at the join', async () => {
    const { call, socket } = await joiningCall(false);
    let seen = 0;
    call.feature(Features.DominantSpeakers).on('dominantSpeakersChanged', () => { seen += call.remoteParticipants.length; });
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ meeting: meeting({ dominantSpeakers: [MEMBER] }) }) });
    expect(seen).toBe(1);
  });
});
