// What nobody can see is not asked for, what comes back into sight is asked for at once, and applications are told nothing of it. The same in
// a browser against a server: tests/e2e/src/sdk/sight.spec.ts.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, VideoStreamRenderer } from '../src/index';
import type { RemoteVideoStream, VideoStreamRendererView } from '../src/index';
import { FakeMediaStream, FakeTrack, MEMBER, OTHER, OWN, connectedCall, meeting, participant, publication, settle } from './harness';

/** The browser's observers of one element, under the test's hand. */
class Eye {
  static open = new Set<Eye>();
  target: Element | undefined;
  constructor(
    private readonly tell: (entries: { isIntersecting: boolean }[]) => void,
    readonly options: { rootMargin?: string; scrollMargin?: string } = {},
  ) {}
  observe(target: Element): void {
    this.target = target;
    Eye.open.add(this);
  }
  disconnect(): void {
    Eye.open.delete(this);
  }
  static of(view: VideoStreamRendererView): Eye {
    const found = [...Eye.open].filter(({ target }) => target === view.target);
    expect(found, 'one observer watches the view').toHaveLength(1);
    return found[0]!;
  }
  sees(isIntersecting: boolean): void {
    this.tell([{ isIntersecting }]);
  }
}

class Ruler {
  static open = new Map<Element, () => void>();
  private readonly targets: Element[] = [];
  constructor(private readonly tell: () => void) {}
  observe(target: Element): void {
    this.targets.push(target);
    Ruler.open.set(target, this.tell);
  }
  disconnect(): void {
    for (const target of this.targets) Ruler.open.delete(target);
  }
}

/** Gives the view a size, as the page's layout would. */
function sized(view: VideoStreamRendererView, width: number, height: number): void {
  Object.defineProperty(view.target, 'clientWidth', { value: width, configurable: true });
  Object.defineProperty(view.target, 'clientHeight', { value: height, configurable: true });
  Ruler.open.get(view.target)?.();
}

let visibility: DocumentVisibilityState = 'visible';
let inPicture: Element | null = null;
/** Pictures that were copied. */
let copied = 0;

function pageIs(state: DocumentVisibilityState): void {
  visibility = state;
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  Eye.open.clear();
  Ruler.open.clear();
  copied = 0;
  visibility = 'visible';
  inPicture = null;
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('IntersectionObserver', Eye);
  vi.stubGlobal('ResizeObserver', Ruler);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  Object.defineProperty(document, 'visibilityState', { get: () => visibility, configurable: true });
  Object.defineProperty(document, 'pictureInPictureElement', { get: () => inPicture, configurable: true });
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({ drawImage: () => { copied += 1; } } as never);
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
  Reflect.deleteProperty(document, 'pictureInPictureElement');
  Reflect.deleteProperty(document, 'visibilityState');
});

const cameras = [participant(OWN), participant(MEMBER, { publications: [publication(7)] }), participant(OTHER, { publications: [publication(8)] })];

/** A call with somebody's camera in a view of 320 × 180 that is seen, and its picture there. */
async function watching() {
  const made = await connectedCall({ participants: cameras });
  const { call, socket, platform } = made;
  const stream = call.remoteParticipants[0]!.videoStreams[0]!;
  const told: string[] = [];
  for (const event of ['isReceivingChanged', 'isAvailableChanged', 'isPausedChanged', 'sizeChanged'] as const) stream.on(event, () => told.push(event));
  const view = await shown(stream);
  await platform.advance(2_000);
  let revision = 1;
  const say = (event: object): void => {
    revision += 1;
    socket.event(revision, event as never);
  };
  let generation = 0;
  const binds = (mid: string, carried: number | null, more: object = {}): void => {
    generation += 1;
    say({ type: 'slots', bindings: [{ mid, generation, publication: carried, participant: null, ...more }] });
  };
  const wanted = (): number[] => socket.last('subscribe').body.wants.map((want) => want.publication);
  binds('9', 7);
  platform.peer.tracks[0]!.arrive();
  told.length = 0;
  return { ...made, stream, view, video: pictured(view), told, say, binds, wanted };
}

