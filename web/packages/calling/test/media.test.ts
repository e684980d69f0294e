import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { layersFor, offeredCodecs } from '../src/adapters/peer';
import { FakeMediaStream, FakeTrack, MEMBER, OWN, connectedCall, joiningCall, mediaStream, own, participant, publication, refusal, settle, snapshot } from './harness';

const getUserMedia = vi.fn();
const getDisplayMedia = vi.fn();

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  // The environment's own element takes its own streams only.
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  getUserMedia.mockReset();
  getDisplayMedia.mockReset();
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, getDisplayMedia, enumerateDevices: () => Promise.resolve([]) }, userAgent: '' });
  getUserMedia.mockImplementation(() => Promise.resolve(mediaStream(new FakeTrack('audio', 'mic'))));
});

const camera = () => new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 1280, height: 720 })));
const withVideo = () => snapshot({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] });

type Made = Awaited<ReturnType<typeof connectedCall>>;

async function answerLast({ socket }: Made): Promise<void> {
  await settle();
  socket.reply(socket.last('setPublication').id, { type: 'done' });
  await settle();
}

describe('the camera', () => {
  it('is sent, announced and told with its size; then taken back', async () => {
    const made = await connectedCall();
    const { call, platform, socket } = made;
    const stream = camera();
    const updates: string[] = [];
    call.on('localVideoStreamsUpdated', ({ added, removed }) => updates.push(`+${String(added.length)} -${String(removed.length)}`));
    const start = call.startVideo(stream);
    await answerLast(made);
    await start;
    expect(platform.peer.sent.get('camera')).toMatchObject({ id: 'cam' });
    expect(socket.last('setPublication').body).toEqual({ type: 'setPublication', kind: 'camera', active: true, width: 1280, height: 720 });
    expect(call.isLocalVideoStarted).toBe(true);
    await expect(call.startVideo(camera())).rejects.toMatchObject({ subCode: 41027 });
    const stop = call.stopVideo(new Proxy(stream, {}));
    await answerLast(made);
    await stop;
    expect(platform.peer.sent.get('camera')).toBeNull();
    expect(updates).toEqual(['+1 -0', '+0 -1']);
    await expect(call.stopVideo(stream)).rejects.toMatchObject({ subCode: 41030 });
  });

  it('is undone when the server refuses it', async () => {
    const { call, socket, platform } = await connectedCall();
    const start = call.startVideo(camera());
    const failed = expect(start).rejects.toMatchObject({ subCode: 46613 });
    await settle();
    socket.refuse(socket.last('setPublication').id, refusal({ name: 'cameraForbidden', subCode: 46613 }));
    await failed;
    expect(call.localVideoStreams).toEqual([]);
    expect(platform.peer.sent.get('camera')).toBeNull();
  });

  it('that is denied says so with its number', async () => {
    const { call } = await connectedCall();
    getUserMedia.mockRejectedValue(Object.assign(new Error('no'), { name: 'NotAllowedError' }));
    const stream = new LocalVideoStream({ id: 'camera:x', name: 'x', deviceType: 'UsbCamera' });
    await expect(call.startVideo(stream)).rejects.toMatchObject({ code: 403, subCode: 43001 });
    expect(call.feature(Features.UserFacingDiagnostics).name).toBe('UserFacingDiagnostics');
    expect(call.localVideoStreams).toEqual([]);
  });

  it('chosen at the join is announced once, after the call, and sent when admitted', async () => {
    const { agent, platform } = await joiningCall(true);
    const seen: string[] = [];
    agent.on('callsUpdated', ({ added }) => seen.push(`calls ${String(added.length)}`));
    const second = agent.join({ meetingLink: 'http://host/y' }, { videoOptions: { localVideoStreams: [camera()] }, audioOptions: { muted: true } });
    expect(second.localVideoStreams).toEqual([]);
    second.on('localVideoStreamsUpdated', ({ added }) => seen.push(`video ${String(added.length)}`));
    await settle();
    expect(seen).toEqual(['calls 1', 'video 1']);
    expect(second.localVideoStreams).toHaveLength(1);
    const { socket } = platform;
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c2', session: 's2', resumeTicket: 't2', waiting: false });
    socket.event(1, { type: 'snapshot', snapshot: snapshot() }, 'c2');
    await settle();
    expect(platform.peer.sent.get('camera')).toMatchObject({ id: 'cam' });
    expect(socket.last('setPublication').body).toMatchObject({ kind: 'camera', active: true });
  });
});

