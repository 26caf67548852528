import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const NAME = 'model.safetensors';

/** A file put together by hand from any header text. */
function file(header: string | Uint8Array, dataBytes = 0, claimed?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

const example = () =>
  encodeSafetensors(
    [
      {
        name: 'blocks.0.gate.weight',
        dtype: 'F32',
        shape: [2, 3],
        data: Float32Array.of(1, -2, 3, 4, 5, 0.1),
      },
      { name: 'blocks.0.gate.bias', dtype: 'F64', shape: [1], data: Float64Array.of(0.1) },
      { name: '7', dtype: 'U32', shape: [3, 1], data: Uint32Array.of(1, 2, 0xffffffff) },
      { name: 'ä "quoted"\n', dtype: 'I32', shape: [], data: Int32Array.of(-5) },
      { name: 'step', dtype: 'I64', shape: [1], data: BigInt64Array.of(-(2n ** 60n)) },
      { name: 'bytes', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      { name: 'none', dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
    ],
    { format: 'pt', step: '10' },
  );

describe('safetensors', () => {
  it('reads back what it wrote, in order', () => {
    const { tensors, metadata } = decodeSafetensors(example(), NAME);
    expect([...tensors.keys()]).toEqual([
      'blocks.0.gate.weight',
      'blocks.0.gate.bias',
      '7',
      'ä "quoted"\n',
      'step',
      'bytes',
      'none',
    ]);
    expect(tensors.get('blocks.0.gate.weight')).toEqual({
      dtype: 'F32',
      shape: [2, 3],
      data: Float32Array.of(1, -2, 3, 4, 5, 0.1),
    });
    expect(tensors.get('blocks.0.gate.bias')!.data).toEqual(Float64Array.of(0.1));
    expect(tensors.get('7')!.data).toEqual(Uint32Array.of(1, 2, 0xffffffff));
    expect(tensors.get('ä "quoted"\n')).toEqual({ dtype: 'I32', shape: [], data: Int32Array.of(-5) });
    expect(tensors.get('step')!.data).toEqual(BigInt64Array.of(-(2n ** 60n)));
    expect(tensors.get('none')).toEqual({ dtype: 'F32', shape: [0, 4], data: new Float32Array(0) });
    expect([...metadata]).toEqual([
      ['format', 'pt'],
      ['step', '10'],
    ]);
  });

  it('writes exactly these bytes', () => {
    const bytes = encodeSafetensors([{ name: 'w', dtype: 'F32', shape: [1], data: Float32Array.of(1) }]);
    const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.padEnd(56);
    const expected = file(header, 4);
    expected.set([0, 0, 0x80, 0x3f], 64);
    expect(bytes).toEqual(expected);
    expect(example()).toEqual(example());
  });

  it('reads files in which the header is not in the order of the data', () => {
    const bytes = file(`{"b":${tensor('U8', '[2]', '[1,3]')},"a":${tensor('U8', '[1]', '[0,1]')}}`, 3);
    bytes.set([1, 2, 3], bytes.length - 3);
    const { tensors } = decodeSafetensors(bytes, NAME);
    expect(tensors.get('a')!.data).toEqual(Uint8Array.of(1));
    expect(tensors.get('b')!.data).toEqual(Uint8Array.of(2, 3));
  });

  it('reads views into larger buffers and files without tensors', () => {
    const padded = new Uint8Array(example().length + 3);
    padded.set(example(), 3);
    expect(decodeSafetensors(padded.subarray(3), NAME).tensors.size).toBe(7);
    expect(decodeSafetensors(Buffer.from(example()), NAME)).toEqual(decodeSafetensors(example(), NAME));
    expect(decodeSafetensors(encodeSafetensors([]), NAME)).toEqual({
      tensors: new Map(),
      metadata: new Map(),
    });
  });

  it('refuses to write what would not read back', () => {
    const data = Float32Array.of(1);
    const write = (name: string, dtype: 'F32' | 'F64', shape: number[]) =>
      encodeSafetensors([
        { name: 'a', dtype: 'F32', shape: [1], data },
        { name, dtype, shape, data },
      ]);
    expect(() => write('a', 'F32', [1])).toThrow(`tensor name 'a' is reserved or used twice`);
    expect(() => write('__metadata__', 'F32', [1])).toThrow('is reserved');
    expect(() => write('__proto__', 'F32', [1])).toThrow('is reserved');
    expect(() => write('b', 'F64', [1])).toThrow(`tensor 'b': Float32Array is not F64`);
    expect(() => write('b', 'F32', [2])).toThrow(`tensor 'b': shape [2] does not fit 1 values`);
    expect(() => write('b', 'F32', [-1])).toThrow('shape [-1]');
  });

  const ok = tensor('U8', '[2]', '[0,2]');
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), '0 bytes are too few'],
    [
      'a header longer than the file',
      file(`{"a":${ok}}`, 2, 1000n),
      'the header claims 1000 bytes, but only',
    ],
    ['a header over the limit', file('{}', 0, 100_000_001n), 'more than the 100000000 allowed'],
    [
      'the largest claim there is',
      file('{}', 0, 2n ** 64n - 1n),
      'the header claims 18446744073709551615 bytes',
    ],
    ['an empty header', file(''), `the header is not valid JSON: expected '{'`],
    ['a list', file('[]'), 'the header is not a JSON object'],
    ['null', file('null'), 'the header is not a JSON object'],
    ['no JSON', file('hello'), 'the header is not valid JSON'],
    ['a cut object', file(`{"a":${ok}`, 2), 'the header is not valid JSON'],
    ['a comma at the end', file(`{"a":${ok},}`, 2), 'the header is not valid JSON'],
    ['text after the end', file(`{"a":${ok}}x`, 2), 'unexpected text'],
    ['an open string', file('{"a'), 'a damaged string'],
    ['a bad escape', file('{"\\x":1}'), 'a damaged string'],
    ['a control character', file('{"\u0001":1}'), 'a damaged string'],
    ['bytes that are not UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), 'not UTF-8'],
    ['a byte order mark', file('\ufeff{}'), 'not valid JSON'],
    ['a name twice', file(`{"a":${ok},"a":${ok}}`, 2), 'names "a" twice'],
    ['an escaped name twice', file(`{"a":${ok},"\\u0061":${ok}}`, 2), 'names "a" twice'],
    ['__proto__', file(`{"__proto__":${ok}}`, 2), `the forbidden name '__proto__'`],
    ['__proto__ inside', file(`{"a":{"__proto__":{}}}`, 2), `the forbidden name '__proto__'`],
    ['deep nesting', file(`{"a":${'['.repeat(5000)}`), 'nested too deeply'],
    ['a tensor that is no object', file('{"a":1}'), 'entry for "a" is not an object'],
    ['true', file('{"a":true}'), 'the header is not valid JSON'],
    [
      'an unknown dtype',
      file(`{"a":${tensor('F8_E4M3', '[2]', '[0,2]')}}`, 2),
      `dtype is 'F8_E4M3'; expected one of F32`,
    ],
    [
      'a dtype of objects',
      file(`{"a":${tensor('constructor', '[2]', '[0,2]')}}`, 2),
      `dtype is 'constructor'`,
    ],
    ['no dtype', file('{"a":{"shape":[2],"data_offsets":[0,2]}}', 2), 'dtype is missing'],
    ['no shape', file('{"a":{"dtype":"U8","data_offsets":[0,2]}}', 2), 'shape is missing'],
    ['no offsets', file('{"a":{"dtype":"U8","shape":[2]}}', 2), 'data_offsets is missing'],
    ['an unknown field', file(`{"a":${ok.replace('}', ',"x":1}')}}`, 2), 'unknown field "x"'],
    [
      'a shape of strings',
      file(`{"a":${tensor('U8', '["2"]', '[0,2]')}}`, 2),
      'shape is missing or not a list',
    ],
    ['a negative length', file(`{"a":${tensor('U8', '[-2]', '[0,2]')}}`, 2), 'holds -2, not a whole number'],
    ['two negative lengths', file(`{"a":${tensor('U8', '[-2,-1]', '[0,2]')}}`, 2), 'holds -2'],
    ['a fractional length', file(`{"a":${tensor('U8', '[2.5]', '[0,2]')}}`, 2), 'holds 2.5'],
    ['an exponent', file(`{"a":${tensor('U8', '[2e0]', '[0,2]')}}`, 2), 'holds 2e0'],
    ['a huge length', file(`{"a":${tensor('U8', '[1e30]', '[0,2]')}}`, 2), 'holds 1e30'],
    [
      'a length beyond 2⁵³',
      file(`{"a":${tensor('U8', '[9007199254740993]', '[0,2]')}}`, 2),
      'holds 9007199254740993',
    ],
    [
      'a product that overflows',
      file(`{"a":${tensor('U8', '[4294967296,4294967296,4294967296]', '[0,2]')}}`, 2),
      'does not fit its 2 bytes',
    ],
    [
      'a size that does not fit',
      file(`{"a":${tensor('F32', '[2]', '[0,2]')}}`, 2),
      'shape [2] of F32 does not fit its 2 bytes',
    ],
    ['three offsets', file(`{"a":${tensor('U8', '[2]', '[0,1,2]')}}`, 2), 'not two whole numbers'],
    ['reversed offsets', file(`{"a":${tensor('U8', '[2]', '[2,0]')}}`, 2), 'ends (0) before it begins (2)'],
    [
      'offsets beyond the end',
      file(`{"a":${tensor('U8', '[2000000000]', '[0,2000000000]')}}`, 2),
      'of 2; the file is cut off',
    ],
    ['negative offsets', file(`{"a":${tensor('U8', '[2]', '[-1,1]')}}`, 2), 'holds -1'],
    [
      'an overlap',
      file(`{"a":${ok},"b":${tensor('U8', '[2]', '[1,3]')}}`, 3),
      'tensor "b": its data overlaps',
    ],
    ['one range twice', file(`{"a":${ok},"b":${ok}}`, 2), 'overlaps'],
    [
      'a hole',
      file(`{"a":${ok},"b":${tensor('U8', '[2]', '[3,5]')}}`, 5),
      'bytes 2 to 3 before tensor "b" belong to no tensor',
    ],
    [
      'a hole at the start',
      file(`{"a":${tensor('U8', '[2]', '[1,3]')}}`, 3),
      'bytes 0 to 1 before tensor "a"',
    ],
    ['bytes at the end', file(`{"a":${ok}}`, 3), '1 bytes after the last tensor belong to no tensor'],
    ['metadata that is a list', file('{"__metadata__":["a"]}'), '__metadata__ is not an object of strings'],
    ['metadata with numbers', file('{"__metadata__":{"a":1}}'), '__metadata__ is not an object of strings'],
  ])('refuses %s', (_, bytes, message) => {
    let caught: unknown;
    try {
      decodeSafetensors(bytes, NAME);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'TributaryError', code: 'bad-checkpoint' });
    expect((caught as Error).message).toContain(message);
    expect((caught as Error).message).toMatch(/^model\.safetensors: .*$/);
  });

  it('refuses a name of many megabytes without running out of stack', () => {
    const name = 'x'.repeat(20_000_000);
    expect(() => decodeSafetensors(file(`{"${name}":1}`), NAME)).toThrow(
      /entry for "x{80}…" is not an object$/,
    );
  });

  it('either reads a damaged file or says what is wrong with it', () => {
    const good = example();
    const headerEnd = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));
    const random = new CounterRandom(5, STREAM.test);
    let refused = 0;
    const trials = 6000;
    for (let trial = 0; trial < trials; trial++) {
      const draw = (element: number, n: number) => random.integer(8 * trial + element, n);
      const kind = trial % 3;
      const bytes = good.slice(0, kind === 0 ? draw(0, good.length) : good.length);
      for (let flip = 0; flip <= draw(1, 3) && bytes.length > 0; flip++) {
        // Most of the format is in the header, so most of the damage goes there.
        const at = draw(2 + flip, kind === 1 ? Math.min(headerEnd, bytes.length) : bytes.length);
        bytes[at] = kind === 2 ? draw(5 + flip, 256) : bytes[at] ^ (1 << draw(5 + flip, 8));
      }
      try {
        const { tensors } = decodeSafetensors(bytes, NAME);
        for (const { data } of tensors.values()) expect(data.byteLength).toBeLessThanOrEqual(good.length);
      } catch (error) {
        refused++;
        expect(error).toMatchObject({ name: 'TributaryError', code: 'bad-checkpoint' });
        expect((error as Error).message.split('\n')).toHaveLength(1);
      }
    }
    expect(refused).toBeGreaterThan(trials / 2);
    expect(refused).toBeLessThan(trials);
  });
});