async function shown(stream: RemoteVideoStream): Promise<VideoStreamRendererView> {
  const view = await new VideoStreamRenderer(stream).createView();
  document.body.append(view.target);
  sized(view, 320, 180);
  Eye.of(view).sees(true);
  return view;
}

/** A picture is in the view's video. */
function pictured(view: VideoStreamRendererView): HTMLVideoElement {
  const video = view.target.querySelector('video')!;
  Object.defineProperties(video, { videoWidth: { value: 640 }, videoHeight: { value: 360 }, readyState: { value: 4 } });
  return video;
}

describe('a view that is scrolled out of sight', () => {
  it('is not asked for after a moment, and at once again when it comes back; applications are told nothing', async () => {
    const { view, video, stream, socket, platform, told, binds, wanted } = await watching();
    expect(wanted()).toEqual([7]);
    Eye.of(view).sees(false);
    await platform.advance(1_499);
    expect(wanted()).toEqual([7]);
    await platform.advance(200);
    expect(wanted()).toEqual([]);
    binds('9', null);
    expect(video.srcObject).toBeNull();
    await platform.advance(8_000);
    const before = socket.count('subscribe');
    Eye.of(view).sees(true);
    await platform.advance(1);
    expect([wanted(), socket.count('subscribe')]).toEqual([[7], before + 1]);
    binds('10', 7);
    expect(video.srcObject).not.toBeNull();
    platform.peer.tracks[1]!.arrive();
    await platform.advance(10_000);
    expect([stream.isReceiving, told]).toEqual([true, []]);
  });

  it('keeps its last picture until there is another one, and never shows who has its slot meanwhile', async () => {
    const { view, video, platform, binds } = await watching();
    const still = () => view.target.querySelector('canvas');
    Eye.of(view).sees(false);
    await platform.advance(2_000);
    expect(still()).toBeNull();
    binds('9', 8);
    expect([video.srcObject, copied]).toEqual([null, 1]);
    expect(still()).toMatchObject({ width: 640, height: 360 });
    expect(still()?.style).toMatchObject({ position: 'absolute', objectFit: 'cover', pointerEvents: 'none' });
    await view.updateScalingMode('Fit');
    expect(still()?.style.objectFit).toBe('contain');
    Eye.of(view).sees(true);
    await platform.advance(1);
    binds('10', 7);
    expect(still(), 'the stream has no picture yet').not.toBeNull();
    video.dispatchEvent(new Event('loadeddata'));
    expect(still()).toBeNull();
  });

  it('and is back within that moment was never away', async () => {
    const { view, video, platform, socket } = await watching();
    const before = socket.count('subscribe');
    Eye.of(view).sees(false);
    await platform.advance(1_400);
    Eye.of(view).sees(true);
    await platform.advance(10_000);
    expect(socket.count('subscribe')).toBe(before);
    expect(video.srcObject).not.toBeNull();
  });

  it('and is back before its slot is gone keeps the picture over the change', async () => {
    const { view, video, stream, platform, told, binds } = await watching();
    Eye.of(view).sees(false);
    await platform.advance(2_000);
    Eye.of(view).sees(true);
    await platform.advance(1);
    binds('9', null);
    expect(view.target.querySelector('canvas')).not.toBeNull();
    binds('9', 7);
    expect(video.srcObject).not.toBeNull();
    await platform.advance(10_000);
    expect([stream.isReceiving, told]).toEqual([true, []]);
  });

  it('and gets no picture when it is back is told so after a while', async () => {
    const { view, stream, platform, told, binds } = await watching();
    Eye.of(view).sees(false);
    await platform.advance(2_000);
    binds('9', null);
    Eye.of(view).sees(true);
    await platform.advance(2_999);
    expect(told).toEqual([]);
    await platform.advance(1);
    expect([stream.isReceiving, told]).toEqual([false, ['isReceivingChanged']]);
    binds('9', 7);
    expect([stream.isReceiving, told]).toEqual([true, ['isReceivingChanged', 'isReceivingChanged']]);
  });

  it('lets go of its picture when the camera is turned off or the view is disposed, and says so then', async () => {
    const off = await watching();
    Eye.of(off.view).sees(false);
    await off.platform.advance(2_000);
    off.binds('9', null);
    expect(off.view.target.querySelector('canvas')).not.toBeNull();
    off.say({ type: 'participants', upserted: [participant(MEMBER, { publications: [publication(7, { active: false })] })], left: [] });
    expect(off.view.target.querySelector('canvas')).toBeNull();
    expect(off.told).toEqual(['isReceivingChanged', 'isAvailableChanged']);

    const disposed = await watching();
    Eye.of(disposed.view).sees(false);
    await disposed.platform.advance(2_000);
    disposed.binds('9', null);
    const timers = disposed.platform.pending;
    Eye.of(disposed.view).sees(true);
    expect(disposed.platform.pending, 'it waits for its picture').toBeGreaterThan(timers);
    disposed.view.dispose();
    await disposed.platform.advance(1_000);
    expect(disposed.platform.pending).toBe(timers);
    expect([disposed.stream.isReceiving, disposed.told]).toEqual([false, ['isReceivingChanged']]);
    expect(disposed.view.target.querySelector('canvas')).toBeNull();
  });

  it('costs no picture that another view shows, which is asked for at its own size', async () => {
    const { view, stream, platform, socket, wanted } = await watching();
    const small = await shown(stream);
    sized(view, 1_280, 720);
    await platform.advance(2_000);
    expect(socket.last('subscribe').body.wants).toMatchObject([{ publication: 7, width: 1_280, height: 768 }]);
    Eye.of(view).sees(false);
    await platform.advance(2_000);
    expect(socket.last('subscribe').body.wants).toMatchObject([{ publication: 7, width: 320, height: 192 }]);
    expect(small.target.querySelector('video')!.srcObject).not.toBeNull();
    Eye.of(small).sees(false);
    await platform.advance(2_000);
    expect(wanted()).toEqual([]);
  });
});

