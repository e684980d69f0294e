/** Members of the public surface around sound, pictures and devices that the other tests here have no part for; the effect is looked at in another browser. */
import type { RemoteVideoStream, VideoStreamRendererView } from '@anteroom/calling';
import { chromium } from '@playwright/test';

import config from '../../playwright.config.js';
import { type Bench, expect, test } from './bench.js';
import { gather } from './gather.js';
import { Person } from './person.js';

/** The elements that play the others are all silent, or none is. */
const silent = (wanted: boolean): boolean => {
  const elements = [...document.querySelectorAll('audio')];
  return elements.length > 0 && elements.every(({ muted }) => muted === wanted);
};

test('sound stops both ways with stopAudio, comes back with startAudio, and only the incoming one is muted when that is asked', async ({ bench }) => {
  const { anna, maria } = await gather(bench);
  await Promise.all([anna.hears(), maria.hears()]);
  await maria.events('call', 'isIncomingAudioMutedChanged');
  expect(await maria.run(silent, false)).toBe(true);

  await maria.run(() => sdk.call.muteIncomingAudio());
  await maria.waitEvent<boolean>('call', 'isIncomingAudioMutedChanged', (isMuted) => isMuted === true);
  expect(await maria.run(silent, true)).toBe(true);
  expect(await maria.run(() => sdk.call.isIncomingAudioMuted)).toBe(true);
  await anna.hears();
  expect(await anna.run((id) => sdk.participant(id)?.isMuted, maria.id)).toBe(false);
  await maria.run(() => sdk.call.unmuteIncomingAudio());
  expect(await maria.run(silent, false)).toBe(true);

  await maria.run(() => sdk.call.stopAudio());
  await anna.until((id) => sdk.participant(id)?.isMuted === true, maria.id);
  expect(await maria.run(silent, true)).toBe(true);
  await maria.run(() => sdk.call.startAudio());
  await anna.until((id) => sdk.participant(id)?.isMuted === false, maria.id);
  expect(await maria.run(silent, false)).toBe(true);
  await anna.until((id) => sdk.participant(id)?.isSpeaking === true, maria.id);

  // What the others say, as one stream, is loud.
  const tracks = await maria.run(async () => {
    const [remote] = sdk.call.remoteAudioStreams;
    const volume = await remote!.getVolume();
    volume.on('levelChanged', () => { if (volume.level > 0) Object.assign(window, { loud: true }); });
    return (await remote!.getMediaStream()).getAudioTracks().length;
  });
  expect(tracks).toBeGreaterThan(0);
  await maria.until(() => (window as unknown as { loud?: boolean }).loud);
});

test('another microphone is heard, a stream of the application is heard, and another speaker plays', async ({ bench }) => {
  const { anna, maria } = await gather(bench);
  await maria.events('devices', 'selectedMicrophoneChanged', 'selectedSpeakerChanged');
  const chosen = await maria.run(async () => {
    const { devices } = sdk;
    const other = (await devices.getMicrophones()).find(({ id }) => id !== devices.selectedMicrophone?.id);
    await devices.selectMicrophone(other!);
    const speaker = (await devices.getSpeakers()).find(({ id }) => id !== devices.selectedSpeaker?.id);
    await devices.selectSpeaker(speaker!);
    return { other: other!.id, speaker: speaker!.id, selectable: devices.isSpeakerSelectionAvailable };
  });
  expect(chosen.selectable).toBe(true);
  await maria.waitEvent<{ id: string }>('devices', 'selectedMicrophoneChanged', ({ id }) => id === chosen.other);
  await maria.waitEvent<{ id: string }>('devices', 'selectedSpeakerChanged', ({ id }) => id === chosen.speaker);
  expect(await maria.run(() => [sdk.devices.selectedMicrophone?.id, sdk.devices.selectedSpeaker?.id])).toEqual([chosen.other, chosen.speaker]);
  const sinks = () => [...new Set([...document.querySelectorAll('audio')].map((element) => `speaker:${(element as unknown as { sinkId: string }).sinkId}`))];
  expect(await maria.run(sinks)).toEqual([chosen.speaker]);
  await anna.hears();

  // Silence of the application's own is not heard, its tone is.
  await maria.events('call', 'localAudioStreamsUpdated');
  await anna.events(`participant:${maria.id}`, 'isSpeakingChanged');
  await maria.run(async () => {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const out = audio.createMediaStreamDestination();
    gain.gain.value = 0;
    tone.connect(gain).connect(out);
    tone.start();
    Object.assign(window, { gain });
    const stream = new sdk.module.LocalAudioStream(out.stream);
    await sdk.call.startAudio(stream);
  });
  expect(await maria.run(() => sdk.call.localAudioStreams.map(({ mediaStreamType, source }) => [mediaStreamType, source.deviceType]))).toEqual([['Audio', 'Virtual']]);
  await maria.waitEvent('call', 'localAudioStreamsUpdated');
  await anna.until((id) => sdk.participant(id)?.isSpeaking === false, maria.id);
  anna.forget();
  await maria.run(() => { (window as unknown as { gain: GainNode }).gain.gain.value = 0.8; });
  await anna.waitEvent<boolean>(`participant:${maria.id}`, 'isSpeakingChanged', (isSpeaking) => isSpeaking === true);
  await maria.run(async () => {
    const [stream] = sdk.call.localAudioStreams;
    const [microphone] = await sdk.devices.getMicrophones();
    stream!.on('audioSourceChanged', ({ source }) => { Object.assign(window, { switched: source.source.id === microphone!.id }); });
    await stream!.switchSource(microphone!);
  });
  await maria.until(() => (window as unknown as { switched?: boolean }).switched);
  await anna.hears();
});

