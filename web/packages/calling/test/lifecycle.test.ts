// What a client leaves behind: nothing. The same with real connections in a browser: tests/e2e/src/sdk/dispose.spec.ts.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Platform } from '../src/adapters/platform';
import { browserPlatform } from '../src/adapters/platform';
import { CallClient, Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { PLATFORM } from '../src/public/call-client';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OWN, clientOn, credential, guestAgent, mediaStream, own, participant, publication, settle, snapshot } from './harness';

const opened: FakeTrack[] = [];

class CountedTarget extends EventTarget {
  readonly heard = new Set<unknown>();
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.heard.add(args[1]);
    super.addEventListener(...args);
  }
  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.heard.delete(args[1]);
    super.removeEventListener(...args);
  }
}

/** Counts the listeners on the page's own targets. */
function counted(target: EventTarget): Map<string, number> {
  const counts = new Map<string, number>();
  const { addEventListener, removeEventListener } = target;
  target.addEventListener = (...args: Parameters<EventTarget['addEventListener']>) => {
    counts.set(args[0], (counts.get(args[0]) ?? 0) + 1);
    addEventListener.apply(target, args);
  };
  target.removeEventListener = (...args: Parameters<EventTarget['removeEventListener']>) => {
    counts.set(args[0], (counts.get(args[0]) ?? 0) - 1);
    removeEventListener.apply(target, args);
  };
  return counts;
}

let mediaDevices: CountedTarget;

beforeEach(() => {
  opened.length = 0;
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  const getUserMedia = ({ video }: MediaStreamConstraints) => {
    const track = new FakeTrack(video ? 'video' : 'audio');
    opened.push(track);
    return Promise.resolve(mediaStream(track));
  };
  const device = { deviceId: 'default', groupId: '', kind: 'audioinput', label: 'Microphone' };
  mediaDevices = Object.assign(new CountedTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([device]) });
  vi.stubGlobal('navigator', { mediaDevices, userAgent: '', hardwareConcurrency: 8, onLine: true });
});

/** The browser's own surroundings, but sockets and connections of the harness. */
function surroundings(): { platform: Platform; fake: FakePlatform } {
  const fake = new FakePlatform();
  const { openSocket, createPeer, createPlayer, createMeter } = fake;
  return { platform: { ...browserPlatform, openSocket, createPeer, createPlayer, createMeter }, fake };
}

