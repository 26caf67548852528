import { describe, expect, it } from 'vitest';
import { decodeCsv } from '../../src/formats/csv.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const read = (text: string) => decodeCsv(text, 'points.csv');

describe('reading points as text', () => {
  it.each([
    ['commas', '1,2\n3,4.5\n'],
    ['commas and spaces', ' 1, 2\n 3 , 4.5\n'],
    ['semicolons', '1;2\r\n3;4.5\r\n'],
    ['tabs', '1\t2\n3\t4.5'],
    ['runs of spaces', '  1   2\n  3 4.5e0  \n'],
    ['old line ends', '1,2\r3,4.5\r'],
    ['comments and blank lines', '# x,y\n\n1,2\n\n# more\n3,4.5\n\n'],
    ['a byte order mark', '\ufeff1,2\n3,4.5\n'],
    ['quotes', '"1","2"\n"3",4.5\n'],
    ['quotes and tabs', '"1"\t2\n 3\t"4.5"\n'],
    ['quotes and spaces', '"1"   2\n  3 "4.5"\n'],
  ])('splits by %s', (_, text) => {
    const table = read(text);
    expect([table.rows, table.cols]).toEqual([2, 2]);
    expect([...table.data]).toEqual([1, 2, 3, 4.5]);
    expect(table).not.toHaveProperty('columns');
    expect(table).not.toHaveProperty('labels');
  });

  it('takes names from a header and labels from their column, wherever it stands', () => {
    const table = read('x,Label,y\n1,0,2\n3,7,4\n');
    expect(table.columns).toEqual(['x', 'y']);
    expect([...table.data]).toEqual([1, 2, 3, 4]);
    expect([...table.labels!]).toEqual([0, 7]);
    expect(read('a;class\n.5;1').labels).toEqual(Uint32Array.of(1));
  });

  it('accepts numeric names when the header says which column is the label', () => {
    const table = read('0,1,label\n5,6,2\n');
    expect(table.columns).toEqual(['0', '1']);
    expect([...table.data]).toEqual([5, 6]);
  });

  it('leaves out an index, a first column that the header does not name', () => {
    const table = read(',x,y,label\n0,1,2,5\n1,3,4,6\n');
    expect(table.columns).toEqual(['x', 'y']);
    expect([table.rows, table.cols]).toEqual([2, 2]);
    expect([...table.data]).toEqual([1, 2, 3, 4]);
    expect([...table.labels!]).toEqual([5, 6]);
    expect([...read('"",x,y\na,1,2\n').data]).toEqual([1, 2]);
    expect(() => read(',x,y\n0,1,zwei\n')).toThrow("line 2, column 3: 'zwei' is not a number");
    // A header needs names.
    expect(() => read(',1,2\n0,3,4\n')).toThrow('line 1, column 1: the cell is empty');
  });

  it('reads names that contain the delimiter', () => {
    expect(read('"a, b","c ""d"""\n1,2\n').columns).toEqual(['a, b', 'c "d"']);
  });

  it.each([
    ['1,2\n3,abc\n', `points.csv line 2, column 2: 'abc' is not a number`],
    ['x,y\n\n# c\n1,2\n0x10,4\n', `points.csv line 5, column 1: '0x10' is not a number`],
    ['x,y\n\n# c\n"1",2\n\n"b",4\n', `points.csv line 6, column 1: 'b' is not a number`],
    ['1,2\n3,\n', 'points.csv line 2, column 2: the cell is empty'],
    ['1\t2\n\t4\n', 'points.csv line 2, column 1: the cell is empty'],
    ['1,2\n3\n', 'points.csv line 2: 1 cell where line 1 has 2 cells'],
    ['# c\nx,y\n1,2\n3,4,5\n', 'points.csv line 4: 3 cells where line 2 has 2 cells'],
    ['1,2\nnan,4\n', `points.csv line 2, column 1: 'nan' is not a finite number`],
    ['1,-Inf\n', `points.csv line 1, column 2: '-Inf' is not a finite number`],
    ['1,1e999\n', `points.csv line 1, column 2: '1e999' is not a finite number`],
    ['1,5;2,5\n', `points.csv line 1, column 1: '1,5' is not a number; write decimals with a point`],
    ['1,two\n3,4\n', `points.csv line 1, column 2: 'two' is not a number`],
    ['x,label\n1,-1\n', `points.csv line 2, column 2: label '-1' is not a whole number from 0 to 4294967295`],
    [
      'x,label\n1,0.5\n',
      `points.csv line 2, column 2: label '0.5' is not a whole number from 0 to 4294967295`,
    ],
    ['x,label\n1,4294967296\n', 'points.csv line 2, column 2: label'],
    ['x,label,class\n1,2,3\n', 'points.csv line 1: more than one column is called label or class'],
    ['label\n1\n', 'points.csv line 1: there are labels but no coordinates'],
    ['', 'points.csv is empty'],
    [' \n# nothing\n\n', 'points.csv is empty'],
    ['x,y\n', 'points.csv has a header but no points'],
    ['1,2\n"3,4\n', 'points.csv line'],
    ['1,2\n3,"4"5\n', 'points.csv line 2: a quoted cell is malformed or never closed'],
  ])('refuses %j', (text, message) => {
    let caught: unknown;
    try {
      read(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: 'TributaryError', code: 'bad-input' });
    expect((caught as Error).message).toContain(message);
    expect((caught as Error).message).not.toContain('\n');
  });

  it('says which line of a long file', () => {
    const text = Array.from({ length: 3000 }, (_, i) => (i === 2499 ? '1,oops' : `${i},0`)).join('\n');
    expect(() => read(text)).toThrow(`points.csv line 2500, column 2: 'oops' is not a number`);
  });
});

describe('writing points as text', () => {
  it('reads back to the same bits', () => {
    const random = new CounterRandom(1, STREAM.test);
    const data = Float64Array.from(
      { length: 3000 },
      (_, i) => random.normal(i) * 10 ** (random.integer(i, 600) - 300),
    );
    data.set([-0, Number.MIN_VALUE, Number.MAX_VALUE, 0.1]);
    const labels = Uint32Array.from({ length: 1000 }, (_, i) => random.bits(i));
    const table = read(encodeCsv(data, 1000, 3, labels, ['x', 'y, "up"', ' z ']));
    expect(table.columns).toEqual(['x', 'y, "up"', ' z ']);
    expect(new Uint8Array(table.data.buffer)).toEqual(new Uint8Array(data.buffer));
    expect(table.labels).toEqual(labels);
  });

  it('has a header only when there is something to say', () => {
    expect(encodeCsv(Float64Array.of(1, 2), 1, 2)).toBe('1,2\n');
    expect(encodeCsv(Float64Array.of(1, 2), 1, 2, Uint32Array.of(3))).toBe('x1,x2,label\n1,2,3\n');
  });

  it('refuses what would not read back', () => {
    const data = Float64Array.of(1, 2);
    expect(() => encodeCsv(data, 2, 2)).toThrow('2 values are not 2 rows of 2');
    expect(() => encodeCsv(data, 1, 2, Uint32Array.of(1, 2))).toThrow('2 labels do not fit 1 rows');
    expect(() => encodeCsv(data, 1, 2, undefined, ['x'])).toThrow('1 column names do not fit 2 columns');
    expect(() => encodeCsv(data, 1, 2, undefined, ['x', '7'])).toThrow(`'7' cannot be the name`);
    expect(() => encodeCsv(Float64Array.of(1, Number.NaN), 1, 2)).toThrow('row 1, column 2: NaN');
  });
});
