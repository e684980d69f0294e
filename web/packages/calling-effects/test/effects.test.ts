// The effects as an application sees them, where there is no browser.
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';

import type { MediaEffect as ContractOfTheSdk } from '../../calling/src/public/types/effects';
import { scriptAddress } from '../src/files.js';
import {
  BackgroundBlurEffect,
  BackgroundReplacementEffect,
  DeepNoiseSuppressionEffect,
  EchoCancellationEffect,
  EffectError,
  setEffectFiles,
} from '../src/index.js';

const blur = new BackgroundBlurEffect({ blurStrength: 0.4 });
const beach = new BackgroundReplacementEffect({ backgroundImageUrl: '/beach.png' });
const deep = new DeepNoiseSuppressionEffect();
const echo = new EchoCancellationEffect();
const report = { failed: () => undefined, pace: () => undefined };

afterEach(() => {
  setEffectFiles({});
  vi.unstubAllGlobals();
});

test('every effect has the name that applications know', () => {
  expect([blur, beach, deep, echo].map(({ name }) => name)).toEqual(['BackgroundBlur', 'BackgroundReplacement', 'DeepNoiseSuppression', 'EchoCancellation']);
});

test('every processing effect keeps the contract of the SDK', () => {
  const effects: ContractOfTheSdk[] = [blur, beach, deep];
  for (const effect of effects) expect([typeof effect.prepare, typeof effect.createProcessor]).toEqual(['function', 'function']);
});

test('nothing is supported where there is no browser, also through a proxy and without its object', async () => {
  for (const effect of [blur, beach, deep, echo]) {
    const { isSupported } = new Proxy(effect, {});
    expect(await isSupported()).toBe(false);
  }
});

test('echo cancellation is supported where the browser does it', async () => {
  vi.stubGlobal('navigator', { mediaDevices: { getSupportedConstraints: () => ({ echoCancellation: true }) } });
  expect(await echo.isSupported()).toBe(true);
});

test('starting what is not supported fails with a sentence that says what to do', async () => {
  for (const effect of [blur, beach, deep]) {
    const failure = effect.createProcessor({} as MediaStreamTrack, report);
    await expect(failure).rejects.toBeInstanceOf(EffectError);
    await expect(failure).rejects.toMatchObject({ code: 'FailedToProcess', message: expect.stringContaining('isSupported()') as string });
  }
});

test('settings are kept, changed by configure, and not shared with the caller', async () => {
  const settings = { blurStrength: 0.2, fpsWarningThreshold: 7 };
  const effect = new BackgroundBlurEffect(settings);
  settings.blurStrength = 1;
  expect(effect.options).toEqual({ blurStrength: 0.2, fpsWarningThreshold: 7 });
  await effect.configure({ blurStrength: 0.7 });
  expect(effect.options).toEqual({ blurStrength: 0.7, fpsWarningThreshold: 7 });
  effect.options.blurStrength = 0;
  expect(effect.options.blurStrength).toBe(0.7);
});

test('a replacement without an address is refused and changes nothing', async () => {
  const effect = new BackgroundReplacementEffect({ backgroundImageUrl: '/a.png' });
  await expect(effect.configure({ backgroundImageUrl: '' })).rejects.toMatchObject({ code: 'FailedToFetchImage' });
  expect(effect.options).toEqual({ backgroundImageUrl: '/a.png' });
});

test('a script is the file that the application serves, and otherwise a blob that is forgotten after use', async () => {
  const text = vi.fn(() => Promise.resolve('1'));
  setEffectFiles({ videoWorkerUrl: '/static/video-worker.js' });
  expect((await scriptAddress('videoWorkerUrl', text)).url).toBe('/static/video-worker.js');
  expect(text).not.toHaveBeenCalled();
  const revoke = vi.spyOn(URL, 'revokeObjectURL');
  const { url, release } = await scriptAddress('noiseWorkletUrl', text);
  expect(url).toMatch(/^blob:/);
  release();
  expect(revoke).toHaveBeenCalledWith(url);
});

test('the entry imports nothing heavy and nothing from elsewhere', () => {
  const imports = (file: string): string[] => {
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
    return [...text.matchAll(/^(?:import|export) (?!type)[^;]*? from '([^']+)'/gm)].map(([, from]) => from ?? '');
  };
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const from of imports(file)) visit(from.replace(/^\.\//, '').replace(/\.js$/, '.ts'));
  };
  visit('index.ts');
  expect([...seen].sort()).toEqual(['background.ts', 'errors.ts', 'files.ts', 'index.ts', 'noise.ts', 'support.ts']);
});
