// Every user-facing diagnostic: what raises it, what lowers it. Those of the network's way are in network.test.ts.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { DiagnosticQuality, Features, LocalVideoStream } from '../src/index';
import { FakeMediaStream, FakeTrack, MEMBER, OWN, connectedCall, mediaStream, own, participant, settle, snapshot } from './harness';

const getUserMedia = vi.fn();
const getDisplayMedia = vi.fn();
const enumerateDevices = vi.fn();
let deviceChange: () => void = () => undefined;

const device = (kind: MediaDeviceKind, deviceId: string) => ({ kind, deviceId, label: deviceId, groupId: '' });
const MICROPHONES = [device('audioinput', 'default'), device('audioinput', 'headset')];
const ALL = [...MICROPHONES, device('audiooutput', 'default'), device('videoinput', 'webcam')];

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  Object.defineProperty(HTMLMediaElement.prototype, 'setSinkId', { value: () => Promise.resolve(), configurable: true });
  for (const mock of [getUserMedia, getDisplayMedia, enumerateDevices]) mock.mockReset();
  enumerateDevices.mockResolvedValue(ALL);
  getUserMedia.mockImplementation(() => Promise.resolve(mediaStream(live('audio', 'mic'))));
  const addEventListener = (_name: string, listener: () => void) => { deviceChange = listener; };
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, getDisplayMedia, enumerateDevices, addEventListener }, userAgent: '' });
});

/** A track that carries something. */
function live(kind: 'audio' | 'video', id: string): FakeTrack {
  const track = new FakeTrack(kind, id, { width: 1280, height: 720 });
  track.muted = false;
  return track;
}

type Made = Awaited<ReturnType<typeof connectedCall>>;

function followed(made: Made): string[] {
  const seen: string[] = [];
  const tell = ({ diagnostic, value }: { diagnostic: string; value: unknown }): void => { seen.push(`${diagnostic} ${String(value)}`); };
  const { network, media } = made.call.feature(Features.UserFacingDiagnostics);
  network.on('diagnosticChanged', tell);
  media.on('diagnosticChanged', tell);
  return seen;
}

async function unmuted(): Promise<{ made: Made; seen: string[]; track: FakeTrack }> {
  const track = live('audio', 'first');
  getUserMedia.mockResolvedValueOnce(mediaStream(track));
  const made = await connectedCall({ own: own({ muted: false }) }, false);
  made.platform.answersPings = true;
  await settle();
  return { made, seen: followed(made), track };
}

async function plugged(devices: unknown[]): Promise<void> {
  enumerateDevices.mockResolvedValue(devices);
  deviceChange();
  await settle();
}

async function answered(made: Made, doing: Promise<unknown>): Promise<void> {
  doing.catch(() => undefined);
  for (let round = 0; round < 6; round += 1) {
    await settle();
    for (const { id, body } of made.socket.requests()) if (body.type === 'setPublication') made.socket.reply(id, { type: 'done' });
  }
  await doing.catch(() => undefined);
}

const camera = () => new LocalVideoStream({ id: 'camera:webcam', name: 'webcam', deviceType: 'UsbCamera' });
const denied = (message = 'no') => Object.assign(new Error(message), { name: 'NotAllowedError' });