describe('what is in sight', () => {
  it('is looked for with one tile around the screen and around boxes that scroll, anew when the tile has another size', async () => {
    const { view } = await watching();
    expect(Eye.of(view).options).toEqual({ rootMargin: '192px 320px', scrollMargin: '192px 320px' });
    const first = Eye.of(view);
    sized(view, 318, 179);
    expect(Eye.of(view)).toBe(first);
    sized(view, 2_000, 700);
    expect(Eye.of(view).options.rootMargin).toBe('704px 1024px');
  });

  it('is nothing that has no size', async () => {
    const { view, platform, wanted } = await watching();
    sized(view, 0, 0);
    await platform.advance(2_000);
    expect(wanted()).toEqual([]);
    sized(view, 320, 180);
    await platform.advance(1);
    expect(wanted()).toEqual([7]);
  });

  it('is an element outside of the page: the application may draw it elsewhere', async () => {
    const { view, platform, wanted } = await watching();
    view.target.remove();
    sized(view, 0, 0);
    Eye.of(view).sees(false);
    await platform.advance(5_000);
    expect(wanted()).toEqual([7]);
    document.body.append(view.target);
    sized(view, 320, 180);
    await platform.advance(5_000);
    expect(wanted(), 'back in the page, out of sight').toEqual([]);
  });

  it('is nothing of a hidden page, unless it is in a picture of its own', async () => {
    const { view, video, platform, wanted } = await watching();
    pageIs('hidden');
    await platform.advance(2_000);
    expect(wanted()).toEqual([]);
    pageIs('visible');
    await platform.advance(1);
    expect(wanted()).toEqual([7]);

    inPicture = video;
    video.dispatchEvent(new Event('enterpictureinpicture'));
    pageIs('hidden');
    Eye.of(view).sees(false);
    await platform.advance(5_000);
    expect(wanted()).toEqual([7]);
    inPicture = null;
    video.dispatchEvent(new Event('leavepictureinpicture'));
    await platform.advance(2_000);
    expect(wanted()).toEqual([]);
  });

  it('is what is shown in a window of its own, whatever becomes of the first page', async () => {
    const { view, platform, wanted } = await watching();
    const removed = vi.spyOn(document, 'removeEventListener');
    const popup = document.implementation.createHTMLDocument();
    popup.body.append(view.target);
    sized(view, 320, 180);
    expect(removed.mock.calls.map(([name]) => name)).toEqual(['visibilitychange']);
    Eye.of(view).sees(true);
    pageIs('hidden');
    await platform.advance(5_000);
    expect(wanted()).toEqual([7]);
    Object.defineProperties(popup, { visibilityState: { value: 'hidden' }, pictureInPictureElement: { value: null } });
    popup.dispatchEvent(new Event('visibilitychange'));
    await platform.advance(5_000);
    expect(wanted()).toEqual([]);
  });

  it('is everything of a hidden page in a browser that does not tell of its picture-in-picture', async () => {
    Reflect.deleteProperty(document, 'pictureInPictureElement');
    const { view, platform, wanted } = await watching();
    pageIs('hidden');
    await platform.advance(5_000);
    expect(wanted()).toEqual([7]);
    Eye.of(view).sees(false);
    await platform.advance(5_000);
    expect(wanted(), 'where it is on the page is known').toEqual([]);
  });

  it('is everything where the browser cannot tell', async () => {
    vi.stubGlobal('IntersectionObserver', undefined);
    const { call, platform, socket } = await connectedCall({ participants: cameras });
    const view = await new VideoStreamRenderer(call.remoteParticipants[0]!.videoStreams[0]!).createView();
    document.body.append(view.target);
    sized(view, 320, 180);
    pageIs('hidden');
    await platform.advance(5_000);
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
  });

  it('is nobody’s business after the view is disposed or the call is over', async () => {
    const listeners = vi.spyOn(document, 'removeEventListener');
    const { view, call, stream } = await watching();
    const other = await shown(stream);
    expect(Eye.open.size).toBe(2);
    view.dispose();
    expect([Eye.open.size, listeners.mock.calls.filter(([name]) => name === 'visibilitychange').length]).toEqual([1, 1]);
    await call.hangUp();
    expect([Eye.open.size, Ruler.open.size, listeners.mock.calls.filter(([name]) => name === 'visibilitychange').length]).toEqual([0, 0, 2]);
    pageIs('hidden');
    other.dispose();
  });

  it('counts for the together view: out of sight it asks for nothing, and keeps what it drew', async () => {
    const seats = [{ participant: MEMBER, left: 0, top: 0, width: 5_000, height: 10_000 }];
    let drawn = 0;
    const pen = new Proxy({} as Record<string, unknown>, {
      get: (_, name) => (name === 'createLinearGradient' ? () => ({ addColorStop: () => undefined }) : () => { drawn += 1; }),
      set: () => true,
    });
    vi.mocked(HTMLCanvasElement.prototype.getContext).mockReturnValue(pen as never);
    Object.defineProperty(HTMLCanvasElement.prototype, 'captureStream', { value: () => new FakeMediaStream([new FakeTrack('video')]), configurable: true });
    const { call, platform, socket } = await connectedCall({ participants: cameras, meeting: meeting({ together: seats }) });
    const feature = call.feature(Features.TogetherMode);
    await settle();
    const stream = feature.togetherModeStream[0]!;
    const view = await shown(stream as unknown as RemoteVideoStream);
    await platform.advance(2_000);
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
    Eye.of(view).sees(false);
    const before = drawn;
    await platform.advance(2_000);
    expect(socket.last('subscribe').body.wants).toEqual([]);
    expect([drawn, stream.isReceiving]).toEqual([before, true]);
    Eye.of(view).sees(true);
    await platform.advance(1_000);
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
    expect(drawn).toBeGreaterThan(before);
  });
});

