/** Quoted cells, read as csv-parse reads them. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { readQuotedRows } from '../../src/formats/csv_quotes.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';

const CELLS = [
  '1.5',
  ' -2e3 ',
  '"3"',
  ' "4" ',
  '"a,b"',
  '"say ""x"""',
  '"two\nlines"',
  '',
  '""',
  '"# no comment"',
];

describe('quoted cells', () => {
  it.each([',', ';', '\t'])('are read as an independent reader does, split by %j', (delimiter) => {
    const random = new CounterRandom(7, STREAM.data, 0);
    let at = 0;
    const pick = (n: number) => Math.floor(random.uniform(at++) * n);
    for (let table = 0; table < 60; table++) {
      const rows = Array.from({ length: 1 + pick(5) }, () => {
        if (pick(6) === 0) return pick(2) === 0 ? '# "a comment' : '  ';
        return ['0', ...Array.from({ length: 1 + pick(4) }, () => CELLS[pick(CELLS.length)])].join(delimiter);
      });
      const text = rows.join('\n');
      const found: string[][] = [];
      readQuotedRows(text.split('\n'), delimiter, 'a.csv', (cells) => found.push(cells));
      const options = { delimiter, comment: '#', comment_no_infix: true, relax_column_count: true };
      const expected = parse(text, { ...options, skip_empty_lines: true, trim: true });
      expect(found).toEqual(expected);
    }
  });
});
