import { badInput } from '../errors.js';

/**
 * NumPy's .npy files, header versions 1.0 to 3.0. Source: NumPy Enhancement Proposal 1 and the reference of
 * `numpy.lib.format`. Nothing is allocated before the header's claim has been checked against the length of
 * the file.
 */

/** What an array in a .npy file may hold. Bools come as 0 and 1; 64-bit integers as bigints. */
export type NpyData =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface NpyArray {
  /** Lengths of the axes; [] is a scalar. */
  shape: number[];
  /** The type as the file says it, such as '<f8'. */
  dtype: string;
  /** The values, always in row-major (C) order and in the machine's own byte order. */
  data: NpyData;
}

interface ItemType {
  bytes: number;
  view: (buffer: ArrayBuffer) => NpyData;
}

const ITEM_TYPES = new Map<string, ItemType>([
  ['f8', { bytes: 8, view: (buffer) => new Float64Array(buffer) }],
  ['f4', { bytes: 4, view: (buffer) => new Float32Array(buffer) }],
  ['i1', { bytes: 1, view: (buffer) => new Int8Array(buffer) }],
  ['u1', { bytes: 1, view: (buffer) => new Uint8Array(buffer) }],
  ['b1', { bytes: 1, view: (buffer) => new Uint8Array(buffer) }],
  ['i2', { bytes: 2, view: (buffer) => new Int16Array(buffer) }],
  ['u2', { bytes: 2, view: (buffer) => new Uint16Array(buffer) }],
  ['i4', { bytes: 4, view: (buffer) => new Int32Array(buffer) }],
  ['u4', { bytes: 4, view: (buffer) => new Uint32Array(buffer) }],
  ['i8', { bytes: 8, view: (buffer) => new BigInt64Array(buffer) }],
  ['u8', { bytes: 8, view: (buffer) => new BigUint64Array(buffer) }],
]);

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_AXES = 32;
const MACHINE_ORDER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? '<' : '>';
const EXPECTED_TYPES = 'floats of 32 or 64 bits, integers of 8 to 64 bits, or bool';

interface Header {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  dataStart: number;
}

