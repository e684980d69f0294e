// The arithmetic of the segmentation network, in AssemblyScript: 128-bit SIMD over tensors of 32-bit floats.
//
// Owns: one function per kind of layer. Not here: the order of the layers and where their tensors lie in memory
// (src/video/worker/network.ts). Invariants: tensors are rows × columns × channels without gaps; the number of channels is a multiple
// of four, and of eight for what `pointwise` writes (checked when the network is loaded); nothing allocates.
// Tests: test/network.test.ts compares each layer with plain arithmetic.

/** Where the memory that these functions need for themselves (a table of exponents) ends. */
export function reserved(): usize {
  return __heap_base;
}

/** Activations, as the second half of a layer. */
const RELU: i32 = 1;
const HARD_SWISH: i32 = 2;

@inline
function activate(value: v128, kind: i32): v128 {
  if (kind == RELU) return f32x4.max(value, f32x4.splat(0));
  if (kind == HARD_SWISH) {
    const gate = f32x4.min(f32x4.max(f32x4.add(value, f32x4.splat(3)), f32x4.splat(0)), f32x4.splat(6));
    return f32x4.mul(value, f32x4.mul(gate, f32x4.splat(1.0 / 6.0)));
  }
  return value;
}

/** Bytes (RGBA) to floats from 0 to 1 (RGB). */
export function pixels(input: usize, output: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(output, <f32>load<u8>(input) * (1.0 / 255.0));
    store<f32>(output, <f32>load<u8>(input, 1) * (1.0 / 255.0), 4);
    store<f32>(output, <f32>load<u8>(input, 2) * (1.0 / 255.0), 8);
    input += 4;
    output += 12;
  }
}

/** Collects the neighbourhood of each output point, so that a convolution becomes `pointwise`. Outside of the input is zero. */
export function neighbourhoods(
  input: usize, output: usize, rows: i32, columns: i32, channels: i32,
  outRows: i32, outColumns: i32, size: i32, stride: i32, top: i32, left: i32,
): void {
  const bytes = <usize>channels << 2;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++) {
      for (let ky = 0; ky < size; ky++) {
        const row = y * stride - top + ky;
        for (let kx = 0; kx < size; kx++) {
          const column = x * stride - left + kx;
          if (row < 0 || row >= rows || column < 0 || column >= columns) memory.fill(output, 0, bytes);
          else memory.copy(output, input + <usize>(row * columns + column) * bytes, bytes);
          output += bytes;
        }
      }
    }
  }
}

/** Each point times a matrix: `weights` is channels-in × channels-out. */
export function pointwise(
  input: usize, output: usize, weights: usize, bias: usize, points: i32, inputs: i32, outputs: i32, activation: i32,
): void {
  const inBytes = <usize>inputs << 2;
  const outBytes = <usize>outputs << 2;
  const fours = points >> 2;
  for (let block = 0; block < fours; block++) {
    const p0 = input + <usize>(block << 2) * inBytes;
    const q0 = output + <usize>(block << 2) * outBytes;
    for (let o: usize = 0; o < outBytes; o += 32) {
      const b0 = v128.load(bias + o);
      const b1 = v128.load(bias + o, 16);
      let a00 = b0, a01 = b1, a10 = b0, a11 = b1, a20 = b0, a21 = b1, a30 = b0, a31 = b1;
      let w = weights + o;
      for (let i: usize = 0; i < inBytes; i += 4) {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const x0 = v128.load32_splat(p0 + i);
        const x1 = v128.load32_splat(p0 + inBytes + i);
        const x2 = v128.load32_splat(p0 + 2 * inBytes + i);
        const x3 = v128.load32_splat(p0 + 3 * inBytes + i);
        a00 = f32x4.add(a00, f32x4.mul(x0, w0));
        a01 = f32x4.add(a01, f32x4.mul(x0, w1));
        a10 = f32x4.add(a10, f32x4.mul(x1, w0));
        a11 = f32x4.add(a11, f32x4.mul(x1, w1));
        a20 = f32x4.add(a20, f32x4.mul(x2, w0));
        a21 = f32x4.add(a21, f32x4.mul(x2, w1));
        a30 = f32x4.add(a30, f32x4.mul(x3, w0));
        a31 = f32x4.add(a31, f32x4.mul(x3, w1));
        w += outBytes;
      }
      const q = q0 + o;
      v128.store(q, activate(a00, activation));
      v128.store(q, activate(a01, activation), 16);
      v128.store(q + outBytes, activate(a10, activation));
      v128.store(q + outBytes, activate(a11, activation), 16);
      v128.store(q + 2 * outBytes, activate(a20, activation));
      v128.store(q + 2 * outBytes, activate(a21, activation), 16);
      v128.store(q + 3 * outBytes, activate(a30, activation));
      v128.store(q + 3 * outBytes, activate(a31, activation), 16);
    }
  }
  for (let point = fours << 2; point < points; point++) {
    const p = input + <usize>point * inBytes;
    const q = output + <usize>point * outBytes;
    for (let o: usize = 0; o < outBytes; o += 16) {
      let sum = v128.load(bias + o);
      let w = weights + o;
      for (let i: usize = 0; i < inBytes; i += 4) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(p + i), v128.load(w)));
        w += outBytes;
      }
      v128.store(q + o, activate(sum, activation));
    }
  }
}

