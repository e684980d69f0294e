// The noise suppression outside of a browser: the network, and the cutting into frames.
import rnnoise from 'asset:rnnoise';
import { expect, test } from 'vitest';

import { Frames } from '../src/audio/frames.js';
import { Denoiser, FRAME } from '../src/audio/rnnoise.js';
import { bytesOf } from '../src/bytes.js';

const module = new WebAssembly.Module(bytesOf(rnnoise));
const RATE = 48_000;

/** How much louder the output of the last two of three seconds is than the input, in decibels. */
function gain(sample: (index: number) => number): number {
  const denoiser = Denoiser.create(module);
  let [before, after] = [0, 0];
  for (let start = 0; start < 3 * RATE; start += FRAME) {
    const frame = Float32Array.from({ length: FRAME }, (_, index) => sample(start + index));
    if (start >= RATE) for (const value of frame) before += value * value;
    denoiser.process(frame);
    if (start >= RATE) for (const value of frame) after += value * value;
  }
  denoiser.destroy();
  return 10 * Math.log10((after + 1e-12) / before);
}

test('white noise goes, loud and soft', () => {
  for (const loudness of [0.02, 0.2]) expect(gain(() => (Math.random() * 2 - 1) * loudness)).toBeLessThan(-20);
});

test('a voice stays', () => {
  // A vowel: the harmonics of a voice that rises and falls, through two formants, in syllables.
  let phase = 0;
  const voice = (index: number): number => {
    const time = index / RATE;
    const pitch = 130 + 25 * Math.sin(2 * Math.PI * 1.3 * time);
    phase += pitch / RATE;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 24; harmonic += 1) {
      const frequency = pitch * harmonic;
      const formants = Math.exp(-(((frequency - 650) / 250) ** 2)) + 0.6 * Math.exp(-(((frequency - 1_200) / 300) ** 2)) + 0.05;
      sum += formants * Math.sin(2 * Math.PI * harmonic * phase);
    }
    return 0.08 * sum * Math.max(0, Math.sin(2 * Math.PI * 2.5 * time));
  };
  expect(gain(voice)).toBeGreaterThan(-6);
});

test('sound passes through frames unchanged and one frame later, whatever the size of the blocks', () => {
  for (const block of [128, 96, 480, 1_000]) {
    const frames = new Frames(FRAME, () => undefined);
    const input = Float32Array.from({ length: block * 20 }, (_, index) => index + 1);
    const output = new Float32Array(input.length);
    for (let start = 0; start < input.length; start += block) frames.push(input.subarray(start, start + block), output.subarray(start, start + block));
    // The sample that completes a frame takes the frame with it.
    const delay = output.findIndex((value) => value !== 0);
    expect(delay).toBeLessThanOrEqual(FRAME);
    expect([...output.subarray(delay)]).toEqual([...input.subarray(0, input.length - delay)]);
  }
});
