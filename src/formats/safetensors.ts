import { badInput, TributaryError } from '../errors.js';
import { type HeaderObject, HeaderSyntaxError, type HeaderValue, parseHeader } from './safetensors_header.js';

/**
 * Tensors in a safetensors file: 8 bytes of header length (little-endian), a JSON header, then the data of
 * all tensors without a gap. Source: the format section of the safetensors documentation. The reader trusts
 * nothing: every claim of the header is checked against the length of the file before anything is allocated.
 */

const TYPES = {
  F32: { bytes: 4, view: (buffer: ArrayBuffer): TensorData => new Float32Array(buffer) },
  F64: { bytes: 8, view: (buffer: ArrayBuffer): TensorData => new Float64Array(buffer) },
  U8: { bytes: 1, view: (buffer: ArrayBuffer): TensorData => new Uint8Array(buffer) },
  I32: { bytes: 4, view: (buffer: ArrayBuffer): TensorData => new Int32Array(buffer) },
  U32: { bytes: 4, view: (buffer: ArrayBuffer): TensorData => new Uint32Array(buffer) },
  I64: { bytes: 8, view: (buffer: ArrayBuffer): TensorData => new BigInt64Array(buffer) },
} as const;

export type TensorType = keyof typeof TYPES;

/** The typed array that goes with each type: F32, F64, U8, I32, U32, I64. */
export type TensorData = Float32Array | Float64Array | Uint8Array | Int32Array | Uint32Array | BigInt64Array;

export interface StoredTensor {
  dtype: TensorType;
  /** Lengths of the axes; [] is a scalar. */
  shape: number[];
  /** Row-major values. */
  data: TensorData;
}

export interface SafetensorsFile {
  /** In the order of the header. */
  tensors: Map<string, StoredTensor>;
  /** The free text of `__metadata__`; empty where there is none. */
  metadata: Map<string, string>;
}

/** The limit that the reference implementation sets. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

class Refusal extends Error {}

function refuse(what: string): never {
  throw new Refusal(what);
}

function isType(value: unknown): value is TensorType {
  return typeof value === 'string' && Object.hasOwn(TYPES, value);
}

function elementCount(shape: readonly number[], limit: number): number {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const length of shape) {
    count *= length;
    if (count > limit) return Number.POSITIVE_INFINITY;
  }
  return count;
}

/** Bytes as they lie in the file, in or out: the format is little-endian on every machine. */
function fileOrder(bytes: Uint8Array, itemBytes: number): Uint8Array {
  if (!LITTLE_ENDIAN) {
    for (let start = 0; start < bytes.length; start += itemBytes) {
      bytes.subarray(start, start + itemBytes).reverse();
    }
  }
  return bytes;
}

interface Entry {
  name: string;
  dtype: TensorType;
  shape: number[];
  begin: number;
  end: number;
}

function wholeNumbers(value: HeaderValue | undefined): number[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'number')
    ? (value as number[])
    : undefined;
}

function parseEntry(name: string, value: HeaderValue, dataBytes: number): Entry {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  if (!(value instanceof Map)) refuse(`the header's entry for ${shown} is not an object`);
  for (const key of value.keys()) {
    if (!['dtype', 'shape', 'data_offsets'].includes(key)) {
      refuse(`tensor ${shown} has an unknown field ${JSON.stringify(key.slice(0, 40))}`);
    }
  }
  const dtype = value.get('dtype');
  if (!isType(dtype)) {
    const given = typeof dtype === 'string' ? `'${dtype.slice(0, 20)}'` : 'missing or not a string';
    refuse(`tensor ${shown}: dtype is ${given}; expected one of ${Object.keys(TYPES).join(', ')}`);
  }
  const shape = wholeNumbers(value.get('shape'));
  if (!shape) refuse(`tensor ${shown}: shape is missing or not a list of whole numbers ≥ 0`);
  const offsets = wholeNumbers(value.get('data_offsets'));
  if (offsets?.length !== 2) refuse(`tensor ${shown}: data_offsets is missing or not two whole numbers`);
  const [begin, end] = offsets;
  if (begin > end) refuse(`tensor ${shown}: its data ends (${end}) before it begins (${begin})`);
  if (end > dataBytes)
    refuse(`tensor ${shown}: its data ends at byte ${end} of ${dataBytes}; the file is cut off`);
  const size = end - begin;
  if (elementCount(shape, dataBytes) * TYPES[dtype].bytes !== size) {
    const listed = shape.length > 8 ? `${shape.slice(0, 8)}…` : `${shape}`;
    refuse(`tensor ${shown}: shape [${listed}] of ${dtype} does not fit its ${size} bytes of data`);
  }
  return { name, dtype, shape, begin, end };
}

