/**
 * What the SDK leaves behind in a real browser: a hundred clients with agents, calls, cameras, views and real peer connections come and go.
 *
 * Counted by hooks that are set before any of them: sockets, peer connections, tracks, audio contexts, listeners on the page's own targets,
 * timers; and by the browser: heap, nodes, listeners.
 */
import type { CDPSession } from '@playwright/test';

import { expect, test } from './bench.js';

const LIVES = 100;

interface Left {
  sockets: number;
  peers: number;
  tracks: number;
  contexts: number;
  listeners: Record<string, number>;
  timers: number;
  opened: { sockets: number; peers: number; tracks: number };
}

declare global {
  interface Window {
    left: () => Left;
    /** One life of a client; gives whether media flowed. */
    live: (link: string, token: string) => Promise<boolean>;
  }
}

/** Counts what is opened and not closed; runs in the page. */
function hook(): void {
  // Held weakly, so that the hooks keep nothing alive: what is collected was closed or can no longer do anything.
  const sockets: WeakRef<WebSocket>[] = [];
  const peers: WeakRef<RTCPeerConnection>[] = [];
  const tracks: WeakRef<MediaStreamTrack>[] = [];
  const contexts: WeakRef<AudioContext>[] = [];
  const count = <T extends object>(refs: WeakRef<T>[], open: (object: T) => boolean): number =>
    refs.filter((ref) => { const object = ref.deref(); return object !== undefined && open(object); }).length;
  const listeners = new Map<string, number>();
  const timers = new Set<unknown>();
  const { WebSocket: Socket, RTCPeerConnection: Peer, AudioContext: Context } = window;
  window.WebSocket = class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(new WeakRef<WebSocket>(this));
    }
  };
  window.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(new WeakRef<RTCPeerConnection>(this));
    }
  };
  window.AudioContext = class extends Context {
    constructor(options?: AudioContextOptions) {
      super(options);
      contexts.push(new WeakRef<AudioContext>(this));
    }
  };
  const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    tracks.push(...stream.getTracks().map((track) => new WeakRef(track)));
    return stream;
  };
  const targets: [string, EventTarget][] = [['window', window], ['document', document], ['mediaDevices', navigator.mediaDevices]];
  for (const [name, target] of targets) {
    const { addEventListener, removeEventListener } = target;
    const heard = (event: string, by: number): void => { listeners.set(`${name} ${event}`, (listeners.get(`${name} ${event}`) ?? 0) + by); };
    target.addEventListener = (...args: Parameters<EventTarget['addEventListener']>) => {
      heard(args[0], 1);
      addEventListener.apply(target, args);
    };
    target.removeEventListener = (...args: Parameters<EventTarget['removeEventListener']>) => {
      heard(args[0], -1);
      removeEventListener.apply(target, args);
    };
  }
  const later = window.setTimeout.bind(window);
  const never = window.clearTimeout.bind(window);
  window.setTimeout = ((action: () => void, ms?: number) => {
    const timer: unknown = later(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
    return timer;
  }) as typeof window.setTimeout;
  window.clearTimeout = ((timer: number) => {
    timers.delete(timer);
    never(timer);
  }) as typeof window.clearTimeout;
  window.left = () => ({
    sockets: count(sockets, ({ readyState }) => readyState <= Socket.OPEN),
    peers: count(peers, ({ connectionState }) => connectionState !== 'closed'),
    tracks: count(tracks, ({ readyState }) => readyState === 'live'),
    contexts: count(contexts, ({ state }) => state !== 'closed'),
    listeners: Object.fromEntries([...listeners].filter(([, count]) => count !== 0)),
    timers: timers.size,
    opened: { sockets: sockets.length, peers: peers.length, tracks: tracks.length },
  });
}

