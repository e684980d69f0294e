import { expect, test } from 'vitest';

import { BackgroundBlurEffect, BackgroundReplacementEffect, DeepNoiseSuppressionEffect, EffectNotSupportedError } from '../src/index.js';

const all = [
  new BackgroundBlurEffect({ blurStrength: 0.4 }),
  new BackgroundReplacementEffect({ backgroundImageUrl: '/beach.png' }),
  new DeepNoiseSuppressionEffect(),
];

test('every effect has the name that applications know', () => {
  expect(all.map(({ name }) => name)).toEqual(['BackgroundBlur', 'BackgroundReplacement', 'DeepNoiseSuppression']);
});

test('every effect says that it is not supported, also through a proxy', async () => {
  for (const effect of all) {
    expect(await effect.isSupported()).toBe(false);
    expect(await new Proxy(effect, {}).isSupported()).toBe(false);
  }
});

test('starting an effect fails with a sentence that says what to do, and stopping it is harmless', async () => {
  for (const effect of all) {
    const failure = effect.startEffects({ stream: {} as MediaStream });
    await expect(failure).rejects.toBeInstanceOf(EffectNotSupportedError);
    await expect(failure).rejects.toThrow(/isSupported\(\)/);
    expect(() => {
      effect.stopEffects();
    }).not.toThrow();
  }
});

test('options are kept, changed by configure, and not shared with the caller', async () => {
  const options = { blurStrength: 0.2 };
  const blur = new BackgroundBlurEffect(options);
  options.blurStrength = 1;
  expect(blur.options).toEqual({ blurStrength: 0.2 });
  await blur.configure({ blurStrength: 0.7 });
  expect(blur.options).toEqual({ blurStrength: 0.7 });
});