describe('the microphone', () => {
  it('that gives digital silence is not functioning, until it gives anything', async () => {
    const { made, seen } = await unmuted();
    made.platform.loudness = 0;
    await made.platform.advance(14_000);
    expect(seen).toEqual([]);
    await made.platform.advance(2_500);
    made.platform.loudness = 0.000_1;
    await made.platform.advance(500);
    expect(seen).toEqual(['microphoneNotFunctioning true', 'microphoneNotFunctioning false']);
  });

  it('of which nothing can be measured is not called silent', async () => {
    const { made, seen } = await unmuted();
    made.platform.loudness = undefined;
    await made.platform.advance(60_000);
    expect(seen).toEqual([]);
  });

  it('that the system mutes is said to be muted unexpectedly, until it is not', async () => {
    const { made, seen, track } = await unmuted();
    track.muted = true;
    await made.platform.advance(1_500);
    track.muted = false;
    await made.platform.advance(500);
    expect(seen).toEqual(['microphoneMuteUnexpectedly true', 'microphoneMuteUnexpectedly false']);
  });

  it('into which somebody speaks while muted says so, and not for a cough', async () => {
    const { made, seen } = await unmuted();
    await answered(made, made.call.mute());
    made.platform.loudness = 0.2;
    await made.platform.advance(500);
    made.platform.loudness = 0.001;
    await made.platform.advance(3_000);
    expect(seen).toEqual([]);
    made.platform.loudness = 0.2;
    await made.platform.advance(2_000);
    made.platform.loudness = 0.001;
    await made.platform.advance(6_000);
    expect(seen).toEqual(['speakingWhileMicrophoneIsMuted true', 'speakingWhileMicrophoneIsMuted false']);
  });

  it('that is unplugged gives way to the default one, and the person stays unmuted', async () => {
    const { made, seen, track } = await unmuted();
    track.endByItself();
    await settle();
    await made.platform.advance(1);
    expect(made.call.isMuted).toBe(false);
    expect(made.platform.peer.sent.get('microphone')).toMatchObject({ id: 'mic' });
    expect(getUserMedia.mock.lastCall?.[0]).not.toHaveProperty('audio.deviceId');
    expect(seen).toEqual(['microphoneNotFunctioning true', 'microphoneNotFunctioning false']);
  });

  it('that was the only one comes back when it is plugged in again', async () => {
    const { made, seen, track } = await unmuted();
    getUserMedia.mockRejectedValueOnce(Object.assign(new Error('none'), { name: 'NotFoundError' }));
    track.endByItself();
    await plugged(ALL.filter(({ kind }) => kind !== 'audioinput'));
    await made.platform.advance(1);
    expect(seen).toEqual(['microphoneNotFunctioning true', 'noMicrophoneDevicesEnumerated true'].sort((a, b) => seen.indexOf(a) - seen.indexOf(b)));
    expect(made.call.isMuted).toBe(false);
    expect(made.platform.peer.sent.get('microphone')).toBeNull();
    await plugged(ALL);
    await made.platform.advance(1);
    expect(made.platform.peer.sent.get('microphone')).toMatchObject({ id: 'mic' });
    expect(seen.slice(2).sort()).toEqual(['microphoneNotFunctioning false', 'noMicrophoneDevicesEnumerated false']);
  });

  it('that the person chose is used again when it returns', async () => {
    const made = await connectedCall();
    const devices = await made.client.getDeviceManager();
    const headset = (await devices.getMicrophones()).find(({ id }) => id.includes('headset'))!;
    await devices.selectMicrophone(headset);
    await plugged(ALL.filter(({ deviceId }) => deviceId !== 'headset'));
    expect(devices.selectedMicrophone?.id).toBe('microphone:default');
    await plugged(ALL);
    expect(devices.selectedMicrophone?.id).toBe('microphone:headset');
  });

  it.each([
    ['is denied', denied(), 'microphonePermissionDenied', { code: 403, subCode: 43014 }],
    ['cannot be opened', new Error('busy'), 'microphoneNotFunctioning', { code: 412, subCode: 43021 }],
  ])('that %s says so, and takes it back when it works', async (_name, error, flag, numbers) => {
    const made = await connectedCall();
    const seen = followed(made);
    getUserMedia.mockRejectedValueOnce(error);
    await expect(made.call.unmute()).rejects.toMatchObject(numbers);
    await made.platform.advance(1);
    expect(seen).toEqual([`${flag} true`]);
    expect(made.call.isMuted).toBe(true);
    await answered(made, made.call.unmute());
    await made.platform.advance(1);
    expect(seen).toEqual([`${flag} true`, `${flag} false`]);
  });
});

describe('devices that are not there', () => {
  it('are told: no speaker', async () => {
    const made = await connectedCall();
    const seen = followed(made);
    await plugged(ALL.filter(({ kind }) => kind !== 'audiooutput'));
    await plugged(ALL);
    expect(seen).toEqual(['noSpeakerDevicesEnumerated true', 'noSpeakerDevicesEnumerated false']);
  });

  it('from the beginning are known to a feature that is asked for later', async () => {
    enumerateDevices.mockResolvedValue([]);
    const made = await connectedCall();
    expect(made.call.feature(Features.UserFacingDiagnostics).media.getLatest()).toMatchObject({
      noMicrophoneDevicesEnumerated: { value: true, valueType: 'DiagnosticFlag' },
    });
  });
});

