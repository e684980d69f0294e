// The contract with applications that keep these objects in reactive state: everything works through a proxy, methods also when taken off.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { TeamsCaptions } from '../src/index';
import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OWN } from './harness';
import { clientOn, connectedCall, credential, mediaStream, participant, publication, refusal, settle, snapshot } from './harness';

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  const getUserMedia = () => Promise.resolve(mediaStream(new FakeTrack('audio')));
  vi.stubGlobal('navigator', { mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: () => Promise.resolve([]) }), userAgent: '' });
});

/** As a reactive framework does: plain objects, lists and instances that come out are wrapped too, and getters run with the proxy as `this`. */
function wrapped<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, name, receiver: unknown) {
      const value: unknown = Reflect.get(object, name, receiver);
      const kind = Object.prototype.toString.call(value);
      return kind === '[object Object]' || kind === '[object Array]' ? wrapped(value as object) : value;
    },
  });
}

describe('through a proxy', () => {
  it('a client makes agents and the device manager, and an agent joins and is disposed', async () => {
    const platform = new FakePlatform();
    const client = wrapped(clientOn(platform));
    const { createCallAgent, getDeviceManager } = client;
    const creating = createCallAgent(credential(), { displayName: 'Guest' });
    await settle();
    platform.socket.accept();
    platform.socket.welcome();
    const agent = wrapped(await creating);
    const seen: number[] = [];
    const heard = (): void => { seen.push(agent.calls.length); };
    const { on, off, join, dispose } = agent;
    on('callsUpdated', heard);
    const call = join({ meetingLink: 'http://host/l/meetup-join/x' }, { audioOptions: { muted: true } });
    await settle();
    expect(seen).toEqual([1]);
    expect(call.state).toBe('Connecting');
    expect(agent).toMatchObject({ displayName: 'Guest', connectionState: 'Connected' });
    off('callsUpdated', heard);
    await dispose();
    expect(seen).toEqual([1]);
    expect(await getDeviceManager()).toBe(await client.getDeviceManager());
  });

  it('a device manager asks, lists and tells', async () => {
    const manager = wrapped(await clientOn(new FakePlatform()).getDeviceManager());
    const { askDevicePermission, getCameras, getMicrophones, getSpeakers, on, off } = manager;
    const heard = vi.fn();
    on('videoDevicesUpdated', heard);
    await expect(askDevicePermission({ audio: true, video: false })).resolves.toMatchObject({ audio: true });
    expect(await Promise.all([getCameras(), getMicrophones(), getSpeakers()])).toEqual([[], [], []]);
    expect(manager.selectedMicrophone).toBeUndefined();
    off('videoDevicesUpdated', heard);
  });

  it('a renderer makes a view of a wrapped stream, and both are ended', async () => {
    const { call, socket, platform } = await connectedCall(snapshot({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] }));
    const [person] = wrapped(call).remoteParticipants;
    const renderer = wrapped(new VideoStreamRenderer(person!.videoStreams[0]!));
    const { createView, dispose } = renderer;
    const view = wrapped(await createView({ scalingMode: 'Fit' }));
    await view.updateScalingMode('Crop');
    expect(view).toMatchObject({ scalingMode: 'Crop', isMirrored: false });
    await platform.advance(1);
    expect(socket.last('subscribe').body.wants).toHaveLength(1);
    const { dispose: disposeView } = view;
    disposeView();
    await platform.advance(100);
    expect(socket.last('subscribe').body.wants).toEqual([]);
    dispose();
    await expect(createView()).rejects.toMatchObject({ subCode: 43210 });

    const local = new VideoStreamRenderer(wrapped(new LocalVideoStream(mediaStream(new FakeTrack('video')))));
    await expect(local.createView()).resolves.toHaveProperty('target');
  });

  it('features and captions answer as they do without', async () => {
    const { call, socket } = await connectedCall();
    const proxied = wrapped(call);
    const feature = wrapped(proxied.feature(Features.Captions));
    const captions = wrapped(feature.captions as TeamsCaptions);
    const { startCaptions, stopCaptions, on, off } = captions;
    const heard = vi.fn();
    on('CaptionsActiveChanged', heard);
    off('CaptionsActiveChanged', heard);
    expect(captions).toMatchObject({ kind: 'TeamsCaptions', isCaptionsFeatureActive: false });
    const stopping = stopCaptions();
    const starting = startCaptions();
    await settle();
    socket.reply(socket.last('stopCaptions').id, { type: 'done' });
    socket.refuse(socket.last('startCaptions').id, refusal({ code: 501, subCode: 46730 }));
    await expect(stopping).resolves.toBeUndefined();
    await expect(starting).rejects.toMatchObject({ subCode: 46730 });
    const { getRaisedHands } = wrapped(proxied.feature(Features.RaiseHand));
    expect(getRaisedHands()).toEqual([]);
  });
});
