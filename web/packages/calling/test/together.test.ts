// The together view: seats in pixels, one composed stream, and that it asks for nothing while nobody looks.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { cover, initials, sceneOf, seatIn } from '../src/core/scene';
import { VIEWABLE } from '../src/public/viewable';
import type { Seat } from '../src/wire';
import { FakeMediaStream, FakeTrack, MEMBER, OWN, connectedCall, mediaStream, meeting, participant, publication, settle } from './harness';

const drawn: string[] = [];

beforeEach(() => {
  drawn.length = 0;
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices: undefined, userAgent: '' });
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  const pen = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => {
      if (name === 'createLinearGradient') return () => ({ addColorStop: () => undefined });
      if (name === 'fillText') return (text: string) => drawn.push(text);
      return () => undefined;
    },
    set: () => true,
  });
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(pen as never);
  Object.defineProperty(HTMLCanvasElement.prototype, 'captureStream', {
    value: () => new FakeMediaStream([new FakeTrack('video', 'canvas')]),
    configurable: true,
  });
});

/** A browser that opens devices like this. */
function devices(getUserMedia: () => Promise<MediaStream>): object {
  return { mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([]) }), userAgent: '' };
}

function seat(id: string, left = 0): Seat {
  return { participant: id, left, top: 1_000, width: 4_000, height: 8_000 };
}

const SEATS = [seat(OWN), seat(MEMBER, 5_000)];
const people = [participant(OWN, { displayName: 'Guest' }), participant(MEMBER, { displayName: 'Maria Lindqvist', publications: [publication(7)] })];

async function started() {
  const made = await connectedCall({ participants: people });
  const feature = made.call.feature(Features.TogetherMode);
  const told: string[] = [];
  feature.on('togetherModeStreamsUpdated', ({ added, removed }) => told.push(`streams +${String(added.length)} -${String(removed.length)}`));
  feature.on('togetherModeSeatingUpdated', (seats) => told.push(`seats ${String(seats.size)}`));
  feature.on('togetherModeSceneUpdated', (seats) => told.push(`scene ${String(seats.get(OWN)?.width)}`));
  let revision = 1;
  const say = async (together: Seat[] | null): Promise<void> => {
    revision += 1;
    made.socket.event(revision, { type: 'meeting', meeting: meeting({ together }) });
    await settle();
  };
  return { ...made, feature, told, say };
}

