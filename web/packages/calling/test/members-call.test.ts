// Members of calls and of people in them that no other test is about: the sound of the call, what is told when it changes, what identifies it.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Emitter } from '../src/core/emitter';
import { rawIdOf } from '../src/core/roles';
import type { IncomingCall, RemoteAudioStream } from '../src/index';
import { CallAgentKind, CallKind, Features, LocalAudioStream, LocalVideoStream } from '../src/index';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OTHER, OWN, connectedCall, guestAgent, joiningCall, mediaStream, meeting, own, participant, publication, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: () => Promise.resolve(mediaStream(new FakeTrack('audio', 'mic'))),
      getDisplayMedia: () => Promise.resolve(mediaStream(new FakeTrack('video', 'screen', { width: 1920, height: 1080 }))),
      enumerateDevices: () => Promise.resolve([]),
    },
    userAgent: '',
  });
});

type Made = Awaited<ReturnType<typeof connectedCall>>;

/** The server takes everything that was asked. */
async function agree({ socket }: Pick<Made, 'socket'>): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await settle();
    for (const { id, body } of socket.requests()) if (body.type === 'setPublication' || body.type === 'setHeld') socket.reply(id, { type: 'done' });
  }
  await settle();
}

/** A muted call whose sound player writes down whether it is silent. */
async function audible() {
  const platform = new FakePlatform();
  const silent: boolean[] = [];
  platform.createPlayer = () => ({
    play: () => undefined,
    setMuted: (muted) => silent.push(muted),
    setSpeaker: () => Promise.resolve(),
    close: () => undefined,
  });
  const { agent } = await guestAgent(platform);
  const call = agent.join({ meetingLink: 'http://host/l/meetup-join/x' }, { audioOptions: { muted: true } });
  await settle();
  const { socket } = platform;
  socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
  socket.event(1, { type: 'snapshot', snapshot: snapshot() });
  await settle();
  socket.reply(socket.last('offerMedia').id, { type: 'media', sdp: 'answer' });
  await settle();
  return { platform, agent, call, socket, silent };
}

describe('the sound of the call', () => {
  it('is silenced and played again, and each change is told once', async () => {
    const { call, silent } = await audible();
    const told: boolean[] = [];
    call.on('isIncomingAudioMutedChanged', () => told.push(call.isIncomingAudioMuted));
    expect(call.isIncomingAudioMuted).toBe(false);
    await call.muteIncomingAudio();
    await call.muteIncomingAudio();
    expect(silent.at(-1)).toBe(true);
    await call.unmuteIncomingAudio();
    expect(silent.at(-1)).toBe(false);
    expect(told).toEqual([true, false]);
    await call.hangUp();
    await expect(call.muteIncomingAudio()).rejects.toMatchObject({ reason: 'callEnded' });
  });

  it('stops both ways with stopAudio, and begins both ways with startAudio, from the stream that is given', async () => {
    const { call, socket, platform, silent } = await audible();
    const changes: [LocalAudioStream[], LocalAudioStream[]][] = [];
    call.on('localAudioStreamsUpdated', ({ added, removed }) => changes.push([added, removed]));
    const [before] = call.localAudioStreams;
    const track = new FakeTrack('audio', 'own');
    const stream = new LocalAudioStream(mediaStream(track));
    await call.muteIncomingAudio();
    const starting = call.startAudio(stream);
    await agree({ socket });
    await starting;
    expect([call.isMuted, call.isIncomingAudioMuted, silent.at(-1)]).toEqual([false, false, false]);
    expect(platform.peer.sent.get('microphone')).toBe(track);
    expect(changes).toEqual([[[stream], [before]]]);
    expect(call.localAudioStreams).toEqual([stream]);
    const stopping = call.stopAudio();
    await agree({ socket });
    await stopping;
    expect([call.isMuted, call.isIncomingAudioMuted, silent.at(-1)]).toEqual([true, true, true]);
    expect(platform.peer.sent.get('microphone')).toBeNull();
    // The same stream again is no change of streams.
    const again = call.startAudio(stream);
    await agree({ socket });
    await again;
    expect(changes).toHaveLength(1);
  });

  it('is one remote stream from the admission to the end, also over a hold', async () => {
    const made = await joiningCall(true);
    const { call, socket } = made;
    const told: [RemoteAudioStream[], RemoteAudioStream[]][] = [];
    call.on('remoteAudioStreamsUpdated', ({ added, removed }) => told.push([added, removed]));
    socket.event(1, { type: 'waiting', notStarted: false });
    expect([call.remoteAudioStreams, told]).toEqual([[], []]);
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    const [stream] = call.remoteAudioStreams;
    expect(stream?.id).toBe(1);
    const holding = call.hold();
    await agree(made);
    await holding;
    const resuming = call.resume();
    await agree(made);
    await resuming;
    expect(call.state).toBe('Connected');
    expect(told).toEqual([[[stream], []]]);
    await call.hangUp();
    expect(told).toEqual([[[stream], []], [[], [stream]]]);
    expect(call.remoteAudioStreams).toEqual([]);
  });

  it('is given as a MediaStream of all that comes in, and refused after the end', async () => {
    const { call, platform } = await connectedCall();
    const voice = new FakeTrack('audio', 'voice');
    vi.spyOn(platform.peer, 'audioSlots', 'get').mockReturnValue([{ mid: '1', track: voice as unknown as MediaStreamTrack }]);
    const stream = call.remoteAudioStreams[0]!;
    expect((await stream.getMediaStream()).getAudioTracks()).toEqual([voice]);
    await call.hangUp();
    await expect(stream.getMediaStream()).rejects.toMatchObject({ reason: 'streamNotAvailable' });
  });
});

