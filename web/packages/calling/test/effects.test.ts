// Effects on the own camera and microphone: who sees what while an effect starts, runs, fails, and ends.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Features, LocalAudioStream, LocalVideoStream } from '../src/index';
import type { BackgroundBlurEffect, DeepNoiseSuppressionEffect, MediaEffect, MediaEffectReport, VideoEffectErrorPayload } from '../src/index';
import { LOCAL_VIDEO } from '../src/public/local-video-stream';
import { FakeMediaStream, FakeTrack } from './harness';

/** An effect that hands out tracks of its own; each start can be held or failed by the test. */
class FakeEffect implements MediaEffect {
  readonly made: { input: MediaStreamTrack; output: FakeTrack; report: MediaEffectReport; stopped: boolean }[] = [];
  supported = true;
  loads: () => Promise<void> = () => Promise.resolve();
  starts: () => Promise<void> = () => Promise.resolve();
  options: object = {};

  constructor(
    readonly name: string,
    private readonly kind: 'audio' | 'video' = 'video',
  ) {}

  isSupported(): Promise<boolean> {
    return Promise.resolve(this.supported);
  }

  prepare(): Promise<void> {
    return this.loads();
  }

  async createProcessor(input: MediaStreamTrack, report: MediaEffectReport): Promise<{ track: MediaStreamTrack; stop: () => void }> {
    await this.starts();
    const made = { input, output: new FakeTrack(this.kind), report, stopped: false };
    this.made.push(made);
    return { track: made.output as unknown as MediaStreamTrack, stop: () => { made.stopped = true; } };
  }
}

const asVideo = (effect: FakeEffect): BackgroundBlurEffect => effect as unknown as BackgroundBlurEffect;
const asAudio = (effect: FakeEffect): DeepNoiseSuppressionEffect => effect as unknown as DeepNoiseSuppressionEffect;

let opened: { track: FakeTrack; constraints: MediaStreamConstraints }[];

beforeEach(() => {
  opened = [];
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getSupportedConstraints: () => ({ echoCancellation: true, noiseSuppression: true }),
      getUserMedia: (constraints: MediaStreamConstraints) => {
        const track = new FakeTrack(constraints.video === undefined ? 'audio' : 'video');
        opened.push({ track, constraints });
        return Promise.resolve(new FakeMediaStream([track]) as unknown as MediaStream);
      },
    },
  });
});

function camera(): { stream: LocalVideoStream; events: [string, unknown][]; seen: () => unknown; start: (effect: FakeEffect) => Promise<void>; stop: () => Promise<void> } {
  const stream = new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' });
  const feature = stream.feature(Features.VideoEffects);
  const events: [string, unknown][] = [];
  for (const name of ['effectsStarted', 'effectsStopped', 'effectsError', 'fpsWarningThresholdReached', 'timeForEffectsWarningReached'] as const) {
    feature.on(name, (payload: unknown) => events.push([name, payload]));
  }
  return {
    stream,
    events,
    seen: () => stream[LOCAL_VIDEO].capture.current?.getVideoTracks()[0],
    start: (effect) => feature.startEffects(asVideo(effect)),
    stop: () => feature.stopEffects(),
  };
}