describe('the together view', () => {
  it('tells its stream and its seats in pixels, and the end of both', async () => {
    const { feature, told, say } = await started();
    expect([feature.togetherModeStream, feature.togetherModeSeatingMap.size]).toEqual([[], 0]);
    expect(feature.sceneSize).toEqual({ width: 1280, height: 720 });
    await say(SEATS);
    await say([...SEATS]);
    expect(told).toEqual(['streams +1 -0', 'seats 2']);
    expect(feature.togetherModeSeatingMap.get(MEMBER)).toEqual({ left: 640, top: 72, width: 512, height: 576 });
    const [stream] = feature.togetherModeStream;
    expect(stream).toMatchObject({ mediaStreamType: 'Video', isAvailable: true, isReceiving: false, size: { width: 1280, height: 720 } });
    await say([seat(OWN)]);
    await say(null);
    expect(told.slice(2)).toEqual(['seats 1', 'streams +0 -1']);
    expect([stream?.isAvailable, feature.togetherModeStream]).toEqual([false, []]);
  });

  it('scales the seats to the scene that the application chose, and says so', async () => {
    const { feature, told, say } = await started();
    feature.sceneSize = { width: 640, height: 360 };
    expect(told).toEqual([]);
    await say(SEATS);
    feature.sceneSize = { width: 1000, height: 500 };
    feature.sceneSize = { width: 1000, height: 500 };
    feature.sceneSize = { width: Number.NaN, height: 500 };
    expect(told.slice(2)).toEqual(['scene 400']);
    expect(feature.sceneSize).toEqual({ width: 1000, height: 500 });
    expect(feature.togetherModeSeatingMap).not.toBe(feature.togetherModeSeatingMap);
  });

  it('is replayed after a join into a meeting that sits together already', async () => {
    const made = await connectedCall({ participants: people, meeting: meeting({ together: SEATS }) });
    const feature = made.call.feature(Features.TogetherMode);
    const told: string[] = [];
    feature.on('togetherModeStreamsUpdated', () => told.push('streams'));
    await settle();
    expect(told).toEqual(['streams']);
  });

  it('composes only while somebody looks, and asks for pictures at the size of their seats', async () => {
    const { feature, socket, platform, say } = await started();
    await say(SEATS);
    await platform.advance(1_000);
    expect(socket.count('subscribe')).toBe(0);
    const stream = feature.togetherModeStream[0]!;
    const view = await new VideoStreamRenderer(stream).createView();
    expect((view.target.querySelector('video') as HTMLVideoElement).srcObject).toBeInstanceOf(FakeMediaStream);
    await platform.advance(1_000);
    expect(stream.isReceiving).toBe(true);
    expect(socket.last('subscribe').body.wants).toMatchObject([{ publication: 7, width: 512, height: 576 }]);
    // Who has no picture sits there with the first letters of the name.
    expect(drawn).toContain('G');
    view.dispose();
    await platform.advance(1_000);
    expect(socket.last('subscribe').body.wants).toEqual([]);
    expect(stream.isReceiving).toBe(false);
    const { pending } = platform;
    const again = await new VideoStreamRenderer(stream).createView();
    await say(null);
    await platform.advance(1_000);
    expect(platform.pending).toBe(pending);
    again.dispose();
    await expect(new VideoStreamRenderer(stream).createView()).rejects.toMatchObject({ code: 404, subCode: 43202 });
  });

  it('gives a picture back when its person stands up or turns the camera off', async () => {
    const { feature, socket, platform, say } = await started();
    await say(SEATS);
    await new VideoStreamRenderer(feature.togetherModeStream[0]!).createView();
    await platform.advance(1_000);
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
    await say([seat(OWN)]);
    await platform.advance(1_000);
    expect(socket.last('subscribe').body.wants).toEqual([]);
  });

  it('is begun by the server, whose refusal is the documented one', async () => {
    const { call, feature, socket } = await started();
    const starting = feature.start();
    await settle();
    const refusal = { code: 403, subCode: 46306, name: 'togetherForMembersOnly', message: 'No.', cause: 'Because.', policy: 'GuestTogetherView' };
    socket.refuse(socket.last('setTogether').id, { ...refusal, fixableBy: 'administrator' });
    await expect(starting).rejects.toMatchObject({ code: 403, subCode: 46306 });
    const ending = call.meeting?.setTogether(false);
    await settle();
    expect(socket.last('setTogether').body.active).toBe(false);
    socket.reply(socket.last('setTogether').id, { type: 'done' });
    await ending;
  });

  it('makes no stream for who asks after the end', async () => {
    const { call } = await connectedCall({ participants: people, meeting: meeting({ together: SEATS }) });
    await call.hangUp();
    const feature = call.feature(Features.TogetherMode);
    const told = vi.fn();
    feature.on('togetherModeStreamsUpdated', told);
    await settle();
    expect(feature.togetherModeStream).toEqual([]);
    expect(told).not.toHaveBeenCalled();
  });

  it('lets the own camera go in the moment in which it is switched off, and a remote picture with its person', async () => {
    const track = new FakeTrack('video', 'camera', { width: 640, height: 360 });
    vi.stubGlobal('navigator', devices(() => Promise.resolve(mediaStream(track))));
    const { call, feature, socket, platform, say } = await started();
    const camera = new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
    const starting = call.startVideo(camera);
    await settle();
    socket.reply(socket.last('setPublication').id, { type: 'done' });
    await starting;
    await say(SEATS);
    await new VideoStreamRenderer(feature.togetherModeStream[0]!).createView();
    await platform.advance(1_000);
    expect(track.readyState).toBe('live');
    const stopping = call.stopVideo(camera);
    // No time passes: a page in the background draws its next picture much later.
    expect(track.readyState).toBe('ended');
    await settle();
    socket.reply(socket.last('setPublication').id, { type: 'done' });
    await stopping;
  });

  it('asks ever more rarely for a picture that cannot be shown', async () => {
    const { call, feature, socket, platform, say } = await started();
    const getUserMedia = vi.fn(() => Promise.resolve(mediaStream(new FakeTrack('video', 'camera', { width: 640, height: 360 }))));
    vi.stubGlobal('navigator', devices(getUserMedia));
    const camera = new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
    const starting = call.startVideo(camera);
    await settle();
    socket.reply(socket.last('setPublication').id, { type: 'done' });
    await starting;
    const attach = vi.spyOn(camera[VIEWABLE], 'attach').mockRejectedValue(new Error('not now'));
    await say(SEATS);
    await new VideoStreamRenderer(feature.togetherModeStream[0]!).createView();
    await platform.advance(10_000);
    // At once, and after half a second, one, two and four more.
    expect(attach.mock.calls.length).toBeGreaterThan(3);
    expect(attach.mock.calls.length).toBeLessThan(7);
  });

  it('ends with the call and leaves nothing', async () => {
    const { call, feature, say } = await started();
    await say(SEATS);
    const stream = feature.togetherModeStream[0]!;
    await new VideoStreamRenderer(stream).createView();
    await call.hangUp();
    expect([stream.isAvailable, stream.isReceiving, feature.togetherModeStream]).toEqual([false, false, []]);
  });
});

describe('the geometry of the scene', () => {
  it('covers a seat with the middle of a picture', () => {
    expect(cover({ width: 640, height: 360 }, { width: 100, height: 100 })).toEqual({ left: 140, top: 0, width: 360, height: 360 });
    expect(cover({ width: 360, height: 640 }, { width: 200, height: 100 })).toEqual({ left: 0, top: 230, width: 360, height: 180 });
  });

  it('keeps scenes within what can be drawn', () => {
    expect(sceneOf({ width: 1, height: 99_999 })).toEqual({ width: 16, height: 3_840 });
    expect([sceneOf(undefined), sceneOf({ width: Number.NaN, height: 3 }), sceneOf({})]).toEqual([undefined, undefined, undefined]);
    expect(seatIn({ width: 1_000, height: 100 }, seat('x', 10_000))).toEqual({ left: 1_000, top: 10, width: 400, height: 80 });
  });

  it('writes two letters at most', () => {
    expect([initials('Maria Lindqvist'), initials('ada'), initials('  '), initials('Ana de la Cruz')]).toEqual(['ML', 'A', '', 'AC']);
  });
});
