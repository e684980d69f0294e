// Every promise of the SDK settles: one row for each thing that the SDK waits for and does not own (the browser, the application, the
// network), with a fake that never answers. `getDisplayMedia` is missing on purpose: a person decides there.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { systemAfter, within } from '../src/core/deadline';
import type { Peer } from '../src/adapters/platform';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OWN, clientOn, connectedCall, credential, mediaStream, participant, publication, settle, snapshot } from './harness';

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
const getUserMedia = vi.fn();
const enumerateDevices = vi.fn();

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  getUserMedia.mockReset().mockImplementation(never);
  enumerateDevices.mockReset().mockResolvedValue([]);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, enumerateDevices }, userAgent: '' });
});

afterEach(() => { vi.useRealTimers(); });

const camera = () => new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
const microphone = () => new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' });
const given = () => new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 1280, height: 720 })));

async function connectedWith(silent: Partial<Peer>) {
  const made = await connectedCall();
  Object.assign(made.platform.peer, silent);
  return made;
}

interface Row {
  readonly what: string;
  /** Begins; gives the promise that has to settle. */
  readonly ask: () => Promise<{ platform?: FakePlatform; promise: Promise<unknown> }> | { platform?: FakePlatform; promise: Promise<unknown> };
  readonly ms: number;
  readonly error: { code: number; subCode: number } | 'settles';
}

const rows: Row[] = [
  {
    what: 'the application that gives tokens, at the creation of an agent',
    ask: () => {
      const platform = new FakePlatform();
      return { platform, promise: clientOn(platform).createCallAgent({ getToken: never, dispose: () => undefined }) };
    },
    ms: 15_000,
    error: { code: 408, subCode: 40101 },
  },
  {
    what: 'a server that is not there',
    ask: () => {
      const platform = new FakePlatform();
      return { platform, promise: clientOn(platform).createCallAgent(credential()) };
    },
    ms: 20_000,
    error: { code: 408, subCode: 40114 },
  },
  {
    what: 'a server that takes the socket and says nothing',
    ask: async () => {
      const platform = new FakePlatform();
      const promise = clientOn(platform).createCallAgent(credential());
      promise.catch(() => undefined);
      await settle();
      platform.socket.accept();
      return { platform, promise };
    },
    ms: 20_000,
    error: { code: 408, subCode: 40104 },
  },
  {
    what: 'a request that is not answered',
    ask: async () => {
      const { platform, call } = await connectedCall();
      platform.answersPings = true;
      return { platform, promise: call.feature(Features.RaiseHand).raiseHand() };
    },
    ms: 10_000,
    error: { code: 408, subCode: 10057 },
  },
  {
    what: 'the browser that puts a track on the connection',
    ask: async () => {
      const { platform, call } = await connectedWith({ send: never });
      return { platform, promise: call.startVideo(given()) };
    },
    // Taking the camera back again asks the browser once more.
    ms: 20_001,
    error: { code: 500, subCode: 43018 },
  },
  {
    what: 'the browser that limits what is sent',
    ask: async () => {
      const { platform, call } = await connectedWith({ limit: never });
      return { platform, promise: call.setConstraints({ video: { send: { frameHeight: { max: 240 } } } }) };
    },
    ms: 10_000,
    error: { code: 500, subCode: 43018 },
  },
  {
    what: 'a remote stream that does not come',
    ask: async () => {
      const { platform, call } = await connectedCall(snapshot({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] }));
      return { platform, promise: call.remoteParticipants[0]!.videoStreams[0]!.getMediaStream() };
    },
    ms: 10_000,
    error: { code: 408, subCode: 43203 },
  },
  { what: 'a camera that the browser may have to ask for', ask: () => ({ promise: camera().getMediaStream() }), ms: 120_000, error: { code: 412, subCode: 43015 } },
  { what: 'a microphone that the browser may have to ask for', ask: () => ({ promise: microphone().getMediaStream() }), ms: 120_000, error: { code: 412, subCode: 43019 } },
  {
    what: 'a camera that is permitted already',
    ask: () => {
      vi.stubGlobal('navigator', { mediaDevices: { getUserMedia }, permissions: { query: () => Promise.resolve({ state: 'granted' }) }, userAgent: '' });
      return { promise: camera().getMediaStream() };
    },
    ms: 20_000,
    error: { code: 412, subCode: 43015 },
  },
  { what: 'a view of a camera that does not start', ask: () => ({ promise: new VideoStreamRenderer(camera()).createView() }), ms: 120_000, error: { code: 412, subCode: 43015 } },
  {
    what: 'a list of devices',
    ask: () => {
      enumerateDevices.mockImplementation(never);
      return { promise: clientOn(new FakePlatform()).getDeviceManager() };
    },
    ms: 10_000,
    error: 'settles',
  },
  {
    what: 'a question for permission that nobody answers',
    ask: async () => {
      const devices = await clientOn(new FakePlatform()).getDeviceManager();
      return { promise: devices.askDevicePermission({ audio: true, video: false }) };
    },
    ms: 120_000,
    error: 'settles',
  },
];