describe('own video', () => {
  it('tells camera and screen each by its own event', async () => {
    const made = await connectedCall();
    const { call } = made;
    const told: string[] = [];
    call.on('isLocalVideoStartedChanged', () => told.push(`camera ${String(call.isLocalVideoStarted)}`));
    call.on('isScreenSharingOnChanged', () => told.push(`screen ${String(call.isScreenSharingOn)}`));
    const stream = new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 640, height: 360 })));
    for (const act of [() => call.startVideo(stream), () => call.startScreenSharing(), () => call.stopScreenSharing(), () => call.stopVideo(stream)]) {
      const done = act();
      await agree(made);
      await done;
    }
    expect(told).toEqual(['camera true', 'screen true', 'screen false', 'camera false']);
  });
});

describe('limits of what is sent', () => {
  it('that were given at the join hold for the connection that is made then, until there are others', async () => {
    const platform = new FakePlatform();
    const { createPeer } = platform;
    const limits: unknown[] = [];
    platform.createPeer = (servers, handlers) => {
      const peer = createPeer(servers, handlers);
      peer.limit = (limit) => Promise.resolve(void limits.push(limit));
      return peer;
    };
    const { agent } = await guestAgent(platform);
    const constraints = { send: { frameHeight: { max: 360 }, bitrate: { max: 500_000 } } };
    const call = agent.join({ meetingLink: 'http://host/x' }, { audioOptions: { muted: true }, videoOptions: { constraints } });
    await settle();
    const { socket } = platform;
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    expect(limits).toEqual([]);
    socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(limits).toEqual([{ height: 360, frameRate: undefined, bitrate: 500_000 }]);
    await call.setConstraints({ video: { send: { frameRate: { max: 15 } } } });
    expect(limits.at(-1)).toEqual({ height: undefined, frameRate: 15, bitrate: undefined });
  });
});