/** A whole life: agent, two calls with everything switched on, the end. */
async function live(): Promise<{ fake: FakePlatform; weak: WeakRef<object>[] }> {
  const { platform, fake } = surroundings();
  const client = new CallClient({ [PLATFORM]: platform } as ConstructorParameters<typeof CallClient>[0]);
  client.feature(Features.DebugInfo).on('isCallClientActiveInAnotherTabChanged', () => undefined);
  const creating = client.createCallAgent(credential());
  await settle();
  fake.socket.accept();
  fake.socket.welcome();
  const agent = await creating;
  const calls = ['a', 'b'].map((name) => agent.join({ meetingLink: `http://host/${name}` }, { audioOptions: { muted: false } }));
  await settle();
  const { socket } = fake;
  socket.requests().filter(({ body }) => body.type === 'join').forEach(({ id }, at) => {
    const call = `c${String(at)}`;
    socket.reply(id, { type: 'joined', call, session: `s${String(at)}`, resumeTicket: 't', waiting: false });
    const people = [participant(OWN), participant(MEMBER, { publications: [publication(7)] })];
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ own: own({ muted: false }), participants: people }) }, call);
  });
  await settle();
  for (const { id, body } of socket.requests()) if (body.type === 'offerMedia') socket.reply(id, { type: 'media', sdp: 'answer' });
  await settle();
  for (const call of calls) {
    call.feature(Features.UserFacingDiagnostics).network.on('diagnosticChanged', () => undefined);
    call.feature(Features.MediaStats).createCollector().on('sampleReported', () => undefined);
    call.feature(Features.OptimalVideoCount).on('optimalVideoCountChanged', () => undefined);
    const [stream] = call.remoteParticipants[0]?.videoStreams ?? [];
    if (stream) await new VideoStreamRenderer(stream).createView();
    void call.startVideo(new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' })).catch(() => undefined);
    void call.feature(Features.RaiseHand).raiseHand().catch(() => undefined);
  }
  await settle();
  await client.dispose();
  return { fake, weak: [client, agent, ...calls].map((object) => new WeakRef<object>(object)) };
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function collected(weak: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return weak.filter((ref) => ref.deref() === undefined).length;
}

describe('a thousand clients with agents and calls', () => {
  it('come and go and leave nothing', async () => {
    const onWindow = counted(window);
    const onDocument = counted(document);
    await live();
    const before = timers();
    const elements = document.body.childElementCount;
    const weak: WeakRef<object>[] = [];
    for (let at = 0; at < 1_000; at += 1) {
      const made = await live();
      weak.push(...made.weak);
      expect(made.fake.sockets.every(({ open }) => !open)).toBe(true);
      expect(made.fake.peers.length).toBe(2);
      expect(made.fake.peers.every(({ closed }) => closed)).toBe(true);
      expect(made.fake.meters).toBe(0);
    }
    expect([...onWindow.values(), ...onDocument.values()].every((count) => count === 0)).toBe(true);
    // They were listened to, otherwise this would prove nothing.
    expect([...onWindow.keys(), ...onDocument.keys()]).toEqual(expect.arrayContaining(['online', 'pagehide', 'visibilitychange']));
    expect(mediaDevices.heard.size).toBe(0);
    expect(opened.length).toBeGreaterThan(2_000);
    expect(opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
    expect(timers()).toBeLessThanOrEqual(before);
    expect(document.body.childElementCount).toBe(elements);
    const gone = await collected(weak);
    expect(gone, `of ${String(weak.length)}`).toBeGreaterThan(weak.length - 20);
  }, 120_000);
});

describe('a client', () => {
  it('that is mounted twice at once, as a development build of a page does, works the second time with the same identity', async () => {
    const { platform, fake } = surroundings();
    const make = (): CallClient => new CallClient({ [PLATFORM]: platform } as ConstructorParameters<typeof CallClient>[0]);
    const first = make();
    const abandoned = expect(first.createCallAgent(credential())).rejects.toMatchObject({ code: 412, subCode: 40115 });
    void first.dispose();
    const second = make();
    const creating = second.createCallAgent(credential());
    await abandoned;
    await settle();
    expect(fake.sockets.filter(({ open }) => open)).toHaveLength(1);
    fake.socket.accept();
    fake.socket.welcome();
    expect((await creating).connectionState).toBe('Connected');
    await second.dispose();
    expect(fake.sockets.every(({ open }) => !open)).toBe(true);
  });

  it('gives another agent of the same identity in the very moment in which the first is disposed', async () => {
    const { platform, client, agent } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/x' });
    const disposing = agent.dispose();
    const creating = client.createCallAgent(credential());
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    await expect(creating).resolves.toHaveProperty('connectionState', 'Connected');
    await disposing;
    expect(call.state).toBe('Disconnected');
  });

  it('works again after its dispose', async () => {
    const { platform, client } = await guestAgent();
    await client.dispose();
    expect(platform.pending).toBe(0);
    const creating = client.createCallAgent(credential());
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    const agent = await creating;
    expect(agent.connectionState).toBe('Connected');
    expect(await client.getDeviceManager()).toBe(await client.getDeviceManager());
    await client.dispose();
  });

  it('that is disposed again, or before anything, does nothing', async () => {
    const client = clientOn(new FakePlatform());
    await client.dispose();
    await client.dispose();
  });

  it('closes the connection of an agent that it refuses, and of one that failed', async () => {
    const { platform, client } = await guestAgent();
    const second = client.createCallAgent(credential());
    const refused = expect(second).rejects.toMatchObject({ code: 409, subCode: 40228 });
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    await refused;
    expect(platform.sockets.map(({ open }) => open)).toEqual([true, false]);
    const failed = expect(client.createCallAgent({ getToken: () => Promise.reject(new Error('x')), dispose: () => undefined })).rejects.toMatchObject({ code: 401, subCode: 44110 });
    await failed;
    expect(platform.sockets.filter(({ open }) => open)).toHaveLength(1);
  });

  it('lets the same identity connect from another client too', async () => {
    const one = await guestAgent();
    const other = await guestAgent(one.platform);
    expect([one.agent.connectionState, other.agent.connectionState]).toEqual(['Connected', 'Connected']);
    expect(one.platform.sockets.every(({ open }) => open)).toBe(true);
  });
});

describe('a stream', () => {
  it('measures no longer once it is disposed, whoever still listens', async () => {
    const contexts: { closed: boolean }[] = [];
    vi.stubGlobal('AudioContext', class {
      closed = false;
      constructor() { contexts.push(this); }
      createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => undefined });
      createMediaStreamSource = () => ({ connect: () => undefined });
      close = () => { this.closed = true; return Promise.resolve(); };
    });
    const stream = new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' });
    const volume = await stream.getVolume();
    volume.on('levelChanged', () => undefined);
    expect(contexts).toHaveLength(1);
    stream.dispose();
    expect(contexts.every(({ closed }) => closed)).toBe(true);
    expect(opened.every(({ readyState }) => readyState === 'ended')).toBe(true);
    vi.unstubAllGlobals();
  });
});
