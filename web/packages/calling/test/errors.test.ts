// The documented numbers of errors, each provoked by what it is about. Those of calls that ring are in the tests of incoming calls.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Call } from '../src/index';
import { Features, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import { FakeMediaStream, FakePlatform, FakeTrack, MEMBER, OWN, TOKEN, clientOn, connectedCall, credential, guestAgent, joiningCall, mediaStream, participant, publication, settle, snapshot, tokenFor } from './harness';

const getUserMedia = vi.fn();
const getDisplayMedia = vi.fn();

beforeEach(() => {
  vi.stubGlobal('MediaStream', FakeMediaStream);
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
  getUserMedia.mockReset();
  getDisplayMedia.mockReset();
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia, getDisplayMedia, enumerateDevices: () => Promise.resolve([]) }, userAgent: '' });
});

const raw = () => new LocalVideoStream(mediaStream(new FakeTrack('video', 'cam', { width: 640, height: 360 })));
const camera = () => new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
const named = (name: string, message = 'no') => Object.assign(new Error(message), { name });

async function ended(): Promise<Call> {
  const { call } = await connectedCall();
  await call.hangUp();
  return call as Call;
}

async function shown() {
  const made = await connectedCall(snapshot({ participants: [participant(OWN), participant(MEMBER, { publications: [publication(7)] })] }));
  return { ...made, stream: made.call.remoteParticipants[0]!.videoStreams[0]! };
}

/** Begins and does not wait; what hangs is no failure. */
function begin(work: Promise<unknown>): void {
  work.catch(() => undefined);
}

