import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy } from '../../src/formats/npy.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

/** A file put together by hand, as NumPy lays it out. */
function file(header: string, payload: Uint8Array | number[] = [], version = 1, minor = 0): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const lengthBytes = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + lengthBytes + text.length + payload.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), version, minor]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, 8 + lengthBytes);
  bytes.set(payload, 8 + lengthBytes + text.length);
  return bytes;
}

const dictionary = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

describe('reading .npy', () => {
  it.each([
    ['<f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5], Float64Array],
    ['>f8', [0x3f, 0xf8, 0, 0, 0, 0, 0, 0], [1.5], Float64Array],
    ['<f4', [0, 0, 0xc0, 0x3f], [1.5], Float32Array],
    ['>f4', [0x3f, 0xc0, 0, 0], [1.5], Float32Array],
    ['|i1', [0xff], [-1], Int8Array],
    ['|u1', [0xff], [255], Uint8Array],
    ['|b1', [2], [1], Uint8Array],
    ['<i2', [0xfe, 0xff], [-2], Int16Array],
    ['>u2', [0x01, 0x02], [258], Uint16Array],
    ['<i4', [0xfd, 0xff, 0xff, 0xff], [-3], Int32Array],
    ['>u4', [0x80, 0, 0, 1], [0x80000001], Uint32Array],
    ['<i8', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [-1n], BigInt64Array],
    ['>u8', [0, 0, 0, 0, 0, 0, 1, 0], [256n], BigUint64Array],
  ])('reads %s', (descr, payload, values, type) => {
    const array = decodeNpy(file(dictionary(descr, '(1,)'), payload), 'a.npy');
    expect(array.dtype).toBe(descr);
    expect(array.data).toBeInstanceOf(type);
    expect([...array.data]).toEqual(values);
  });

  it.each([1, 2, 3])('reads header version %i, keys in any order and without spaces', (version) => {
    const array = decodeNpy(
      file(`{"shape":(2,1),'fortran_order':False,'descr':'|u1'}   `, [7, 8], version),
      'a',
    );
    expect(array).toEqual({ shape: [2, 1], dtype: '|u1', data: Uint8Array.of(7, 8) });
  });

  it('reads scalars, empty arrays and the long integers of Python 2', () => {
    expect(decodeNpy(file(dictionary('|u1', '()'), [7]), 'a').shape).toEqual([]);
    expect(decodeNpy(file(dictionary('<f8', '(0, 2)')), 'a').data).toHaveLength(0);
    expect(decodeNpy(file(dictionary('|u1', '(2L, 1L)'), [1, 2]), 'a').shape).toEqual([2, 1]);
  });

  it('puts column-major arrays into row-major order', () => {
    // a[i][j][k] = 100 i + 10 j + k, of shape (2, 3, 4), stored with i fastest.
    const stored: number[] = [];
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) stored.push(100 * i + 10 * j + k);
    const expected: number[] = [];
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) expected.push(100 * i + 10 * j + k);
    const payload = new Uint8Array(Int16Array.from(stored).buffer);
    const array = decodeNpy(file(dictionary('<i2', '(2, 3, 4)', 'True'), payload), 'a');
    expect([...array.data]).toEqual(expected);
    expect(array.shape).toEqual([2, 3, 4]);
  });

  it('does not touch what it was given', () => {
    const bytes = file(dictionary('>f4', '(1,)'), [0x3f, 0xc0, 0, 0]);
    const before = bytes.slice();
    decodeNpy(bytes, 'a');
    expect(bytes).toEqual(before);
    // A Node Buffer is a Uint8Array whose `slice` does not copy.
    const buffer = Buffer.from(before);
    expect([...decodeNpy(buffer, 'a').data]).toEqual([1.5]);
    expect(buffer.equals(before)).toBe(true);
  });

  const good = file(dictionary('<f4', '(2, 2)'), new Uint8Array(16));
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'a.npy is not a .npy file'],
    ['a CSV file', new TextEncoder().encode('1,2\n3,4\n5,6\n'), 'a.npy is not a .npy file'],
    ['only the magic', good.slice(0, 6), 'version is cut off'],
    [
      'version 4',
      file(dictionary('<f4', '(1,)'), new Uint8Array(4), 4),
      'version is 4.0; expected 1.0, 2.0 or 3.0',
    ],
    ['version 1.7', file(dictionary('<f4', '(1,)'), new Uint8Array(4), 1, 7), 'version is 1.7'],
    ['a cut length', good.slice(0, 9), 'ends inside the .npy header'],
    ['a cut header', good.slice(0, 30), 'but the file ends after 20 of them'],
    ['cut data', good.slice(0, -1), `shape (2, 2) of '<f4' needs 16 bytes of data, but the file holds 15`],
    ['no data', good.slice(0, -16), 'needs 16 bytes of data, but the file holds 0'],
    [
      'bytes at the end',
      file(dictionary('|u1', '(1,)'), [1, 2]),
      'needs 1 bytes of data, but the file holds 2',
    ],
    [
      'an absurd shape',
      file(dictionary('<f8', '(1000000, 1000000)'), new Uint8Array(8)),
      'needs 8000000000000 bytes',
    ],
    [
      'an overflowing shape',
      file(dictionary('<f8', '(9000000000000000, 9000000000000000)')),
      'bytes of data',
    ],
    ['a huge length', file(dictionary('<f8', '(99999999999999999999,)')), 'not a possible length'],
    ['a negative length', file(dictionary('<f8', '(-1,)')), `holds '-1', which is not a possible length`],
    ['a fractional length', file(dictionary('<f8', '(1.5,)')), `holds '1.5'`],
    ['a missing length', file(dictionary('<f8', '(1,,2)')), `holds ''`],
    ['too many axes', file(dictionary('|u1', `(${'1,'.repeat(33)})`), [1]), '33 axes'],
    ['objects', file(dictionary('|O', '(1,)'), [0]), `holds Python objects (dtype '|O')`],
    [
      'strings',
      file(dictionary('<U4', '(1,)'), new Uint8Array(16)),
      `dtype '<U4' is not supported; expected floats`,
    ],
    ['complex numbers', file(dictionary('<c8', '(1,)'), new Uint8Array(8)), `dtype '<c8' is not supported`],
    ['no byte order', file(dictionary('|f8', '(1,)'), new Uint8Array(8)), `dtype '|f8' is not supported`],
    ['an empty dtype', file(dictionary('', '(1,)')), `dtype '' is not supported`],
    [
      'records',
      file(
        `{'descr': [('x', '<f4'), ('y', '<f4')], 'fortran_order': False, 'shape': (1,)}`,
        new Uint8Array(8),
      ),
      'a structured dtype',
    ],
    ['no dictionary', file('hello'), 'is not a dictionary'],
    ['code', file(`{'descr': open('x')}`), 'cannot be parsed'],
    ['a key twice', file(`{'shape': (1,), 'shape': (1,)}`), `names 'shape' twice`],
    ['a missing key', file(`{'descr': '<f4', 'fortran_order': False}`), `lacks 'shape'`],
    ['an extra key', file(`${dictionary('<f4', '(0,)').slice(0, -1)} 'x': 'y'}`), 'keys other than'],
    [
      'a wrong order',
      file(`{'descr': '<f4', 'fortran_order': 'no', 'shape': (0,)}`),
      `fortran_order is 'no'`,
    ],
    ['a wrong shape', file(`{'descr': '<f4', 'fortran_order': False, 'shape': 'x'}`), 'shape is not a tuple'],
    [
      'a wrong dtype',
      file(`{'descr': True, 'fortran_order': False, 'shape': (0,)}`),
      'dtype is not a string',
    ],
  ])('refuses %s', (_, bytes, message) => {
    let caught: unknown;
    try {
      decodeNpy(bytes, 'a.npy');
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'TributaryError', code: 'bad-input' });
    expect((caught as Error).message).toContain(message);
    expect((caught as Error).message).toContain('a.npy');
    expect((caught as Error).message).not.toContain('\n');
  });

  it('either reads a damaged file or says what is wrong with it', () => {
    const random = new CounterRandom(3, STREAM.test);
    let refused = 0;
    for (let trial = 0; trial < 3000; trial++) {
      const bytes = good.slice(0, trial % 3 === 0 ? random.integer(4 * trial, good.length) : good.length);
      if (bytes.length > 0)
        bytes[random.integer(4 * trial + 1, bytes.length)] ^= 1 << random.integer(4 * trial + 2, 8);
      try {
        decodeNpy(bytes, 'a.npy');
      } catch (error) {
        refused++;
        expect(error).toMatchObject({ name: 'TributaryError', code: 'bad-input' });
      }
    }
    expect(refused).toBeGreaterThan(2000);
    expect(refused).toBeLessThan(3000);
  });
});

