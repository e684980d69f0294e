// Members of devices, local streams and features that no other test is about.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Captions, MediaEffect, MediaEffectProcessor, TogetherModeVideoStream } from '../src/index';
import { CallClient, Features, LocalAudioStream, LocalVideoStream, VideoStreamRenderer } from '../src/index';
import type { BackgroundBlurEffect, LocalAudioStreamFeature, LocalVideoStreamFeature } from '../src/index';
import type { CaptionsState } from '../src/wire';
import { FakeMediaStream, FakeTrack, MEMBER, OWN, connectedCall, guestAgent, mediaStream, meeting, own, participant, settle, snapshot } from './harness';

const SPEAKERS = [
  { deviceId: 'default', kind: 'audiooutput', label: 'Default' },
  { deviceId: 'box', kind: 'audiooutput', label: 'Box' },
];

let listed = SPEAKERS;
let opened: { track: FakeTrack; constraints: MediaStreamConstraints }[] = [];
const mediaDevices = Object.assign(new EventTarget(), {
  getUserMedia: (constraints: MediaStreamConstraints) => {
    const track = new FakeTrack(constraints.video === undefined ? 'audio' : 'video');
    opened.push({ track, constraints });
    return Promise.resolve(mediaStream(track));
  },
  getSupportedConstraints: () => ({ echoCancellation: true, noiseSuppression: true }),
  enumerateDevices: () => Promise.resolve(listed),
});

/** Whether the browser lets a page choose the speaker. */
function speakerChoice(offered: boolean): void {
  if (offered) Object.defineProperty(HTMLMediaElement.prototype, 'setSinkId', { value: () => Promise.resolve(), configurable: true });
  else Reflect.deleteProperty(HTMLMediaElement.prototype, 'setSinkId');
}

beforeEach(() => {
  listed = SPEAKERS;
  opened = [];
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', { mediaDevices, userAgent: '' });
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { value: null, writable: true, configurable: true });
});

afterEach(() => {
  speakerChoice(false);
  vi.unstubAllGlobals();
});

describe('speakers', () => {
  it('are chosen among those that there are, and the choice is told', async () => {
    speakerChoice(true);
    const manager = await new CallClient().getDeviceManager();
    const told: unknown[] = [];
    manager.on('selectedSpeakerChanged', () => told.push(manager.selectedSpeaker?.name));
    expect([manager.isSpeakerSelectionAvailable, manager.selectedSpeaker?.name]).toEqual([true, 'Default']);
    const box = (await manager.getSpeakers())[1]!;
    await manager.selectSpeaker(box);
    expect(manager.selectedSpeaker).toEqual({ id: 'speaker:box', name: 'Box', isSystemDefault: false, deviceType: 'Speaker' });
    await expect(manager.selectSpeaker({ ...box, id: 'speaker:gone' })).rejects.toMatchObject({ reason: 'deviceUnknown' });
    listed = SPEAKERS.slice(0, 1);
    mediaDevices.dispatchEvent(new Event('devicechange'));
    await settle();
    expect(told).toEqual(['Box', 'Default']);
  });

  it('cannot be chosen nor listed where the browser does not let a page choose', async () => {
    const manager = await new CallClient().getDeviceManager();
    expect(manager.isSpeakerSelectionAvailable).toBe(false);
    await expect(manager.getSpeakers()).rejects.toMatchObject({ code: 405, subCode: 40606 });
    const box = { id: 'speaker:box', name: 'Box', isSystemDefault: false, deviceType: 'Speaker' } as const;
    await expect(manager.selectSpeaker(box)).rejects.toMatchObject({ code: 405, subCode: 40606 });
  });
});

