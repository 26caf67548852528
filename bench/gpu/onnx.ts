/**
 * A model file of ONNX: the few messages of its protobuf format that a small network takes, written by hand. Field
 * numbers are those of onnx.proto3 (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
 */

const VARINT = 0;
const BYTES = 2;

/** TensorProto.DataType.FLOAT */
const FLOAT = 1;
/** AttributeProto.AttributeType.INT */
const INT_ATTRIBUTE = 2;
/** The format's version of ONNX 1.12, and the operators' of the same: every runtime of today reads them. */
const IR_VERSION = 8;
const OPSET = 17;

type Bytes = readonly number[] | Uint8Array;

function join(parts: readonly Bytes[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const key = (field: number, type: number) => varint(field * 8 + type);
const integer = (field: number, value: number): Bytes => [...key(field, VARINT), ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes =>
  join([key(field, BYTES), varint(content.length), content]);
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));
const message = (field: number, ...parts: Bytes[]): Bytes => bytes(field, join(parts));

/** A value that goes in or comes out. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxTensor extends OnnxValue {
  readonly values: Float32Array;
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Integer attributes. */
  readonly attributes?: Readonly<Record<string, number>>;
}

const valueInfo = (field: number, { name, shape }: OnnxValue): Bytes =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(1, integer(1, FLOAT), message(2, ...shape.map((size) => message(1, integer(1, size))))),
    ),
  );

const tensor = (field: number, { name, shape, values }: OnnxTensor): Bytes =>
  message(
    field,
    ...shape.map((size) => integer(1, size)),
    integer(2, FLOAT),
    text(8, name),
    bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );

const node = (field: number, { op, inputs, output, attributes = {} }: OnnxNode): Bytes =>
  message(
    field,
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(3, output),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, text(1, name), integer(3, value), integer(20, INT_ATTRIBUTE)),
    ),
  );

/** @param nodes in an order in which each finds its inputs */
export function encodeOnnx(graph: {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}): Uint8Array {
  return join([
    integer(1, IR_VERSION),
    message(
      7,
      ...graph.nodes.map((one) => node(1, one)),
      text(2, 'network'),
      ...graph.constants.map((one) => tensor(5, one)),
      ...graph.inputs.map((one) => valueInfo(11, one)),
      ...graph.outputs.map((one) => valueInfo(12, one)),
    ),
    message(8, text(1, ''), integer(2, OPSET)),
  ]);
}