describe('a call', () => {
  it('and its agent say of which kind they are, and under which name they join', async () => {
    const { agent, call, socket } = await connectedCall();
    expect([agent.kind, call.kind]).toEqual([CallAgentKind.CallAgent, CallKind.Call]);
    expect(agent.displayName).toBe('Guest');
    expect(socket.last('join').body.displayName).toBe(agent.displayName);
  });

  it('tells when its chat becomes known, to whoever still listens', async () => {
    const { call, socket } = await joiningCall(true);
    const heard: unknown[] = [];
    const deaf = vi.fn();
    call.info.onCallInfoChanged('callInfoChanged', () => heard.push(call.info.threadId));
    call.info.onCallInfoChanged('callInfoChanged', deaf);
    call.info.offCallInfoChanged('callInfoChanged', deaf);
    socket.event(1, { type: 'waiting', notStarted: false });
    expect(heard).toEqual([]);
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    socket.event(3, { type: 'meeting', meeting: meeting({ subject: 'Other' }) });
    expect(heard).toEqual(['19:meeting_x@thread.v2']);
    expect(deaf).not.toHaveBeenCalled();
  });

  it('that is disposed leaves, and keeps no listener, nor do its features', async () => {
    const { agent, call, socket } = await connectedCall();
    const hands = call.feature(Features.RaiseHand);
    const heard: string[] = [];
    call.on('roleChanged', () => heard.push('role'));
    hands.on('raisedHandEvent', () => heard.push('hand'));
    const tellAll = (): void => {
      for (const [target, event] of [[call, 'roleChanged'], [hands, 'raisedHandEvent']] as const) (target as unknown as Emitter<Record<string, () => void>>).emit(event);
    };
    tellAll();
    call.dispose();
    await settle();
    expect([socket.count('leave'), call.state, agent.calls]).toEqual([1, 'Disconnected', []]);
    tellAll();
    expect(heard).toEqual(['role', 'hand']);
  });

  it('that somebody handed over says who did', async () => {
    const made = await guestAgent();
    const rings: IncomingCall[] = [];
    await made.platform.advance(0);
    made.agent.on('incomingCall', ({ incomingCall }) => rings.push(incomingCall));
    const { socket } = made.platform;
    socket.push({
      type: 'incoming',
      incoming: { id: 'i-1', kind: 'direct', caller: OTHER, callerName: 'Ada', customContext: {}, transferor: MEMBER, transferorName: 'Maria' },
    });
    const accepting = rings[0]!.accept({ audioOptions: { muted: true } });
    await settle();
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    const state = snapshot({ meeting: meeting({ kind: 'direct', threadId: '' }), participants: [participant(OWN), participant(OTHER)] });
    socket.event(1, { type: 'snapshot', snapshot: state });
    const call = await accepting;
    expect([rawIdOf(call.transferorInfo!.identifier!), call.transferorInfo?.displayName]).toEqual([MEMBER, 'Maria']);
    const meetingCall = await connectedCall();
    expect(meetingCall.call.transferorInfo).toBeUndefined();
  });
});

describe('everybody else', () => {
  it('is muted by one request, which the server may refuse', async () => {
    const { call, socket } = await connectedCall();
    const muting = call.muteAllRemoteParticipants();
    expect(socket.last('muteParticipants').body).toEqual({ type: 'muteParticipants', participants: [] });
    socket.reply(socket.last('muteParticipants').id, { type: 'done' });
    await expect(muting).resolves.toBeUndefined();
    const refused = call.muteAllRemoteParticipants();
    socket.refuse(socket.last('muteParticipants').id, refusal({ name: 'roleForbidsMuting', subCode: 46607 }));
    await expect(refused).rejects.toMatchObject({ code: 403, subCode: 46607 });
  });
});

describe('the own hand', () => {
  it('is down when the server says so, not when it was asked', async () => {
    const { call, socket } = await connectedCall({ participants: [participant(OWN, { hand: 1 }), participant(MEMBER)] });
    const feature = call.feature(Features.RaiseHand);
    const lowered: unknown[] = [];
    feature.on('loweredHandEvent', ({ identifier }) => lowered.push(rawIdOf(identifier)));
    const lowering = feature.lowerHand();
    // On the wire an empty list means the own hand.
    expect(socket.last('lowerHands').body).toEqual({ type: 'lowerHands', participants: [] });
    socket.reply(socket.last('lowerHands').id, { type: 'done' });
    await lowering;
    expect(feature.getRaisedHands()).toHaveLength(1);
    socket.event(2, { type: 'participants', upserted: [participant(OWN, { hand: null })], left: [] });
    expect([feature.getRaisedHands(), lowered]).toEqual([[], [OWN]]);
  });
});