/** Defines one life; runs in the page. */
function define(): void {
  const { CallClient, Features, LocalVideoStream, VideoStreamRenderer } = sdk.module;
  const fact = (what: string, target: { on(event: string, listener: () => void): void }, event: string, holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => { if (holds()) resolve(); };
      target.on(event, look);
      look();
      setTimeout(() => { reject(new Error(`never: ${what}`)); }, 30_000);
    });
  window.live = async (meetingLink, token) => {
    const client = new CallClient();
    client.feature(Features.DebugInfo).on('isCallClientActiveInAnotherTabChanged', () => undefined);
    const devices = await client.getDeviceManager();
    const agent = await client.createCallAgent(new sdk.common.AzureCommunicationTokenCredential(token), { displayName: 'Again' });
    const [camera] = await devices.getCameras();
    const own = new LocalVideoStream(camera!);
    const call = agent.join({ meetingLink }, { videoOptions: { localVideoStreams: [own] } });
    call.feature(Features.UserFacingDiagnostics).network.on('diagnosticChanged', () => undefined);
    call.feature(Features.MediaStats).createCollector().on('sampleReported', () => undefined);
    const events = call as unknown as Parameters<typeof fact>[1];
    await fact('connected', events, 'stateChanged', () => call.state === 'Connected');
    await fact('somebody', events, 'remoteParticipantsUpdated', () => call.remoteParticipants.length > 0);
    const [person] = call.remoteParticipants;
    const stream = person?.videoStreams[0];
    let flows = false;
    if (stream) {
      const view = await new VideoStreamRenderer(stream).createView();
      document.querySelector('#stage')!.append(view.target);
      await fact('frames', stream as unknown as Parameters<typeof fact>[1], 'isReceivingChanged', () => stream.isReceiving);
      flows = true;
    }
    (await call.remoteAudioStreams[0]?.getVolume())?.on('levelChanged', () => undefined);
    await client.dispose();
    // A page that forgets to dispose the view.
    document.querySelector('#stage')!.replaceChildren();
    // The bench's own record of connections.
    window.__peers!.length = 0;
    return flows;
  };
}

async function heap(session: CDPSession): Promise<{ bytes: number; nodes: number; listeners: number }> {
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { bytes: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

test(`${String(LIVES)} clients with real calls come and go and leave nothing`, async ({ bench }) => {
  test.setTimeout(540_000);
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { camera: true });
  const maria = await bench.person({ kind: 'guest', name: 'Maria' });
  await maria.run(() => sdk.client.dispose());
  await maria.run(hook);
  await maria.run(define);
  const session = await maria.context.newCDPSession(maria.page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.enable');
  const token = await bench.desk.again(maria.id);
  const life = (): Promise<boolean> => maria.run(([link, given]) => window.live(link, given), [meeting.joinWebUrl, token] as [string, string]);

  let flowed = 0;
  for (let at = 0; at < 10; at += 1) flowed += Number(await life());
  const before = await heap(session);
  for (let at = 10; at < LIVES; at += 1) flowed += Number(await life());
  expect(flowed, 'the calls were real').toBe(LIVES);

  // The timers of `fact` are this test's own; they end by themselves.
  await expect.poll(() => maria.run(() => window.left().timers), { timeout: 60_000 }).toBe(0);
  const left = await maria.run(() => window.left());
  expect(left).toMatchObject({ sockets: 0, peers: 0, tracks: 0, contexts: 0, listeners: {} });
  expect(left.opened.peers).toBeGreaterThanOrEqual(LIVES);
  expect(left.opened.sockets).toBeGreaterThanOrEqual(LIVES);
  expect(left.opened.tracks).toBeGreaterThanOrEqual(2 * LIVES);
  const after = await heap(session);
  // A call that stayed would be a hundred times as much.
  expect((after.bytes - before.bytes) / (LIVES - 10), 'bytes for each client').toBeLessThan(3_000);
  expect((after.listeners - before.listeners) / (LIVES - 10), 'listeners for each client').toBeLessThan(1);
  expect(after.nodes - before.nodes).toBeLessThan(50);
  await anna.misses(maria);
});