describe('a picture that the server holds back', () => {
  it('is told as not received and as paused, and again when it goes on', async () => {
    const { stream, told, binds } = await watching();
    const seen: unknown[] = [];
    for (const event of ['isReceivingChanged', 'isPausedChanged'] as const) stream.on(event, () => seen.push([event, stream.isReceiving, stream.isPaused]));
    binds('9', 7, { withheld: 'paused' });
    binds('9', 7);
    expect(seen).toEqual([
      ['isReceivingChanged', false, true],
      ['isPausedChanged', false, true],
      ['isReceivingChanged', true, false],
      ['isPausedChanged', true, false],
    ]);
    told.length = 0;
    binds('9', 7);
    expect(told).toEqual([]);
  });

  it('because this browser cannot play it is not received and not shown, and is not called paused', async () => {
    const { stream, video, told, binds } = await watching();
    binds('9', 7, { withheld: 'unplayable' });
    expect([stream.isReceiving, stream.isPaused, video.srcObject, told]).toEqual([false, false, null, ['isReceivingChanged']]);
    binds('9', 7);
    expect([stream.isReceiving, video.srcObject === null]).toEqual([true, false]);
  });

  it('is no longer one when its slot or its camera is gone', async () => {
    const { stream, binds, say, platform } = await watching();
    binds('9', 7, { withheld: 'paused' });
    binds('9', null);
    expect([stream.isReceiving, stream.isPaused]).toEqual([false, false]);
    binds('9', 7, { withheld: 'paused' });
    platform.peer.tracks[0]!.arrive();
    expect([stream.isReceiving, stream.isPaused]).toEqual([false, true]);
    say({ type: 'participants', upserted: [participant(MEMBER, { publications: [publication(7, { active: false })] })], left: [] });
    expect([stream.isAvailable, stream.isReceiving, stream.isPaused]).toEqual([false, false, false]);
  });
});

