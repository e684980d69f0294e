// Runs a network of the kind that finds people in pictures: plans it once, then computes it for each picture.
//
// Owns: which kernel computes which layer, with which arguments, and the memory of all tensors. Not here: the arithmetic
// (kernels/index.ts), the format of the file (model-file.ts). Invariants: after loading nothing is allocated; an operator or a shape
// that the kernels cannot compute is refused while loading, never computed wrongly. Tests: test/network.test.ts.
import type { Lifetime } from './memory-plan.js';
import { placeInMemory } from './memory-plan.js';
import type { ModelFile, Operator } from './model-file.js';

/** The functions of kernels/index.ts. */
export type Kernels = { reserved(): number } & Record<Kernel, (...numbers: number[]) => void>;
type Kernel =
  'pixels' | 'neighbourhoods' | 'pointwise' | 'depthwise' | 'mean' | 'add' | 'scale' | 'activation' | 'logistic' | 'twice' | 'unfold';

/** Numbers of the operators in the file. */
const OP = {
  add: 0,
  convolution: 3,
  depthwise: 4,
  dequantize: 6,
  logistic: 14,
  multiply: 18,
  relu: 19,
  resize: 23,
  custom: 32,
  mean: 40,
  hardSwish: 117,
} as const;
const UNFOLD = 'Convolution2DTransposeBias';
const SAME = 0;
const ACTIVATION = { none: 0, relu: 1, hardSwish: 2 } as const;
/** The first bytes belong to the kernels. */
const RESERVED = 16_384;
const PAGE = 65_536;

/** A part of memory that a step needs: a tensor of the graph, constants, or room of its own. */
type Place = { readonly tensor: number } | { readonly constants: Float32Array } | { readonly scratch: number };
type Argument = number | Place;
interface Step {
  readonly kernel: Kernel;
  readonly arguments: readonly Argument[];
  readonly produces: number;
}

/** A loaded network. */
export class Network {
  private readonly steps: { readonly run: (...numbers: number[]) => void; readonly numbers: readonly number[] }[];

  private constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly kernels: Kernels,
    planned: readonly { kernel: Kernel; numbers: readonly number[] }[],
    private readonly pixelsAt: number,
    private readonly inputAt: number,
    private readonly outputAt: number,
    /** Size of the picture that it takes and of the mask that it gives. */
    readonly width: number,
    readonly height: number,
  ) {
    this.steps = planned.map(({ kernel, numbers }) => ({ run: kernels[kernel], numbers }));
  }

  /** Plans the network and puts its constants into memory. */
  static async load(model: ModelFile, code: Uint8Array<ArrayBuffer>): Promise<Network> {
    const steps = plan(model);
    const [, height = 0, width = 0, channels = 0] = shape(model, model.input);
    if (channels !== 3) throw new Error('The network does not take a picture.');

    const constants = new Map<Float32Array, number>();
    let end = RESERVED;
    const reserve = (bytes: number): number => {
      const at = end;
      end += Math.ceil(bytes / 16) * 16;
      return at;
    };
    for (const { arguments: all } of steps) {
      for (const part of all) {
        if (typeof part === 'object' && 'constants' in part && !constants.has(part.constants)) {
          constants.set(part.constants, reserve(part.constants.byteLength));
        }
      }
    }
    const pixelsAt = reserve(width * height * 4);
    const arena = end;
    const { offsets, bytes } = placeAll(model, steps);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((arena + bytes) / PAGE) });
    const { instance } = await WebAssembly.instantiate(code, { env: { memory } });
    const kernels = instance.exports as unknown as Kernels;
    if (kernels.reserved() > RESERVED) throw new Error('The kernels need more memory for themselves than is kept for them.');
    for (const [values, at] of constants) new Float32Array(memory.buffer, at, values.length).set(values);
    const at = (part: Argument): number => {
      if (typeof part === 'number') return part;
      if ('constants' in part) return constants.get(part.constants) ?? 0;
      return arena + (offsets.get('tensor' in part ? `t${String(part.tensor)}` : `s${String(part.scratch)}`) ?? 0);
    };
    const planned = steps.map(({ kernel, arguments: all }) => ({ kernel, numbers: all.map(at) }));
    const inputAt = at({ tensor: model.input });
    const outputAt = at({ tensor: model.output });
    return new Network(memory, kernels, planned, pixelsAt, inputAt, outputAt, width, height);
  }

  /** The mask of a picture (RGBA, `width` × `height`): 0 is background, 1 a person. Valid until the next call. */
  run(picture: Uint8ClampedArray | Uint8Array): Float32Array {
    const points = this.width * this.height;
    if (picture.length !== points * 4) throw new RangeError('The picture does not have the size that the network takes.');
    new Uint8Array(this.memory.buffer, this.pixelsAt, picture.length).set(picture);
    this.kernels.pixels(this.pixelsAt, this.inputAt, points);
    for (const { run, numbers } of this.steps) run(...numbers);
    return new Float32Array(this.memory.buffer, this.outputAt, points);
  }
}