function readHeader(bytes: Uint8Array): { header: HeaderObject; dataStart: number } {
  if (bytes.length < 8) refuse(`${bytes.length} bytes are too few for a safetensors file`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    refuse(
      `the header claims ${length} bytes, more than the ${MAX_HEADER_BYTES} allowed; not a safetensors file?`,
    );
  }
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    refuse(`the header claims ${length} bytes, but only ${bytes.length - 8} follow; the file is cut off`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
  } catch {
    refuse('the header is not UTF-8 text');
  }
  return { header: parseHeader(text), dataStart };
}

function readMetadata(value: HeaderValue | undefined): Map<string, string> {
  if (value === undefined) return new Map();
  if (!(value instanceof Map) || [...value.values()].some((text) => typeof text !== 'string')) {
    refuse(`${METADATA} is not an object of strings`);
  }
  return value as Map<string, string>;
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCover(entries: readonly Entry[], dataBytes: number): void {
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of ordered) {
    const shown = JSON.stringify(name.slice(0, 80));
    if (begin < covered) refuse(`tensor ${shown}: its data overlaps another tensor's`);
    if (begin > covered) refuse(`bytes ${covered} to ${begin} before tensor ${shown} belong to no tensor`);
    covered = end;
  }
  if (covered !== dataBytes) refuse(`${dataBytes - covered} bytes after the last tensor belong to no tensor`);
}

function decode(bytes: Uint8Array): SafetensorsFile {
  const { header, dataStart } = readHeader(bytes);
  const dataBytes = bytes.length - dataStart;
  const metadata = readMetadata(header.get(METADATA));
  const entries: Entry[] = [];
  for (const [name, value] of header) {
    if (name !== METADATA) entries.push(parseEntry(name, value, dataBytes));
  }
  checkCover(entries, dataBytes);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const type = TYPES[dtype];
    // Not `slice`: on a Node Buffer that is a view of a shared pool, not a copy.
    const copy = new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end));
    fileOrder(copy, type.bytes);
    tensors.set(name, { dtype, shape, data: type.view(copy.buffer) });
  }
  return { tensors, metadata };
}

/** @param name what to call the file in an error */
function explained<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || error instanceof HeaderSyntaxError) {
      throw new TributaryError('bad-checkpoint', `${name}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/**
 * Reads a safetensors file.
 * @param bytes the whole file; the tensors are copies
 * @param name what to call the file in an error
 * @throws TributaryError 'bad-checkpoint' when anything about the file is not as the format says
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  return explained(name, () => decode(bytes));
}

/**
 * The free text of a safetensors file's `__metadata__`, without its tensors, which are not looked at.
 * Arguments and errors: those of {@link decodeSafetensors}.
 */
export function decodeMetadata(bytes: Uint8Array, name: string): Map<string, string> {
  return explained(name, () => readMetadata(readHeader(bytes).header.get(METADATA)));
}

/**
 * Writes a safetensors file. The bytes are a function of the arguments alone: tensors and metadata in the
 * order given, the header padded with spaces so that the data begins at a multiple of 8.
 * @throws TributaryError 'bad-input' on a name used twice or reserved, or data that does not fit its type or
 *   shape
 */
export function encodeSafetensors(
  tensors: readonly { name: string; dtype: TensorType; shape: readonly number[]; data: TensorData }[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  // Written by hand, member by member: an object would put names that look like numbers first.
  const members: string[] = [];
  if (metadata && Object.keys(metadata).length > 0) members.push(`"${METADATA}":${JSON.stringify(metadata)}`);
  const names = new Set<string>([METADATA, '__proto__']);
  let end = 0;
  for (const { name, dtype, shape, data } of tensors) {
    if (names.has(name)) badInput(`tensor name '${name}' is reserved or used twice`);
    names.add(name);
    const example = isType(dtype) ? TYPES[dtype].view(new ArrayBuffer(0)) : undefined;
    if (example?.constructor !== data.constructor) {
      badInput(`tensor '${name}': ${data.constructor.name} is not ${dtype}`);
    }
    const possible = shape.every((length) => Number.isSafeInteger(length) && length >= 0);
    if (!possible || elementCount(shape, data.length) !== data.length) {
      badInput(`tensor '${name}': shape [${shape}] does not fit ${data.length} values`);
    }
    const begin = end;
    end += data.byteLength;
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8 + json.length, 8 + headerBytes);
  bytes.set(json, 8);
  let at = 8 + headerBytes;
  for (const { data } of tensors) {
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const target = bytes.subarray(at, at + source.length);
    target.set(source);
    fileOrder(target, data.BYTES_PER_ELEMENT);
    at += source.length;
  }
  return bytes;
}