describe('the microphone', () => {
  it('is opened at an unmuted join and sent when connected', async () => {
    const { call, platform, socket } = await connectedCall({ own: own({ muted: false }) }, false);
    await settle();
    expect(call.isMuted).toBe(false);
    expect(platform.peer.sent.get('microphone')).toMatchObject({ id: 'mic' });
    expect(socket.count('setPublication')).toBe(0);
  });

  it('is not opened at a muted join; in the lobby only the wish changes and is told when admitted', async () => {
    const { call, socket } = await joiningCall(true);
    socket.event(1, { type: 'waiting', notStarted: false });
    expect(getUserMedia).not.toHaveBeenCalled();
    await call.unmute();
    expect(call.isMuted).toBe(false);
    expect(socket.count('setPublication')).toBe(0);
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    expect(socket.last('setPublication').body).toMatchObject({ kind: 'microphone', active: true });
  });

  it('sends nothing while muted', async () => {
    const made = await connectedCall({ own: own({ muted: false }) }, false);
    await settle();
    const mute = made.call.mute();
    expect(made.call.isMuted).toBe(true);
    await answerLast(made);
    await mute;
    expect(made.platform.peer.sent.get('microphone')).toBeNull();
    expect(made.socket.last('setPublication').body).toMatchObject({ kind: 'microphone', active: false });
  });

  it('that the server forbids stays muted', async () => {
    const { call, socket } = await connectedCall();
    const unmute = expect(call.unmute()).rejects.toMatchObject({ subCode: 46612 });
    await settle();
    socket.refuse(socket.last('setPublication').id, refusal({ name: 'microphoneForbidden', subCode: 46612 }));
    await unmute;
    expect(call.isMuted).toBe(true);
  });

  it('that cannot be opened leaves the person muted and raises the diagnostic', async () => {
    getUserMedia.mockRejectedValue(Object.assign(new Error('no'), { name: 'NotAllowedError' }));
    const { call, platform } = await connectedCall();
    const seen: string[] = [];
    call.feature(Features.UserFacingDiagnostics).media.on('diagnosticChanged', ({ diagnostic }) => seen.push(diagnostic));
    await expect(call.unmute()).rejects.toMatchObject({ subCode: 43014 });
    await platform.advance(1);
    expect(call.isMuted).toBe(true);
    expect(seen).toEqual(['microphonePermissionDenied']);
  });
});

describe('the screen', () => {
  it('is shared with its sound, and stops when the browser ends it', async () => {
    const { call, platform, socket } = await connectedCall();
    const picture = new FakeTrack('video', 'screen', { width: 1920, height: 1080 });
    getDisplayMedia.mockResolvedValue(mediaStream(picture, new FakeTrack('audio', 'sound')));
    const answering = async (): Promise<void> => {
      for (const { id, body } of socket.requests()) if (body.type === 'setPublication') socket.reply(id, { type: 'done' });
      await settle();
    };
    const start = call.startScreenSharing();
    await settle();
    await answering();
    await answering();
    await start;
    expect(call.isScreenSharingOn).toBe(true);
    expect(call.localVideoStreams[0]).toMatchObject({ mediaStreamType: 'ScreenSharing', source: { deviceType: 'ScreenSharing' } });
    expect(platform.peer.sent.get('screenAudio')).toMatchObject({ id: 'sound' });
    picture.endByItself();
    await settle();
    await answering();
    await answering();
    expect(call.isScreenSharingOn).toBe(false);
    expect(platform.peer.sent.get('screen')).toBeNull();
  });

  it('goes on without its sound when the sound is forbidden, at its beginning and at a later snapshot', async () => {
    const { call, platform, socket } = await connectedCall();
    getDisplayMedia.mockResolvedValue(mediaStream(new FakeTrack('video', 'screen', { width: 1920, height: 1080 }), new FakeTrack('audio', 'sound')));
    let isForbidden = false;
    const answered = new Set<number>();
    const answering = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn += 1) {
        for (const { id, body } of socket.requests()) {
          if (body.type !== 'setPublication' || answered.has(id)) continue;
          answered.add(id);
          if (body.kind === 'screenAudio' && body.active && isForbidden) socket.refuse(id, refusal({ name: 'microphoneForbidden', subCode: 46612 }));
          else socket.reply(id, { type: 'done' });
        }
        await settle();
      }
    };
    const start = call.startScreenSharing();
    await settle();
    await answering();
    await start;
    expect(platform.peer.sent.get('screenAudio')).toMatchObject({ id: 'sound' });
    isForbidden = true;
    socket.event(2, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    await answering();
    expect(platform.peer.sent.get('screenAudio')).toBeNull();
    expect(platform.peer.sent.get('screen')).not.toBeNull();
    expect(call.isScreenSharingOn).toBe(true);
    await Promise.all([call.stopScreenSharing(), settle().then(answering)]);
    expect(call.isScreenSharingOn).toBe(false);
    const again = call.startScreenSharing();
    await settle();
    await answering();
    await again;
    expect(call.isScreenSharingOn).toBe(true);
    expect(platform.peer.sent.get('screenAudio')).toBeNull();
  });

  it('needs a connected call', async () => {
    const { call } = await joiningCall(true);
    await expect(call.startScreenSharing()).rejects.toMatchObject({ code: 412, subCode: 41071 });
  });
});