describe('the list of wishes', () => {
  it('follows a resize four times in a second at most, and its last one says what holds', async () => {
    const { view, platform, socket } = await watching();
    const before = socket.count('subscribe');
    for (let at = 0; at < 300; at += 1) {
      sized(view, 200 + at * 5, 200 + at * 4);
      await platform.advance(10);
    }
    const during = socket.count('subscribe') - before;
    expect(during).toBeGreaterThan(8);
    expect(during).toBeLessThanOrEqual(14);
    await platform.advance(1_000);
    expect(socket.last('subscribe').body.wants).toMatchObject([{ width: 1_728, height: 1_408 }]);
    expect(socket.count('subscribe') - before).toBeLessThanOrEqual(15);
  });

  it('is told at once for a view that somebody opens, also in the middle of a resize', async () => {
    const { view, call, platform, wanted } = await watching();
    for (let at = 0; at < 100; at += 1) {
      sized(view, 200 + at * 5, 200 + at * 4);
      await platform.advance(10);
    }
    await shown(call.remoteParticipants[1]!.videoStreams[0]!);
    await platform.advance(1);
    expect(wanted()).toEqual([7, 8]);
  });

  it('names who speaks, and who spoke before while the person speaks themself; a change is told, none is not', async () => {
    const { call, platform, socket, say } = await watching();
    await shown(call.remoteParticipants[1]!.videoStreams[0]!);
    const speaks = async (...dominant: string[]): Promise<string[]> => {
      say({ type: 'speaking', changes: [], dominant });
      await platform.advance(1_000);
      return socket.last('subscribe').body.wants.map((want) => `${String(want.publication)} ${want.priority}`);
    };
    expect(await speaks(OTHER)).toEqual(['8 speaker', '7 rest']);
    const before = socket.count('subscribe');
    expect(await speaks(OWN, OTHER)).toEqual(['8 speaker', '7 rest']);
    expect(await speaks(OTHER, MEMBER)).toEqual(['8 speaker', '7 rest']);
    expect(socket.count('subscribe')).toBe(before);
    expect(await speaks(MEMBER, OTHER)).toEqual(['7 speaker', '8 rest']);
    for (let at = 0; at < 40; at += 1) {
      say({ type: 'speaking', changes: [], dominant: [at % 2 === 0 ? OTHER : MEMBER] });
      await platform.advance(50);
    }
    expect(socket.count('subscribe') - before).toBeLessThanOrEqual(12);
    say({ type: 'participants', upserted: [participant(MEMBER, { spotlight: 1, publications: [publication(7), publication(9, { kind: 'screen' })] })], left: [] });
    await settle();
    await shown(call.remoteParticipants[0]!.videoStreams[1]!);
    expect(await speaks(OTHER)).toEqual(['9 screen', '7 pinned', '8 speaker']);
  });
});
