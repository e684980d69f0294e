import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CallClient, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { FakeTrack, TOKEN, clientOn, FakePlatform, MEMBER, mediaStream, settle } from './harness';

interface Listed {
  deviceId: string;
  kind: string;
  label: string;
}

const all: Listed[] = [
  { deviceId: 'cam', kind: 'videoinput', label: 'Camera' },
  { deviceId: 'default', kind: 'audioinput', label: 'Default' },
  { deviceId: 'usb', kind: 'audioinput', label: 'Headset' },
  { deviceId: 'out', kind: 'audiooutput', label: 'Speakers' },
];

let listed: Listed[] = [];
const getUserMedia = vi.fn();
const devices = Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve(listed) });

beforeEach(() => {
  listed = all.map(({ kind }) => ({ kind, deviceId: '', label: '' }));
  getUserMedia.mockReset();
  getUserMedia.mockImplementation(() => Promise.resolve(mediaStream(new FakeTrack('audio'))));
  vi.stubGlobal('navigator', { mediaDevices: devices, userAgent: '' });
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the device manager', () => {
  it('is the same object every time', async () => {
    const client = new CallClient();
    expect(await client.getDeviceManager()).toBe(await client.getDeviceManager());
  });

  it('lists nothing before permission, and fills and announces the lists after it', async () => {
    const manager = await new CallClient().getDeviceManager();
    expect(await manager.getCameras()).toEqual([]);
    const events: string[] = [];
    manager.on('videoDevicesUpdated', ({ added }) => events.push(`video ${String(added.length)}`));
    manager.on('audioDevicesUpdated', ({ added }) => events.push(`audio ${String(added.length)}`));
    manager.on('selectedMicrophoneChanged', () => events.push(`microphone ${manager.selectedMicrophone?.name ?? ''}`));
    listed = all;
    await expect(manager.askDevicePermission({ audio: true, video: true })).resolves.toEqual({ audio: true, video: true });
    expect(events).toEqual(['video 1', 'audio 3', 'microphone Default']);
    expect(await manager.getCameras()).toEqual([{ id: 'camera:cam', name: 'Camera', deviceType: 'UsbCamera' }]);
    expect(await manager.getCameras()).not.toBe(await manager.getCameras());
  });

  it('says what was denied, one device at a time', async () => {
    const manager = await new CallClient().getDeviceManager();
    getUserMedia.mockImplementation(({ video }: { video?: boolean }) =>
      video ? Promise.reject(new Error('no')) : Promise.resolve(mediaStream(new FakeTrack('audio'))),
    );
    await expect(manager.askDevicePermission({ audio: true, video: true })).resolves.toEqual({ audio: true, video: false });
  });

  it('falls back to the default when the chosen microphone is unplugged', async () => {
    listed = all;
    const manager = await new CallClient().getDeviceManager();
    const headset = (await manager.getMicrophones())[1];
    await manager.selectMicrophone(headset!);
    expect(manager.selectedMicrophone?.name).toBe('Headset');
    listed = all.filter(({ deviceId }) => deviceId !== 'usb');
    devices.dispatchEvent(new Event('devicechange'));
    await settle();
    expect(manager.selectedMicrophone?.name).toBe('Default');
    await expect(manager.selectMicrophone(headset!)).rejects.toMatchObject({ reason: 'deviceUnknown' });
  });
});

describe('a local preview', () => {
  it('opens the camera with its bare id, mirrors it, and closes it with the last view', async () => {
    const track = new FakeTrack('video', 'cam', { width: 640, height: 480 });
    getUserMedia.mockImplementation(() => Promise.resolve(mediaStream(track)));
    const stream = new LocalVideoStream({ id: 'camera:cam', name: 'Camera', deviceType: 'UsbCamera' });
    const renderer = new VideoStreamRenderer(stream);
    const view = await renderer.createView();
    expect(getUserMedia).toHaveBeenCalledWith({ video: expect.objectContaining({ deviceId: { exact: 'cam' } }) as unknown });
    expect(view.isMirrored).toBe(true);
    expect(renderer.size).toEqual({ width: 640, height: 480 });
    expect(view.target.querySelector('video')).toMatchObject({ autoplay: true, muted: true });
    await view.updateScalingMode('Fit');
    expect(view.scalingMode).toBe('Fit');
    await expect(renderer.createView()).rejects.toMatchObject({ reason: 'rendererBusy' });
    view.dispose();
    expect(track.readyState).toBe('ended');
    renderer.dispose();
    await expect(renderer.createView()).rejects.toMatchObject({ subCode: 43210 });
  });

  it('follows another camera', async () => {
    const first = new FakeTrack('video');
    const second = new FakeTrack('video');
    getUserMedia.mockResolvedValueOnce(mediaStream(first)).mockResolvedValueOnce(mediaStream(second));
    const stream = new LocalVideoStream({ id: 'camera:1', name: '1', deviceType: 'UsbCamera' });
    const view = await new VideoStreamRenderer(stream).createView();
    const sources: string[] = [];
    stream.on('videoSourceChanged', ({ source }) => sources.push(source.source.id));
    await stream.switchSource({ id: 'camera:2', name: '2', deviceType: 'UsbCamera' });
    expect(sources).toEqual(['camera:2']);
    expect(first.readyState).toBe('ended');
    expect((view.target.querySelector('video')?.srcObject as MediaStream | null)?.getVideoTracks()[0]).toBe(second);
  });
});

describe('a member', () => {
  it('joins with an agent and call of its own kind, without a display name', async () => {
    const platform = new FakePlatform();
    const creating = clientOn(platform).createTeamsCallAgent({
      getToken: () => Promise.resolve({ token: TOKEN, expiresOnTimestamp: 4e12 }),
      dispose: () => undefined,
    });
    await settle();
    platform.socket.accept();
    platform.socket.welcome({ id: MEMBER, kind: 'member', displayName: 'Maria' });
    const agent = await creating;
    const call = agent.join({ meetingLink: 'http://host/x' }, { audioOptions: { muted: true } });
    await settle();
    expect([agent.kind, call.kind]).toEqual(['TeamsCallAgent', 'TeamsCall']);
    expect(platform.socket.last('join').body.displayName).toBeNull();
    expect(agent.startCall({ communicationUserId: '8:acs:a_b' }).kind).toBe('TeamsCall');
  });
});
