// Settings that change while an effect starts. The processing itself needs a browser; here it is a list of what it was told to show.
import { beforeEach, expect, test, vi } from 'vitest';

import { BackgroundBlurEffect } from '../src/index.js';

interface Shown {
  readonly backgrounds: unknown[];
}
const made: Shown[] = [];
let begins: () => void = () => undefined;
let fails: (error: Error) => void = () => undefined;
let changes: () => Promise<void> = () => Promise.resolve();

vi.mock('../src/support.js', () => ({ canProcessVideo: () => true, canProcessAudio: () => false, hasTrackStreams: () => true }));
vi.mock('../src/video/processor.js', () => ({
  prepareVideo: () => Promise.resolve(),
  BackgroundProcessor: class {
    readonly track = {};
    readonly backgrounds: unknown[];
    constructor(first: unknown) {
      this.backgrounds = [first];
      made.push(this);
    }
    static start(_track: unknown, background: unknown): Promise<unknown> {
      return new Promise((resolve, reject) => {
        begins = () => { resolve(new this(background)); };
        fails = reject;
      });
    }
    async change(background: unknown): Promise<void> {
      await changes();
      this.backgrounds.push(background);
    }
    stop(): void {
      return;
    }
  },
}));

const report = { failed: () => undefined, pace: () => undefined };
const blurred = (strength: number) => ({ kind: 'blur', strength });

beforeEach(() => {
  made.length = 0;
  changes = () => Promise.resolve();
});

/** Begins, up to the moment in which the processor loads. */
async function starting(effect: BackgroundBlurEffect): Promise<{ done: Promise<unknown> }> {
  begins = () => undefined;
  const idle = begins;
  const done = effect.createProcessor({} as MediaStreamTrack, report);
  done.catch(() => undefined);
  await vi.waitFor(() => { expect(begins).not.toBe(idle); });
  return { done };
}

test('a setting that changes while the effect starts is what anybody sees first', async () => {
  const effect = new BackgroundBlurEffect({ blurStrength: 0.2 });
  const { done } = await starting(effect);
  const configured = effect.configure({ blurStrength: 0.9 });
  begins();
  await done;
  expect(made[0]?.backgrounds).toEqual([blurred(0.2), blurred(0.9)]);
  await configured;
  expect(effect.options).toEqual({ blurStrength: 0.9 });
  // Once, and the next one reaches the running processor.
  await effect.configure({ blurStrength: 0.4 });
  expect(made[0]?.backgrounds).toEqual([blurred(0.2), blurred(0.9), blurred(0.4)]);
});

test('one that fails then leaves the former, and the effect runs', async () => {
  const effect = new BackgroundBlurEffect({ blurStrength: 0.2 });
  const { done } = await starting(effect);
  changes = () => Promise.reject(new Error('no picture'));
  const configured = expect(effect.configure({ blurStrength: 0.9 })).rejects.toMatchObject({ message: expect.stringContaining('no picture') as string });
  begins();
  await done;
  await configured;
  expect(made[0]?.backgrounds).toEqual([blurred(0.2)]);
  expect(effect.options).toEqual({ blurStrength: 0.2 });
});

test('a start that fails says so itself; the setting is kept for the next', async () => {
  const effect = new BackgroundBlurEffect({ blurStrength: 0.2 });
  const { done } = await starting(effect);
  const configured = effect.configure({ blurStrength: 0.9 });
  fails(new Error('no worker'));
  await expect(done).rejects.toThrow('no worker');
  await configured;
  expect(effect.options).toEqual({ blurStrength: 0.9 });
});