describe('writing .npy', () => {
  it.each([
    ['<f4', Float32Array.of(1.5, -2, 3, 4, 5, 6)],
    ['<f8', Float64Array.of(0.1, -0, 3, 4, 5, 6)],
    ['<i4', Int32Array.of(-1, 2, 3, 4, 5, 6)],
    ['<u4', Uint32Array.of(0xffffffff, 2, 3, 4, 5, 6)],
  ])('reads back %s', (descr, data) => {
    const bytes = encodeNpy(data, [2, 3]);
    expect(decodeNpy(bytes, 'a')).toEqual({ shape: [2, 3], dtype: descr, data });
    // The header's length is such that the data is aligned, and ends in a line end.
    expect((bytes.length - data.byteLength) % 64).toBe(0);
    expect(bytes[bytes.length - data.byteLength - 1]).toBe(0x0a);
  });

  it('writes what NumPy writes', () => {
    const bytes = encodeNpy(Float64Array.of(1, 2), [2]);
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }`.padEnd(117);
    expect(bytes).toEqual(file(header, new Uint8Array(Float64Array.of(1, 2).buffer)));
  });

  it('writes scalars, empty arrays and views', () => {
    expect(decodeNpy(encodeNpy(Float32Array.of(3), []), 'a').shape).toEqual([]);
    expect(decodeNpy(encodeNpy(new Float32Array(0), [0, 5]), 'a').shape).toEqual([0, 5]);
    const view = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect([...decodeNpy(encodeNpy(view, [2]), 'a').data]).toEqual([2, 3]);
  });

  it('refuses shapes that do not fit', () => {
    expect(() => encodeNpy(new Float32Array(3), [2, 2])).toThrow('shape (2, 2) does not fit 3 values');
    expect(() => encodeNpy(new Float32Array(3), [-3])).toThrow('shape (-3)');
    expect(() => encodeNpy(new Float32Array(3), [1.5, 2])).toThrow('shape (1.5, 2)');
  });
});