/** Each channel by itself: `weights` is size × size × channels. */
export function depthwise(
  input: usize, output: usize, weights: usize, bias: usize, rows: i32, columns: i32, channels: i32,
  outRows: i32, outColumns: i32, size: i32, stride: i32, top: i32, left: i32, activation: i32,
): void {
  const bytes = <usize>channels << 2;
  const rowBytes = <usize>columns * bytes;
  for (let y = 0; y < outRows; y++) {
    const firstRow = y * stride - top;
    const ky0 = max(0, -firstRow);
    const ky1 = min(size, rows - firstRow);
    for (let x = 0; x < outColumns; x++) {
      const firstColumn = x * stride - left;
      const kx0 = max(0, -firstColumn);
      const kx1 = min(size, columns - firstColumn);
      for (let c: usize = 0; c < bytes; c += 16) {
        let sum = v128.load(bias + c);
        for (let ky = ky0; ky < ky1; ky++) {
          let p = input + <usize>(firstRow + ky) * rowBytes + <usize>(firstColumn + kx0) * bytes + c;
          let w = weights + <usize>(ky * size + kx0) * bytes + c;
          for (let kx = kx0; kx < kx1; kx++) {
            sum = f32x4.add(sum, f32x4.mul(v128.load(p), v128.load(w)));
            p += bytes;
            w += bytes;
          }
        }
        v128.store(output + c, activate(sum, activation));
      }
      output += bytes;
    }
  }
}

/** The mean of each channel over all points. */
export function mean(input: usize, output: usize, points: i32, channels: i32): void {
  const bytes = <usize>channels << 2;
  const share = f32x4.splat(1.0 / <f32>points);
  for (let c: usize = 0; c < bytes; c += 16) {
    let sum = f32x4.splat(0);
    let p = input + c;
    for (let i = 0; i < points; i++) {
      sum = f32x4.add(sum, v128.load(p));
      p += bytes;
    }
    v128.store(output + c, f32x4.mul(sum, share));
  }
}

/** The sum of two tensors of `count` floats. */
export function add(a: usize, b: usize, output: usize, count: i32): void {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(output + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
}

/** Each channel of all points times its own factor. */
export function scale(input: usize, factors: usize, output: usize, points: i32, channels: i32): void {
  const bytes = <usize>channels << 2;
  for (let i = 0; i < points; i++) {
    for (let c: usize = 0; c < bytes; c += 16) v128.store(output + c, f32x4.mul(v128.load(input + c), v128.load(factors + c)));
    input += bytes;
    output += bytes;
  }
}

/** An activation by itself. */
export function activation(input: usize, output: usize, count: i32, kind: i32): void {
  const bytes = <usize>count << 2;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(output + i, activate(v128.load(input + i), kind));
}

/** The logistic function of each float. */
export function logistic(input: usize, output: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(output, 1.0 / (1.0 + Mathf.exp(-load<f32>(input))));
    input += 4;
    output += 4;
  }
}

/** Twice as many rows and columns, interpolated between the centres of the points. */
export function twice(input: usize, output: usize, rows: i32, columns: i32, channels: i32): void {
  const bytes = <usize>channels << 2;
  const outRows = rows << 1;
  const outColumns = columns << 1;
  for (let y = 0; y < outRows; y++) {
    const above = max(0, (y - 1) >> 1);
    const below = min(rows - 1, (y + 1) >> 1);
    // The share of the row below: a quarter for odd rows (their centre is just under it), three quarters for even ones.
    const fy = f32x4.splat(y & 1 ? 0.25 : 0.75);
    for (let x = 0; x < outColumns; x++) {
      const before = max(0, (x - 1) >> 1);
      const after = min(columns - 1, (x + 1) >> 1);
      const fx = f32x4.splat(x & 1 ? 0.25 : 0.75);
      const p00 = input + <usize>(above * columns + before) * bytes;
      const p01 = input + <usize>(above * columns + after) * bytes;
      const p10 = input + <usize>(below * columns + before) * bytes;
      const p11 = input + <usize>(below * columns + after) * bytes;
      for (let c: usize = 0; c < bytes; c += 16) {
        const a = v128.load(p00 + c);
        const upper = f32x4.add(a, f32x4.mul(f32x4.sub(v128.load(p01 + c), a), fx));
        const b = v128.load(p10 + c);
        const lower = f32x4.add(b, f32x4.mul(f32x4.sub(v128.load(p11 + c), b), fx));
        v128.store(output + c, f32x4.add(upper, f32x4.mul(f32x4.sub(lower, upper), fy)));
      }
      output += bytes;
    }
  }
}

/** Each point becomes two by two points of one channel: `weights` is 2 × 2 × channels. */
export function unfold(input: usize, output: usize, weights: usize, bias: usize, rows: i32, columns: i32, channels: i32): void {
  const bytes = <usize>channels << 2;
  const start = load<f32>(bias);
  const outBytes = <usize>columns << 3;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let k: usize = 0; k < 4; k++) {
        let sum = f32x4.splat(0);
        const w = weights + k * bytes;
        for (let c: usize = 0; c < bytes; c += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(input + c), v128.load(w + c)));
        const value = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
        store<f32>(output + <usize>((y << 1) + <i32>(k >> 1)) * outBytes + (<usize>((x << 1) + <i32>(k & 1)) << 2), value + start);
      }
      input += bytes;
    }
  }
}
