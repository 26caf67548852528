import { describe, expect, it } from 'vitest';
import { decodeCsv } from '../../src/formats/csv.js';
import { readingText } from '../../src/formats/csv_header.js';
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
    expect(table.reading).toEqual({
      header: true,
      leftOut: [{ name: '', why: 'it counts the rows' }],
      label: 'label',
    });
    expect(read('"",x,y\na,1,2\n').reading.leftOut[0].why).toBe('it names the rows');
    // As pandas writes a table without names, and one that has been shuffled.
    const plain = read(',0,1\n0,.5,2\n1,.25,4\n');
    expect([plain.columns, [...plain.data]]).toEqual([
      ['0', '1'],
      [0.5, 2, 0.25, 4],
    ]);
    expect(read(',x,y\n7,1,2\n3,3,4\n').reading.leftOut[0].why).toBe('it numbers the rows');
    // As pandas calls the index of a table that it has written before.
    const again = read('Unnamed: 0,x,Unnamed: 0.1,y\n0,1,5,2\n1,3,6,4\n');
    expect([again.columns, [...again.data]]).toEqual([
      ['x', 'y'],
      [1, 2, 3, 4],
    ]);
  });

  it.each([
    // A first coordinate that is missing, and not an index.
    [',4\n1,2\n7,8\n', 'line 1, column 1 has no name, and its cells do not count the rows'],
    [',x,y\n.5,1,2\n.5,3,4\n', 'line 1, column 1 has no name'],
    ['Unnamed: 0,x\n5,1\n5,2\n', `line 1, column 1 is called 'Unnamed: 0', and its cells do not count`],
    ['Unnamed: 0,Unnamed: 1\n5,6\n', 'there are columns without names but no coordinates'],
  ])('leaves out no column that may be a coordinate: %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  const fractions = Array.from({ length: 200 }, (_, i) => `${Math.sin(i + 1)},${Math.cos(i + 1)}`).join('\n');
  const counts = Array.from({ length: 20 }, (_, i) => `${10 + ((7 * i) % 5)},${20 + ((3 * i) % 7)}`).join(
    '\n',
  );

  it.each([
    ['numbers of columns', `0,1\n${fractions}`],
    ['the same, quoted', `"0","1"\n${fractions}`],
    ['the same above whole numbers', `0,1\n${counts}`],
    ['years above fractions', `2019,2020\n${fractions}`],
    ['years above whole numbers', `2020,2019\n${counts}`],
    ['the number of a single column', '0\n.5\n.25\n'],
  ])('refuses a first line that may be names, until it is said: %s', (_, text) => {
    expect(() => read(text)).toThrow(
      /points\.csv line 1: \d+(, \d+)? may be names of columns or a point: put/,
    );
    const decide = () => decodeCsv(text, 'points.csv', { decide: 'say it' });
    expect(decide).toThrow(/, or say it$/);
    const rows = text.trim().split('\n').length;
    const named = decodeCsv(text, 'points.csv', { header: true });
    expect([named.rows, named.reading.header, named.columns?.length]).toEqual([rows - 1, true, named.cols]);
    const plain = decodeCsv(text, 'points.csv', { header: false });
    expect([plain.rows, plain.reading.header, plain.columns]).toEqual([rows, false, undefined]);
    // A line of names above it leaves no doubt.
    expect(read(`${'xy'.slice(0, plain.cols).split('').join(',')}\n${text}`).rows).toBe(rows);
  });

  it.each([
    ['a point among whole numbers', `12,23\n${counts}`],
    ['a point that falls', `1,0\n${fractions}`],
    ['fractions', `0.0,1.5\n${fractions}`],
    ['the same number twice', `0,0\n${fractions}`],
    ['a single point', '0,1\n'],
  ])('takes for a point what cannot be names: %s', (_, text) => {
    expect(read(text).rows).toBe(text.trim().split('\n').length);
  });

  it('says what was read, in one line', () => {
    const said = (text: string) => {
      const { rows, cols, columns, reading } = read(text);
      return readingText('points.csv', rows, cols, columns, reading);
    };
    expect(said('Unnamed: 0,x,y\n0,1,2\n1,3,4\n')).toBe(
      "points.csv: 2 rows × 2 columns x, y; header read; column 'Unnamed: 0' left out: it counts the rows",
    );
    expect(said('a,class\n1,0\n')).toBe("points.csv: 1 row × 1 column a; header read; labels from 'class'");
    expect(said('1,2\n')).toBe('points.csv: 1 row × 2 columns; no header');
    const many = Array.from({ length: 9 }, (_, i) => `c${i}`).join(',');
    expect(said(`${many}\n${many.replace(/c/g, '')}`)).toContain('columns c0, c1, c2, c3, c4, c5 …; header');
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

  it('always has a header, for whole numbers might be taken for one', () => {
    expect(encodeCsv(Float64Array.of(1, 2), 1, 2)).toBe('x1,x2\n1,2\n');
    expect([...read(encodeCsv(Float64Array.of(0, 1, 0.5, 0.25), 2, 2)).data]).toEqual([0, 1, 0.5, 0.25]);
    expect(encodeCsv(Float64Array.of(1, 2), 1, 2, Uint32Array.of(3))).toBe('x1,x2,label\n1,2,3\n');
  });

  it('refuses what would not read back', () => {
    const data = Float64Array.of(1, 2);
    expect(() => encodeCsv(data, 2, 2)).toThrow('2 values are not 2 rows of 2');
    expect(() => encodeCsv(data, 1, 2, Uint32Array.of(1, 2))).toThrow('2 labels do not fit 1 rows');
    expect(() => encodeCsv(data, 1, 2, undefined, ['x'])).toThrow('1 column names do not fit 2 columns');
    expect(() => encodeCsv(data, 1, 2, undefined, ['x', '7'])).toThrow(`'7' cannot be the name`);
    expect(() => encodeCsv(data, 1, 2, undefined, ['Unnamed: 0', 'y'])).toThrow(`'Unnamed: 0' cannot be`);
    expect(() => encodeCsv(Float64Array.of(1, Number.NaN), 1, 2)).toThrow('row 1, column 2: NaN');
  });
});