describe('a local audio stream', () => {
  it('changes its microphone and its stream, and tells each with itself', async () => {
    const stream = new LocalAudioStream({ id: 'microphone:1', name: 'One', isSystemDefault: true, deviceType: 'Microphone' });
    const told: unknown[] = [];
    const tell = ({ source }: { source: LocalAudioStream }) => told.push([source === stream, source.source.id]);
    stream.on('audioSourceChanged', tell);
    expect([stream.source.name, stream.mediaStreamType]).toEqual(['One', 'Audio']);
    await stream.getMediaStream();
    await stream.switchSource({ id: 'microphone:2', name: 'Two', isSystemDefault: false, deviceType: 'Microphone' });
    expect(opened.map(({ track, constraints }) => [(constraints.audio as MediaTrackConstraints).deviceId, track.readyState])).toEqual([
      [{ exact: '1' }, 'ended'],
      [{ exact: '2' }, 'live'],
    ]);
    const mine = new FakeTrack('audio', 'mine');
    const given = mediaStream(mine);
    await stream.setMediaStream(given);
    expect(await stream.getMediaStream()).toBe(given);
    expect(stream.source).toMatchObject({ id: `stream:${given.id}`, name: 'mine', deviceType: 'Virtual' });
    expect(told).toEqual([[true, 'microphone:2'], [true, `stream:${given.id}`]]);
    stream.off('audioSourceChanged', tell);
    await stream.switchSource({ id: 'microphone:1', name: 'One', isSystemDefault: true, deviceType: 'Microphone' });
    expect(told).toHaveLength(2);
    // It is the application's.
    expect(mine.readyState).toBe('live');
  });

  it('has a volume that is measured while somebody listens', async () => {
    vi.useFakeTimers();
    let loudness = 0.05;
    vi.stubGlobal('AudioContext', class {
      createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: (samples: Float32Array) => samples.fill(loudness) });
      createMediaStreamSource = () => ({ connect: () => undefined });
      close = () => Promise.resolve();
    });
    try {
      const stream = new LocalAudioStream(mediaStream(new FakeTrack('audio')));
      const volume = await stream.getVolume();
      const levels: number[] = [];
      const listen = () => levels.push(volume.level);
      volume.on('levelChanged', listen);
      await vi.advanceTimersByTimeAsync(300);
      loudness = 1;
      await vi.advanceTimersByTimeAsync(300);
      loudness = 0;
      await vi.advanceTimersByTimeAsync(100);
      // -26 dB, all that there is, and silence; each told once.
      expect(levels).toEqual([68, 100, 0]);
      volume.off('levelChanged', listen);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('of several tracks, as the sound of a call is, is measured over all of them: a source of the browser takes one', async () => {
    const measured: number[] = [];
    vi.stubGlobal('AudioContext', class {
      createAnalyser = () => ({ fftSize: 0, getFloatTimeDomainData: () => undefined });
      createMediaStreamSource = (stream: MediaStream) => ({ connect: () => measured.push(stream.getAudioTracks().length) });
      close = () => Promise.resolve();
    });
    const stream = new LocalAudioStream(mediaStream(new FakeTrack('audio', 'one'), new FakeTrack('audio', 'two')));
    const volume = await stream.getVolume();
    volume.on('levelChanged', () => undefined);
    expect(measured).toEqual([1, 1]);
    stream.dispose();
  });
});

describe('a local video stream', () => {
  it('says whether it is a camera or a stream of the application, also after it was changed', async () => {
    const camera = { id: 'camera:1', name: '1', deviceType: 'UsbCamera' } as const;
    const stream = new LocalVideoStream(camera);
    expect(stream.mediaStreamType).toBe('Video');
    await stream.setMediaStream(mediaStream(new FakeTrack('video', 'mine')));
    expect([stream.mediaStreamType, stream.source.name]).toEqual(['RawMedia', 'mine']);
    await stream.switchSource(camera);
    expect([stream.mediaStreamType, stream.source]).toEqual(['Video', camera]);
  });

  it('is silent for whoever ceased to listen', async () => {
    const stream = new LocalVideoStream({ id: 'camera:1', name: '1', deviceType: 'UsbCamera' });
    const [heard, deaf] = [vi.fn(), vi.fn()];
    stream.on('videoSourceChanged', heard);
    stream.on('videoSourceChanged', deaf);
    stream.off('videoSourceChanged', deaf);
    await stream.switchSource({ id: 'camera:2', name: '2', deviceType: 'UsbCamera' });
    expect(heard).toHaveBeenCalledOnce();
    expect(deaf).not.toHaveBeenCalled();
  });

  it('shows the track of the processor of an effect, and stops the processor with the effect', async () => {
    const processor: MediaEffectProcessor = { track: new FakeTrack('video', 'processed') as unknown as MediaStreamTrack, stop: vi.fn() };
    const effect: MediaEffect = {
      name: 'BackgroundBlur',
      isSupported: () => Promise.resolve(true),
      prepare: () => Promise.resolve(),
      createProcessor: () => Promise.resolve(processor),
    };
    const stream = new LocalVideoStream({ id: 'camera:1', name: '1', deviceType: 'UsbCamera' });
    const feature = stream.feature(Features.VideoEffects);
    const view = await new VideoStreamRenderer(stream).createView();
    const shown = () => (view.target.querySelector('video')?.srcObject as MediaStream | null)?.getVideoTracks()[0];
    await feature.startEffects(effect as unknown as BackgroundBlurEffect);
    expect(shown()).toBe(processor.track);
    expect(processor.stop).not.toHaveBeenCalled();
    await feature.stopEffects();
    expect(processor.stop).toHaveBeenCalledOnce();
    expect(shown()).toBe(opened[0]?.track);
  });
});

describe('features of streams and of the client', () => {
  it('have their names, and tell nothing after they were disposed', async () => {
    const audio = new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' }).feature(Features.AudioEffects);
    const video = new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' }).feature(Features.VideoEffects);
    const told: string[] = [];
    audio.on('effectsStopped', () => told.push('audio'));
    audio.on('effectsStarted', () => told.push('audio again'));
    video.on('effectsError', () => told.push('video'));
    const unknown = { name: 'BackgroundBlur' } as BackgroundBlurEffect;
    await audio.stopEffects({ noiseSuppression: true });
    await expect(video.startEffects(unknown)).rejects.toMatchObject({ subCode: 45800 });
    expect(told).toEqual(['audio', 'video']);
    const features: (LocalAudioStreamFeature | LocalVideoStreamFeature)[] = [audio, video];
    expect(features.map(({ name }) => name)).toEqual(['AudioEffects', 'VideoEffects']);
    for (const feature of features) feature.dispose();
    await audio.startEffects({ noiseSuppression: 'BrowserNoiseSuppression' });
    await expect(video.startEffects(unknown)).rejects.toMatchObject({ subCode: 45800 });
    expect(told).toEqual(['audio', 'video']);
  });
});

describe('the stream of the together view', () => {
  it('tells its size, its pictures and its end, and has a number that no other stream has', async () => {
    const pen = new Proxy({} as Record<string, unknown>, {
      get: (_, name) => (name === 'createLinearGradient' ? () => ({ addColorStop: () => undefined }) : () => undefined),
      set: () => true,
    });
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(pen as never);
    Object.defineProperty(HTMLCanvasElement.prototype, 'captureStream', { value: () => mediaStream(new FakeTrack('video', 'canvas')), configurable: true });
    const { call, socket, platform } = await connectedCall({ participants: [participant(OWN), participant(MEMBER)] });
    const feature = call.feature(Features.TogetherMode);
    const seat = { participant: OWN, left: 0, top: 0, width: 4_000, height: 8_000 };
    const sitting = async (revision: number, together: (typeof seat)[] | null): Promise<TogetherModeVideoStream | undefined> => {
      socket.event(revision, { type: 'meeting', meeting: meeting({ together }) });
      await settle();
      return feature.togetherModeStream[0];
    };
    const stream = (await sitting(2, [seat]))!;
    expect(stream.mediaStreamType).toBe('Video');
    const told: unknown[] = [];
    stream.on('sizeChanged', () => told.push(stream.size));
    stream.on('isReceivingChanged', () => told.push(`receiving ${String(stream.isReceiving)}`));
    stream.on('isAvailableChanged', () => told.push(`available ${String(stream.isAvailable)}`));
    feature.sceneSize = { width: 640, height: 360 };
    const view = await new VideoStreamRenderer(stream).createView();
    await platform.advance(1_000);
    view.dispose();
    await sitting(3, null);
    expect(told).toEqual([{ width: 640, height: 360 }, 'receiving true', 'receiving false', 'available false']);
    const next = await sitting(4, [seat]);
    expect(next?.id).not.toBe(stream.id);
  });
});

describe('plain captions', () => {
  it('tell when they begin, when the spoken language changes, and when they end', async () => {
    const OFFERED: CaptionsState = { available: true, spokenLanguage: 'en-us', spokenLanguages: ['en-us', 'de-de'], captionLanguages: [] };
    const { agent, platform } = await guestAgent();
    const call = agent.join({ groupId: '11111111-1111-1111-1111-111111111111' }, { audioOptions: { muted: true } });
    await settle();
    const { socket } = platform;
    socket.reply(socket.last('join').id, { type: 'joined', call: 'c1', session: 's1', resumeTicket: 't1', waiting: false });
    const captions = call.feature(Features.Captions).captions as Captions;
    socket.event(1, { type: 'snapshot', snapshot: snapshot({ meeting: meeting({ kind: 'group', captions: OFFERED }) }) });
    await settle();
    const told: string[] = [];
    captions.on('CaptionsActiveChanged', () => told.push(`active ${String(captions.isCaptionsFeatureActive)}`));
    captions.on('SpokenLanguageChanged', () => told.push(`spoken ${captions.activeSpokenLanguage}`));
    socket.event(2, { type: 'own', own: own({ captions: { language: 'en-us' } }) });
    socket.event(3, { type: 'meeting', meeting: meeting({ kind: 'group', captions: { ...OFFERED, spokenLanguage: 'de-de' } }) });
    socket.event(4, { type: 'own', own: own() });
    expect(told).toEqual(['active true', 'spoken de-de', 'active false']);
  });
});

describe('a breakout room', () => {
  it('passes on the thread that the server names (none: a room has no chat of its own), and says whether its people are moved without being asked', async () => {
    const room = { id: '1-1', name: 'Blue', threadId: '', open: false, autoMove: true, invitees: [OWN] };
    const { call } = await connectedCall({ breakout: { assigned: room, rooms: [], ends: null, returnDisabled: false, mainThreadId: null } });
    const feature = call.feature(Features.BreakoutRooms);
    await settle();
    const assigned = feature.assignedBreakoutRooms;
    expect([assigned?.threadId, assigned?.autoMoveParticipantToBreakoutRoom]).toEqual(['', true]);
  });
});

describe('a data channel', () => {
  it('sends messages up to its size, and refuses larger ones', async () => {
    const { call, socket } = await connectedCall();
    const channel = call.feature(Features.DataChannel).createDataChannelSender({ channelId: 7 });
    const sent = channel.sendMessage(new Uint8Array(channel.maxMessageSize));
    await settle();
    socket.reply(socket.last('sendData').id, { type: 'done' });
    await sent;
    await expect(channel.sendMessage(new Uint8Array(channel.maxMessageSize + 1))).rejects.toMatchObject({ subCode: 45812 });
    expect(socket.count('sendData')).toBe(1);
  });
});
