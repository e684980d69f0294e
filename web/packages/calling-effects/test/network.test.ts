// The network that finds people, computed by the kernels and by plain arithmetic.
import model from 'asset:selfie-segmentation';
import kernels from 'asset:kernels';
import { expect, test } from 'vitest';

import { bytesOf } from '../src/bytes.js';
import { placeInMemory } from '../src/video/worker/memory-plan.js';
import type { ModelFile, Operator } from '../src/video/worker/model-file.js';
import { half, readModel } from '../src/video/worker/model-file.js';
import { Network } from '../src/video/worker/network.js';

const file = readModel(bytesOf(model));
const code = bytesOf(kernels);

/** The same every time, without any pattern. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Computes the graph without any trick: one tensor and one loop at a time. */
function plainly({ tensors, operators, input, output }: ModelFile, picture: Float32Array): Float32Array {
  const values = new Map<number, Float32Array>([[input, picture]]);
  tensors.forEach(({ constant }, index) => { if (constant) values.set(index, constant); });
  const value = (index: number | undefined): Float32Array => values.get(index ?? -1) ?? new Float32Array(0);
  const shape = (index: number | undefined): number[] => [...(tensors[index ?? -1]?.shape ?? [])];
  const each = (from: Float32Array, change: (x: number, index: number) => number): Float32Array => from.map(change);
  const window = (operator: Operator, deep: boolean): Float32Array => {
    const [from, weights, bias] = operator.inputs.map(value) as [Float32Array, Float32Array, Float32Array];
    const [, rows = 0, columns = 0, channels = 0] = shape(operator.inputs[0]);
    const [, outRows = 0, outColumns = 0, outChannels = 0] = shape(operator.outputs[0]);
    const [, size = 0] = shape(operator.inputs[1]);
    const stride = operator.intOption(1);
    const before = (length: number, count: number): number => (operator.byteOption(0) === 0 ? Math.max((count - 1) * stride + size - length, 0) >> 1 : 0);
    const [top, left] = [before(rows, outRows), before(columns, outColumns)];
    const to = new Float32Array(outRows * outColumns * outChannels);
    for (let y = 0; y < outRows; y += 1) for (let x = 0; x < outColumns; x += 1) for (let o = 0; o < outChannels; o += 1) {
      let sum = bias[o] ?? NaN;
      for (let ky = 0; ky < size; ky += 1) for (let kx = 0; kx < size; kx += 1) {
        const [row, column] = [y * stride - top + ky, x * stride - left + kx];
        if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
        const at = (row * columns + column) * channels;
        if (deep) sum += (from[at + o] ?? NaN) * (weights[(ky * size + kx) * channels + o] ?? NaN);
        else for (let i = 0; i < channels; i += 1) sum += (from[at + i] ?? NaN) * (weights[((o * size + ky) * size + kx) * channels + i] ?? NaN);
      }
      to[(y * outColumns + x) * outChannels + o] = sum;
    }
    return to;
  };
  const compute = (operator: Operator): Float32Array => {
    const [a, b] = [value(operator.inputs[0]), value(operator.inputs[1])];
    const [, rows = 0, columns = 0, channels = 0] = shape(operator.inputs[0]);
    switch (operator.code) {
      case 0: return each(a, (x, index) => x + (b[index] ?? NaN));
      case 3: return window(operator, false);
      case 4: return window(operator, true);
      case 6: return a;
      case 14: return each(a, (x) => 1 / (1 + Math.exp(-x)));
      case 18: return each(a, (x, index) => x * (b[index % channels] ?? NaN));
      case 19: return each(a, (x) => Math.max(0, x));
      case 40: {
        const sums = new Float64Array(channels);
        a.forEach((x, index) => { sums[index % channels] = (sums[index % channels] ?? 0) + x; });
        return Float32Array.from(sums, (sum) => sum / (rows * columns));
      }
      case 117: return each(a, (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6);
      case 23: {
        const near = (place: number, length: number): [number, number, number] => {
          const source = Math.max(0, (place + 0.5) / 2 - 0.5);
          const low = Math.min(length - 1, Math.floor(source));
          return [low, Math.min(length - 1, low + 1), source - low];
        };
        return Float32Array.from({ length: a.length * 4 }, (_, index) => {
          const channel = index % channels;
          const [x0, x1, fx] = near(Math.floor(index / channels) % (2 * columns), columns);
          const [y0, y1, fy] = near(Math.floor(index / channels / (2 * columns)), rows);
          const at = (row: number, column: number): number => a[(row * columns + column) * channels + channel] ?? NaN;
          return (at(y0, x0) * (1 - fx) + at(y0, x1) * fx) * (1 - fy) + (at(y1, x0) * (1 - fx) + at(y1, x1) * fx) * fy;
        });
      }
      case 32: {
        const bias = value(operator.inputs[2])[0] ?? NaN;
        return Float32Array.from({ length: 4 * rows * columns }, (_, index) => {
          const [x, y] = [index % (2 * columns), Math.floor(index / (2 * columns))];
          const [from, weights] = [((y >> 1) * columns + (x >> 1)) * channels, ((y & 1) * 2 + (x & 1)) * channels];
          let sum = bias;
          for (let i = 0; i < channels; i += 1) sum += (a[from + i] ?? NaN) * (b[weights + i] ?? NaN);
          return sum;
        });
      }
      default: throw new Error(`operator ${String(operator.code)}`);
    }
  };
  for (const operator of operators) {
    const to = operator.outputs[0] ?? -1;
    if (!values.has(to)) values.set(to, compute(operator));
  }
  return value(output);
}

test('the kernels give what plain arithmetic gives, picture after picture', async () => {
  // What comes before the last logistic function: after it most of a mask is nearly 0 or 1, whatever happened before.
  const open = { ...file, output: file.operators.at(-1)?.inputs[0] ?? -1 };
  const network = await Network.load(open, code);
  expect([network.width, network.height]).toEqual([256, 144]);
  for (const seed of [1, 2]) {
    const next = random(seed);
    const picture = Uint8ClampedArray.from({ length: 256 * 144 * 4 }, (_, index) => (index % 4 === 3 ? 255 : 255 * next()));
    const mask = network.run(picture);
    const floats = Float32Array.from({ length: 256 * 144 * 3 }, (_, index) => (picture[4 * Math.floor(index / 3) + (index % 3)] ?? 0) / 255);
    const expected = plainly(open, floats);
    let worst = 0;
    expected.forEach((value, index) => { worst = Math.max(worst, Math.abs(value - (mask[index] ?? NaN))); });
    expect(worst).toBeLessThan(1e-3);
    expect(Math.max(...expected) - Math.min(...expected), 'the answer is not the same everywhere').toBeGreaterThan(5);
  }
}, 60_000);

test('the mask is from 0 to 1', async () => {
  const network = await Network.load(file, code);
  const mask = network.run(new Uint8Array(256 * 144 * 4).fill(90));
  expect(mask.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test('a picture of another size is refused', async () => {
  const network = await Network.load(file, code);
  expect(() => network.run(new Uint8Array(4))).toThrow(RangeError);
});

test('a layer that the kernels do not know is refused while loading', async () => {
  const [first, ...others] = file.operators;
  if (!first) throw new Error('no operators');
  const strange = { ...first, code: 99, byteOption: () => 0, intOption: () => 0 };
  await expect(Network.load({ ...file, operators: [strange, ...others] }, code)).rejects.toThrow('99');
});

test('a file that is no network is refused', () => {
  expect(() => readModel(new Uint8Array(64))).toThrow();
  expect(() => readModel(new Uint8Array(2))).toThrow(RangeError);
});

test('16-bit floats are read', () => {
  expect([0x0000, 0x3c00, 0xbc00, 0x3555, 0x7bff, 0x0001, 0x7c00].map(half)).toEqual([0, 1, -1, 0.333251953125, 65504, 2 ** -24, Infinity]);
  expect(half(0x7e00)).toBeNaN();
});

test('tensors that live together never share memory, and those that do not may', () => {
  const next = random(7);
  const lifetimes = Array.from({ length: 60 }, () => {
    const first = Math.floor(next() * 50);
    return { bytes: 16 + Math.floor(next() * 4000), first, last: first + Math.floor(next() * 6) };
  });
  const { offsets, bytes } = placeInMemory(lifetimes);
  for (const [i, a] of lifetimes.entries()) {
    for (const [j, b] of lifetimes.entries()) {
      if (i === j || a.last < b.first || b.last < a.first) continue;
      const [from, to] = [offsets[i] ?? NaN, offsets[j] ?? NaN];
      expect(from + a.bytes <= to || to + b.bytes <= from).toBe(true);
    }
  }
  expect(offsets.every((offset) => offset % 16 === 0)).toBe(true);
  expect(bytes).toBeLessThan(lifetimes.reduce((sum, lifetime) => sum + lifetime.bytes, 0) / 3);
});