describe('the camera', () => {
  it.each([
    ['is denied', denied(), 'cameraPermissionDenied', { code: 403, subCode: 43001 }],
    ['is denied by the system', denied('Permission denied by system'), 'cameraPermissionDenied', { code: 412, subCode: 43016 }],
    ['is missing', Object.assign(new Error('no'), { name: 'NotFoundError' }), 'cameraStartFailed', { code: 412, subCode: 43013 }],
    ['is in use', Object.assign(new Error('no'), { name: 'NotReadableError' }), 'cameraStartFailed', { code: 412, subCode: 43000 }],
  ])('that %s says so, and takes it back when it works', async (_name, error, flag, numbers) => {
    const made = await connectedCall();
    const seen = followed(made);
    getUserMedia.mockRejectedValueOnce(error);
    await expect(made.call.startVideo(camera())).rejects.toMatchObject(numbers);
    getUserMedia.mockResolvedValueOnce(mediaStream(live('video', 'cam')));
    await answered(made, made.call.startVideo(camera()));
    expect(seen).toEqual([`${flag} true`, `${flag} false`]);
  });

  it('that does not start in time says that', async () => {
    vi.useFakeTimers();
    const made = await connectedCall();
    const seen = followed(made);
    getUserMedia.mockImplementation(() => new Promise(() => undefined));
    const failed = expect(made.call.startVideo(camera())).rejects.toMatchObject({ code: 412, subCode: 43015 });
    await vi.advanceTimersByTimeAsync(120_000);
    await failed;
    vi.useRealTimers();
    expect(seen).toEqual(['cameraStartTimedOut true']);
  });

  async function filmed() {
    const made = await connectedCall();
    made.platform.answersPings = true;
    const seen = followed(made);
    const track = live('video', 'cam');
    getUserMedia.mockResolvedValueOnce(mediaStream(track));
    await answered(made, made.call.startVideo(camera()));
    return { made, seen, track };
  }

  it('that ends by itself is stopped; back within ten seconds it goes on', async () => {
    const { made, seen, track } = await filmed();
    track.endByItself();
    await answered(made, plugged(ALL.filter(({ kind }) => kind !== 'videoinput')));
    expect(made.call.isLocalVideoStarted).toBe(false);
    getUserMedia.mockResolvedValueOnce(mediaStream(live('video', 'again')));
    await made.platform.advance(9_000);
    await answered(made, plugged(ALL));
    expect(made.call.isLocalVideoStarted).toBe(true);
    expect(made.platform.peer.sent.get('camera')).toMatchObject({ id: 'again' });
    expect(seen).toEqual(['cameraStoppedUnexpectedly true', 'cameraStoppedUnexpectedly false']);
  });

  it('that comes back later stays off: the person may have meant it', async () => {
    const { made, track } = await filmed();
    track.endByItself();
    await answered(made, plugged(ALL.filter(({ kind }) => kind !== 'videoinput')));
    await made.platform.advance(11_000);
    await answered(made, plugged(ALL));
    expect(made.call.isLocalVideoStarted).toBe(false);
  });

  it('that gives no frames is frozen until it does', async () => {
    const { made, seen } = await filmed();
    let frames = 10;
    const report = () => new Map<string, unknown>([
      ['o', { id: 'o', type: 'outbound-rtp', mid: '1', packetsSent: 100, mediaSourceId: 'm' }],
      ['m', { id: 'm', type: 'media-source', frames }],
    ]);
    Object.assign(made.platform.peer, { stats: () => Promise.resolve(report()) });
    // The harness names one m-line; the camera's is the second.
    const { session } = made.call as unknown as { session: { media: { path: { kinds: Map<string, string> } } } };
    session.media.path.kinds.set('1', 'camera');
    await made.platform.advance(6_500);
    expect(seen).toEqual([]);
    await made.platform.advance(2_000);
    expect(seen).toEqual(['cameraFreeze true']);
    frames = 40;
    await made.platform.advance(2_000);
    expect(seen).toEqual(['cameraFreeze true', 'cameraFreeze false']);
  });
});