/** The header's Python dictionary, as text, and where the data begins. */
function headerText(bytes: Uint8Array, name: string): { text: string; dataStart: number } {
  if (bytes.length < MAGIC.length || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    badInput(`${name} is not a .npy file: it does not begin with \\x93NUMPY`);
  }
  const major = bytes[6];
  const minor = bytes[7];
  if (bytes.length < 8 || major < 1 || major > 3 || minor !== 0) {
    const version = bytes.length < 8 ? 'cut off' : `${major}.${minor}`;
    badInput(`${name}: .npy format version is ${version}; expected 1.0, 2.0 or 3.0`);
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const textStart = 8 + lengthBytes;
  if (bytes.length < textStart) badInput(`${name}: the file ends inside the .npy header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = textStart + length;
  if (dataStart > bytes.length) {
    const present = bytes.length - textStart;
    badInput(
      `${name}: the .npy header should be ${length} bytes, but the file ends after ${present} of them`,
    );
  }
  const decoder = new TextDecoder(major === 3 ? 'utf-8' : 'latin1');
  return { text: decoder.decode(bytes.subarray(textStart, dataStart)), dataStart };
}

function parseShape(inside: string, name: string): number[] {
  const items = inside.trim() === '' ? [] : inside.replace(/,\s*$/, '').split(',');
  if (items.length > MAX_AXES) badInput(`${name}: ${items.length} axes; at most ${MAX_AXES} are possible`);
  return items.map((item) => {
    const text = item.trim();
    // Python 2 wrote long integers with an L.
    const length = /^\d{1,16}L?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
    if (!Number.isSafeInteger(length)) {
      badInput(`${name}: the .npy shape (${inside.trim()}) holds '${text}', which is not a possible length`);
    }
    return length;
  });
}

/** Parses the dictionary with exactly the three keys that the format defines, in any order. */
function parseHeader(bytes: Uint8Array, name: string): Header {
  const { text, dataStart } = headerText(bytes, name);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) badInput(`${name}: the .npy header is not a dictionary`);
  const values = new Map<string, string>();
  const entry =
    /\s*(?:'([^']*)'|"([^"]*)")\s*:\s*('[^']*'|"[^"]*"|True|False|\([^()]*\)|\[[^\]]*\])\s*(?:,|$)/sy;
  // Once: at every entry it would read all of a long padding again.
  const end = body.trimEnd().length;
  while (entry.lastIndex < end) {
    const match = entry.exec(body);
    if (!match) badInput(`${name}: the .npy header cannot be parsed`);
    const key = match[1] ?? match[2];
    if (values.has(key)) badInput(`${name}: the .npy header names '${key}' twice`);
    values.set(key, match[3]);
  }
  const [descr, fortran, shape] = ['descr', 'fortran_order', 'shape'].map((key) => {
    const value = values.get(key);
    if (value === undefined) badInput(`${name}: the .npy header lacks '${key}'`);
    return value;
  });
  if (values.size !== 3) badInput(`${name}: the .npy header has keys other than descr, fortran_order, shape`);
  if (descr.startsWith('[')) {
    badInput(`${name} holds records with named fields (a structured dtype); expected ${EXPECTED_TYPES}`);
  }
  if (!/^['"]/.test(descr)) badInput(`${name}: the .npy header's dtype is not a string`);
  if (fortran !== 'True' && fortran !== 'False') {
    badInput(`${name}: the .npy header's fortran_order is ${fortran}; expected True or False`);
  }
  if (!shape.startsWith('(')) badInput(`${name}: the .npy header's shape is not a tuple`);
  return {
    descr: descr.slice(1, -1),
    fortranOrder: fortran === 'True',
    shape: parseShape(shape.slice(1, -1), name),
    dataStart,
  };
}

function itemType(descr: string, name: string): ItemType & { order: string } {
  if (/^[|<>=]?O/.test(descr)) {
    badInput(
      `${name} holds Python objects (dtype '${descr}'), which are not numbers; expected ${EXPECTED_TYPES}`,
    );
  }
  const order = descr[0];
  const type = ITEM_TYPES.get(descr.slice(1));
  // '|' says that the byte order does not matter, which is only true of single bytes.
  if (!type || !'<>|='.includes(order) || (order === '|' && type.bytes > 1)) {
    badInput(`${name}: dtype '${descr}' is not supported; expected ${EXPECTED_TYPES}`);
  }
  return { ...type, order: order === '|' || order === '=' ? MACHINE_ORDER : order };
}

/** The number of elements, or Infinity as soon as it exceeds `limit`, so that no product can overflow. */
function countElements(shape: readonly number[], limit: number): number {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const length of shape) {
    count *= length;
    if (count > limit) return Number.POSITIVE_INFINITY;
  }
  return count;
}

function reverseItems(bytes: Uint8Array, itemBytes: number): void {
  for (let start = 0; start < bytes.length; start += itemBytes) {
    bytes.subarray(start, start + itemBytes).reverse();
  }
}

/** Column-major to row-major order. */
function toRowMajor(source: NpyData, target: NpyData, shape: readonly number[]): void {
  const index = new Array<number>(shape.length).fill(0);
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape) {
    strides.push(stride);
    stride *= length;
  }
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/**
 * Reads a .npy file.
 * @param bytes the whole file
 * @param name what to call the file in an error
 * @throws TributaryError 'bad-input' when the file is damaged, cut off, or holds something other than numbers
 */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const { descr, fortranOrder, shape, dataStart } = parseHeader(bytes, name);
  const type = itemType(descr, name);
  const present = bytes.length - dataStart;
  const count = countElements(shape, Math.floor(present / type.bytes));
  if (count * type.bytes !== present) {
    const claim = `shape (${shape.join(', ')}) of '${descr}'`;
    const needed = shape.reduce((product, length) => product * length, type.bytes);
    badInput(`${name}: ${claim} needs ${needed} bytes of data, but the file holds ${present}`);
  }
  // Not `slice`: on a Node Buffer that is a view of a shared pool, not a copy.
  const raw = new Uint8Array(bytes.subarray(dataStart));
  if (type.order !== MACHINE_ORDER) reverseItems(raw, type.bytes);
  const stored = type.view(raw.buffer);
  if (descr.endsWith('b1')) for (let i = 0; i < raw.length; i++) raw[i] = raw[i] === 0 ? 0 : 1;
  if (!fortranOrder || shape.length < 2) return { shape, dtype: descr, data: stored };
  const data = type.view(new ArrayBuffer(raw.length));
  toRowMajor(stored, data, shape);
  return { shape, dtype: descr, data };
}

/**
 * Writes a .npy file of version 1.0, row-major, little-endian, with the data aligned to 64 bytes.
 * @param data as many elements as the product of `shape`
 * @param shape lengths of the axes
 * @throws TributaryError 'bad-input' when `data` and `shape` do not fit together
 */
export function encodeNpy(
  data: Float32Array | Float64Array | Int32Array | Uint32Array,
  shape: readonly number[],
): Uint8Array {
  if (shape.length > MAX_AXES || shape.some((length) => !Number.isSafeInteger(length) || length < 0)) {
    badInput(`shape (${shape.join(', ')}) is not a list of up to ${MAX_AXES} whole numbers ≥ 0`);
  }
  if (countElements(shape, data.length) !== data.length) {
    badInput(`shape (${shape.join(', ')}) does not fit ${data.length} values`);
  }
  const kind = data instanceof Int32Array ? 'i' : data instanceof Uint32Array ? 'u' : 'f';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '<${kind}${data.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataStart = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(dataStart - 11)}\n`;
  const bytes = new Uint8Array(dataStart + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  const payload = bytes.subarray(dataStart);
  payload.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (MACHINE_ORDER !== '<') reverseItems(payload, data.BYTES_PER_ELEMENT);
  return bytes;
}
