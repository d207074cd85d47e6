/**
 * Just enough of the ONNX format (onnx.proto3, a Protocol Buffers message) to write small models that really run. Fields are numbered as there.
 */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left > 127) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

const int = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: readonly number[]): number[] => [...varint(field * 8 + 2), ...varint(value.length), ...value];
const text = (field: number, value: string): number[] => bytes(field, [...new TextEncoder().encode(value)]);
const rawOf = (values: Float32Array | BigInt64Array): number[] => [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];

export const FLOAT = 1;
export const INT64 = 7;

/** An input or output: a name for a dimension leaves it free. */
export type Port = { readonly name: string; readonly type: number; readonly dims: readonly (number | string)[] };
export type Constant = { readonly name: string; readonly dims: readonly number[]; readonly values: Float32Array | BigInt64Array };
export type Node = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly ints?: Readonly<Record<string, readonly number[]>>;
  readonly int?: Readonly<Record<string, number>>;
};

const portOf = ({ name, type, dims }: Port): number[] => {
  const shape = dims.flatMap((dim) => bytes(1, typeof dim === 'number' ? int(1, dim) : text(2, dim)));
  return [...text(1, name), ...bytes(2, bytes(1, [...int(1, type), ...bytes(2, shape)]))];
};

const constantOf = ({ name, dims, values }: Constant): number[] => [
  ...dims.flatMap((dim) => int(1, dim)),
  ...int(2, values instanceof Float32Array ? FLOAT : INT64),
  ...text(8, name),
  ...bytes(9, rawOf(values)),
];

const nodeOf = ({ op, inputs, output, ints = {}, int: single = {} }: Node): number[] => [
  ...inputs.flatMap((name) => text(1, name)),
  ...text(2, output),
  ...text(4, op),
  ...Object.entries(ints).flatMap(([name, values]) =>
    bytes(5, [...text(1, name), ...values.flatMap((value) => int(8, value)), ...int(20, 7)]),
  ),
  ...Object.entries(single).flatMap(([name, value]) => bytes(5, [...text(1, name), ...int(3, value), ...int(20, 2)])),
];

/** A model of operator set 13. */
export function onnxModel(graph: {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
}): Uint8Array {
  const body = [
    ...graph.nodes.flatMap((node) => bytes(1, nodeOf(node))),
    ...text(2, 'graph'),
    ...graph.constants.flatMap((constant) => bytes(5, constantOf(constant))),
    ...graph.inputs.flatMap((port) => bytes(11, portOf(port))),
    ...graph.outputs.flatMap((port) => bytes(12, portOf(port))),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, body), ...bytes(8, [...text(1, ''), ...int(2, 13)])]);
}