function placeAll(model: ModelFile, steps: readonly Step[]): { offsets: Map<string, number>; bytes: number } {
  const lifetimes = new Map<string, { bytes: number; first: number; last: number }>();
  const touch = (key: string, bytes: number, step: number): void => {
    const known = lifetimes.get(key);
    if (known) known.last = Math.max(known.last, step);
    else lifetimes.set(key, { bytes, first: step, last: step });
  };
  touch(`t${String(model.input)}`, floatsOf(shape(model, model.input)) * 4, 0);
  steps.forEach(({ arguments: all }, step) => {
    for (const part of all) {
      if (typeof part === 'number') continue;
      if ('tensor' in part) touch(`t${String(part.tensor)}`, floatsOf(shape(model, part.tensor)) * 4, step);
      if ('scratch' in part) touch(`s${String(part.scratch)}`, part.scratch * 4, step);
    }
  });
  const keys = [...lifetimes.keys()];
  const { offsets, bytes } = placeInMemory([...lifetimes.values()] satisfies Lifetime[]);
  return { offsets: new Map(keys.map((key, index) => [key, offsets[index] ?? 0])), bytes };
}

function plan(model: ModelFile): Step[] {
  // Constants may pass through a conversion to 32 bits; we keep them by the tensor that comes out.
  const constants = new Map<number, Float32Array>();
  model.tensors.forEach(({ constant }, index) => {
    if (constant) constants.set(index, constant);
  });
  const steps: Step[] = [];
  const uses = new Map<number, number>();
  for (const { inputs } of model.operators) for (const input of inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  for (const operator of model.operators) {
    const [first = -1] = operator.inputs;
    const output = operator.outputs[0] ?? -1;
    if (operator.code === OP.dequantize) {
      const values = constants.get(first);
      if (values) constants.set(output, values);
      continue;
    }
    const joined = joinActivation(steps, operator, first, output, uses.get(first) ?? 0);
    if (joined) continue;
    steps.push(...layer(model, constants, operator));
  }
  return steps;
}

/** An activation right after the convolution that only it uses becomes the last argument of that convolution. */
function joinActivation(steps: Step[], { code }: Operator, input: number, output: number, uses: number): boolean {
  const kind = code === OP.relu ? ACTIVATION.relu : code === OP.hardSwish ? ACTIVATION.hardSwish : ACTIVATION.none;
  const before = steps.at(-1);
  if (kind === ACTIVATION.none || !before || before.produces !== input || uses !== 1) return false;
  if (before.kernel !== 'pointwise' && before.kernel !== 'depthwise') return false;
  const renamed = before.arguments.map((part) => (typeof part === 'object' && 'tensor' in part && part.tensor === input ? { tensor: output } : part));
  steps[steps.length - 1] = { kernel: before.kernel, arguments: [...renamed.slice(0, -1), kind], produces: output };
  return true;
}

function layer(model: ModelFile, constants: ReadonlyMap<number, Float32Array>, operator: Operator): Step[] {
  const [first = -1, second = -1, third = -1] = operator.inputs;
  const output = operator.outputs[0] ?? -1;
  const [, rows = 0, columns = 0, channels = 0] = shape(model, first);
  const [, outRows = 0, outColumns = 0, outChannels = 0] = shape(model, output);
  const points = rows * columns;
  const step = (kernel: Kernel, ...all: Argument[]): Step => ({ kernel, arguments: all, produces: output });
  const input: Place = { tensor: first };
  const to: Place = { tensor: output };
  const constant = (tensor: number): Float32Array => {
    const values = constants.get(tensor);
    if (!values) throw new Error('A layer of the network has no constants.');
    return values;
  };
  const windowed = (size: number, stride: number): number[] => {
    const before = (from: number, count: number): number => Math.floor(Math.max((count - 1) * stride + size - from, 0) / 2);
    const same = operator.byteOption(0) === SAME;
    return [outRows, outColumns, size, stride, same ? before(rows, outRows) : 0, same ? before(columns, outColumns) : 0];
  };
  const fours = (count: number, by = 4): void => {
    if (count % by !== 0) throw new Error(`A layer of the network has ${String(count)} channels; the kernels need multiples of ${String(by)}.`);
  };

  switch (operator.code) {
    case OP.convolution: {
      const [, size = 0, across = 0] = shape(model, second);
      const stride = operator.intOption(1);
      if (size !== across || stride !== operator.intOption(2) || operator.byteOption(3) !== 0) break;
      fours(outChannels, 8);
      const inputs = size * size * channels;
      const weights: Place = { constants: transpose(constant(second), outChannels, inputs) };
      const bias: Place = { constants: constant(third) };
      if (size === 1 && stride === 1) return [step('pointwise', input, to, weights, bias, points, inputs, outChannels, ACTIVATION.none)];
      const scratch: Place = { scratch: outRows * outColumns * inputs };
      return [
        step('neighbourhoods', input, scratch, rows, columns, channels, ...windowed(size, stride)),
        step('pointwise', scratch, to, weights, bias, outRows * outColumns, inputs, outChannels, ACTIVATION.none),
      ];
    }
    case OP.depthwise: {
      const [, size = 0, across = 0] = shape(model, second);
      const stride = operator.intOption(1);
      if (size !== across || stride !== operator.intOption(2) || operator.byteOption(4) !== 0 || outChannels !== channels) break;
      fours(channels);
      const weights: Place = { constants: constant(second) };
      const bias: Place = { constants: constant(third) };
      return [step('depthwise', input, to, weights, bias, rows, columns, channels, ...windowed(size, stride), ACTIVATION.none)];
    }
    case OP.mean:
      fours(channels);
      if (outRows !== 1 || outColumns !== 1) break;
      return [step('mean', input, to, points, channels)];
    case OP.add: {
      const count = floatsOf(shape(model, first));
      if (count !== floatsOf(shape(model, second)) || count % 4 !== 0 || operator.byteOption(0) !== 0) break;
      return [step('add', input, { tensor: second }, to, count)];
    }
    case OP.multiply:
      fours(channels);
      if (floatsOf(shape(model, second)) !== channels || operator.byteOption(0) !== 0) break;
      return [step('scale', input, { tensor: second }, to, points, channels)];
    case OP.relu:
    case OP.hardSwish:
      fours(points * channels);
      return [step('activation', input, to, points * channels, operator.code === OP.relu ? ACTIVATION.relu : ACTIVATION.hardSwish)];
    case OP.logistic:
      return [step('logistic', input, to, floatsOf(shape(model, first)))];
    case OP.resize:
      // Only between the centres of points (field 3), and only to twice the size.
      fours(channels);
      if (outRows !== 2 * rows || outColumns !== 2 * columns || operator.byteOption(3) !== 1) break;
      return [step('twice', input, to, rows, columns, channels)];
    case OP.custom: {
      const [, high = 0, wide = 0] = shape(model, second);
      if (operator.custom !== UNFOLD || high !== 2 || wide !== 2 || outChannels !== 1 || outRows !== 2 * rows) break;
      fours(channels);
      return [step('unfold', input, to, { constants: constant(second) }, { constants: constant(third) }, rows, columns, channels)];
    }
    default:
  }
  throw new Error(`The network has an operator that is not computed here: ${String(operator.code)} ${operator.custom}`.trim());
}

/** Rows become columns. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: values.length }, (_, index) => values[(index % rows) * columns + Math.floor(index / rows)] ?? 0);
}

function shape(model: ModelFile, tensor: number): readonly number[] {
  return model.tensors[tensor]?.shape ?? [];
}

function floatsOf(dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, 1);
}