describe('nobody waits for ever for', () => {
  it.each(rows)('$what', async ({ ask, ms, error }) => {
    vi.useFakeTimers();
    const { platform, promise } = await ask();
    let settled = false;
    const done = promise.then(
      () => { settled = true; },
      (reason: unknown) => { settled = true; return reason; },
    );
    const advance = async (by: number): Promise<void> => {
      await platform?.advance(by);
      await vi.advanceTimersByTimeAsync(by);
    };
    await advance(ms - 1_000);
    expect(settled, 'not before its time').toBe(false);
    await advance(1_001);
    expect(settled, 'at its time').toBe(true);
    const outcome = await done;
    if (error === 'settles') expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(error);
  });

  it('the browser at an offer: another connection is tried, and the call goes on', async () => {
    const made = await connectedCall();
    const { platform } = made;
    platform.answersPings = true;
    const { createPeer } = platform;
    platform.createPeer = (...args) => Object.assign(createPeer(...args), { offer: never });
    platform.peer.handlers.failed();
    await platform.advance(10_000);
    expect(platform.peers).toHaveLength(2);
    await platform.advance(2_000);
    expect(platform.peers.length).toBeGreaterThan(2);
    expect(platform.peers.slice(0, -1).every(({ closed }) => closed)).toBe(true);
    expect(made.call.state).toBe('Connected');
  });

  it('the application for a token of a socket that is to come back: it is asked again', async () => {
    const platform = new FakePlatform();
    let asked = 0;
    const getToken = () => {
      asked += 1;
      return asked === 1 ? credential().getToken() : never<{ token: string; expiresOnTimestamp: number }>();
    };
    const creating = clientOn(platform).createCallAgent({ getToken, dispose: () => undefined });
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    await creating;
    platform.socket.drop();
    await platform.advance(40_000);
    expect(asked).toBeGreaterThan(2);
  });

  it('the speaker', async () => {
    const made = await connectedCall();
    const player = { play: () => undefined, setMuted: () => undefined, setSpeaker: never<undefined>, close: () => undefined };
    const platform = new FakePlatform();
    platform.createPlayer = () => player;
    const { MediaPath } = await import('../src/session/media-path');
    const path = new MediaPath(platform, { request: never, slots: () => undefined, flowing: () => undefined, relays: () => undefined });
    const choosing = expect(path.setSpeaker('x')).rejects.toMatchObject({ code: 408, subCode: 40607 });
    await platform.advance(5_000);
    await choosing;
    expect(made.call.state).toBe('Connected');
  });
});

describe('what comes too late', () => {
  it('is tidied up: a camera that opens when nobody waits is closed', async () => {
    vi.useFakeTimers();
    const track = new FakeTrack('video', 'late');
    let open: (stream: MediaStream) => void = () => undefined;
    getUserMedia.mockImplementation(() => new Promise<MediaStream>((resolve) => { open = resolve; }));
    const asked = expect(camera().getMediaStream()).rejects.toMatchObject({ subCode: 43015 });
    await vi.advanceTimersByTimeAsync(120_000);
    await asked;
    open(mediaStream(track));
    await vi.advanceTimersByTimeAsync(0);
    expect(track.readyState).toBe('ended');
  });

  it('its twin: what comes in time is handed on and its timer is gone', async () => {
    vi.useFakeTimers();
    const late = vi.fn();
    await expect(within(systemAfter, 1_000, Promise.resolve(7), () => new Error('late'), late)).resolves.toBe(7);
    expect(vi.getTimerCount()).toBe(0);
    expect(late).not.toHaveBeenCalled();
  });
});

describe('a hang-up', () => {
  it('is done here first: nothing is sent any more and the call is over before the server answered', async () => {
    const { call, platform, socket } = await connectedCall();
    const states: string[] = [];
    call.on('stateChanged', () => states.push(call.state));
    await call.hangUp();
    expect(socket.last('leave').body).toEqual({ type: 'leave', forEveryone: false });
    expect(states).toEqual(['Disconnecting', 'Disconnected']);
    expect(platform.peer.closed).toBe(true);
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 0 });
  });

  it('does not need a connection', async () => {
    const { call, platform, socket } = await connectedCall();
    socket.drop();
    await call.hangUp();
    expect(call.state).toBe('Disconnected');
    expect(platform.peer.closed).toBe(true);
  });
});
