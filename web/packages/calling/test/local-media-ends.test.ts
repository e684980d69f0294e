// What was started and stopped, or outlived by the end of the call, while it was starting: nothing of it is sent, and no device stays on.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { LocalVideoStream } from '../src/index';
import type { VideoDeviceInfo } from '../src/index';
import { FakeMediaStream, FakeTrack, connectedCall, guestAgent, joiningCall, mediaStream, settle } from './harness';

const DEVICE: VideoDeviceInfo = { id: 'camera:1', name: 'Front', deviceType: 'UsbCamera' };
let opened: FakeTrack[] = [];

/** A device that opens when the test says so. */
function devices(over: Partial<MediaDevices> = {}): void {
  opened = [];
  const open = ({ video }: MediaStreamConstraints = {}): Promise<MediaStream> => {
    if (video === undefined || video === false) return Promise.resolve(mediaStream(new FakeTrack('audio')));
    const track = new FakeTrack('video', 'front', { width: 640, height: 360 });
    opened.push(track);
    return Promise.resolve(mediaStream(track));
  };
  const mediaDevices = { getUserMedia: vi.fn(open), enumerateDevices: () => Promise.resolve([]), addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('navigator', { mediaDevices: { ...mediaDevices, ...over }, userAgent: '' });
}

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  devices();
});

describe('a camera', () => {
  it('that is stopped while it is being handed to the browser is not published afterwards', async () => {
    const { call, platform, socket } = await connectedCall();
    const { peer } = platform;
    const handed: (() => void)[] = [];
    const send = peer.send.bind(peer);
    peer.send = async (kind, track) => {
      if (kind === 'camera' && track) await new Promise<void>((resolve) => handed.push(resolve));
      await send(kind, track);
    };
    const camera = new LocalVideoStream(mediaStream(new FakeTrack('video', 'given')));
    const starting = call.startVideo(camera).catch(() => undefined);
    await settle();
    expect(handed).toHaveLength(1);
    const stopping = call.stopVideo(camera);
    await settle();
    for (const { id } of socket.requests().filter(({ body }) => body.type === 'setPublication')) socket.reply(id, { type: 'done' });
    handed.forEach((resolve) => { resolve(); });
    await settle();
    await Promise.all([starting, stopping]);
    const said = socket.requests().flatMap(({ body }) => (body.type === 'setPublication' && body.kind === 'camera' ? [body.active] : []));
    expect(said.at(-1) ?? false).toBe(false);
    expect(call.localVideoStreams).toEqual([]);
  });

  it('of a join that is given up in the same moment is not opened', async () => {
    const { agent } = await guestAgent();
    const call = agent.join({ meetingLink: 'http://host/l/meetup-join/x' }, { videoOptions: { localVideoStreams: [new LocalVideoStream(DEVICE)] } });
    void call.hangUp();
    await settle();
    expect(call.state).toBe('Disconnected');
    expect(opened.filter(({ readyState }) => readyState === 'live')).toEqual([]);
  });

  it('of a join that goes on is opened, so that the case before says something', async () => {
    const { agent } = await guestAgent();
    agent.join({ meetingLink: 'http://host/l/meetup-join/x' }, { videoOptions: { localVideoStreams: [new LocalVideoStream(DEVICE)] } });
    await settle();
    expect(opened.filter(({ readyState }) => readyState === 'live')).toHaveLength(1);
  });

  it('that opens after the end is closed again, also when it would outlive the call', async () => {
    let open: (stream: MediaStream) => void = () => undefined;
    devices({ getUserMedia: () => new Promise((resolve) => { open = resolve; }) });
    const { call } = await joiningCall(false);
    const camera = new LocalVideoStream(DEVICE, { autoDisposeOnCallEnd: false });
    const starting = call.startVideo(camera).catch(() => undefined);
    await settle();
    await call.hangUp();
    const track = new FakeTrack('video', 'late');
    open(mediaStream(track));
    await settle();
    await starting;
    expect(track.readyState).toBe('ended');
  });
});

describe('a screen', () => {
  it('that is chosen after the end is not captured', async () => {
    let choose: (stream: MediaStream) => void = () => undefined;
    devices({ getDisplayMedia: () => new Promise((resolve) => { choose = resolve; }) });
    const { call } = await connectedCall();
    const sharing = call.startScreenSharing();
    const failed = expect(sharing).rejects.toMatchObject({ subCode: 41035 });
    await settle();
    await call.hangUp();
    const track = new FakeTrack('video', 'screen');
    choose(mediaStream(track));
    await failed;
    expect(track.readyState).toBe('ended');
  });
});