describe('remote video', () => {
  it('is wanted while a view exists, shown on its slot, and no longer wanted without a view', async () => {
    const { call, socket, platform } = await connectedCall(withVideo());
    const stream = call.remoteParticipants[0]?.videoStreams[0];
    expect(stream).toMatchObject({ id: 7, isAvailable: true, isReceiving: false, mediaStreamType: 'Video', size: { width: 640, height: 360 } });
    expect(socket.count('subscribe')).toBe(0);
    const renderer = new VideoStreamRenderer(stream!);
    const view = await renderer.createView({ scalingMode: 'Crop' });
    await platform.advance(1);
    expect(socket.last('subscribe').body.wants).toEqual([{ publication: 7, width: 640, height: 384, priority: 'rest' }]);
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 1, publication: 7, participant: MEMBER }] });
    const video = view.target.querySelector('video');
    expect(video?.srcObject).toBeTruthy();
    expect(stream?.isReceiving).toBe(false);
    platform.peer.tracks[0]?.arrive();
    expect(stream?.isReceiving).toBe(true);
    view.dispose();
    await platform.advance(100);
    expect(socket.last('subscribe').body.wants).toEqual([]);
    await expect(renderer.createView()).resolves.toBeDefined();
  });

  it('ignores a binding that is older than the one it has', async () => {
    const { call, socket, platform } = await connectedCall(withVideo());
    const view = await new VideoStreamRenderer(call.remoteParticipants[0]!.videoStreams[0]!).createView();
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 3, publication: 7, participant: MEMBER }] });
    socket.event(3, { type: 'slots', bindings: [{ mid: '9', generation: 2, publication: null, participant: null }] });
    expect(view.target.querySelector('video')?.srcObject).toBeTruthy();
    socket.event(4, { type: 'slots', bindings: [{ mid: '9', generation: 4, publication: null, participant: null }] });
    expect(view.target.querySelector('video')?.srcObject).toBeNull();
    expect(platform.peers).toHaveLength(1);
  });

  it('follows the slots of a new peer, whose generations begin anew', async () => {
    const { call, socket, platform } = await connectedCall(withVideo());
    const view = await new VideoStreamRenderer(call.remoteParticipants[0]!.videoStreams[0]!).createView();
    const video = view.target.querySelector('video');
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 7, publication: 7, participant: MEMBER }] });
    platform.peer.handlers.failed();
    await settle();
    expect(video?.srcObject).toBeNull();
    socket.event(3, { type: 'slots', bindings: [{ mid: '9', generation: 8, publication: 7, participant: MEMBER }] });
    socket.reply(socket.last('offerMedia').id, { type: 'media', sdp: 'answer' });
    socket.event(4, { type: 'slots', bindings: [{ mid: '10', generation: 1, publication: 7, participant: MEMBER }] });
    await platform.advance(1);
    expect(video?.srcObject).toBeTruthy();
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
    platform.peer.tracks[1]?.arrive();
    expect(call.remoteParticipants[0]?.videoStreams[0]?.isReceiving).toBe(true);
  });

  it('becomes unavailable when it stops; a view of it is then refused', async () => {
    const { call, socket } = await connectedCall(withVideo());
    const stream = call.remoteParticipants[0]!.videoStreams[0]!;
    let changes = 0;
    stream.on('isAvailableChanged', () => (changes += 1));
    socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { publications: [publication(7, { active: false })] })], left: [] });
    expect(stream.isAvailable).toBe(false);
    expect(changes).toBe(1);
    await expect(new VideoStreamRenderer(stream).createView()).rejects.toMatchObject({ subCode: 43200 });
  });
});