describe('the screen', () => {
  it.each([
    ['cannot be captured', new Error('no'), ['capturerStartFailed true', 'capturerStartFailed false'], 41042],
    ['is forbidden by the system', denied('Permission denied by system'), ['screenshareRecordingDisabled true', 'screenshareRecordingDisabled false'], 41044],
    ['is not chosen', denied('Permission denied'), [], 41043],
  ])('that %s', async (_name, error, told, subCode) => {
    const made = await connectedCall();
    const seen = followed(made);
    getDisplayMedia.mockRejectedValueOnce(error);
    await expect(made.call.startScreenSharing()).rejects.toMatchObject({ subCode });
    getDisplayMedia.mockResolvedValueOnce(mediaStream(live('video', 'screen')));
    await answered(made, made.call.startScreenSharing());
    expect(seen).toEqual(told);
  });

  it('that ends by itself says so; the next one takes it back', async () => {
    const made = await connectedCall();
    const seen = followed(made);
    const track = live('video', 'screen');
    getDisplayMedia.mockResolvedValueOnce(mediaStream(track)).mockResolvedValueOnce(mediaStream(live('video', 'second')));
    await answered(made, made.call.startScreenSharing());
    track.endByItself();
    await answered(made, Promise.resolve());
    await answered(made, made.call.startScreenSharing());
    expect(seen).toEqual(['capturerStoppedUnexpectedly true', 'capturerStoppedUnexpectedly false']);
  });

  it('that the person stops says nothing', async () => {
    const made = await connectedCall();
    const seen = followed(made);
    getDisplayMedia.mockResolvedValueOnce(mediaStream(live('video', 'screen')));
    await answered(made, made.call.startScreenSharing());
    await answered(made, made.call.stopScreenSharing());
    expect(seen).toEqual([]);
  });
});

describe('the quality of the network', () => {
  it('is told after three bad measurements, in each direction, and shows in the optimal count of videos', async () => {
    const made = await connectedCall();
    made.platform.answersPings = true;
    const seen = followed(made);
    const counts: number[] = [];
    const optimal = made.call.feature(Features.OptimalVideoCount);
    optimal.on('optimalVideoCountChanged', () => counts.push(optimal.optimalVideoCount));
    let at = 0;
    const report = () => {
      at += 100;
      return new Map<string, unknown>([
        ['o', { id: 'o', type: 'outbound-rtp', mid: '0', packetsSent: at, remoteId: 'r' }],
        ['r', { id: 'r', type: 'remote-inbound-rtp', packetsLost: at / 4 }],
        ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p' }],
        ['p', { id: 'p', type: 'candidate-pair', currentRoundTripTime: 0.5 }],
      ]);
    };
    Object.assign(made.platform.peer, { stats: () => Promise.resolve(report()) });
    await made.platform.advance(9_000);
    expect(seen).toEqual([`networkReceiveQuality ${String(DiagnosticQuality.Poor)}`, `networkSendQuality ${String(DiagnosticQuality.Poor)}`]);
    expect(counts).toEqual([5]);
    expect(optimal.lastOvcChangeReason).toBe('bandwidth');
    await made.call.hangUp();
    const { length } = seen;
    await made.platform.advance(60_000);
    expect(seen).toHaveLength(length);
  });
});