test('a video is as large as its sender allows, is shown as its viewer asks, and is received only while it is shown', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { camera: true, muted: true });
  await maria.events('call', 'isLocalVideoStartedChanged', 'localVideoStreamsUpdated');
  interface Kept { stream: RemoteVideoStream; view: VideoStreamRendererView; told: string[] }
  await anna.run(async (id) => {
    const person = sdk.participant(id)!;
    const stream = person.videoStreams.find(({ mediaStreamType }) => mediaStreamType === 'Video')!;
    const told: string[] = [];
    for (const name of ['isAvailableChanged', 'isReceivingChanged', 'sizeChanged'] as const) stream.on(name, () => told.push(name));
    const renderer = new sdk.module.VideoStreamRenderer(stream);
    const view = await renderer.createView({ scalingMode: 'Crop' });
    Object.assign(view.target.style, { width: '1000px', height: '600px' });
    document.body.append(view.target);
    Object.assign(window, { stream, view, told, renderer });
  }, maria.id);
  await anna.until(() => (window as unknown as Kept).view.target.querySelector('video')!.videoHeight > 180 && (window as unknown as Kept).stream.isReceiving);
  expect(await anna.run(() => (window as unknown as { renderer: { size: object } }).renderer.size)).toEqual(await maria.run(() => new sdk.module.VideoStreamRenderer(sdk.call.localVideoStreams[0]!).size));
  const shown = await anna.run(async () => {
    const { view } = window as unknown as Kept;
    const fit = () => view.target.querySelector('video')!.style.objectFit;
    const before = [view.scalingMode, view.isMirrored, fit()];
    await view.updateScalingMode('Fit');
    return [...before, view.scalingMode, fit()];
  });
  expect(shown).toEqual(['Crop', false, 'cover', 'Fit', 'contain']);

  await maria.run(() => sdk.call.setConstraints({ video: { send: { frameHeight: { max: 180 } } } }));
  await anna.until(() => {
    const { videoHeight } = (window as unknown as Kept).view.target.querySelector('video')!;
    return videoHeight > 0 && videoHeight <= 180;
  });
  // Another limit takes the place of the first, and none lifts it.
  const rates = () => (window.__peers ?? []).flatMap((peer) => peer.getSenders().flatMap((sender) => sender.getParameters().encodings.map(({ maxFramerate }) => maxFramerate))).filter((rate) => rate !== undefined);
  await maria.run(() => sdk.call.setConstraints({ video: { send: { frameRate: { max: 5 } } } }));
  expect(new Set(await maria.run(rates))).toEqual(new Set([5]));
  await maria.run(() => sdk.call.setConstraints({}));
  expect(await maria.run(rates)).toEqual([]);
  await anna.until(() => (window as unknown as Kept).view.target.querySelector('video')!.videoHeight > 180);

  // The application's own pictures in the same stream: the viewer goes on with the view that they have.
  const kinds = await maria.run(async () => {
    const stream = sdk.call.localVideoStreams[0]!;
    const before = [stream.mediaStreamType, stream.source.deviceType];
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 160, height: 90 });
    const pen = canvas.getContext('2d')!;
    let hue = 0;
    setInterval(() => {
      pen.fillStyle = `hsl(${String((hue += 10))} 80% 50%)`;
      pen.fillRect(0, 0, 160, 90);
    }, 100);
    stream.on('videoSourceChanged', ({ source }) => { Object.assign(window, { changedTo: source.mediaStreamType }); });
    await stream.setMediaStream(canvas.captureStream());
    return [...before, stream.mediaStreamType, (window as unknown as { changedTo?: string }).changedTo];
  });
  expect(kinds).toEqual(['Video', 'UsbCamera', 'RawMedia', 'RawMedia']);
  await anna.until(() => {
    const { videoWidth, videoHeight } = (window as unknown as Kept).view.target.querySelector('video')!;
    return videoHeight > 0 && videoHeight <= 90 && Math.round((videoWidth / videoHeight) * 9) === 16;
  });

  await anna.run(() => { (window as unknown as Kept).view.dispose(); });
  await anna.until(() => !(window as unknown as Kept).stream.isReceiving);
  expect(await anna.run(() => [(window as unknown as Kept).stream.isAvailable, (window as unknown as Kept).view.target.isConnected])).toEqual([true, false]);
  await maria.run(() => sdk.call.stopVideo(sdk.call.localVideoStreams[0]!));
  await maria.waitEvent<boolean>('call', 'isLocalVideoStartedChanged', (started) => started === false);
  await maria.waitEvent<{ removed: unknown[] }>('call', 'localVideoStreamsUpdated', ({ removed }) => removed.length === 1);
  await anna.until(() => (window as unknown as Kept).told.includes('isAvailableChanged'));
  expect(await anna.run(() => [...new Set((window as unknown as Kept).told)].sort())).toEqual(['isAvailableChanged', 'isReceivingChanged', 'sizeChanged']);
});