describe('the MediaStream of a remote video', () => {
  const remote = async () => {
    const made = await connectedCall(withVideo());
    return { ...made, stream: made.call.remoteParticipants[0]!.videoStreams[0]! };
  };
  const gone = (over: object) => ({ type: 'participants', upserted: [participant(MEMBER, over)], left: [] });

  it('is given to everybody who asks, as soon as it is on a slot', async () => {
    const { stream, socket } = await remote();
    const asked = [stream.getMediaStream(), stream.getMediaStream()];
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 1, publication: 7, participant: MEMBER }] });
    const [first, second] = await Promise.all(asked);
    expect(first).toBeTruthy();
    expect(second).toBe(first);
    await expect(stream.getMediaStream()).resolves.toBe(first);
  });

  it('is refused when no slot comes in time, and may be asked for again', async () => {
    const { stream, socket, platform } = await remote();
    const asked = expect(stream.getMediaStream()).rejects.toMatchObject({ code: 408, subCode: 43203 });
    await platform.advance(10_000);
    await asked;
    const again = stream.getMediaStream();
    socket.event(2, { type: 'slots', bindings: [{ mid: '9', generation: 1, publication: 7, participant: MEMBER }] });
    await expect(again).resolves.toBeTruthy();
  });

  it('is refused when the video stops, goes, or the call ends before', async () => {
    const stopped = await remote();
    const first = expect(stopped.stream.getMediaStream()).rejects.toMatchObject({ subCode: 43200 });
    stopped.socket.event(2, gone({ publications: [publication(7, { active: false })] }));
    await first;
    const ended = await remote();
    const second = expect(ended.stream.getMediaStream()).rejects.toMatchObject({ subCode: 43202 });
    ended.socket.event(2, gone({ publications: [] }));
    await second;
    const over = await remote();
    const third = expect(over.stream.getMediaStream()).rejects.toMatchObject({ reason: 'callEnded' });
    await over.call.hangUp();
    await third;
  });
});

describe('a renderer', () => {
  it('disposed while its view is being made says so; disposed before, with another number', async () => {
    const { call } = await connectedCall(withVideo());
    const renderer = new VideoStreamRenderer(call.remoteParticipants[0]!.videoStreams[0]!);
    const creating = renderer.createView();
    renderer.dispose();
    await expect(creating).rejects.toMatchObject({ code: 405, subCode: 43209 });
    await expect(renderer.createView()).rejects.toMatchObject({ code: 400, subCode: 43210 });
  });
});

describe('the media path', () => {
  it('is made anew when the connection fails, with the same tracks, and told as fresh', async () => {
    const { platform, socket } = await connectedCall({ own: own({ muted: false }) }, false);
    await settle();
    platform.peer.handlers.failed();
    await settle();
    expect(platform.peers).toHaveLength(2);
    expect(platform.peers[0]?.closed).toBe(true);
    expect(socket.last('offerMedia').body.fresh).toBe(true);
    expect(platform.peer.sent.get('microphone')).toMatchObject({ id: 'mic' });
  });

  it('is made anew when the engine gives it up', async () => {
    const { platform, socket } = await connectedCall();
    socket.event(2, { type: 'mediaLost' });
    await settle();
    expect(platform.peers).toHaveLength(2);
  });

  it('is tried again with a pause after a refused offer, and not after the end', async () => {
    const { platform, socket, call } = await joiningCall(false);
    socket.event(1, { type: 'snapshot', snapshot: snapshot() });
    await settle();
    socket.refuse(socket.last('offerMedia').id, refusal({ name: 'mediaRefused', code: 400, subCode: 46602 }));
    await settle();
    expect(platform.peers).toHaveLength(1);
    await platform.advance(1_000);
    expect(platform.peers).toHaveLength(2);
    socket.refuse(socket.last('offerMedia').id, refusal({ name: 'mediaRefused', code: 400, subCode: 46602 }));
    await call.hangUp();
    await platform.advance(10_000);
    expect(platform.peers).toHaveLength(2);
  });
});

describe('what is offered', () => {
  it('has fewer layers for small captures', () => {
    expect([...layersFor(1280)]).toEqual(['q', 'h', 'f']);
    expect([...layersFor(0)]).toEqual(['q', 'h', 'f']);
    expect([...layersFor(480)]).toEqual(['h', 'f']);
    expect([...layersFor(320)]).toEqual(['f']);
  });

  it('is Opus, VP8 before the shared H.264 profile, and retransmission; nothing else', () => {
    const codec = (mimeType: string, sdpFmtpLine?: string) => ({ mimeType, ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }) });
    const shared = codec('video/H264', 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f');
    const list = [codec('video/AV1'), codec('video/H264', 'packetization-mode=0;profile-level-id=42e01f'), shared, codec('video/rtx'), codec('video/VP8')];
    expect(offeredCodecs(list)).toEqual([codec('video/VP8'), shared, codec('video/rtx')]);
    expect(offeredCodecs([codec('audio/red'), codec('audio/opus'), codec('audio/PCMU')])).toEqual([codec('audio/opus'), codec('audio/red')]);
  });
});
