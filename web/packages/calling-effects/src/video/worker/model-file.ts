// Reads a network in the TensorFlow Lite format (a FlatBuffer, schema version 3): tensors with their constants, and operators.
//
// Owns: the layout of the file. Not here: what an operator computes (network.ts). A field that the schema leaves out has its default.
// Only what the segmentation network uses is read. Tests: test/network.test.ts.

/** A tensor: a shape, and values when it is a constant. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly constant: Float32Array | undefined;
}

/** A step of the network. `options` are the fields of the operator's own table, zero where left out. */
export interface Operator {
  readonly code: number;
  readonly custom: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The byte or 32-bit number in the given field of the options. */
  byteOption(field: number): number;
  intOption(field: number): number;
}

/** A network as the file has it. */
export interface ModelFile {
  readonly tensors: readonly Tensor[];
  readonly operators: readonly Operator[];
  readonly input: number;
  readonly output: number;
}

const FLOAT32 = 0;
const FLOAT16 = 1;

/** Fields of the tables, in the order of the schema. */
const MODEL = { operatorCodes: 1, subgraphs: 2, buffers: 4 };
const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 };
const TENSOR = { shape: 0, type: 1, buffer: 2 };
const OPERATOR = { code: 0, inputs: 1, outputs: 2, options: 4 };
const CODE = { shortCode: 0, custom: 1, code: 3 };
const BUFFER = { data: 0 };

class Table {
  constructor(
    private readonly view: DataView,
    private readonly at: number,
  ) {}

  static root(view: DataView): Table {
    return new Table(view, view.getUint32(0, true));
  }

  byte(field: number): number {
    const place = this.place(field);
    return place === 0 ? 0 : this.view.getInt8(place);
  }

  int(field: number): number {
    const place = this.place(field);
    return place === 0 ? 0 : this.view.getInt32(place, true);
  }

  table(field: number): Table | undefined {
    const place = this.place(field);
    return place === 0 ? undefined : new Table(this.view, place + this.view.getUint32(place, true));
  }

  tables(field: number): Table[] {
    const { start, length } = this.vector(field);
    return Array.from({ length }, (_, index) => {
      const place = start + 4 * index;
      return new Table(this.view, place + this.view.getUint32(place, true));
    });
  }

  ints(field: number): number[] {
    const { start, length } = this.vector(field);
    return Array.from({ length }, (_, index) => this.view.getInt32(start + 4 * index, true));
  }

  bytes(field: number): DataView {
    const { start, length } = this.vector(field);
    return new DataView(this.view.buffer, this.view.byteOffset + start, length);
  }

  text(field: number): string {
    const bytes = this.bytes(field);
    return String.fromCharCode(...Array.from({ length: bytes.byteLength }, (_, index) => bytes.getUint8(index)));
  }

  private place(field: number): number {
    const fields = this.at - this.view.getInt32(this.at, true);
    const offset = 4 + 2 * field;
    if (offset >= this.view.getUint16(fields, true)) return 0;
    const relative = this.view.getUint16(fields + offset, true);
    return relative === 0 ? 0 : this.at + relative;
  }

  private vector(field: number): { start: number; length: number } {
    const place = this.place(field);
    if (place === 0) return { start: 0, length: 0 };
    const at = place + this.view.getUint32(place, true);
    return { start: at + 4, length: this.view.getUint32(at, true) };
  }
}

/** Reads the file; fails with a RangeError or Error when it is not one. */
export function readModel(bytes: Uint8Array): ModelFile {
  const model = Table.root(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const codes = model.tables(MODEL.operatorCodes);
  const buffers = model.tables(MODEL.buffers);
  const graph = model.tables(MODEL.subgraphs)[0];
  if (!graph) throw new Error('The file of the network has no graph.');
  const tensors = graph.tables(SUBGRAPH.tensors).map((tensor): Tensor => {
    const data = buffers[tensor.int(TENSOR.buffer)]?.bytes(BUFFER.data);
    const constant = data && data.byteLength > 0 ? floats(data, tensor.byte(TENSOR.type)) : undefined;
    return { shape: tensor.ints(TENSOR.shape), constant };
  });
  const operators = graph.tables(SUBGRAPH.operators).map((operator): Operator => {
    const code = codes[operator.int(OPERATOR.code)];
    const options = operator.table(OPERATOR.options);
    return {
      // The short field is the older one; a code that it cannot hold is in the longer one.
      code: Math.max(code?.byte(CODE.shortCode) ?? 0, code?.int(CODE.code) ?? 0),
      custom: code?.text(CODE.custom) ?? '',
      inputs: operator.ints(OPERATOR.inputs),
      outputs: operator.ints(OPERATOR.outputs),
      byteOption: (field) => options?.byte(field) ?? 0,
      intOption: (field) => options?.int(field) ?? 0,
    };
  });
  return { tensors, operators, input: graph.ints(SUBGRAPH.inputs)[0] ?? -1, output: graph.ints(SUBGRAPH.outputs)[0] ?? -1 };
}

function floats(data: DataView, type: number): Float32Array | undefined {
  if (type === FLOAT32) return Float32Array.from({ length: data.byteLength / 4 }, (_, index) => data.getFloat32(4 * index, true));
  if (type === FLOAT16) return Float32Array.from({ length: data.byteLength / 2 }, (_, index) => half(data.getUint16(2 * index, true)));
  return undefined;
}

/** A 16-bit float. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