describe('diagnostics of others', () => {
  it('come as they tell them and go with them; own ones are told only while that is wanted', async () => {
    const made = await connectedCall();
    const { call, socket, platform } = made;
    const { remote } = call.feature(Features.UserFacingDiagnostics);
    const heard: unknown[] = [];
    remote.on('diagnosticChanged', ({ diagnostics }) => heard.push(...diagnostics));
    const diagnostics = [{ name: 'cameraFreeze', value: 1, isFlag: true }, { name: 'networkSendQuality', value: 3, isFlag: false }];
    socket.event(2, { type: 'diagnostics', participant: MEMBER, session: 's-9', diagnostics });
    expect(heard).toMatchObject([
      { participantId: 's-9', rawId: MEMBER, diagnostic: 'cameraFreeze', value: true, valueType: 'DiagnosticFlag' },
      { diagnostic: 'networkSendQuality', value: DiagnosticQuality.Bad, valueType: 'DiagnosticQuality' },
    ]);
    expect(remote.getLatest().diagnostics[0]?.remoteParticipant).toBe(call.remoteParticipants[0]);
    socket.event(3, { type: 'snapshot', snapshot: snapshot({ participants: [participant(OWN)] }) });
    expect(remote.getLatest()).toEqual({ diagnostics: [] });
    platform.network(false);
    await platform.advance(2_000);
    expect(socket.count('publishDiagnostics')).toBe(0);
    remote.startSendingDiagnostics();
    expect(remote.isSendingDiagnosticsEnabled).toBe(true);
    await platform.advance(1_100);
    expect(socket.last('publishDiagnostics').body.diagnostics).toEqual([{ name: 'noNetwork', value: 1, isFlag: true }]);
    remote.stopSendingDiagnostics();
    platform.peer.handlers.interrupted();
    await platform.advance(2_000);
    expect(socket.count('publishDiagnostics')).toBe(1);
  });

  it('never say that the person speaks while muted', async () => {
    const { made, seen } = await unmuted();
    const { remote } = made.call.feature(Features.UserFacingDiagnostics);
    remote.startSendingDiagnostics();
    await answered(made, made.call.mute());
    made.platform.loudness = 0.2;
    await made.platform.advance(3_500);
    expect(seen).toEqual(['speakingWhileMicrophoneIsMuted true']);
    made.platform.network(false);
    await made.platform.advance(1_500);
    const told = made.socket.requests().flatMap(({ body }) => (body.type === 'publishDiagnostics' ? body.diagnostics : []));
    expect(told).toEqual([{ name: 'noNetwork', value: 1, isFlag: true }]);
  });

  it('are what the server says of their connections, also to a feature that is asked for later, until they are back or gone', async () => {
    const made = await connectedCall();
    const { call, socket } = made;
    const member = (reconnecting: boolean, session = 's-1') => participant(MEMBER, { reconnecting, session });
    socket.event(2, { type: 'participants', upserted: [member(true)], left: [] });
    const { remote } = call.feature(Features.UserFacingDiagnostics);
    expect(remote.getLatest().diagnostics).toMatchObject([{ participantId: 's-1', rawId: MEMBER, diagnostic: 'serverConnection', value: DiagnosticQuality.Bad, valueType: 'DiagnosticQuality' }]);
    expect(remote.getLatest().diagnostics[0]?.remoteParticipant).toBe(call.remoteParticipants[0]);
    const heard: unknown[] = [];
    remote.on('diagnosticChanged', ({ diagnostics }) => heard.push(...diagnostics.map(({ diagnostic, value }) => [diagnostic, value])));
    socket.event(3, { type: 'participants', upserted: [member(false)], left: [] });
    socket.event(4, { type: 'participants', upserted: [member(false)], left: [] });
    expect(heard).toEqual([['serverConnection', DiagnosticQuality.Good]]);
    socket.event(5, { type: 'participants', upserted: [member(true)], left: [] });
    expect(heard.slice(1)).toEqual([['serverConnection', DiagnosticQuality.Bad]]);
    // Another session of the same person: what was said of the first is over.
    socket.event(6, { type: 'participants', upserted: [member(false, 's-2')], left: [] });
    expect(remote.getLatest()).toEqual({ diagnostics: [] });
    socket.event(7, { type: 'participants', upserted: [member(true, 's-2')], left: [] });
    expect(heard).toHaveLength(3);
    socket.event(8, { type: 'participants', upserted: [], left: [{ id: MEMBER, removed: false }] });
    expect(remote.getLatest()).toEqual({ diagnostics: [] });
    expect(heard).toHaveLength(3);
  });

  it('of names that one client makes up are bounded, and those of a session that was replaced are forgotten', async () => {
    const { call, socket } = await connectedCall();
    const { remote } = call.feature(Features.UserFacingDiagnostics);
    const invented = (from: number) => Array.from({ length: 50 }, (_, at) => ({ name: `invented${String(from + at)}`, value: 1, isFlag: true }));
    for (let round = 0; round < 20; round += 1) {
      socket.event(2 + round, { type: 'diagnostics', participant: MEMBER, session: 's-1', diagnostics: invented(round * 50) });
    }
    expect(remote.getLatest().diagnostics).toHaveLength(64);
    socket.event(22, { type: 'diagnostics', participant: MEMBER, session: 's-2', diagnostics: [{ name: 'cameraFreeze', value: 1, isFlag: true }] });
    expect(remote.getLatest().diagnostics.map(({ participantId, diagnostic }) => [participantId, diagnostic])).toEqual([['s-2', 'cameraFreeze']]);
  });
});
