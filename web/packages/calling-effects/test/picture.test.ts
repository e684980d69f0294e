// Masks and blur: pure functions of small pictures.
import { expect, test } from 'vitest';

import { BackgroundBlur } from '../src/video/worker/blur.js';
import { MaskFilter } from '../src/video/worker/mask.js';

const WIDTH = 64;
const HEIGHT = 36;

function picture(colour: (x: number, y: number) => [number, number, number]): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, index) => {
    const point = Math.floor(index / 4);
    return [...colour(point % WIDTH, Math.floor(point / WIDTH)), 255][index % 4] ?? 0;
  });
}

const isPerson = (x: number): boolean => x >= 24 && x < 40;
const person = Float32Array.from({ length: WIDTH * HEIGHT }, (_, point) => (isPerson(point % WIDTH) ? 1 : 0));
const nobody = new Float32Array(WIDTH * HEIGHT);

function contrast(pixels: Uint8ClampedArray): number {
  let largest = 0;
  for (let index = 4; index < pixels.length; index += 4) if ((index / 4) % WIDTH !== 0) largest = Math.max(largest, Math.abs((pixels[index] ?? 0) - (pixels[index - 4] ?? 0)));
  return largest;
}

test('a surface of one colour stays as it is', () => {
  const pixels = picture(() => [10, 200, 90]);
  new BackgroundBlur(WIDTH, HEIGHT).apply(pixels, nobody, 1);
  expect([...new Set(pixels)].sort((a, b) => a - b)).toEqual([10, 90, 200, 255]);
});

test('edges go, more with more strength', () => {
  const stripes = (): Uint8ClampedArray => picture((x) => (x % 8 < 4 ? [0, 0, 0] : [255, 255, 255]));
  const [weak, strong] = [stripes(), stripes()];
  const blur = new BackgroundBlur(WIDTH, HEIGHT);
  blur.apply(weak, nobody, 0);
  blur.apply(strong, nobody, 1);
  expect(contrast(stripes())).toBe(255);
  expect(contrast(weak)).toBeLessThan(100);
  expect(contrast(strong)).toBeLessThan(contrast(weak));
});

test('the colour of the person does not leak into the background', () => {
  const pixels = picture((x) => (isPerson(x) ? [255, 0, 0] : [0, 0, 255]));
  new BackgroundBlur(WIDTH, HEIGHT).apply(pixels, person, 1);
  for (let point = 0; point < WIDTH * HEIGHT; point += 1) {
    if (!isPerson(point % WIDTH)) expect(pixels[4 * point]).toBeLessThan(4);
  }
});

test('a mask is decided, follows a change within a few pictures, and does not jump', () => {
  const filter = new MaskFilter();
  const at = (raw: number): number => filter.next(Float32Array.of(raw))[0] ?? NaN;
  expect(at(0.9)).toBe(1);
  expect(at(0.1)).toBeCloseTo(0.3);
  expect(at(0.1)).toBeLessThan(0.1);
  expect(at(0.1)).toBeLessThan(0.03);
});