test('a shared screen comes and goes at the others as it is started and stopped', async ({ bench }) => {
  const { anna, maria } = await gather(bench, { muted: true });
  await anna.events('call', 'isScreenSharingOnChanged');
  await maria.events(`participant:${anna.id}`, 'videoStreamsUpdated');
  await anna.run(() => sdk.call.startScreenSharing());
  await anna.waitEvent<boolean>('call', 'isScreenSharingOnChanged', (on) => on === true);
  await maria.decodes(anna, 'ScreenSharing');
  await anna.run(() => sdk.call.stopScreenSharing());
  await anna.waitEvent<boolean>('call', 'isScreenSharingOnChanged', (on) => on === false);
  expect(await anna.run(() => sdk.call.isScreenSharingOn)).toBe(false);
  await maria.until((id) => sdk.participant(id)?.videoStreams.every((stream) => stream.mediaStreamType !== 'ScreenSharing' || !stream.isAvailable), anna.id);
});

/** Somebody whose browser asks for permission, with nobody there to say yes, until the test does. The browsers of all others permit everything. */
async function unpermitted(bench: Bench, act: (guest: Person) => Promise<void>): Promise<void> {
  const { launchOptions } = config.use ?? {};
  const browser = await chromium.launch({ ...launchOptions, args: (launchOptions?.args ?? []).filter((word) => word !== '--use-fake-ui-for-media-stream') });
  try {
    const { id, token } = await bench.desk.guest();
    const guest = await Person.open(await browser.newContext(), bench.site.origin, { kind: 'guest', id, token, name: 'Maria', client: {}, freshToken: () => bench.desk.again(id) });
    bench.people.push(guest);
    await act(guest);
    await guest.leave();
  } finally {
    await browser.close();
  }
}

test('devices have no names before permission, are told when it is given, and what was permitted is sent', async ({ bench }) => {
  const meeting = await bench.openMeeting();
  const anna = await bench.person({ kind: 'member', member: 0 });
  await anna.enters(meeting.byLink, { muted: true });
  await unpermitted(bench, async (maria) => {
    await maria.events('devices', 'videoDevicesUpdated', 'audioDevicesUpdated');
    const lists = async () => [await sdk.devices.getCameras(), await sdk.devices.getMicrophones()];
    const ask = () => sdk.devices.askDevicePermission({ audio: true, video: true });
    expect(await maria.run(lists)).toEqual([[], []]);
    expect(await maria.run(ask)).toEqual({ audio: false, video: false });
    expect(await maria.run(lists)).toEqual([[], []]);
    await maria.context.grantPermissions(['camera', 'microphone']);
    expect(await maria.run(ask)).toEqual({ audio: true, video: true });
    await maria.waitEvent<{ added: unknown[] }>('devices', 'videoDevicesUpdated', ({ added }) => added.length > 0);
    await maria.waitEvent<{ added: unknown[] }>('devices', 'audioDevicesUpdated', ({ added }) => added.length > 0);
    expect(await maria.run(async () => (await sdk.devices.getCameras()).map(({ deviceType }) => deviceType))).toContain('UsbCamera');
    await maria.enters(meeting.byLink, { camera: true });
    await Promise.all([anna.decodes(maria), anna.hears()]);
  });
});