describe('an effect on the video', () => {
  it('is what everybody gets after it started, and the camera again after it stopped', async () => {
    const { stream, events, seen, start, stop } = camera();
    const capture = stream[LOCAL_VIDEO].capture;
    const shown: unknown[] = [];
    capture.on('streamChanged', (changed) => shown.push(changed.getVideoTracks()[0]));
    await capture.acquire();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    expect(seen()).toBe(blur.made[0]?.output);
    expect(blur.made[0]?.input).toBe(opened[0]?.track);
    expect(stream.feature(Features.VideoEffects).activeEffects).toEqual(['BackgroundBlur']);
    await stop();
    expect(seen()).toBe(opened[0]?.track);
    expect(shown).toEqual([blur.made[0]?.output, opened[0]?.track]);
    expect(blur.made[0]?.stopped).toBe(true);
    expect(events).toEqual([
      ['effectsStarted', ['BackgroundBlur']],
      ['effectsStopped', ['BackgroundBlur']],
    ]);
  });

  it('starts with the camera when it was chosen before, and nobody gets the camera unprocessed', async () => {
    const { stream, seen, start } = camera();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    expect(opened).toHaveLength(0);
    let begin: () => void = () => undefined;
    const starts = vi.fn(() => new Promise<void>((resolve) => (begin = resolve)));
    blur.starts = starts;
    const acquiring = stream[LOCAL_VIDEO].capture.acquire();
    await vi.waitFor(() => { expect(starts).toHaveBeenCalledOnce(); });
    expect(opened).toHaveLength(1);
    expect(seen()).toBeUndefined();
    begin();
    expect((await acquiring).getVideoTracks()[0]).toBe(blur.made[0]?.output);
    stream[LOCAL_VIDEO].capture.release();
    expect(blur.made[0]?.stopped).toBe(true);
    expect(opened[0]?.track.readyState).toBe('ended');
  });

  it('goes on over another camera and over a stream of the application', async () => {
    const { stream, seen, start } = camera();
    await stream[LOCAL_VIDEO].capture.acquire();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    await stream.switchSource({ id: 'camera:2', name: 'd', deviceType: 'UsbCamera' });
    expect(blur.made.map(({ stopped }) => stopped)).toEqual([true, false]);
    expect(seen()).toBe(blur.made[1]?.output);
    const own = new FakeTrack('video');
    await stream.setMediaStream(new FakeMediaStream([own]) as unknown as MediaStream);
    expect(blur.made[2]?.input).toBe(own);
    expect(seen()).toBe(blur.made[2]?.output);
    stream.dispose();
    expect(own.readyState).toBe('live');
  });

  it('that cannot start leaves what was there: the camera, or the effect before it', async () => {
    const { stream, events, seen, start } = camera();
    await stream[LOCAL_VIDEO].capture.acquire();
    const broken = new FakeEffect('BackgroundReplacement');
    broken.starts = () => Promise.reject(Object.assign(new Error('no such picture'), { code: 'FailedToFetchImage' }));
    await expect(start(broken)).rejects.toMatchObject({ reason: 'effectFailed', cause: 'no such picture' });
    expect(seen()).toBe(opened[0]?.track);
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    await expect(start(broken)).rejects.toMatchObject({ reason: 'effectFailed' });
    expect(seen()).toBe(blur.made[0]?.output);
    expect(blur.made[0]?.stopped).toBe(false);
    expect(events.filter(([name]) => name === 'effectsError')).toEqual(
      Array<unknown>(2).fill(['effectsError', { code: 404, message: 'no such picture', name: 'FailedToFetchImage' } satisfies VideoEffectErrorPayload]),
    );
  });

  it('that cannot start with the camera refuses the camera, and closes it', async () => {
    const { stream, events, seen, start } = camera();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    blur.starts = () => Promise.reject(new Error('no worker'));
    await expect(stream[LOCAL_VIDEO].capture.acquire()).rejects.toMatchObject({ reason: 'effectFailed' });
    expect(seen()).toBeUndefined();
    expect(opened[0]?.track.readyState).toBe('ended');
    expect(events.at(-1)).toEqual(['effectsError', { code: 500, message: 'no worker', name: 'FailedToProcess' }]);
  });

  it('that fails while it runs says so and stays on, so that the camera is not shown unasked', async () => {
    const { stream, events, seen, start } = camera();
    await stream[LOCAL_VIDEO].capture.acquire();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    blur.made[0]?.report.failed({ code: 'FailedToProcess', message: 'stopped' });
    expect(events.at(-1)).toEqual(['effectsError', { code: 500, message: 'stopped', name: 'FailedToProcess' }]);
    expect(seen()).toBe(blur.made[0]?.output);
    expect(stream.feature(Features.VideoEffects).activeEffects).toEqual(['BackgroundBlur']);
  });

  it('replaces the effect before it without a moment of the camera', async () => {
    const { stream, events, start } = camera();
    const capture = stream[LOCAL_VIDEO].capture;
    await capture.acquire();
    const [blur, beach] = [new FakeEffect('BackgroundBlur'), new FakeEffect('BackgroundReplacement')];
    await start(blur);
    const shown: unknown[] = [];
    capture.on('streamChanged', (changed) => shown.push(changed.getVideoTracks()[0]));
    await start(beach);
    expect(shown).toEqual([beach.made[0]?.output]);
    expect(beach.made[0]?.input).toBe(opened[0]?.track);
    expect(blur.made[0]?.stopped).toBe(true);
    expect(events.map(([name]) => name)).toEqual(['effectsStarted', 'effectsStopped', 'effectsStarted']);
  });

  it('is refused when it is not supported or keeps no contract', async () => {
    const { stream, start } = camera();
    const blur = new FakeEffect('BackgroundBlur');
    blur.supported = false;
    await expect(start(blur)).rejects.toMatchObject({ subCode: 45800 });
    const feature = stream.feature(Features.VideoEffects);
    const stranger = { name: 'BackgroundBlur', isSupported: () => Promise.resolve(true) } as unknown as BackgroundBlurEffect;
    await expect(feature.isSupported(stranger)).resolves.toBe(false);
    await expect(feature.startEffects(stranger)).rejects.toMatchObject({ subCode: 45800 });
    await expect(feature.isSupported(asVideo(new FakeEffect('BackgroundBlur')))).resolves.toBe(true);
  });

  it('warns of a slow start and of few pictures, once', async () => {
    vi.useFakeTimers();
    try {
      const { stream, events, start } = camera();
      const blur = new FakeEffect('BackgroundBlur');
      blur.options = { effectInitTimeThresholdInMs: 500, fpsWarningThreshold: 10 };
      let loaded: () => void = () => undefined;
      blur.loads = () => new Promise((resolve) => (loaded = resolve));
      const starting = start(blur);
      await vi.advanceTimersByTimeAsync(600);
      expect(events).toEqual([['timeForEffectsWarningReached', ['BackgroundBlur']]]);
      loaded();
      await starting;
      await stream[LOCAL_VIDEO].capture.acquire();
      for (const pace of [4, 9, 10, 4, 4, 4, 4, 4]) blur.made[0]?.report.pace(pace);
      expect(events.filter(([name]) => name === 'fpsWarningThresholdReached')).toEqual([['fpsWarningThresholdReached', ['BackgroundBlur']]]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends with the stream, and nobody gets the camera in between', async () => {
    const { stream, seen, start } = camera();
    const capture = stream[LOCAL_VIDEO].capture;
    await capture.acquire();
    const blur = new FakeEffect('BackgroundBlur');
    await start(blur);
    const shown = vi.fn();
    capture.on('streamChanged', shown);
    stream.dispose();
    expect(shown).not.toHaveBeenCalled();
    expect(seen()).toBeUndefined();
    expect(blur.made[0]?.stopped).toBe(true);
    expect(opened[0]?.track.readyState).toBe('ended');
  });
});

describe('effects on the sound', () => {
  const microphone = (): LocalAudioStream => new LocalAudioStream({ id: 'microphone:1', name: 'm', isSystemDefault: true, deviceType: 'Microphone' });

  it('are the browser\'s own from the beginning, and follow what is stopped and started', async () => {
    const stream = microphone();
    const feature = stream.feature(Features.AudioEffects);
    expect(feature.activeEffects).toEqual({ echoCancellation: ['BrowserEchoCancellation'], noiseSuppression: ['BrowserNoiseSuppression'] });
    expect(feature.activeEffects).not.toBe(feature.activeEffects);
    await feature.stopEffects({ noiseSuppression: true });
    expect(feature.activeEffects).toEqual({ echoCancellation: ['BrowserEchoCancellation'], noiseSuppression: [] });
    await stream.getMediaStream();
    expect(opened[0]?.constraints.audio).toMatchObject({ echoCancellation: true, noiseSuppression: false });
    await feature.startEffects({ noiseSuppression: 'BrowserNoiseSuppression' });
    expect(feature.activeEffects.noiseSuppression).toEqual(['BrowserNoiseSuppression']);
  });

  it('by a package take the place of the browser\'s, and give it back', async () => {
    const stream = microphone();
    const feature = stream.feature(Features.AudioEffects);
    const events: unknown[] = [];
    feature.on('effectsStarted', (effects) => events.push(effects));
    feature.on('effectsStopped', (effects) => events.push(effects));
    const raw = await stream.getMediaStream();
    const deep = new FakeEffect('DeepNoiseSuppression', 'audio');
    await feature.startEffects({ noiseSuppression: asAudio(deep) });
    expect(feature.activeEffects.noiseSuppression).toEqual(['DeepNoiseSuppression']);
    expect((await stream.getMediaStream()).getAudioTracks()[0]).toBe(deep.made.at(-1)?.output);
    await feature.stopEffects({ noiseSuppression: true });
    expect(feature.activeEffects.noiseSuppression).toEqual(['BrowserNoiseSuppression']);
    expect(deep.made.every(({ stopped }) => stopped)).toBe(true);
    expect((await stream.getMediaStream()).getAudioTracks()[0]?.kind).toBe(raw.getAudioTracks()[0]?.kind);
    const only = { echoCancellation: [], noiseSuppression: ['DeepNoiseSuppression'] };
    expect(events).toEqual([only, only]);
  });

  it('that cannot start leave the sound as it was and say so', async () => {
    const stream = microphone();
    const feature = stream.feature(Features.AudioEffects);
    const errors: unknown[] = [];
    feature.on('effectsError', (error) => errors.push(error.subCode));
    const raw = await stream.getMediaStream();
    const deep = new FakeEffect('DeepNoiseSuppression', 'audio');
    deep.starts = () => Promise.reject(new Error('no worklet'));
    await expect(feature.startEffects({ noiseSuppression: asAudio(deep) })).rejects.toMatchObject({ reason: 'effectFailed', cause: 'no worklet' });
    expect(errors).toEqual([43020]);
    expect(await stream.getMediaStream()).toBe(raw);
    expect(feature.activeEffects.noiseSuppression).toEqual(['BrowserNoiseSuppression']);
  });
});