const table: [what: string, code: number, subCode: number, provoke: () => unknown][] = [
  ['a token that names no server', 400, 40102, () => clientOn(new FakePlatform()).createCallAgent(credential(tokenFor({ exp: 1 })))],
  ['something that is no token', 401, 10009, () => clientOn(new FakePlatform()).createCallAgent(credential('no token'))],
  ['an application that gives no token', 401, 44110, () => clientOn(new FakePlatform()).createCallAgent({ getToken: () => Promise.reject(new Error('x')), dispose: () => undefined })],
  [
    'a second agent of the same guest',
    409,
    40228,
    async () => {
      const { platform, client } = await guestAgent();
      const second = client.createCallAgent(credential());
      begin(second);
      await settle();
      platform.socket.accept();
      platform.socket.welcome();
      return second;
    },
  ],
  [
    'a second agent of the same member',
    409,
    40230,
    async () => {
      const { platform, client } = await guestAgent();
      const second = client.createTeamsCallAgent(credential());
      begin(second);
      await settle();
      platform.socket.accept();
      platform.socket.welcome();
      return second;
    },
  ],
  [
    'a client that is disposed while its agent is made',
    412,
    40115,
    async () => {
      const client = clientOn(new FakePlatform());
      const creating = client.createCallAgent(credential());
      begin(creating);
      await client.dispose();
      return creating;
    },
  ],
  [
    'surroundings that cannot make an agent',
    500,
    40216,
    () => {
      vi.stubGlobal('navigator', { mediaDevices: { enumerateDevices: () => { throw new Error('x'); } }, userAgent: '' });
      return clientOn(new FakePlatform()).createCallAgent(credential(TOKEN));
    },
  ],
  [
    'a join after the agent is disposed',
    400,
    40601,
    async () => {
      const { agent } = await guestAgent();
      await agent.dispose();
      return agent.join({ meetingLink: 'http://host/x' });
    },
  ],
  ['a locator that names nothing', 400, 5751, async () => (await guestAgent()).agent.join({ meetingLink: '' })],
  ['a video after the end', 400, 41025, async () => (await ended()).startVideo(raw())],
  [
    'a second video',
    400,
    41027,
    async () => {
      const { call } = await connectedCall();
      begin(call.startVideo(raw()));
      return call.startVideo(raw());
    },
  ],
  ['the end of a video that is not sent', 400, 41030, async () => (await connectedCall()).call.stopVideo(raw())],
  ['the end of a video after the end', 400, 41032, async () => (await ended()).stopVideo(raw())],
  ['a mute after the end', 500, 41015, async () => (await ended()).mute()],
  ['an unmute after the end', 400, 41016, async () => (await ended()).unmute()],
  ['a screen after the end', 400, 41035, async () => (await ended()).startScreenSharing()],
  [
    'a second screen',
    400,
    41041,
    async () => {
      const { call } = await connectedCall();
      getDisplayMedia.mockResolvedValue(mediaStream(new FakeTrack('video')));
      begin(call.startScreenSharing());
      return call.startScreenSharing();
    },
  ],
  ['a screen before the call is connected', 412, 41071, async () => (await joiningCall(true)).call.startScreenSharing()],
  ['a hold before the call is connected', 500, 41033, async () => (await joiningCall(true)).call.hold()],
  ['a resumption of what is not on hold', 500, 41034, async () => (await connectedCall()).call.resume()],
  ['a request before the server knows the call', 412, 41071, async () => (await guestAgent()).agent.join({ meetingLink: 'http://host/x' }).feature(Features.RaiseHand).raiseHand()],
  ['a request after the end', 400, 41000, async () => (await ended()).feature(Features.RaiseHand).raiseHand()],
  ['a camera in use', 412, 43000, () => { getUserMedia.mockRejectedValue(named('NotReadableError')); return camera().getMediaStream(); }],
  ['a camera that is denied', 403, 43001, () => { getUserMedia.mockRejectedValue(named('NotAllowedError')); return camera().getMediaStream(); }],
  ['a camera that is missing', 412, 43013, () => { getUserMedia.mockRejectedValue(named('NotFoundError')); return camera().getMediaStream(); }],
  ['a camera that the system denies', 412, 43016, () => { getUserMedia.mockRejectedValue(named('NotAllowedError', 'Permission denied by system')); return camera().getMediaStream(); }],
  [
    'a question for permission where there are no devices',
    400,
    40613,
    async () => {
      const devices = await clientOn(new FakePlatform()).getDeviceManager();
      vi.stubGlobal('navigator', { userAgent: '' });
      return devices.askDevicePermission({ audio: true, video: true });
    },
  ],
  ['a device that is not there', 400, 40612, async () => (await clientOn(new FakePlatform()).getDeviceManager()).selectMicrophone({ id: 'x', name: 'x', isSystemDefault: false, deviceType: 'Microphone' })],
  [
    'speakers where they cannot be chosen',
    405,
    40606,
    async () => {
      Reflect.deleteProperty(HTMLMediaElement.prototype, 'setSinkId');
      return (await clientOn(new FakePlatform()).getDeviceManager()).getSpeakers();
    },
  ],
  ['a stream that was disposed', 400, 43017, () => { const stream = camera(); stream.dispose(); return stream.getMediaStream(); }],
  ['a view of something that is no stream', 404, 43200, () => new VideoStreamRenderer({} as never)],
  [
    'a view of a stream that is not available',
    404,
    43200,
    async () => {
      const { stream, socket } = await shown();
      socket.event(2, { type: 'participants', upserted: [participant(MEMBER, { publications: [publication(7, { active: false })] })], left: [] });
      return new VideoStreamRenderer(stream).createView();
    },
  ],
  [
    'a view of a stream that is gone',
    404,
    43202,
    async () => {
      const { stream, socket } = await shown();
      socket.event(2, { type: 'participants', upserted: [participant(MEMBER)], left: [] });
      return new VideoStreamRenderer(stream).createView();
    },
  ],
  [
    'a renderer that is disposed while it makes its view',
    405,
    43209,
    async () => {
      const renderer = new VideoStreamRenderer((await shown()).stream);
      const view = renderer.createView();
      begin(view);
      renderer.dispose();
      return view;
    },
  ],
  ['a renderer that is disposed', 400, 43210, async () => { const renderer = new VideoStreamRenderer((await shown()).stream); renderer.dispose(); return renderer.createView(); }],
];

describe('the documented numbers', () => {
  it.each(table)('%s: %i/%i', async (_what, code, subCode, provoke) => {
    const outcome = await Promise.resolve().then(provoke).then(
      () => 'nothing failed',
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(Error);
    expect(outcome).toMatchObject({ name: 'CommunicationServicesError', code, subCode });
    // A sentence that says what to do, and who can.
    expect((outcome as Error).message).toMatch(/^[A-Z].{8,}/);
    expect(outcome).toHaveProperty('fixableBy', expect.any(String));
  });
});