describe('the meeting', () => {
  it('tells that it was locked and opened', async () => {
    const { call, socket } = await connectedCall();
    const told: unknown[] = [];
    call.meeting?.on('meetingChanged', () => told.push(call.meeting?.locked));
    expect(call.meeting?.locked).toBe(false);
    socket.event(2, { type: 'meeting', meeting: meeting({ locked: true }) });
    socket.event(3, { type: 'own', own: own({ role: 'presenter' }) });
    socket.event(4, { type: 'meeting', meeting: meeting({ locked: false }) });
    expect(told).toEqual([true, false]);
  });
});

describe('somebody else', () => {
  it('is named by the connection that the server knows, another one after coming again', async () => {
    const { call, socket } = await connectedCall();
    const maria = call.remoteParticipants[0]!;
    expect(maria.endpointDetails).toEqual([{ participantId: `s-${MEMBER}` }]);
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { session: 's-again' })], left: [] });
    expect(maria.endpointDetails).toEqual([{ participantId: 's-again' }]);
  });

  it('has a changed name only after it was changed', async () => {
    const { call, socket } = await connectedCall();
    const [maria] = call.remoteParticipants;
    expect([maria?.displayName, maria?.hasDisplayNameChanged]).toEqual(['Maria', false]);
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { displayName: 'Maria M.' })], left: [] });
    expect([maria?.displayName, maria?.hasDisplayNameChanged]).toEqual(['Maria M.', true]);
  });

  it('is told when beginning and ceasing to speak, each once', async () => {
    const { call, socket } = await connectedCall();
    const maria = call.remoteParticipants[0]!;
    const told: boolean[] = [];
    maria.on('isSpeakingChanged', () => told.push(maria.isSpeaking));
    const say = (revision: number, speaking: boolean) => { socket.event(revision, { type: 'speaking', changes: [{ id: MEMBER, speaking }], dominant: [] }); };
    say(2, true);
    say(3, true);
    say(4, false);
    expect(told).toEqual([true, false]);
  });

  it('tells videos that come and go, with the streams themselves', async () => {
    const { call, socket } = await connectedCall();
    const maria = call.remoteParticipants[0]!;
    const told: number[][][] = [];
    maria.on('videoStreamsUpdated', ({ added, removed }) => told.push([added.map(({ id }) => id), removed.map(({ id }) => id)]));
    const say = (revision: number, ids: number[]) => {
      socket.event(revision, { type: 'participants', upserted: [participant(MEMBER, { publications: ids.map((id) => publication(id)) })], left: [] });
    };
    say(2, [7]);
    const [seven] = maria.videoStreams;
    say(3, [7, 8]);
    expect(maria.videoStreams[0]).toBe(seven);
    say(4, [8]);
    expect(told).toEqual([[[7], []], [[8], []], [[], [7]]]);
    expect(seven?.isAvailable).toBe(false);
  });

  it('tells another size of a video, and when frames begin and cease to arrive', async () => {
    const { call, socket, platform } = await connectedCall({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] });
    const stream = call.remoteParticipants[0]!.videoStreams[0]!;
    const told: unknown[] = [];
    stream.on('sizeChanged', () => told.push({ ...stream.size }));
    stream.on('isReceivingChanged', () => told.push(stream.isReceiving));
    const say = (revision: number, over: object) => {
      socket.event(revision, { type: 'participants', upserted: [participant(MEMBER, { publications: [publication(7, over)] })], left: [] });
    };
    say(2, { width: 1280, height: 720 });
    say(3, { width: 1280, height: 720 });
    const asked = stream.getMediaStream();
    socket.event(4, { type: 'slots', bindings: [{ mid: '9', generation: 1, publication: 7, participant: MEMBER }] });
    await asked;
    platform.peer.tracks[0]?.arrive();
    say(5, { width: 1280, height: 720, active: false });
    expect(told).toEqual([{ width: 1280, height: 720 }, true, false]);
  });
});
